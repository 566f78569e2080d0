//! The facts of a payment: money, references, attempts, refunds, ledger, metadata.

use crate::components::badge::{attempt_badge, refund_badge};
use crate::components::money::{card, id_with_copy};
use crate::components::routing::score_of;
use crate::components::time::{moment_alone, moment_full};
use crate::components::{amount, id, moment};
use crate::i18n::{Key, code_text, k, t, tf, use_locale};
use crate::pages::page_href;
use domain::routing::Reason;
use domain::views::payment::{Attempt, Dispute, LedgerLine, PaymentDetail};
use domain::{ConnectionId, Money, Scope};
use leptos::prelude::*;

/// A pair of a term and a fact.
pub fn fact(label: Key, value: AnyView) -> AnyView {
    view! { <div><dt>{t(use_locale(), label)}</dt><dd>{value}</dd></div> }.into_any()
}

fn fact_if(label: Key, value: Option<AnyView>) -> AnyView {
    value.map(|value| fact(label, value)).into_any()
}

fn text(value: &Option<String>) -> Option<AnyView> {
    value.clone().map(|text| view! { <bdi>{text}</bdi> }.into_any())
}

fn card_of(title: Key, body: AnyView) -> AnyView {
    view! {
        <section class="card">
            <header class="card-head"><h2>{t(use_locale(), title)}</h2></header>
            <div class="card-body">{body}</div>
        </section>
    }
    .into_any()
}

/// Captured, fees, refunds, disputes, net.
pub fn money(detail: &PaymentDetail) -> AnyView {
    let row = &detail.row;
    let line = |label: Key, value, class: &'static str| {
        view! { <div class=class><dt>{t(use_locale(), label)}</dt><dd class="num">{amount(value)}</dd></div> }
    };
    let held = detail.authorization.as_ref();
    let authorized = held.map(|held| line(k::PAYMENT_AUTHORIZED, held.authorized, ""));
    let released = held.filter(|held| held.released.minor > 0).map(|held| line(k::PAYMENT_RELEASED, held.released, ""));
    let pending = (row.refund_pending.minor > 0).then(|| line(k::PAYMENT_REFUND_PENDING, row.refund_pending, ""));
    let sum = |of: fn(&Dispute) -> Money| {
        let minor = detail.disputes.iter().map(|dispute| of(dispute).minor).fold(0, i64::saturating_add);
        Some(Money::new(minor, detail.captured.currency)).filter(|sum| sum.minor > 0)
    };
    let disputed = sum(|dispute| dispute.taken).map(|sum| line(k::PAYMENT_DISPUTED, sum, ""));
    let costs = sum(|dispute| dispute.fee).map(|sum| line(k::PAYMENT_DISPUTE_FEES, sum, ""));
    let body = view! {
        <dl class="kv">
            {authorized}
            {line(k::PAYMENT_CAPTURED, detail.captured, "")}
            {released}
            {line(k::PAYMENT_FEE, detail.fee, "")}
            {line(k::PAYMENT_REFUNDED, row.refunded, "")}
            {pending}
            {disputed}
            {costs}
            {line(k::PAYMENT_NET, detail.net, "kv-total")}
        </dl>
    };
    card_of(k::PAYMENT_MONEY, body.into_any())
}

/// What it is called and what it belongs to.
pub fn payment(scope: &Scope, detail: &PaymentDetail) -> AnyView {
    let row = &detail.row;
    let session = detail.session_id.as_ref().map(|session| {
        let href = page_href(scope, &format!("checkout-sessions/{session}"));
        view! { <a class="link truncate" href=href>{id(session)}</a> }.into_any()
    });
    let method = row.card_last4.is_some().then(|| card(row.card_brand.as_deref(), row.card_last4.as_deref()));
    let body = view! {
        <dl class="kv kv-stack">
            {fact(k::PAYMENT_ID, id_with_copy(&row.id))}
            {fact_if(k::PAYMENT_CUSTOMER, text(&row.customer_email))}
            {fact_if(k::PAYMENT_METHOD, method)}
            {fact_if(k::PAYMENT_DESCRIPTION, text(&row.description))}
            {fact_if(k::PAYMENT_REFERENCE, text(&row.reference))}
            {fact_if(k::PAYMENT_SESSION, session)}
            {fact(k::PAYMENT_CREATED, moment_full(row.created_at))}
            {fact_if(k::PAYMENT_CAPTURED_AT, detail.captured_at.map(moment_full))}
        </dl>
    };
    card_of(k::PAYMENT_DETAILS, body.into_any())
}

/// Each attempt with the gateway's own words and what they mean.
pub fn attempts(attempts: &[Attempt], names: &[(ConnectionId, String)]) -> AnyView {
    if attempts.is_empty() {
        return ().into_any();
    }
    let items: Vec<_> = attempts.iter().rev().map(|one| attempt(one, names)).collect();
    card_of(k::PAYMENT_ATTEMPTS, view! { <div class="stack gap-5">{items}</div> }.into_any())
}

/// What the gateway took, or that it has yet to say so.
fn fee(attempt: &Attempt) -> AnyView {
    if attempt.fee_pending {
        return view! { <span class="muted">{t(use_locale(), k::ATTEMPT_FEE_PENDING)}</span> }.into_any();
    }
    amount(attempt.fee)
}

/// Why it went to this connection, and which were passed over.
fn why(reason: &Reason, to: &ConnectionId, names: &[(ConnectionId, String)]) -> AnyView {
    let locale = use_locale();
    let version = reason.version;
    let rule = match &reason.rule {
        None => t(locale, k::ROUTING_WHY_DEFAULT).to_owned(),
        Some(rule) => {
            let values: &[(&str, &dyn std::fmt::Display)] = &[("rule", rule), ("version", &version)];
            let key = match reason.learned {
                Some(_) => k::ROUTING_WHY_LEARNED,
                None if reason.split => k::ROUTING_WHY_SPLIT,
                None => k::ROUTING_WHY_RULE,
            };
            tf(locale, key, values)
        }
    };
    let turn = (reason.turn > 1).then(|| {
        view! { <span class="sub">{tf(locale, k::ROUTING_WHY_TURN, &[("turn", &reason.turn)])}</span> }
    });
    let score = reason.learned.as_ref().and_then(|learned| score_of(locale, learned, to));
    let score = score.map(|text| view! { <span class="sub">{text}</span> });
    let country = reason.country.as_ref().map(|code| {
        view! { <span class="sub">{tf(locale, k::ROUTING_WHY_COUNTRY, &[("country", code)])}</span> }
    });
    let skipped: Vec<_> = reason
        .skipped
        .iter()
        .map(|skipped| {
            let name = names.iter().find(|(id, _)| *id == skipped.connection).map(|(_, name)| name.clone());
            let name = name.unwrap_or_else(|| t(locale, k::ROUTING_ARCHIVED).to_owned());
            let why = code_text(locale, "routing.skip.", skipped.why.as_str());
            view! { <span class="sub"><bdi>{name}</bdi> ": " {why}</span> }
        })
        .collect();
    view! { {rule} {country} {score} {turn} {skipped} }.into_any()
}

fn attempt(attempt: &Attempt, names: &[(ConnectionId, String)]) -> AnyView {
    let locale = use_locale();
    let raw = attempt.raw_code.as_ref().map(|code| {
        let message = attempt.raw_message.clone().map(|m| view! { <span class="sub"><bdi>{m}</bdi></span> });
        view! { <code dir="ltr">{code.clone()}</code> {message} }.into_any()
    });
    let meaning = attempt.decline_code.as_ref().map(|code| {
        let class = attempt.decline_class.map(|class| code_text(locale, "decline.class.", class.as_str()));
        let class = class.map(|text| view! { <span class="sub">{text}</span> });
        view! { {code_text(locale, "decline.merchant.", code)} {class} }.into_any()
    });
    let expiry = attempt
        .card_exp_month
        .zip(attempt.card_exp_year)
        .map(|(month, year)| view! { <bdi dir="ltr">{format!("{month:02}/{year}")}</bdi> }.into_any());
    let gateway = view! { <bdi>{attempt.connection_name.clone()}</bdi> }.into_any();
    view! {
        <div class="stack gap-2">
            <div class="row between">{attempt_badge(attempt.status)} {moment_alone(attempt.created_at)}</div>
            <dl class="kv kv-stack">
                {fact(k::ATTEMPT_ID, id_with_copy(&attempt.id))}
                {fact(k::ATTEMPT_GATEWAY, gateway)}
                {fact_if(k::ROUTING_WHY, attempt.routing.as_ref().map(|reason| why(reason, &attempt.connection_id, names)))}
                {fact_if(k::PAYMENT_METHOD, attempt.card_last4.is_some().then(|| card(attempt.card_brand.as_deref(), attempt.card_last4.as_deref())))}
                {fact_if(k::ATTEMPT_EXPIRY, expiry)}
                {fact_if(k::ATTEMPT_COUNTRY, text(&attempt.card_country))}
                {fact_if(k::ATTEMPT_MEANING, meaning)}
                {fact_if(k::ATTEMPT_RAW, raw)}
                {fact_if(k::ATTEMPT_REFERENCE, attempt.gateway_ref.as_ref().map(id_with_copy))}
                {fact(k::PAYMENT_FEE, fee(attempt))}
            </dl>
        </div>
    }
    .into_any()
}

/// Its refunds, oldest first.
pub fn refunds(detail: &PaymentDetail) -> AnyView {
    if detail.refunds.is_empty() {
        return ().into_any();
    }
    let locale = use_locale();
    let rows: Vec<_> = detail
        .refunds
        .iter()
        .map(|refund| {
            let why = refund.failure_code.as_ref().map(|code| code_text(locale, "refund.failure.", code));
            let why = why.map(|text| view! { <span class="sub">{text}</span> });
            let note = refund.note.clone().map(|note| view! { <span class="sub"><bdi>{note}</bdi></span> });
            let by = refund.created_by.clone().map(|who| view! { <span class="sub"><bdi>{who}</bdi></span> });
            view! {
                <tr>
                    <td class="num">{amount(refund.amount)}</td>
                    <td>{refund_badge(refund.status)} {why}</td>
                    <td>{code_text(locale, "refund.reason.", &refund.reason)} {note}</td>
                    <td class="nowrap">{moment(refund.created_at)} {by}</td>
                    <td class="lo">{id_with_copy(&refund.id)}</td>
                </tr>
            }
        })
        .collect();
    let columns =
        [k::REFUNDS_COLUMN_AMOUNT, k::REFUNDS_COLUMN_STATUS, k::REFUNDS_COLUMN_REASON, k::REFUNDS_COLUMN_DATE];
    table_card(k::PAYMENT_REFUNDS, head(&columns, Some(k::REFUNDS_COLUMN_ID)), rows.into_any())
}

/// Its entries in the ledger.
pub fn ledger(lines: &[LedgerLine]) -> AnyView {
    if lines.is_empty() {
        return ().into_any();
    }
    let locale = use_locale();
    let rows: Vec<_> = lines
        .iter()
        .map(|line| {
            let title = code_text(locale, "ledger.journal.", &line.kind);
            view! {
                <tr>
                    <td class="num">{amount(line.amount)}</td>
                    <td>{code_text(locale, "ledger.account.", &line.account)}</td>
                    <td>{title}</td>
                    <td class="nowrap">{moment(line.at)}</td>
                    <td class="lo">{id_with_copy(&line.journal_id)}</td>
                </tr>
            }
        })
        .collect();
    let columns = [k::LEDGER_COLUMN_AMOUNT, k::LEDGER_COLUMN_ACCOUNT, k::LEDGER_COLUMN_WHY, k::LEDGER_COLUMN_DATE];
    table_card(k::PAYMENT_LEDGER, head(&columns, Some(k::LEDGER_COLUMN_JOURNAL)), rows.into_any())
}

/// The head of a table: the first column holds amounts, the last is the least needed.
pub fn head(columns: &[Key], last: Option<Key>) -> AnyView {
    let locale = use_locale();
    let cells: Vec<_> = columns
        .iter()
        .enumerate()
        .map(|(at, key)| view! { <th scope="col" class=if at == 0 { "num" } else { "" }>{t(locale, *key)}</th> })
        .collect();
    view! { <tr>{cells} {last.map(|key| view! { <th scope="col" class="lo">{t(locale, key)}</th> })}</tr> }.into_any()
}

/// A card with a table alone.
pub fn table_card(title: Key, head: AnyView, rows: AnyView) -> AnyView {
    let title = t(use_locale(), title);
    view! {
        <section class="card">
            <header class="card-head"><h2>{title}</h2></header>
            <div class="card-body flush">
                <div class="table-wrap" role="region" aria-label=title tabindex="0">
                    <table class="table"><thead>{head}</thead><tbody>{rows}</tbody></table>
                </div>
            </div>
        </section>
    }
    .into_any()
}

/// Keys and values that the merchant gave.
pub fn metadata(pairs: &[(String, String)]) -> AnyView {
    if pairs.is_empty() {
        return ().into_any();
    }
    let rows: Vec<_> = pairs
        .iter()
        .cloned()
        .map(|(key, value)| view! { <div><dt><code dir="ltr">{key}</code></dt><dd><bdi>{value}</bdi></dd></div> })
        .collect();
    card_of(k::PAYMENT_METADATA, view! { <dl class="kv">{rows}</dl> }.into_any())
}
