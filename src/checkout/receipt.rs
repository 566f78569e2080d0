//! `/r/{token}`: the receipt, which also shows later refunds.

use super::{refuse, see_other};
use crate::state::AppState;
use app::hosted::checkout::receipt_page;
use app::request::RequestInfo;
use axum::{
    Extension,
    extract::{Path, State},
    response::{Html, IntoResponse, Response},
};
use domain::ProblemKind;
use services::{ServiceError, checkout, saved};

/// Shows the receipt.
pub async fn show(
    State(state): State<AppState>,
    Extension(info): Extension<RequestInfo>,
    Path(token): Path<String>,
) -> Response {
    match checkout::receipt(&state.services, &token).await {
        Ok(mut view) => {
            if !is_customer(&info) {
                view.saved = None;
            }
            Html(receipt_page(&info, &format!("/r/{token}"), &view)).into_response()
        }
        Err(error) => refuse(&state, &info, error),
    }
}

/// Whoever is logged in came from the portal, where taking a method away needs a right of its own.
const fn is_customer(info: &RequestInfo) -> bool {
    info.user.is_none()
}

/// Takes away what was kept with the payment. Whoever does it twice sees the same receipt.
pub async fn forget(
    State(state): State<AppState>,
    Extension(info): Extension<RequestInfo>,
    Path(token): Path<String>,
) -> Response {
    let back = see_other(&format!("/r/{token}"));
    if !is_customer(&info) {
        return back;
    }
    match saved::detach_by_receipt(&state.services, &token, &info.origin).await {
        Ok(()) => back,
        Err(ServiceError::Problem(problem)) if problem.kind == ProblemKind::NotFound => back,
        Err(error) => refuse(&state, &info, error),
    }
}
