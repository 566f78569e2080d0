//! A method that is kept: what people see of it, who knows it, what its customer agreed to.

use super::detail::Acts;
use crate::components::badge::{WARNING, badge};
use crate::components::money::{brand_name, card};
use crate::components::time::{moment_alone, moment_full, now, use_zone};
use crate::i18n::{Key, code_text, k, t, tf, use_locale};
use domain::views::checkout::SavedMethod;
use domain::views::customers::KeptMethod;
use leptos::prelude::*;

/// A method in a sentence: `Visa •••• 4242`.
pub(super) fn name_of(method: &SavedMethod) -> String {
    let what = match &method.brand {
        Some(brand) => brand_name(brand),
        None => code_text(use_locale(), "gateway.method.", &method.method),
    };
    match &method.last4 {
        Some(last4) => format!("{what} •••• {last4}"),
        None => what,
    }
}

/// The same with its picture.
pub(super) fn shown(method: &SavedMethod) -> AnyView {
    if method.last4.is_some() {
        return card(method.brand.as_deref(), method.last4.as_deref());
    }
    view! { <bdi>{name_of(method)}</bdi> }.into_any()
}

/// Whether its last month is over, on the merchant's clocks.
fn is_expired(method: &SavedMethod) -> bool {
    let (year, month, ..) = use_zone().clock(now()).utc_parts();
    let ends = method.exp_year.zip(method.exp_month);
    ends.is_some_and(|end| end < (year, i64::from(month)))
}

/// The card of one method; with its buttons for whoever may use them.
pub(super) fn method_card(kept: &KeptMethod, may_manage: bool, acts: Acts) -> AnyView {
    let locale = use_locale();
    let method = &kept.method;
    let expired = is_expired(method).then(|| badge(WARNING, t(locale, k::CUSTOMERS_EXPIRED)));
    let fact = |label: Key, value: AnyView| view! { <div><dt>{t(locale, label)}</dt><dd>{value}</dd></div> };
    let expiry = method.exp_month.zip(method.exp_year).map(|(month, year)| {
        fact(k::CUSTOMERS_EXPIRES, view! { <bdi dir="ltr">{format!("{month:02}/{year}")}</bdi> }.into_any())
    });
    let used = match kept.last_used_at {
        Some(at) => moment_alone(at),
        None => t(locale, k::CUSTOMERS_NEVER_USED).into_any(),
    };
    let words = view! { <blockquote class="prose" dir="auto">{kept.consent.clone()}</blockquote> };
    let buttons = may_manage.then(|| buttons(method, acts));
    view! {
        <section class="card" aria-label=name_of(method)>
            <header class="card-head"><h3 class="row">{shown(method)} {expired}</h3></header>
            <div class="card-body">
                <dl class="kv">
                    {expiry}
                    {fact(k::CUSTOMERS_CONNECTIONS, connections(&kept.connections))}
                    {fact(k::CUSTOMERS_LAST_USED, used)}
                    {fact(k::CUSTOMERS_AGREED_AT, moment_full(kept.consented_at))}
                    {fact(k::CUSTOMERS_AGREED_TO, words.into_any())}
                </dl>
            </div>
            {buttons}
        </section>
    }
    .into_any()
}

/// The names of the connections that can charge it, one a line.
fn connections(names: &[String]) -> AnyView {
    if names.is_empty() {
        return t(use_locale(), k::CUSTOMERS_NO_CONNECTION).into_any();
    }
    let names: Vec<_> = names.iter().cloned().map(|name| view! { <div><bdi>{name}</bdi></div> }).collect();
    names.into_any()
}

fn buttons(method: &SavedMethod, acts: Acts) -> AnyView {
    let locale = use_locale();
    let name = name_of(method);
    let named: [(&str, &dyn std::fmt::Display); 1] = [("method", &name)];
    let (charge_label, remove_label) =
        (tf(locale, k::CUSTOMERS_CHARGE_WHICH, &named), tf(locale, k::CUSTOMERS_REMOVE_WHICH, &named));
    let (charged, removed) = (method.clone(), method.clone());
    let charge = move |_| acts.ask_charge(&charged);
    let remove = move |_| acts.ask_removal(&removed);
    view! {
        <footer class="card-foot cluster">
            <button type="button" class="btn btn-sm" aria-label=charge_label on:click=charge>
                {t(locale, k::CUSTOMERS_CHARGE)}
            </button>
            <button type="button" class="btn btn-sm btn-danger-quiet" aria-label=remove_label on:click=remove>
                {t(locale, k::CUSTOMERS_REMOVE)}
            </button>
        </footer>
    }
    .into_any()
}
