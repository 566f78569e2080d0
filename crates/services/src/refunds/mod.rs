//! Refunds of all payments.

mod list;

pub use list::list;
