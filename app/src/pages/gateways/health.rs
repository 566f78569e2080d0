//! How calls to a connection end, and its maintenance.

use super::maintenance::{MaintenanceActs, maintenance};
use super::tabs::{ConnectionPage, tabs};
use crate::api::gateways::LoadHealth;
use crate::components::badge::{PAUSED, SUCCESS, badge};
use crate::components::time::{moment_alone, use_zone};
use crate::components::{Loaded, PageHead, load};
use crate::i18n::{Key, code_text, k, number, permille, t, tf, use_locale, when_in};
use crate::pages::{page_href, use_scope};
use domain::Scope;
use domain::views::health::{HealthView, HealthWindow, Took};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

/// The health of a connection.
#[component]
pub fn GatewayHealth() -> impl IntoView {
    let scope = use_scope();
    let id = use_params_map().with_untracked(|p| p.get("id").unwrap_or_default());
    let (of, connection) = (scope.clone(), id.clone());
    let data: Loaded<HealthView> = Loaded::new(move || LoadHealth { scope: of.clone(), id: connection.clone() });
    let acts = MaintenanceActs::new(data);
    let parent = (page_href(&scope, "gateways"), k::GATEWAYS_TITLE);
    let above = tabs(&scope, &id, ConnectionPage::Health);
    view! {
        <PageHead title=k::HEALTH_TITLE note=k::HEALTH_NOTE parent=parent/>
        {above}
        {load(data, move |view| content(&scope, &view, acts))}
    }
    .into_any()
}

fn content(scope: &Scope, view: &HealthView, acts: MaintenanceActs) -> AnyView {
    let locale = use_locale();
    let provider = code_text(locale, "gateway.provider.", &view.provider);
    let rows: Vec<_> = view.windows.iter().map(row).collect();
    view! {
        <p class="muted"><bdi>{view.name.clone()}</bdi> " · " {provider}</p>
        <div class="stack gap-6">
            <section class="card">
                <header class="card-head"><h2>{t(locale, k::HEALTH_CALLS_TITLE)}</h2> {breaker(view)}</header>
                <div class="card-body stack">
                    {table(rows.into_any())}
                    <p class="muted small">{t(locale, k::HEALTH_ESTIMATE)}</p>
                </div>
            </section>
            {maintenance(scope, view, acts)}
        </div>
    }
    .into_any()
}

/// Whether calls go through, and when they will again.
fn breaker(view: &HealthView) -> AnyView {
    let locale = use_locale();
    let Some(paused) = &view.paused else { return badge(SUCCESS, t(locale, k::HEALTH_FLOWING)) };
    let until = when_in(locale, &use_zone(), paused.until);
    view! {
        <div>
            {badge(PAUSED, t(locale, k::GATEWAYS_CALLS_PAUSED))} " " {moment_alone(paused.since)}
            <span class="sub">{code_text(locale, "gateways.paused.", &paused.why)}</span>
            <span class="sub">{tf(locale, k::HEALTH_PAUSED_UNTIL, &[("until", &until)])}</span>
        </div>
    }
    .into_any()
}

fn table(rows: AnyView) -> AnyView {
    let locale = use_locale();
    let head = |key: Key| view! { <th scope="col" class="num">{t(locale, key)}</th> };
    view! {
        <div class="table-wrap" role="region" aria-label=t(locale, k::HEALTH_CALLS_TITLE) tabindex="0">
            <table class="table">
                <thead>
                    <tr>
                        <th scope="col">{t(locale, k::HEALTH_COLUMN_WINDOW)}</th>
                        {head(k::HEALTH_COLUMN_CALLS)}
                        {head(k::HEALTH_COLUMN_SUCCESS)}
                        {head(k::HEALTH_COLUMN_P50)}
                        {head(k::HEALTH_COLUMN_P95)}
                        {head(k::HEALTH_COLUMN_TECHNICAL)}
                        {head(k::HEALTH_COLUMN_CONFIGURATION)}
                        {head(k::HEALTH_COLUMN_NOT_SENT)}
                        {head(k::HEALTH_COLUMN_NO_ANSWER)}
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn row(window: &HealthWindow) -> AnyView {
    let locale = use_locale();
    let name = match window.minutes {
        ..60 => k::HEALTH_WINDOW_MINUTES,
        60 => k::HEALTH_WINDOW_HOUR,
        _ => k::HEALTH_WINDOW_DAY,
    };
    let none = || t(locale, k::DASHBOARD_NO_RATE).to_owned();
    let success = window.success_permille.map_or_else(none, |rate| permille(locale, rate));
    let took = |took: Option<Took>| {
        took.map_or_else(none, |took| {
            let (key, millis) = match took {
                Took::Within(millis) => (k::HEALTH_WITHIN, millis),
                Took::Beyond(millis) => (k::HEALTH_BEYOND, millis),
            };
            tf(locale, key, &[("millis", &number(locale, millis))])
        })
    };
    let cell = |text: String| view! { <td class="num">{text}</td> };
    let count = |value: i64| cell(number(locale, value));
    view! {
        <tr>
            <th scope="row">{t(locale, name)}</th>
            {count(window.calls)}
            {cell(success)}
            {cell(took(window.p50))}
            {cell(took(window.p95))}
            {count(window.technical)}
            {count(window.configuration)}
            {count(window.not_sent)}
            {count(window.no_answer)}
        </tr>
    }
    .into_any()
}
