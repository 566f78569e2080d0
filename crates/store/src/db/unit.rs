//! What a store function is given: a unit of work or a reader, on either engine.

use std::ops::{Deref, DerefMut};

use sqlx::pool::PoolConnection;
use sqlx::{PgConnection, Postgres, Sqlite, SqliteConnection, Transaction};

use super::Engine;
use super::writer::Held;

/// Sends one statement on whichever engine `$tx` (a `&mut Tx`) is: the body is compiled once for each.
///
/// ```ignore
/// let row: Option<Row> = on!(tx, |c| sqlx::query_as(GET).bind(id).fetch_optional(c).await)?;
/// ```
#[macro_export]
macro_rules! on {
    ($tx:expr, |$c:ident| $body:expr) => {
        match $tx {
            $crate::Tx::Sqlite(unit) => {
                let $c = &mut **unit;
                $body
            }
            $crate::Tx::Postgres(unit) => {
                let $c = &mut **unit;
                $body
            }
        }
    };
}

/// A unit of work, or a reader, on one of the engines. Use it through [`on!`].
pub enum Tx {
    /// SQLite's side.
    Sqlite(SqliteUnit),
    /// PostgreSQL's side.
    Postgres(PgUnit),
}

impl Tx {
    /// Which engine this is, for the few statements of [`crate::dialect`].
    #[must_use]
    pub fn engine(&self) -> Engine {
        match self {
            Self::Sqlite(_) => Engine::Sqlite,
            Self::Postgres(_) => Engine::Postgres,
        }
    }
}

impl std::fmt::Debug for Tx {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Tx").field(&self.engine()).finish()
    }
}

/// SQLite's connection, held in one of three ways.
pub struct SqliteUnit(pub(super) SqliteHold);

pub(super) enum SqliteHold {
    /// The one writing connection, inside a savepoint of the shared transaction.
    Writer(Held),
    /// A reader, each statement for itself.
    Reader(PoolConnection<Sqlite>),
    /// A reader in a transaction.
    Snapshot(Transaction<'static, Sqlite>),
}

impl Deref for SqliteUnit {
    type Target = SqliteConnection;

    fn deref(&self) -> &SqliteConnection {
        match &self.0 {
            SqliteHold::Writer(held) => held.connection(),
            SqliteHold::Reader(connection) => connection,
            SqliteHold::Snapshot(transaction) => transaction,
        }
    }
}

impl DerefMut for SqliteUnit {
    fn deref_mut(&mut self) -> &mut SqliteConnection {
        match &mut self.0 {
            SqliteHold::Writer(held) => held.connection_mut(),
            SqliteHold::Reader(connection) => connection,
            SqliteHold::Snapshot(transaction) => transaction,
        }
    }
}

/// PostgreSQL's connection, held in one of three ways.
pub struct PgUnit(pub(super) PgHold);

pub(super) enum PgHold {
    /// Inside a transaction that [`Db::write`](crate::Db::write) opened and ends.
    Writer(super::postgres::OpenTransaction),
    /// A reader, each statement for itself.
    Reader(PoolConnection<Postgres>),
    /// A reader in a transaction.
    Snapshot(Transaction<'static, Postgres>),
}

impl Deref for PgUnit {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        match &self.0 {
            PgHold::Writer(open) => open.connection(),
            PgHold::Reader(connection) => connection,
            PgHold::Snapshot(transaction) => transaction,
        }
    }
}

impl DerefMut for PgUnit {
    fn deref_mut(&mut self) -> &mut PgConnection {
        match &mut self.0 {
            PgHold::Writer(open) => open.connection_mut(),
            PgHold::Reader(connection) => connection,
            PgHold::Snapshot(transaction) => transaction,
        }
    }
}
