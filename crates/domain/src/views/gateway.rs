//! Gateway connections.

use crate::{ConnectionId, Money, Timestamp, states::ConnectionStatus};
use serde::{Deserialize, Serialize};

/// A gateway connection; credentials are never part of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Connection {
    /// Its id.
    pub id: ConnectionId,
    /// `sandbox` and, later, real gateways.
    pub provider: String,
    /// The merchant's own name for it.
    pub name: String,
    /// Its state.
    pub status: ConnectionStatus,
    /// Accepted methods, for instance `card`.
    pub methods: Vec<String>,
    /// Accepted currencies; empty means all.
    pub currencies: Vec<String>,
    /// Order among connections; lower goes first.
    pub priority: i64,
    /// Whether credentials are stored.
    pub has_credentials: bool,
    /// When it was tested last.
    pub last_test_at: Option<Timestamp>,
    /// What the gateway said then: `ok` or a code of the catalogue (`gateway.test.<code>`).
    pub last_test_code: Option<String>,
    /// Since when calls are refused because it does not answer, as the process that made this view has seen it.
    #[serde(default)]
    pub calls_paused_since: Option<Timestamp>,
    /// Why; the sentence is `gateways.paused.<code>`.
    #[serde(default)]
    pub calls_paused_why: Option<String>,
    /// When its maintenance window begins and ends, until it has ended.
    #[serde(default)]
    pub maintenance: Option<(Timestamp, Timestamp)>,
    /// When the operator's maintenance of its provider begins and ends, the next until it has ended.
    #[serde(default)]
    pub operator_maintenance: Option<(Timestamp, Timestamp)>,
    /// What it hears from its gateway; none when that sends nothing.
    #[serde(default)]
    pub events: Option<ConnectionEvents>,
    /// Made.
    pub created_at: Timestamp,
    /// The row's version.
    pub version: i64,
}

/// What a connection hears from its gateway by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConnectionEvents {
    /// The address that the gateway has to send to.
    pub address: String,
    /// The credential that its signatures are checked with, by name, and whether it is stored; none when this provider needs none.
    pub secret: Option<(String, bool)>,
    /// When the last event came.
    pub last_accepted_at: Option<Timestamp>,
    /// When the last delivery was refused.
    pub last_refused_at: Option<Timestamp>,
    /// Why; the word is `inbox.verdict.<code>`.
    pub last_refused_why: Option<String>,
}

/// A field of a provider's credentials form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CredentialField {
    /// Name; the label is `gateway.field.<provider>.<name>`.
    pub name: String,
    /// Whether it is shown as a password.
    pub secret: bool,
    /// Whether it must be filled in.
    pub required: bool,
}

/// A provider that can be connected, with what it can do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provider {
    /// `sandbox`; its name is `gateway.provider.<key>`.
    pub key: String,
    /// Methods it offers.
    pub methods: Vec<String>,
    /// Credentials it needs.
    pub fields: Vec<CredentialField>,
    /// What it can do: `refund`, `partial_refund`, `capture`, `void`, `list` …
    pub capabilities: Vec<String>,
}

/// The currencies that a provider takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProviderCurrencies {
    /// Its key.
    pub provider: String,
    /// Codes; none when it takes all.
    pub taken: Option<Vec<String>>,
    /// What amounts have to be a multiple of, where that is more than the currency's own minor unit.
    pub steps: Vec<Money>,
}

/// The gateways page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GatewaysView {
    /// Connections, by priority; archived ones last.
    pub connections: Vec<Connection>,
    /// Providers that can be added in this mode.
    pub providers: Vec<Provider>,
    /// The currencies that each of them takes.
    #[serde(default)]
    pub currencies: Vec<ProviderCurrencies>,
    /// Whether the viewer may change them in this mode.
    pub may_manage: bool,
}

/// What is typed to add or edit a connection.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ConnectionForm {
    /// Provider; fixed once made.
    pub provider: String,
    /// Name.
    pub name: String,
    /// Methods.
    pub methods: Vec<String>,
    /// Currencies, codes separated by commas or spaces; empty means all.
    pub currencies: String,
    /// Order, as typed.
    pub priority: String,
    /// Credentials by field name; an empty one keeps what is stored.
    pub credentials: Vec<(String, String)>,
    /// The version that the form was made from; 0 for a new one.
    pub version: i64,
}
