//! The portal: its pages and server functions, rendered by `app`.

use crate::errors;
use crate::limits::Action;
use crate::middleware::headers;
use crate::state::AppState;
use app::RequestInfo;
use app::hosted::errors::Fault;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::{ACCEPT, RETRY_AFTER};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Extension, Json, Router};
use tower_http::limit::RequestBodyLimitLayer;

/// Server functions take logos; documents have a route of their own.
const LARGEST_CALL: usize = 2 * 1024 * 1024;

/// Every page and server function of `app`. Pages are for those who are logged in.
pub fn routes(state: &AppState) -> Router<AppState> {
    let mut pages = Router::new();
    for path in app::server::paths() {
        pages = pages.route(&path, get(page));
    }
    let pages = pages.route_layer(from_fn_with_state(state.clone(), members)).route_layer(from_fn(headers::portal));
    let mut calls = Router::new();
    for path in app::server::api_paths() {
        let method = if path == app::server::change_password_path() {
            post(call).layer(from_fn_with_state(state.clone(), password_tries))
        } else {
            post(call)
        };
        calls = calls.route(&path, method);
    }
    // Server functions read the body themselves, past axum's own limit.
    pages.merge(calls.layer(RequestBodyLimitLayer::new(LARGEST_CALL)))
}

async fn page(
    State(state): State<AppState>,
    Extension(info): Extension<RequestInfo>,
    request: Request<Body>,
) -> Response {
    app::server::render(state.services, info, request).await
}

async fn call(
    State(state): State<AppState>,
    Extension(info): Extension<RequestInfo>,
    request: Request<Body>,
) -> Response {
    app::server::call(state.services, info, request).await
}

/// Counts tries of one's own password, per address and per account. The form keeps what was typed and says how it goes on.
async fn password_tries(
    State(state): State<AppState>,
    Extension(info): Extension<RequestInfo>,
    request: Request,
    next: Next,
) -> Response {
    let Some(user) = &info.user else { return next.run(request).await };
    let limits = &state.limits;
    let tried = limits
        .address(Action::ChangePassword, info.origin.ip.as_deref())
        .and_then(|()| limits.account(Action::ChangePassword, user.as_str()));
    match tried {
        Ok(()) => next.run(request).await,
        Err(seconds) => {
            let mut problem = crate::forms::too_many(seconds).into_problem();
            problem.request_id.clone_from(&info.origin.request_id);
            (StatusCode::TOO_MANY_REQUESTS, [(RETRY_AFTER, seconds.to_string())], Json(problem)).into_response()
        }
    }
}

/// Who is not logged in goes to the login page and comes back here.
async fn members(State(state): State<AppState>, request: Request, next: Next) -> Response {
    if request.uri().path().starts_with("/dev/") {
        // For developers of the portal; to everybody else there is no such page.
        return if state.developer {
            next.run(request).await
        } else {
            errors::respond(&state, &request, Fault::NotFound)
        };
    }
    let known = request.extensions().get::<RequestInfo>().is_some_and(|info| info.user.is_some());
    let reads_pages = request
        .headers()
        .get(ACCEPT)
        .is_none_or(|accept| accept.to_str().is_ok_and(|a| a.contains("text/html") || a.contains("*/*")));
    if known || !reads_pages {
        return next.run(request).await;
    }
    let asked = request.uri().path_and_query().map_or("/", axum::http::uri::PathAndQuery::as_str);
    crate::forms::see_other(&format!("/login?next={}", crate::forms::percent(asked)))
}
