//! SQLite: one writing connection, a pool of readers.

use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use sqlx::migrate::Migrator;
use sqlx::pool::PoolOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, SqliteConnection, SqlitePool};

use super::DbOptions;
use super::unit::{SqliteHold, SqliteUnit, Tx};
use super::writer::Writer;
use crate::StoreError;
use crate::dialect::BEGIN_SNAPSHOT;

/// How long a statement waits for another process (`admin create`, a checkpoint) before it is [`StoreError::Busy`].
const BUSY_TIMEOUT: Duration = Duration::from_millis(2_500);
/// How long to wait for a reader.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);
/// Prepared statements kept per connection: all that the crate has, so that none is parsed twice.
const STATEMENTS: usize = 500;

pub(crate) struct SqliteDb {
    pub(super) path: PathBuf,
    pub(super) writer: Writer,
    readers: SqlitePool,
    options: SqliteConnectOptions,
}

impl SqliteDb {
    pub(super) async fn open(url: &str, opts: &DbOptions) -> Result<Self, StoreError> {
        let common = SqliteConnectOptions::from_str(url)
            .map_err(|error| StoreError::Address(error.to_string()))?
            .foreign_keys(true)
            .busy_timeout(BUSY_TIMEOUT)
            .statement_cache_capacity(STATEMENTS);
        let path = common.get_filename().to_owned();
        if path.as_os_str().is_empty() || url.contains(":memory:") || url.contains("mode=memory") {
            return Err(StoreError::Address("SQLite needs a file: readers have connections of their own".to_owned()));
        }
        let options = common
            .clone()
            .create_if_missing(opts.create)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(if opts.fsync { SqliteSynchronous::Full } else { SqliteSynchronous::Off });
        let writer = Writer::open(options.clone()).await?;
        let readers = PoolOptions::new()
            .max_connections(opts.max_readers.max(1))
            .acquire_timeout(ACQUIRE_TIMEOUT)
            // Each ping is a hop to the connection's thread, and a file does not hang up.
            .test_before_acquire(false)
            .idle_timeout(None)
            .max_lifetime(None)
            .connect_lazy_with(common.create_if_missing(false).pragma("query_only", "on"));
        Ok(Self { path, writer, readers, options })
    }

    pub(super) async fn read(&self) -> Result<Tx, StoreError> {
        let connection = self.readers.acquire().await?;
        Ok(Tx::Sqlite(SqliteUnit(SqliteHold::Reader(connection))))
    }

    pub(super) async fn snapshot(&self) -> Result<Tx, StoreError> {
        let transaction = self.readers.begin_with(BEGIN_SNAPSHOT.sqlite).await?;
        Ok(Tx::Sqlite(SqliteUnit(SqliteHold::Snapshot(transaction))))
    }

    /// Migrates on a connection of its own, while nobody writes: the writing one refuses commits that the
    /// committer did not ask for.
    pub(crate) async fn migrate(&self, migrator: &Migrator) -> Result<(), StoreError> {
        let _quiet = self.writer.quiesce().await?;
        let mut connection = self.options.connect().await?;
        migrator.run(&mut connection).await?;
        connection.close().await?;
        Ok(())
    }

    /// A connection of its own, for what takes long.
    pub(crate) async fn own_connection(&self) -> Result<SqliteConnection, StoreError> {
        Ok(self.options.clone().create_if_missing(false).connect().await?)
    }

    pub(super) async fn close(&self) -> Result<(), StoreError> {
        let mut held = self.writer.quiesce().await?;
        self.readers.close().await;
        sqlx::query("pragma wal_checkpoint(truncate)").execute(held.connection_mut()).await?;
        Ok(())
    }
}
