//! One delivery: how it looks in the list, and all of it.

use crate::api::gateways::ReplayEvent;
use crate::components::badge::{DANGER, ENDED, INFO, SUCCESS, Tone, WARNING, badge};
use crate::components::money::id_with_copy;
use crate::components::time::moment_full;
use crate::components::{icon, id};
use crate::i18n::{Key, code_text, k, t, tf, tn, use_locale};
use crate::pages::page_href;
use crate::wire::Act;
use domain::views::inbox::{Delivery, DeliveryDetail};
use domain::{ConnectionId, Scope};
use leptos::prelude::*;

/// Came before.
const AGAIN: Tone = Tone("badge-neutral", "refresh");

/// Whether it was believed.
pub fn verdict_badge(verdict: &str) -> AnyView {
    let tone = match verdict {
        "accepted" => SUCCESS,
        "repeat" => AGAIN,
        "not_now" => WARNING,
        _ => DANGER,
    };
    badge(tone, code_text(use_locale(), "inbox.verdict.", verdict))
}

/// What became of an event; nothing for what is none.
pub fn status_badge(delivery: &Delivery) -> AnyView {
    let Some(status) = delivery.status.as_deref() else { return ().into_any() };
    let tone = match status {
        _ if delivery.note.as_deref() == Some("mismatch") => WARNING,
        "done" => SUCCESS,
        "queued" => INFO,
        "failed" => DANGER,
        _ => ENDED,
    };
    badge(tone, code_text(use_locale(), "inbox.status.", status))
}

/// What an event changed.
pub fn changed(delivery: &Delivery) -> AnyView {
    let locale = use_locale();
    let Some(change) = &delivery.changed else {
        let looked_at = delivery.finished_at.is_some();
        return looked_at.then(|| t(locale, k::INBOX_CHANGED_NOTHING)).into_any();
    };
    let (key, states) = match change.what.as_str() {
        "refund" => (k::INBOX_CHANGED_REFUND, "status.refund."),
        "dispute" => (k::INBOX_CHANGED_DISPUTE, "dispute.status."),
        _ => (k::INBOX_CHANGED_PAYMENT, "status.payment."),
    };
    let state = |code: &str| code_text(locale, states, code);
    tf(locale, key, &[("from", &state(&change.from)), ("to", &state(&change.to))]).into_any()
}

/// All of a delivery; `back` leads to the list without it.
pub fn chosen(
    scope: &Scope,
    connection: &ConnectionId,
    detail: DeliveryDetail,
    back: String,
    replay: Act<ReplayEvent>,
) -> AnyView {
    let locale = use_locale();
    let foot = detail.may_replay.then(|| replay_foot(scope, connection, detail.delivery.key.clone(), replay));
    view! {
        <section class="card" aria-labelledby="delivery-title">
            <header class="card-head">
                <h2 id="delivery-title" class="row">{t(locale, k::INBOX_DETAIL)} {verdict_badge(&detail.delivery.verdict)}</h2>
                <a class="btn btn-sm btn-ghost" href=back>{icon("close")} {t(locale, k::INBOX_CLOSE)}</a>
            </header>
            <div class="card-body stack">
                {facts(scope, &detail)}
                {payload(&detail)}
            </div>
            {foot}
        </section>
    }
    .into_any()
}

fn facts(scope: &Scope, detail: &DeliveryDetail) -> AnyView {
    let locale = use_locale();
    let delivery = &detail.delivery;
    let fact = |label: Key, value: AnyView| view! { <div><dt>{t(locale, label)}</dt><dd>{value}</dd></div> };
    let some = |label: Key, value: &Option<String>| value.clone().map(|value| fact(label, id_with_copy(value)));
    let payment = delivery.payment.clone().map(|payment| {
        let href = page_href(scope, &format!("payments/{payment}"));
        fact(k::INBOX_PAYMENT, view! { <a class="link" href=href>{id(payment)}</a> }.into_any())
    });
    let about = delivery
        .about
        .as_deref()
        .map(|about| fact(k::INBOX_COLUMN_ABOUT, code_text(locale, "inbox.about.", about).into_any()));
    let note = delivery.note.as_deref().map(|note| code_text(locale, "inbox.note.", note));
    let note = note.map(|note| view! { <span class="sub">{note}</span> });
    let status = delivery.status.is_some().then(|| {
        let processed = delivery.finished_at.map_or_else(|| t(locale, k::INBOX_NOT_PROCESSED).into_any(), moment_full);
        let tries = tn(locale, k::INBOX_TRIES, delivery.tries, &[]);
        view! {
            {fact(k::INBOX_COLUMN_STATUS, view! { {status_badge(delivery)} " " {tries} {note} }.into_any())}
            {fact(k::INBOX_PROCESSED, processed)}
            {fact(k::INBOX_COLUMN_CHANGED, changed(delivery))}
        }
    });
    let error = delivery
        .last_error
        .as_deref()
        .map(|error| fact(k::INBOX_LAST_ERROR, code_text(locale, "inbox.error.", error).into_any()));
    let size = detail.size.map(|size| fact(k::INBOX_SIZE, tn(locale, k::INBOX_BYTES, size, &[]).into_any()));
    view! {
        <dl class="kv">
            {fact(k::INBOX_COLUMN_WHEN, moment_full(delivery.received_at))}
            {some(k::INBOX_COLUMN_KIND, &delivery.kind)}
            {some(k::INBOX_EVENT_ID, &delivery.event_id)}
            {about}
            {payment}
            {some(k::INBOX_OUR_KEY, &detail.our_key)}
            {some(k::INBOX_GATEWAY_REF, &detail.gateway_ref)}
            {status}
            {error}
            {size}
        </dl>
    }
    .into_any()
}

/// What came, as text and nothing else.
fn payload(detail: &DeliveryDetail) -> AnyView {
    let locale = use_locale();
    let Some(text) = detail.payload.clone() else {
        return view! { <p class="muted">{t(locale, k::INBOX_NO_PAYLOAD)}</p> }.into_any();
    };
    let cut = detail.cut.then(|| view! { <p class="muted small">{t(locale, k::INBOX_CUT)}</p> });
    view! {
        <h3>{t(locale, k::INBOX_PAYLOAD)}</h3>
        <pre class="code" dir="ltr" tabindex="0"><code>{text}</code></pre>
        {cut}
    }
    .into_any()
}

fn replay_foot(scope: &Scope, connection: &ConnectionId, key: String, replay: Act<ReplayEvent>) -> AnyView {
    let locale = use_locale();
    let (scope, id, pending) = (scope.clone(), connection.clone(), replay.pending());
    let press = move |_| replay.dispatch(ReplayEvent { scope: scope.clone(), id: id.clone(), key: key.clone() });
    view! {
        <footer class="card-foot cluster">
            <button
                type="button"
                class="btn btn-sm"
                aria-busy=move || pending.get().then_some("true")
                disabled=move || pending.get()
                on:click=press
            >
                {icon("refresh")} {t(locale, k::INBOX_REPLAY)}
            </button>
            <span class="muted small">{t(locale, k::INBOX_REPLAY_NOTE)}</span>
        </footer>
    }
    .into_any()
}
