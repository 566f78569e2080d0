//! People, teams, sessions.

use crate::{
    InvitationId, Locale, MerchantId, MerchantRole, Mode, StaffRole, Timestamp, UserId, states::MerchantStatus,
};
use serde::{Deserialize, Serialize};

/// Who is logged in, and where they are: what the portal's frame shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Viewer {
    /// The user.
    pub user_id: UserId,
    /// Their name.
    pub name: String,
    /// Their address.
    pub email: String,
    /// Whether the address is verified.
    pub email_verified: bool,
    /// Their language.
    pub locale: Locale,
    /// Their role among the operator's staff, if any.
    pub staff_role: Option<StaffRole>,
    /// Merchants that they belong to.
    pub merchants: Vec<Membership>,
    /// The merchant and mode used last.
    pub last: Option<(MerchantId, Mode)>,
    /// Whether the operator lets the sandbox act as live gateway: every page says so loudly.
    pub sandbox_live: bool,
}

/// A merchant that somebody belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Membership {
    /// The merchant.
    pub merchant_id: MerchantId,
    /// Its name.
    pub name: String,
    /// What it may do.
    pub status: MerchantStatus,
    /// The person's role there.
    pub role: MerchantRole,
}

/// A member of a team.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TeamMember {
    /// The user.
    pub user_id: UserId,
    /// Name.
    pub name: String,
    /// Address.
    pub email: String,
    /// Role.
    pub role: MerchantRole,
    /// Member since.
    pub since: Timestamp,
    /// Whether this is the person who looks.
    pub is_me: bool,
}

/// An open invitation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invitation {
    /// Its id.
    pub id: InvitationId,
    /// Invited address.
    pub email: String,
    /// Role offered.
    pub role: MerchantRole,
    /// When it was sent.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// The team page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Team {
    /// Members, owners first.
    pub members: Vec<TeamMember>,
    /// Open invitations.
    pub invitations: Vec<Invitation>,
    /// Whether the viewer may change it.
    pub may_manage: bool,
    /// Whether the viewer may make owners.
    pub may_manage_owners: bool,
}

/// One of somebody's login sessions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoginSession {
    /// A name by which it can be revoked; not the session id.
    pub handle: String,
    /// Address it came from.
    pub ip: Option<String>,
    /// The browser's own description.
    pub user_agent: Option<String>,
    /// Since when.
    pub created_at: Timestamp,
    /// Last used.
    pub last_seen_at: Timestamp,
    /// Whether it is the one that asks.
    pub current: bool,
}

/// Business settings and branding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BusinessSettings {
    /// The merchant.
    pub merchant_id: MerchantId,
    /// Name that customers see.
    pub name: String,
    /// What may stand on the statement.
    pub statement_name: Option<String>,
    /// Where customers ask.
    pub support_email: Option<String>,
    /// The same, a page.
    pub support_url: Option<String>,
    /// IANA time zone name.
    pub timezone: String,
    /// Three-letter code offered first in forms.
    pub default_currency: String,
    /// `#rrggbb` or none.
    pub brand_color: Option<String>,
    /// Whether a logo is stored; it is served at `/logo/{merchant}/{version}`.
    pub logo_url: Option<String>,
    /// Origins to which checkout may send customers back, one a line.
    pub return_origins: Vec<String>,
    /// What becomes of money that arrives after a payment had failed or was canceled: one of
    /// [`LATE_SUCCESS`](crate::validate::settings::LATE_SUCCESS).
    pub late_success: String,
    /// What the account may do.
    pub status: MerchantStatus,
    /// The row's version, for the form's hidden field.
    pub version: i64,
    /// Whether the viewer may change it.
    pub may_manage: bool,
}

/// A line of the audit log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditLine {
    /// Number in the chain.
    pub seq: i64,
    /// When.
    pub at: Timestamp,
    /// `user`, `staff`, `system` or `customer`.
    pub actor_kind: String,
    /// Name of the person, if it still stands.
    pub actor: Option<String>,
    /// What, for instance `refund.create`.
    pub action: String,
    /// The object's id.
    pub object_id: Option<String>,
    /// From which address.
    pub ip: Option<String>,
}
