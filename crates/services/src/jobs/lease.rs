//! Leased jobs: tried again with growing delays, and laid aside for the operator when that does not help.
//!
//! A lease is held for a minute and renewed while its job is worked on, so that a long job keeps it and a holder that is gone
//! loses it. What a holder brings who lost it is refused: owner and number of the lease have to be the job's.

use crate::{ServiceError, Services, entropy, payments::refund_by_rule, restore, saved};
use domain::{
    JobId, Timestamp,
    time::{MINUTE, SECOND},
};
use futures::{StreamExt, stream};
use std::future::Future;
use std::time::Duration;
use store::{
    StoreError, Tx,
    jobs::{self, Job, Lease, NewJob},
};

/// How often a job is tried.
pub const MAX_ATTEMPTS: i64 = 12;
/// The delay after the first failure; it doubles with each further one, up to [`MAX_DELAY`].
const FIRST_DELAY: i64 = 5 * SECOND;
/// The longest delay.
const MAX_DELAY: i64 = 60 * MINUTE;

/// How leases are held.
#[derive(Debug, Clone, Copy)]
pub struct Leasing {
    /// Milliseconds that a lease lasts.
    pub lasts: i64,
    /// How often it is renewed while its job is worked on.
    pub heartbeat: Duration,
    /// Jobs that a worker does at once: it leases no more than these, so that none waits under a lease.
    pub at_once: usize,
}

impl Default for Leasing {
    fn default() -> Self {
        Self { lasts: MINUTE, heartbeat: Duration::from_secs(20), at_once: 8 }
    }
}

/// Asks for a job inside the unit that needs it.
///
/// # Errors
/// The database's.
pub async fn enqueue(
    tx: &mut Tx,
    id: &JobId,
    kind: &str,
    payload: &serde_json::Value,
    run_at: Timestamp,
    at: Timestamp,
) -> Result<(), StoreError> {
    let payload = payload.to_string();
    jobs::insert(tx, &NewJob { id, kind, payload: &payload, payload_version: 1, run_at, at }).await
}

/// Leases what is due and does it.
pub(super) async fn run(svc: &Services, owner: &str, limit: i64) -> Result<usize, ServiceError> {
    run_with(svc, owner, limit, Leasing::default(), |job| handle(svc, job)).await
}

/// Leases what is due, the oldest first, and does it by a handler of the caller's; how many jobs it took on.
///
/// # Errors
/// The database's. What fails for one job is logged, and its lease runs out.
pub async fn run_with<H, F>(
    svc: &Services,
    owner: &str,
    limit: i64,
    leasing: Leasing,
    handler: H,
) -> Result<usize, ServiceError>
where
    H: Fn(Job) -> F,
    F: Future<Output = Result<(), String>>,
{
    let now = svc.now();
    let limit = limit.min(i64::try_from(leasing.at_once).unwrap_or(i64::MAX));
    let leased: Result<Vec<Job>, StoreError> = svc
        .db()
        .write(&(owner, now, leasing.lasts, limit), |tx, &(owner, now, lasts, limit)| {
            Box::pin(async move {
                if restore::holds(tx).await? {
                    return Ok(Vec::new());
                }
                jobs::lease(tx, owner, now, now.plus(lasts), limit).await
            })
        })
        .await;
    let leased = leased?;
    let count = leased.len();
    let handler = &handler;
    stream::iter(leased)
        .for_each_concurrent(leasing.at_once, |job| async move {
            let lease = Lease { job: &job.id, owner, number: job.lease_number };
            let done = tokio::select! {
                outcome = handler(job.clone()) => finish(svc, lease, job.attempts, outcome).await,
                () = hold(svc, lease, leasing) => lost(svc, lease),
            };
            if let Err(error) = done {
                tracing::error!(job = job.id, %error, "a job's end could not be written");
            }
        })
        .await;
    Ok(count)
}

/// Renews a lease for as long as it is polled; ends when it is lost.
async fn hold(svc: &Services, lease: Lease<'_>, leasing: Leasing) {
    loop {
        tokio::time::sleep(leasing.heartbeat).await;
        let until = svc.now().plus(leasing.lasts);
        let renewed: Result<bool, StoreError> = svc
            .db()
            .write(&(lease, until), |tx, &(lease, until)| Box::pin(async move { jobs::renew(tx, lease, until).await }))
            .await;
        match renewed {
            Ok(true) => {}
            Ok(false) => return,
            Err(error) => tracing::warn!(job = lease.job, %error, "a lease could not be renewed"),
        }
    }
}

/// Another worker has the job: what was done is left as it is, and nothing more is done. Delivery is at least once.
fn lost(svc: &Services, lease: Lease<'_>) -> Result<(), ServiceError> {
    tracing::warn!(job = lease.job, "the lease was lost to another worker");
    svc.observer().job("lost");
    Ok(())
}

/// Does a job. Delivery is at least once: a handler that runs twice does no harm.
async fn handle(svc: &Services, job: Job) -> Result<(), String> {
    match (job.kind.as_str(), job.payload_version) {
        (saved::KIND, 1) => saved::forget(svc, &job.payload).await,
        (refund_by_rule::KIND, 1) => refund_by_rule::run(svc, &job.payload).await,
        (kind, version) => Err(format!("no handler for {kind} version {version}")),
    }
}

async fn finish(
    svc: &Services,
    lease: Lease<'_>,
    attempts: i64,
    outcome: Result<(), String>,
) -> Result<(), ServiceError> {
    let retry = (attempts < MAX_ATTEMPTS).then(|| svc.now().plus(entropy::jitter(svc.entropy(), delay(attempts))));
    let done: Result<bool, StoreError> = svc
        .db()
        .write(&(lease, &outcome, retry, svc.now()), |tx, &(lease, outcome, retry, at)| {
            Box::pin(async move {
                match outcome {
                    Ok(()) => jobs::finish(tx, lease).await,
                    Err(error) => {
                        let done = jobs::fail(tx, lease, retry, error).await?;
                        if done && retry.is_none() {
                            jobs::laid_aside(tx, lease.job, at).await?;
                        }
                        Ok(done)
                    }
                }
            })
        })
        .await;
    if !done? {
        return lost(svc, lease);
    }
    svc.observer().job(match (&outcome, retry) {
        (Ok(()), _) => "done",
        (Err(_), Some(_)) => "failed",
        (Err(_), None) => "dead",
    });
    Ok(())
}

/// Gives back every lease of a worker that stops, so that others need not wait until they run out; how many.
///
/// # Errors
/// The database's.
pub async fn hand_back(svc: &Services, owner: &str) -> Result<u64, ServiceError> {
    let done = svc.db().write(owner, |tx, owner| Box::pin(async move { jobs::hand_back(tx, owner).await })).await;
    done.map_err(|error: StoreError| error.into())
}

/// Takes leases from holders that are gone. `alone`: no other process works on this database, so every lease is one of a
/// process that ended, and whatever it sent is asked about at once; else only those that have run out.
///
/// # Errors
/// The database's.
pub async fn recover(svc: &Services, alone: bool) -> Result<u64, ServiceError> {
    let now = svc.now();
    let done = svc
        .db()
        .write(&(now, alone), |tx, &(now, alone)| {
            Box::pin(async move {
                if !alone {
                    return jobs::recover(tx, now).await;
                }
                let asked = store::operations::hurry(tx, now).await?;
                Ok(jobs::recover(tx, Timestamp(i64::MAX)).await?.saturating_add(asked))
            })
        })
        .await;
    done.map_err(|error: StoreError| error.into())
}

/// How long to wait after that many tries.
fn delay(attempts: i64) -> i64 {
    let doublings = u32::try_from(attempts.clamp(1, 20) - 1).unwrap_or(0);
    FIRST_DELAY.saturating_mul(1 << doublings).min(MAX_DELAY)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_grow_and_end() {
        assert_eq!(delay(1), FIRST_DELAY);
        assert_eq!(delay(2), 2 * FIRST_DELAY);
        assert_eq!(delay(100), MAX_DELAY);
    }
}
