//! Who may do what.

use serde::{Deserialize, Serialize};
use std::str::FromStr;

/// What a member of a merchant's team is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MerchantRole {
    /// Everything, including who else is an owner.
    Owner,
    /// Everything but owners and closing the account.
    Admin,
    /// Gateways in test mode, links, sessions, developers' pages; sees payments.
    Developer,
    /// Sees payments and customers, refunds.
    Support,
    /// Sees, changes nothing.
    Viewer,
}

/// What one of the operator's staff is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StaffRole {
    /// Everything, including other staff.
    Admin,
    /// Decides applications, suspends merchants.
    Reviewer,
    /// Reads.
    Auditor,
}

/// Something that needs a right. Services ask for one; doors never decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Permission {
    /// See payments, refunds, links, sessions, the dashboard.
    ViewPayments,
    /// Give money back.
    Refund,
    /// Take authorised money, or release it.
    Capture,
    /// Decide what became of a call to a gateway that nobody can find out.
    DecideOutcomes,
    /// Make and end payment links and checkout sessions.
    ManageCheckout,
    /// Charge customers' saved methods, and take them away.
    ManageCustomers,
    /// See gateway connections (never credentials).
    ViewGateways,
    /// Add, change, pause, archive gateway connections in test mode.
    ManageTestGateways,
    /// The same in live mode.
    ManageLiveGateways,
    /// Change business settings and branding.
    ManageSettings,
    /// Invite, remove, change roles of everyone but owners.
    ManageTeam,
    /// Make or remove owners.
    ManageOwners,
    /// Fill in and submit the application.
    ManageApplication,
    /// Read the merchant's audit log.
    ViewAudit,
}

macro_rules! named {
    ($type:ident { $($variant:ident = $name:literal),* $(,)? }) => {
        impl $type {
            /// All of them, the mightiest first.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];
            /// The name in the database, the API and the catalogue.
            #[must_use]
            pub const fn as_str(self) -> &'static str { match self { $(Self::$variant => $name),* } }
        }
        impl FromStr for $type {
            type Err = ();
            fn from_str(text: &str) -> Result<Self, ()> { match text { $($name => Ok(Self::$variant),)* _ => Err(()) } }
        }
    };
}
pub(crate) use named;

named!(MerchantRole { Owner = "owner", Admin = "admin", Developer = "developer", Support = "support", Viewer = "viewer" });
named!(StaffRole { Admin = "admin", Reviewer = "reviewer", Auditor = "auditor" });

impl MerchantRole {
    /// Whether this role has a right.
    #[must_use]
    pub const fn may(self, permission: Permission) -> bool {
        use Permission as P;
        match self {
            Self::Owner => true,
            Self::Admin => !matches!(permission, P::ManageOwners),
            Self::Developer => {
                matches!(permission, P::ViewPayments | P::ManageCheckout | P::ViewGateways | P::ManageTestGateways)
            }
            Self::Support => {
                matches!(permission, P::ViewPayments | P::Refund | P::Capture | P::ManageCheckout | P::ManageCustomers)
            }
            Self::Viewer => matches!(permission, P::ViewPayments | P::ViewGateways),
        }
    }
}

impl StaffRole {
    /// Whether this role decides applications and suspends merchants.
    #[must_use]
    pub const fn may_review(self) -> bool {
        matches!(self, Self::Admin | Self::Reviewer)
    }

    /// Whether this role manages the operator's staff and system.
    #[must_use]
    pub const fn may_operate(self) -> bool {
        matches!(self, Self::Admin)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn viewers_change_nothing_and_only_owners_make_owners() {
        use Permission as P;
        for p in [
            P::Refund,
            P::Capture,
            P::DecideOutcomes,
            P::ManageCheckout,
            P::ManageCustomers,
            P::ManageTestGateways,
            P::ManageLiveGateways,
            P::ManageSettings,
            P::ManageTeam,
        ] {
            assert!(!MerchantRole::Viewer.may(p));
        }
        let makers: Vec<_> = MerchantRole::ALL.iter().filter(|r| r.may(P::ManageOwners)).collect();
        assert_eq!(makers, [&MerchantRole::Owner]);
    }
}
