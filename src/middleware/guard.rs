//! What keeps a fault to its own request: a bound on time, and panics turned into an error page.

use crate::errors;
use crate::state::AppState;
use app::hosted::errors::Fault;
use axum::body::HttpBody;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::middleware::Next;
use axum::response::Response;
use futures::FutureExt;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

/// Longer than any gateway is waited for.
const LIMIT: Duration = Duration::from_secs(60);

/// Runs the rest, and answers with an error page where it panics, takes too long, or gives an error without words.
pub async fn guard(State(state): State<AppState>, request: Request, next: Next) -> Response {
    // The answer's words need the request's language and id; the request itself goes on.
    let reader = errors::Reader::of(&request);
    // No address of ours holds a NUL, and no text of PostgreSQL can: it leads nowhere, whatever would have read it.
    if request.uri().path().contains("%00") {
        return errors::answer(&state, &reader, Fault::NotFound);
    }
    let work = AssertUnwindSafe(next.run(request)).catch_unwind();
    let fault = match tokio::time::timeout(LIMIT, work).await {
        Ok(Ok(response)) => match wordless(&response) {
            Some(fault) => fault,
            None => return response,
        },
        Ok(Err(panic)) => {
            tracing::error!(panic = panic_text(&*panic), "a handler panicked");
            Fault::Internal
        }
        Err(_) => {
            tracing::error!("a request took too long");
            Fault::Busy
        }
    };
    errors::answer(&state, &reader, fault)
}

/// Errors that a layer or the router answered with an empty or plain body get words.
fn wordless(response: &Response) -> Option<Fault> {
    let has_type = response.headers().contains_key(CONTENT_TYPE);
    if has_type && response.body().size_hint().exact() != Some(0) && !is_plain(response) {
        return None;
    }
    match response.status() {
        StatusCode::NOT_FOUND => Some(Fault::NotFound),
        StatusCode::METHOD_NOT_ALLOWED => Some(Fault::Method),
        StatusCode::PAYLOAD_TOO_LARGE => Some(Fault::TooLarge),
        StatusCode::BAD_REQUEST | StatusCode::UNSUPPORTED_MEDIA_TYPE | StatusCode::UNPROCESSABLE_ENTITY => {
            Some(Fault::BadRequest)
        }
        // `/readyz` says why it is not ready.
        StatusCode::SERVICE_UNAVAILABLE if has_type => None,
        status if status.is_server_error() => Some(Fault::Internal),
        _ => None,
    }
}

fn is_plain(response: &Response) -> bool {
    response.headers().get(CONTENT_TYPE).is_some_and(|v| v.as_bytes().starts_with(b"text/plain"))
        && response.status().is_client_error()
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> &str {
    panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("?")
}
