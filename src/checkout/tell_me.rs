//! `POST /c/{token}/tell-me`: a mail when what can't be used now is back.

use super::pay::{answer, browser, country};
use super::{refuse, see_other};
use crate::forms::{Posted, too_many};
use crate::limits::Action;
use crate::state::AppState;
use app::hosted::checkout::Typed;
use app::request::RequestInfo;
use axum::{
    Extension,
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, StatusCode, header::RETRY_AFTER},
    response::Response,
};
use domain::validate::country::find;
use services::{
    ServiceError,
    checkout::{self, TellMe, Visitor},
};

/// Notes it, and shows the page again with the word that it is noted.
pub async fn submit(
    State(state): State<AppState>,
    Extension(info): Extension<RequestInfo>,
    Path(token): Path<String>,
    headers: HeaderMap,
    form: Posted,
) -> Response {
    let (notice_email, notice_method) = (form.get("notice_email"), form.get("notice_method"));
    let chosen = form.get("country");
    let visitor = Visitor { device: browser(&headers), country: country(&chosen, &headers) };
    let limits = &state.limits;
    let tried = limits
        .address(Action::Mail, info.origin.ip.as_deref())
        .and_then(|()| limits.account(Action::Mail, &notice_email));
    let noted = match tried {
        Ok(()) => {
            let asked = TellMe { email: &notice_email, method: &notice_method, locale: info.locale, visitor };
            checkout::tell_me(&state.services, &token, asked).await
        }
        Err(seconds) => Err(too_many(seconds)),
    };
    let problem = match noted {
        // Back to the page as they saw it.
        Ok(told) => {
            let from = find(chosen.trim()).map(|code| format!("country={code}&")).unwrap_or_default();
            return see_other(&format!("/c/{token}?{from}told={told}"));
        }
        Err(ServiceError::Problem(problem)) if problem.kind != domain::ProblemKind::NotFound => problem,
        Err(error) => return refuse(&state, &info, error),
    };
    let typed = Typed { notice_email, notice_method, ..Typed::default() };
    match checkout::view_from(&state.services, &token, visitor).await {
        Ok(view) => {
            let mut response = answer(&state, &info, &token, &view, &typed, Some(Some(&problem)));
            if let Some(seconds) = problem.retry_after {
                *response.status_mut() = StatusCode::TOO_MANY_REQUESTS;
                response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
            }
            response
        }
        Err(error) => refuse(&state, &info, error),
    }
}
