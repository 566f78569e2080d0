//! A forgotten password.

use super::{enter, is_over};
use crate::forms::{Posted, html, refused, see_other, too_many};
use crate::limits::Action;
use crate::state::AppState;
use app::RequestInfo;
use app::hosted::auth::{EndedLink, ask_reset, link_ended, new_password};
use axum::Extension;
use axum::extract::{OriginalUri, Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{Html, IntoResponse, Response};
use services::ServiceError;
use tower_sessions::Session;

pub(super) async fn page(Extension(info): Extension<RequestInfo>) -> Response {
    html(ask_reset(&info, String::new(), None))
}

pub(super) async fn send(
    State(state): State<AppState>,
    Extension(info): Extension<RequestInfo>,
    form: Posted,
) -> Response {
    let email = form.get("email");
    let limits = &state.limits;
    let tried =
        limits.address(Action::Mail, info.origin.ip.as_deref()).and_then(|()| limits.account(Action::Mail, &email));
    let outcome = match tried {
        Ok(()) => services::accounts::request_reset(&state.services, &email, &info.origin).await,
        Err(seconds) => Err(too_many(seconds)),
    };
    match outcome {
        Ok(()) => see_other("/check-mail?for=reset"),
        Err(error) => refused(&state, &info, error, |problem| ask_reset(&info, email, Some(problem))),
    }
}

pub(super) async fn token_page(
    State(state): State<AppState>,
    Extension(info): Extension<RequestInfo>,
    OriginalUri(uri): OriginalUri,
    Path(token): Path<String>,
) -> Response {
    match services::accounts::reset_token_is_valid(&state.services, &token).await {
        Ok(true) => html(new_password(&info, uri.path(), None)),
        Ok(false) => ended(&info),
        Err(error) => crate::errors::respond_to(&state, &info, error.into_problem()),
    }
}

fn ended(info: &RequestInfo) -> Response {
    (StatusCode::GONE, Html(link_ended(info, EndedLink::Reset))).into_response()
}

pub(super) async fn set(
    State(state): State<AppState>,
    Extension(info): Extension<RequestInfo>,
    OriginalUri(uri): OriginalUri,
    session: Session,
    headers: HeaderMap,
    Path(token): Path<String>,
    form: Posted,
) -> Response {
    let outcome = match state.limits.address(Action::Token, info.origin.ip.as_deref()) {
        Ok(()) => {
            services::accounts::reset_password(&state.services, &token, &form.get("password"), &info.origin).await
        }
        Err(seconds) => Err(too_many(seconds)),
    };
    match outcome {
        Ok(user) => enter(&state, &info, &headers, &session, &user, "/").await,
        Err(ServiceError::Problem(problem)) if is_over(&problem) => ended(&info),
        Err(error) => refused(&state, &info, error, |problem| new_password(&info, uri.path(), Some(problem))),
    }
}
