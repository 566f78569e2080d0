//! The store's tests, in one binary: writing, the schema, every statement, and a module per noun.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod accounts;
mod connecting;
mod gateway;
mod lists;
mod schema;
mod statements;
mod writing;
mod writing_postgres;
mod writing_sqlite;
