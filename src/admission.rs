//! Bounded queues before the handlers: who can't be served in time is told so at once, in words, before everybody waits.
//!
//! Paying, logging in and the portal have a queue each, so that none of them starves another.

use crate::errors;
use crate::state::AppState;
use app::hosted::errors::Fault;
use axum::extract::{Request, State};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::Response;
use services::gate::{Bounds, Gate};
use std::time::Duration;

/// What a request is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// The customer's pages.
    Checkout,
    /// Forms behind which a password is hashed or a mail is asked for.
    Login,
    /// Everything else.
    Portal,
}

impl Class {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Checkout, Self::Login, Self::Portal];

    /// The name in metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Checkout => "checkout",
            Self::Login => "login",
            Self::Portal => "portal",
        }
    }

    /// The class of a request.
    #[must_use]
    pub fn of(method: &Method, path: &str) -> Self {
        const CHECKOUT: [&str; 4] = ["/c/", "/pay/", "/challenge/", "/r/"];
        const LOGIN: [&str; 6] = ["/login", "/signup", "/reset", "/verify", "/invitations/", "/first-admin/"];
        if CHECKOUT.iter().any(|start| path.starts_with(start)) {
            Self::Checkout
        } else if method == Method::POST && LOGIN.iter().any(|start| path.starts_with(start)) {
            Self::Login
        } else {
            Self::Portal
        }
    }
}

/// The queues of this process.
#[derive(Debug)]
pub struct Admission {
    checkout: Gate,
    login: Gate,
    portal: Gate,
}

impl Default for Admission {
    fn default() -> Self {
        let bounds = |at_once, waiting, seconds| Bounds { at_once, waiting, patience: Duration::from_secs(seconds) };
        Self::new(bounds(512, 2_048, 3), bounds(64, 128, 5), bounds(128, 512, 3))
    }
}

impl Admission {
    /// Queues with these bounds.
    #[must_use]
    pub fn new(checkout: Bounds, login: Bounds, portal: Bounds) -> Self {
        Self { checkout: Gate::new(checkout), login: Gate::new(login), portal: Gate::new(portal) }
    }

    /// The queue of a class.
    #[must_use]
    pub const fn gate(&self, class: Class) -> &Gate {
        match class {
            Class::Checkout => &self.checkout,
            Class::Login => &self.login,
            Class::Portal => &self.portal,
        }
    }
}

/// Lets a request in when it is its turn, and answers 503 when that would take too long or the server is not ready.
pub async fn admit(State(state): State<AppState>, request: Request, next: Next) -> Response {
    if !state.is_ready() {
        return errors::respond(&state, &request, Fault::Busy);
    }
    let gate = state.admission.gate(Class::of(request.method(), request.uri().path()));
    match gate.enter().await {
        Ok(_pass) => next.run(request).await,
        Err(_) => errors::respond(&state, &request, Fault::Busy),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn customers_logins_and_the_portal_queue_apart() {
        for (method, path, class) in [
            (Method::GET, "/c/abc", Class::Checkout),
            (Method::POST, "/c/abc", Class::Checkout),
            (Method::GET, "/pay/x", Class::Checkout),
            (Method::GET, "/r/x", Class::Checkout),
            (Method::POST, "/login", Class::Login),
            (Method::GET, "/login", Class::Portal),
            (Method::POST, "/reset/token", Class::Login),
            (Method::GET, "/m/acct_x/test/payments", Class::Portal),
        ] {
            assert_eq!(Class::of(&method, path), class, "{method} {path}");
        }
    }
}
