//! Bank transfers: what is waited for, what a person decides, and the statements that were brought.

mod aside;
mod columns;
mod doubtful;
mod statement;
mod statements;
mod waiting;

pub use statement::Statement;

use super::{page_href, use_scope};
use crate::api::bank::LoadTransfersHead;
use crate::components::list::address;
use crate::components::{Loaded, PageHead, empty, load};
use crate::i18n::{Key, k, t, use_locale};
use domain::Scope;
use domain::views::bank::TransfersHead;
use domain::views::page::PageQuery;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

/// The views, by their names in the address.
const VIEWS: [(&str, Key); 4] = [
    ("", k::BANK_VIEW_WAITING),
    ("doubtful", k::BANK_VIEW_DOUBTFUL),
    ("aside", k::BANK_VIEW_ASIDE),
    ("statements", k::BANK_VIEW_STATEMENTS),
];

/// The page of bank transfers.
#[component]
pub fn BankTransfers() -> impl IntoView {
    let scope = use_scope();
    let query = use_query_map();
    let chosen = Memo::new(move |_| query.with(|q| q.get("view").unwrap_or_default()));
    let asked = scope.clone();
    let head: Loaded<TransfersHead> = Loaded::new(move || LoadTransfersHead { scope: asked.clone() });
    let path = page_href(&scope, "bank-transfers");
    let tabs_path = path.clone();
    let list_scope = scope.clone();
    view! {
        <PageHead title=k::BANK_TITLE note=k::BANK_NOTE/>
        {move || tabs(&tabs_path, &chosen.get())}
        {load(head, move |head| above(&scope, head, &chosen.get()))}
        {move || match chosen.get().as_str() {
            "doubtful" => doubtful::list(&list_scope),
            "aside" => aside::list(&list_scope),
            "statements" => statements::list(&list_scope),
            _ => waiting::list(&list_scope),
        }}
    }
}

fn tabs(path: &str, chosen: &str) -> AnyView {
    let locale = use_locale();
    let tabs: Vec<_> = VIEWS
        .iter()
        .map(|(name, word)| {
            let current = (*name == chosen).then_some("page");
            view! { <a class="tab" href=address(path, &[("view", name)]) aria-current=current>{t(locale, *word)}</a> }
        })
        .collect();
    view! { <nav class="tabs" aria-label=t(locale, k::BANK_VIEWS)>{tabs}</nav> }.into_any()
}

/// What stands above a list: the form for files, or what is owed to customers.
fn above(scope: &Scope, head: TransfersHead, chosen: &str) -> AnyView {
    let locale = use_locale();
    if head.connections.is_empty() {
        let action = view! { <a class="btn" href=page_href(scope, "gateways")>{t(locale, k::BANK_TO_GATEWAYS)}</a> };
        return empty(
            "bank",
            t(locale, k::BANK_NO_CONNECTION),
            t(locale, k::BANK_NO_CONNECTION_TEXT),
            action.into_any(),
        );
    }
    match chosen {
        "statements" if head.may_manage => statements::upload(scope, &head.connections),
        "" => waiting::overpaid(scope, head.overpaid),
        _ => ().into_any(),
    }
}

/// The place of a page, as the address has it.
fn place() -> Memo<PageQuery> {
    let query = use_query_map();
    Memo::new(move |_| query.with(|q| PageQuery { after: q.get("after"), before: q.get("before"), limit: None }))
}

/// The addresses of the pages before and after.
fn turns(
    scope: &Scope,
    view: &str,
    previous: Option<String>,
    next: Option<String>,
) -> (Option<String>, Option<String>) {
    let path = page_href(scope, "bank-transfers");
    let turn =
        |name: &str, cursor: Option<String>| cursor.map(|cursor| address(&path, &[("view", view), (name, &cursor)]));
    (turn("before", previous), turn("after", next))
}
