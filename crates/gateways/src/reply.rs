//! What a gateway answers.

use crate::SavedMethod;
use domain::{
    Money, Timestamp,
    decline::DeclineCode,
    dispute::{DisputeReason, DisputeStatus},
};

/// An answer about a charge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChargeReply {
    /// The gateway's own name for it.
    pub gateway_ref: Option<String>,
    /// Where it stands.
    pub state: ChargeState,
    /// What may be kept and shown about the card.
    pub card: Option<CardFacts>,
    /// What the gateway keeps for later charges, once it does and where [`ChargeRequest::keep`](crate::ChargeRequest::keep) asked
    /// for it. Every later answer about the charge says it again.
    pub saved: Option<SavedMethod>,
    /// The gateway's own code, as it came.
    pub raw_code: Option<String>,
    /// The gateway's own words, as they came.
    pub raw_message: Option<String>,
}

/// Where a charge stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChargeState {
    /// Captured.
    Succeeded {
        /// How much was captured.
        captured: Money,
        /// What the gateway keeps of it, in the same currency; none when it has not said yet or says it in another currency.
        fee: Option<Money>,
    },
    /// Authorised; waits to be captured.
    Authorized {
        /// When the gateway releases what was not captured, where it says so.
        capture_before: Option<Timestamp>,
    },
    /// Taken; the funds settle later. Ask again.
    Processing,
    /// The customer has to go to `url`: a path on this server or an https address.
    RequiresAction {
        /// Where.
        url: String,
    },
    /// A definite no: nothing was charged.
    Declined(DeclineCode),
    /// Voided or given up before a capture.
    Canceled,
}

/// What may be kept and shown about a card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardFacts {
    /// `visa`, `mastercard`, `amex`, `discover`, `diners`, `jcb`, `unionpay`.
    pub brand: String,
    /// Last four digits.
    pub last4: String,
    /// 1 to 12, when it is known.
    pub exp_month: Option<u8>,
    /// Four digits, when it is known.
    pub exp_year: Option<u16>,
    /// Two-letter country of the issuer.
    pub country: Option<String>,
}

/// An answer about a refund.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundReply {
    /// The gateway's own name for it.
    pub gateway_ref: Option<String>,
    /// How much.
    pub amount: Money,
    /// Where it stands.
    pub state: RefundState,
    /// The gateway's own code, as it came.
    pub raw_code: Option<String>,
    /// The gateway's own words, as they came.
    pub raw_message: Option<String>,
}

/// Where a refund stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RefundState {
    /// On its way. Ask again.
    Pending,
    /// Done. It may still fail later: banks return refunds.
    Succeeded,
    /// A definite no, or returned by the bank.
    Failed {
        /// The sentence is `refund.failure.<code>`: `charge_not_refundable`, `amount_too_large`, `bank_returned`,
        /// `not_supported`, `gateway_misconfigured`, `other`.
        code: &'static str,
    },
}

/// An answer about a method that is to be kept without a charge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetUpReply {
    /// The gateway's own name for the undertaking, for [`Saves::finish_set_up`](crate::Saves::finish_set_up).
    pub gateway_ref: Option<String>,
    /// Where it stands.
    pub state: SetUpState,
    /// What may be kept and shown about the card.
    pub card: Option<CardFacts>,
    /// The gateway's own code, as it came.
    pub raw_code: Option<String>,
    /// The gateway's own words, as they came.
    pub raw_message: Option<String>,
}

/// Where the keeping of a method stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SetUpState {
    /// The gateway keeps it.
    Saved(SavedMethod),
    /// The customer has to go to `url`: a path on this server or an https address.
    RequiresAction {
        /// Where.
        url: String,
    },
    /// A definite no: nothing is kept.
    Declined(DeclineCode),
    /// Given up: nothing is kept.
    Canceled,
}

/// A dispute as the gateway tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DisputeReply {
    /// The gateway's own name for it.
    pub gateway_ref: String,
    /// The gateway's name for the charge, as our answers about charges name it.
    pub charge_ref: String,
    /// How much the customer's bank wants back.
    pub amount: Money,
    /// What the gateway has taken back from the merchant for it by now, without its fee: nothing while it only inquires, and
    /// nothing again once the dispute is won. None where it does not say.
    pub taken: Option<Money>,
    /// What the gateway takes for the dispute itself, where it says so.
    pub fee: Option<Money>,
    /// Why.
    pub reason: DisputeReason,
    /// Where it stands.
    pub status: DisputeStatus,
    /// Until when evidence is accepted, where there is such a time.
    pub respond_by: Option<Timestamp>,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// The gateway's or network's own code for the reason, as it came.
    pub raw_code: Option<String>,
}

/// A call without a usable answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GatewayFailure {
    /// Definitely nothing happened: the request never left, or the gateway refused it before it did anything. Reasons are
    /// for logs and hold no secret.
    #[error("not sent: {reason}")]
    NotSent {
        /// Why.
        reason: String,
    },
    /// It may have happened: timeout, reset, a 5xx, an answer that can't be read.
    #[error("unknown: {reason}")]
    Unknown {
        /// Why.
        reason: String,
    },
}

impl GatewayFailure {
    /// Definitely nothing happened.
    pub fn not_sent(reason: impl Into<String>) -> Self {
        Self::NotSent { reason: reason.into() }
    }

    /// It may have happened.
    pub fn unknown(reason: impl Into<String>) -> Self {
        Self::Unknown { reason: reason.into() }
    }
}

/// A charge found by listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedCharge {
    /// Our own key for it, where the gateway gives it back.
    pub our_key: Option<String>,
    /// How much was asked.
    pub amount: Money,
    /// When the gateway made it.
    pub created_at: Timestamp,
    /// Where it stands.
    pub reply: ChargeReply,
}

/// A page of [`ListedCharge`]s, oldest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListPage {
    /// The charges.
    pub charges: Vec<ListedCharge>,
    /// What to pass for the next page; none at the end.
    pub next: Option<String>,
}

/// A refund found by listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedRefund {
    /// Our own key for it, where the gateway gives it back.
    pub our_key: Option<String>,
    /// The gateway's name for the charge.
    pub charge_ref: String,
    /// When the gateway made it.
    pub created_at: Timestamp,
    /// Where it stands.
    pub reply: RefundReply,
}

/// A page of [`ListedRefund`]s, oldest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundListPage {
    /// The refunds.
    pub refunds: Vec<ListedRefund>,
    /// What to pass for the next page; none at the end.
    pub next: Option<String>,
}

/// What testing a connection found; the sentence is `gateway.test.<code>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CheckCode {
    /// It works.
    Ok,
    /// The gateway refuses the credentials.
    WrongCredentials,
    /// They are for the other mode.
    WrongMode,
    /// They lack a right that Paydeck needs.
    MissingPermission,
    /// The account at the gateway can't charge (yet).
    AccountRestricted,
    /// The gateway did not answer.
    Unreachable,
    /// The gateway answered something that can't be read.
    Unreadable,
}

impl CheckCode {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Ok,
        Self::WrongCredentials,
        Self::WrongMode,
        Self::MissingPermission,
        Self::AccountRestricted,
        Self::Unreachable,
        Self::Unreadable,
    ];

    /// The code in the database and the catalogue.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::WrongCredentials => "wrong_credentials",
            Self::WrongMode => "wrong_mode",
            Self::MissingPermission => "missing_permission",
            Self::AccountRestricted => "account_restricted",
            Self::Unreachable => "unreachable",
            Self::Unreadable => "unreadable",
        }
    }
}

/// What a gateway's challenge page, served by this server, shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Challenge {
    /// Our key for the charge that it belongs to.
    pub our_key: String,
    /// The gateway's name for the charge.
    pub gateway_ref: String,
    /// How much is to be confirmed.
    pub amount: Money,
    /// The card.
    pub card: Option<CardFacts>,
    /// Whether it still waits for an answer.
    pub open: bool,
}
