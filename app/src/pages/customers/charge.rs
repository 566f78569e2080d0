//! The dialog that charges a method in its customer's absence: it restates who and what is charged, and how much is on the button.

use super::detail::Acts;
use super::method::shown;
use crate::api::customers::CustomerPage;
use crate::components::dialog::{Dialog, cancel_button};
use crate::components::form::{ActionForm, currency_choices, hidden, submit_with};
use crate::components::success::anew;
use crate::components::{Field, FormCx};
use crate::i18n::{k, t, tf, use_locale};
use crate::pages::scope_fields;
use domain::views::checkout::SavedMethod;
use domain::{Currency, Locale, Money, ProblemKind, Scope};
use leptos::prelude::*;

/// What is typed so far, for the button.
#[derive(Clone, Copy)]
struct Typed {
    currency: RwSignal<String>,
    amount: RwSignal<String>,
}

/// The dialog, once for all methods.
pub(super) fn charge_dialog(scope: &Scope, page: &CustomerPage, acts: Acts) -> AnyView {
    let locale = use_locale();
    let open = acts.charging;
    let cx = FormCx::of(acts.charge).with_ids("charge-").while_open(open);
    let typed = Typed { currency: RwSignal::new(page.currency.clone()), amount: RwSignal::new(String::new()) };
    let label = Signal::derive(move || button_label(locale, &typed.currency.get(), &typed.amount.get()));
    let stale = move || {
        cx.problem().with(|p| p.as_ref().is_some_and(|p| p.kind == ProblemKind::Conflict && p.fields.is_empty()))
    };
    let (email, currency) = (page.customer.row.email.clone(), page.currency.clone());
    let make = move || {
        typed.currency.set(currency.clone());
        typed.amount.set(String::new());
        fields(&cx, &email, &currency, acts.chosen.get_untracked().as_ref(), typed)
    };
    let place = scope_fields(scope);
    let whom = hidden("id", page.customer.row.id.as_str());
    let key = hidden("form[form_key]", page.form_key.clone());
    view! {
        <Dialog open=open id="charge-title" title=t(locale, k::CUSTOMERS_CHARGE_TITLE).to_owned()>
            <ActionForm action=acts.charge>
                <div class="dialog-body">
                    {cx.summary()}
                    {move || stale().then(|| view! { <a class="btn btn-sm" href="" rel="external">{t(locale, k::CUSTOMERS_RELOAD)}</a> })}
                    {place}
                    {whom}
                    {key}
                    {anew(acts.turn.into(), make)}
                    <p class="muted small">{t(locale, k::CUSTOMERS_CHARGE_EXPLAIN)}</p>
                </div>
                <footer class="dialog-foot">
                    {cancel_button(open)}
                    {submit_with(acts.charge.pending(), "btn-primary", label)}
                </footer>
            </ActionForm>
        </Dialog>
    }
    .into_any()
}

fn fields(cx: &FormCx, email: &str, currency: &str, method: Option<&SavedMethod>, typed: Typed) -> AnyView {
    let locale = use_locale();
    let from = method
        .map(|method| view! { <div><dt>{t(locale, k::CUSTOMERS_CHARGE_FROM)}</dt><dd>{shown(method)}</dd></div> });
    let id = method.map(|method| method.id.to_string()).unwrap_or_default();
    view! {
        <dl class="kv">
            <div><dt>{t(locale, k::CUSTOMERS_EMAIL)}</dt><dd><bdi dir="ltr">{email.to_owned()}</bdi></dd></div>
            {from}
        </dl>
        {hidden("form[method]", id)}
        <div class="field-row">
            <div on:input=move |event| typed.amount.set(event_target_value(&event))>
                {Field::new("amount", t(locale, k::CUSTOMERS_CHARGE_AMOUNT)).decimal().autocomplete("off").view(cx)}
            </div>
            <div on:change=move |event| typed.currency.set(event_target_value(&event))>
                {Field::new("currency", t(locale, k::CUSTOMERS_CHARGE_CURRENCY))
                    .value(currency)
                    .select(cx, currency_choices(currency))}
            </div>
        </div>
        {Field::new("description", t(locale, k::CUSTOMERS_CHARGE_FOR))
            .help(t(locale, k::CUSTOMERS_CHARGE_FOR_HELP))
            .view(cx)}
    }
    .into_any()
}

/// The amount is on the button, once it can be read.
fn button_label(locale: Locale, currency: &str, amount: &str) -> String {
    let money = currency.parse::<Currency>().ok().and_then(|currency| Money::parse(amount, currency).ok());
    match money {
        Some(money) if money.minor > 0 => tf(locale, k::CUSTOMERS_CHARGE_SUBMIT, &[("amount", &money.display())]),
        _ => t(locale, k::CUSTOMERS_CHARGE).to_owned(),
    }
}
