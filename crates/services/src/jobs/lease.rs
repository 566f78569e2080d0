//! Leased jobs: tried again with growing delays, and laid aside for the operator when that does not help.

use crate::{ServiceError, Services, entropy, payments::refund_by_rule};
use domain::{
    JobId, Timestamp,
    time::{MINUTE, SECOND},
};
use store::{
    StoreError, Tx,
    jobs::{self, Job, NewJob},
};

/// How long a worker may hold a job.
const LEASE: i64 = 2 * MINUTE;
/// How often a job is tried.
pub const MAX_ATTEMPTS: i64 = 12;
/// The delay after the first failure; it doubles with each further one, up to [`MAX_DELAY`].
const FIRST_DELAY: i64 = 5 * SECOND;
/// The longest delay.
const MAX_DELAY: i64 = 60 * MINUTE;

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
    let now = svc.now();
    let leased: Result<Vec<Job>, StoreError> = svc
        .db()
        .write(&(owner, now, limit), |tx, &(owner, now, limit)| {
            Box::pin(async move { jobs::lease(tx, owner, now, now.plus(LEASE), limit).await })
        })
        .await;
    let leased = leased?;
    let count = leased.len();
    for job in leased {
        let outcome = handle(svc, &job).await;
        finish(svc, owner, &job, outcome).await?;
    }
    Ok(count)
}

/// Does a job. Delivery is at least once: a handler that runs twice does no harm.
async fn handle(svc: &Services, job: &Job) -> Result<(), String> {
    match (job.kind.as_str(), job.payload_version) {
        (refund_by_rule::KIND, 1) => refund_by_rule::run(svc, &job.payload).await,
        // The kinds of later issues (webhook deliveries, invoices) get their handlers here.
        (kind, version) => Err(format!("no handler for {kind} version {version}")),
    }
}

async fn finish(svc: &Services, owner: &str, job: &Job, outcome: Result<(), String>) -> Result<(), ServiceError> {
    let retry =
        (job.attempts < MAX_ATTEMPTS).then(|| svc.now().plus(entropy::jitter(svc.entropy(), delay(job.attempts))));
    let done: Result<bool, StoreError> = svc
        .db()
        .write(&(owner, job, &outcome, retry, svc.now()), |tx, &(owner, job, outcome, retry, at)| {
            Box::pin(async move {
                match outcome {
                    Ok(()) => jobs::finish(tx, &job.id, owner).await,
                    Err(error) => {
                        let done = jobs::fail(tx, &job.id, owner, retry, error).await?;
                        if done && retry.is_none() {
                            jobs::laid_aside(tx, &job.id, at).await?;
                        }
                        Ok(done)
                    }
                }
            })
        })
        .await;
    if !done? {
        tracing::warn!(job = job.id, "the lease was lost to another worker");
    }
    Ok(())
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
