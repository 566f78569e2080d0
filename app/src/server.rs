//! How the server renders pages and answers server functions.

use crate::components::time::PageZone;
use crate::request::RequestInfo;
use crate::routes::App;
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use domain::ZoneTable;
use http::Request;
use leptos::prelude::*;
use services::Services;

/// The paths of all pages in axum's notation, without repeats: the server mounts [`render`] on each.
#[must_use]
pub fn paths() -> Vec<String> {
    let mut paths: Vec<String> =
        leptos_axum::generate_route_list(App).iter().map(|route| route.path().to_owned()).collect();
    paths.sort();
    paths.dedup();
    paths
}

/// The paths of all server functions.
#[must_use]
pub fn api_paths() -> Vec<String> {
    let mut paths: Vec<String> = leptos::server_fn::axum::server_fn_paths().map(|(path, _)| path.to_owned()).collect();
    paths.sort();
    paths
}

/// The path of the server function that takes a password besides the login: the server counts its calls.
#[must_use]
pub fn change_password_path() -> &'static str {
    <crate::api::settings::ChangePassword as leptos::server_fn::ServerFn>::PATH
}

/// Renders the page of a path to a full answer, once everything that it shows is loaded.
pub async fn render(svc: Services, info: RequestInfo, request: Request<Body>) -> Response {
    let for_shell = info.clone();
    let zone = zone_of(&svc, &info, request.uri().path()).await;
    let handler = leptos_axum::render_app_async_with_context(
        move || {
            provide(&svc, &info);
            PageZone::provide(zone.clone());
        },
        move || crate::shell::shell(&for_shell),
    );
    handler(request).await
}

/// The time zone of the merchant whose page this is. UTC on other pages, and where there is nothing to see: the page says why.
async fn zone_of(svc: &Services, info: &RequestInfo, path: &str) -> ZoneTable {
    let merchant = path.strip_prefix("/m/").and_then(|rest| rest.split('/').next()).and_then(|id| id.parse().ok());
    match (&info.user, merchant) {
        (Some(user), Some(merchant)) => services::merchants::zone(svc, user, &merchant).await.unwrap_or_default(),
        _ => ZoneTable::utc(),
    }
}

/// Answers a server function (POST `/api/…`).
pub async fn call(svc: Services, info: RequestInfo, request: Request<Body>) -> Response {
    leptos_axum::handle_server_fns_with_context(move || provide(&svc, &info), request).await.into_response()
}

/// The contexts that pages and server functions find on the server.
fn provide(svc: &Services, info: &RequestInfo) {
    provide_context(svc.clone());
    provide_context(info.locale);
    provide_context(info.look());
    provide_context(leptos::nonce::Nonce::from_value(info.nonce.as_str()));
    provide_context(crate::components::icon::Sprite(info.assets.icons().into()));
    provide_context(info.clone());
}
