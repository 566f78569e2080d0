//! Use cases: one command a file. Services own transactions, permissions, idempotency, audit and outbox.
//!
//! Doors (server functions, pages, the API, the command line) extract, call one function here, and map the result.
#![cfg_attr(test, allow(clippy::unwrap_used))]

// First: its macro is in scope of every module below.
#[macro_use]
pub mod fault;

pub mod access;
pub mod accounts;
pub mod actor;
pub mod admin;
pub mod applications;
pub mod audit;
pub mod bank_transfers;
pub mod breaker;
pub mod check;
pub mod checkout;
pub mod clock;
pub mod connections;
pub mod context;
pub mod customers;
pub mod dashboard;
pub mod disputes;
pub mod entropy;
pub mod error;
pub mod events;
mod files;
pub mod flights;
pub mod gate;
mod gateway_call;
pub mod health;
pub mod idempotency;
pub mod jobs;
pub mod links;
pub mod login_sessions;
pub mod mail;
pub mod maintenance;
pub mod merchants;
pub mod observe;
mod paging;
mod password;
pub mod payments;
pub mod reconcile;
pub mod refunds;
pub mod restore;
pub mod review;
pub mod routing;
mod rows;
pub mod sandbox_book;
pub mod saved;
pub mod seal;
pub mod sessions;
pub mod team;
mod tokens;
pub mod webhooks;
mod zone;

pub use actor::{MerchantActor, Origin, StaffActor};
pub use clock::{Clock, SystemClock};
pub use context::{Services, Settings};
pub use entropy::{Entropy, SystemEntropy};
pub use error::ServiceError;
