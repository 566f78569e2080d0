//! The bar at the head, the list of steps at the side, and what the operator said last.

use super::{Done, Wizard, of_business, step_name, step_path};
use crate::components::icon::{icon, icon_of};
use crate::hosted::{HostedPage, brand, footer, page};
use crate::i18n::{k, t, use_locale};
use crate::request::RequestInfo;
use domain::states::ApplicationStatus;
use domain::views::application::{Step, StepState};
use leptos::prelude::*;

/// The document around a step.
pub(super) fn document(
    info: &RequestInfo,
    title: &'static str,
    wizard: Wizard,
    editable: bool,
    content: impl FnOnce(Wizard) -> AnyView,
) -> String {
    let locale = info.locale;
    let error = wizard.problem.is_some();
    let path = step_path(&wizard.view.merchant_id, wizard.step);
    let for_footer = info.clone();
    page(HostedPage { error, ..HostedPage::new(title, info) }, || {
        let dashboard = format!("/m/{}/test/dashboard", wizard.view.merchant_id);
        view! {
            <header class="hosted-bar">
                {brand()}
                <span class="push"></span>
                <a class="btn btn-ghost" href=dashboard>{t(locale, k::ONBOARDING_TO_DASHBOARD)}</a>
            </header>
            <div class="wizard">
                <div class="wizard-steps">{steps(&wizard, editable)}</div>
                <main class="wizard-main" id="main">
                    <header class="stack gap-2">
                        <p class="muted small">{of_business(&wizard)}</p>
                        <h1>{title}</h1>
                    </header>
                    {notices(&wizard)}
                    {content(wizard)}
                </main>
            </div>
            {footer(&for_footer, &path)}
        }
    })
}

/// The steps as links; to the parts of the page, where all of them stand on one and nothing can be changed.
fn steps(wizard: &Wizard, editable: bool) -> AnyView {
    let locale = use_locale();
    let items: Vec<_> = Step::ALL
        .iter()
        .filter(|step| editable || **step != Step::Review)
        .enumerate()
        .map(|(i, step)| {
            let state = wizard.view.steps.iter().find(|s| s.step == *step);
            let current = editable && *step == wizard.step;
            let (class, mark, word) = marks(*step, state, current, i + 1);
            let href =
                if editable { step_path(&wizard.view.merchant_id, *step) } else { format!("#step-{}", step.as_str()) };
            view! {
                <li class=class aria-current=current.then_some("step")>
                    <a href=href>
                        <span class="step-mark" aria-hidden="true">{mark}</span>
                        <span>{t(locale, step_name(*step))}</span>
                        {word.map(|word| view! { <span class="visually-hidden">" (" {word} ")"</span> })}
                    </a>
                </li>
            }
        })
        .collect();
    view! { <nav aria-label=t(locale, k::ONBOARDING_STEPS)><ol class="steps">{items}</ol></nav> }.into_any()
}

fn marks(
    step: Step,
    state: Option<&StepState>,
    current: bool,
    number: usize,
) -> (&'static str, AnyView, Option<&'static str>) {
    let locale = use_locale();
    let plain = || number.to_string().into_any();
    match state {
        Some(state) if state.complete && step != Step::Review => {
            ("step is-done", icon_of("check", "icon-sm"), Some(t(locale, k::ONBOARDING_STEP_DONE)))
        }
        // An empty step is only told to be missing once something was to be submitted: a fresh start is no row of warnings.
        Some(state) if !state.complete && !current && step != Step::Review => {
            ("step", plain(), Some(t(locale, k::ONBOARDING_STEP_MISSING)))
        }
        _ => ("step", plain(), None),
    }
}

/// What was just done, and what the operator asked.
fn notices(wizard: &Wizard) -> AnyView {
    let locale = use_locale();
    let done = wizard.done.map(|done| match done {
        Done::Saved => k::ONBOARDING_SAVED,
        Done::Stored => k::ONBOARDING_DOCUMENT_STORED,
        Done::Removed => k::ONBOARDING_DOCUMENT_REMOVED,
        Done::Answered => k::ONBOARDING_ANSWER_SENT,
    });
    let done = done.map(|text| {
        view! { <div class="banner banner-success" role="status">{icon("check-circle")}<p>{t(locale, text)}</p></div> }
    });
    let gaps = wizard.saved_with_gaps.then(|| {
        view! { <p class="muted" role="status">{t(locale, k::ONBOARDING_SAVED_WITH_GAPS)}</p> }
    });
    let asked = match wizard.view.status {
        ApplicationStatus::MoreInformation => {
            Some((k::ONBOARDING_STATUS_MORE_INFORMATION_TITLE, k::ONBOARDING_STATUS_MORE_INFORMATION_BODY))
        }
        ApplicationStatus::Denied => Some((k::ONBOARDING_STATUS_DENIED_TITLE, k::ONBOARDING_STATUS_DENIED_BODY)),
        _ => None,
    };
    let asked = asked.map(|(title, body)| {
        let last = wizard.view.messages.iter().rev().find(|m| m.kind == "request" || m.kind == "decision");
        let href = format!("{}#messages", step_path(&wizard.view.merchant_id, Step::Review));
        view! {
            <div class="banner banner-warning">
                {icon("alert-triangle")}
                <div>
                    <b>{t(locale, title)}</b>
                    <p>{t(locale, body)}</p>
                    {last.map(|m| view! { <blockquote class="prose" dir="auto">{m.body.clone()}</blockquote> })}
                </div>
                <a class="btn btn-sm" href=href>{t(locale, k::ONBOARDING_ANSWER)}</a>
            </div>
        }
    });
    view! { {done} {gaps} {asked} }.into_any()
}
