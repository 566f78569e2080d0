//! The refund dialog: it restates amount, payer and what remains, and a partial refund is chosen, never assumed.

use crate::api::payments::RefundPayment;
use crate::components::amount;
use crate::components::dialog::{Dialog, cancel_button};
use crate::components::form::ActionForm;
use crate::components::form::{Choice, Field, FormCx, hidden, submit_with};
use crate::i18n::{code_text, k, t, tf, use_locale};
use crate::pages::scope_fields;
use crate::wire::Act;
use domain::views::payment::PaymentDetail;
use domain::{Locale, Money, ProblemKind, Scope};
use leptos::prelude::*;

/// Reasons, the most common first.
const REASONS: &[&str] = &["requested_by_customer", "duplicate", "fraudulent", "other"];

/// The dialog of one payment.
#[component]
pub fn RefundDialog(
    /// Merchant and mode.
    scope: Scope,
    /// The payment.
    detail: PaymentDetail,
    /// The form's own key, by which a second POST refunds nothing more.
    form_key: String,
    /// The action.
    action: Act<RefundPayment>,
    /// Whether it is open.
    open: RwSignal<bool>,
) -> impl IntoView {
    let locale = use_locale();
    let left = detail.refundable;
    let cx = FormCx::of(action).with_ids("refund-").while_open(open);
    let (partial, typed) = (RwSignal::new(false), RwSignal::new(String::new()));
    let title = tf(locale, k::REFUND_TITLE, &[("amount", &detail.row.amount.display())]);
    let label = Signal::derive(move || button_label(locale, left, partial.get(), &typed.get()));
    let reasons = REASONS.iter().map(|r| Choice::new(*r, code_text(locale, "refund.reason.", r))).collect();
    let stale = move || {
        cx.problem().with(|p| p.as_ref().is_some_and(|p| p.kind == ProblemKind::Conflict && p.fields.is_empty()))
    };
    view! {
        <Dialog open=open id="refund-title" title=title>
            <ActionForm action=action>
                <div class="dialog-body">
                    {cx.summary()}
                    {move || stale().then(|| view! { <a class="btn btn-sm" href="" rel="external">{t(locale, k::REFUND_RELOAD)}</a> })}
                    {restate(&detail)}
                    {scope_fields(&scope)}
                    {hidden("id", detail.row.id.as_str())}
                    {hidden("form[form_key]", form_key)}
                    {hidden("form[remaining]", left.minor.to_string())}
                    <div on:change=move |event| choose(&event, partial)>
                        {Field::new("kind", t(locale, k::REFUND_HOW_MUCH)).value("full").radios(&cx, kinds(locale, left))}
                    </div>
                    <div hidden=move || !partial.get() on:input=move |event| typed.set(event_target_value(&event))>
                        {Field::new("amount", t(locale, k::REFUND_AMOUNT))
                            .decimal()
                            .affix(left.currency.code())
                            .help(tf(locale, k::REFUND_AMOUNT_HELP, &[("max", &left.display())]))
                            .view(&cx)}
                    </div>
                    {Field::new("reason", t(locale, k::REFUND_REASON)).value("requested_by_customer").select(&cx, reasons)}
                    {Field::new("note", t(locale, k::REFUND_NOTE)).help(t(locale, k::REFUND_NOTE_HELP)).optional().area(&cx, 2)}
                    <p class="muted small">{t(locale, k::REFUND_EXPLAIN)}</p>
                </div>
                <footer class="dialog-foot">
                    {cancel_button(open)}
                    {submit_with(action.pending(), "btn-danger", label)}
                </footer>
            </ActionForm>
        </Dialog>
    }
}

fn kinds(locale: Locale, left: Money) -> Vec<Choice> {
    let all = tf(locale, k::REFUND_FULL, &[("amount", &left.display())]);
    vec![Choice::new("full", all), Choice::new("partial", t(locale, k::REFUND_PARTIAL))]
}

/// A change among the radio buttons.
fn choose(event: &leptos::ev::Event, partial: RwSignal<bool>) {
    match event_target_value(event).as_str() {
        "full" => partial.set(false),
        "partial" => partial.set(true),
        _ => {}
    }
}

/// Amount, payer, remainder.
fn restate(detail: &PaymentDetail) -> AnyView {
    let locale = use_locale();
    let payer = detail.row.customer_email.clone().map(|email| {
        view! { <div><dt>{t(locale, k::REFUND_PAYER)}</dt><dd><bdi dir="ltr">{email}</bdi></dd></div> }
    });
    let card = crate::components::money::card(detail.row.card_brand.as_deref(), detail.row.card_last4.as_deref());
    let to =
        detail.row.card_last4.is_some().then(|| view! { <div><dt>{t(locale, k::REFUND_TO)}</dt><dd>{card}</dd></div> });
    view! {
        <dl class="kv">
            {payer}
            {to}
            <div><dt>{t(locale, k::REFUND_PAID)}</dt><dd class="num">{amount(detail.captured)}</dd></div>
            <div class="kv-total"><dt>{t(locale, k::REFUND_LEFT)}</dt><dd class="num">{amount(detail.refundable)}</dd></div>
        </dl>
    }
    .into_any()
}

/// The amount is on the button.
fn button_label(locale: Locale, left: Money, partial: bool, typed: &str) -> String {
    if !partial {
        return tf(locale, k::REFUND_SUBMIT, &[("amount", &left.display())]);
    }
    match Money::parse(typed, left.currency) {
        Ok(money) if money.minor > 0 => tf(locale, k::REFUND_SUBMIT, &[("amount", &money.display())]),
        _ => t(locale, k::REFUND_SUBMIT_PART).to_owned(),
    }
}
