//! Language, theme and density: cookies, and the language also with the account.

use crate::forms::{Posted, local, see_other};
use crate::middleware::request::cookies;
use crate::state::AppState;
use app::RequestInfo;
use app::look::{Density, Theme};
use axum::Extension;
use axum::extract::State;
use axum::http::header::SET_COOKIE;
use axum::response::Response;
use domain::Locale;

/// Takes what was posted of the three, and goes back to the page. What is no choice changes nothing.
pub(super) async fn set(
    State(state): State<AppState>,
    Extension(info): Extension<RequestInfo>,
    form: Posted,
) -> Response {
    let locale = form.find("locale").and_then(|tag| tag.parse::<Locale>().ok());
    if let (Some(user), Some(locale)) = (&info.user, locale)
        && let Err(error) = services::accounts::set_locale(&state.services, user, locale).await
    {
        // The cookie holds it for this browser all the same.
        tracing::warn!(%error, "the language could not be kept");
    }
    // "auto" removes the cookie: the page follows the system.
    let theme = form.find("theme").and_then(|theme| match theme {
        "auto" => Some(""),
        other => other.parse::<Theme>().ok().map(Theme::as_str),
    });
    let density = form.find("density").and_then(|density| density.parse::<Density>().ok()).map(Density::as_str);
    let chosen = [(cookies::LOCALE, locale.map(Locale::tag)), (cookies::THEME, theme), (cookies::DENSITY, density)];
    let mut response = see_other(local(&form.get("next")).as_deref().unwrap_or("/"));
    for (name, value) in chosen {
        if let Some(cookie) = value.and_then(|value| cookies::set(name, value, state.config.is_https())) {
            response.headers_mut().append(SET_COOKIE, cookie);
        }
    }
    response
}
