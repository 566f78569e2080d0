//! The frame of a merchant's pages.

use super::place::scope_of;
use super::settings::personal_links;
use super::{NotFound, may, page_href};
use crate::api::portal::LoadViewer;
use crate::components::frame::{frame, merchant_menu, nav_link, profile_menu, sidebar_head, test_banner};
use crate::components::toast::Toasts;
use crate::components::{Loaded, icon, quiet};
use crate::i18n::{Key, k, t, use_locale};
use domain::states::MerchantStatus;
use domain::views::account::Viewer;
use domain::{Mode, Permission, Scope};
use leptos::prelude::*;
use leptos_router::components::Outlet;
use leptos_router::hooks::{use_location, use_params_map};

/// An entry of the sidebar: its path below the merchant and mode, icon, label, and the right to see it.
type Entry = (&'static str, &'static str, Key, Permission);

/// The sidebar's groups. A page stands here once it works.
const GROUPS: &[&[Entry]] = &[
    &[("dashboard", "home", k::NAV_HOME, Permission::ViewPayments)],
    &[
        ("payments", "payments", k::NAV_PAYMENTS, Permission::ViewPayments),
        ("refunds", "refund", k::NAV_REFUNDS, Permission::ViewPayments),
    ],
    &[
        ("payment-links", "link", k::NAV_LINKS, Permission::ViewPayments),
        ("checkout-sessions", "card", k::NAV_SESSIONS, Permission::ViewPayments),
    ],
    &[("customers", "customers", k::NAV_CUSTOMERS, Permission::ViewPayments)],
    &[
        ("gateways", "gateway", k::NAV_GATEWAYS, Permission::ViewGateways),
        ("bank-transfers", "bank", k::NAV_BANK_TRANSFERS, Permission::ViewGateways),
        ("routing", "routing", k::NAV_ROUTING, Permission::ViewGateways),
    ],
    &[("settings", "settings", k::NAV_SETTINGS, Permission::ViewPayments)],
];

/// The frame around every page below `/m/{acct}/{mode}`.
#[component]
pub fn MerchantFrame() -> impl IntoView {
    let Some(scope) = use_params_map().with_untracked(scope_of) else {
        return view! { <main class="main" id="main"><NotFound/></main> }.into_any();
    };
    provide_context(scope.clone());
    let asked = scope.clone();
    let viewer: Loaded<Viewer> = Loaded::new(move || LoadViewer { scope: asked.clone() });
    provide_context(viewer);
    Toasts::provide();
    frame(sidebar(&scope, viewer), topbar(&scope, viewer), banners(&scope, viewer), view! { <Outlet/> }.into_any())
}

fn sidebar(scope: &Scope, viewer: Loaded<Viewer>) -> AnyView {
    let (menu_scope, nav_scope) = (scope.clone(), scope.clone());
    view! {
        {sidebar_head(page_href(scope, "dashboard"))}
        {quiet(viewer, move |v| merchant_menu(&v, &menu_scope.merchant, menu_scope.mode.as_str()))}
        {quiet(viewer, move |v| groups(&v, &nav_scope))}
    }
    .into_any()
}

fn groups(viewer: &Viewer, scope: &Scope) -> AnyView {
    GROUPS
        .iter()
        .map(|entries| {
            let links: Vec<_> = entries
                .iter()
                .filter(|(_, _, _, right)| may(viewer, scope, *right))
                .map(|(path, icon, label, _)| nav_link(page_href(scope, path), icon, *label))
                .collect();
            (!links.is_empty()).then(|| view! { <div class="nav-group">{links}</div> })
        })
        .collect::<Vec<_>>()
        .into_any()
}

fn topbar(scope: &Scope, viewer: Loaded<Viewer>) -> AnyView {
    let menu_scope = scope.clone();
    view! {
        <span class="push"></span>
        {mode_switch(scope)}
        {quiet(viewer, move |v| profile_menu(&v, menu_links(&v, &menu_scope)))}
    }
    .into_any()
}

/// What the person can set for themselves, and the way to the operator's pages for staff.
fn menu_links(viewer: &Viewer, scope: &Scope) -> AnyView {
    view! { {personal_links(Some(scope))} {staff_link(viewer)} }.into_any()
}

fn staff_link(viewer: &Viewer) -> AnyView {
    viewer
        .staff_role
        .map(|_| {
            view! { <a class="menu-item" href="/admin" rel="external">{icon("shield")} {t(use_locale(), k::NAV_ADMIN)}</a> }
        })
        .into_any()
}

/// Test and live. The switch loads the document anew, so that nothing of one world is left in the other; a detail page leads
/// to its list, because its object exists in one of them only.
fn mode_switch(scope: &Scope) -> AnyView {
    let locale = use_locale();
    let location = use_location();
    let item = |mode: Mode, label: Key| {
        let scope = Scope { merchant: scope.merchant.clone(), mode };
        let current = (scope.mode == use_scope_mode()).then_some("true");
        let pathname = location.pathname;
        let href = move || {
            let path = pathname.get();
            page_href(&scope, path.split('/').nth(4).filter(|section| !section.is_empty()).unwrap_or("dashboard"))
        };
        view! { <a class="seg-item" href=href rel="external" aria-current=current>{t(locale, label)}</a> }
    };
    view! {
        <div class="seg" role="group" aria-label=t(locale, k::MODE_LABEL)>
            {item(Mode::Test, k::MODE_TEST)} {item(Mode::Live, k::MODE_LIVE)}
        </div>
    }
    .into_any()
}

fn use_scope_mode() -> Mode {
    super::use_scope().mode
}

/// What must not be missed: test mode, a sandbox that acts as live gateway, an account that can't charge.
fn banners(scope: &Scope, viewer: Loaded<Viewer>) -> AnyView {
    let locale = use_locale();
    let test = (!scope.mode.is_live()).then(|| {
        let text = view! { <b>{t(locale, k::BANNER_TEST)}</b> " " {t(locale, k::BANNER_TEST_TEXT)} };
        test_banner(false, text.into_any(), None)
    });
    let scope = scope.clone();
    view! { {test} {quiet(viewer, move |v| account_banners(&v, &scope))} }.into_any()
}

fn account_banners(viewer: &Viewer, scope: &Scope) -> AnyView {
    let locale = use_locale();
    let status = viewer.merchants.iter().find(|m| m.merchant_id == scope.merchant).map(|m| m.status);
    let loud = viewer.sandbox_live.then(|| {
        let text = view! { <b>{t(locale, k::BANNER_SANDBOX_LIVE)}</b> " " {t(locale, k::BANNER_SANDBOX_LIVE_TEXT)} };
        test_banner(true, text.into_any(), None)
    });
    let state = match status {
        Some(MerchantStatus::Suspended) => {
            Some(("banner banner-danger", k::BANNER_SUSPENDED, k::BANNER_SUSPENDED_TEXT))
        }
        Some(MerchantStatus::Closed) => Some(("banner banner-danger", k::BANNER_CLOSED, k::BANNER_CLOSED_TEXT)),
        Some(MerchantStatus::Onboarding) if scope.mode.is_live() => {
            Some(("banner banner-info", k::BANNER_NOT_APPROVED, k::BANNER_NOT_APPROVED_TEXT))
        }
        _ => None,
    };
    let apply = (status == Some(MerchantStatus::Onboarding)).then(|| {
        let href = format!("/onboarding?m={}", scope.merchant);
        view! { <a class="btn btn-sm" href=href rel="external">{t(locale, k::BANNER_APPLY)}</a> }
    });
    let state = state.map(|(class, title, text)| {
        view! {
            <div class=class>
                {icon("alert-triangle")} <div><b>{t(locale, title)}</b><p>{t(locale, text)}</p></div> {apply}
            </div>
        }
    });
    view! { {loud} {state} }.into_any()
}
