//! The customer's pages, rendered on the server alone.

mod away;
mod challenge;
mod link;
mod methods;
mod parts;
mod pay;
mod receipt;
mod status;
mod transfer;
mod waiting;

pub use challenge::{challenge_over, challenge_page};
pub use link::{Chosen, link_page};
pub use methods::consent;
pub(crate) use parts::live_notice;
pub use pay::{Typed, pay_page};
pub use receipt::receipt_page;
pub use status::{not_found, status_page};
pub use transfer::transfer_page;
pub use waiting::{go_on_page, waiting_page};
