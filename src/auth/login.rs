//! Log in and out.

use super::{enter, typed};
use crate::errors::respond_to;
use crate::forms::{Posted, html, local, refused, see_other, too_many};
use crate::limits::Action;
use crate::state::AppState;
use app::RequestInfo;
use app::hosted::auth::{LoginView, Notice, login};
use app::hosted::errors::Fault;
use axum::Extension;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;
use tower_sessions::Session;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    next: String,
    out: String,
}

pub(super) async fn page(
    Extension(info): Extension<RequestInfo>,
    query: Result<Query<Asked>, QueryRejection>,
) -> Response {
    let asked = query.map(|Query(asked)| asked).unwrap_or_default();
    let next = local(&asked.next);
    if info.user.is_some() {
        return see_other(next.as_deref().unwrap_or("/"));
    }
    let notice = match (&next, asked.out.is_empty()) {
        (_, false) => Some(Notice::LoggedOut),
        (Some(_), true) => Some(Notice::Next),
        (None, true) => None,
    };
    html(login(&info, LoginView { next, notice, ..LoginView::default() }))
}

pub(super) async fn send(
    State(state): State<AppState>,
    Extension(info): Extension<RequestInfo>,
    session: Session,
    headers: HeaderMap,
    form: Posted,
) -> Response {
    let next = local(&form.get("next"));
    let email = form.get("email");
    let limits = &state.limits;
    let tried =
        limits.address(Action::LogIn, info.origin.ip.as_deref()).and_then(|()| limits.account(Action::LogIn, &email));
    let outcome = match tried {
        Ok(()) => services::accounts::log_in(&state.services, &email, &form.get("password"), &info.origin).await,
        Err(seconds) => Err(too_many(seconds)),
    };
    match outcome {
        Ok(user) => enter(&state, &info, &headers, &session, &user, next.as_deref().unwrap_or("/")).await,
        Err(error) => refused(&state, &info, error, |problem| {
            login(&info, LoginView { typed: typed(&form), next, problem: Some(problem), notice: None })
        }),
    }
}

pub(super) async fn log_out(
    State(state): State<AppState>,
    Extension(info): Extension<RequestInfo>,
    session: Session,
    form: Posted,
) -> Response {
    if let Err(error) = session.flush().await {
        tracing::error!(%error, "the session could not be ended");
        return respond_to(&state, &info, Fault::Busy);
    }
    see_other(local(&form.get("next")).as_deref().unwrap_or("/login?out=1"))
}
