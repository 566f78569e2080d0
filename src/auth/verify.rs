//! Confirm an address.

use super::{enter, is_over};
use crate::forms::{Posted, html, refused, too_many};
use crate::limits::Action;
use crate::state::AppState;
use app::RequestInfo;
use app::hosted::auth::{self, EndedLink};
use axum::Extension;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{Html, IntoResponse, Response};
use serde::Deserialize;
use services::ServiceError;
use tower_sessions::Session;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    token: String,
}

pub(super) async fn show(
    Extension(info): Extension<RequestInfo>,
    query: Result<Query<Asked>, QueryRejection>,
) -> Response {
    page(&info, query.map(|Query(asked)| asked.token).unwrap_or_default())
}

fn page(info: &RequestInfo, token: String) -> Response {
    // A token of ours is URL-safe; anything else is none.
    let possible = !token.is_empty()
        && token.len() <= 100
        && token.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
    if !possible {
        return ended(info);
    }
    let path = format!("/verify?token={token}");
    html(auth::verify(info, token, &path, None))
}

fn ended(info: &RequestInfo) -> Response {
    (StatusCode::GONE, Html(auth::link_ended(info, EndedLink::Verify))).into_response()
}

pub(super) async fn send(
    State(state): State<AppState>,
    Extension(info): Extension<RequestInfo>,
    session: Session,
    headers: HeaderMap,
    form: Posted,
) -> Response {
    let token = form.get("token");
    let outcome = match state.limits.address(Action::Token, info.origin.ip.as_deref()) {
        Ok(()) => services::accounts::verify_email(&state.services, &token, &info.origin).await,
        Err(seconds) => Err(too_many(seconds)),
    };
    match outcome {
        Ok(user) => enter(&state, &info, &headers, &session, &user, "/").await,
        Err(ServiceError::Problem(problem)) if is_over(&problem) => ended(&info),
        Err(error) => refused(&state, &info, error, |problem| auth::verify(&info, token, "/verify", Some(problem))),
    }
}
