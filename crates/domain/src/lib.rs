//! Types and rules of Paydeck that the browser and the server share.
//!
//! Nothing here does I/O, reads a clock or draws a random number: whatever a rule needs is passed in.
//! [`views`] holds what pages show; everything else is what services decide by.
#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod access;
pub mod authorization;
pub mod currency;
pub mod decline;
pub mod dispute;
pub mod ids;
pub mod ledger;
pub mod locale;
pub mod money;
pub mod problem;
pub mod routing;
pub mod scope;
pub mod states;
pub mod time;
pub mod validate;
pub mod views;
pub mod zone;

pub use access::{MerchantRole, Permission, StaffRole};
pub use authorization::{Cancellation, CaptureMethod};
pub use currency::Currency;
pub use ids::*;
pub use locale::Locale;
pub use money::{Money, MoneyError};
pub use problem::{FieldProblem, Problem, ProblemKind};
pub use scope::{Mode, Scope};
pub use time::Timestamp;
pub use zone::ZoneTable;
