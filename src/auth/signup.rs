//! Sign up.

use super::typed;
use crate::forms::{Posted, html, refused, see_other, too_many};
use crate::limits::Action;
use crate::state::AppState;
use app::RequestInfo;
use app::hosted::auth::{self, Sent, Typed};
use axum::Extension;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::Response;
use serde::Deserialize;
use services::accounts::SignUp;

pub(super) async fn page(Extension(info): Extension<RequestInfo>) -> Response {
    if info.user.is_some() {
        return see_other("/");
    }
    html(auth::signup(&info, Typed::default(), None))
}

pub(super) async fn send(
    State(state): State<AppState>,
    Extension(info): Extension<RequestInfo>,
    form: Posted,
) -> Response {
    let typed = typed(&form);
    let sign_up = SignUp {
        name: typed.name.clone(),
        email: typed.email.clone(),
        password: form.get("password"),
        business_name: typed.business_name.clone(),
        locale: info.locale,
    };
    let limits = &state.limits;
    let tried = limits
        .address(Action::SignUp, info.origin.ip.as_deref())
        .and_then(|()| limits.account(Action::SignUp, &typed.email));
    let outcome = match tried {
        Ok(()) => services::accounts::sign_up(&state.services, &sign_up, &info.origin).await,
        Err(seconds) => Err(too_many(seconds)),
    };
    match outcome {
        Ok(()) => see_other("/check-mail?for=signup"),
        Err(error) => refused(&state, &info, error, |problem| auth::signup(&info, typed, Some(problem))),
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    r#for: String,
}

pub(super) async fn check_mail(
    State(state): State<AppState>,
    Extension(info): Extension<RequestInfo>,
    query: Result<Query<Asked>, QueryRejection>,
) -> Response {
    let sent = match query {
        Ok(Query(asked)) if asked.r#for == "reset" => Sent::Reset,
        _ => Sent::SignUp,
    };
    html(auth::check_mail(&info, sent, state.config.smtp_url.is_none()))
}
