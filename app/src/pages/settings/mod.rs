//! Settings: of the business and its team, and of the person who looks. The personal pages stand in the operator's frame, too.

mod activity;
mod branding;
mod browser;
mod business;
mod color;
mod invitations;
mod members;
mod nav;
mod overview;
mod password;
mod profile;
mod sessions;
mod team;

pub use activity::ActivityPage;
pub use branding::BrandingPage;
pub use business::BusinessPage;
pub(super) use nav::personal_links;
pub use overview::SettingsPage;
pub use password::PasswordPage;
pub use profile::ProfilePage;
pub use sessions::SessionsPage;
pub use team::TeamPage;
