//! Login sessions: a cookie for those who logged in, nothing for visitors.

pub mod store;

pub use store::Store;

use crate::config::Config;
use domain::{Timestamp, UserId, time::DAY};
use services::{Origin, Services};
use store::{LIFETIME, keys};
use tower_sessions::cookie::{SameSite, time::Duration};
use tower_sessions::{Expiry, Session, SessionManagerLayer};

/// What a request's session says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoggedIn {
    /// Who.
    pub user_id: UserId,
    /// The session's public name, by which it is listed and revoked.
    pub handle: Option<String>,
    /// The session as it stands in the database.
    pub id_hash: String,
}

/// The cookie's name. `__Host-` binds it to this host and to HTTPS, which plain http://localhost can't have.
#[must_use]
pub const fn cookie_name(https: bool) -> &'static str {
    if https { "__Host-paydeck" } else { "paydeck" }
}

/// The layer that reads and writes the cookie. The session is loaded only where somebody asks for it.
#[must_use]
pub fn layer(services: &Services, config: &Config) -> SessionManagerLayer<Store> {
    SessionManagerLayer::new(Store::new(services.clone()))
        .with_name(cookie_name(config.is_https()))
        .with_secure(config.is_https())
        .with_http_only(true)
        .with_same_site(SameSite::Lax)
        .with_path("/")
        .with_expiry(Expiry::OnInactivity(Duration::milliseconds(LIFETIME)))
}

/// Who is logged in. Renews the session once a day, which moves its end and the cookie's.
///
/// # Errors
/// When the database can't be asked.
pub async fn logged_in(session: &Session, now: Timestamp) -> Result<Option<LoggedIn>, tower_sessions::session::Error> {
    if session.id().is_none() {
        return Ok(None);
    }
    let Some(user_id) = session.get::<UserId>(keys::USER).await? else { return Ok(None) };
    let Some(id) = session.id() else { return Ok(None) };
    let renewed = session.get::<i64>(keys::RENEWED).await?.unwrap_or(0);
    if now.millis() - renewed > DAY {
        session.insert(keys::RENEWED, now.millis()).await?;
    }
    let handle = session.get::<String>(keys::HANDLE).await?;
    Ok(Some(LoggedIn { user_id, handle, id_hash: store::hash(&id) }))
}

/// Logs somebody in: the session gets a new id, so that one known to somebody else before opens nothing.
///
/// # Errors
/// When the database can't be written.
pub async fn log_in(
    session: &Session,
    user: &UserId,
    origin: &Origin,
    now: Timestamp,
) -> Result<(), tower_sessions::session::Error> {
    session.cycle_id().await?;
    session.insert(keys::USER, user).await?;
    session.insert(keys::IP, &origin.ip).await?;
    session.insert(keys::AGENT, origin.user_agent.as_deref().map(shorten)).await?;
    session.insert(keys::RENEWED, now.millis()).await
}

/// The start of a browser's description; the rest says nothing to people.
fn shorten(agent: &str) -> String {
    agent.chars().filter(|c| !c.is_control()).take(300).collect()
}
