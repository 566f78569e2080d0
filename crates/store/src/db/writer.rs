//! SQLite's group commit: units take turns on the one writing connection, each in a savepoint of a transaction that
//! they share, and everybody is answered when its COMMIT is durable.
//!
//! Who holds the lock, in turn: a unit opens the shared transaction when none is open, marks itself unfinished,
//! sets its savepoint, runs, and leaves. Whoever lets go of an open transaction first sends for a committer, a task
//! that queues for the same fair lock behind the writers who wait already, so that a group is as large as the
//! queue was. Whoever comes next clears up after a unit that was dropped half-way.
//!
//! The shared transaction may vanish under a unit: SQLite rolls all of it back by itself on a full disk, an I/O
//! error or an interrupt, and later statements would then commit one by one. Two hooks guard against that: the
//! rollback hook tells that it happened, and the commit hook refuses every commit but the committer's.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use futures::future::BoxFuture;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, SqliteConnection};
use tokio::sync::{Mutex, OwnedMutexGuard, Semaphore, oneshot};

use super::unit::{SqliteHold, SqliteUnit, Tx};
use super::{IN_UNIT, MAX_RUNS, WriteStats};
use crate::{StoreError, UnitError, dialect};

/// How many writers may be inside or wait; more are told that the database is busy.
const MAX_WRITERS: usize = 4096;

/// How long a unit waits for its turn: with the time that a statement waits for another process, a database that is held by
/// somebody else is [`StoreError::Busy`] within six seconds.
const TURN: Duration = Duration::from_secs(3);

/// How a group ended, as each of its units is told.
type Verdict = Result<(), Lost>;

/// Why a group was lost.
#[derive(Clone)]
enum Lost {
    /// Through the fault of one unit: the others run again.
    RolledBack,
    /// At its COMMIT: all fail with that.
    Commit(StoreError),
}

/// The door to the writing connection.
pub(super) struct Writer {
    seat: Arc<Mutex<Seat>>,
    places: Semaphore,
    stats: Arc<Signals>,
}

impl Writer {
    pub(super) async fn open(options: SqliteConnectOptions) -> Result<Self, StoreError> {
        let seat = Seat::open(options).await?;
        let stats = Arc::clone(&seat.signals);
        Ok(Self { seat: Arc::new(Mutex::new(seat)), places: Semaphore::new(MAX_WRITERS), stats })
    }

    /// See [`crate::Db::write`].
    pub(super) async fn write<I, T, E, F>(&self, input: &I, unit: F) -> Result<T, E>
    where
        I: Sync + ?Sized,
        T: Send,
        E: UnitError,
        F: for<'c> Fn(&'c mut Tx, &'c I) -> BoxFuture<'c, Result<T, E>> + Send + Sync,
    {
        let _place = self.places.try_acquire().map_err(|_| StoreError::Busy)?;
        for _ in 0..MAX_RUNS {
            let turn = tokio::time::timeout(TURN, self.hold()).await;
            let mut held = turn.map_err(|_| StoreError::Busy)?;
            held.start().await?;
            let mut tx = Tx::Sqlite(SqliteUnit(SqliteHold::Writer(held)));
            let outcome = IN_UNIT.scope((), unit(&mut tx, input)).await;
            let Tx::Sqlite(SqliteUnit(SqliteHold::Writer(mut held))) = tx else {
                return Err(StoreError::Aborted.into());
            };
            let verdict = held.finish(outcome.is_ok()).await;
            drop(held);
            let Some(verdict) = verdict else {
                // The whole transaction vanished under this unit: its own error says why, if it did not swallow it.
                return outcome.and_then(|_| Err(StoreError::Aborted.into()));
            };
            match verdict.await {
                Ok(Ok(())) => return outcome,
                Ok(Err(Lost::Commit(error))) => return Err(error.into()),
                Ok(Err(Lost::RolledBack)) => {}
                // The runtime is shutting down, and its committer with it.
                Err(_) => break,
            }
        }
        Err(StoreError::Aborted.into())
    }

    /// What was committed since the start.
    pub(super) fn stats(&self) -> WriteStats {
        self.stats.now()
    }

    /// Waits for its turn, finishes the open group, and keeps writers out while the result lives.
    pub(super) async fn quiesce(&self) -> Result<Held, StoreError> {
        let mut held = self.hold().await;
        // In a task of its own, as the committer is: a COMMIT that is dropped half-way has an unknown end.
        let finished = tokio::spawn(async move {
            held.0.commit().await;
            held
        });
        let mut held = finished.await.map_err(|_| StoreError::Aborted)?;
        held.0.reopen_if_broken().await?;
        Ok(held)
    }

    async fn hold(&self) -> Held {
        Held(Arc::clone(&self.seat).lock_owned().await)
    }
}

/// The lock on the writing connection. Whoever lets go of an open transaction sends for a committer, unless one is
/// on its way; so also a unit that was dropped or that panicked.
pub(super) struct Held(OwnedMutexGuard<Seat>);

impl Held {
    pub(super) fn connection(&self) -> &SqliteConnection {
        &self.0.connection
    }

    pub(super) fn connection_mut(&mut self) -> &mut SqliteConnection {
        &mut self.0.connection
    }

    async fn start(&mut self) -> Result<(), StoreError> {
        self.0.start().await
    }

    async fn finish(&mut self, keep: bool) -> Option<oneshot::Receiver<Verdict>> {
        self.0.finish(keep).await
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if !self.0.open {
            return;
        }
        let Some(errand) = CommitterSent::claim(&self.0.signals) else {
            return;
        };
        // Without a runtime there is nobody left to answer; closing the connection rolls back.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            let seat = Arc::clone(OwnedMutexGuard::mutex(&self.0));
            runtime.spawn(async move {
                let mut seat = seat.lock_owned().await;
                // Before the commit, so that a group which opens afterwards gets a committer of its own.
                drop(errand);
                seat.commit().await;
            });
        }
    }
}

/// That a committer is on its way. Undone by dropping, so that a runtime which shuts down takes the mark along.
struct CommitterSent(Arc<Signals>);

impl CommitterSent {
    fn claim(signals: &Arc<Signals>) -> Option<Self> {
        let sent_before = signals.committer_sent.swap(true, Ordering::AcqRel);
        (!sent_before).then(|| Self(Arc::clone(signals)))
    }
}

impl Drop for CommitterSent {
    fn drop(&mut self) {
        self.0.committer_sent.store(false, Ordering::Release);
    }
}

/// What the connection's hooks, which run on its own thread, share with the writers.
#[derive(Default)]
struct Signals {
    /// Set by the rollback hook: the shared transaction is gone.
    rolled_back: AtomicBool,
    /// Read by the commit hook: the committer is at work.
    may_commit: AtomicBool,
    committer_sent: AtomicBool,
    commits: AtomicU64,
    units: AtomicU64,
    last_group: AtomicU64,
}

impl Signals {
    fn count(&self, group: usize) {
        let group = u64::try_from(group).unwrap_or(u64::MAX);
        self.commits.fetch_add(1, Ordering::Relaxed);
        self.units.fetch_add(group, Ordering::Relaxed);
        self.last_group.store(group, Ordering::Relaxed);
    }

    fn now(&self) -> WriteStats {
        WriteStats {
            commits: self.commits.load(Ordering::Relaxed),
            units: self.units.load(Ordering::Relaxed),
            last_group: self.last_group.load(Ordering::Relaxed),
        }
    }
}

/// Where the units of an open transaction stand.
#[derive(Clone, Copy)]
enum Unit {
    /// No savepoint is set.
    None,
    /// A savepoint is being set or is set, and its unit has not finished: whoever finds this rolls it back.
    Unfinished(u64),
    /// Its unit is done; the savepoint is released with the next statement that is sent anyway.
    Done(u64),
}

/// The writing connection and what is open on it.
struct Seat {
    connection: SqliteConnection,
    options: SqliteConnectOptions,
    signals: Arc<Signals>,
    /// BEGIN was sent, and neither COMMIT nor ROLLBACK since.
    open: bool,
    /// The open transaction must be rolled back, whatever comes.
    doomed: bool,
    /// The connection is in an unknown state and is replaced before it is used again.
    broken: bool,
    unit: Unit,
    /// Counts savepoints: each has a name of its own, so that what was dropped half-way is never taken for another.
    savepoints: u64,
    /// Those who wait for the COMMIT.
    group: Vec<oneshot::Sender<Verdict>>,
}

impl Seat {
    async fn open(options: SqliteConnectOptions) -> Result<Self, StoreError> {
        let signals = Arc::new(Signals::default());
        let connection = connect(&options, &signals).await?;
        Ok(Self {
            connection,
            options,
            signals,
            open: false,
            doomed: false,
            broken: false,
            unit: Unit::None,
            savepoints: 0,
            group: Vec::new(),
        })
    }

    /// Opens the shared transaction if there is none, and a savepoint for one unit, in one hop to the connection.
    async fn start(&mut self) -> Result<(), StoreError> {
        self.settle().await;
        self.reopen_if_broken().await?;
        self.savepoints += 1;
        let next = self.savepoints;
        let sql = match (self.open, self.unit) {
            (false, _) => format!("begin immediate; savepoint u{next}"),
            (true, Unit::Done(last)) => format!("release u{last}; savepoint u{next}"),
            (true, Unit::None | Unit::Unfinished(_)) => format!("savepoint u{next}"),
        };
        // The marks first: if this future is dropped, nobody knows what of the statement was run.
        self.open = true;
        self.unit = Unit::Unfinished(next);
        self.send(sql).await?;
        Ok(())
    }

    /// Ends the unit that ran. `None` says that the whole transaction is gone, through this unit.
    async fn finish(&mut self, keep: bool) -> Option<oneshot::Receiver<Verdict>> {
        match (keep, self.unit) {
            (true, Unit::Unfinished(name)) if !self.is_lost() => self.unit = Unit::Done(name),
            _ => self.settle().await,
        }
        if !self.open {
            return None;
        }
        let (teller, verdict) = oneshot::channel();
        self.group.push(teller);
        Some(verdict)
    }

    /// Rolls back a unit that did not finish, and the whole group if the transaction is gone.
    async fn settle(&mut self) {
        if self.open
            && !self.is_lost()
            && let Unit::Unfinished(name) = self.unit
        {
            match self.send(format!("rollback to u{name}; release u{name}")).await {
                Ok(()) => self.unit = Unit::None,
                // It was dropped before its savepoint was set, or after it was undone.
                Err(error) if dialect::is_missing_savepoint(&error) && !self.is_lost() => {
                    self.unit = Unit::None;
                    // Was even BEGIN not sent? With others in the group, it was; else there is nothing to lose.
                    self.doomed = self.group.is_empty();
                }
                Err(_) => self.doomed = true,
            }
        }
        if self.open && self.is_lost() {
            self.abandon(Lost::RolledBack).await;
        }
    }

    /// Commits the group and answers it. Only for tasks that run to their end.
    async fn commit(&mut self) {
        self.settle().await;
        if !self.open {
            return;
        }
        if self.group.is_empty() {
            return self.abandon(Lost::RolledBack).await;
        }
        let permission = CommitPermission::give(&self.signals);
        let committed = sqlx::query("commit").execute(&mut self.connection).await;
        drop(permission);
        match committed {
            Ok(_) if self.is_lost() => self.abandon(Lost::RolledBack).await,
            Ok(_) => {
                self.signals.count(self.group.len());
                self.close_group(&Ok(()));
            }
            Err(error) => self.abandon(Lost::Commit(error.into())).await,
        }
    }

    fn is_lost(&self) -> bool {
        self.doomed || self.signals.rolled_back.load(Ordering::Acquire)
    }

    /// Rolls the whole transaction back, or what is left of it, and tells the group.
    async fn abandon(&mut self, lost: Lost) {
        // First the mark: if this future is dropped, the next one does it again.
        self.doomed = true;
        self.signals.rolled_back.store(false, Ordering::Release);
        let rolled_back = sqlx::query("rollback").execute(&mut self.connection).await;
        // "Cannot rollback, no transaction is active" has not set the signal; a rollback has.
        let vanished_before = rolled_back.as_ref().is_err_and(is_no_transaction);
        self.broken = rolled_back.is_err() && !vanished_before;
        self.close_group(&Err(lost));
    }

    fn close_group(&mut self, verdict: &Verdict) {
        self.open = false;
        self.doomed = false;
        self.unit = Unit::None;
        self.signals.rolled_back.store(false, Ordering::Release);
        for teller in self.group.drain(..) {
            // Whoever does not listen any more need not know.
            let _ = teller.send(verdict.clone());
        }
    }

    async fn reopen_if_broken(&mut self) -> Result<(), StoreError> {
        if self.broken {
            tracing::error!("SQLite's writing connection is in an unknown state; opening another");
            self.connection = connect(&self.options, &self.signals).await?;
            self.broken = false;
        }
        Ok(())
    }

    /// Sends SQL of our own that is not worth keeping prepared.
    async fn send(&mut self, sql: String) -> Result<(), sqlx::Error> {
        sqlx::query(AssertSqlSafe(sql)).persistent(false).execute(&mut self.connection).await.map(drop)
    }
}

/// Lets the commit hook agree while it lives.
struct CommitPermission<'a>(&'a Signals);

impl<'a> CommitPermission<'a> {
    fn give(signals: &'a Signals) -> Self {
        signals.may_commit.store(true, Ordering::Release);
        Self(signals)
    }
}

impl Drop for CommitPermission<'_> {
    fn drop(&mut self) {
        self.0.may_commit.store(false, Ordering::Release);
    }
}

fn is_no_transaction(error: &sqlx::Error) -> bool {
    error.as_database_error().is_some_and(|error| error.message().contains("no transaction is active"))
}

async fn connect(options: &SqliteConnectOptions, signals: &Arc<Signals>) -> Result<SqliteConnection, StoreError> {
    let mut connection = options.connect().await?;
    let mut handle = connection.lock_handle().await?;
    let seen = Arc::clone(signals);
    handle.set_rollback_hook(move || seen.rolled_back.store(true, Ordering::Release));
    let asked = Arc::clone(signals);
    handle.set_commit_hook(move || asked.may_commit.load(Ordering::Acquire));
    drop(handle);
    Ok(connection)
}
