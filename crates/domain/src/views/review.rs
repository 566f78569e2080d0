//! Calls to gateways whose outcome nobody could find out: what a person decides by.

use crate::{Money, OperationId, PaymentId, RefundId, Timestamp, states::OperationKind};
use serde::{Deserialize, Serialize};

/// Something that was heard about a call while it was in doubt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// When.
    pub at: Timestamp,
    /// `call` (the answer to the call itself), `ask` or `person`; the word is `review.source.<source>`.
    pub source: String,
    /// What it said: an operation's state, `no_answer`, `not_found` or `other_amount`; the words are
    /// `review.outcome.<outcome>`.
    pub outcome: String,
    /// The gateway's own words, or ours for the log.
    pub detail: Option<String>,
}

/// A call that waits for a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReviewEntry {
    /// The call.
    pub operation: OperationId,
    /// What it asked for.
    pub kind: OperationKind,
    /// How much.
    pub amount: Money,
    /// The payment.
    pub payment: PaymentId,
    /// The refund, if the call was one.
    pub refund: Option<RefundId>,
    /// The customer's address.
    pub customer_email: Option<String>,
    /// What was bought.
    pub description: Option<String>,
    /// Brand of the card.
    pub card_brand: Option<String>,
    /// Last four digits.
    pub card_last4: Option<String>,
    /// The connection's name.
    pub connection_name: String,
    /// Its provider.
    pub provider: String,
    /// Our key at the gateway.
    pub our_key: String,
    /// The gateway's name for what the call made, if it told one.
    pub gateway_ref: Option<String>,
    /// The gateway's name for the charge.
    pub charge_ref: Option<String>,
    /// When it was sent.
    pub sent_at: Timestamp,
    /// How often the gateway was asked since.
    pub asked: i64,
    /// When it is asked next; none when it can't be asked.
    pub next_ask: Option<Timestamp>,
    /// How the gateway is asked: `by_id`, `by_listing`, `by_cancelling_key`, `never`; the words are `review.asks.<name>`.
    pub finds_out: String,
    /// What was heard since, the latest first; the oldest of many are left out.
    pub answers: Vec<Answer>,
    /// Whether the viewer may decide.
    pub may_decide: bool,
}

/// What a person decides about a call.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DecisionForm {
    /// `happened` or `not_happened`.
    pub decision: String,
    /// The gateway's name for what the call made; asked for when it happened.
    pub gateway_ref: String,
}
