//! The audit log: who did what.

use super::nav::{ACTIVITY, head};
use crate::api::settings::AuditLog;
use crate::components::list::{address, pager};
use crate::components::{Loaded, empty, id, load, moment};
use crate::i18n::{code_text, k, t, use_locale};
use crate::pages::use_scope;
use domain::views::Page;
use domain::views::account::AuditLine;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

/// The audit log, newest first.
#[component]
pub fn ActivityPage() -> impl IntoView {
    let scope = use_scope();
    let query = use_query_map();
    let place = Memo::new(move |_| query.with(|q| (q.get("after"), q.get("before"))));
    let path = ACTIVITY.href(Some(&scope));
    let data: Loaded<Page<AuditLine>> = Loaded::new(move || {
        let (after, before) = place.get();
        AuditLog { scope: scope.clone(), after, before }
    });
    view! {
        {head(ACTIVITY)}
        {load(data, move |page| table(&path, page))}
    }
    .into_any()
}

fn table(path: &str, page: Page<AuditLine>) -> AnyView {
    let locale = use_locale();
    if page.items.is_empty() && page.previous.is_none() {
        return empty(
            "note",
            t(locale, k::SETTINGS_NO_ACTIVITY),
            t(locale, k::SETTINGS_NO_ACTIVITY_TEXT),
            ().into_any(),
        );
    }
    let previous = page.previous.as_deref().map(|cursor| address(path, &[("before", cursor)]));
    let next = page.next.as_deref().map(|cursor| address(path, &[("after", cursor)]));
    let rows: Vec<AnyView> = page.items.into_iter().map(row).collect();
    view! {
        <div class="table-wrap" role="region" aria-label=t(locale, k::SETTINGS_ACTIVITY) tabindex="0">
            <table class="table">
                <thead><tr>
                    <th scope="col">{t(locale, k::SETTINGS_COL_WHAT)}</th>
                    <th scope="col">{t(locale, k::SETTINGS_COL_WHO)}</th>
                    <th scope="col" class="lo">{t(locale, k::SETTINGS_COL_OBJECT)}</th>
                    <th scope="col" class="lo">{t(locale, k::SETTINGS_COL_ADDRESS)}</th>
                    <th scope="col">{t(locale, k::SETTINGS_COL_WHEN)}</th>
                </tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        {pager(previous, next)}
    }
    .into_any()
}

fn row(line: AuditLine) -> AnyView {
    let locale = use_locale();
    // A person without a name has left no account behind.
    let who = line.actor.unwrap_or_else(|| code_text(locale, "audit.actor.", &line.actor_kind));
    view! {
        <tr>
            <td>{code_text(locale, "audit.", &line.action)}</td>
            <td><bdi>{who}</bdi></td>
            <td class="lo">{line.object_id.map(id)}</td>
            <td class="lo"><bdi dir="ltr">{line.ip}</bdi></td>
            <td class="nowrap">{moment(line.at)}</td>
        </tr>
    }
    .into_any()
}
