//! The list of payments.

use super::filters::{bar, filter_of, is_filtered, list_address};
use crate::api::payments::ListPayments;
use crate::components::badge::payment_badge;
use crate::components::list::{clear_all, pager};
use crate::components::money::card;
use crate::components::{Loaded, PageHead, amount, empty, error_block, load_or, moment};
use crate::i18n::{code_text, k, t, use_locale};
use crate::pages::{page_href, use_scope};
use domain::views::page::Page;
use domain::views::payment::{PaymentFilter, PaymentRow};
use domain::{ProblemKind, Scope};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

/// The list, filtered as its URL says.
#[component]
pub fn Payments() -> impl IntoView {
    let scope = use_scope();
    let query = use_query_map();
    let filter = Memo::new(move |_| query.with(filter_of));
    let asked = scope.clone();
    let data: Loaded<Page<PaymentRow>> =
        Loaded::new(move || ListPayments { scope: asked.clone(), filter: filter.get() });
    let path = page_href(&scope, "payments");
    let list = path.clone();
    view! {
        <PageHead title=k::PAYMENTS_TITLE/>
        {load_or(
            data,
            move |page| {
                let filter = filter.get_untracked();
                view! { {bar(&path, &filter, None)} {rows(&scope, &path, &filter, page)} }.into_any()
            },
            // What was typed stays in the form, with what is wrong beside it.
            move |error| match &error.0 {
                problem if problem.kind == ProblemKind::Invalid && !problem.fields.is_empty() => {
                    bar(&list, &filter.get_untracked(), Some(problem.clone()))
                }
                _ => error_block(error),
            },
        )}
    }
}

fn rows(scope: &Scope, path: &str, filter: &PaymentFilter, page: Page<PaymentRow>) -> AnyView {
    let locale = use_locale();
    if page.items.is_empty() && page.next.is_none() && page.previous.is_none() {
        return if is_filtered(filter) {
            let (title, text) = (t(locale, k::PAYMENTS_NO_MATCH), t(locale, k::PAYMENTS_NO_MATCH_TEXT));
            empty("search", title, text, clear_all(path.to_owned()))
        } else {
            let action = view! {
                <a class="btn btn-primary" href=page_href(scope, "payment-links/new")>{t(locale, k::LINKS_CREATE)}</a>
            };
            empty("payments", t(locale, k::PAYMENTS_NONE), t(locale, k::PAYMENTS_NONE_TEXT), action.into_any())
        };
    }
    let turn = |name: &str, cursor: Option<String>| cursor.map(|cursor| list_address(path, filter, (name, &cursor)));
    let (previous, next) = (turn("before", page.previous), turn("after", page.next));
    view! { {payments_table(scope, page.items)} {pager(previous, next)} }.into_any()
}

/// A table of payments; each row leads to its payment.
pub fn payments_table(scope: &Scope, rows: Vec<PaymentRow>) -> AnyView {
    let locale = use_locale();
    let rows: Vec<_> = rows.into_iter().map(|row| line(scope, row)).collect();
    view! {
        <div class="table-wrap" role="region" aria-label=t(locale, k::PAYMENTS_TITLE) tabindex="0">
            <table class="table">
                <thead>
                    <tr>
                        <th scope="col" class="num">{t(locale, k::PAYMENTS_COLUMN_AMOUNT)}</th>
                        <th scope="col">{t(locale, k::PAYMENTS_COLUMN_STATUS)}</th>
                        <th scope="col" class="mid">{t(locale, k::PAYMENTS_COLUMN_CUSTOMER)}</th>
                        <th scope="col" class="lo">{t(locale, k::PAYMENTS_COLUMN_METHOD)}</th>
                        <th scope="col">{t(locale, k::PAYMENTS_COLUMN_DATE)}</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn line(scope: &Scope, row: PaymentRow) -> AnyView {
    let href = page_href(scope, &format!("payments/{}", row.id));
    let reason = reason(&row).map(|text| view! { <span class="sub">{text}</span> });
    let what = row.description.clone().or_else(|| row.reference.clone());
    let (customer, sub) = match row.customer_email.clone() {
        Some(email) => (view! { <bdi dir="ltr">{email}</bdi> }.into_any(), what),
        None => (what.into_any(), None),
    };
    let sub = sub.map(|text| view! { <span class="sub truncate"><bdi>{text}</bdi></span> });
    view! {
        <tr>
            <td class="num"><a class="row-link" href=href>{amount(row.amount)}</a></td>
            <td>{payment_badge(&row, "")} {reason}</td>
            <td class="mid">{customer} {sub}</td>
            <td class="lo">{card(row.card_brand.as_deref(), row.card_last4.as_deref())}</td>
            <td class="nowrap">{moment(row.created_at)}</td>
        </tr>
    }
    .into_any()
}

/// Why the state is what it is, in a few words.
pub(super) fn reason(row: &PaymentRow) -> Option<String> {
    let locale = use_locale();
    use domain::states::PaymentStatus as S;
    if row.refunded.minor > 0 && row.refunded != row.captured {
        return Some(crate::i18n::tf(locale, k::PAYMENTS_REFUNDED_SUB, &[("amount", &row.refunded.display())]));
    }
    if row.status == S::Succeeded && row.captured != row.amount {
        return Some(crate::i18n::tf(locale, k::PAYMENTS_CAPTURED_SUB, &[("amount", &row.captured.display())]));
    }
    let code = row.decline_code.as_deref()?;
    matches!(row.status, S::RequiresPaymentMethod | S::Canceled).then(|| code_text(locale, "decline.merchant.", code))
}
