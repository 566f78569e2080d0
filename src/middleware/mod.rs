//! What every request passes.

pub mod guard;
pub mod headers;
pub mod identify;
pub mod request;
pub mod same_origin;

pub use request::{Client, Nonce};
