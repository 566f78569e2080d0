//! One payment.

use super::facts;
use super::list::reason;
use super::refund::RefundDialog;
use super::timeline::timeline;
use crate::api::payments::{LoadPayment, PaymentPage, RefundPayment};
use crate::components::badge::payment_badge;
use crate::components::page::crumbs;
use crate::components::toast::use_toasts;
use crate::components::{Loaded, amount, icon, id, load_page, set_title};
use crate::i18n::{code_text, k, lookup, t, tf, use_locale};
use crate::pages::{page_href, use_scope};
use crate::wire::Act;
use domain::Scope;
use domain::views::payment::PaymentDetail as View;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

/// One payment: what it is, what can be done, its story, its facts.
#[component]
pub fn PaymentDetail() -> impl IntoView {
    let scope = use_scope();
    let params = use_params_map();
    let asked = scope.clone();
    let data: Loaded<PaymentPage> = Loaded::new(move || {
        let id = params.with(|p| p.get("id").unwrap_or_default());
        LoadPayment { scope: asked.clone(), id }
    });
    let (refund, open) = (Act::<RefundPayment>::new(), RwSignal::new(false));
    let toasts = use_toasts();
    let locale = use_locale();
    Effect::new(move |_| {
        if refund.core().succeeded() {
            open.set(false);
            toasts.show(t(locale, k::REFUND_SENT));
            data.refetch();
        }
    });
    load_page(k::PAYMENTS_TITLE, data, move |page| content(&scope, page, refund, open))
}

fn content(scope: &Scope, page: PaymentPage, refund: Act<RefundPayment>, open: RwSignal<bool>) -> AnyView {
    let PaymentPage { detail, form_key } = page;
    let dialog = detail.may_refund.then(|| {
        view! { <RefundDialog scope=scope.clone() detail=detail.clone() form_key=form_key action=refund open=open/> }
    });
    view! {
        {head(scope, &detail, refund, open)}
        {notes(scope, &detail)}
        {dialog}
        <div class="split">
            <div class="stack gap-5">
                {timeline(&detail.timeline)}
                {facts::refunds(&detail)}
                {facts::ledger(&detail.ledger)}
            </div>
            <aside class="stack gap-5" aria-label=t(use_locale(), k::PAYMENT_FACTS)>
                {facts::money(&detail)}
                {facts::payment(scope, &detail)}
                {facts::attempts(&detail.attempts)}
                {facts::metadata(&detail.metadata)}
            </aside>
        </div>
    }
    .into_any()
}

/// What a person should know about the payment's money.
fn notes(scope: &Scope, detail: &View) -> AnyView {
    let locale = use_locale();
    let notes: Vec<_> = detail
        .notes
        .iter()
        .filter_map(|note| {
            let key = lookup(&["payment.note.", &note.kind].concat())?;
            let text = tf(locale, key, &[("amount", &note.amount.display())]);
            let class = match note.kind.as_str() {
                "contradicted" | "refund_by_rule_failed" => "banner banner-danger",
                "surplus_refunded" | "late_refunded" => "banner banner-info",
                _ => "banner banner-warning",
            };
            let way = (note.kind == "review").then(|| {
                let href = page_href(scope, "payments/review");
                view! { <a class="btn btn-sm" href=href>{t(locale, k::REVIEW_OPEN)}</a> }
            });
            Some(view! { <li class=class>{icon("alert-triangle")} <div><p>{text}</p></div> {way}</li> })
        })
        .collect();
    (!notes.is_empty()).then(|| view! { <ul class="stack gap-2">{notes}</ul> }).into_any()
}

fn head(scope: &Scope, detail: &View, refund: Act<RefundPayment>, open: RwSignal<bool>) -> AnyView {
    let locale = use_locale();
    let row = &detail.row;
    let title = tf(locale, k::PAYMENT_TITLE, &[("amount", &row.amount.display())]);
    let receipt = (!detail.receipt_path.is_empty()).then(|| {
        view! { <a class="btn" href=detail.receipt_path.clone() rel="external" target="_blank">{t(locale, k::PAYMENT_RECEIPT)}</a> }
    });
    let press = move |_| {
        refund.value().set(None);
        open.set(true);
    };
    let button = detail.may_refund.then(|| {
        view! { <button type="button" class="btn btn-primary" on:click=press>{t(locale, k::REFUND_OPEN)}</button> }
    });
    let why_not = detail
        .no_refund_because
        .as_deref()
        .filter(|_| !detail.may_refund)
        .map(|code| view! { <p class="muted small">{code_text(locale, "payment.no_refund.", code)}</p> });
    let sub = [reason(row), row.customer_email.clone(), row.description.clone()];
    let sub: Vec<_> = sub.into_iter().flatten().map(|text| view! { <bdi>{text}</bdi> }).collect();
    view! {
        {set_title(title)}
        <header class="page-head">
            {crumbs(page_href(scope, "payments"), k::PAYMENTS_TITLE, id(&row.id))}
            <div class="page-head-row">
                <div class="headline">
                    <h1 class="headline-amount">{amount(row.amount)}</h1>
                    {payment_badge(row, "badge-lg")}
                </div>
                <div class="page-actions">{receipt} {button}</div>
            </div>
            <p class="headline-sub cluster">{sub} {crate::components::moment(row.created_at)}</p>
            {why_not}
        </header>
    }
    .into_any()
}
