//! What browsers stopped by the Content-Security-Policy: logged and counted.

use crate::limits::Action;
use crate::middleware::{Client, headers::REPORT_PATH};
use crate::state::AppState;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Extension, State};
use axum::http::StatusCode;
use axum::routing::post;
use serde_json::Value;
use std::sync::atomic::Ordering;

/// Reports are small; what is larger is none.
const LARGEST: usize = 16 * 1024;

/// Takes reports.
pub fn routes() -> Router<AppState> {
    Router::new().route(REPORT_PATH, post(report).layer(DefaultBodyLimit::max(LARGEST)))
}

async fn report(State(state): State<AppState>, Extension(client): Extension<Client>, body: Bytes) -> StatusCode {
    if state.limits.address(Action::Report, client.ip.as_deref()).is_err() {
        return StatusCode::TOO_MANY_REQUESTS;
    }
    let parsed: Value = serde_json::from_slice(&body).unwrap_or_default();
    let field = |name: &str| {
        let text = parsed.get("csp-report").and_then(|r| r.get(name)).and_then(Value::as_str).unwrap_or("");
        // Paths may hold tokens, and anybody may send anything: no query, no control characters, bounded.
        text.split(['?', '#']).next().unwrap_or("").chars().filter(|c| !c.is_control()).take(200).collect::<String>()
    };
    let count = state.csp_reports.fetch_add(1, Ordering::Relaxed) + 1;
    tracing::warn!(
        count,
        directive = field("effective-directive"),
        blocked = field("blocked-uri"),
        "a page broke the Content-Security-Policy"
    );
    StatusCode::NO_CONTENT
}
