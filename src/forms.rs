//! Reading posted forms, and answering them: 303 when all is well, the same page with 422 and the values when not.

use crate::errors;
use crate::state::AppState;
use app::RequestInfo;
use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::header::{CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use axum::http::{StatusCode, Uri};
use axum::response::{Html, IntoResponse, Redirect, Response};
use domain::{Problem, ProblemKind, problem::codes};
use services::ServiceError;

/// The pairs of a posted form, as typed. A field that was not posted is empty.
#[derive(Debug, Clone, Default)]
pub struct Posted(Vec<(String, String)>);

impl Posted {
    /// A field's text.
    #[must_use]
    pub fn get(&self, name: &str) -> String {
        self.find(name).unwrap_or_default().to_owned()
    }

    /// A field's text, when it was posted.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The names that were posted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }
}

impl<S: Send + Sync> FromRequest<S> for Posted {
    type Rejection = StatusCode;

    async fn from_request(request: Request, state: &S) -> Result<Self, StatusCode> {
        let kind = request.headers().get(CONTENT_TYPE).map(HeaderValue::as_bytes).unwrap_or_default();
        // A form without fields may come without a type.
        if !kind.is_empty() && !kind.starts_with(b"application/x-www-form-urlencoded") {
            return Err(StatusCode::UNSUPPORTED_MEDIA_TYPE);
        }
        let body = Bytes::from_request(request, state).await.map_err(|rejection| rejection.status())?;
        serde_urlencoded::from_bytes(&body).map(Self).map_err(|_| StatusCode::BAD_REQUEST)
    }
}

/// A page.
#[must_use]
pub fn html(page: String) -> Response {
    Html(page).into_response()
}

/// On to another page of ours.
#[must_use]
pub fn see_other(path: &str) -> Response {
    Redirect::to(path).into_response()
}

/// What a failed command leads to: the same form with the problem, or an error page when the form can't help.
pub fn refused(
    state: &AppState,
    info: &RequestInfo,
    error: ServiceError,
    form: impl FnOnce(Problem) -> String,
) -> Response {
    let mut problem = error.into_problem();
    let status = match problem.kind {
        ProblemKind::Invalid | ProblemKind::Conflict | ProblemKind::Unauthenticated => StatusCode::UNPROCESSABLE_ENTITY,
        ProblemKind::RateLimited => StatusCode::TOO_MANY_REQUESTS,
        ProblemKind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        ProblemKind::Forbidden | ProblemKind::NotFound | ProblemKind::Internal => {
            return errors::respond_to(state, info, problem);
        }
    };
    problem.request_id.clone_from(&info.origin.request_id);
    let retry_after = problem.retry_after;
    let mut response = (status, Html(form(problem))).into_response();
    if let Some(seconds) = retry_after {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

/// The problem of somebody who tries too often.
#[must_use]
pub fn too_many(seconds: u32) -> ServiceError {
    ServiceError::Problem(Problem {
        retry_after: Some(seconds),
        ..Problem::new(ProblemKind::RateLimited, codes::RATE_LIMITED)
    })
}

/// A path to go on to, when it is one of ours: `/…`, never `//host`, `/\host` or anything with a scheme.
#[must_use]
pub fn local(path: &str) -> Option<String> {
    let plain = path.len() <= 500
        && path.starts_with('/')
        && !path.starts_with("//")
        && !path.contains(['\\', '#'])
        && !path.chars().any(|c| c.is_control() || c.is_whitespace() || !c.is_ascii());
    let uri: Uri = if plain { path.parse().ok()? } else { return None };
    (uri.scheme().is_none() && uri.authority().is_none()).then(|| path.to_owned())
}

/// Percent-encodes what has a meaning in a query.
#[must_use]
pub fn percent(text: &str) -> String {
    use std::fmt::Write;
    text.bytes().fold(String::with_capacity(text.len()), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing into a String can't fail.
            _ = write!(out, "%{byte:02X}");
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_of_ours_are_gone_on_to() {
        for path in ["/", "/m/acct_1/test/payments?status=succeeded&q=%C3%A4", "/invitations/abc"] {
            assert_eq!(local(path).as_deref(), Some(path));
        }
        for path in [
            "",
            "x",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "/a\r\nSet-Cookie: x",
            "/\t/evil.example",
            "/a#b",
            "javascript:alert(1)",
            "/ä",
            &format!("/{}", "a".repeat(500)),
        ] {
            assert_eq!(local(path), None, "{path}");
        }
    }
}
