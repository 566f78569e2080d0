//! Jobs of the outbox: written with the change that asks for them, leased by workers, delivered at least once.

use crate::{StoreError, Tx, changed_one, dialect};
use domain::{JobId, Timestamp};
use sqlx::FromRow;

statements! {
    INSERT = "
        insert into jobs (id, kind, payload, payload_version, status, run_at, created_at)
        values ($1, $2, $3, $4, 'ready', $5, $6)";
    /// A lease that has passed on is not ours to end, even when it passed on to ourselves: each has a number.
    FINISH = "delete from jobs where id = $1 and lease_owner = $2 and lease_number = $3 and status = 'ready'";
    RETRY = "
        update jobs set run_at = $4, last_error = $5, lease_owner = null, lease_until = null
        where id = $1 and lease_owner = $2 and lease_number = $3 and status = 'ready'";
    BURY = "
        update jobs set status = 'dead', last_error = $4, lease_owner = null, lease_until = null
        where id = $1 and lease_owner = $2 and lease_number = $3 and status = 'ready'";
    RENEW = "
        update jobs set lease_until = $4
        where id = $1 and lease_owner = $2 and lease_number = $3 and status = 'ready'";
    /// What was not finished does not count as a try.
    HAND_BACK = "
        update jobs set lease_owner = null, lease_until = null, attempts = attempts - 1
        where lease_owner = $1 and status = 'ready'";
    RECOVER = "
        update jobs set lease_owner = null, lease_until = null
        where lease_owner is not null and status = 'ready' and lease_until <= $1";
    COUNTS = "
        select coalesce(cast(sum(case when status = 'ready' and run_at <= $1 then 1 else 0 end) as bigint), 0),
               coalesce(cast(sum(case when status = 'dead' then 1 else 0 end) as bigint), 0)
        from jobs";
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
    /// The number of this lease.
    pub lease_number: i64,
}

/// A lease: of which job, by whom, and which of its leases.
#[derive(Debug, Clone, Copy)]
pub struct Lease<'a> {
    /// The job.
    pub job: &'a str,
    /// Whose it is.
    pub owner: &'a str,
    /// Its number.
    pub number: i64,
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
pub async fn finish(tx: &mut Tx, lease: Lease<'_>) -> Result<bool, StoreError> {
    let done = on!(tx, |c| sqlx::query(FINISH)
        .bind(lease.job)
        .bind(lease.owner)
        .bind(lease.number)
        .execute(c)
        .await
        .map(|r| r.rows_affected()))?;
    changed_one(done)
}

/// A job failed and is tried again at `run_at`; with none it is dead and waits for the operator. False: the lease was lost.
///
/// # Errors
/// The database's.
pub async fn fail(tx: &mut Tx, lease: Lease<'_>, run_at: Option<Timestamp>, error: &str) -> Result<bool, StoreError> {
    let done = match run_at {
        Some(at) => on!(tx, |c| sqlx::query(RETRY)
            .bind(lease.job)
            .bind(lease.owner)
            .bind(lease.number)
            .bind(at.0)
            .bind(error)
            .execute(c)
            .await
            .map(|r| r.rows_affected()))?,
        None => on!(tx, |c| sqlx::query(BURY)
            .bind(lease.job)
            .bind(lease.owner)
            .bind(lease.number)
            .bind(error)
            .execute(c)
            .await
            .map(|r| r.rows_affected()))?,
    };
    changed_one(done)
}

/// Holds a lease for longer. False: it was lost meanwhile.
///
/// # Errors
/// The database's.
pub async fn renew(tx: &mut Tx, lease: Lease<'_>, until: Timestamp) -> Result<bool, StoreError> {
    let done = on!(tx, |c| sqlx::query(RENEW)
        .bind(lease.job)
        .bind(lease.owner)
        .bind(lease.number)
        .bind(until.0)
        .execute(c)
        .await
        .map(|r| r.rows_affected()))?;
    changed_one(done)
}

/// Gives back every lease of an owner that stops; how many.
///
/// # Errors
/// The database's.
pub async fn hand_back(tx: &mut Tx, owner: &str) -> Result<u64, StoreError> {
    Ok(on!(tx, |c| sqlx::query(HAND_BACK).bind(owner).execute(c).await.map(|r| r.rows_affected()))?)
}

/// Takes leases from holders that are gone: those that have run out by `until`; how many.
///
/// # Errors
/// The database's.
pub async fn recover(tx: &mut Tx, until: Timestamp) -> Result<u64, StoreError> {
    Ok(on!(tx, |c| sqlx::query(RECOVER).bind(until.0).execute(c).await.map(|r| r.rows_affected()))?)
}

/// How many jobs are due, and how many are dead.
///
/// # Errors
/// The database's.
pub async fn counts(tx: &mut Tx, now: Timestamp) -> Result<(i64, i64), StoreError> {
    Ok(on!(tx, |c| sqlx::query_as(COUNTS).bind(now.0).fetch_one(c).await)?)
}
