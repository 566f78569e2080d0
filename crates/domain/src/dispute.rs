//! What customers' banks want back, and why.
//!
//! Reasons are the groups of Stripe's public documentation (<https://docs.stripe.com/disputes/categories>), which payment code
//! already knows; every gateway's own reasons map to them.

use crate::{Money, access::named};
use serde::{Deserialize, Serialize};
use std::str::FromStr;

/// Why a payment is disputed. The sentence is `dispute.reason.<code>` in the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DisputeReason {
    /// The cardholder says that they did not pay.
    Fraudulent,
    /// The cardholder does not know the payment.
    Unrecognized,
    /// Paid more than once.
    Duplicate,
    /// Goods or service did not come.
    ProductNotReceived,
    /// Not as described, or broken.
    ProductUnacceptable,
    /// A refund was promised and did not come.
    CreditNotProcessed,
    /// Charged after the subscription was cancelled.
    SubscriptionCanceled,
    /// Another amount than agreed.
    IncorrectAmount,
    /// Whatever fits none of these.
    General,
}
named!(DisputeReason {
    Fraudulent = "fraudulent",
    Unrecognized = "unrecognized",
    Duplicate = "duplicate",
    ProductNotReceived = "product_not_received",
    ProductUnacceptable = "product_unacceptable",
    CreditNotProcessed = "credit_not_processed",
    SubscriptionCanceled = "subscription_canceled",
    IncorrectAmount = "incorrect_amount",
    General = "general",
});

/// Where a dispute stands. The word is `dispute.status.<code>` in the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DisputeStatus {
    /// The bank asks before it disputes: no money is taken yet.
    Inquiry,
    /// The merchant has to answer.
    NeedsResponse,
    /// Answered: the bank decides.
    UnderReview,
    /// The merchant keeps the money.
    Won,
    /// The customer keeps the money.
    Lost,
    /// Over without a decision: an inquiry that became no dispute, or a dispute that was withdrawn. The merchant keeps the money.
    Closed,
}
named!(DisputeStatus {
    Inquiry = "inquiry",
    NeedsResponse = "needs_response",
    UnderReview = "under_review",
    Won = "won",
    Lost = "lost",
    Closed = "closed",
});

impl DisputeStatus {
    /// Whether nothing more is decided about it. Some networks open what was decided once more.
    #[must_use]
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Won | Self::Lost | Self::Closed)
    }

    /// Whether the merchant is asked for an answer.
    #[must_use]
    pub const fn asks(self) -> bool {
        matches!(self, Self::Inquiry | Self::NeedsResponse)
    }

    /// What is taken, minor units: what the gateway tells; where it does not, what follows from the state, and else what was known
    /// before.
    #[must_use]
    pub const fn taken(self, told: Option<Money>, amount: Money, before: i64) -> i64 {
        match (told, self) {
            (Some(told), _) => told.minor,
            (None, Self::Lost) => amount.minor,
            (None, Self::Won | Self::Closed) => 0,
            (None, Self::Inquiry | Self::NeedsResponse | Self::UnderReview) => before,
        }
    }
}
