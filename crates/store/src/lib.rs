//! The only crate that names sqlx: the database, units of work, row types and `const` SQL that runs on SQLite and
//! on PostgreSQL alike.
//!
//! - [`Db::read`] gives a [`Tx`] that only reads; [`Db::write`] runs a unit of work, the one door for writing.
//! - Store functions are free async functions by noun over `tx: &mut Tx`; they send a statement with [`on!`].
//! - A module declares its SQL with the `statements!` macro and adds one line to [`all_statements`], so that one
//!   test prepares every statement on both engines.
#![cfg_attr(test, allow(clippy::unwrap_used))]

// The macros first: `statements!` and `on!` are in scope of every module below without an import.
#[macro_use]
mod statements;
#[macro_use]
pub mod db;

pub mod dialect;
mod error;
mod migrate;

pub use db::{Db, DbOptions, Engine, PgUnit, ServingLock, SqliteUnit, Tx};
pub use migrate::schema_fingerprint;
pub use error::{StoreError, UnitError};
pub use statements::changed_one;

/// A noun's name and its statements (name, SQL).
type ModuleStatements = (&'static str, &'static [(&'static str, &'static str)]);

/// One line per module that declares `statements!`, in alphabetical order.
const MODULES: &[ModuleStatements] = &[];

/// Every statement of the crate that is the same text on both engines: (module, name, SQL).
/// [`dialect::ALL`] lists the few that differ.
pub fn all_statements() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    MODULES
        .iter()
        .flat_map(|(module, statements)| statements.iter().map(move |(name, sql)| (*module, *name, *sql)))
}
