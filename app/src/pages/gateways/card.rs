//! What a connection's card says about its gateway's events, its maintenance and what it can do.

use super::tabs::ConnectionPage;
use crate::components::badge::{INFO, OPEN, SUCCESS, WARNING, badge};
use crate::components::copy_button;
use crate::components::time::{moment_alone, now, use_zone};
use crate::i18n::{Key, code_text, k, t, tf, use_locale, when_in};
use crate::pages::page_href;
use domain::Scope;
use domain::views::gateway::{Connection, ConnectionEvents};
use leptos::prelude::*;

fn fact(label: Key, value: AnyView) -> AnyView {
    view! { <div><dt>{t(use_locale(), label)}</dt><dd>{value}</dd></div> }.into_any()
}

/// When the connection takes no new payments, now or soon.
pub fn maintenance_badge(connection: &Connection) -> Option<AnyView> {
    let (locale, zone) = (use_locale(), use_zone());
    let (from, until) = connection.maintenance?;
    let (start, end) = (when_in(locale, &zone, from), when_in(locale, &zone, until));
    Some(if from <= now() {
        badge(INFO, tf(locale, k::MAINTENANCE_BADGE, &[("until", &end)]))
    } else {
        badge(OPEN, tf(locale, k::MAINTENANCE_BADGE_PLANNED, &[("from", &start), ("until", &end)]))
    })
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
