//! The only crate that names sqlx: the database, units of work, row types and `const` SQL that runs on SQLite and
//! on PostgreSQL alike.
//!
//! - [`Db::read`] gives a [`Tx`] that only reads; [`Db::write`] runs a unit of work, the one door for writing.
//! - Store functions are free async functions by noun over `tx: &mut Tx`; they send a statement with [`on!`].
//! - What several tables write at once goes into a [`Batch`], by functions that take one.
//! - A module declares its SQL with the `statements!` macro and adds one line to [`all_statements`], so that one
//!   test prepares every statement on both engines.
#![cfg_attr(test, allow(clippy::unwrap_used))]

// The macros first: `statements!` and `on!` are in scope of every module below without an import.
#[macro_use]
mod statements;
#[macro_use]
pub mod db;

pub mod applications;
pub mod attempts;
pub mod audit;
pub mod back_notices;
pub mod backup;
pub mod bank_entries;
pub mod bank_statements;
pub mod bank_transfers;
pub mod batch;
pub mod captures;
pub mod charges;
pub mod check;
pub mod connection_alerts;
pub mod connections;
pub mod customers;
pub mod dashboard;
pub mod dialect;
pub mod disputes;
mod error;
pub mod events;
pub mod files;
pub mod gateway_events;
pub mod gateway_inbox;
pub mod gateway_minutes;
pub mod idempotency;
pub mod invitations;
pub mod jobs;
pub mod ledger;
pub mod links;
pub mod login_sessions;
pub mod mail_tokens;
pub mod mails;
pub mod maintenance;
pub mod members;
pub mod merchants;
mod migrate;
pub mod operations;
pub mod payment_lists;
pub mod payment_methods;
mod payment_money;
pub mod payments;
#[doc(hidden)]
pub mod raw;
pub mod refunds;
pub mod restores;
pub mod reviews;
pub mod routing;
pub mod sandbox;
pub mod session_ends;
pub mod sessions;
pub mod settings;
pub mod stats;
pub mod users;

pub use batch::Batch;
pub use db::{Db, DbOptions, Engine, PgUnit, ServingLock, SqliteUnit, Tx, WriteStats};
pub use error::{StoreError, UnitError};
pub use migrate::schema_fingerprint;
pub use statements::changed_one;

/// A noun's name and its statements (name, SQL).
type ModuleStatements = (&'static str, &'static [(&'static str, &'static str)]);

/// One line per module that declares `statements!`, in alphabetical order.
const MODULES: &[ModuleStatements] = &[
    ("applications", applications::ALL),
    ("attempts", attempts::ALL),
    ("audit", audit::ALL),
    ("back_notices", back_notices::ALL),
    ("bank_entries", bank_entries::ALL),
    ("bank_statements", bank_statements::ALL),
    ("bank_transfers", bank_transfers::ALL),
    ("captures", captures::ALL),
    ("charges", charges::ALL),
    ("check", check::ALL),
    ("connection_alerts", connection_alerts::ALL),
    ("connections", connections::ALL),
    ("customers", customers::ALL),
    ("dashboard", dashboard::ALL),
    ("disputes", disputes::ALL),
    ("events", events::ALL),
    ("files", files::ALL),
    ("gateway_events", gateway_events::ALL),
    ("gateway_inbox", gateway_inbox::ALL),
    ("gateway_minutes", gateway_minutes::ALL),
    ("idempotency", idempotency::ALL),
    ("invitations", invitations::ALL),
    ("jobs", jobs::ALL),
    ("ledger", ledger::ALL),
    ("links", links::ALL),
    ("login_sessions", login_sessions::ALL),
    ("mail_tokens", mail_tokens::ALL),
    ("mails", mails::ALL),
    ("maintenance", maintenance::ALL),
    ("members", members::ALL),
    ("merchants", merchants::ALL),
    ("operations", operations::ALL),
    ("payment_lists", payment_lists::ALL),
    ("payment_lists::detail", payment_lists::detail::ALL),
    ("payment_methods", payment_methods::ALL),
    ("payment_money", payment_money::ALL),
    ("payments", payments::ALL),
    ("refunds", refunds::ALL),
    ("restores", restores::ALL),
    ("reviews", reviews::ALL),
    ("routing", routing::ALL),
    ("sandbox", sandbox::ALL),
    ("session_ends", session_ends::ALL),
    ("sessions", sessions::ALL),
    ("settings", settings::ALL),
    ("stats", stats::ALL),
    ("users", users::ALL),
];

/// Every statement of the crate that is the same text on both engines: (module, name, SQL).
/// [`dialect::ALL`] lists the few that differ.
pub fn all_statements() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    MODULES.iter().flat_map(|(module, statements)| statements.iter().map(move |(name, sql)| (*module, *name, *sql)))
}
