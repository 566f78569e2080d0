//! Jobs of the outbox: written with the change that asks for them, leased by workers, delivered at least once.

use crate::{StoreError, Tx, changed_one, dialect};
use domain::{JobId, Scope, Timestamp};
use sqlx::FromRow;

statements! {
    INSERT = "
        insert into jobs (id, kind, payload, payload_version, status, run_at, created_at)
        values ($1, $2, $3, $4, 'ready', $5, $6)";
    INSERT_ABOUT = "
        insert into jobs (id, kind, payload, payload_version, status, run_at, created_at, merchant_id, livemode, object_id)
        values ($1, $2, $3, $4, 'ready', $5, $6, $7, $8, $9)";
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
    LAID_ASIDE = "update jobs set failed_at = $2 where id = $1 and status = 'dead' and failed_at is null";
    /// Dead jobs become due at once, with all their tries before them.
    REVIVE = "
        update jobs set status = 'ready', attempts = 0, run_at = $2, failed_at = null, discard_reason = null
        where id = $1 and status in ('dead', 'discarded')
        returning kind";
    REVIVE_KIND = "
        update jobs set status = 'ready', attempts = 0, run_at = $2, failed_at = null
        where kind = $1 and status = 'dead'";
    /// A discarded job stays, so that nothing that was owed is forgotten.
    DISCARD = "
        update jobs set status = 'discarded', discard_reason = $2 where id = $1 and status = 'dead'
        returning kind";
    ASIDE_OLDER = "
        select j.id, j.kind, j.merchant_id, m.name as merchant_name, j.livemode, j.object_id, j.attempts, j.last_error,
               j.created_at, coalesce(j.failed_at, j.run_at) as failed_at, j.discard_reason
        from jobs j left join merchants m on m.id = j.merchant_id
        where j.status = $1 and j.failed_at is not null and (j.failed_at, j.id) < ($2, $3)
        order by j.failed_at desc, j.id desc limit $4";
    ASIDE_NEWER = "
        select j.id, j.kind, j.merchant_id, m.name as merchant_name, j.livemode, j.object_id, j.attempts, j.last_error,
               j.created_at, coalesce(j.failed_at, j.run_at) as failed_at, j.discard_reason
        from jobs j left join merchants m on m.id = j.merchant_id
        where j.status = $1 and j.failed_at is not null and (j.failed_at, j.id) > ($2, $3)
        order by j.failed_at, j.id limit $4";
    KINDS_ASIDE = "select kind, count(*) from jobs where status = 'dead' and failed_at is not null group by kind order by kind";
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

/// Whom and what a job is about, for the operator's page and for the invariants.
#[derive(Debug, Clone, Copy)]
pub struct About<'a> {
    /// Whose.
    pub scope: &'a Scope,
    /// What.
    pub object: &'a str,
}

/// Writes a job about an object with the change that asks for it.
///
/// # Errors
/// The database's.
pub async fn insert_about(tx: &mut Tx, new: &NewJob<'_>, about: About<'_>) -> Result<(), StoreError> {
    on!(tx, |c| sqlx::query(INSERT_ABOUT)
        .bind(new.id.as_str())
        .bind(new.kind)
        .bind(new.payload)
        .bind(new.payload_version)
        .bind(new.run_at.0)
        .bind(new.at.0)
        .bind(about.scope.merchant.as_str())
        .bind(about.scope.mode.is_live())
        .bind(about.object)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// Notes when a job that has just died was laid aside.
///
/// # Errors
/// The database's.
pub async fn laid_aside(tx: &mut Tx, id: &str, at: Timestamp) -> Result<(), StoreError> {
    on!(tx, |c| sqlx::query(LAID_ASIDE).bind(id).bind(at.0).execute(c).await.map(drop))?;
    Ok(())
}

/// A job that was laid aside.
#[derive(Debug, Clone, FromRow)]
#[allow(missing_docs, reason = "named as the columns are")]
pub struct Aside {
    pub id: String,
    pub kind: String,
    pub merchant_id: Option<String>,
    pub merchant_name: Option<String>,
    pub livemode: Option<bool>,
    pub object_id: Option<String>,
    pub attempts: i64,
    pub last_error: Option<String>,
    pub created_at: i64,
    pub failed_at: i64,
    pub discard_reason: Option<String>,
}

/// Jobs in a state (`dead`, `discarded`) that were laid aside before (or after) a place, the latest (earliest) first.
///
/// # Errors
/// The database's.
pub async fn aside(
    tx: &mut Tx,
    status: &str,
    place: &(i64, String),
    newer: bool,
    limit: i64,
) -> Result<Vec<Aside>, StoreError> {
    let sql = if newer { ASIDE_NEWER } else { ASIDE_OLDER };
    Ok(on!(tx, |c| sqlx::query_as(sql).bind(status).bind(place.0).bind(&place.1).bind(limit).fetch_all(c).await)?)
}

/// How many dead jobs there are of each kind.
///
/// # Errors
/// The database's.
pub async fn kinds_aside(tx: &mut Tx) -> Result<Vec<(String, i64)>, StoreError> {
    Ok(on!(tx, |c| sqlx::query_as(KINDS_ASIDE).fetch_all(c).await)?)
}

/// Makes a dead or discarded job due again; its kind, or none when it is neither.
///
/// # Errors
/// The database's.
pub async fn revive(tx: &mut Tx, id: &JobId, at: Timestamp) -> Result<Option<String>, StoreError> {
    Ok(on!(tx, |c| sqlx::query_scalar(REVIVE).bind(id.as_str()).bind(at.0).fetch_optional(c).await)?)
}

/// Makes all dead jobs of a kind due again; how many.
///
/// # Errors
/// The database's.
pub async fn revive_kind(tx: &mut Tx, kind: &str, at: Timestamp) -> Result<u64, StoreError> {
    Ok(on!(tx, |c| sqlx::query(REVIVE_KIND).bind(kind).bind(at.0).execute(c).await.map(|r| r.rows_affected()))?)
}

/// Gives a dead job up; its kind, or none when it is not dead.
///
/// # Errors
/// The database's.
pub async fn discard(tx: &mut Tx, id: &JobId, reason: &str) -> Result<Option<String>, StoreError> {
    Ok(on!(tx, |c| sqlx::query_scalar(DISCARD).bind(id.as_str()).bind(reason).fetch_optional(c).await)?)
}
