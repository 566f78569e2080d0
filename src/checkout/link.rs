//! `/pay/{link}`: a payment link. Only its POST makes a checkout session, so that looking holds no stock.

use super::{refuse, see_other};
use crate::forms::Posted;
use crate::state::AppState;
use app::hosted::checkout::{Chosen, link_page};
use app::request::RequestInfo;
use axum::{
    Extension,
    extract::{Path, State},
    http::StatusCode,
    response::{Html, IntoResponse, Response},
};
use services::{ServiceError, links};

/// Shows what the link sells.
pub async fn show(
    State(state): State<AppState>,
    Extension(info): Extension<RequestInfo>,
    Path(link): Path<String>,
) -> Response {
    match links::page(&state.services, &link).await {
        Ok(view) => Html(link_page(&info, &path(&link), &view, &Chosen::default(), None)).into_response(),
        Err(error) => refuse(&state, &info, error),
    }
}

fn path(link: &str) -> String {
    format!("/pay/{link}")
}

/// Makes a checkout session and goes there.
pub async fn submit(
    State(state): State<AppState>,
    Extension(info): Extension<RequestInfo>,
    Path(link): Path<String>,
    form: Posted,
) -> Response {
    let chosen = Chosen { amount: form.get("amount"), quantity: form.get("quantity") };
    let opened = links::open_session(&state.services, &link, &chosen.amount, &chosen.quantity, info.locale).await;
    let problem = match opened {
        Ok(token) => return see_other(&format!("/c/{token}")),
        Err(ServiceError::Problem(problem)) if problem.kind != domain::ProblemKind::NotFound => problem,
        Err(error) => return refuse(&state, &info, error),
    };
    match links::page(&state.services, &link).await {
        Ok(view) => {
            let page = link_page(&info, &path(&link), &view, &chosen, Some(&problem));
            (StatusCode::UNPROCESSABLE_ENTITY, Html(page)).into_response()
        }
        Err(error) => refuse(&state, &info, error),
    }
}
