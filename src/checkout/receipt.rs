//! `/r/{token}`: the receipt, which also shows later refunds.

use super::refuse;
use crate::state::AppState;
use app::hosted::checkout::receipt_page;
use app::request::RequestInfo;
use axum::{
    Extension,
    extract::{Path, State},
    response::{Html, IntoResponse, Response},
};
use services::checkout;

/// Shows the receipt.
pub async fn show(
    State(state): State<AppState>,
    Extension(info): Extension<RequestInfo>,
    Path(token): Path<String>,
) -> Response {
    match checkout::receipt(&state.services, &token).await {
        Ok(view) => Html(receipt_page(&info, &view)).into_response(),
        Err(error) => refuse(&state, &info, error),
    }
}
