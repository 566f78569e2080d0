//! What a connection's card says about its gateway's events, its maintenance and what it can do.

use super::tabs::ConnectionPage;
use crate::components::badge::{INFO, OPEN, SUCCESS, WARNING, badge};
use crate::components::time::{moment_alone, now, use_zone};
use crate::components::{amount, copy_button};
use crate::i18n::{Key, code_text, k, number, t, tf, use_locale, when_in};
use crate::pages::page_href;
use domain::views::gateway::{Connection, ConnectionEvents, ProviderCurrencies};
use domain::{Scope, Timestamp};
use leptos::prelude::*;

fn fact(label: Key, value: AnyView) -> AnyView {
    view! { <div><dt>{t(use_locale(), label)}</dt><dd>{value}</dd></div> }.into_any()
}

/// When the connection takes no new payments, now or soon.
pub fn maintenance_badge(connection: &Connection) -> Option<AnyView> {
    let (locale, zone) = (use_locale(), use_zone());
    let (from, until) = sooner(connection.maintenance, connection.operator_maintenance)?;
    let (start, end) = (when_in(locale, &zone, from), when_in(locale, &zone, until));
    Some(if from <= now() {
        badge(INFO, tf(locale, k::MAINTENANCE_BADGE, &[("until", &end)]))
    } else {
        badge(OPEN, tf(locale, k::MAINTENANCE_BADGE_PLANNED, &[("from", &start), ("until", &end)]))
    })
}

/// Of the merchant's window and the operator's, the one that begins first.
fn sooner(
    own: Option<(Timestamp, Timestamp)>,
    operator: Option<(Timestamp, Timestamp)>,
) -> Option<(Timestamp, Timestamp)> {
    [own, operator].into_iter().flatten().min_by_key(|(from, _)| *from)
}

/// The currencies of a connection: those that were chosen, or all that its provider takes, with what amounts have to be a multiple of.
pub fn currencies_fact(connection: &Connection, of: Option<&ProviderCurrencies>) -> AnyView {
    let locale = use_locale();
    let taken = of.and_then(|of| of.taken.as_ref());
    let text = match (connection.currencies.as_slice(), taken) {
        ([], None) => t(locale, k::GATEWAYS_ALL_CURRENCIES).to_owned(),
        ([], Some(taken)) => tf(locale, k::OUTAGES_CURRENCIES, &[("count", &number_of(taken))]),
        (chosen, _) => chosen.join(", "),
    };
    let steps: Vec<_> = of
        .map(|of| of.steps.as_slice())
        .unwrap_or_default()
        .iter()
        .filter(|step| {
            connection.currencies.is_empty() || connection.currencies.iter().any(|code| code == step.currency.code())
        })
        .map(|step| {
            let code = step.currency.code().to_owned();
            view! { <tr><th scope="row"><bdi dir="ltr">{code}</bdi></th><td class="num">{amount(*step)}</td></tr> }
        })
        .collect();
    let list = connection.currencies.is_empty().then_some(taken).flatten().map(|taken| taken.join(", "));
    let list = list.map(|list| view! { <p class="small"><bdi dir="ltr">{list}</bdi></p> });
    let table = (!steps.is_empty()).then(|| {
        view! {
            <p class="small muted">{t(locale, k::OUTAGES_STEPS_NOTE)}</p>
            <table class="table">
                <thead><tr><th scope="col">{t(locale, k::OUTAGES_CURRENCY)}</th><th scope="col" class="num">{t(locale, k::OUTAGES_STEP)}</th></tr></thead>
                <tbody>{steps}</tbody>
            </table>
        }
    });
    let details = (list.is_some() || table.is_some())
        .then(|| view! { <details><summary>{t(locale, k::OUTAGES_CURRENCIES_MORE)}</summary>{list}{table}</details> });
    fact(k::GATEWAYS_CURRENCIES, view! { <bdi>{text}</bdi> {details} }.into_any())
}

fn number_of(codes: &[String]) -> String {
    number(use_locale(), i64::try_from(codes.len()).unwrap_or(i64::MAX))
}

/// What has to be pasted at the gateway, and whether it has arrived.
pub fn event_facts(connection: &Connection) -> Option<AnyView> {
    let events = connection.events.as_ref()?;
    let address = view! {
        <span class="row"><bdi class="mono truncate" dir="ltr">{events.address.clone()}</bdi> {copy_button(events.address.clone())}</span>
    };
    let facts = view! {
        {fact(k::GATEWAYS_WEBHOOK, address.into_any())}
        {events.secret.as_ref().map(|(field, stored)| secret(&connection.provider, field, *stored))}
        {fact(k::GATEWAYS_LAST_EVENT, last_event(events))}
        {last_refused(events).map(|refused| fact(k::GATEWAYS_LAST_REFUSED, refused))}
    };
    Some(facts.into_any())
}

/// The credential that events are checked with, under its own name.
fn secret(provider: &str, field: &str, stored: bool) -> AnyView {
    let locale = use_locale();
    let label = code_text(locale, "gateway.field.", &[provider, ".", field].concat());
    let state = if stored {
        badge(SUCCESS, t(locale, k::GATEWAYS_WEBHOOK_SECRET_STORED))
    } else {
        badge(WARNING, t(locale, k::GATEWAYS_WEBHOOK_SECRET_MISSING))
    };
    view! { <div><dt>{label}</dt><dd>{state}</dd></div> }.into_any()
}

fn last_event(events: &ConnectionEvents) -> AnyView {
    events.last_accepted_at.map_or_else(|| t(use_locale(), k::GATEWAYS_NO_EVENT).into_any(), moment_alone)
}

fn last_refused(events: &ConnectionEvents) -> Option<AnyView> {
    let (at, why) = (events.last_refused_at?, events.last_refused_why.as_deref()?);
    let why = code_text(use_locale(), "inbox.verdict.", why);
    Some(view! { {moment_alone(at)} <span class="sub">{why}</span> }.into_any())
}

/// What the provider can do, in words.
pub fn capability_fact(capabilities: &[String]) -> Option<AnyView> {
    let locale = use_locale();
    let words: Vec<_> = capabilities
        .iter()
        .map(|code| view! { <li class="badge badge-neutral">{code_text(locale, "gateway.capability.", code)}</li> })
        .collect();
    (!words.is_empty()).then(|| fact(k::GATEWAYS_CAPABILITIES, view! { <ul class="cluster">{words}</ul> }.into_any()))
}

/// Links to the connection's pages.
pub fn links(scope: &Scope, connection: &Connection) -> AnyView {
    let locale = use_locale();
    let link = |page: ConnectionPage, name: Key| {
        let href = page_href(scope, &page.path(connection.id.as_str()));
        view! { <a class="btn btn-sm" href=href>{t(locale, name)}</a> }
    };
    view! {
        {link(ConnectionPage::Health, k::GATEWAYS_TAB_HEALTH)}
        {link(ConnectionPage::Events, k::GATEWAYS_TAB_EVENTS)}
    }
    .into_any()
}
