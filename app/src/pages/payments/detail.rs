//! One payment.

use super::capture::{CaptureDialog, hold, void_dialog};
use super::disputes::disputes;
use super::facts;
use super::list::reason;
use super::refund::RefundDialog;
use super::surplus::surpluses;
use super::timeline::timeline;
use crate::api::bank::MarkSurplusReturned;
use crate::api::payments::{CapturePayment, LoadPayment, PaymentPage, RefundPayment, VoidPayment};
use crate::components::badge::payment_badge;
use crate::components::form::FormCx;
use crate::components::page::crumbs;
use crate::components::toast::use_toasts;
use crate::components::{Loaded, action_problem, amount, icon, id, load_page, set_title};
use crate::i18n::{code_text, k, lookup, t, tf, use_locale};
use crate::pages::{page_href, use_scope};
use crate::wire::Act;
use domain::Scope;
use domain::views::payment::PaymentDetail as View;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

/// What can be done here, and which dialogs are open.
#[derive(Clone, Copy)]
struct Acts {
    refund: Act<RefundPayment>,
    capture: Act<CapturePayment>,
    void: Act<VoidPayment>,
    returned: Act<MarkSurplusReturned>,
    refunding: RwSignal<bool>,
    capturing: RwSignal<bool>,
    voiding: RwSignal<bool>,
    returning: RwSignal<bool>,
}

impl Acts {
    fn new() -> Self {
        let closed = || RwSignal::new(false);
        Self {
            refund: Act::new(),
            capture: Act::new(),
            void: Act::new(),
            returned: Act::new(),
            refunding: closed(),
            capturing: closed(),
            voiding: closed(),
            returning: closed(),
        }
    }
}

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
    let acts = Acts::new();
    let toasts = use_toasts();
    let locale = use_locale();
    let done = move |core: crate::wire::Core, open: RwSignal<bool>, text| {
        Effect::new(move |_| {
            if core.succeeded() {
                open.set(false);
                toasts.show(t(locale, text));
                data.refetch();
            }
        });
    };
    done(acts.refund.core(), acts.refunding, k::REFUND_SENT);
    done(acts.capture.core(), acts.capturing, k::CAPTURE_SENT);
    done(acts.void.core(), acts.voiding, k::VOID_SENT);
    done(acts.returned.core(), acts.returning, k::PAYMENT_SURPLUS_DONE);
    // These have no forms of their own to say what is wrong: the page does.
    let asked_only =
        [(FormCx::of(acts.void).problem(), acts.voiding), (FormCx::of(acts.returned).problem(), acts.returning)];
    let problems = asked_only.map(|(problem, open)| {
        Effect::new(move |_| {
            if problem.with(Option::is_some) {
                open.set(false);
            }
        });
        move || action_problem(problem.get())
    });
    let [void_problem, returned_problem] = problems;
    view! {
        {void_problem}
        {returned_problem}
        {load_page(k::PAYMENTS_TITLE, data, move |page| content(&scope, page, acts))}
    }
}

fn content(scope: &Scope, page: PaymentPage, acts: Acts) -> AnyView {
    let PaymentPage { detail, form_key } = page;
    let capture = detail.authorization.clone().filter(|held| held.may_capture).map(|held| {
        let form_key = form_key.clone();
        view! {
            <CaptureDialog scope=scope.clone() detail=detail.clone() held=held form_key=form_key action=acts.capture open=acts.capturing/>
        }
    });
    let void = void_dialog(scope, &detail, form_key.clone(), acts.void, acts.voiding);
    let dialog = detail.may_refund.then(|| {
        view! { <RefundDialog scope=scope.clone() detail=detail.clone() form_key=form_key action=acts.refund open=acts.refunding/> }
    });
    view! {
        {head(scope, &detail, acts)}
        {notes(scope, &detail)}
        {surpluses(scope, &detail.surpluses, acts.returned, acts.returning)}
        {hold(&detail)}
        {capture}
        {void}
        {dialog}
        <div class="split">
            <div class="stack gap-5">
                {timeline(&detail.timeline)}
                {disputes(&detail.disputes)}
                {facts::refunds(&detail)}
                {facts::ledger(&detail.ledger)}
            </div>
            <aside class="stack gap-5" aria-label=t(use_locale(), k::PAYMENT_FACTS)>
                {facts::money(&detail)}
                {facts::payment(scope, &detail)}
                {facts::attempts(&detail.attempts, &detail.connection_names)}
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
                "contradicted" | "refund_by_rule_failed" | "refunded_and_disputed" => "banner banner-danger",
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

fn head(scope: &Scope, detail: &View, acts: Acts) -> AnyView {
    let locale = use_locale();
    let row = &detail.row;
    let title = tf(locale, k::PAYMENT_TITLE, &[("amount", &row.amount.display())]);
    let receipt = (!detail.receipt_path.is_empty()).then(|| {
        view! { <a class="btn" href=detail.receipt_path.clone() rel="external" target="_blank">{t(locale, k::PAYMENT_RECEIPT)}</a> }
    });
    let press = move |_| {
        acts.refund.value().set(None);
        acts.refunding.set(true);
    };
    let button = detail.may_refund.then(|| {
        view! { <button type="button" class="btn btn-primary" on:click=press>{t(locale, k::REFUND_OPEN)}</button> }
    });
    let release = move |_| {
        acts.void.value().set(None);
        acts.voiding.set(true);
    };
    let void = detail.authorization.as_ref().is_some_and(|held| held.may_void).then(|| {
        view! { <button type="button" class="btn btn-danger-quiet" on:click=release>{t(locale, k::VOID_OPEN)}</button> }
    });
    let take = move |_| {
        acts.capture.value().set(None);
        acts.capturing.set(true);
    };
    let capture = detail.authorization.as_ref().is_some_and(|held| held.may_capture).then(|| {
        view! { <button type="button" class="btn btn-primary" on:click=take>{t(locale, k::CAPTURE_OPEN)}</button> }
    });
    let why_not = detail
        .no_refund_because
        .as_deref()
        // What is held can be captured or released: that nothing can be refunded goes without saying.
        .filter(|_| !detail.may_refund && detail.authorization.is_none())
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
                <div class="page-actions">{receipt} {void} {capture} {button}</div>
            </div>
            <p class="headline-sub cluster">{sub} {crate::components::time::moment_alone(row.created_at)}</p>
            {why_not}
        </header>
    }
    .into_any()
}
