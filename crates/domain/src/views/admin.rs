//! The operator's pages.

use super::application::{ApplicationView, Message};
use crate::{
    ApplicationId, MailId, MerchantId, StaffRole, Timestamp, UserId,
    states::{ApplicationStatus, MerchantStatus},
};
use serde::{Deserialize, Serialize};

/// A row of the queue of applications.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueueRow {
    /// The application.
    pub id: ApplicationId,
    /// The merchant.
    pub merchant_id: MerchantId,
    /// The merchant's name.
    pub merchant_name: String,
    /// Legal name.
    pub legal_name: Option<String>,
    /// Country code.
    pub country: Option<String>,
    /// Category.
    pub category: Option<String>,
    /// State.
    pub status: ApplicationStatus,
    /// Name of the reviewer.
    pub assigned_to: Option<String>,
    /// When it was submitted.
    pub submitted_at: Option<Timestamp>,
}

/// Filters of the queue.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct QueueFilter {
    /// Only this state; none means those that wait for a reviewer.
    pub status: Option<String>,
    /// `me`, `nobody` or none.
    pub assigned: Option<String>,
    /// Country code.
    pub country: Option<String>,
    /// Part of a name.
    pub q: Option<String>,
    /// Cursor.
    pub after: Option<String>,
}

/// A point of the reviewer's checklist.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckItem {
    /// Its name: `identity`, `registration`, `address`, `bank`, `website`, `category`, `sanctions`.
    pub item: String,
    /// Who ticked it, and when.
    pub done: Option<(String, Timestamp)>,
}

/// The reviewer's view of an application.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReviewView {
    /// The application's id.
    pub id: ApplicationId,
    /// What the merchant sees.
    pub application: ApplicationView,
    /// What the account may do.
    pub merchant_status: MerchantStatus,
    /// Why it is suspended.
    pub status_reason: Option<String>,
    /// Who has it.
    pub assigned_to: Option<(UserId, String)>,
    /// Every message and note, oldest first.
    pub messages: Vec<Message>,
    /// The checklist.
    pub checklist: Vec<CheckItem>,
    /// Who applied: name and address of the owners' accounts.
    pub people: Vec<(String, String)>,
    /// Whether the viewer's role may decide, suspend and write; what there is to decide is in the states.
    pub may_decide: bool,
}

/// A row of the list of merchants.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MerchantRow {
    /// The merchant.
    pub id: MerchantId,
    /// Name.
    pub name: String,
    /// What it may do.
    pub status: MerchantStatus,
    /// State of the application, if it began one.
    pub application: Option<ApplicationStatus>,
    /// Country code.
    pub country: Option<String>,
    /// Since when.
    pub created_at: Timestamp,
}

/// One of the operator's staff.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StaffRow {
    /// The user.
    pub user_id: UserId,
    /// Name.
    pub name: String,
    /// Address.
    pub email: String,
    /// Role.
    pub role: StaffRole,
    /// Whether the account is closed.
    pub disabled: bool,
    /// Whether this is the person who looks.
    pub is_me: bool,
}

/// A row of the mail outbox.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailRow {
    /// The mail.
    pub id: MailId,
    /// To whom.
    pub recipient: String,
    /// Its template.
    pub template: String,
    /// Its subject, once it is rendered.
    pub subject: Option<String>,
    /// `queued`, `sent`, `kept` or `failed`.
    pub status: String,
    /// Why it failed.
    pub error: Option<String>,
    /// When it was written.
    pub created_at: Timestamp,
}

/// A mail, opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailView {
    /// The row.
    pub row: MailRow,
    /// The text part.
    pub body_text: Option<String>,
}

/// Numbers on the operator's home page.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdminHome {
    /// Applications that wait.
    pub waiting: i64,
    /// Of them, nobody's.
    pub unassigned: i64,
    /// Merchants that charge live.
    pub active_merchants: i64,
    /// Suspended merchants.
    pub suspended_merchants: i64,
    /// Jobs that gave up.
    pub dead_jobs: i64,
    /// Payments whose outcome is not known.
    pub unknown_payments: i64,
    /// Mails that failed.
    pub failed_mails: i64,
}
