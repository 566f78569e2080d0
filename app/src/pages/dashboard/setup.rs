//! The checklist that leads a new merchant to the first payment.

use super::destination;
use crate::api::portal::ResendVerification;
use crate::components::icon::icon_of;
use crate::i18n::{code_text, k, number, t, tf, use_locale};
use crate::wire::Act;
use domain::Scope;
use domain::views::dashboard::SetupStep;
use leptos::prelude::*;

/// The steps: what is done, what comes next.
pub fn checklist(scope: &Scope, steps: Vec<SetupStep>) -> AnyView {
    let locale = use_locale();
    let done = steps.iter().filter(|step| step.done).count();
    let next = steps.iter().position(|step| !step.done);
    let label = tf(
        locale,
        k::DASHBOARD_SETUP_PROGRESS,
        &[("done", &number(locale, to_i64(done))), ("all", &number(locale, to_i64(steps.len())))],
    );
    let (max, value) = (steps.len().to_string(), done.to_string());
    let items: Vec<_> = steps.into_iter().enumerate().map(|(at, step)| task(scope, step, Some(at) == next)).collect();
    view! {
        <section class="card" aria-labelledby="setup">
            <header class="card-head">
                <h2 id="setup">{t(locale, k::DASHBOARD_SETUP)}</h2>
                <progress class="progress" max=max value=value aria-label=label.clone()>{label.clone()}</progress>
            </header>
            <div class="card-body"><ol class="checklist">{items}</ol></div>
        </section>
    }
    .into_any()
}

fn to_i64(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn task(scope: &Scope, step: SetupStep, next: bool) -> AnyView {
    let locale = use_locale();
    let text = |part: &str| code_text(locale, "setup.", &[&step.key, ".", part].concat());
    let class = if step.done { "task is-done" } else { "task" };
    let mark = step.done.then(|| icon_of("check", "icon-sm"));
    let state = step.done.then(|| view! { <span class="visually-hidden">{t(locale, k::DASHBOARD_STEP_DONE)}</span> });
    let body = (!step.done).then(|| view! { <p>{text("text")}</p> });
    let action = match (step.done, step.key.as_str()) {
        (true, _) => ().into_any(),
        (false, "verify_email") => resend(),
        (false, _) => {
            let class = if next { "btn btn-sm btn-primary" } else { "btn btn-sm" };
            destination(scope, &step.path)
                .map(|(href, rel)| view! { <a class=class href=href rel=rel>{text("action")}</a> })
                .into_any()
        }
    };
    view! {
        <li class=class>
            <span class="task-mark">{mark}</span>
            <div class="task-body"><b>{text("title")}</b> {state} {body}</div>
            {action}
        </li>
    }
    .into_any()
}

/// The mail that verifies the address, once more.
fn resend() -> AnyView {
    let locale = use_locale();
    let action = Act::<ResendVerification>::new();
    let sent = move || action.core().succeeded();
    view! {
        <button
            type="button"
            class="btn btn-sm"
            disabled=move || action.pending().get() || sent()
            on:click=move |_| action.dispatch(ResendVerification {})
        >
            <span aria-live="polite">
                {move || t(locale, if sent() { k::DASHBOARD_MAIL_SENT } else { k::DASHBOARD_MAIL_RESEND })}
            </span>
        </button>
    }
    .into_any()
}
