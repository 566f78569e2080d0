//! Checkout sessions: the list, one session, the form that makes one.

mod detail;
mod form;
mod list;
mod rows;

pub use detail::SessionDetail;
pub use form::{NewSession, capture_choices};
pub use list::Sessions;
