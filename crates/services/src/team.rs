//! Members of a merchant's team and invitations to it.

mod accept;
mod change_role;
mod invite;
mod remove;
mod rules;
mod view;

pub use accept::{accept_invitation, invitation};
pub use change_role::change_role;
pub use invite::{invite, revoke_invitation};
pub use remove::remove;
pub use view::view;

use crate::accounts::NewAccount;
use domain::{MerchantRole, UserId};

/// Who accepts an invitation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Accept {
    /// The person who is logged in; their address must be the invited one.
    User(UserId),
    /// Somebody new, who gives a name and a password.
    New(NewAccount),
}

/// The page behind an invitation's link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvitationPage {
    /// Whose team.
    pub merchant_name: String,
    /// The role offered.
    pub role: MerchantRole,
    /// The invited address.
    pub email: String,
    /// Whether an account with that address exists, so that the person logs in instead of choosing a password.
    pub has_account: bool,
}
