//! The list of refunds.

use super::{page_href, use_scope};
use crate::api::refunds::ListRefunds;
use crate::components::badge::refund_badge;
use crate::components::list::{address, clear_all, pager};
use crate::components::{Loaded, PageHead, amount, empty, id, load, moment};
use crate::i18n::{code_text, k, t, use_locale};
use domain::Scope;
use domain::states::RefundStatus;
use domain::views::page::Page;
use domain::views::payment::{Refund, RefundFilter};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

/// Refunds of this merchant and mode, newest first.
#[component]
pub fn Refunds() -> impl IntoView {
    let scope = use_scope();
    let query = use_query_map();
    let filter = Memo::new(move |_| {
        query.with(|q| {
            let get = |name: &str| q.get(name).filter(|v| !v.is_empty());
            RefundFilter { status: get("status"), after: get("after"), before: get("before") }
        })
    });
    let asked = scope.clone();
    let data: Loaded<Page<Refund>> = Loaded::new(move || ListRefunds { scope: asked.clone(), filter: filter.get() });
    let path = page_href(&scope, "refunds");
    let tabs_path = path.clone();
    view! {
        <PageHead title=k::REFUNDS_TITLE/>
        {move || tabs(&tabs_path, filter.get().status.as_deref().unwrap_or(""))}
        {load(data, move |page| content(&scope, &path, &filter.get_untracked(), page))}
    }
}

fn tabs(path: &str, chosen: &str) -> AnyView {
    let locale = use_locale();
    let all = std::iter::once("").chain(RefundStatus::ALL.iter().map(|s| s.as_str()));
    let tabs: Vec<_> = all
        .map(|status| {
            let name = match status {
                "" => t(locale, k::REFUNDS_VIEW_ALL).to_owned(),
                status => code_text(locale, "status.refund.", status),
            };
            let current = (status == chosen).then_some("page");
            view! { <a class="tab" href=address(path, &[("status", status)]) aria-current=current>{name}</a> }
        })
        .collect();
    view! { <nav class="tabs" aria-label=t(locale, k::REFUNDS_VIEWS)>{tabs}</nav> }.into_any()
}

fn content(scope: &Scope, path: &str, filter: &RefundFilter, page: Page<Refund>) -> AnyView {
    let locale = use_locale();
    let status = filter.status.as_deref().unwrap_or("");
    if page.items.is_empty() && page.next.is_none() && page.previous.is_none() {
        return if status.is_empty() {
            let action =
                view! { <a class="btn" href=page_href(scope, "payments")>{t(locale, k::REFUNDS_TO_PAYMENTS)}</a> };
            empty("refund", t(locale, k::REFUNDS_NONE), t(locale, k::REFUNDS_NONE_TEXT), action.into_any())
        } else {
            empty(
                "search",
                t(locale, k::REFUNDS_NO_MATCH),
                t(locale, k::REFUNDS_NO_MATCH_TEXT),
                clear_all(path.to_owned()),
            )
        };
    }
    let turn = |name: &str, cursor: Option<String>| cursor.map(|c| address(path, &[("status", status), (name, &c)]));
    let (previous, next) = (turn("before", page.previous), turn("after", page.next));
    let rows: Vec<_> = page.items.into_iter().map(|refund| line(scope, refund)).collect();
    view! {
        <div class="table-wrap" role="region" aria-label=t(locale, k::REFUNDS_TITLE) tabindex="0">
            <table class="table">
                <thead>
                    <tr>
                        <th scope="col" class="num">{t(locale, k::REFUNDS_COLUMN_AMOUNT)}</th>
                        <th scope="col">{t(locale, k::REFUNDS_COLUMN_STATUS)}</th>
                        <th scope="col" class="mid">{t(locale, k::REFUNDS_COLUMN_CUSTOMER)}</th>
                        <th scope="col" class="lo">{t(locale, k::REFUNDS_COLUMN_REASON)}</th>
                        <th scope="col" class="lo">{t(locale, k::REFUNDS_COLUMN_PAYMENT)}</th>
                        <th scope="col">{t(locale, k::REFUNDS_COLUMN_DATE)}</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        {pager(previous, next)}
    }
    .into_any()
}

fn line(scope: &Scope, refund: Refund) -> AnyView {
    let locale = use_locale();
    let href = page_href(scope, &format!("payments/{}", refund.payment_id));
    let why = refund.failure_code.as_ref().map(|code| code_text(locale, "refund.failure.", code));
    let why = why.map(|text| view! { <span class="sub">{text}</span> });
    let note = refund.note.clone().map(|note| view! { <span class="sub truncate"><bdi>{note}</bdi></span> });
    view! {
        <tr>
            <td class="num"><a class="row-link" href=href>{amount(refund.amount)}</a></td>
            <td>{refund_badge(refund.status)} {why}</td>
            <td class="mid"><bdi dir="ltr">{refund.customer_email}</bdi></td>
            <td class="lo">{code_text(locale, "refund.reason.", &refund.reason)} {note}</td>
            <td class="lo">{id(refund.payment_id)}</td>
            <td class="nowrap">{moment(refund.created_at)}</td>
        </tr>
    }
    .into_any()
}
