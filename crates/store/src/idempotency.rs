//! Keys of requests that move money: claimed by a unique insert, never by check-then-insert.

use crate::{StoreError, Tx, changed_one};
use domain::Timestamp;
use sqlx::FromRow;

statements! {
    CLAIM = "
        insert into idempotency_keys (owner, endpoint, key, request_hash, reply, created_at, expires_at)
        values ($1, $2, $3, $4, $5, $6, $7)
        on conflict (owner, endpoint, key) do nothing";
    GET = "select request_hash, reply from idempotency_keys where owner = $1 and endpoint = $2 and key = $3";
    REPLY = "update idempotency_keys set reply = $4 where owner = $1 and endpoint = $2 and key = $3 and reply is null";
    RELEASE = "delete from idempotency_keys where owner = $1 and endpoint = $2 and key = $3 and reply is null";
    EXPIRE = "
        delete from idempotency_keys where (owner, endpoint, key) in (
          select owner, endpoint, key from idempotency_keys where expires_at <= $1 order by expires_at limit $2)";
}

/// A request's key: whose, for what, and which.
#[derive(Debug, Clone, Copy)]
pub struct Key<'a> {
    /// A merchant's id with its mode, or a checkout session's id.
    pub owner: &'a str,
    /// For what.
    pub endpoint: &'a str,
    /// The key as it came.
    pub key: &'a str,
}

/// A key that is taken.
#[derive(Debug, Clone, FromRow)]
pub struct Taken {
    /// The hash of the first request.
    pub request_hash: String,
    /// The first reply; none while it is being made.
    pub reply: Option<Vec<u8>>,
}

/// Claims a key, with its reply if that is known already. None: it is ours; else what holds it.
///
/// # Errors
/// The database's.
pub async fn claim(
    tx: &mut Tx,
    key: Key<'_>,
    request_hash: &str,
    reply: Option<&[u8]>,
    at: Timestamp,
    expires_at: Timestamp,
) -> Result<Option<Taken>, StoreError> {
    let made = on!(tx, |c| sqlx::query(CLAIM)
        .bind(key.owner)
        .bind(key.endpoint)
        .bind(key.key)
        .bind(request_hash)
        .bind(reply)
        .bind(at.0)
        .bind(expires_at.0)
        .execute(c)
        .await
        .map(|r| r.rows_affected()))?;
    if changed_one(made)? {
        return Ok(None);
    }
    let taken = get(tx, key).await?;
    // It was deleted as expired between the two statements: the caller tries again.
    taken.map(Some).ok_or(StoreError::Busy)
}

/// What holds a key, if anything does.
///
/// # Errors
/// The database's.
pub async fn get(tx: &mut Tx, key: Key<'_>) -> Result<Option<Taken>, StoreError> {
    Ok(on!(tx, |c| sqlx::query_as(GET).bind(key.owner).bind(key.endpoint).bind(key.key).fetch_optional(c).await)?)
}

/// Stores the first reply of a claimed key. False: it has one, or it is gone.
///
/// # Errors
/// The database's.
pub async fn reply(tx: &mut Tx, key: Key<'_>, reply: &[u8]) -> Result<bool, StoreError> {
    let done = on!(tx, |c| sqlx::query(REPLY)
        .bind(key.owner)
        .bind(key.endpoint)
        .bind(key.key)
        .bind(reply)
        .execute(c)
        .await
        .map(|r| r.rows_affected()))?;
    changed_one(done)
}

/// Gives a claimed key back when nothing was done under it.
///
/// # Errors
/// The database's.
pub async fn release(tx: &mut Tx, key: Key<'_>) -> Result<bool, StoreError> {
    let done = on!(tx, |c| sqlx::query(RELEASE)
        .bind(key.owner)
        .bind(key.endpoint)
        .bind(key.key)
        .execute(c)
        .await
        .map(|r| r.rows_affected()))?;
    changed_one(done)
}

/// Deletes keys whose time is over; how many.
///
/// # Errors
/// The database's.
pub async fn expire(tx: &mut Tx, now: Timestamp, limit: i64) -> Result<u64, StoreError> {
    Ok(on!(tx, |c| sqlx::query(EXPIRE).bind(now.0).bind(limit).execute(c).await.map(|r| r.rows_affected()))?)
}
