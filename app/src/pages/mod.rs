//! The portal's pages, one a file, grouped by noun.

pub mod admin;
pub mod bank;
pub mod customers;
pub mod dashboard;
pub mod dev;
pub mod gateways;
pub mod links;
mod merchant_frame;
mod not_found;
pub mod payments;
mod place;
pub mod refunds;
pub mod review;
pub mod routing;
pub mod sessions;
pub mod settings;

pub use merchant_frame::MerchantFrame;
pub use not_found::NotFound;
pub use place::{may, page_href, scope_fields, use_scope, use_viewer};
