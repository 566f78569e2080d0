//! Security headers of every answer.

use crate::middleware::Nonce;
use crate::state::AppState;
use axum::extract::{Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, HeaderValue, REFERRER_POLICY,
    STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::middleware::Next;
use axum::response::Response;
use domain::views::checkout::ScriptFields;

/// Where browsers report what the policy stopped.
pub const REPORT_PATH: &str = "/csp-report";

const PERMISSIONS: &str = "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), hid=(), \
                           magnetometer=(), microphone=(), midi=(), serial=(), usb=(), xr-spatial-tracking=()";

/// The rest of both policies. Images: our own, and `data:` for QR codes; the sprite of icons counts as an image.
fn common(nonce: &str) -> String {
    format!(
        "style-src 'self' 'nonce-{nonce}'; img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; \
         base-uri 'none'; form-action 'self'; frame-ancestors 'none'; report-uri {REPORT_PATH}"
    )
}

/// The policy of pages without WebAssembly.
#[must_use]
pub fn hosted_policy(nonce: &str) -> String {
    format!("default-src 'none'; script-src 'nonce-{nonce}' 'strict-dynamic'; {}", common(nonce))
}

/// The policy of a page with a gateway's own fields: that gateway's origins, and on this page alone.
#[must_use]
pub fn script_policy(nonce: &str, fields: &ScriptFields) -> String {
    let list = |origins: &[String]| origins.join(" ");
    let (frames, connects, looks) = (list(&fields.frames), list(&fields.connects), list(&fields.looks));
    // Browsers that don't know 'strict-dynamic' go by the origins.
    let scripts = list(&fields.scripts);
    format!(
        "default-src 'none'; script-src 'nonce-{nonce}' 'strict-dynamic' {scripts}; frame-src {frames}; \
         connect-src 'self' {connects}; style-src 'self' 'nonce-{nonce}' {looks}; img-src 'self' data: {looks}; \
         font-src 'self' {looks}; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; \
         report-uri {REPORT_PATH}"
    )
}

/// The policy of the portal, which compiles WebAssembly.
#[must_use]
pub fn portal_policy(nonce: &str) -> String {
    format!("default-src 'none'; script-src 'nonce-{nonce}' 'strict-dynamic' 'wasm-unsafe-eval'; {}", common(nonce))
}

/// The policy of files that people uploaded: nothing runs, nothing loads.
pub const FILE_POLICY: &str = "default-src 'none'; sandbox; frame-ancestors 'none'";

/// Gives the portal's answers their policy; all others get the stricter one from [`security`].
pub async fn portal(request: Request, next: Next) -> Response {
    let nonce = Nonce::of(&request);
    let mut response = next.run(request).await;
    if let Ok(value) = HeaderValue::from_str(&portal_policy(&nonce)) {
        response.headers_mut().insert(CONTENT_SECURITY_POLICY, value);
    }
    response
}

/// Adds what an answer does not have yet.
pub async fn security(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let nonce = Nonce::of(&request);
    let mut response = next.run(request).await;
    let is_html = response
        .headers()
        .get(CONTENT_TYPE)
        .is_some_and(|value| value.as_bytes().starts_with(b"text/html") || value.as_bytes().starts_with(b"image/svg"));
    let policy = if is_html { hosted_policy(&nonce) } else { "default-src 'none'; frame-ancestors 'none'".to_owned() };
    let mut add = |name: HeaderName, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            response.headers_mut().entry(name).or_insert(value);
        }
    };
    add(CONTENT_SECURITY_POLICY, &policy);
    add(REFERRER_POLICY, "same-origin");
    add(X_CONTENT_TYPE_OPTIONS, "nosniff");
    add(X_FRAME_OPTIONS, "DENY");
    add(HeaderName::from_static("permissions-policy"), PERMISSIONS);
    add(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    add(HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
    // Pages show somebody's money: they are in no cache, not even the browser's own after a log-out.
    add(CACHE_CONTROL, "no-store");
    if state.config.is_https() {
        add(STRICT_TRANSPORT_SECURITY, "max-age=31536000");
    }
    response
}
