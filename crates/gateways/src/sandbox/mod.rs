//! The sandbox: an acquirer of our own that moves no money and keeps a book as ground truth.
//!
//! It takes the published test numbers of [`cards`] and nothing else, decides by the card alone, and writes what it decided
//! into its book before it answers, as an acquirer does: a timeout hides an answer, never a charge. The book lies behind
//! [`SandboxBook`], which the services implement over the sandbox's own tables.
//!
//! An authorisation stands for seven days; what is not captured by then is released, as at an acquirer, by itself.
//!
//! Fees are 2.9 % of what is captured, rounded by [`Money::share`](domain::Money::share), plus 30 minor units of the
//! currency whatever it is worth. Refunds give no fee back.

mod act;
pub mod book;
pub mod cards;
mod reply;
mod saved;
mod traits;

pub use book::{
    BookCharge, BookError, BookRefund, ChargeBy, ChargeChange, ChargeStatus, RefundOpening, RefundStatus, SandboxBook,
};
pub use reply::fee;

use domain::time::{DAY, HOUR, SECOND};
use std::sync::Arc;
use std::time::Duration;

/// The provider's key.
pub const KEY: &str = "sandbox";

/// Milliseconds until funds that settle later do (or fail to).
pub const SETTLES_AFTER: i64 = 30 * SECOND;
/// Milliseconds until a pending refund is done, or a refund that fails later fails.
pub const REFUND_SETTLES_AFTER: i64 = 30 * SECOND;
/// Milliseconds after which an unanswered challenge counts as abandoned.
pub const CHALLENGE_LASTS: i64 = HOUR;
/// Milliseconds for which an authorisation stands.
pub const AUTHORIZATION_LASTS: i64 = 7 * DAY;
/// The same for the card whose bank is impatient.
pub const SHORT_HOLD_LASTS: i64 = HOUR;

/// The sandbox's gateway.
#[derive(Clone)]
pub struct Sandbox {
    book: Arc<dyn SandboxBook>,
    delays: Delays,
}

/// How long the faults that take time take.
#[derive(Debug, Clone, Copy)]
pub struct Delays {
    /// The slow card's answer.
    pub slow: Duration,
    /// Until a call that times out is given up.
    pub timeout: Duration,
}

impl Default for Delays {
    fn default() -> Self {
        Self { slow: Duration::from_secs(3), timeout: Duration::from_secs(1) }
    }
}

impl Delays {
    /// None at all, for tests.
    pub const NONE: Self = Self { slow: Duration::ZERO, timeout: Duration::ZERO };
}

impl Sandbox {
    /// A sandbox that keeps its book there.
    #[must_use]
    pub fn new(book: Arc<dyn SandboxBook>) -> Self {
        Self { book, delays: Delays::default() }
    }

    /// The same with other delays.
    #[must_use]
    pub fn with_delays(self, delays: Delays) -> Self {
        Self { delays, ..self }
    }
}

impl std::fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sandbox")
    }
}
