//! Jobs of the outbox: written with the change that asks for them, leased by workers, delivered at least once.

use crate::{StoreError, Tx, changed_one, dialect};
use domain::{JobId, Timestamp};
use sqlx::FromRow;

statements! {
    INSERT = "
        insert into jobs (id, kind, payload, payload_version, status, run_at, created_at)
        values ($1, $2, $3, $4, 'ready', $5, $6)";
    /// A lease that has passed to another owner is not ours to end.
    FINISH = "delete from jobs where id = $1 and lease_owner = $2 and status = 'ready'";
    RETRY = "
        update jobs set run_at = $3, last_error = $4, lease_owner = null, lease_until = null
        where id = $1 and lease_owner = $2 and status = 'ready'";
    BURY = "
        update jobs set status = 'dead', last_error = $3, lease_owner = null, lease_until = null
        where id = $1 and lease_owner = $2 and status = 'ready'";
}

/// A leased job.
#[derive(Debug, Clone, FromRow)]
pub struct Job {
    /// Its id.
    pub id: String,
    /// What to do.
    pub kind: String,
    /// With what, JSON.
    pub payload: String,
    /// The version of the payload's form.
    pub payload_version: i64,
    /// How often it was leased, this time included.
    pub attempts: i64,
}

/// A job to be.
#[derive(Debug, Clone)]
pub struct NewJob<'a> {
    /// Its id.
    pub id: &'a JobId,
    /// What to do.
    pub kind: &'a str,
    /// With what, JSON.
    pub payload: &'a str,
    /// The version of the payload's form.
    pub payload_version: i64,
    /// Not before.
    pub run_at: Timestamp,
    /// Now.
    pub at: Timestamp,
}

/// Writes a job with the change that asks for it.
///
/// # Errors
/// The database's.
pub async fn insert(tx: &mut Tx, new: &NewJob<'_>) -> Result<(), StoreError> {
    on!(tx, |c| sqlx::query(INSERT)
        .bind(new.id.as_str())
        .bind(new.kind)
        .bind(new.payload)
        .bind(new.payload_version)
        .bind(new.run_at.0)
        .bind(new.at.0)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// Leases jobs that are due until `until`; a lease that has run out is taken over.
///
/// # Errors
/// The database's.
pub async fn lease(
    tx: &mut Tx,
    owner: &str,
    now: Timestamp,
    until: Timestamp,
    limit: i64,
) -> Result<Vec<Job>, StoreError> {
    let sql = dialect::LEASE_JOBS.text(tx);
    Ok(on!(tx, |c| sqlx::query_as(sql).bind(now.0).bind(until.0).bind(limit).bind(owner).fetch_all(c).await)?)
}

/// A job is done. False: the lease was lost meanwhile.
///
/// # Errors
/// The database's.
pub async fn finish(tx: &mut Tx, id: &str, owner: &str) -> Result<bool, StoreError> {
    let done = on!(tx, |c| sqlx::query(FINISH).bind(id).bind(owner).execute(c).await.map(|r| r.rows_affected()))?;
    changed_one(done)
}

/// A job failed and is tried again at `run_at`; with none it is dead and waits for the operator.
///
/// # Errors
/// The database's.
pub async fn fail(
    tx: &mut Tx,
    id: &str,
    owner: &str,
    run_at: Option<Timestamp>,
    error: &str,
) -> Result<bool, StoreError> {
    let done = match run_at {
        Some(at) => on!(tx, |c| sqlx::query(RETRY)
            .bind(id)
            .bind(owner)
            .bind(at.0)
            .bind(error)
            .execute(c)
            .await
            .map(|r| r.rows_affected()))?,
        None => {
            on!(tx, |c| sqlx::query(BURY).bind(id).bind(owner).bind(error).execute(c).await.map(|r| r.rows_affected()))?
        }
    };
    changed_one(done)
}
