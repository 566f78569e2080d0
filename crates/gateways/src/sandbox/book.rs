//! The sandbox's book: what it must be able to write and read.

use async_trait::async_trait;
use domain::{Money, Timestamp, decline::DeclineCode};

macro_rules! statuses {
    ($(#[$doc:meta])* $type:ident { $($(#[$vdoc:meta])* $variant:ident = $name:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $type { $($(#[$vdoc])* $variant),* }
        impl $type {
            /// The name in the book.
            #[must_use]
            pub const fn as_str(self) -> &'static str { match self { $(Self::$variant => $name),* } }
            /// Reads a name of the book.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> { match text { $($name => Some(Self::$variant),)* _ => None } }
        }
    };
}

statuses! {
    /// Where a charge of the book stands.
    ChargeStatus {
        /// Captured.
        Succeeded = "succeeded",
        /// Authorised; released at `settles_at`.
        Authorized = "authorized",
        /// The challenge waits for an answer; abandoned at `settles_at`.
        RequiresAction = "requires_action",
        /// Settles at `settles_at`.
        Processing = "processing",
        /// Declined.
        Failed = "failed",
        /// Released.
        Voided = "voided",
    }
}

statuses! {
    /// Where a refund of the book stands.
    RefundStatus {
        /// Done at `settles_at`.
        Pending = "pending",
        /// Done; fails at `fails_at`, if there is one.
        Succeeded = "succeeded",
        /// Returned by the bank.
        Failed = "failed",
    }
}

/// A charge of the book. No number and no security code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BookCharge {
    /// The sandbox's own name for it.
    pub id: String,
    /// The connection's id.
    pub account: String,
    /// The caller's key.
    pub idempotency_key: String,
    /// How much was asked.
    pub amount: Money,
    /// Capture at once; else authorise only.
    pub capture: bool,
    /// Captured, in the amount's currency.
    pub captured: i64,
    /// Given back or about to be.
    pub refunded: i64,
    /// What the sandbox keeps.
    pub fee: i64,
    /// Where it stands.
    pub status: ChargeStatus,
    /// Why it was declined.
    pub decline: Option<DeclineCode>,
    /// The test card's name.
    pub scenario: String,
    /// Opens the challenge page.
    pub challenge_token: Option<String>,
    /// When what is open is over.
    pub settles_at: Option<Timestamp>,
    /// Made.
    pub created_at: Timestamp,
}

/// What a charge becomes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChargeChange {
    /// Where it stands then.
    pub status: ChargeStatus,
    /// Captured.
    pub captured: i64,
    /// What the sandbox keeps.
    pub fee: i64,
    /// Why it was declined.
    pub decline: Option<DeclineCode>,
    /// When what is open is over.
    pub settles_at: Option<Timestamp>,
}

/// A refund of the book.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BookRefund {
    /// The sandbox's own name for it.
    pub id: String,
    /// Of which charge.
    pub charge_id: String,
    /// The caller's key.
    pub idempotency_key: String,
    /// How much.
    pub amount: Money,
    /// Where it stands.
    pub status: RefundStatus,
    /// When a pending one is done.
    pub settles_at: Option<Timestamp>,
    /// When a done one fails.
    pub fails_at: Option<Timestamp>,
    /// Made.
    pub created_at: Timestamp,
}

/// By what a charge is looked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChargeBy<'a> {
    /// The sandbox's own name.
    Id(&'a str),
    /// The caller's key.
    Key(&'a str),
    /// The token of the challenge page.
    Challenge(&'a str),
}

/// What came of opening a refund.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RefundOpening {
    /// It is written, and the charge's `refunded` with it.
    Written,
    /// Its key is taken by this one.
    Exists(BookRefund),
    /// The charge has not that much left to give back.
    TooMuch,
}

/// The book could not be read or written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BookError {
    /// Nothing was done.
    #[error("{0}")]
    NothingDone(String),
    /// It may have been done.
    #[error("{0}")]
    Doubtful(String),
}

/// Where the sandbox keeps its book. Every writing function is one unit: whole or not at all.
#[async_trait]
pub trait SandboxBook: Send + Sync {
    /// Random bytes, for names and challenge tokens.
    fn random(&self) -> [u8; 32];

    /// Writes a charge unless its key is taken; then it returns the charge that has it.
    async fn open_charge(&self, charge: &BookCharge) -> Result<Option<BookCharge>, BookError>;

    /// Finds a charge.
    async fn charge(&self, by: ChargeBy<'_>) -> Result<Option<BookCharge>, BookError>;

    /// Changes a charge that still stands at `from`; false when it does not.
    async fn move_charge(&self, id: &str, from: ChargeStatus, change: &ChargeChange) -> Result<bool, BookError>;

    /// Charges of an account from `from` up to but not including `to`, after a place (time and id), oldest first.
    async fn charges_between(
        &self,
        account: &str,
        from: Timestamp,
        to: Timestamp,
        after: Option<(Timestamp, &str)>,
        limit: i64,
    ) -> Result<Vec<BookCharge>, BookError>;

    /// Refunds of an account from `from` up to but not including `to`, after a place (time and id), oldest first.
    async fn refunds_between(
        &self,
        account: &str,
        from: Timestamp,
        to: Timestamp,
        after: Option<(Timestamp, &str)>,
        limit: i64,
    ) -> Result<Vec<BookRefund>, BookError>;

    /// Writes a refund and raises its charge's `refunded`, unless the key is taken or too little is left.
    async fn open_refund(&self, refund: &BookRefund) -> Result<RefundOpening, BookError>;

    /// Finds a refund by the sandbox's own name or by the caller's key.
    async fn refund(&self, id: Option<&str>, key: Option<&str>) -> Result<Option<BookRefund>, BookError>;

    /// Changes a refund that still stands at `from`; one that fails lowers its charge's `refunded`. False when it does not.
    async fn move_refund(&self, refund: &BookRefund, from: RefundStatus, to: RefundStatus) -> Result<bool, BookError>;
}
