//! The story of a payment, newest first.

use crate::components::icon::icon_of;
use crate::components::time::moment_short;
use crate::i18n::{code_text, k, lookup, t, tf, use_locale};
use domain::views::payment::TimelineItem;
use domain::{Currency, Money};
use leptos::prelude::*;
use std::fmt::Display;

/// The timeline's card.
pub fn timeline(items: &[TimelineItem]) -> AnyView {
    let locale = use_locale();
    let events: Vec<_> = items.iter().map(event).collect();
    view! {
        <section class="card" aria-labelledby="timeline">
            <header class="card-head"><h2 id="timeline">{t(locale, k::PAYMENT_TIMELINE)}</h2></header>
            <div class="card-body"><ol class="timeline">{events}</ol></div>
        </section>
    }
    .into_any()
}

fn event(item: &TimelineItem) -> AnyView {
    let locale = use_locale();
    let (class, icon) = looks(&item.kind);
    let values: Vec<(&str, String)> =
        item.params.iter().map(|(name, value)| (name.as_str(), readable(name, value))).collect();
    let args: Vec<(&str, &dyn Display)> = values.iter().map(|(name, value)| (*name, value as &dyn Display)).collect();
    let title =
        lookup(&["timeline.", &item.kind].concat()).map_or_else(|| item.kind.clone(), |key| tf(locale, key, &args));
    let actor = item.actor.clone().map(|who| {
        view! { <p class="muted">{tf(locale, k::PAYMENT_BY, &[("name", &who)])}</p> }
    });
    view! {
        <li class=["event ", class].concat()>
            <span class="event-mark">{icon_of(icon, "icon-sm")}</span>
            <div class="event-body"><p class="event-title">{title}</p>{actor}</div>
            {moment_short(item.at)}
        </li>
    }
    .into_any()
}

/// How a moment looks, by what its kind ends with.
fn looks(kind: &str) -> (&'static str, &'static str) {
    match kind.rsplit('.').next().unwrap_or("") {
        "succeeded" | "captured" | "won" => ("event-success", "check"),
        "failed" | "canceled" | "lost" => ("event-danger", "close"),
        "requires_action" | "unknown" | "inquiry" | "opened" => ("event-warning", "alert-triangle"),
        "sent" => ("", "mail"),
        _ if kind.starts_with("refund") => ("event-info", "refund"),
        _ if kind.starts_with("journal") => ("", "wallet"),
        _ => ("", "clock"),
    }
}

/// A value of a sentence: codes in words, amounts (`1250 EUR` in minor units) as amounts.
fn readable(name: &str, value: &str) -> String {
    let locale = use_locale();
    match name {
        "code" | "decline_code" => code_text(locale, "decline.merchant.", value),
        "failure" | "failure_code" => code_text(locale, "refund.failure.", value),
        "reason" => code_text(locale, "refund.reason.", value),
        "dispute" => code_text(locale, "dispute.reason.", value),
        "amount" => minor_amount(value).unwrap_or_else(|| value.to_owned()),
        _ => value.to_owned(),
    }
}

fn minor_amount(text: &str) -> Option<String> {
    let (minor, currency) = text.split_once(' ')?;
    Some(Money::new(minor.parse().ok()?, currency.parse::<Currency>().ok()?).display())
}
