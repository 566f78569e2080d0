//! The first admin, by the link that the server printed.

use super::{enter, is_over, typed};
use crate::errors::respond_to;
use crate::forms::{Posted, html, refused, too_many};
use crate::limits::Action;
use crate::state::AppState;
use app::RequestInfo;
use app::hosted::auth::{self, EndedLink, Typed};
use axum::Extension;
use axum::extract::{OriginalUri, Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{Html, IntoResponse, Response};
use services::ServiceError;
use services::accounts::NewAccount;
use tower_sessions::Session;

pub(super) async fn page(
    State(state): State<AppState>,
    Extension(info): Extension<RequestInfo>,
    OriginalUri(uri): OriginalUri,
    Path(token): Path<String>,
) -> Response {
    match services::accounts::first_admin_token_is_valid(&state.services, &token).await {
        Ok(true) => html(auth::first_admin(&info, uri.path(), Typed::default(), None)),
        Ok(false) => ended(&info),
        Err(error) => respond_to(&state, &info, error.into_problem()),
    }
}

fn ended(info: &RequestInfo) -> Response {
    (StatusCode::GONE, Html(auth::link_ended(info, EndedLink::FirstAdmin))).into_response()
}

pub(super) async fn send(
    State(state): State<AppState>,
    Extension(info): Extension<RequestInfo>,
    OriginalUri(uri): OriginalUri,
    session: Session,
    headers: HeaderMap,
    Path(token): Path<String>,
    form: Posted,
) -> Response {
    let typed = typed(&form);
    let account = NewAccount {
        name: typed.name.clone(),
        email: typed.email.clone(),
        password: form.get("password"),
        locale: info.locale,
    };
    let outcome = match state.limits.address(Action::Token, info.origin.ip.as_deref()) {
        Ok(()) => services::accounts::create_first_admin(&state.services, &token, &account, &info.origin).await,
        Err(seconds) => Err(too_many(seconds)),
    };
    match outcome {
        Ok(user) => enter(&state, &info, &headers, &session, &user, "/admin").await,
        Err(ServiceError::Problem(problem)) if is_over(&problem) => ended(&info),
        Err(error) => {
            refused(&state, &info, error, |problem| auth::first_admin(&info, uri.path(), typed, Some(problem)))
        }
    }
}
