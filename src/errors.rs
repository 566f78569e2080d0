//! Answers when something went wrong: a page for people, JSON for scripts.

use crate::state::AppState;
use app::RequestInfo;
use app::hosted::errors::{Fault, render};
use axum::Json;
use axum::extract::Request;
use axum::http::header::{ACCEPT, HeaderValue, RETRY_AFTER};
use axum::http::{Method, StatusCode};
use axum::response::{Html, IntoResponse, Response};
use domain::{Locale, Problem};

/// Who reads the answer.
#[derive(Debug, Clone)]
pub struct Reader {
    info: Option<RequestInfo>,
    json: bool,
    /// Where a second try goes: the page itself, or the start page after a write.
    again: String,
}

impl Reader {
    /// The reader of a request's answer.
    #[must_use]
    pub fn of(request: &Request) -> Self {
        let path = request.uri().path();
        let accepts = |kind: &str| {
            request
                .headers()
                .get(ACCEPT)
                .and_then(|value| value.to_str().ok())
                .is_some_and(|value| value.contains(kind))
        };
        let program = path.starts_with("/api/") || path.starts_with("/v1/") || path.starts_with("/webhooks/");
        let again = if *request.method() == Method::GET { path_and_query(request) } else { path.to_owned() };
        Self {
            info: request.extensions().get::<RequestInfo>().cloned(),
            json: !accepts("text/html") && (program || accepts("application/json")),
            again,
        }
    }
}

fn path_and_query(request: &Request) -> String {
    request.uri().path_and_query().map_or("/", axum::http::uri::PathAndQuery::as_str).to_owned()
}

/// Answers a request that is still at hand.
pub fn respond(state: &AppState, request: &Request, fault: impl Into<Fault>) -> Response {
    answer(state, &Reader::of(request), fault)
}

/// Answers somebody who reads pages, when only what is known about the request is at hand.
pub fn respond_to(state: &AppState, info: &RequestInfo, fault: impl Into<Fault>) -> Response {
    answer(state, &Reader { info: Some(info.clone()), json: false, again: "/".to_owned() }, fault)
}

/// Answers with an error page, or with the problem as JSON.
pub fn answer(state: &AppState, reader: &Reader, fault: impl Into<Fault>) -> Response {
    let fault = fault.into();
    let anonymous = || RequestInfo::anonymous(Locale::default(), state.assets.clone());
    let info = reader.info.clone().unwrap_or_else(anonymous);
    let status = StatusCode::from_u16(fault.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = if reader.json {
        let problem = Problem { request_id: info.origin.request_id.clone(), ..fault.problem() };
        (status, Json(problem)).into_response()
    } else {
        (status, Html(render(&info, fault, &reader.again))).into_response()
    };
    if let Some(seconds) = fault.retry_after() {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

/// A sentence of the catalogue for a code.
#[must_use]
pub fn sentence(locale: Locale, code: &str, params: &[(String, String)]) -> String {
    let problem = domain::FieldProblem { field: String::new(), code: code.to_owned(), params: params.to_vec() };
    app::i18n::field_text(locale, &problem)
}
