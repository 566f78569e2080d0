//! The application for live mode: plain forms, each step kept as a draft.

mod answer;
mod documents;
mod enter;
mod steps;
mod submit;

use crate::forms::{html, local, see_other};
use crate::state::AppState;
use app::RequestInfo;
use app::hosted::onboarding::{Done, Wizard, render, step_path};
use axum::extract::rejection::QueryRejection;
use axum::extract::{OriginalUri, Query, State};
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Extension, Router};
use domain::views::application::{ApplicationView, Step};
use serde::Deserialize;

/// `/onboarding` and its forms.
pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/onboarding", get(page))
        .route("/onboarding/business", post(steps::business))
        .route("/onboarding/activity", post(steps::activity))
        .route("/onboarding/owners", post(steps::owners))
        .route("/onboarding/bank", post(steps::bank))
        .route("/onboarding/documents/upload", post(documents::upload).layer(documents::limit()))
        .route("/onboarding/documents/remove", post(documents::remove))
        .route("/onboarding/answer", post(answer::send))
        .route("/onboarding/submit", post(submit::send))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    m: String,
    step: String,
    done: String,
}

async fn page(
    State(state): State<AppState>,
    Extension(info): Extension<RequestInfo>,
    OriginalUri(uri): OriginalUri,
    query: Result<Query<Asked>, QueryRejection>,
) -> Response {
    if info.user.is_none() {
        let asked = uri.path_and_query().map_or("/onboarding", axum::http::uri::PathAndQuery::as_str);
        let next = local(asked).map(|next| format!("?next={}", crate::forms::percent(&next))).unwrap_or_default();
        return see_other(&format!("/login{next}"));
    }
    let asked = query.map(|Query(asked)| asked).unwrap_or_default();
    let entered = match enter::enter(&state, &info, &asked.m).await {
        Ok(entered) => entered,
        Err(response) => return response,
    };
    let view = match entered.view(&state).await {
        Ok(view) => view,
        Err(error) => return crate::errors::respond_to(&state, &info, error.into_problem()),
    };
    let step = asked.step.parse().unwrap_or_else(|()| first_open(&view));
    let mut wizard = Wizard::at(view, entered.status, step);
    wizard.done = match asked.done.as_str() {
        "saved" => Some(Done::Saved),
        "stored" => Some(Done::Stored),
        "removed" => Some(Done::Removed),
        "answered" => Some(Done::Answered),
        _ => None,
    };
    html(render(&info, wizard))
}

/// The first step in which something is missing.
fn first_open(view: &ApplicationView) -> Step {
    view.steps
        .iter()
        .find(|state| !state.complete && state.step != Step::Review)
        .map_or(Step::Review, |state| state.step)
}

/// On to a step, with what was done.
fn to_step(view: &ApplicationView, step: Step, done: Option<&str>) -> Response {
    let done = done.map(|done| format!("&done={done}")).unwrap_or_default();
    see_other(&format!("{}{done}", step_path(&view.merchant_id, step)))
}
