//! The list of checkout sessions.

use crate::api::sessions::ListSessions;
use crate::components::badge::session_badge;
use crate::components::copy::copy_button_wide;
use crate::components::list::{address, pager};
use crate::components::{Loaded, PageHead, amount, empty, icon, load, moment};
use crate::i18n::{k, t, use_locale};
use crate::pages::{page_href, use_scope};
use domain::Scope;
use domain::states::SessionStatus;
use domain::views::checkout::CheckoutSession;
use domain::views::page::{Page, PageQuery};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

/// Checkout sessions of this merchant and mode, newest first.
#[component]
pub fn Sessions() -> impl IntoView {
    let scope = use_scope();
    let query = use_query_map();
    let asked = scope.clone();
    let data: Loaded<Page<CheckoutSession>> = Loaded::new(move || {
        let query = query.with(|q| PageQuery { after: q.get("after"), before: q.get("before"), limit: None });
        ListSessions { scope: asked.clone(), query }
    });
    let new = page_href(&scope, "checkout-sessions/new");
    view! {
        <PageHead title=k::SESSIONS_TITLE note=k::SESSIONS_NOTE>
            <a class="btn btn-primary" href=new>{icon("plus")} {t(use_locale(), k::SESSIONS_CREATE)}</a>
        </PageHead>
        {load(data, move |page| content(&scope, page))}
    }
}

fn content(scope: &Scope, page: Page<CheckoutSession>) -> AnyView {
    let locale = use_locale();
    if page.items.is_empty() && page.previous.is_none() {
        let action = view! {
            <a class="btn btn-primary" href=page_href(scope, "checkout-sessions/new")>{t(locale, k::SESSIONS_CREATE)}</a>
        };
        return empty("card", t(locale, k::SESSIONS_NONE), t(locale, k::SESSIONS_NONE_TEXT), action.into_any());
    }
    let path = page_href(scope, "checkout-sessions");
    let turn = |name: &str, cursor: Option<String>| cursor.map(|c| address(&path, &[(name, &c)]));
    let (previous, next) = (turn("before", page.previous), turn("after", page.next));
    let rows: Vec<_> = page.items.into_iter().map(|session| line(scope, session)).collect();
    view! {
        <div class="table-wrap" role="region" aria-label=t(locale, k::SESSIONS_TITLE) tabindex="0">
            <table class="table">
                <thead>
                    <tr>
                        <th scope="col" class="num">{t(locale, k::SESSIONS_COLUMN_AMOUNT)}</th>
                        <th scope="col">{t(locale, k::SESSIONS_COLUMN_STATUS)}</th>
                        <th scope="col" class="mid">{t(locale, k::SESSIONS_COLUMN_WHAT)}</th>
                        <th scope="col" class="lo">{t(locale, k::SESSIONS_COLUMN_CUSTOMER)}</th>
                        <th scope="col">{t(locale, k::SESSIONS_COLUMN_CREATED)}</th>
                        <th scope="col" class="act"><span class="visually-hidden">{t(locale, k::COLUMN_ACTIONS)}</span></th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        {pager(previous, next)}
    }
    .into_any()
}

fn line(scope: &Scope, session: CheckoutSession) -> AnyView {
    let href = page_href(scope, &format!("checkout-sessions/{}", session.id));
    let what = session.items.first().map(|item| item.name.clone());
    let reference =
        session.client_reference.clone().map(|r| view! { <span class="sub truncate"><bdi>{r}</bdi></span> });
    let copy = (session.status == SessionStatus::Open).then(|| copy_button_wide(session.url.clone()));
    view! {
        <tr>
            <td class="num"><a class="row-link" href=href>{amount(session.amount)}</a></td>
            <td>{session_badge(session.status)}</td>
            <td class="mid"><bdi>{what}</bdi> {reference}</td>
            <td class="lo"><bdi dir="ltr">{session.customer_email}</bdi></td>
            <td class="nowrap">{moment(session.created_at)}</td>
            <td class="act">{copy}</td>
        </tr>
    }
    .into_any()
}
