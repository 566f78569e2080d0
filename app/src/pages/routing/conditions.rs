//! A rule's conditions.

use super::controls::{At, add, select, small, text};
use super::draft::Draft;
use crate::components::form::{Choice, FormCx};
use crate::i18n::{code_text, k, t, tf, use_locale};
use domain::routing::{ConditionField, ConditionForm, RuleForm};
use leptos::prelude::*;

/// The conditions of a rule, and a way to add one.
pub fn conditions(cx: FormCx, draft: Draft, rule_at: usize, rule: &RuleForm) -> AnyView {
    let locale = use_locale();
    let rows: Vec<_> =
        rule.when.iter().enumerate().map(|(at, condition)| row(cx, draft, rule_at, at, condition)).collect();
    let none = rule.when.is_empty().then(|| view! { <p class="muted small">{t(locale, k::ROUTING_EVERY_PAYMENT)}</p> });
    let button = draft.may_edit.then(|| {
        add(k::ROUTING_ADD_CONDITION, move || {
            draft.reshape_rule(rule_at, |rule| {
                rule.when.push(ConditionForm { field: "currency".to_owned(), ..ConditionForm::default() });
            });
        })
    });
    let inside = view! { {none} {rows} <div>{button}</div> }.into_any();
    view! {
        <fieldset class="fieldset rule-part">
            <legend class="field-label">{t(locale, k::ROUTING_WHEN)}</legend>
            {inside}
        </fieldset>
    }
    .into_any()
}

fn row(cx: FormCx, draft: Draft, rule_at: usize, at: usize, condition: &ConditionForm) -> AnyView {
    let locale = use_locale();
    let path = format!("rules.{rule_at}.when.{at}");
    let fields: Vec<Choice> = ConditionField::ALL
        .iter()
        .map(|field| Choice::new(field.as_str(), code_text(locale, "routing.field.", field.as_str())))
        .collect();
    let change = move |field: String| {
        draft.reshape_rule(rule_at, |rule| {
            if let Some(condition) = rule.when.get_mut(at) {
                *condition = ConditionForm { field, ..ConditionForm::default() };
            }
        });
    };
    let remove = tf(locale, k::ROUTING_REMOVE_CONDITION, &[("number", &(at + 1))]);
    view! {
        <div class="rule-row">
            {select(cx, At::new(format!("{path}.field"), k::ROUTING_FIELD), &condition.field, fields, change)}
            {values(cx, draft, (rule_at, at), &path, condition)}
            {draft.may_edit.then(|| small("trash", remove, false, move || draft.reshape_rule(rule_at, |rule| drop(rule.when.remove(at)))))}
        </div>
    }
    .into_any()
}

/// What the field is compared with: as it fits the field.
fn values(cx: FormCx, draft: Draft, (rule_at, at): (usize, usize), path: &str, condition: &ConditionForm) -> AnyView {
    let locale = use_locale();
    let set = move |change: fn(&mut ConditionForm, String), typed: String| {
        draft.type_in_rule(rule_at, |rule| {
            if let Some(condition) = rule.when.get_mut(at) {
                change(condition, typed);
            }
        });
    };
    let key = move |typed| set(|condition, typed| condition.key = typed, typed);
    let value = move |typed| set(|condition, typed| condition.value = typed, typed);
    let (key_path, value_path) = (format!("{path}.key"), format!("{path}.value"));
    match condition.field.parse() {
        Ok(ConditionField::AmountAtLeast | ConditionField::AmountBelow) => view! {
            {text(cx, At::new(key_path, k::ROUTING_CURRENCY), condition.key.clone(), true, key)}
            {text(cx, At::new(value_path, k::ROUTING_AMOUNT), condition.value.clone(), true, value)}
        }
        .into_any(),
        Ok(ConditionField::Metadata) => view! {
            {text(cx, At::new(key_path, k::ROUTING_KEY), condition.key.clone(), true, key)}
            {text(cx, At::new(value_path, k::ROUTING_VALUES), condition.value.clone(), false, value)}
        }
        .into_any(),
        Ok(ConditionField::Customer) => {
            let choices = vec![
                Choice::new("", ""),
                Choice::new("new", t(locale, k::ROUTING_CUSTOMER_NEW)),
                Choice::new("returning", t(locale, k::ROUTING_CUSTOMER_RETURNING)),
            ];
            select(cx, At::new(value_path, k::ROUTING_WHO), &condition.value, choices, value)
        }
        Ok(ConditionField::Country) => view! {
            {text(cx, At::new(value_path, k::ROUTING_VALUES), condition.value.clone(), true, value)}
            <p class="muted small">{t(locale, k::ROUTING_COUNTRY_NOTE)}</p>
        }
        .into_any(),
        _ => text(cx, At::new(value_path, k::ROUTING_VALUES), condition.value.clone(), true, value),
    }
}
