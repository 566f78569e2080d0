//! What tests share. `db` and `postgres` need the store alone (`default-features = false`), so that the store's own
//! tests can use them; everything that needs more stands behind the feature `app`, which is on by default.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test that can't be set up fails")]

pub mod db;
pub mod postgres;

pub use db::TestDb;
