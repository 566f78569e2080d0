//! Payments as the merchant's team works with them.

mod authorizations;
pub(crate) mod canceled;
mod capture;
mod detail;
pub(crate) mod filter;
pub(crate) mod found_refund;
mod list;
mod refund;
pub(crate) mod refund_by_rule;
mod release;
pub(crate) mod settle_refund;
mod void;

pub use authorizations::run_authorizations;
pub use capture::capture;
pub use detail::detail;
pub use list::list;
pub use refund::{NOTE_MAX, REASONS, refund};
pub use void::void;
