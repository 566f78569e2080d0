//! The list of customers.

use crate::api::customers::ListCustomers;
use crate::components::icon::icon_of;
use crate::components::list::{address, chip, clear_all, filter_form, pager};
use crate::components::{Field, FormCx, Loaded, PageHead, empty, error_block, load_or, moment};
use crate::i18n::{k, number, t, use_locale};
use crate::pages::{page_href, use_scope};
use domain::views::customers::CustomerRow;
use domain::views::page::{Page, PageQuery};
use domain::{Problem, ProblemKind, Scope};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

/// Customers of this merchant and mode, newest first; with an address in the URL, the one who has it.
#[component]
pub fn Customers() -> impl IntoView {
    let scope = use_scope();
    let query = use_query_map();
    let asked = Memo::new(move |_| {
        query.with(|q| {
            let get = |name: &str| q.get(name).filter(|value| !value.is_empty());
            let place = PageQuery { after: get("after"), before: get("before"), limit: None };
            (place, get("email").unwrap_or_default())
        })
    });
    let whose = scope.clone();
    let data: Loaded<Page<CustomerRow>> = Loaded::new(move || {
        let (query, email) = asked.get();
        ListCustomers { scope: whose.clone(), query, email }
    });
    let path = page_href(&scope, "customers");
    let list = path.clone();
    let email = move || asked.with_untracked(|(_, email)| email.clone());
    view! {
        <PageHead title=k::CUSTOMERS_TITLE note=k::CUSTOMERS_NOTE/>
        {load_or(
            data,
            move |page| {
                let email = email();
                view! { {bar(&path, &email, None)} {content(&scope, &path, &email, page)} }.into_any()
            },
            // What was typed stays in the form, with what is wrong beside it.
            move |error| match &error.0 {
                problem if problem.kind == ProblemKind::Invalid && !problem.fields.is_empty() => {
                    bar(&list, &email(), Some(problem.clone()))
                }
                _ => error_block(error),
            },
        )}
    }
}

/// The search, and what is searched for.
fn bar(path: &str, email: &str, problem: Option<Problem>) -> AnyView {
    let locale = use_locale();
    let open = problem.is_some();
    let cx = FormCx::hosted(problem).with_ids("filter-");
    let label = t(locale, k::CUSTOMERS_EMAIL);
    let on = (!email.is_empty()).then(|| chip(label, email.to_owned(), path.to_owned()));
    let inside = view! {
        {cx.summary()}
        {Field::new("email", label)
            .value(email)
            .help(t(locale, k::CUSTOMERS_EMAIL_HELP))
            .inputmode("email")
            .ltr()
            .view(&cx)}
        <button class="btn btn-primary btn-sm btn-block">{t(locale, k::FILTER_APPLY)}</button>
    };
    view! {
        <div class="toolbar">
            <details class="menu" open=open>
                <summary class="chip">{icon_of("search", "icon-sm")} {t(locale, k::CUSTOMERS_FIND)}</summary>
                {filter_form(path.to_owned(), &["email"], inside.into_any())}
            </details>
            {on}
        </div>
    }
    .into_any()
}

fn content(scope: &Scope, path: &str, email: &str, page: Page<CustomerRow>) -> AnyView {
    let locale = use_locale();
    if page.items.is_empty() && page.next.is_none() && page.previous.is_none() {
        return if email.is_empty() {
            empty("customers", t(locale, k::CUSTOMERS_NONE), t(locale, k::CUSTOMERS_NONE_TEXT), ().into_any())
        } else {
            let (title, text) = (t(locale, k::CUSTOMERS_NO_MATCH), t(locale, k::CUSTOMERS_NO_MATCH_TEXT));
            empty("search", title, text, clear_all(path.to_owned()))
        };
    }
    let turn = |name: &str, cursor: Option<String>| cursor.map(|c| address(path, &[("email", email), (name, &c)]));
    let (previous, next) = (turn("before", page.previous), turn("after", page.next));
    let rows: Vec<_> = page.items.into_iter().map(|row| line(scope, row)).collect();
    view! {
        <div class="table-wrap" role="region" aria-label=t(locale, k::CUSTOMERS_TITLE) tabindex="0">
            <table class="table">
                <thead>
                    <tr>
                        <th scope="col">{t(locale, k::CUSTOMERS_EMAIL)}</th>
                        <th scope="col" class="num">{t(locale, k::CUSTOMERS_METHODS)}</th>
                        <th scope="col">{t(locale, k::CUSTOMERS_SINCE)}</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        {pager(previous, next)}
    }
    .into_any()
}

fn line(scope: &Scope, row: CustomerRow) -> AnyView {
    let href = page_href(scope, &format!("customers/{}", row.id));
    view! {
        <tr>
            <td><a class="row-link" href=href><bdi dir="ltr">{row.email}</bdi></a></td>
            <td class="num">{number(use_locale(), row.methods)}</td>
            <td class="nowrap">{moment(row.created_at)}</td>
        </tr>
    }
    .into_any()
}
