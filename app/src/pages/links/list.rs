//! The list of payment links.

use crate::api::links::ListLinks;
use crate::components::copy::copy_button_wide;
use crate::components::list::{address, pager};
use crate::components::{Loaded, PageHead, amount, empty, icon, load, moment};
use crate::i18n::{k, number, t, tf, use_locale};
use crate::pages::{page_href, use_scope};
use domain::Scope;
use domain::views::checkout::PaymentLink;
use domain::views::page::{Page, PageQuery};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

/// Payment links of this merchant and mode, newest first.
#[component]
pub fn Links() -> impl IntoView {
    let scope = use_scope();
    let query = use_query_map();
    let asked = scope.clone();
    let data: Loaded<Page<PaymentLink>> = Loaded::new(move || {
        let query = query.with(|q| PageQuery { after: q.get("after"), before: q.get("before"), limit: None });
        ListLinks { scope: asked.clone(), query }
    });
    let new = page_href(&scope, "payment-links/new");
    view! {
        <PageHead title=k::LINKS_TITLE note=k::LINKS_NOTE>
            <a class="btn btn-primary" href=new>{icon("plus")} {t(use_locale(), k::LINKS_CREATE)}</a>
        </PageHead>
        {load(data, move |page| content(&scope, page))}
    }
}

fn content(scope: &Scope, page: Page<PaymentLink>) -> AnyView {
    let locale = use_locale();
    if page.items.is_empty() && page.previous.is_none() {
        let action = view! {
            <a class="btn btn-primary" href=page_href(scope, "payment-links/new")>{t(locale, k::LINKS_CREATE)}</a>
        };
        return empty("link", t(locale, k::LINKS_NONE), t(locale, k::LINKS_NONE_TEXT), action.into_any());
    }
    let path = page_href(scope, "payment-links");
    let turn = |name: &str, cursor: Option<String>| cursor.map(|c| address(&path, &[(name, &c)]));
    let (previous, next) = (turn("before", page.previous), turn("after", page.next));
    let rows: Vec<_> = page.items.into_iter().map(|link| line(scope, link)).collect();
    view! {
        <div class="table-wrap" role="region" aria-label=t(locale, k::LINKS_TITLE) tabindex="0">
            <table class="table">
                <thead>
                    <tr>
                        <th scope="col">{t(locale, k::LINKS_COLUMN_TITLE)}</th>
                        <th scope="col" class="num">{t(locale, k::LINKS_COLUMN_PRICE)}</th>
                        <th scope="col">{t(locale, k::LINKS_COLUMN_STATUS)}</th>
                        <th scope="col" class="num mid">{t(locale, k::LINKS_COLUMN_SOLD)}</th>
                        <th scope="col" class="lo">{t(locale, k::LINKS_COLUMN_CREATED)}</th>
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

fn line(scope: &Scope, link: PaymentLink) -> AnyView {
    let locale = use_locale();
    let href = page_href(scope, &format!("payment-links/{}", link.id));
    let price = match link.amount {
        Some(money) => amount(money),
        None => {
            view! { {t(locale, k::LINKS_CUSTOMER_CHOOSES)} " " <bdi class="money-code" dir="ltr">{link.currency.clone()}</bdi> }
                .into_any()
        }
    };
    let sold = match link.stock {
        Some(stock) => {
            tf(locale, k::LINKS_SOLD_OF, &[("sold", &number(locale, link.sold)), ("stock", &number(locale, stock))])
        }
        None => number(locale, link.sold),
    };
    view! {
        <tr>
            <td><a class="row-link" href=href><bdi>{link.title}</bdi></a></td>
            <td class="num">{price}</td>
            <td>{super::state(link.active)}</td>
            <td class="num mid">{sold}</td>
            <td class="lo nowrap">{moment(link.created_at)}</td>
            <td class="act">{copy_button_wide(link.url)}</td>
        </tr>
    }
    .into_any()
}
