//! PostgreSQL: one pool; a unit of work is a transaction of its own.

use std::str::FromStr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures::future::BoxFuture;
use sqlx::migrate::Migrator;
use sqlx::pool::{PoolConnection, PoolOptions};
use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection, PgConnection, PgPool, Postgres};

use super::unit::{PgHold, PgUnit, Tx};
use super::{DbOptions, IN_UNIT, MAX_RUNS, WriteStats};
use crate::dialect::{self, BEGIN_SNAPSHOT};
use crate::{StoreError, UnitError};

/// How long to wait for a connection, so that a database that is away is an error soon.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(4);
/// A connection idle for longer is asked whether it still lives before it is used.
const TRUSTED_IDLE: Duration = Duration::from_secs(2);
/// Prepared statements kept per connection: all that the crate has.
const STATEMENTS: usize = 500;

pub(crate) struct PostgresDb {
    pool: PgPool,
    commits: AtomicU64,
}

impl PostgresDb {
    pub(super) fn open(url: &str, opts: &DbOptions) -> Result<Self, StoreError> {
        let options = PgConnectOptions::from_str(url)
            .map_err(|error| StoreError::Address(error.to_string()))?
            .statement_cache_capacity(STATEMENTS)
            // One plan for whatever values: nearly all of our statements go by a whole key or along an index, and a plan for
            // particular values trusts statistics that are a minute behind. It also saves planning.
            .options([("plan_cache_mode", "force_generic_plan")]);
        let pool = PoolOptions::new()
            .max_connections(opts.max_readers.max(1).saturating_mul(2))
            .acquire_timeout(ACQUIRE_TIMEOUT)
            // A ping at each use would cost every payment a round trip.
            .test_before_acquire(false)
            .before_acquire(|connection: &mut PgConnection, meta| {
                Box::pin(async move {
                    if meta.idle_for > TRUSTED_IDLE {
                        connection.ping().await?;
                    }
                    Ok(true)
                })
            })
            .connect_lazy_with(options);
        Ok(Self { pool, commits: AtomicU64::new(0) })
    }

    pub(super) async fn read(&self) -> Result<Tx, StoreError> {
        let connection = self.pool.acquire().await?;
        Ok(Tx::Postgres(PgUnit(PgHold::Reader(connection))))
    }

    pub(super) async fn snapshot(&self) -> Result<Tx, StoreError> {
        let transaction = self.pool.begin_with(BEGIN_SNAPSHOT.postgres).await?;
        Ok(Tx::Postgres(PgUnit(PgHold::Snapshot(transaction))))
    }

    /// See [`crate::Db::write`].
    pub(super) async fn write<I, T, E, F>(&self, input: &I, unit: F) -> Result<T, E>
    where
        I: Sync + ?Sized,
        T: Send,
        E: UnitError,
        F: for<'c> Fn(&'c mut Tx, &'c I) -> BoxFuture<'c, Result<T, E>> + Send + Sync,
    {
        let mut run = 1;
        loop {
            let open = OpenTransaction::begin(&self.pool).await?;
            let mut tx = Tx::Postgres(PgUnit(PgHold::Writer(open)));
            let outcome = IN_UNIT.scope((), unit(&mut tx, input)).await;
            let Tx::Postgres(PgUnit(PgHold::Writer(open))) = tx else {
                return Err(StoreError::Aborted.into());
            };
            let ended = match outcome {
                Ok(value) => open.commit().await.map(|()| value).map_err(E::from),
                Err(error) => {
                    open.rollback().await;
                    Err(error)
                }
            };
            match ended {
                Err(error) if run < MAX_RUNS && asks_for_rerun(&error) => {
                    run += 1;
                    // Whoever won the race gets the processor first.
                    tokio::task::yield_now().await;
                }
                ended => {
                    if ended.is_ok() {
                        self.commits.fetch_add(1, Ordering::Relaxed);
                    }
                    return ended;
                }
            }
        }
    }

    /// What was committed since the start: here each unit by itself.
    pub(super) fn stats(&self) -> WriteStats {
        let commits = self.commits.load(Ordering::Relaxed);
        WriteStats { commits, units: commits, last_group: u64::from(commits > 0) }
    }

    pub(crate) async fn migrate(&self, migrator: &Migrator) -> Result<(), StoreError> {
        let mut connection = self.pool.acquire().await?;
        migrator.run(&mut *connection).await?;
        Ok(())
    }

    pub(super) async fn close(&self) {
        self.pool.close().await;
    }
}

fn asks_for_rerun<E: UnitError>(error: &E) -> bool {
    error.store_error().is_some_and(StoreError::demands_rerun)
}

/// A transaction of ours. Dropped while open, it closes its connection, and the server rolls back.
///
/// Not sqlx's own, because that reports success for a COMMIT which the server answers with ROLLBACK: what happens
/// when a statement failed and the unit did not mind.
pub(super) struct OpenTransaction {
    connection: PoolConnection<Postgres>,
    open: bool,
}

impl OpenTransaction {
    async fn begin(pool: &PgPool) -> Result<Self, StoreError> {
        let connection = pool.acquire().await?;
        let mut this = Self { connection, open: true };
        sqlx::raw_sql("begin").execute(this.connection_mut()).await?;
        Ok(this)
    }

    async fn commit(mut self) -> Result<(), StoreError> {
        // In a failed transaction the first statement is refused, and the second never reached.
        match sqlx::raw_sql("select 1; commit").execute(self.connection_mut()).await {
            Ok(_) => {
                self.open = false;
                Ok(())
            }
            Err(error) => {
                self.rollback().await;
                if dialect::is_failed_transaction(&error) { Err(StoreError::Aborted) } else { Err(error.into()) }
            }
        }
    }

    /// Gives up. If even that fails, the connection is closed.
    async fn rollback(mut self) {
        self.open = sqlx::raw_sql("rollback").execute(self.connection_mut()).await.is_err();
    }

    pub(super) fn connection(&self) -> &PgConnection {
        &self.connection
    }

    pub(super) fn connection_mut(&mut self) -> &mut PgConnection {
        &mut self.connection
    }
}

impl Drop for OpenTransaction {
    fn drop(&mut self) {
        if self.open {
            self.connection.close_on_drop();
        }
    }
}
