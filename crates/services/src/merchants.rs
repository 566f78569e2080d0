//! A merchant's own settings, logo and audit log.

mod audit_log;
mod logo;
mod settings;
mod update_settings;
mod zone;

pub use audit_log::audit;
pub use logo::{logo, remove_logo, set_logo};
pub use settings::settings;
pub use update_settings::update_settings;
pub use zone::zone;
