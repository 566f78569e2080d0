//! `/c/{token}`: what is bought, and paying it.

use super::{refuse, see_other};
use crate::forms::Posted;
use crate::state::AppState;
use app::hosted::checkout::{Typed, pay_page, status_page};
use app::request::RequestInfo;
use axum::{
    Extension,
    extract::{Path, State},
    http::StatusCode,
    response::{Html, IntoResponse, Response},
};
use domain::{
    Problem, ProblemKind,
    views::checkout::{CardFields, CheckoutStage, CheckoutView, PayForm},
};
use services::{ServiceError, checkout};

/// Shows where the checkout stands.
pub async fn show(
    State(state): State<AppState>,
    Extension(info): Extension<RequestInfo>,
    Path(token): Path<String>,
) -> Response {
    match checkout::view(&state.services, &token).await {
        Ok(view) => answer(&state, &info, &token, &view, &Typed::default(), None),
        Err(error) => refuse(&state, &info, error),
    }
}

/// Pays. A second POST of the same form finds the first one's outcome.
pub async fn submit(
    State(state): State<AppState>,
    Extension(info): Extension<RequestInfo>,
    Path(token): Path<String>,
    form: Posted,
) -> Response {
    let form = pay_form(&form);
    let typed = Typed { email: form.email.clone(), name: form.name.clone(), method: form.method.clone() };
    let problem = match checkout::pay(&state.services, &token, form, &info.origin).await {
        Ok(CheckoutStage::Pay { .. }) => None,
        Ok(CheckoutStage::Action { url }) => return see_other(&url),
        Ok(CheckoutStage::Paid { receipt_token }) => return see_other(&format!("/r/{receipt_token}")),
        Ok(_) => return see_other(&format!("/c/{token}")),
        Err(ServiceError::Problem(problem)) if keeps_the_form(&problem) => Some(problem),
        Err(error) => return refuse(&state, &info, error),
    };
    match checkout::view(&state.services, &token).await {
        Ok(view) => answer(&state, &info, &token, &view, &typed, Some(problem.as_ref())),
        Err(error) => refuse(&state, &info, error),
    }
}

/// What was posted, as typed.
fn pay_form(form: &Posted) -> PayForm {
    PayForm {
        form_key: form.get("form_key"),
        method: form.get("method"),
        email: form.get("email"),
        name: form.get("name"),
        connection: form.get("connection"),
        gateway_token: form.get("gateway_token"),
        via: form.get("via"),
        card: CardFields {
            card_number: form.get("card_number"),
            card_expiry: form.get("card_expiry"),
            card_code: form.get("card_code"),
        },
    }
}

/// Back from the bank's page: asks the gateway, then shows where it stands.
pub async fn returned(
    State(state): State<AppState>,
    Extension(info): Extension<RequestInfo>,
    Path(token): Path<String>,
) -> Response {
    match checkout::returned(&state.services, &token).await {
        Ok(CheckoutStage::Paid { receipt_token }) => see_other(&format!("/r/{receipt_token}")),
        Ok(_) => see_other(&format!("/c/{token}")),
        Err(error) => refuse(&state, &info, error),
    }
}

/// A refusal that leaves the customer at the form, with what they typed.
fn keeps_the_form(problem: &Problem) -> bool {
    matches!(
        problem.kind,
        ProblemKind::Invalid | ProblemKind::Conflict | ProblemKind::RateLimited | ProblemKind::Unavailable
    )
}

/// The page for a stage. `refused` is set after a POST that did not pay: with the problem of what was typed, or with none when the
/// card was declined, which the view itself tells.
fn answer(
    state: &AppState,
    info: &RequestInfo,
    token: &str,
    view: &CheckoutView,
    typed: &Typed,
    refused: Option<Option<&Problem>>,
) -> Response {
    match &view.stage {
        CheckoutStage::Pay { .. } => {
            let form_key = state.services.new_token();
            let status = if refused.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
            let page = pay_page(info, &format!("/c/{token}"), view, typed, refused.flatten(), &form_key);
            (status, Html(page)).into_response()
        }
        CheckoutStage::Action { url } => see_other(url),
        CheckoutStage::Paid { receipt_token } => see_other(&format!("/r/{receipt_token}")),
        _ => Html(status_page(info, view)).into_response(),
    }
}
