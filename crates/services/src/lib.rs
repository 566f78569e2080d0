//! Use cases: one command a file. Services own transactions, permissions, idempotency, audit and outbox.
//!
//! Doors (server functions, pages, the API, the command line) extract, call one function here, and map the result.
#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod actor;
pub mod clock;
pub mod context;
pub mod entropy;
pub mod error;
pub mod seal;

pub use actor::{MerchantActor, Origin, StaffActor};
pub use clock::{Clock, SystemClock};
pub use context::{Services, Settings};
pub use entropy::{Entropy, SystemEntropy};
pub use error::ServiceError;
