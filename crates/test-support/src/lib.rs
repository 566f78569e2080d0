//! What tests share. `db` and `postgres` need the store alone (`default-features = false`), so that the store's own
//! tests can use them; everything that needs more stands behind the feature `app`, which is on by default.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test that can't be set up fails")]

#[cfg(feature = "app")]
pub mod builders;
#[cfg(feature = "app")]
pub mod clock;
pub mod cluster;
pub mod db;
#[cfg(feature = "app")]
pub mod gateway;
pub mod postgres;
#[cfg(feature = "app")]
pub mod scripted;
#[cfg(feature = "app")]
pub mod services;

#[cfg(feature = "app")]
pub use builders::{TestMerchant, TestSession};
#[cfg(feature = "app")]
pub use clock::{MockClock, SeededEntropy};
pub use db::TestDb;
#[cfg(feature = "app")]
pub use gateway::FakeGateway;
#[cfg(feature = "app")]
pub use scripted::ScriptedGateway;
#[cfg(feature = "app")]
pub use services::TestServices;
