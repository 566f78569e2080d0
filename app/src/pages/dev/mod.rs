//! Pages for those who develop the portal.

mod components;

pub use components::ComponentsPage;
