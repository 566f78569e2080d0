//! The home page.

use crate::{Money, Timestamp};
use serde::{Deserialize, Serialize};

/// A day of the chart, in the merchant's time zone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayPoint {
    /// `YYYY-MM-DD`.
    pub date: String,
    /// Captured that day, minor units.
    pub volume: i64,
    /// Payments captured.
    pub succeeded: i64,
    /// Attempts declined.
    pub failed: i64,
    /// Given back, minor units.
    pub refunds: i64,
    /// Connections, or providers by the operator's word, that were under maintenance that day.
    #[serde(default)]
    pub maintenance: Vec<Maintained>,
}

/// What was under maintenance.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Maintained {
    /// A connection, by the merchant's name for it.
    Connection(String),
    /// A provider, by its key.
    Provider(String),
}

/// The numbers of one currency; currencies are never summed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CurrencyBlock {
    /// Currency code.
    pub currency: String,
    /// Captured in the last 30 days.
    pub volume: Money,
    /// Captured in the 30 days before.
    pub volume_before: Money,
    /// Payments captured in the last 30 days.
    pub succeeded: i64,
    /// Attempts declined in the last 30 days.
    pub failed: i64,
    /// Succeeded of all finished attempts, in thousandths; none when there were none.
    pub success_permille: Option<i64>,
    /// Given back in the last 30 days.
    pub refunds: Money,
    /// How many refunds.
    pub refund_count: i64,
    /// What gateways took.
    pub fees: Money,
    /// 30 days, oldest first.
    pub days: Vec<DayPoint>,
}

/// Something that needs a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attention {
    /// Kind: `unknown_payments`, `failed_refunds`, `application_question`, `no_gateway`, `email_unverified`, `suspended` …; the
    /// sentence is `dashboard.attention.<kind>`.
    pub kind: String,
    /// How many, for the sentence.
    pub count: i64,
    /// Where to go: a path below the merchant and mode, or an absolute one.
    pub path: String,
    /// Until when, where there is such a time.
    pub until: Option<Timestamp>,
}

/// A point of the set-up checklist.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetupStep {
    /// `verify_email`, `connect_gateway`, `make_link`, `first_payment`, `apply`.
    pub key: String,
    /// Whether it is done.
    pub done: bool,
    /// Where to do it.
    pub path: String,
}

/// The home page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dashboard {
    /// One block a currency that was used, the merchant's own first.
    pub blocks: Vec<CurrencyBlock>,
    /// What needs attention.
    pub attention: Vec<Attention>,
    /// The checklist; none once everything is done.
    pub setup: Option<Vec<SetupStep>>,
    /// Latest payments.
    pub recent: Vec<super::payment::PaymentRow>,
    /// The time zone that days are cut by.
    pub timezone: String,
}
