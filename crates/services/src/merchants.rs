//! A merchant's own settings, logo and audit log.

mod settings;
mod update_settings;
mod logo;
mod audit_log;

pub use settings::settings;
pub use update_settings::update_settings;
pub use logo::{set_logo, remove_logo, logo};
pub use audit_log::audit;
