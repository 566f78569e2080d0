//! The database: connect, read, and the one door for writing.

#[macro_use]
mod unit;
mod lock;
mod postgres;
mod sqlite;
mod writer;

use std::sync::Arc;

use futures::future::BoxFuture;

use crate::{StoreError, UnitError};

pub use lock::ServingLock;
pub use unit::{PgUnit, SqliteUnit, Tx};

use postgres::PostgresDb;
use sqlite::SqliteDb;

tokio::task_local! {
    /// Set while a unit of work runs, so that a unit which opens another is told instead of waiting for itself.
    static IN_UNIT: ();
}

/// How often a unit is run before it is given up: rolled back through somebody else's fault on SQLite, refused by
/// serialisation or deadlock on PostgreSQL.
const MAX_RUNS: u32 = 8;

/// Which database this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Engine {
    /// A file beside the server.
    Sqlite,
    /// A server that several servers of ours share.
    Postgres,
}

/// How to open the database.
#[derive(Debug, Clone)]
pub struct DbOptions {
    /// SQLite: whether a commit waits for the disk (`synchronous` FULL or OFF). Only tests pass `false`.
    pub fsync: bool,
    /// How many connections may read at once. PostgreSQL's one pool has twice as many, since it also writes.
    pub max_readers: u32,
    /// SQLite: whether a missing file is created.
    pub create: bool,
}

impl Default for DbOptions {
    fn default() -> Self {
        Self { fsync: true, max_readers: 8, create: true }
    }
}

/// What a process has committed since its start.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct WriteStats {
    /// Commits.
    pub commits: u64,
    /// Units of work in them: on SQLite several share one.
    pub units: u64,
    /// Units in the last one.
    pub last_group: u64,
}

/// A handle on the database; clones share it.
#[derive(Clone)]
pub struct Db {
    backend: Arc<Backend>,
}

#[expect(clippy::large_enum_variant, reason = "there is one of it, behind an Arc")]
pub(crate) enum Backend {
    Sqlite(SqliteDb),
    Postgres(PostgresDb),
}

impl std::fmt::Debug for Db {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Db").field("engine", &self.engine()).finish()
    }
}

impl Db {
    /// Opens `sqlite:path`, `sqlite://path` or `postgres://…`. It does not migrate.
    ///
    /// # Errors
    /// [`StoreError::Address`] when the address is of another kind, or what the driver says when the file can't be
    /// opened. A PostgreSQL server that is away is noticed at the first use.
    pub async fn connect(url: &str, opts: DbOptions) -> Result<Self, StoreError> {
        let backend = if url.starts_with("sqlite:") {
            Backend::Sqlite(SqliteDb::open(url, &opts).await?)
        } else if url.starts_with("postgres:") || url.starts_with("postgresql:") {
            Backend::Postgres(PostgresDb::open(url, &opts)?)
        } else {
            return Err(StoreError::Address("it must begin with sqlite: or postgres://".to_owned()));
        };
        Ok(Self { backend: Arc::new(backend) })
    }

    /// Which database this is.
    #[must_use]
    pub fn engine(&self) -> Engine {
        match *self.backend {
            Backend::Sqlite(_) => Engine::Sqlite,
            Backend::Postgres(_) => Engine::Postgres,
        }
    }

    pub(crate) fn backend(&self) -> &Backend {
        &self.backend
    }

    /// A connection to read with. Each statement sees what is committed when it starts; see [`Db::snapshot`] where
    /// several must agree.
    ///
    /// # Errors
    /// [`StoreError::Nested`] inside a unit of work, which must read through its own `Tx`; what the driver says when
    /// there is no connection to be had.
    pub async fn read(&self) -> Result<Tx, StoreError> {
        refuse_nested()?;
        match self.backend() {
            Backend::Sqlite(sqlite) => sqlite.read().await,
            Backend::Postgres(postgres) => postgres.read().await,
        }
    }

    /// Like [`Db::read`], and all statements see the same state of the database. Keep it short on SQLite: its
    /// write-ahead log can't be reset past the oldest snapshot.
    ///
    /// # Errors
    /// As [`Db::read`].
    pub async fn snapshot(&self) -> Result<Tx, StoreError> {
        refuse_nested()?;
        match self.backend() {
            Backend::Sqlite(sqlite) => sqlite.snapshot().await,
            Backend::Postgres(postgres) => postgres.snapshot().await,
        }
    }

    /// Runs a unit of work: everything that `unit` writes is durable when this returns `Ok`, and nothing of it is
    /// kept when this returns `Err` or is dropped before the unit is done. (Dropped while the commit is on its way,
    /// the unit may stand, as with any commit whose answer nobody hears.)
    ///
    /// `unit` may be run more than once, so it touches nothing but the database and takes what it needs by
    /// reference from `input`; a tuple of references is fine:
    ///
    /// ```ignore
    /// db.write(&(&scope, &payment), |tx, &(scope, payment)| {
    ///     Box::pin(async move { payments::insert(tx, scope, payment).await })
    /// })
    /// .await?;
    /// ```
    ///
    /// # Errors
    /// What the unit failed with, or a [`StoreError`] turned into `E`.
    pub async fn write<I, T, E, F>(&self, input: &I, unit: F) -> Result<T, E>
    where
        I: Sync + ?Sized,
        T: Send,
        E: UnitError,
        F: for<'c> Fn(&'c mut Tx, &'c I) -> BoxFuture<'c, Result<T, E>> + Send + Sync,
    {
        refuse_nested()?;
        match self.backend() {
            Backend::Sqlite(sqlite) => sqlite.writer.write(input, unit).await,
            Backend::Postgres(postgres) => postgres.write(input, unit).await,
        }
    }

    /// What was committed through this handle and its clones.
    #[must_use]
    pub fn write_stats(&self) -> WriteStats {
        match self.backend() {
            Backend::Sqlite(sqlite) => sqlite.writer.stats(),
            Backend::Postgres(postgres) => postgres.stats(),
        }
    }

    /// Asks the database for a sign of life, through the way that readers take.
    ///
    /// # Errors
    /// When there is none.
    pub async fn ping(&self) -> Result<(), StoreError> {
        let mut tx = self.read().await?;
        on!(&mut tx, |c| sqlx::query("select 1").execute(c).await.map(drop))?;
        Ok(())
    }

    /// Claims the right to serve this database for as long as the guard lives: on SQLite one process at a time, by
    /// a lock on `<file>.lock`; on PostgreSQL anybody may.
    ///
    /// # Errors
    /// [`StoreError::Locked`] when another process has it.
    pub fn lock_for_serving(&self) -> Result<ServingLock, StoreError> {
        match self.backend() {
            Backend::Sqlite(sqlite) => ServingLock::file(&sqlite.path),
            Backend::Postgres(_) => Ok(ServingLock::none()),
        }
    }

    /// Finishes what is open and closes the readers; SQLite's log is folded into its file.
    ///
    /// # Errors
    /// When the log can't be folded in; the data is safe in it.
    pub async fn close(&self) -> Result<(), StoreError> {
        match self.backend() {
            Backend::Sqlite(sqlite) => sqlite.close().await,
            Backend::Postgres(postgres) => {
                postgres.close().await;
                Ok(())
            }
        }
    }
}

fn refuse_nested() -> Result<(), StoreError> {
    match IN_UNIT.try_with(|()| ()) {
        Ok(()) => Err(StoreError::Nested),
        Err(_) => Ok(()),
    }
}
