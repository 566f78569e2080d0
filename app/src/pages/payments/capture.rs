//! What is held on the customer's card: how it stands, capturing it, releasing it.

use crate::api::payments::{CapturePayment, VoidPayment};
use crate::components::confirm::{Question, confirm};
use crate::components::dialog::{Dialog, cancel_button};
use crate::components::form::ActionForm;
use crate::components::form::{Choice, Field, FormCx, hidden, submit_with};
use crate::components::time::moment_full;
use crate::components::{amount, icon};
use crate::i18n::{code_text, k, t, tf, use_locale, when};
use crate::pages::scope_fields;
use crate::wire::Act;
use domain::states::{OperationKind, PaymentStatus};
use domain::views::payment::{Authorization, PaymentDetail};
use domain::{Locale, Money, ProblemKind, Scope};
use leptos::prelude::*;

/// How the authorisation stands, in a sentence; nothing of a payment that was charged.
pub fn hold(detail: &PaymentDetail) -> AnyView {
    let Some(held) = &detail.authorization else { return ().into_any() };
    let locale = use_locale();
    let (class, symbol, text) = match (detail.row.status, held.under_way, held.capture_before) {
        (PaymentStatus::Unknown, ..) => {
            ("banner-warning", "alert-triangle", code_text(locale, "payment.no_capture.", "unknown_outcome"))
        }
        (_, Some(OperationKind::Capture), _) => {
            ("banner-info", "clock", t(locale, k::PAYMENT_HOLD_CAPTURING).to_owned())
        }
        (_, Some(_), _) => ("banner-info", "clock", t(locale, k::PAYMENT_HOLD_VOIDING).to_owned()),
        (_, None, Some(end)) => {
            let (size, time) = (held.authorized.display(), when(locale, end));
            let values: &[(&str, &dyn std::fmt::Display)] = &[("amount", &size), ("time", &time)];
            if held.ends_soon {
                ("banner-warning", "alert-triangle", tf(locale, k::PAYMENT_HOLD_ENDS, values))
            } else {
                ("banner-info", "clock", tf(locale, k::PAYMENT_HOLD, values))
            }
        }
        _ => match held.cancellation {
            Some(why) if detail.row.status == PaymentStatus::Canceled => {
                ("", "undo", code_text(locale, "payment.cancellation.", why.as_str()))
            }
            _ => return ().into_any(),
        },
    };
    let because = held
        .no_capture_because
        .as_deref()
        .filter(|code| !matches!(*code, "under_way" | "unknown_outcome"))
        .map(|code| view! { <p>{code_text(locale, "payment.no_capture.", code)}</p> });
    view! {
        <div class=["banner ", class].concat().trim_end().to_owned() role="status">
            {icon(symbol)} <div><p>{text}</p> {because}</div>
        </div>
    }
    .into_any()
}

/// The capture dialog: it restates amount, payer and what is released; a part is chosen, never assumed.
#[component]
pub fn CaptureDialog(
    /// Merchant and mode.
    scope: Scope,
    /// The payment.
    detail: PaymentDetail,
    /// What is held.
    held: Authorization,
    /// The form's own key, by which a second POST captures nothing more.
    form_key: String,
    /// The action.
    action: Act<CapturePayment>,
    /// Whether it is open.
    open: RwSignal<bool>,
) -> impl IntoView {
    let locale = use_locale();
    let all = held.authorized;
    let cx = FormCx::of(action).with_ids("capture-").while_open(open);
    let (partial, typed) = (RwSignal::new(false), RwSignal::new(String::new()));
    let title = tf(locale, k::CAPTURE_TITLE, &[("amount", &all.display())]);
    let label = Signal::derive(move || match chosen(all, partial.get(), &typed.get()) {
        Some(money) => tf(locale, k::CAPTURE_SUBMIT, &[("amount", &money.display())]),
        None => t(locale, k::CAPTURE_SUBMIT_PART).to_owned(),
    });
    let stale = move || {
        cx.problem().with(|p| p.as_ref().is_some_and(|p| p.kind == ProblemKind::Conflict && p.fields.is_empty()))
    };
    view! {
        <Dialog open=open id="capture-title" title=title>
            <ActionForm action=action>
                <div class="dialog-body">
                    {cx.summary()}
                    {move || stale().then(|| view! { <a class="btn btn-sm" href="" rel="external">{t(locale, k::CAPTURE_RELOAD)}</a> })}
                    {scope_fields(&scope)}
                    {hidden("id", detail.row.id.as_str())}
                    {hidden("form[form_key]", form_key)}
                    {hidden("form[authorized]", all.minor.to_string())}
                    {restate(&detail, &held)}
                    <div on:change=move |event| choose(&event, partial)>
                        {Field::new("kind", t(locale, k::CAPTURE_HOW_MUCH)).value("full").radios(&cx, kinds(locale, all))}
                    </div>
                    <div hidden=move || !partial.get() on:input=move |event| typed.set(event_target_value(&event))>
                        {Field::new("amount", t(locale, k::CAPTURE_AMOUNT))
                            .decimal()
                            .affix(all.currency.code())
                            .help(tf(locale, k::CAPTURE_AMOUNT_HELP, &[("max", &all.display())]))
                            .view(&cx)}
                    </div>
                    {split(all, partial, typed)}
                    <p class="muted small">{t(locale, k::CAPTURE_EXPLAIN)}</p>
                </div>
                <footer class="dialog-foot">
                    {cancel_button(open)}
                    {submit_with(action.pending(), "btn-primary", label)}
                </footer>
            </ActionForm>
        </Dialog>
    }
}

fn kinds(locale: Locale, all: Money) -> Vec<Choice> {
    let full = tf(locale, k::CAPTURE_FULL, &[("amount", &all.display())]);
    vec![Choice::new("full", full), Choice::new("partial", t(locale, k::CAPTURE_PARTIAL))]
}

/// A change among the radio buttons.
fn choose(event: &leptos::ev::Event, partial: RwSignal<bool>) {
    match event_target_value(event).as_str() {
        "full" => partial.set(false),
        "partial" => partial.set(true),
        _ => {}
    }
}

/// What would be captured; none while a part can't be read.
fn chosen(all: Money, partial: bool, typed: &str) -> Option<Money> {
    if !partial {
        return Some(all);
    }
    Money::parse(typed, all.currency).ok().filter(|money| (1..=all.minor).contains(&money.minor))
}

/// Payer, card, and until when.
fn restate(detail: &PaymentDetail, held: &Authorization) -> AnyView {
    let locale = use_locale();
    let row = &detail.row;
    let line = |label, value: AnyView| view! { <div><dt>{t(locale, label)}</dt><dd>{value}</dd></div> };
    let payer = row
        .customer_email
        .clone()
        .map(|email| line(k::CAPTURE_PAYER, view! { <bdi dir="ltr">{email}</bdi> }.into_any()));
    let card = crate::components::money::card(row.card_brand.as_deref(), row.card_last4.as_deref());
    let from = row.card_last4.is_some().then(|| line(k::CAPTURE_FROM, card));
    let before = held.capture_before.map(|at| line(k::CAPTURE_BEFORE, moment_full(at)));
    let authorized =
        view! { <div><dt>{t(locale, k::PAYMENT_AUTHORIZED)}</dt><dd class="num">{amount(held.authorized)}</dd></div> };
    view! { <dl class="kv">{payer} {from} {before} {authorized}</dl> }.into_any()
}

/// What the customer is charged, and what is released.
fn split(all: Money, partial: RwSignal<bool>, typed: RwSignal<String>) -> AnyView {
    let locale = use_locale();
    let parts = move || {
        let taken = chosen(all, partial.get(), &typed.get())?;
        Some((taken, all.minus(taken).ok()?))
    };
    let shown = move |(taken, rest): (Money, Money)| {
        view! {
            <dl class="kv">
                <div><dt>{t(locale, k::CAPTURE_CHARGED)}</dt><dd class="num">{amount(taken)}</dd></div>
                <div><dt>{t(locale, k::CAPTURE_REST)}</dt><dd class="num">{amount(rest)}</dd></div>
            </dl>
        }
    };
    view! { <div aria-live="polite">{move || parts().map(shown)}</div> }.into_any()
}

/// The dialog that releases: it restates amount and payer.
pub fn void_dialog(
    scope: &Scope,
    detail: &PaymentDetail,
    form_key: String,
    action: Act<VoidPayment>,
    open: RwSignal<bool>,
) -> AnyView {
    let Some(held) = detail.authorization.as_ref().filter(|held| held.may_void) else { return ().into_any() };
    let locale = use_locale();
    let size = held.authorized.display();
    let payer = detail.row.customer_email.clone().unwrap_or_else(|| t(locale, k::VOID_NOBODY).to_owned());
    let question = Question {
        id: "void-title",
        title: tf(locale, k::VOID_TITLE, &[("amount", &size)]),
        text: tf(locale, k::VOID_TEXT, &[("payer", &payer)]),
        label: tf(locale, k::VOID_SUBMIT, &[("amount", &size)]),
    };
    let (scope, id) = (scope.clone(), detail.row.id.clone());
    confirm(question, open, action.pending(), move || {
        action.dispatch(VoidPayment { scope: scope.clone(), id: id.clone(), form_key: form_key.clone() });
    })
}
