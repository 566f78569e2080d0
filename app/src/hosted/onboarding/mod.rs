//! The application for live mode: a wizard of plain forms, each step kept as a draft.

mod activity;
mod bank;
mod business;
mod documents;
mod frame;
mod labels;
mod messages;
mod owners;
mod review;
mod status;

use super::form::FormCx;
use crate::i18n::{Key, k, t, tf};
use crate::request::RequestInfo;
use domain::views::application::{Answers, ApplicationView, Step};
use domain::{MerchantId, Problem, states::MerchantStatus};
use leptos::prelude::*;

/// What was just done, told at the head of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Done {
    /// A draft was saved.
    Saved,
    /// A document was stored.
    Stored,
    /// A document was removed.
    Removed,
    /// An answer was stored.
    Answered,
}

/// The wizard's state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wizard {
    /// The application.
    pub view: ApplicationView,
    /// What the account may do.
    pub merchant_status: MerchantStatus,
    /// The step shown.
    pub step: Step,
    /// What stands in the fields: what was typed last, or what is stored.
    pub answers: Answers,
    /// What was typed in the page's small form: the answer to the reviewers, or the document's purpose.
    pub typed: String,
    /// What is wrong.
    pub problem: Option<Problem>,
    /// What was done.
    pub done: Option<Done>,
    /// Whether the draft was saved although something is wrong.
    pub saved_with_gaps: bool,
}

impl Wizard {
    /// The wizard at a step, with what is stored.
    #[must_use]
    pub fn at(view: ApplicationView, merchant_status: MerchantStatus, step: Step) -> Self {
        let answers = view.answers.clone();
        Self {
            view,
            merchant_status,
            step,
            answers,
            typed: String::new(),
            problem: None,
            done: None,
            saved_with_gaps: false,
        }
    }
}

/// The address of a step.
#[must_use]
pub fn step_path(merchant: &MerchantId, step: Step) -> String {
    format!("/onboarding?m={merchant}&step={}", step.as_str())
}

/// The page of a step; of the state, where nothing can be changed.
#[must_use]
pub fn render(info: &RequestInfo, wizard: Wizard) -> String {
    let locale = info.locale;
    let editable = wizard.view.status.is_editable();
    let title = if editable { t(locale, step_name(wizard.step)) } else { t(locale, k::ONBOARDING_TITLE) };
    frame::document(info, title, wizard, editable, |wizard| {
        if !editable {
            return status::page(&wizard);
        }
        let cx = FormCx::hosted(wizard.problem.clone().map(in_form_order));
        match wizard.step {
            Step::Business => business::form(&cx, &wizard),
            Step::Activity => activity::form(&cx, &wizard),
            Step::Owners => owners::form(&cx, &wizard),
            Step::Bank => bank::form(&cx, &wizard),
            Step::Documents => documents::page(&cx, &wizard),
            Step::Review => review::page(&cx, &wizard),
        }
    })
}

/// The name of a step.
const fn step_name(step: Step) -> Key {
    match step {
        Step::Business => k::ONBOARDING_STEP_BUSINESS,
        Step::Activity => k::ONBOARDING_STEP_ACTIVITY,
        Step::Owners => k::ONBOARDING_STEP_OWNERS,
        Step::Bank => k::ONBOARDING_STEP_BANK,
        Step::Documents => k::ONBOARDING_STEP_DOCUMENTS,
        Step::Review => k::ONBOARDING_STEP_REVIEW,
    }
}

/// Sends the step's form: save and go on, or save for later.
fn actions() -> AnyView {
    let locale = crate::i18n::use_locale();
    view! {
        <div class="form-actions">
            <button type="submit" class="btn btn-primary" name="do" value="next">{t(locale, k::ONBOARDING_SAVE_NEXT)}</button>
            <button type="submit" class="btn" name="do" value="draft">{t(locale, k::ONBOARDING_SAVE_DRAFT)}</button>
        </div>
    }
    .into_any()
}

/// A step's form around its fields.
fn step_form(cx: &FormCx, wizard: &Wizard, intro: Key, fields: AnyView) -> AnyView {
    let locale = crate::i18n::use_locale();
    let action = format!("/onboarding/{}", wizard.step.as_str());
    view! {
        <p class="muted">{t(locale, intro)}</p>
        <form class="form" method="post" action=action novalidate>
            {super::form::error_summary(cx)}
            {super::form::hidden("m", wizard.view.merchant_id.to_string())}
            {super::form::hidden("version", wizard.view.version.to_string())}
            // Enter in a field presses a form's first button: this one, whatever buttons stand between.
            <button type="submit" class="visually-hidden" name="do" value="next" tabindex="-1" aria-hidden="true">
                {t(locale, k::ONBOARDING_SAVE_NEXT)}
            </button>
            {fields}
            {actions()}
        </form>
    }
    .into_any()
}

/// A country's chooser.
fn country_choices() -> Vec<super::form::Choice> {
    let locale = crate::i18n::use_locale();
    let mut all = vec![super::form::Choice::new("", t(locale, k::ONBOARDING_CHOOSE))];
    all.extend(super::countries::sorted(locale).into_iter().map(|(code, name)| super::form::Choice::new(code, name)));
    all
}

/// A chooser of names of the catalogue, with nothing chosen first.
fn named_choices(prefix: &str, names: &[&str]) -> Vec<super::form::Choice> {
    let locale = crate::i18n::use_locale();
    let mut all = vec![super::form::Choice::new("", t(locale, k::ONBOARDING_CHOOSE))];
    all.extend(names.iter().map(|n| super::form::Choice::new(*n, crate::i18n::code_text(locale, prefix, n))));
    all
}

/// "Application of Acme".
fn of_business(wizard: &Wizard) -> String {
    tf(crate::i18n::use_locale(), k::ONBOARDING_FOR, &[("business", &isolated(&wizard.view.merchant_name))])
}

/// A name with a direction of its own, inside a sentence of another (Unicode's first-strong isolate).
fn isolated(text: &str) -> String {
    format!("\u{2068}{text}\u{2069}")
}

/// Problems in the order in which the form asks, which is not that of the rules.
fn in_form_order(mut problem: Problem) -> Problem {
    let place = |field: &str| business::ORDER.iter().position(|known| *known == field).unwrap_or(usize::MAX);
    problem.fields.sort_by_key(|f| place(&f.field));
    problem
}
