//! The built files: style sheets, scripts, WebAssembly, fonts, icons; with their compressed twins.

use crate::state::AppState;
use axum::Router;
use axum::extract::Request;
use axum::http::header::{ACCEPT_ENCODING, CACHE_CONTROL, HeaderValue, VARY};
use axum::http::{Method, StatusCode};
use axum::middleware::{self, Next};
use axum::response::Response;
use std::path::Path;
use tower_http::services::ServeDir;

/// What stands in the folder for the build's own use.
const PRIVATE: [&str; 1] = ["/manifest.json"];

/// Answers whatever no route answers: a file of the site, or 404.
pub fn fallback(router: Router<AppState>, folder: &Path) -> Router<AppState> {
    let files = ServeDir::new(folder).append_index_html_on_directories(false).precompressed_br().precompressed_gzip();
    router.fallback_service(tower::ServiceBuilder::new().layer(middleware::from_fn(headers)).service(files))
}

async fn headers(request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    let hidden = path.split('/').any(|part| part.starts_with('.')) || PRIVATE.contains(&path.as_str());
    if hidden || !matches!(*request.method(), Method::GET | Method::HEAD) {
        return empty(StatusCode::NOT_FOUND);
    }
    let mut response = next.run(request).await;
    if !response.status().is_success() && response.status() != StatusCode::NOT_MODIFIED {
        // A folder redirects to itself with a slash: that is no page either. Ranges and conditions keep their answer.
        let keep = matches!(response.status(), StatusCode::RANGE_NOT_SATISFIABLE | StatusCode::PRECONDITION_FAILED);
        return if keep { response } else { empty(StatusCode::NOT_FOUND) };
    }
    // A name under /assets holds a hash of the content.
    let lifetime = if path.starts_with("/assets/") {
        "public, max-age=31536000, immutable"
    } else if path.starts_with("/fonts/") {
        "public, max-age=2592000"
    } else {
        "public, max-age=3600"
    };
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static(lifetime));
    response.headers_mut().insert(VARY, HeaderValue::from(ACCEPT_ENCODING));
    response
}

fn empty(status: StatusCode) -> Response {
    let mut response = Response::default();
    *response.status_mut() = status;
    response
}
