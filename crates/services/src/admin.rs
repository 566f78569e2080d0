//! The operator's side: queue, review, decisions, merchants, staff, mail.

mod home;
mod queue;
mod review;
mod assign;
mod note;
mod document;
mod decide;
mod suspend;
mod merchants;
mod staff;
mod mails;

pub use home::home;
pub use queue::queue;
pub use review::review;
pub use assign::assign;
pub use note::{add_note, set_check};
pub use document::document;
pub use decide::{approve, ask, deny};
pub use suspend::{suspend, reinstate};
pub use merchants::merchants;
pub use staff::{staff, create_staff, set_staff_disabled};
pub use mails::{mails, mail};

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
