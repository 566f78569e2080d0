//! `/challenge/{token}`: the sandbox's stand-in for the page of the customer's bank.

use super::{refuse, see_other};
use crate::state::AppState;
use app::hosted::checkout::{challenge_over, challenge_page};
use app::request::RequestInfo;
use axum::{
    Extension, Form,
    extract::{Path, State},
    http::StatusCode,
    response::{Html, IntoResponse, Response},
};
use domain::ProblemKind;
use serde::Deserialize;
use services::{ServiceError, checkout};

/// How the bank shall answer.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Answer {
    answer: String,
}

/// Asks.
pub async fn show(
    State(state): State<AppState>,
    Extension(info): Extension<RequestInfo>,
    Path(token): Path<String>,
) -> Response {
    match checkout::challenge(&state.services, &token).await {
        Ok(view) => Html(challenge_page(&info, &token, &view)).into_response(),
        Err(error) => over(&state, &info, error),
    }
}

/// Answers the gateway and goes back to checkout, which asks the gateway for the outcome.
pub async fn submit(
    State(state): State<AppState>,
    Extension(info): Extension<RequestInfo>,
    Path(token): Path<String>,
    Form(form): Form<Answer>,
) -> Response {
    match checkout::answer_challenge(&state.services, &token, form.answer == "approve").await {
        Ok(session) => see_other(&format!("/c/{session}/return")),
        Err(error) => over(&state, &info, error),
    }
}

/// A challenge that is answered or too old.
fn over(state: &AppState, info: &RequestInfo, error: ServiceError) -> Response {
    match &error {
        ServiceError::Problem(problem) if matches!(problem.kind, ProblemKind::NotFound | ProblemKind::Conflict) => {
            (StatusCode::GONE, Html(challenge_over(info))).into_response()
        }
        _ => refuse(state, info, error),
    }
}
