//! What the server knows about a request, for pages and server functions.

use crate::assets::Assets;
use crate::look::{Density, Look, Theme};
use domain::{Locale, UserId};
use services::Origin;
use std::sync::Arc;

/// Made by the server's middleware for each request; a Leptos context beside `services::Services`.
#[derive(Debug, Clone)]
pub struct RequestInfo {
    /// Who is logged in.
    pub user: Option<UserId>,
    /// Hash of the session's id, to tell the current one from others.
    pub session_hash: Option<String>,
    /// Where it came from.
    pub origin: Origin,
    /// Language: a cookie, the user's own, or the browser's.
    pub locale: Locale,
    /// Theme, from a cookie.
    pub theme: Option<Theme>,
    /// Density, from a cookie.
    pub density: Option<Density>,
    /// The nonce of the Content-Security-Policy.
    pub nonce: String,
    /// Built files.
    pub assets: Arc<Assets>,
    /// Whether the operator lets the sandbox act as live gateway: customers' pages say so in live mode.
    pub sandbox_live: bool,
}

impl RequestInfo {
    /// A request of nobody, for tests and for rendering outside of one.
    #[must_use]
    pub fn anonymous(locale: Locale, assets: Arc<Assets>) -> Self {
        Self {
            user: None,
            session_hash: None,
            origin: Origin::default(),
            locale,
            theme: None,
            density: None,
            nonce: String::new(),
            assets,
            sandbox_live: false,
        }
    }

    /// What was chosen of theme and density.
    #[must_use]
    pub const fn look(&self) -> Look {
        Look { theme: self.theme, density: self.density }
    }
}
