//! The frame around the operator's pages: navigation at the side, who is logged in at the top.

use crate::api::admin::admin_viewer;
use crate::components::{Loaded, error_block, icon, skeleton};
use crate::i18n::{Key, k, t, use_locale};
use crate::pages::frame::profile_menu;
use domain::views::account::Viewer;
use leptos::prelude::*;
use leptos_router::components::Outlet;
use leptos_router::hooks::use_location;

/// The frame. What is inside is loaded only for the operator's staff.
#[component]
pub fn AdminFrame() -> impl IntoView {
    let viewer: Loaded<Viewer> = Resource::new(|| (), |()| admin_viewer());
    view! {
        <Transition fallback=skeleton>
            {move || Suspend::new(async move {
                match viewer.await {
                    Ok(viewer) => frame(viewer),
                    Err(error) => view! { <main class="main" id="main">{error_block(&error)}</main> }.into_any(),
                }
            })}
        </Transition>
    }
    .into_any()
}

fn frame(viewer: Viewer) -> AnyView {
    let locale = use_locale();
    view! {
        <a class="skip-link" href="#main">{t(locale, k::SKIP_TO_CONTENT)}</a>
        <div class="shell">
            <nav class="sidebar" id="nav" popover="auto" aria-label=t(locale, k::ADMIN_NAV)>
                <div class="sidebar-head">
                    <a class="brand" href="/admin"><span class="brand-name">"Paydeck"</span> <span class="badge badge-neutral">{t(locale, k::ADMIN_BADGE)}</span></a>
                    <button type="button" class="btn btn-ghost btn-icon nav-close" popovertarget="nav" popovertargetaction="hide" aria-label=t(locale, k::ADMIN_NAV_CLOSE)>{icon("close")}</button>
                </div>
                <div class="nav-group">
                    {entry("/admin", "home", k::ADMIN_HOME)}
                    {entry("/admin/applications", "inbox", k::ADMIN_APPLICATIONS)}
                    {entry("/admin/merchants", "building", k::ADMIN_MERCHANTS)}
                    {entry("/admin/staff", "team", k::ADMIN_STAFF)}
                    {entry("/admin/mail", "mail", k::ADMIN_MAIL)}
                </div>
            </nav>
            <div class="frame">
                <header class="topbar">
                    <button type="button" class="btn btn-ghost btn-icon nav-open" popovertarget="nav" aria-label=t(locale, k::ADMIN_NAV_OPEN)>{icon("menu")}</button>
                    <span class="push"></span>
                    {profile_menu(&viewer)}
                </header>
                <main class="main" id="main" tabindex="-1"><Outlet/></main>
            </div>
        </div>
    }
    .into_any()
}

fn entry(href: &'static str, symbol: &'static str, name: Key) -> AnyView {
    let here = use_location().pathname;
    let current = move || {
        let path = here.get();
        let inside = href != "/admin" && path.starts_with(href);
        (path == href || inside).then_some("page")
    };
    view! {
        <a class="nav-link" href=href aria-current=current>{icon(symbol)}<span class="nav-label">{t(use_locale(), name)}</span></a>
    }
    .into_any()
}
