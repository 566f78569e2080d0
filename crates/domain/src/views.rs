//! What pages and the API show: plain data made by services, rendered by `app`.

pub mod account;
pub mod admin;
pub mod application;
pub mod bank;
pub mod checkout;
pub mod customers;
pub mod dashboard;
pub mod gateway;
pub mod health;
pub mod inbox;
pub mod page;
pub mod payment;
pub mod review;
pub mod routing;

pub use page::{Cursor, Page};
