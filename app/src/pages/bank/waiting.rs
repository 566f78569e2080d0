//! Transfers whose money has not come, or not all of it; and those with too much.

use super::{place, turns};
use crate::api::bank::ListWaitingTransfers;
use crate::components::badge::{INFO, WARNING, badge};
use crate::components::list::pager;
use crate::components::time::moment_day;
use crate::components::{Loaded, amount, empty, load, moment};
use crate::i18n::{k, t, tf, use_locale};
use crate::pages::page_href;
use domain::views::Page;
use domain::views::bank::WaitingTransfer;
use domain::{Money, Scope};
use leptos::prelude::*;

pub(super) fn list(scope: &Scope) -> AnyView {
    let (place, asked, shown) = (place(), scope.clone(), scope.clone());
    let data: Loaded<Page<WaitingTransfer>> =
        Loaded::new(move || ListWaitingTransfers { scope: asked.clone(), query: place.get() });
    load(data, move |page| content(&shown, page))
}

fn content(scope: &Scope, page: Page<WaitingTransfer>) -> AnyView {
    let locale = use_locale();
    if page.items.is_empty() && page.previous.is_none() {
        return empty("clock", t(locale, k::BANK_WAITING_NONE), t(locale, k::BANK_WAITING_NONE_TEXT), ().into_any());
    }
    let (previous, next) = turns(scope, "", page.previous, page.next);
    view! { {table(scope, page.items)} {pager(previous, next)} }.into_any()
}

/// Transfers for which more came than was asked: the rest is owed to their customers.
pub(super) fn overpaid(scope: &Scope, items: Vec<WaitingTransfer>) -> AnyView {
    if items.is_empty() {
        return ().into_any();
    }
    let locale = use_locale();
    view! {
        <section class="card">
            <header class="card-head"><h2>{t(locale, k::BANK_OVERPAID)}</h2></header>
            <div class="card-body stack">
                <p class="muted">{t(locale, k::BANK_OVERPAID_TEXT)}</p>
                {table(scope, items)}
            </div>
        </section>
    }
    .into_any()
}

fn table(scope: &Scope, items: Vec<WaitingTransfer>) -> AnyView {
    let locale = use_locale();
    let rows: Vec<_> = items.into_iter().map(|transfer| line(scope, transfer)).collect();
    view! {
        <div class="table-wrap" role="region" aria-label=t(locale, k::BANK_TITLE) tabindex="0">
            <table class="table">
                <thead><tr>
                    <th scope="col" class="num">{t(locale, k::BANK_COLUMN_AMOUNT)}</th>
                    <th scope="col">{t(locale, k::BANK_COLUMN_STATUS)}</th>
                    <th scope="col">{t(locale, k::BANK_COLUMN_REFERENCE)}</th>
                    <th scope="col" class="mid">{t(locale, k::BANK_COLUMN_CUSTOMER)}</th>
                    <th scope="col" class="lo">{t(locale, k::BANK_COLUMN_CONNECTION)}</th>
                    <th scope="col" class="mid">{t(locale, k::BANK_COLUMN_DUE)}</th>
                    <th scope="col" class="lo">{t(locale, k::BANK_COLUMN_TOLD)}</th>
                </tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn line(scope: &Scope, transfer: WaitingTransfer) -> AnyView {
    let href = page_href(scope, &format!("payments/{}", transfer.payment));
    view! {
        <tr>
            <td class="num"><a class="row-link" href=href>{amount(transfer.amount)}</a></td>
            <td>{state(&transfer)}</td>
            <td class="nowrap"><bdi class="mono" dir="ltr">{transfer.reference.clone()}</bdi></td>
            <td class="mid"><bdi dir="ltr">{transfer.customer_email.clone()}</bdi></td>
            <td class="lo"><bdi>{transfer.connection_name.clone()}</bdi></td>
            <td class="mid nowrap">{moment_day(transfer.due_at)}</td>
            <td class="lo nowrap">{moment(transfer.created_at)}</td>
        </tr>
    }
    .into_any()
}

/// The state, and what is missing or too much.
fn state(transfer: &WaitingTransfer) -> AnyView {
    let locale = use_locale();
    let difference = transfer.amount.minor.saturating_sub(transfer.received.minor);
    let by = Money::new(difference.saturating_abs(), transfer.amount.currency).display();
    let (tone, word, note) = match (difference < 0, transfer.received.minor > 0, transfer.overdue) {
        (true, ..) => (WARNING, k::BANK_STATE_OVERPAID, Some(k::BANK_EXCESS)),
        (_, true, _) => (WARNING, k::BANK_STATE_UNDERPAID, Some(k::BANK_MISSING)),
        (_, _, true) => (WARNING, k::BANK_STATE_OVERDUE, None),
        _ => (INFO, k::BANK_STATE_WAITING, None),
    };
    let note = note.map(|key| view! { <span class="sub">{tf(locale, key, &[("amount", &by)])}</span> });
    view! { {badge(tone, t(locale, word))} {note} }.into_any()
}
