//! The portal's frame: navigation at the side, a bar at the top, banners, the page.

mod behave;
mod menus;

pub use menus::{merchant_menu, profile_menu};

use super::{icon, icon::icon_of};
use crate::i18n::{Key, k, t, use_locale};
use leptos::prelude::*;
use leptos_router::hooks::use_location;

/// Puts the frame together.
pub fn frame(sidebar: AnyView, topbar: AnyView, banners: AnyView, page: AnyView) -> AnyView {
    behave::behave();
    let locale = use_locale();
    let toasts = super::toast::use_toasts();
    view! {
        <a class="skip-link" href="#main" rel="external">{t(locale, k::SKIP_TO_CONTENT)}</a>
        <div class="shell">
            <nav class="sidebar" id="nav" popover="auto" aria-label=t(locale, k::NAV_LABEL)>
                {sidebar}
            </nav>
            <div class="frame">
                <header class="topbar">
                    <button
                        type="button"
                        class="btn btn-ghost btn-icon nav-open"
                        popovertarget="nav"
                        aria-label=t(locale, k::NAV_OPEN)
                    >
                        {icon("menu")}
                    </button>
                    {topbar}
                </header>
                <section aria-label=t(locale, k::NAV_NOTICES)>{banners}</section>
                <main class="main" id="main" tabindex="-1">
                    {page}
                </main>
                <footer class="frame-foot">{super::time::zone_note()}</footer>
            </div>
        </div>
        {toasts.view()}
    }
    .into_any()
}

/// The head of the sidebar: the name, and the button that closes the drawer.
pub fn sidebar_head(home: String) -> AnyView {
    let locale = use_locale();
    view! {
        <div class="sidebar-head">
            <a class="brand" href=home>
                {brand_mark()} <span class="brand-name">"Paydeck"</span>
            </a>
            <button
                type="button"
                class="btn btn-ghost btn-icon nav-close"
                popovertarget="nav"
                popovertargetaction="hide"
                aria-label=t(locale, k::NAV_CLOSE)
            >
                {icon("close")}
            </button>
        </div>
    }
    .into_any()
}

fn brand_mark() -> AnyView {
    let sprite = use_context::<super::icon::Sprite>().map_or_else(|| "/icons.svg".into(), |s| s.0);
    view! { <svg class="brand-mark" aria-hidden="true" inner_html=format!("<use href=\"{sprite}#paydeck\"></use>")></svg> }
        .into_any()
}

/// An entry of the sidebar; it is the current one on its page and on those below.
pub fn nav_link(href: String, icon_name: &'static str, label: Key) -> AnyView {
    let location = use_location();
    let own = href.clone();
    let current = move || {
        let path = location.pathname.get();
        let here = path == own || path.strip_prefix(own.as_str()).is_some_and(|rest| rest.starts_with('/'));
        here.then_some("page")
    };
    view! {
        <a class="nav-link" href=href aria-current=current>
            {icon(icon_name)} <span class="nav-label">{t(use_locale(), label)}</span>
        </a>
    }
    .into_any()
}

/// The banner of test mode, and the louder one for a sandbox that acts as live gateway.
pub fn test_banner(loud: bool, text: AnyView, link: Option<(String, Key)>) -> AnyView {
    let class = if loud { "banner-test is-loud" } else { "banner-test" };
    view! {
        <p class=class>
            {icon_of("sandbox", "")} <span>{text}</span>
            {link.map(|(href, label)| view! { <a href=href rel="external">{t(use_locale(), label)}</a> })}
        </p>
    }
    .into_any()
}
