//! The steps that are fields: saved as typed at every press of a button.

use super::enter::{Entered, enter};
use super::to_step;
use crate::errors::respond_to;
use crate::forms::{Posted, refused, see_other};
use crate::state::AppState;
use app::RequestInfo;
use app::hosted::onboarding::{Wizard, render, step_path};
use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use domain::Problem;
use domain::views::application::{Answers, ApplicationView, Owner, Step};

/// Rows of owners that are read from a form; more are too many anyway, and said to be.
const MOST_ROWS: usize = 50;

macro_rules! step {
    ($name:ident, $step:expr) => {
        pub(super) async fn $name(state: State<AppState>, info: Extension<RequestInfo>, form: Posted) -> Response {
            save(state, info, form, $step).await
        }
    };
}

step!(business, Step::Business);
step!(activity, Step::Activity);
step!(owners, Step::Owners);
step!(bank, Step::Bank);

/// What the pressed button asks for.
#[derive(Debug, PartialEq, Eq)]
enum Do {
    Next,
    Draft,
    AddOwner,
    RemoveOwner(usize),
}

impl Do {
    fn of(form: &Posted) -> Self {
        let asked = form.get("do");
        match asked.as_str() {
            "draft" => Self::Draft,
            "add_owner" => Self::AddOwner,
            other => match other.strip_prefix("remove_owner.").and_then(|index| index.parse().ok()) {
                Some(index) => Self::RemoveOwner(index),
                None => Self::Next,
            },
        }
    }
}

async fn save(
    State(state): State<AppState>,
    Extension(info): Extension<RequestInfo>,
    form: Posted,
    step: Step,
) -> Response {
    let entered = match enter(&state, &info, &form.get("m")).await {
        Ok(entered) => entered,
        Err(response) => return response,
    };
    let asked = Do::of(&form);
    let mut typed = answers(&form);
    match asked {
        // A fresh start shows one row that is not stored yet.
        Do::AddOwner => typed.owners.push(Owner::default()),
        Do::RemoveOwner(index) if index < typed.owners.len() => drop(typed.owners.remove(index)),
        _ => {}
    }
    let version = form.get("version").parse().unwrap_or(0);
    match services::applications::save_step(&state.services, &entered.actor, step, &typed, version).await {
        Ok(view) => saved(&info, &entered, view, step, &asked),
        Err(error) => {
            let problem = error.into_problem();
            match entered.view(&state).await {
                Ok(view) => {
                    refused(&state, &info, problem.into(), |problem| again(&info, &entered, view, step, typed, problem))
                }
                Err(error) => respond_to(&state, &info, error.into_problem()),
            }
        }
    }
}

/// The draft is stored. On to the next step when this one is complete; else the same page says what is still needed.
fn saved(info: &RequestInfo, entered: &Entered, view: ApplicationView, step: Step, asked: &Do) -> Response {
    match asked {
        Do::Draft => return to_step(&view, step, Some("saved")),
        Do::AddOwner => {
            let last = view.answers.owners.len().saturating_sub(1);
            return see_other(&format!("{}#owners-{last}-name", step_path(&view.merchant_id, step)));
        }
        Do::RemoveOwner(_) => return see_other(&format!("{}#owners", step_path(&view.merchant_id, step))),
        Do::Next => {}
    }
    let missing =
        view.steps.iter().find(|state| state.step == step).map(|state| state.missing.clone()).unwrap_or_default();
    if missing.is_empty() {
        return to_step(&view, next(step), None);
    }
    let mut wizard = Wizard::at(view, entered.status, step);
    wizard.problem = Some(Problem::fields(missing));
    wizard.saved_with_gaps = true;
    (StatusCode::UNPROCESSABLE_ENTITY, Html(render(info, wizard))).into_response()
}

/// The page with what was typed; nothing of it is stored. It carries the current version: whoever looked at the message and
/// saves again means it.
fn again(
    info: &RequestInfo,
    entered: &Entered,
    view: ApplicationView,
    step: Step,
    typed: Answers,
    problem: Problem,
) -> String {
    let mut wizard = Wizard::at(view, entered.status, step);
    wizard.answers = typed;
    wizard.problem = Some(problem);
    render(info, wizard)
}

fn next(step: Step) -> Step {
    let at = Step::ALL.iter().position(|s| *s == step).unwrap_or(0);
    Step::ALL.get(at + 1).copied().unwrap_or(Step::Review)
}

/// The fields of all steps; the service takes those of the one that was posted.
fn answers(form: &Posted) -> Answers {
    let get = |name: &str| form.get(name);
    Answers {
        legal_name: get("legal_name"),
        trading_name: get("trading_name"),
        legal_form: get("legal_form"),
        company_number: get("company_number"),
        tax_number: get("tax_number"),
        address_line: get("address_line"),
        address_line2: get("address_line2"),
        city: get("city"),
        region: get("region"),
        postal_code: get("postal_code"),
        country: get("country"),
        phone: get("phone"),
        website: get("website"),
        category: get("category"),
        description: get("description"),
        monthly_volume: get("monthly_volume"),
        volume_currency: get("volume_currency"),
        average_payment: get("average_payment"),
        owners: rows(form),
        account_holder: get("account_holder"),
        account_kind: get("account_kind"),
        iban: get("iban"),
        account_number: get("account_number"),
        bank_code: get("bank_code"),
        bank_country: get("bank_country"),
    }
}

/// The rows `owners.0.name`, `owners.0.birth_date` …, as many as were posted.
fn rows(form: &Posted) -> Vec<Owner> {
    let index = |name: &str| name.strip_prefix("owners.")?.split('.').next()?.parse::<usize>().ok();
    let count = form.names().filter_map(index).filter(|i| *i < MOST_ROWS).max().map_or(0, |last| last + 1);
    (0..count)
        .map(|i| {
            let get = |name: &str| form.get(&format!("owners.{i}.{name}"));
            Owner {
                name: get("name"),
                birth_date: get("birth_date"),
                country: get("country"),
                share: get("share"),
                role: get("role"),
            }
        })
        .collect()
}
