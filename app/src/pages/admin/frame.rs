//! The frame around the operator's pages: navigation at the side, who is logged in at the top.

use crate::api::admin::AdminViewer;
use crate::components::frame::{frame, nav_link, profile_menu, sidebar_head};
use crate::components::toast::Toasts;
use crate::components::{Loaded, icon, quiet};
use crate::i18n::{Key, k, t, use_locale};
use domain::views::account::Viewer;
use leptos::prelude::*;
use leptos_router::components::Outlet;
use leptos_router::hooks::use_location;

/// The frame. Its navigation is for the operator's staff; each page answers others that it is not theirs.
#[component]
pub fn AdminFrame() -> impl IntoView {
    let viewer: Loaded<Viewer> = Loaded::new(|| AdminViewer {});
    provide_context(viewer);
    Toasts::provide();
    let sidebar = view! { {sidebar_head("/admin".to_owned())} {quiet(viewer, |_| navigation())} };
    let topbar = view! {
        <span class="push"></span>
        <span class="badge badge-neutral">{t(use_locale(), k::ADMIN_BADGE)}</span>
        {quiet(viewer, |viewer| profile_menu(&viewer, account_links()))}
    };
    frame(sidebar.into_any(), topbar.into_any(), ().into_any(), view! { <Outlet/> }.into_any())
}

fn navigation() -> AnyView {
    view! {
        <div class="nav-group">
            {home()}
            {nav_link("/admin/applications".to_owned(), "inbox", k::ADMIN_APPLICATIONS)}
            {nav_link("/admin/merchants".to_owned(), "building", k::ADMIN_MERCHANTS)}
            {nav_link("/admin/staff".to_owned(), "team", k::ADMIN_STAFF)}
            {nav_link("/admin/jobs".to_owned(), "refresh", k::JOBS_TITLE)}
            {nav_link("/admin/mail".to_owned(), "mail", k::ADMIN_MAIL)}
        </div>
    }
    .into_any()
}

/// The overview: unlike the other entries it is not current on the pages below its path.
fn home() -> AnyView {
    let here = use_location().pathname;
    let current = move || (here.get().trim_end_matches('/') == "/admin").then_some("page");
    view! {
        <a class="nav-link" href="/admin" aria-current=current>{icon("home")} <span class="nav-label">{t(use_locale(), k::ADMIN_HOME)}</span></a>
    }
    .into_any()
}

fn account_links() -> AnyView {
    let link = |href: &'static str, symbol: &'static str, name: Key| {
        view! { <a class="menu-item" href=href>{icon(symbol)} {t(use_locale(), name)}</a> }
    };
    view! {
        {link("/admin/account/profile", "user", k::SETTINGS_PROFILE)}
        {link("/admin/account/password", "key", k::SETTINGS_PASSWORD)}
        {link("/admin/account/sessions", "monitor", k::SETTINGS_SESSIONS)}
    }
    .into_any()
}
