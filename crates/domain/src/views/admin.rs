//! The operator's pages.

use super::application::{ApplicationView, Message};
use crate::{
    ApplicationId, JobId, MailId, MerchantId, StaffRole, Timestamp, UserId, WindowId,
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

/// A job that was laid aside after it had failed too often.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobRow {
    /// The job.
    pub id: JobId,
    /// What it does; the words are `jobs.kind.<kind>`.
    pub kind: String,
    /// The merchant that it concerns.
    pub merchant: Option<(MerchantId, String)>,
    /// Whether it is about live money.
    pub livemode: Option<bool>,
    /// The object that it is about.
    pub object: Option<String>,
    /// How often it was tried.
    pub tries: i64,
    /// What went wrong the last time.
    pub error: Option<String>,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it was laid aside.
    pub failed_at: Timestamp,
    /// Why a person gave it up.
    pub discard_reason: Option<String>,
}

/// Filters of the jobs that were laid aside.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct JobFilter {
    /// `dead` (waits for a person) or `discarded`; none means `dead`.
    pub status: Option<String>,
    /// Cursor: rows after it (older).
    pub after: Option<String>,
    /// Cursor: rows before it (newer).
    pub before: Option<String>,
}

/// The jobs that were laid aside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobsView {
    /// A page of them, the latest first.
    pub page: super::Page<JobRow>,
    /// How many wait, by kind: retrying all of a kind says how many that is.
    pub kinds: Vec<(String, i64)>,
    /// Whether the viewer may retry and discard.
    pub may_act: bool,
}

/// The gateways of the whole installation, for the operator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GatewaysOverview {
    /// Every provider in each mode in which it was called in the last day.
    pub providers: Vec<ProviderHealth>,
    /// Connections whose calls mostly failed in the last 30 days, the latest first.
    pub alerts: Vec<ConnectionAlert>,
    /// Maintenance that runs or lies ahead.
    pub windows: Vec<PlannedWindow>,
    /// Providers that maintenance can be planned for.
    pub known: Vec<String>,
    /// Whether the viewer may plan it.
    pub may_act: bool,
}

/// How calls to a provider ended, over all merchants.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProviderHealth {
    /// Its key.
    pub provider: String,
    /// In which mode.
    pub livemode: bool,
    /// Calls, and answered of all in thousandths (none without calls), of 5 minutes, an hour, a day.
    pub windows: Vec<(i64, Option<i64>)>,
}

/// A time in which most calls to a connection failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConnectionAlert {
    /// The merchant, and its name.
    pub merchant: (MerchantId, String),
    /// In which mode.
    pub livemode: bool,
    /// The merchant's name for the connection.
    pub connection: String,
    /// Its provider.
    pub provider: String,
    /// Since when.
    pub began_at: Timestamp,
    /// Until when; none while it fails.
    pub ended_at: Option<Timestamp>,
    /// Calls of the minutes before it was told, and those that were answered.
    pub calls: (i64, i64),
}

/// Maintenance of a provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedWindow {
    /// Its id.
    pub id: WindowId,
    /// The provider.
    pub provider: String,
    /// Its start.
    pub from: Timestamp,
    /// Its end.
    pub until: Timestamp,
}

/// What is typed to plan maintenance of a provider: dates with times in UTC, `2026-11-22T14:30`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct WindowForm {
    /// Its key.
    pub provider: String,
    /// Its start.
    pub from: String,
    /// Its end.
    pub until: String,
}
