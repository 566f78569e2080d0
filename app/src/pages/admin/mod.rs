//! The operator's pages.

mod answers;
mod decide;
mod frame;
mod gateways;
mod home;
mod jobs;
mod mail;
mod merchants;
mod queue;
mod review;
mod staff;

pub use frame::AdminFrame;
pub use gateways::GatewaysPage;
pub use home::AdminHomePage;
pub use jobs::JobsPage;
pub use mail::{MailPage, MailsPage};
pub use merchants::MerchantsPage;
pub use queue::QueuePage;
pub use review::ReviewPage;
pub use staff::StaffPage;
