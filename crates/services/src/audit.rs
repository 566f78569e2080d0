//! The audit log: one hash chain per merchant, and one named `operator` for what concerns no merchant.
//!
//! Write the entry last in a unit: it holds the chain until the commit. Personal data (addresses, what was typed) goes into
//! the detail, which lies beside the chain and enters it only as a hash: erasing a person's detail breaks nothing.

mod chain;

pub use chain::{Broken, append, verify};

use crate::{MerchantActor, Origin, StaffActor};
use domain::{MerchantId, Timestamp, UserId};
use serde_json::{Map, Value};

/// The chain of what concerns no merchant.
pub const OPERATOR: &str = "operator";

/// A line of the audit log to be.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// A merchant's id, or [`OPERATOR`].
    pub chain: String,
    /// When.
    pub at: Timestamp,
    /// `user`, `staff`, `system` or `customer`.
    pub actor_kind: &'static str,
    /// Who.
    pub actor_id: Option<String>,
    /// What, for instance `refund.create`.
    pub action: &'static str,
    /// On what.
    pub object_id: Option<String>,
    /// Address, browser, request, before, after.
    pub detail: Map<String, Value>,
}

impl Entry {
    fn new(chain: &str, at: Timestamp, kind: &'static str, actor: Option<&UserId>, action: &'static str) -> Self {
        Self {
            chain: chain.to_owned(),
            at,
            actor_kind: kind,
            actor_id: actor.map(|id| id.as_str().to_owned()),
            action,
            object_id: None,
            detail: Map::new(),
        }
    }

    /// By a member of a merchant's team, on the merchant's chain.
    #[must_use]
    pub fn by_member(actor: &MerchantActor, at: Timestamp, action: &'static str) -> Self {
        Self::new(actor.scope.merchant.as_str(), at, "user", Some(&actor.user_id), action)
            .with("mode", actor.scope.mode.as_str())
            .from(&actor.origin)
    }

    /// By one of the operator's staff, on a merchant's chain.
    #[must_use]
    pub fn by_staff(staff: &StaffActor, merchant: &MerchantId, at: Timestamp, action: &'static str) -> Self {
        Self::new(merchant.as_str(), at, "staff", Some(&staff.user_id), action).from(&staff.origin)
    }

    /// By one of the operator's staff, on the operator's chain.
    #[must_use]
    pub fn by_operator(staff: &StaffActor, at: Timestamp, action: &'static str) -> Self {
        Self::new(OPERATOR, at, "staff", Some(&staff.user_id), action).from(&staff.origin)
    }

    /// By a person on their own account, on a chain of choice.
    #[must_use]
    pub fn by_user(chain: &str, user: &UserId, origin: &Origin, at: Timestamp, action: &'static str) -> Self {
        Self::new(chain, at, "user", Some(user), action).from(origin)
    }

    /// By Paydeck itself (a job, the command line).
    #[must_use]
    pub fn by_system(chain: &str, at: Timestamp, action: &'static str) -> Self {
        Self::new(chain, at, "system", None, action)
    }

    /// By a merchant's customer, who has no account.
    #[must_use]
    pub fn by_customer(merchant: &MerchantId, origin: &Origin, at: Timestamp, action: &'static str) -> Self {
        Self::new(merchant.as_str(), at, "customer", None, action).from(origin)
    }

    /// On what.
    #[must_use]
    pub fn on(mut self, object: impl AsRef<str>) -> Self {
        self.object_id = Some(object.as_ref().to_owned());
        self
    }

    /// Adds to the detail, for instance `before` or `after`. Never a secret.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.detail.insert(name.to_owned(), value.into());
        self
    }

    fn from(mut self, origin: &Origin) -> Self {
        let parts = [("ip", &origin.ip), ("user_agent", &origin.user_agent), ("request", &origin.request_id)];
        for (name, value) in parts {
            if let Some(value) = value {
                self.detail.insert(name.to_owned(), Value::from(value.as_str()));
            }
        }
        self
    }
}
