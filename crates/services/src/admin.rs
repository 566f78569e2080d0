//! The operator's side: queue, review, decisions, merchants, staff, mail.

mod assign;
mod decide;
mod document;
mod gateways;
mod home;
mod jobs;
mod mails;
mod merchants;
mod note;
mod queue;
mod review;
mod staff;
mod suspend;

pub use assign::assign;
pub use decide::{approve, ask, deny};
pub use document::document;
pub use gateways::{end_maintenance, gateways, plan_maintenance};
pub use home::home;
pub use jobs::{discard_job, jobs, retry_job, retry_kind, retry_mail, retry_mails};
pub use mails::{mail, mails};
pub use merchants::merchants;
pub use note::{add_note, set_check};
pub use queue::queue;
pub use review::review;
pub use staff::{create_staff, set_staff_disabled, staff};
pub use suspend::{reinstate, suspend};

use serde::{Deserialize, Serialize};

/// Filters of the list of merchants.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct MerchantFilter {
    /// Only this state.
    pub status: Option<String>,
    /// Part of a name, or an id.
    pub q: Option<String>,
    /// Cursor.
    pub after: Option<String>,
    /// Cursor.
    pub before: Option<String>,
}
