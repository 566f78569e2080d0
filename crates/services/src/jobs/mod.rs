//! What runs behind the requests: leased jobs, open operations and disputes, authorisations and sessions that end, events to number, statistics to fold.
//!
//! Any number of workers may call [`run_due`] at once: each takes its own share, and what one leaves half done another takes
//! over when the lease has run out.

mod lease;

pub use lease::{Leasing, MAX_ATTEMPTS, enqueue, hand_back, recover, run_with};

use crate::{
    ServiceError, Services, bank_transfers, checkout, disputes, health,
    payments::{self, canceled},
    reconcile, restore, webhooks,
};
use store::{StoreError, events, idempotency, session_ends, stats};

/// A sort of work that falls due. A worker does each in rounds of its own, so that what is slow holds up nothing but its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// Catching up after a restored backup.
    Restore,
    /// Leased jobs.
    Leased,
    /// Gateways' events.
    Events,
    /// Open operations.
    Reconcile,
    /// Open disputes.
    Disputes,
    /// Entries of banks' statements that an import left behind.
    Statements,
    /// Authorisations that end.
    Authorizations,
    /// What concerns the database alone.
    Upkeep,
}

impl Sort {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Restore,
        Self::Leased,
        Self::Events,
        Self::Reconcile,
        Self::Disputes,
        Self::Statements,
        Self::Authorizations,
        Self::Upkeep,
    ];
}

/// Does what is due of every sort, at most `limit` of each kind; how many things were done, so that the caller goes on at once
/// when there may be more.
///
/// # Errors
/// The database's.
pub async fn run_due(svc: &Services, owner: &str, limit: i64) -> Result<usize, ServiceError> {
    let mut done = 0;
    for sort in Sort::ALL {
        done += turn(svc, sort, owner, limit).await?;
    }
    Ok(done)
}

/// Does what is due of one sort; how many things were done.
///
/// # Errors
/// The database's.
pub async fn turn(svc: &Services, sort: Sort, owner: &str, limit: i64) -> Result<usize, ServiceError> {
    match sort {
        Sort::Restore => restore::run(svc, limit).await,
        Sort::Leased => run_leased(svc, owner, limit).await,
        Sort::Events => webhooks::process(svc, limit).await,
        Sort::Reconcile => reconcile::run(svc, limit).await,
        Sort::Disputes => disputes::run(svc, limit).await,
        Sort::Statements => bank_transfers::left_behind(svc).await,
        Sort::Authorizations => payments::run_authorizations(svc, limit).await,
        Sort::Upkeep => upkeep(svc, limit).await,
    }
}

/// Leases jobs that are due and does them; how many.
///
/// # Errors
/// The database's.
pub async fn run_leased(svc: &Services, owner: &str, limit: i64) -> Result<usize, ServiceError> {
    lease::run(svc, owner, limit).await
}

/// How many jobs are due, and how many were laid aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    /// Due now.
    pub due: i64,
    /// Laid aside for the operator.
    pub dead: i64,
}

/// Counts jobs.
///
/// # Errors
/// The database's.
pub async fn counts(svc: &Services) -> Result<Counts, ServiceError> {
    let (due, dead) = store::jobs::counts(&mut svc.db().read().await?, svc.now()).await?;
    Ok(Counts { due, dead })
}

/// What concerns the database alone: sessions that end, events to number, statistics to fold, keys that end; how much.
///
/// # Errors
/// The database's.
pub async fn upkeep(svc: &Services, limit: i64) -> Result<usize, ServiceError> {
    let mut done = expire_sessions(svc, limit).await?;
    done += number_events(svc, limit).await?;
    done += fold_stats(svc, limit).await?;
    done += expire_keys(svc, limit).await?;
    done += health::end_alerts(svc).await?;
    done += checkout::tell_back(svc, limit).await?;
    Ok(done)
}

/// Ends sessions whose time is over, cancels their unpaid payments and gives their stock back.
///
/// # Errors
/// The database's.
pub async fn expire_sessions(svc: &Services, limit: i64) -> Result<usize, ServiceError> {
    let now = svc.now();
    let done = svc
        .db()
        .write(&(svc, now, limit), |tx, &(svc, now, limit)| {
            Box::pin(async move {
                let expired =
                    session_ends::expire_sessions(tx, now.plus(-reconcile::waiting::GRACE), now, limit).await?;
                for (scope, payment) in &expired.payments {
                    canceled::tell(svc, tx, scope, payment, now).await?;
                }
                Ok(expired.sessions)
            })
        })
        .await;
    done.map_err(|error: StoreError| error.into())
}

/// Gives events their numbers, in the order in which they were committed.
///
/// # Errors
/// The database's.
pub async fn number_events(svc: &Services, limit: i64) -> Result<usize, ServiceError> {
    // Asked first by a reader: taking the counter is a write, and an idle server writes nothing.
    if !events::any_unnumbered(&mut svc.db().read().await?).await? {
        return Ok(0);
    }
    let done = svc
        .db()
        .write(&(svc.now(), limit), |tx, &(now, limit)| Box::pin(async move { events::number(tx, now, limit).await }))
        .await;
    count(done)
}

/// Folds statistics' deltas into hours: one unit takes them out and adds them, so each counts once.
///
/// # Errors
/// The database's.
pub async fn fold_stats(svc: &Services, limit: i64) -> Result<usize, ServiceError> {
    let done = svc.db().write(&limit, |tx, &limit| Box::pin(async move { stats::fold(tx, limit).await })).await;
    done.map_err(|error: StoreError| error.into())
}

/// Deletes idempotency keys whose time is over.
///
/// # Errors
/// The database's.
pub async fn expire_keys(svc: &Services, limit: i64) -> Result<usize, ServiceError> {
    let done = svc
        .db()
        .write(&(svc.now(), limit), |tx, &(now, limit)| {
            Box::pin(async move { idempotency::expire(tx, now, limit).await })
        })
        .await;
    count(done)
}

fn count(done: Result<u64, StoreError>) -> Result<usize, ServiceError> {
    Ok(usize::try_from(done?).unwrap_or(usize::MAX))
}
