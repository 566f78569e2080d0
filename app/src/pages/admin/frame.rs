//! The frame around the operator's pages: navigation at the side, who is logged in at the top.

use crate::api::admin::AdminViewer;
use crate::components::frame::{frame, nav_link, profile_menu, sidebar_head, test_banner};
use crate::components::toast::Toasts;
use crate::components::{Loaded, icon, quiet};
use crate::i18n::{k, t, use_locale};
use crate::pages::settings::personal_links;
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
        {quiet(viewer, |viewer| profile_menu(&viewer, personal_links(None)))}
    };
    let banners = quiet(viewer, |viewer| {
        if !viewer.sandbox_live {
            return ().into_any();
        }
        let locale = use_locale();
        let text = view! { <b>{t(locale, k::BANNER_SANDBOX_LIVE)}</b> " " {t(locale, k::BANNER_SANDBOX_LIVE_TEXT)} };
        test_banner(true, text.into_any(), None)
    });
    frame(sidebar.into_any(), topbar.into_any(), banners, view! { <Outlet/> }.into_any())
}

fn navigation() -> AnyView {
    view! {
        <div class="nav-group">
            {home()}
            {nav_link("/admin/applications".to_owned(), "inbox", k::ADMIN_APPLICATIONS)}
            {nav_link("/admin/merchants".to_owned(), "building", k::ADMIN_MERCHANTS)}
            {nav_link("/admin/gateways".to_owned(), "gateway", k::OUTAGES_TITLE)}
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
