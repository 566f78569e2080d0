//! The routing page.

use crate::{
    ConnectionId, Money, Timestamp,
    routing::{Decision, RoutingForm, Skip},
};
use serde::{Deserialize, Serialize};

/// A connection that rules can name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoutedConnection {
    /// Its id.
    pub id: ConnectionId,
    /// The merchant's name for it.
    pub name: String,
    /// Why it takes no payment at all now.
    pub closed: Option<Skip>,
}

/// What the page shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoutingView {
    /// The rules that hold now, as they can be edited.
    pub form: RoutingForm,
    /// Who made this version and when; none when there is none.
    pub saved: Option<RoutingVersion>,
    /// Connections in the merchant's own order: the default list, which is last.
    pub connections: Vec<RoutedConnection>,
    /// Versions, the newest first.
    pub versions: Vec<RoutingVersion>,
    /// Whether the viewer may change the rules in this mode.
    pub may_manage: bool,
}

/// A version of the rules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoutingVersion {
    /// Its number, from 1.
    pub version: i64,
    /// When.
    pub at: Timestamp,
    /// Who, by name.
    pub by: Option<String>,
    /// Why, as they wrote.
    pub note: Option<String>,
    /// Rules in it.
    pub rules: i64,
    /// The version that it brought back.
    pub reverted_to: Option<i64>,
}

/// A payment to play through, as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SimulationForm {
    /// Currency.
    pub currency: String,
    /// Amount.
    pub amount: String,
    /// The customer's country; may be empty.
    pub country: String,
    /// Method; empty means card.
    pub method: String,
    /// Brand; may be empty.
    pub brand: String,
    /// Issuer's country; may be empty.
    pub issuer_country: String,
    /// `new`, `returning` or empty for not known.
    pub customer: String,
    /// Metadata: key.
    pub metadata_key: String,
    /// Metadata: value.
    pub metadata_value: String,
    /// Whether it is only held, and captured later.
    pub capture_later: bool,
}

/// What a payment that was played through came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Simulation {
    /// The decision; its connections are among [`RoutingView::connections`].
    pub decision: Decision,
}

/// What last month would have looked like.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replay {
    /// Payments that were looked at.
    pub payments: i64,
    /// Whether there were more, so that only the latest were looked at.
    pub more: bool,
    /// Payments that would have been refused by a rule.
    pub blocked: i64,
    /// Payments that nobody could have taken.
    pub unroutable: i64,
    /// Payments that would have gone first to another connection than they went.
    pub moved: i64,
    /// Whether some rule chooses by success rate: by the rates of now, and not of then.
    pub learns: bool,
    /// By connection, and by currency.
    pub lines: Vec<ReplayLine>,
}

/// A connection's part of a [`Replay`], in one currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplayLine {
    /// The connection.
    pub connection: ConnectionId,
    /// Payments that it was asked first in truth.
    pub was: i64,
    /// Payments that it would have been asked first.
    pub would_be: i64,
    /// What those payments ask together.
    pub volume: Money,
    /// How many of them it would approve, in basis points, by what it approved that month; none without a payment to judge by.
    pub approval: Option<i64>,
    /// What it would keep of the approved volume, by what it kept that month; none without a payment to judge by.
    pub fees: Option<Money>,
}
