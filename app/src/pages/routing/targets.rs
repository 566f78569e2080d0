//! What a rule does, and to which connections it sends.

use super::controls::{At, add, select, small, text, tick};
use super::draft::Draft;
use crate::components::form::{Choice, FormCx};
use crate::components::icon;
use crate::i18n::{code_text, k, number, t, tf, use_locale};
use domain::routing::{EXPLORE_DEFAULT, EXPLORE_MAX, MIN_SAMPLE, RuleForm, TargetForm};
use leptos::prelude::*;

/// What a rule does.
pub fn outcome(cx: FormCx, draft: Draft, rule_at: usize, rule: &RuleForm) -> AnyView {
    let locale = use_locale();
    let path = format!("rules.{rule_at}");
    let actions = ["priority", "split", "learn", "block"]
        .map(|action| Choice::new(action, code_text(locale, "routing.action.", action)))
        .to_vec();
    let choose = move |action: String| {
        draft.reshape_rule(rule_at, |rule| {
            if action == "learn" && rule.explore.is_empty() {
                rule.explore = EXPLORE_DEFAULT.to_string();
            }
            rule.action = action;
        });
    };
    let body = if rule.action == "block" {
        view! { <p class="muted small">{t(locale, k::ROUTING_BLOCK_NOTE)}</p> }.into_any()
    } else {
        targets(cx, draft, rule_at, rule)
    };
    view! {
        <fieldset class="fieldset rule-part">
            <legend class="field-label">{t(locale, k::ROUTING_THEN)}</legend>
            {select(cx, At::new(format!("{path}.action"), k::ROUTING_ACTION), &rule.action, actions, choose)}
            {body}
        </fieldset>
    }
    .into_any()
}

fn targets(cx: FormCx, draft: Draft, rule_at: usize, rule: &RuleForm) -> AnyView {
    let locale = use_locale();
    let path = format!("rules.{rule_at}.targets");
    let split = rule.action == "split";
    let count = rule.targets.len();
    let rows: Vec<_> = rule
        .targets
        .iter()
        .enumerate()
        .map(|(at, target)| row(cx, draft, (rule_at, at, count), split, target))
        .collect();
    let button = draft.may_edit.then(|| {
        add(k::ROUTING_ADD_TARGET, move || {
            let free = draft.connections.with_value(|all| {
                let rule = draft.rule(rule_at);
                all.iter()
                    .map(|c| c.id.to_string())
                    .find(|id| rule.targets.iter().all(|target| target.connection != *id))
            });
            draft.reshape_rule(rule_at, |rule| {
                rule.targets.push(TargetForm { connection: free.unwrap_or_default(), percent: String::new() });
            });
        })
    });
    let learns = (rule.action == "learn").then(|| learning(cx, draft, rule_at, rule));
    cx.name_field(&path, t(locale, k::ROUTING_TARGETS));
    let (id, error_path) = (cx.id(&path), path.clone());
    let error =
        move || cx.error(&error_path).map(|text| view! { <p class="field-error">{icon("x-circle")} " " {text}</p> });
    let ids = format!("rule-{rule_at}");
    view! {
        <div class="stack gap-3" id=id tabindex="-1">
            {error}
            {rows}
            <div>{button}</div>
            {learns}
            {tick(format!("{ids}-fallback"), k::ROUTING_FALLBACK, k::ROUTING_FALLBACK_HELP, rule.fallback, move |on| draft.type_in_rule(rule_at, |rule| rule.fallback = on))}
            {tick(format!("{ids}-soft"), k::ROUTING_RETRY_SOFT, k::ROUTING_RETRY_SOFT_HELP, rule.retry_soft, move |on| draft.type_in_rule(rule_at, |rule| rule.retry_soft = on))}
        </div>
    }
    .into_any()
}

/// What choosing by success rate counts and does, and how many payments look elsewhere.
fn learning(cx: FormCx, draft: Draft, rule_at: usize, rule: &RuleForm) -> AnyView {
    let locale = use_locale();
    let at = At::new(format!("rules.{rule_at}.explore"), k::ROUTING_EXPLORE);
    let explore = text(cx, at, rule.explore.clone(), true, move |typed| {
        draft.type_in_rule(rule_at, |rule| rule.explore = typed);
    });
    let counted = tf(locale, k::ROUTING_LEARN_COUNTED, &[("sample", &number(locale, i64::from(MIN_SAMPLE)))]);
    let share = number(locale, i64::from(EXPLORE_MAX));
    view! {
        <div class="stack gap-2">
            <p class="muted small">{counted}</p>
            <p class="muted small">{t(locale, k::ROUTING_LEARN_NOT_COUNTED)}</p>
            {explore}
            <p class="muted small">{tf(locale, k::ROUTING_EXPLORE_HELP, &[("max", &share)])}</p>
        </div>
    }
    .into_any()
}

fn row(
    cx: FormCx,
    draft: Draft,
    (rule_at, at, count): (usize, usize, usize),
    split: bool,
    target: &TargetForm,
) -> AnyView {
    let locale = use_locale();
    let path = format!("rules.{rule_at}.targets.{at}");
    let mut choices = vec![Choice::new("", t(locale, k::ROUTING_CHOOSE))];
    draft
        .connections
        .with_value(|all| choices.extend(all.iter().map(|c| Choice::new(c.id.to_string(), c.name.clone()))));
    let set = move |change: fn(&mut TargetForm, String), typed: String| {
        draft.type_in_rule(rule_at, |rule| {
            if let Some(target) = rule.targets.get_mut(at) {
                change(target, typed);
            }
        });
    };
    let percent = split.then(|| {
        let at = At::new(format!("{path}.percent"), k::ROUTING_PERCENT);
        text(cx, at, target.percent.clone(), true, move |typed| set(|target, typed| target.percent = typed, typed))
    });
    let place = at + 1;
    let up = (!split && draft.may_edit).then(|| {
        small("arrow-up", tf(locale, k::ROUTING_TARGET_UP, &[("number", &place)]), at == 0, move || {
            draft.reshape_rule(rule_at, |rule| rule.targets.swap(at, at - 1));
        })
    });
    let down = (!split && draft.may_edit).then(|| {
        small("arrow-down", tf(locale, k::ROUTING_TARGET_DOWN, &[("number", &place)]), place == count, move || {
            draft.reshape_rule(rule_at, |rule| rule.targets.swap(at, at + 1));
        })
    });
    let remove = draft.may_edit.then(|| {
        small("trash", tf(locale, k::ROUTING_TARGET_REMOVE, &[("number", &place)]), false, move || {
            draft.reshape_rule(rule_at, |rule| drop(rule.targets.remove(at)));
        })
    });
    let chosen = move |typed| set(|target, typed| target.connection = typed, typed);
    let label =
        At { path: format!("{path}.connection"), label: tf(locale, k::ROUTING_CONNECTION, &[("number", &place)]) };
    view! {
        <div class="rule-row">
            {select(cx, label, &target.connection, choices, chosen)}
            {percent}
            <div class="rule-buttons">{up} {down} {remove}</div>
        </div>
    }
    .into_any()
}
