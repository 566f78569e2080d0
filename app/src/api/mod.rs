//! Server functions: thin doors to services. All lie under `/api/` and are reached by POST.
//!
//! One file a noun. Each extracts the actor, calls one service and maps the result; permission checks live in the service.
//! Those of forms take the form's DTO as the argument `form`.
#![allow(missing_docs)] // the macro makes public fields of the arguments

pub mod admin;
pub mod bank;
pub mod customers;
pub mod dashboard;
mod error;
pub mod gateways;
pub mod links;
pub mod payments;
pub mod portal;
pub mod refunds;
pub mod review;
pub mod routing;
#[cfg(feature = "ssr")]
mod server;
pub mod sessions;
pub mod settings;

pub use error::ApiError;
#[cfg(feature = "ssr")]
pub use server::{merchant_actor, request, services, staff_actor, user};
