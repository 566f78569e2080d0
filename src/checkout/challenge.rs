//! `/challenge/{token}`: the sandbox's stand-in for the page of the customer's bank.

use super::{refuse, see_other};
use crate::forms::Posted;
use crate::state::AppState;
use app::hosted::checkout::{challenge_over, challenge_page};
use app::request::RequestInfo;
use axum::{
    Extension,
    extract::{Path, State},
    http::StatusCode,
    response::{Html, IntoResponse, Response},
};
use domain::{FieldProblem, Problem, ProblemKind, problem::codes};
use services::{ServiceError, checkout};

/// Asks.
pub async fn show(
    State(state): State<AppState>,
    Extension(info): Extension<RequestInfo>,
    Path(token): Path<String>,
) -> Response {
    match checkout::challenge(&state.services, &token).await {
        Ok(view) => Html(challenge_page(&info, &token, &view, None)).into_response(),
        Err(error) => over(&state, &info, error),
    }
}

/// Answers the gateway and goes back to checkout, which asks the gateway for the outcome.
pub async fn submit(
    State(state): State<AppState>,
    Extension(info): Extension<RequestInfo>,
    Path(token): Path<String>,
    form: Posted,
) -> Response {
    let pass = match form.get("answer").as_str() {
        "approve" => true,
        "refuse" => false,
        // Neither of the two buttons: nothing is answered for the customer.
        other => return again(&state, &info, &token, other).await,
    };
    match checkout::answer_challenge(&state.services, &token, pass).await {
        Ok(session) => see_other(&format!("/c/{session}/return")),
        Err(error) => over(&state, &info, error),
    }
}

/// Asks once more.
async fn again(state: &AppState, info: &RequestInfo, token: &str, answer: &str) -> Response {
    let code = if answer.is_empty() { codes::REQUIRED } else { codes::BAD_CHOICE };
    let problem = Problem::fields(vec![FieldProblem::new("answer", code)]);
    match checkout::challenge(&state.services, token).await {
        Ok(view) => {
            let page = challenge_page(info, token, &view, Some(problem));
            (StatusCode::UNPROCESSABLE_ENTITY, Html(page)).into_response()
        }
        Err(error) => over(state, info, error),
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
