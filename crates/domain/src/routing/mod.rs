//! Routing: which gateway connection is asked first, and which after it.
//!
//! A merchant keeps a list of rules for each mode. The first rule whose conditions all hold decides; when none does, every active
//! connection is asked in its own order. What decides is plain data, so that the same function routes a payment, plays one
//! through in the simulator, and routes last month's payments again by rules that are only a draft.

mod decide;
mod form;
mod learn;

pub use decide::{Candidate, Decision, Facts, Reason, RuleTrace, Skip, Skipped, decide};
pub use form::{ConditionForm, RoutingForm, RuleForm, TargetForm, check, form_of};
pub use learn::{Counted, EXPLORE_DEFAULT, EXPLORE_MAX, History, Learned, MIN_SAMPLE, Outcomes, Score, Segment};

use crate::{ConnectionId, Currency, Money, access::named};
use serde::{Deserialize, Serialize};
use std::str::FromStr;

/// Most rules of a merchant in one mode.
pub const MAX_RULES: usize = 100;
/// Most conditions of a rule.
pub const MAX_CONDITIONS: usize = 10;
/// Most values of a condition.
pub const MAX_VALUES: usize = 50;
/// Most connections that a rule names.
pub const MAX_TARGETS: usize = 20;
/// Connections that one payment may be sent to within one click.
pub const MAX_TURNS: usize = 3;

/// A merchant's rules in one mode, first to last.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleSet {
    /// The rules; the first that fits decides.
    pub rules: Vec<Rule>,
}

/// One rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    /// The merchant's name for it.
    pub name: String,
    /// Conditions: all have to hold. None at all: it fits every payment.
    pub when: Vec<Condition>,
    /// What is done.
    pub then: Action,
    /// Whether the other connections follow, in their own order, after those that the rule names.
    pub fallback: bool,
    /// Whether a soft decline is tried at the next connection too. Hard declines and unknown outcomes never are.
    pub retry_soft: bool,
}

/// Something that has to hold. What is not known of a payment never holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "field", rename_all = "snake_case")]
pub enum Condition {
    /// The payment's currency is one of these.
    Currency {
        /// The currencies.
        any: Vec<Currency>,
    },
    /// The amount is at least this; another currency never is.
    AmountAtLeast {
        /// The bound.
        amount: Money,
    },
    /// The amount is below this; another currency never is.
    AmountBelow {
        /// The bound.
        amount: Money,
    },
    /// The customer is in one of these countries, as they say.
    Country {
        /// Two capital letters each.
        any: Vec<String>,
    },
    /// The payment method is one of these.
    Method {
        /// `card` …
        any: Vec<String>,
    },
    /// The card's brand is one of these.
    Brand {
        /// `visa` …
        any: Vec<String>,
    },
    /// The card was issued in one of these countries.
    IssuerCountry {
        /// Two capital letters each.
        any: Vec<String>,
    },
    /// Whether a customer with this address has paid this merchant before.
    Customer {
        /// They have.
        returning: bool,
    },
    /// The payment's metadata has one of these values under a key.
    Metadata {
        /// The key.
        key: String,
        /// The values.
        any: Vec<String>,
    },
}

impl Condition {
    /// What it looks at.
    #[must_use]
    pub const fn field(&self) -> ConditionField {
        match self {
            Self::Currency { .. } => ConditionField::Currency,
            Self::AmountAtLeast { .. } => ConditionField::AmountAtLeast,
            Self::AmountBelow { .. } => ConditionField::AmountBelow,
            Self::Country { .. } => ConditionField::Country,
            Self::Method { .. } => ConditionField::Method,
            Self::Brand { .. } => ConditionField::Brand,
            Self::IssuerCountry { .. } => ConditionField::IssuerCountry,
            Self::Customer { .. } => ConditionField::Customer,
            Self::Metadata { .. } => ConditionField::Metadata,
        }
    }
}

/// What a condition looks at; its words are `routing.field.<name>` in the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)] // each variant is its name
pub enum ConditionField {
    Currency,
    AmountAtLeast,
    AmountBelow,
    Country,
    Method,
    Brand,
    IssuerCountry,
    Customer,
    Metadata,
}
named!(ConditionField {
    Currency = "currency",
    AmountAtLeast = "amount_at_least",
    AmountBelow = "amount_below",
    Country = "country",
    Method = "method",
    Brand = "brand",
    IssuerCountry = "issuer_country",
    Customer = "customer",
    Metadata = "metadata"
});

/// What a rule does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "snake_case")]
pub enum Action {
    /// Asks these, one after the other.
    Priority {
        /// The connections, the first choice first.
        connections: Vec<ConnectionId>,
    },
    /// Spreads payments over these; the others of them follow, the larger share first.
    Split {
        /// The shares in percent; together 100.
        shares: Vec<Share>,
    },
    /// Asks the one first whose payments like this one ended best lately, then the others.
    Learn {
        /// The connections; their order decides where too little is known.
        connections: Vec<ConnectionId>,
        /// Percent of payments that go first to another one, so that it is known too; 0 to 20.
        explore_percent: u32,
    },
    /// Takes no such payment.
    Block,
}

impl Rule {
    /// Whether it chooses by success rate.
    #[must_use]
    pub const fn learns(&self) -> bool {
        matches!(self.then, Action::Learn { .. })
    }
}

impl RuleSet {
    /// Whether some rule looks at something.
    #[must_use]
    pub fn asks(&self, field: ConditionField) -> bool {
        self.rules.iter().flat_map(|rule| &rule.when).any(|condition| condition.field() == field)
    }

    /// Whether some rule chooses by success rate, so that somebody has to count.
    #[must_use]
    pub fn learns(&self) -> bool {
        self.rules.iter().any(Rule::learns)
    }
}

/// A connection's share of a split.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    /// The connection.
    pub connection: ConnectionId,
    /// Percent, 1 to 100.
    pub percent: u32,
}
