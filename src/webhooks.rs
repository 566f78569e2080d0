//! `/webhooks/{gateway}/{connection}`: gateways tell what happened. Proved by their signature over the raw bytes, kept, and
//! answered at once; a worker looks at it later. No session, no cookie, no rule about origins.

use crate::state::AppState;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use axum::{Json, Router};
use serde_json::{Value, json};
use services::webhooks::{Received, receive};

/// Events are small; what is larger is none.
const LARGEST: usize = 256 * 1024;

/// Takes events.
pub fn routes() -> Router<AppState> {
    Router::new().route("/webhooks/{gateway}/{connection}", post(event).layer(DefaultBodyLimit::max(LARGEST)))
}

async fn event(
    State(state): State<AppState>,
    Path((gateway, connection)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> (StatusCode, Json<Value>) {
    let readable = headers.iter().filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)));
    let headers: Vec<(String, String)> = readable.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let (status, word) = match receive(&state.services, &gateway, &connection, &headers, &body).await {
        // A repeat is good news too: the gateway stops sending it.
        Ok(Received::New | Received::Repeat) => (StatusCode::OK, "ok"),
        Ok(Received::Refused(refused)) => {
            tracing::warn!(gateway, connection, %refused, "an event was refused");
            (StatusCode::BAD_REQUEST, "refused")
        }
        Ok(Received::Nowhere) => (StatusCode::NOT_FOUND, "nowhere"),
        Err(error) => {
            // Logged with what it is. The gateway sends it again.
            let _ = error.into_problem();
            (StatusCode::SERVICE_UNAVAILABLE, "again")
        }
    };
    (status, Json(json!({ "event": word })))
}
