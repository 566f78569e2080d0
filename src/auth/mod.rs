//! The pages of those who are not logged in yet.

mod first_admin;
mod invitations;
mod login;
mod preferences;
mod reset;
mod signup;
mod verify;

use crate::forms::see_other;
use crate::middleware::request::{cookie, cookies};
use crate::session;
use crate::state::AppState;
use app::RequestInfo;
use app::hosted::auth::Typed;
use app::hosted::errors::Fault;
use axum::Router;
use axum::http::{HeaderMap, header::SET_COOKIE};
use axum::response::Response;
use axum::routing::{get, post};
use domain::{Problem, UserId, problem::accounts};
use tower_sessions::Session;

use crate::errors::respond_to;
use crate::forms::Posted;

/// Sign-up, login, logout, mails' links, preferences.
pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/signup", get(signup::page).post(signup::send))
        .route("/check-mail", get(signup::check_mail))
        .route("/login", get(login::page).post(login::send))
        .route("/logout", post(login::log_out))
        .route("/verify", get(verify::show).post(verify::send))
        .route("/reset", get(reset::page).post(reset::send))
        .route("/reset/{token}", get(reset::token_page).post(reset::set))
        .route("/invitations/{token}", get(invitations::page).post(invitations::accept))
        .route("/first-admin/{token}", get(first_admin::page).post(first_admin::send))
        .route("/preferences", post(preferences::set))
}

/// What was typed, as pages show it again: everything but the password.
fn typed(form: &Posted) -> Typed {
    Typed { name: form.get("name"), email: form.get("email"), business_name: form.get("business_name") }
}

/// Whether a link of a mail is over.
fn is_over(problem: &Problem) -> bool {
    problem.code == accounts::LINK_ENDED || problem.code == accounts::FIRST_ADMIN_EXISTS
}

/// Logs somebody in and sends them on. Who never chose a language here gets their own.
async fn enter(
    state: &AppState,
    info: &RequestInfo,
    headers: &HeaderMap,
    session: &Session,
    user: &UserId,
    next: &str,
) -> Response {
    if let Err(error) = session::log_in(session, user, &info.origin, state.services.now()).await {
        tracing::error!(%error, "the session could not be made");
        return respond_to(state, info, Fault::Busy);
    }
    let mut response = see_other(next);
    if cookie(headers, cookies::LOCALE).is_none()
        && let Ok(viewer) = services::accounts::viewer(&state.services, user).await
        && let Some(cookie) = cookies::set(cookies::LOCALE, viewer.locale.tag(), state.config.is_https())
    {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    response
}
