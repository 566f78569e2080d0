//! The home page.

mod numbers;
mod setup;

use super::{page_href, use_scope};
use crate::api::dashboard::LoadDashboard;
use crate::components::time::moment_full;
use crate::components::{Loaded, PageHead, empty, icon, load};
use crate::i18n::{k, lookup, t, tf, tn, use_locale};
use crate::pages::payments::payments_table;
use domain::Scope;
use domain::views::dashboard::{Attention, Dashboard as View};
use leptos::prelude::*;

/// The home page.
#[component]
pub fn Dashboard() -> impl IntoView {
    let scope = use_scope();
    let asked = scope.clone();
    let data: Loaded<View> = Loaded::new(move || LoadDashboard { scope: asked.clone() });
    view! {
        <PageHead title=k::DASHBOARD_TITLE/>
        {load(data, move |view| content(&scope, view))}
    }
}

fn content(scope: &Scope, data: View) -> AnyView {
    let locale = use_locale();
    let is_new = data.blocks.is_empty() && data.recent.is_empty();
    let blocks: Vec<_> = data.blocks.into_iter().map(|block| numbers::block(scope, block)).collect();
    let zone = (!blocks.is_empty())
        .then(|| view! { <p class="muted small">{tf(locale, k::DASHBOARD_ZONE, &[("zone", &data.timezone)])}</p> });
    let recent = match (data.recent.is_empty(), is_new && data.setup.is_some()) {
        // The checklist says what comes next already.
        (true, true) => None,
        (true, false) => Some(nothing_yet(scope)),
        (false, _) => Some(recent(scope, payments_table(scope, data.recent))),
    };
    view! {
        <div class="stack gap-6">
            {attention(scope, data.attention)}
            {data.setup.map(|steps| setup::checklist(scope, steps))}
            {blocks}
            {zone}
            {recent}
        </div>
    }
    .into_any()
}

fn recent(scope: &Scope, table: AnyView) -> AnyView {
    let locale = use_locale();
    view! {
        <section class="card">
            <header class="card-head">
                <h2>{t(locale, k::DASHBOARD_RECENT)}</h2>
                <a class="link" href=page_href(scope, "payments")>{t(locale, k::DASHBOARD_ALL_PAYMENTS)}</a>
            </header>
            <div class="card-body flush">{table}</div>
        </section>
    }
    .into_any()
}

fn nothing_yet(scope: &Scope) -> AnyView {
    let locale = use_locale();
    let action = view! {
        <a class="btn btn-primary" href=page_href(scope, "payment-links/new")>{t(locale, k::LINKS_CREATE)}</a>
    };
    empty("payments", t(locale, k::PAYMENTS_NONE), t(locale, k::PAYMENTS_NONE_TEXT), action.into_any())
}

fn attention(scope: &Scope, items: Vec<Attention>) -> AnyView {
    if items.is_empty() {
        return ().into_any();
    }
    let locale = use_locale();
    let items: Vec<_> = items
        .into_iter()
        .map(|item| {
            let text = lookup(&["dashboard.attention.", &item.kind].concat())
                .map_or_else(|| item.kind.clone(), |key| tn(locale, key, item.count, &[]));
            let action = destination(scope, &item.path).map(|(href, rel)| {
                view! { <a class="btn btn-sm" href=href rel=rel>{t(locale, k::DASHBOARD_LOOK)}</a> }
            });
            let until = item.until.map(|at| {
                view! { <p class="muted small">{t(locale, k::DASHBOARD_ATTENTION_UNTIL)} " " {moment_full(at)}</p> }
            });
            view! {
                <li class="banner banner-warning">{icon("alert-triangle")} <div><p>{text}</p> {until}</div> {action}</li>
            }
        })
        .collect();
    view! {
        <section class="stack gap-2" aria-labelledby="attention">
            <h2 id="attention">{t(locale, k::DASHBOARD_ATTENTION)}</h2>
            <ul class="stack gap-2">{items}</ul>
        </section>
    }
    .into_any()
}

/// Where an item leads: a path below the merchant and mode, or an absolute one, which may lie outside of this app.
fn destination(scope: &Scope, path: &str) -> Option<(String, Option<&'static str>)> {
    match path {
        "" => None,
        path if path.starts_with("/m/") => Some((path.to_owned(), None)),
        path if path.starts_with('/') => Some((path.to_owned(), Some("external"))),
        path => Some((page_href(scope, path), None)),
    }
}
