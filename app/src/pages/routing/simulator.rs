//! A payment played through the rules as they stand in the editor, saved or not.

use super::controls::{At, select, text, tick};
use super::draft::Draft;
use super::name_of;
use crate::api::routing::SimulateRouting;
use crate::components::form::{Choice, FormCx};
use crate::components::icon::icon_of;
use crate::components::routing::score_of;
use crate::i18n::{Key, code_text, k, t, tf, use_locale};
use crate::wire::Act;
use domain::routing::{Decision, RuleTrace};
use domain::views::routing::SimulationForm;
use domain::{ConnectionId, Scope};
use leptos::prelude::*;

/// The simulator.
pub fn simulator(scope: &Scope, draft: Draft) -> AnyView {
    let locale = use_locale();
    let action = Act::<SimulateRouting>::new();
    let cx = FormCx::of(action).with_ids("simulation-");
    let payment = RwSignal::new(SimulationForm { currency: "EUR".to_owned(), ..SimulationForm::default() });
    let field = move |name: &str, label: Key, ltr: bool, set: fn(&mut SimulationForm, String)| {
        let value = if name == "currency" { "EUR" } else { "" };
        let at = At::new(name.to_owned(), label);
        text(cx, at, value.to_owned(), ltr, move |typed| payment.update_untracked(|form| set(form, typed)))
    };
    let who = vec![
        Choice::new("", t(locale, k::ROUTING_CUSTOMER_UNKNOWN)),
        Choice::new("new", t(locale, k::ROUTING_CUSTOMER_NEW)),
        Choice::new("returning", t(locale, k::ROUTING_CUSTOMER_RETURNING)),
    ];
    let customer = At::new("customer".to_owned(), k::ROUTING_WHO);
    let later = tick(
        "simulation-capture".to_owned(),
        k::ROUTING_CAPTURE_LATER,
        k::ROUTING_CAPTURE_LATER_HELP,
        false,
        move |on| {
            payment.update_untracked(|form| form.capture_later = on);
        },
    );
    let scope = scope.clone();
    let run = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        action.dispatch(SimulateRouting {
            scope: scope.clone(),
            rules: draft.form(),
            payment: payment.get_untracked(),
        });
    };
    let pending = action.pending();
    let result = move || action.output().map(|simulation| decision(draft, &simulation.decision));
    view! {
        <section class="card" aria-labelledby="simulate-title">
            <header class="card-head"><h2 id="simulate-title">{t(locale, k::ROUTING_SIMULATE)}</h2></header>
            <form class="card-body stack gap-4" novalidate on:submit=run>
                <p class="muted">{t(locale, k::ROUTING_SIMULATE_NOTE)}</p>
                {cx.summary()}
                <div class="field-row">
                    {field("currency", k::ROUTING_CURRENCY, true, |form, typed| form.currency = typed)}
                    {field("amount", k::ROUTING_AMOUNT, true, |form, typed| form.amount = typed)}
                    {field("country", k::ROUTING_THE_COUNTRY, true, |form, typed| form.country = typed)}
                    {field("method", k::ROUTING_THE_METHOD, true, |form, typed| form.method = typed)}
                    {field("brand", k::ROUTING_THE_BRAND, true, |form, typed| form.brand = typed)}
                    {field("issuer_country", k::ROUTING_THE_ISSUER_COUNTRY, true, |form, typed| form.issuer_country = typed)}
                    {select(cx, customer, "", who, move |typed| payment.update_untracked(|form| form.customer = typed))}
                    {field("metadata_key", k::ROUTING_KEY, true, |form, typed| form.metadata_key = typed)}
                    {field("metadata_value", k::ROUTING_VALUE, false, |form, typed| form.metadata_value = typed)}
                </div>
                {later}
                <div class="form-actions">
                    <button type="submit" class="btn" aria-busy=move || pending.get().then_some("true") disabled=move || pending.get()>
                        {icon_of("play", "icon-sm")} {t(locale, k::ROUTING_SIMULATE_RUN)}
                    </button>
                </div>
                <div role="status">{result}</div>
            </form>
        </section>
    }
    .into_any()
}

fn decision(draft: Draft, decision: &Decision) -> AnyView {
    let locale = use_locale();
    let tried: Vec<_> = decision.rules.iter().map(rule).collect();
    let default = decision.rule.is_none().then(|| view! { <li>{mark(true)} {t(locale, k::ROUTING_DEFAULT)}</li> });
    let score = |id: &ConnectionId| decision.learned.as_ref().and_then(|learned| score_of(locale, learned, id));
    let order: Vec<_> = decision
        .order
        .iter()
        .map(|id| {
            let score = score(id).map(|text| view! { <span class="sub">{text}</span> });
            view! { <li>{name_of(draft, id)} {score}</li> }
        })
        .collect();
    let skipped: Vec<_> = decision
        .skipped
        .iter()
        .map(|skipped| {
            let why = code_text(locale, "routing.skip.", skipped.why.as_str());
            view! { <li>{name_of(draft, &skipped.connection)} <span class="sub">{why}</span></li> }
        })
        .collect();
    let order = match (decision.blocked, order.is_empty()) {
        (true, _) => view! { <p>{t(locale, k::ROUTING_BLOCKED)}</p> }.into_any(),
        (false, true) => view! { <p>{t(locale, k::ROUTING_NOBODY)}</p> }.into_any(),
        (false, false) => view! { <ol class="rule-order">{order}</ol> }.into_any(),
    };
    let skipped = (!skipped.is_empty()).then(|| {
        view! { <h3>{t(locale, k::ROUTING_SKIPPED)}</h3> <ul class="rule-trace">{skipped}</ul> }
    });
    view! {
        <div class="stack gap-3 rule-result">
            <h3>{t(locale, k::ROUTING_TRIED)}</h3>
            <ul class="rule-trace">{tried} {default}</ul>
            <h3>{t(locale, k::ROUTING_ORDER)}</h3>
            {order}
            {skipped}
        </div>
    }
    .into_any()
}

fn mark(fits: bool) -> AnyView {
    let (name, class) = if fits { ("check-circle", "icon-sm") } else { ("x-circle", "icon-sm muted") };
    icon_of(name, class).into_any()
}

fn rule(trace: &RuleTrace) -> AnyView {
    let locale = use_locale();
    let why = trace.failed.map(|(field, unknown)| {
        let field = code_text(locale, "routing.field.", field.as_str());
        let key = if unknown { k::ROUTING_NOT_KNOWN } else { k::ROUTING_NOT_MET };
        view! { <span class="sub">{tf(locale, key, &[("field", &field)])}</span> }
    });
    let word = t(locale, if trace.failed.is_none() { k::ROUTING_FITS } else { k::ROUTING_FITS_NOT });
    view! { <li>{mark(trace.failed.is_none())} <bdi>{trace.name.clone()}</bdi> " " <span class="visually-hidden">{word}</span> {why}</li> }
        .into_any()
}
