//! Payments as the merchant's team works with them.

mod detail;
pub(crate) mod filter;
mod list;
mod refund;
pub(crate) mod refund_by_rule;
pub(crate) mod settle_refund;

pub use detail::detail;
pub use list::list;
pub use refund::{NOTE_MAX, REASONS, refund};
