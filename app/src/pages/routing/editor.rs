//! The rules, one below the other, and the list that is last.

use super::conditions::conditions;
use super::controls::{At, small, text};
use super::draft::Draft;
use super::targets::outcome;
use crate::api::routing::SaveRouting;
use crate::components::form::FormCx;
use crate::components::icon;
use crate::i18n::{code_text, k, t, tf, use_locale};
use crate::pages::page_href;
use crate::wire::Act;
use domain::Scope;
use domain::routing::{MAX_RULES, RuleForm};
use domain::views::routing::RoutingView;
use leptos::prelude::*;

/// The rules.
pub fn editor(scope: &Scope, view: &RoutingView, draft: Draft, save: Act<SaveRouting>) -> AnyView {
    let locale = use_locale();
    let cx = FormCx::of(save);
    let rules = move || {
        let count = draft.rules();
        (0..count).map(|at| rule(cx, draft, at, count)).collect::<Vec<_>>()
    };
    let none = move || (draft.rules() == 0).then(|| view! { <p class="muted">{t(locale, k::ROUTING_NO_RULES)}</p> });
    let saved = view.saved.as_ref().map(|saved| {
        let values: &[(&str, &dyn std::fmt::Display)] = &[("version", &saved.version)];
        view! { <span class="muted small">{tf(locale, k::ROUTING_VERSION, values)}</span> }
    });
    let foot = draft.may_edit.then(|| actions(scope.clone(), cx, draft, save));
    view! {
        <section class="card" aria-labelledby="rules-title">
            <header class="card-head"><h2 id="rules-title">{t(locale, k::ROUTING_RULES)}</h2> {saved}</header>
            <div class="card-body stack gap-5">
                <p class="muted">{t(locale, k::ROUTING_RULES_NOTE)}</p>
                {cx.summary()}
                {none}
                <fieldset class="stack gap-5 rule-list" disabled=!draft.may_edit>
                    <legend class="visually-hidden">{t(locale, k::ROUTING_RULES)}</legend>
                    {rules}
                </fieldset>
                {default_list(scope, view)}
            </div>
            {foot}
        </section>
    }
    .into_any()
}

fn rule(cx: FormCx, draft: Draft, at: usize, count: usize) -> AnyView {
    let locale = use_locale();
    let rule = draft.rule(at);
    let number = at + 1;
    let buttons = draft.may_edit.then(|| {
        let label = |key| tf(locale, key, &[("number", &number)]);
        view! {
            <div class="rule-buttons">
                {small("arrow-up", label(k::ROUTING_RULE_UP), at == 0, move || draft.reshape(|form| form.rules.swap(at, at - 1)))}
                {small("arrow-down", label(k::ROUTING_RULE_DOWN), number == count, move || draft.reshape(|form| form.rules.swap(at, at + 1)))}
                {small("trash", label(k::ROUTING_RULE_REMOVE), false, move || draft.reshape(|form| drop(form.rules.remove(at))))}
            </div>
        }
    });
    let title = tf(locale, k::ROUTING_RULE_NUMBER, &[("number", &number)]);
    let heading = title.clone();
    let name = At::new(format!("rules.{at}.name"), k::ROUTING_RULE_NAME);
    view! {
        <fieldset class="rule" aria-label=title>
            <div class="row between"><h3>{heading}</h3> {buttons}</div>
            {text(cx, name, rule.name.clone(), false, move |typed| draft.type_in_rule(at, |rule| rule.name = typed))}
            {conditions(cx, draft, at, &rule)}
            {outcome(cx, draft, at, &rule)}
        </fieldset>
    }
    .into_any()
}

/// What holds when no rule does.
fn default_list(scope: &Scope, view: &RoutingView) -> AnyView {
    let locale = use_locale();
    let names: Vec<_> = view
        .connections
        .iter()
        .map(|connection| {
            let closed = connection.closed.map(|why| {
                view! { <span class="sub">{code_text(locale, "routing.skip.", why.as_str())}</span> }
            });
            view! { <li><bdi>{connection.name.clone()}</bdi> {closed}</li> }
        })
        .collect();
    let list = if names.is_empty() {
        view! { <p class="muted">{t(locale, k::ROUTING_NO_CONNECTIONS)}</p> }.into_any()
    } else {
        view! { <ol class="rule-order">{names}</ol> }.into_any()
    };
    view! {
        <div class="rule rule-last">
            <h3>{t(locale, k::ROUTING_DEFAULT)}</h3>
            <p class="muted small">
                {t(locale, k::ROUTING_DEFAULT_NOTE)} " " <a href=page_href(scope, "gateways")>{t(locale, k::GATEWAYS_TITLE)}</a>
            </p>
            {list}
        </div>
    }
    .into_any()
}

fn actions(scope: Scope, cx: FormCx, draft: Draft, save: Act<SaveRouting>) -> AnyView {
    let locale = use_locale();
    let pending = save.pending();
    let add = move |_| {
        draft.reshape(|form| {
            if form.rules.len() < MAX_RULES {
                form.rules.push(RuleForm { action: "priority".to_owned(), fallback: true, ..RuleForm::default() });
            }
        });
    };
    let send = move |_| save.dispatch(SaveRouting { scope: scope.clone(), form: draft.form() });
    let note = At::new("note".to_owned(), k::ROUTING_CHANGE_NOTE);
    view! {
        <footer class="card-body stack gap-4 rule-foot">
            <div><button type="button" class="btn" on:click=add>{icon("plus")} {t(locale, k::ROUTING_ADD_RULE)}</button></div>
            {text(cx, note, String::new(), false, move |typed| draft.type_in(|form| form.note = typed))}
            <div class="form-actions">
                <button type="button" class="btn btn-primary" aria-busy=move || pending.get().then_some("true") disabled=move || pending.get() on:click=send>
                    {move || t(locale, if pending.get() { k::FORM_SENDING } else { k::ROUTING_SAVE })}
                </button>
            </div>
        </footer>
    }
    .into_any()
}
