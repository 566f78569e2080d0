//! Payments and refunds.

use crate::{
    AttemptId, Cancellation, ConnectionId, DisputeId, Money, OperationId, PaymentId, RefundId, SessionId, Timestamp,
    decline::DeclineClass,
    dispute::{DisputeReason, DisputeStatus},
    routing::Reason,
    states::{AttemptStatus, OperationKind, PaymentStatus, RefundStatus},
};
use serde::{Deserialize, Serialize};

/// A row of the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentRow {
    /// The payment.
    pub id: PaymentId,
    /// State.
    pub status: PaymentStatus,
    /// Amount asked.
    pub amount: Money,
    /// Captured.
    pub captured: Money,
    /// Given back so far (succeeded).
    pub refunded: Money,
    /// Reserved for refunds under way.
    pub refund_pending: Money,
    /// Brand of the card.
    pub card_brand: Option<String>,
    /// Last four digits.
    pub card_last4: Option<String>,
    /// Method, for instance `card`.
    pub method: Option<String>,
    /// Provider of the latest attempt.
    pub provider: Option<String>,
    /// The customer's address.
    pub customer_email: Option<String>,
    /// The merchant's reference.
    pub reference: Option<String>,
    /// What was bought.
    pub description: Option<String>,
    /// Code of the last decline.
    pub decline_code: Option<String>,
    /// Made.
    pub created_at: Timestamp,
}

/// Filters of the list: the query part of its URL. Everything as typed; what can't be read is reported, not ignored.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PaymentFilter {
    /// A [`PaymentStatus`] by name, `refunded`, `partially_refunded` or `failed` (declined, waiting for another try).
    pub status: Option<String>,
    /// First day, `YYYY-MM-DD`, in the merchant's time zone.
    pub from: Option<String>,
    /// Last day, inclusive.
    pub to: Option<String>,
    /// Least amount, as typed; needs `currency` to be read in its decimals, else two decimals are assumed.
    pub min: Option<String>,
    /// Greatest amount.
    pub max: Option<String>,
    /// Currency code.
    pub currency: Option<String>,
    /// `card` …
    pub method: Option<String>,
    /// Last four digits.
    pub last4: Option<String>,
    /// The customer's address, whole, in any capitals.
    pub email: Option<String>,
    /// The merchant's reference, whole.
    pub reference: Option<String>,
    /// Cursor: rows after it (older).
    pub after: Option<String>,
    /// Cursor: rows before it (newer).
    pub before: Option<String>,
    /// Rows a page.
    pub limit: Option<u16>,
}

/// An attempt, on the detail page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// Its id.
    pub id: AttemptId,
    /// State.
    pub status: AttemptStatus,
    /// Amount.
    pub amount: Money,
    /// Connection.
    pub connection_id: ConnectionId,
    /// The connection's name.
    pub connection_name: String,
    /// Provider.
    pub provider: String,
    /// Method.
    pub method: String,
    /// Brand.
    pub card_brand: Option<String>,
    /// Last four.
    pub card_last4: Option<String>,
    /// Expiry month.
    pub card_exp_month: Option<i64>,
    /// Expiry year.
    pub card_exp_year: Option<i64>,
    /// Country of the card.
    pub card_country: Option<String>,
    /// The gateway's own name for it.
    pub gateway_ref: Option<String>,
    /// Why it was declined.
    pub decline_code: Option<String>,
    /// What kind of no.
    pub decline_class: Option<DeclineClass>,
    /// The gateway's raw code.
    pub raw_code: Option<String>,
    /// The gateway's own words.
    pub raw_message: Option<String>,
    /// What the gateway took.
    pub fee: Money,
    /// Whether the gateway has yet to say what it took.
    pub fee_pending: bool,
    /// Captured of the amount.
    pub captured: Money,
    /// When the amount was held on the card, if it ever was.
    pub authorized_at: Option<Timestamp>,
    /// Why it went to this connection; none for attempts older than routing.
    pub routing: Option<Reason>,
    /// Made.
    pub created_at: Timestamp,
    /// Changed.
    pub updated_at: Timestamp,
}

/// A refund.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refund {
    /// Its id.
    pub id: RefundId,
    /// Of which payment.
    pub payment_id: PaymentId,
    /// State.
    pub status: RefundStatus,
    /// Amount.
    pub amount: Money,
    /// `duplicate`, `fraudulent`, `requested_by_customer` or `other`.
    pub reason: String,
    /// The merchant's note.
    pub note: Option<String>,
    /// Why it failed: a code (`refund.failure.<code>`).
    pub failure_code: Option<String>,
    /// Who made it.
    pub created_by: Option<String>,
    /// Who asked for it: `merchant`, or a rule (`surplus`, `late_success`), or `late_failure` when the gateway never had the
    /// money, or `gateway` when it was made there.
    pub origin: String,
    /// The customer's address.
    pub customer_email: Option<String>,
    /// Made.
    pub created_at: Timestamp,
    /// Changed.
    pub updated_at: Timestamp,
}

/// A dispute, on the detail page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dispute {
    /// Its id.
    pub id: DisputeId,
    /// The gateway's own name for it.
    pub gateway_ref: String,
    /// What the customer's bank asks.
    pub amount: Money,
    /// What is taken now.
    pub taken: Money,
    /// What the dispute itself costs.
    pub fee: Money,
    /// Why.
    pub reason: DisputeReason,
    /// Where it stands.
    pub status: DisputeStatus,
    /// Until when evidence is accepted.
    pub respond_by: Option<Timestamp>,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// The gateway's or network's own code for the reason.
    pub raw_code: Option<String>,
    /// First heard of.
    pub created_at: Timestamp,
    /// Changed.
    pub updated_at: Timestamp,
}

/// An entry of the ledger, on the detail page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerLine {
    /// Journal.
    pub journal_id: String,
    /// Kind of journal.
    pub kind: String,
    /// Account.
    pub account: String,
    /// Signed: debits positive.
    pub amount: Money,
    /// When it was booked.
    pub at: Timestamp,
}

/// A moment of the payment's story.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimelineItem {
    /// When.
    pub at: Timestamp,
    /// What: `payment.created`, `attempt.succeeded`, `attempt.failed`, `attempt.requires_action`, `attempt.unknown`,
    /// `refund.created`, `refund.succeeded`, `refund.failed`, `mail.sent`, `journal.payment` … ; the sentence is
    /// `timeline.<kind>` in the catalogue.
    pub kind: String,
    /// Values for the sentence.
    pub params: Vec<(String, String)>,
    /// Who did it, when a person did.
    pub actor: Option<String>,
}

/// Something about a payment's money that a person should know; the sentence is `payment.note.<kind>`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MoneyNote {
    /// `asking` (an outcome is unknown, and the gateway is asked), `review` (it waits for a person), `contradicted` (the gateway
    /// says otherwise than a person decided), `late_accepted`, `late_refunding`, `late_refunded`, `surplus_refunding`,
    /// `surplus_refunded`, `refund_by_rule_failed`, `refunded_and_disputed` (refunds and disputes together took more than was
    /// captured).
    pub kind: String,
    /// How much.
    pub amount: Money,
    /// Since when.
    pub at: Timestamp,
    /// The attempt or operation that it is about.
    pub object: String,
}

/// The detail page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentDetail {
    /// The row.
    pub row: PaymentRow,
    /// Captured.
    pub captured: Money,
    /// What the gateway took.
    pub fee: Money,
    /// Captured less fees and refunds, and less what disputes took and cost.
    pub net: Money,
    /// What can still be refunded.
    pub refundable: Money,
    /// What was held on the card before it was captured; none when the card was charged at once.
    pub authorization: Option<Authorization>,
    /// Whether the viewer may refund, and the payment allows it.
    pub may_refund: bool,
    /// Why not, when it can't: a code (`payment.no_refund.<code>`).
    pub no_refund_because: Option<String>,
    /// Attempts, oldest first.
    pub attempts: Vec<Attempt>,
    /// Names of connections that were passed over.
    pub connection_names: Vec<(ConnectionId, String)>,
    /// Refunds, oldest first.
    pub refunds: Vec<Refund>,
    /// Disputes, oldest first.
    pub disputes: Vec<Dispute>,
    /// What came too much by bank transfers, oldest first.
    pub surpluses: Vec<TransferSurplus>,
    /// Entries, in the order of booking.
    pub ledger: Vec<LedgerLine>,
    /// The story, newest first.
    pub timeline: Vec<TimelineItem>,
    /// What a person should know about its money, the most pressing first.
    pub notes: Vec<MoneyNote>,
    /// The checkout session.
    pub session_id: Option<SessionId>,
    /// Metadata.
    pub metadata: Vec<(String, String)>,
    /// The receipt's path.
    pub receipt_path: String,
    /// Captured at.
    pub captured_at: Option<Timestamp>,
}

/// What came beyond the amount of a bank transfer, on the detail page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransferSurplus {
    /// The transfer.
    pub transfer: OperationId,
    /// How much.
    pub amount: Money,
    /// When it was said that it was paid back to the customer; none while it is owed.
    pub returned_at: Option<Timestamp>,
    /// Who said so.
    pub returned_by: Option<String>,
    /// Whether the viewer may say so, and it was not said yet.
    pub may_mark: bool,
}

/// An authorisation and what became of it, on the detail page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Authorization {
    /// What was held.
    pub authorized: Money,
    /// What the customer has back of it.
    pub released: Money,
    /// When the gateway lets go of it, while it stands.
    pub capture_before: Option<Timestamp>,
    /// Whether that is within a day.
    pub ends_soon: bool,
    /// A capture or a release that has no outcome yet.
    pub under_way: Option<OperationKind>,
    /// Why it ended without money.
    pub cancellation: Option<Cancellation>,
    /// Whether the viewer may capture, and the payment allows it.
    pub may_capture: bool,
    /// Why not, when it stands and can't be: a code (`payment.no_capture.<code>`).
    pub no_capture_because: Option<String>,
    /// Whether the viewer may release it.
    pub may_void: bool,
}

/// What is chosen to capture.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CaptureForm {
    /// The form's own key: a second POST of it captures nothing more.
    pub form_key: String,
    /// `full` or `partial`: partial must be chosen, never assumed.
    pub kind: String,
    /// Amount as typed, for `partial`.
    pub amount: String,
    /// What was authorised when the dialog opened, minor units: a full capture of another amount is refused.
    pub authorized: i64,
}

/// What is typed to refund.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RefundForm {
    /// The form's own key: a second POST of it refunds nothing more.
    pub form_key: String,
    /// `full` or `partial`: partial must be chosen, never assumed.
    pub kind: String,
    /// Amount as typed, for `partial`.
    pub amount: String,
    /// Reason.
    pub reason: String,
    /// Note; may be empty.
    pub note: String,
    /// What remained when the dialog opened, minor units: a full refund of another amount is refused.
    pub remaining: i64,
}

/// Filters of the list of refunds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RefundFilter {
    /// A [`RefundStatus`] by name.
    pub status: Option<String>,
    /// Cursor: rows after it (older).
    pub after: Option<String>,
    /// Cursor: rows before it (newer).
    pub before: Option<String>,
}
