//! Filters of the list of payments: they live in the URL, as chips above the table and as a form.

use crate::components::form::{Choice, Field, FormCx, currency_choices};
use crate::components::icon::icon_of;
use crate::components::list::{address, chip, clear_all, filter_form};
use crate::components::time::use_zone;
use crate::i18n::{code_text, k, lookup, t, use_locale};
use domain::Problem;
use domain::views::payment::PaymentFilter;
use leptos::prelude::*;
use leptos_router::params::ParamsMap;

/// The names of the filters in the URL, in the order of the form.
const NAMES: &[&str] = &["status", "from", "to", "currency", "min", "max", "method", "last4", "email", "reference"];

/// States that can be filtered by.
const STATUSES: &[&str] = &[
    "succeeded",
    "failed",
    "refunded",
    "partially_refunded",
    "processing",
    "requires_action",
    "unknown",
    "requires_capture",
    "requires_payment_method",
    "canceled",
];

/// Views that most people want, by state.
const VIEWS: &[&str] = &["", "succeeded", "failed", "refunded", "unknown"];

/// The filter that a URL's query tells.
pub fn filter_of(query: &ParamsMap) -> PaymentFilter {
    let get = |name: &str| query.get(name).filter(|value| !value.is_empty());
    PaymentFilter {
        status: get("status"),
        from: get("from"),
        to: get("to"),
        min: get("min"),
        max: get("max"),
        currency: get("currency"),
        method: get("method"),
        last4: get("last4"),
        email: get("email"),
        reference: get("reference"),
        after: get("after"),
        before: get("before"),
        limit: get("limit").and_then(|text| text.parse().ok()),
    }
}

fn value<'a>(filter: &'a PaymentFilter, name: &str) -> &'a str {
    let field = match name {
        "status" => &filter.status,
        "from" => &filter.from,
        "to" => &filter.to,
        "min" => &filter.min,
        "max" => &filter.max,
        "currency" => &filter.currency,
        "method" => &filter.method,
        "last4" => &filter.last4,
        "email" => &filter.email,
        "reference" => &filter.reference,
        _ => &None,
    };
    field.as_deref().unwrap_or("")
}

/// The address of the list with a filter, and on which page.
pub fn list_address(path: &str, filter: &PaymentFilter, page: (&str, &str)) -> String {
    let mut pairs: Vec<(&str, &str)> = NAMES.iter().map(|name| (*name, value(filter, name))).collect();
    pairs.push(page);
    address(path, &pairs)
}

/// Whether anything is filtered.
pub fn is_filtered(filter: &PaymentFilter) -> bool {
    NAMES.iter().any(|name| !value(filter, name).is_empty())
}

fn without(filter: &PaymentFilter, name: &str) -> PaymentFilter {
    let mut less = filter.clone();
    let field = match name {
        "status" => &mut less.status,
        "from" => &mut less.from,
        "to" => &mut less.to,
        "min" => &mut less.min,
        "max" => &mut less.max,
        "currency" => &mut less.currency,
        "method" => &mut less.method,
        "last4" => &mut less.last4,
        "email" => &mut less.email,
        _ => &mut less.reference,
    };
    *field = None;
    less
}

/// Views, chips and the form.
pub fn bar(path: &str, filter: &PaymentFilter, problem: Option<Problem>) -> AnyView {
    let chips: Vec<_> = NAMES
        .iter()
        .filter(|name| !value(filter, name).is_empty())
        .map(|name| chip(&label(name), shown(filter, name), list_address(path, &without(filter, name), ("", ""))))
        .collect();
    let clear = is_filtered(filter).then(|| clear_all(path.to_owned()));
    view! {
        {views(path, filter)}
        <div class="toolbar">{menu(path, filter, problem)} {chips} {clear}</div>
    }
    .into_any()
}

fn views(path: &str, filter: &PaymentFilter) -> AnyView {
    let locale = use_locale();
    let chosen = filter.status.as_deref().unwrap_or("");
    let tabs: Vec<_> = VIEWS
        .iter()
        .map(|status| {
            let other = PaymentFilter { status: Some((*status).to_owned()), ..filter.clone() };
            let name = if status.is_empty() {
                t(locale, k::PAYMENTS_VIEW_ALL).to_owned()
            } else {
                code_text(locale, "status.payment.", status)
            };
            let current = (*status == chosen).then_some("page");
            view! { <a class="tab" href=list_address(path, &other, ("", "")) aria-current=current>{name}</a> }
        })
        .collect();
    view! { <nav class="tabs" aria-label=t(locale, k::PAYMENTS_VIEWS)>{tabs}</nav> }.into_any()
}

fn menu(path: &str, filter: &PaymentFilter, problem: Option<Problem>) -> AnyView {
    let locale = use_locale();
    let open = problem.is_some();
    let cx = FormCx::hosted(problem).with_ids("filter-");
    let any = || Choice::new("", t(locale, k::PAYMENTS_FILTER_ANY));
    let field = |name: &'static str| Field::new(name, label(name)).value(value(filter, name));
    let statuses =
        std::iter::once(any()).chain(STATUSES.iter().map(|s| Choice::new(*s, code_text(locale, "status.payment.", s))));
    let currencies = std::iter::once(any()).chain(currency_choices(value(filter, "currency")));
    let methods = [any(), Choice::new("card", code_text(locale, "gateway.method.", "card"))];
    let (days_before, days_after) = t(locale, k::PAYMENTS_FILTER_DAYS).split_once("{zone}").unwrap_or_default();
    let inside = view! {
        {cx.summary()}
        {field("status").select(&cx, statuses.collect())}
        <div class="field-row">{field("from").kind("date").view(&cx)} {field("to").kind("date").view(&cx)}</div>
        <p class="field-help">{days_before} <bdi dir="ltr">{use_zone().label()}</bdi> {days_after}</p>
        {field("currency").select(&cx, currencies.collect())}
        <div class="field-row">{field("min").decimal().view(&cx)} {field("max").decimal().view(&cx)}</div>
        {field("method").select(&cx, methods.into())}
        {field("last4").numeric().maxlength(4).view(&cx)}
        {field("email").inputmode("email").ltr().view(&cx)}
        {field("reference").view(&cx)}
        <button class="btn btn-primary btn-sm btn-block">{t(locale, k::FILTER_APPLY)}</button>
    };
    view! {
        <details class="menu" open=open>
            <summary class="chip">{icon_of("filter", "icon-sm")} {t(locale, k::FILTER_ADD)}</summary>
            {filter_form(path.to_owned(), NAMES, inside.into_any())}
        </details>
    }
    .into_any()
}

fn label(name: &str) -> String {
    code_text(use_locale(), "payments.filter.", name)
}

/// A filter's value as a chip shows it.
fn shown(filter: &PaymentFilter, name: &str) -> String {
    let raw = value(filter, name);
    let locale = use_locale();
    match name {
        "status" => code_text(locale, "status.payment.", raw),
        "method" => {
            lookup(&["gateway.method.", raw].concat()).map_or_else(|| raw.to_owned(), |key| t(locale, key).to_owned())
        }
        _ => raw.to_owned(),
    }
}
