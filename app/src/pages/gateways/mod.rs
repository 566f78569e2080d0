//! Gateway connections: the list, the form that adds or edits one, what comes from its gateway, and how calls to it end.

mod card;
mod delivery;
mod events;
mod form;
mod health;
mod list;
mod maintenance;
mod tabs;

pub use events::GatewayEvents;
pub use form::{EditGateway, NewGateway};
pub use health::GatewayHealth;
pub use list::Gateways;
