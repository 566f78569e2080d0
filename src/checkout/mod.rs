//! The customer's pages: checkout, payment links, the sandbox's challenge and receipts.
//!
//! Plain forms: GET shows, POST answers 303, or 422 with everything that was typed (but never a card's fields). They work
//! without JavaScript and send no WebAssembly.

mod challenge;
mod link;
mod pay;
mod receipt;
mod tell_me;

use crate::state::AppState;
use app::request::RequestInfo;
use axum::{
    Router,
    http::StatusCode,
    response::{Html, IntoResponse, Redirect, Response},
    routing::{get, post},
};
use domain::{Problem, ProblemKind};
use services::ServiceError;

/// `/c/{token}`, `/pay/{link}`, `/challenge/{token}`, `/r/{token}`.
pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/c/{token}", get(pay::show).post(pay::submit))
        .route("/c/{token}/return", get(pay::returned))
        .route("/c/{token}/go", get(pay::go_on))
        .route("/c/{token}/again", post(pay::start_over))
        .route("/c/{token}/tell-me", post(tell_me::submit))
        .route("/pay/{link}", get(link::show).post(link::submit))
        .route("/challenge/{token}", get(challenge::show).post(challenge::submit))
        .route("/r/{token}/forget", post(receipt::forget))
        .route("/r/{token}", get(receipt::show))
}

/// What can't be shown: a page that says there is nothing to pay here, or the general error page.
fn refuse(state: &AppState, info: &RequestInfo, error: ServiceError) -> Response {
    let problem: Problem = error.into_problem();
    if problem.kind == ProblemKind::NotFound {
        return (StatusCode::NOT_FOUND, Html(app::hosted::checkout::not_found(info))).into_response();
    }
    crate::errors::respond_to(state, info, problem)
}

/// 303, always within this site.
fn see_other(path: &str) -> Response {
    Redirect::to(path).into_response()
}
