//! Payments: the list, one payment, its refund dialog.

mod capture;
mod detail;
mod disputes;
mod facts;
mod filters;
mod list;
mod refund;
mod surplus;
mod timeline;

pub use detail::PaymentDetail;
pub use list::{Payments, payments_table};
