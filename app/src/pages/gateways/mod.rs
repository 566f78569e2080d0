//! Gateway connections: the list, and the form that adds or edits one.

mod form;
mod list;

pub use form::{EditGateway, NewGateway};
pub use list::Gateways;
