//! How a connection fares.

use crate::{ConnectionId, Timestamp, states::ConnectionStatus};
use serde::{Deserialize, Serialize};

/// How long calls took, as far as counting by size tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Took {
    /// At most so many milliseconds.
    Within(i64),
    /// More than so many.
    Beyond(i64),
}

/// The calls of a stretch of time until now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HealthWindow {
    /// Its length.
    pub minutes: i64,
    /// All calls.
    pub calls: i64,
    /// Definite answers that blame nobody but perhaps the card.
    pub answered: i64,
    /// Definite answers that blame the gateway.
    pub technical: i64,
    /// Definite answers that blame the connection's set-up.
    pub configuration: i64,
    /// The request never left.
    pub not_sent: i64,
    /// No usable answer.
    pub no_answer: i64,
    /// Answered of all, in thousandths; none when there were none.
    pub success_permille: Option<i64>,
    /// Half of the calls took no longer.
    pub p50: Option<Took>,
    /// 95 of 100 calls took no longer.
    pub p95: Option<Took>,
}

/// Calls are refused for a while because the gateway does not answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallsPaused {
    /// Since when.
    pub since: Timestamp,
    /// When the next one is let through.
    pub until: Timestamp,
    /// Why; the sentence is `gateways.paused.<code>`.
    pub why: String,
}

/// The health of a connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HealthView {
    /// The connection.
    pub connection: ConnectionId,
    /// The merchant's own name for it.
    pub name: String,
    /// Its provider.
    pub provider: String,
    /// Its state.
    pub status: ConnectionStatus,
    /// 5 minutes, an hour, a day.
    pub windows: Vec<HealthWindow>,
    /// Set while calls are refused, as the process that made this view has seen it.
    pub paused: Option<CallsPaused>,
    /// The maintenance window, under way or ahead.
    pub maintenance: Option<(Timestamp, Timestamp)>,
    /// The operator's next maintenance of its provider, under way or ahead.
    #[serde(default)]
    pub operator_maintenance: Option<(Timestamp, Timestamp)>,
    /// Whether the viewer may set one.
    pub may_manage: bool,
    /// The time zone in which it is typed.
    pub timezone: String,
}

/// What is typed to set a maintenance window: dates with times on the merchant's clocks, `2026-11-22T14:30`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct MaintenanceForm {
    /// Its start.
    pub from: String,
    /// Its end.
    pub until: String,
}
