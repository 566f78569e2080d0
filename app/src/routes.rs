//! Which page lies where.

use crate::pages::admin::{
    AdminFrame, AdminHomePage, JobsPage, MailPage, MailsPage, MerchantsPage, QueuePage, ReviewPage, StaffPage,
};
use crate::pages::dashboard::Dashboard;
use crate::pages::dev::ComponentsPage;
use crate::pages::gateways::{EditGateway, Gateways, NewGateway};
use crate::pages::links::{EditLink, Links, NewLink};
use crate::pages::payments::{PaymentDetail, Payments};
use crate::pages::sessions::{NewSession, SessionDetail, Sessions};
use crate::pages::settings::{
    ActivityPage, BrandingPage, BusinessPage, PasswordPage, ProfilePage, SessionsPage, SettingsPage, TeamPage,
};
use crate::pages::{MerchantFrame, NotFound, Refunds, Review};
use leptos::prelude::*;
use leptos_meta::provide_meta_context;
use leptos_router::any_nested_route::{AnyNestedRoute, IntoAnyNestedRoute};
use leptos_router::components::{ParentRoute, Route, Router, Routes};
use leptos_router::{SsrMode, path};

/// The app below the document's body.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    #[cfg(feature = "hydrate")]
    crate::browser::provide();
    view! {
        <Router>
            <Routes fallback=Nowhere>
                <MerchantRoutes/>
                <AdminRoutes/>
                <Route path=path!("/dev/components") view=ComponentsPage ssr=SsrMode::Async/>
            </Routes>
        </Router>
    }
}

/// A path that leads nowhere.
#[component]
fn Nowhere() -> impl IntoView {
    view! { <main class="main" id="main"><NotFound/></main> }
}

/// A merchant's pages, in their frame.
#[component(transparent)]
fn MerchantRoutes() -> AnyNestedRoute {
    view! {
        <ParentRoute path=path!("/m/:acct/:mode") view=MerchantFrame ssr=SsrMode::Async>
            <MoneyRoutes/>
            <CheckoutRoutes/>
            <SettingsRoutes/>
        </ParentRoute>
    }
    .into_inner()
    .into_any_nested_route()
}

/// Home, payments, refunds, gateways.
#[component(transparent)]
fn MoneyRoutes() -> AnyNestedRoute {
    view! {
        <Route path=path!("dashboard") view=Dashboard ssr=SsrMode::Async/>
        <Route path=path!("payments") view=Payments ssr=SsrMode::Async/>
        <Route path=path!("payments/review") view=Review ssr=SsrMode::Async/>
        <Route path=path!("payments/:id") view=PaymentDetail ssr=SsrMode::Async/>
        <Route path=path!("refunds") view=Refunds ssr=SsrMode::Async/>
        <Route path=path!("gateways") view=Gateways ssr=SsrMode::Async/>
        <Route path=path!("gateways/new") view=NewGateway ssr=SsrMode::Async/>
        <Route path=path!("gateways/:id") view=EditGateway ssr=SsrMode::Async/>
    }
    .into_inner()
    .into_any_nested_route()
}

/// Payment links and checkout sessions.
#[component(transparent)]
fn CheckoutRoutes() -> AnyNestedRoute {
    view! {
        <Route path=path!("payment-links") view=Links ssr=SsrMode::Async/>
        <Route path=path!("payment-links/new") view=NewLink ssr=SsrMode::Async/>
        <Route path=path!("payment-links/:id") view=EditLink ssr=SsrMode::Async/>
        <Route path=path!("checkout-sessions") view=Sessions ssr=SsrMode::Async/>
        <Route path=path!("checkout-sessions/new") view=NewSession ssr=SsrMode::Async/>
        <Route path=path!("checkout-sessions/:id") view=SessionDetail ssr=SsrMode::Async/>
    }
    .into_inner()
    .into_any_nested_route()
}

/// Settings of the business and of the person.
#[component(transparent)]
fn SettingsRoutes() -> AnyNestedRoute {
    view! {
        <Route path=path!("settings") view=SettingsPage ssr=SsrMode::Async/>
        <Route path=path!("settings/business") view=BusinessPage ssr=SsrMode::Async/>
        <Route path=path!("settings/branding") view=BrandingPage ssr=SsrMode::Async/>
        <Route path=path!("settings/team") view=TeamPage ssr=SsrMode::Async/>
        <Route path=path!("settings/activity") view=ActivityPage ssr=SsrMode::Async/>
        <Route path=path!("settings/profile") view=ProfilePage ssr=SsrMode::Async/>
        <Route path=path!("settings/password") view=PasswordPage ssr=SsrMode::Async/>
        <Route path=path!("settings/sessions") view=SessionsPage ssr=SsrMode::Async/>
    }
    .into_inner()
    .into_any_nested_route()
}

/// The operator's pages, in their frame.
#[component(transparent)]
fn AdminRoutes() -> AnyNestedRoute {
    view! {
        <ParentRoute path=path!("/admin") view=AdminFrame ssr=SsrMode::Async>
            <Route path=path!("") view=AdminHomePage ssr=SsrMode::Async/>
            <Route path=path!("applications") view=QueuePage ssr=SsrMode::Async/>
            <Route path=path!("applications/:merchant") view=ReviewPage ssr=SsrMode::Async/>
            <Route path=path!("merchants") view=MerchantsPage ssr=SsrMode::Async/>
            <Route path=path!("staff") view=StaffPage ssr=SsrMode::Async/>
            <Route path=path!("jobs") view=JobsPage ssr=SsrMode::Async/>
            <Route path=path!("mail") view=MailsPage ssr=SsrMode::Async/>
            <Route path=path!("mail/:id") view=MailPage ssr=SsrMode::Async/>
            <Route path=path!("account/profile") view=ProfilePage ssr=SsrMode::Async/>
            <Route path=path!("account/password") view=PasswordPage ssr=SsrMode::Async/>
            <Route path=path!("account/sessions") view=SessionsPage ssr=SsrMode::Async/>
        </ParentRoute>
    }
    .into_inner()
    .into_any_nested_route()
}
