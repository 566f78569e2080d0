//! Which page lies where.

use crate::lazy::{Admin, Money, Selling, Settings};
use crate::pages::admin::AdminFrame;
use crate::pages::dashboard::Dashboard;
use crate::pages::{MerchantFrame, NotFound};
use leptos::prelude::*;
use leptos_meta::provide_meta_context;
use leptos_router::any_nested_route::{AnyNestedRoute, IntoAnyNestedRoute};
use leptos_router::components::{ParentRoute, Route, Router, Routes};
use leptos_router::{SsrMode, path};

/// The app below the document's body.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    crate::components::WrongForms::provide();
    #[cfg(feature = "hydrate")]
    crate::browser::provide();
    view! {
        <Router>
            <Routes fallback=Nowhere>
                <MerchantRoutes/>
                <AdminRoutes/>
                <Route path=path!("/dev/components") view=Admin::Components ssr=SsrMode::Async/>
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

/// Home, payments, refunds, customers, gateways.
#[component(transparent)]
fn MoneyRoutes() -> AnyNestedRoute {
    view! {
        <Route path=path!("dashboard") view=Dashboard ssr=SsrMode::Async/>
        <Route path=path!("payments") view=Money::Payments ssr=SsrMode::Async/>
        <Route path=path!("payments/review") view=Money::Review ssr=SsrMode::Async/>
        <Route path=path!("payments/:id") view=Money::Payment ssr=SsrMode::Async/>
        <Route path=path!("refunds") view=Money::Refunds ssr=SsrMode::Async/>
        <CustomerRoutes/>
        <Route path=path!("gateways") view=Selling::Gateways ssr=SsrMode::Async/>
        <Route path=path!("gateways/new") view=Selling::NewGateway ssr=SsrMode::Async/>
        <GatewayRoutes/>
    }
    .into_inner()
    .into_any_nested_route()
}

/// Customers and what is kept for them.
#[component(transparent)]
fn CustomerRoutes() -> AnyNestedRoute {
    view! {
        <Route path=path!("customers") view=Money::Customers ssr=SsrMode::Async/>
        <Route path=path!("customers/:id") view=Money::Customer ssr=SsrMode::Async/>
    }
    .into_inner()
    .into_any_nested_route()
}

/// The pages of one connection, and routing.
#[component(transparent)]
fn GatewayRoutes() -> AnyNestedRoute {
    view! {
        <Route path=path!("gateways/:id") view=Selling::EditGateway ssr=SsrMode::Async/>
        <Route path=path!("bank-transfers") view=Selling::BankTransfers ssr=SsrMode::Async/>
        <Route path=path!("bank-transfers/:id") view=Selling::BankStatement ssr=SsrMode::Async/>
        <Route path=path!("gateways/:id/health") view=Selling::GatewayHealth ssr=SsrMode::Async/>
        <Route path=path!("gateways/:id/events") view=Selling::GatewayEvents ssr=SsrMode::Async/>
        <Route path=path!("routing") view=Selling::Routing ssr=SsrMode::Async/>
    }
    .into_inner()
    .into_any_nested_route()
}

/// Payment links and checkout sessions.
#[component(transparent)]
fn CheckoutRoutes() -> AnyNestedRoute {
    view! {
        <Route path=path!("payment-links") view=Selling::Links ssr=SsrMode::Async/>
        <Route path=path!("payment-links/new") view=Selling::NewLink ssr=SsrMode::Async/>
        <Route path=path!("payment-links/:id") view=Selling::EditLink ssr=SsrMode::Async/>
        <Route path=path!("checkout-sessions") view=Selling::Sessions ssr=SsrMode::Async/>
        <Route path=path!("checkout-sessions/new") view=Selling::NewSession ssr=SsrMode::Async/>
        <Route path=path!("checkout-sessions/:id") view=Selling::Session ssr=SsrMode::Async/>
    }
    .into_inner()
    .into_any_nested_route()
}

/// Settings of the business and of the person.
#[component(transparent)]
fn SettingsRoutes() -> AnyNestedRoute {
    view! {
        <Route path=path!("settings") view=Settings::Overview ssr=SsrMode::Async/>
        <Route path=path!("settings/business") view=Settings::Business ssr=SsrMode::Async/>
        <Route path=path!("settings/branding") view=Settings::Branding ssr=SsrMode::Async/>
        <Route path=path!("settings/team") view=Settings::Team ssr=SsrMode::Async/>
        <Route path=path!("settings/activity") view=Settings::Activity ssr=SsrMode::Async/>
        <Route path=path!("settings/profile") view=Settings::Profile ssr=SsrMode::Async/>
        <Route path=path!("settings/password") view=Settings::Password ssr=SsrMode::Async/>
        <Route path=path!("settings/sessions") view=Settings::Sessions ssr=SsrMode::Async/>
    }
    .into_inner()
    .into_any_nested_route()
}

/// The operator's pages, in their frame.
#[component(transparent)]
fn AdminRoutes() -> AnyNestedRoute {
    view! {
        <ParentRoute path=path!("/admin") view=AdminFrame ssr=SsrMode::Async>
            <Route path=path!("") view=Admin::Home ssr=SsrMode::Async/>
            <Route path=path!("applications") view=Admin::Queue ssr=SsrMode::Async/>
            <Route path=path!("applications/:merchant") view=Admin::Review ssr=SsrMode::Async/>
            <Route path=path!("merchants") view=Admin::Merchants ssr=SsrMode::Async/>
            <Route path=path!("gateways") view=Admin::Gateways ssr=SsrMode::Async/>
            <Route path=path!("staff") view=Admin::Staff ssr=SsrMode::Async/>
            <Route path=path!("jobs") view=Admin::Jobs ssr=SsrMode::Async/>
            <Route path=path!("mail") view=Admin::Mails ssr=SsrMode::Async/>
            <Route path=path!("mail/:id") view=Admin::Mail ssr=SsrMode::Async/>
            <Route path=path!("account/profile") view=Settings::Profile ssr=SsrMode::Async/>
            <Route path=path!("account/password") view=Settings::Password ssr=SsrMode::Async/>
            <Route path=path!("account/sessions") view=Settings::Sessions ssr=SsrMode::Async/>
        </ParentRoute>
    }
    .into_inner()
    .into_any_nested_route()
}
