//! Customers: the list, and one of them with what is kept for them.

mod charge;
mod detail;
mod list;
mod method;

pub use detail::CustomerDetail;
pub use list::Customers;
