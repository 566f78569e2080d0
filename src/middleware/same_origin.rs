//! Writes come from our own pages only.

use crate::errors;
use crate::state::AppState;
use app::hosted::errors::Fault;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, header::ORIGIN};
use axum::middleware::Next;
use axum::response::Response;

/// Paths with a proof of their own: API keys, signatures of gateways; and reports that browsers send by themselves.
const EXEMPT: [&str; 3] = ["/v1/", "/webhooks/", super::headers::REPORT_PATH];

/// Refuses a write that another site sent.
pub async fn check(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if safe || EXEMPT.iter().any(|p| path.starts_with(p)) || is_ours(request.headers(), &state.config.public_url) {
        return next.run(request).await;
    }
    tracing::warn!("a write from another site was refused");
    errors::respond(&state, &request, Fault::CrossSite)
}

/// `Sec-Fetch-Site` where the browser sends it (HTTPS and localhost), an equal `Origin` elsewhere.
fn is_ours(headers: &HeaderMap, public_url: &str) -> bool {
    match headers.get("sec-fetch-site") {
        Some(site) => site == "same-origin",
        None => headers.get(ORIGIN).is_some_and(|origin| origin.as_bytes().eq_ignore_ascii_case(public_url.as_bytes())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_pages_write() {
        let headers = |pairs: &[(&'static str, &str)]| -> HeaderMap {
            pairs.iter().map(|(k, v)| (k.parse::<axum::http::HeaderName>().unwrap(), v.parse().unwrap())).collect()
        };
        let ours = "https://pay.example.com";
        for (pairs, allowed) in [
            (&[("sec-fetch-site", "same-origin")][..], true),
            (&[("origin", ours)], true),
            (&[("sec-fetch-site", "same-site"), ("origin", ours)], false),
            (&[("sec-fetch-site", "cross-site")], false),
            (&[("sec-fetch-site", "none")], false),
            (&[("origin", "https://pay.example.com.evil.example")], false),
            (&[("origin", "null")], false),
            (&[], false),
        ] {
            assert_eq!(is_ours(&headers(pairs), ours), allowed, "{pairs:?}");
        }
    }
}
