//! Login sessions, by the hash of the cookie's id.

use crate::{StoreError, Tx, changed_one};
use domain::{Timestamp, UserId};

statements! {
    INSERT = "insert into login_sessions (id_hash, handle, user_id, data, ip, user_agent, created_at, last_seen_at, expires_at) \
              values ($1, $2, $3, $4, $5, $6, $7, $7, $8) on conflict do nothing";
    LOAD = "select s.id_hash, s.handle, s.user_id, s.data, s.ip, s.user_agent, s.created_at, s.last_seen_at, s.expires_at \
            from login_sessions s left join users u on u.id = s.user_id \
            where s.id_hash = $1 and s.expires_at > $2 and u.disabled_at is null";
    UPDATE = "update login_sessions set user_id = $2, data = $3, ip = coalesce($4, ip), user_agent = coalesce($5, user_agent), \
              last_seen_at = $6, expires_at = $7 where id_hash = $1";
    TOUCH = "update login_sessions set last_seen_at = $2 where id_hash = $1 and last_seen_at < $2";
    DELETE = "delete from login_sessions where id_hash = $1";
    OF_USER = "select id_hash, handle, user_id, data, ip, user_agent, created_at, last_seen_at, expires_at from login_sessions \
               where user_id = $1 and expires_at > $2 order by last_seen_at desc, id_hash";
    DELETE_BY_HANDLE = "delete from login_sessions where user_id = $1 and handle = $2";
    DELETE_OTHERS = "delete from login_sessions where user_id = $1 and id_hash <> $2";
    DELETE_ALL_BUT = "delete from login_sessions where user_id = $1 and handle <> $2";
    DELETE_EXPIRED = "delete from login_sessions where expires_at <= $1";
}

/// A session.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
#[allow(missing_docs, reason = "named as the columns are")]
pub struct SessionRow {
    pub id_hash: String,
    pub handle: String,
    pub user_id: Option<String>,
    pub data: String,
    pub ip: Option<String>,
    pub user_agent: Option<String>,
    pub created_at: i64,
    pub last_seen_at: i64,
    pub expires_at: i64,
}

/// Adds a session; false when the id is taken. `last_seen_at` of the row is ignored.
///
/// # Errors
/// The database's.
pub async fn insert(tx: &mut Tx, row: &SessionRow) -> Result<bool, StoreError> {
    let done = on!(tx, |c| sqlx::query(INSERT)
        .bind(&row.id_hash)
        .bind(&row.handle)
        .bind(&row.user_id)
        .bind(&row.data)
        .bind(&row.ip)
        .bind(&row.user_agent)
        .bind(row.created_at)
        .bind(row.expires_at)
        .execute(c)
        .await
        .map(|d| d.rows_affected()))?;
    changed_one(done)
}

/// A session that has not ended, of somebody whose account is open (or of nobody yet).
///
/// # Errors
/// The database's.
pub async fn load(tx: &mut Tx, id_hash: &str, now: Timestamp) -> Result<Option<SessionRow>, StoreError> {
    Ok(on!(tx, |c| sqlx::query_as(LOAD).bind(id_hash).bind(now.millis()).fetch_optional(c).await)?)
}

/// Stores a session's changed data; false when there is no such session any more.
///
/// # Errors
/// The database's.
pub async fn update(tx: &mut Tx, row: &SessionRow) -> Result<bool, StoreError> {
    let done = on!(tx, |c| sqlx::query(UPDATE)
        .bind(&row.id_hash)
        .bind(&row.user_id)
        .bind(&row.data)
        .bind(&row.ip)
        .bind(&row.user_agent)
        .bind(row.last_seen_at)
        .bind(row.expires_at)
        .execute(c)
        .await
        .map(|d| d.rows_affected()))?;
    changed_one(done)
}

/// Notes that a session was used.
///
/// # Errors
/// The database's.
pub async fn touch(tx: &mut Tx, id_hash: &str, at: Timestamp) -> Result<(), StoreError> {
    on!(tx, |c| sqlx::query(TOUCH).bind(id_hash).bind(at.millis()).execute(c).await.map(drop))?;
    Ok(())
}

/// Ends a session.
///
/// # Errors
/// The database's.
pub async fn delete(tx: &mut Tx, id_hash: &str) -> Result<(), StoreError> {
    on!(tx, |c| sqlx::query(DELETE).bind(id_hash).execute(c).await.map(drop))?;
    Ok(())
}

/// Somebody's open sessions, the one used last first.
///
/// # Errors
/// The database's.
pub async fn of_user(tx: &mut Tx, user: &UserId, now: Timestamp) -> Result<Vec<SessionRow>, StoreError> {
    Ok(on!(tx, |c| sqlx::query_as(OF_USER).bind(user.as_str()).bind(now.millis()).fetch_all(c).await)?)
}

/// Ends one of somebody's sessions; false when there is none of that name.
///
/// # Errors
/// The database's.
pub async fn delete_by_handle(tx: &mut Tx, user: &UserId, handle: &str) -> Result<bool, StoreError> {
    let done = on!(tx, |c| sqlx::query(DELETE_BY_HANDLE)
        .bind(user.as_str())
        .bind(handle)
        .execute(c)
        .await
        .map(|d| d.rows_affected()))?;
    changed_one(done)
}

/// Ends somebody's sessions but one, by the hash of its id. Answers how many.
///
/// # Errors
/// The database's.
pub async fn delete_others(tx: &mut Tx, user: &UserId, keep_id_hash: &str) -> Result<u64, StoreError> {
    Ok(on!(tx, |c| sqlx::query(DELETE_OTHERS)
        .bind(user.as_str())
        .bind(keep_id_hash)
        .execute(c)
        .await
        .map(|d| d.rows_affected()))?)
}

/// Ends somebody's sessions but the one with a handle; none keeps none. Answers how many.
///
/// # Errors
/// The database's.
pub async fn delete_all_but(tx: &mut Tx, user: &UserId, keep_handle: Option<&str>) -> Result<u64, StoreError> {
    Ok(on!(tx, |c| sqlx::query(DELETE_ALL_BUT)
        .bind(user.as_str())
        .bind(keep_handle.unwrap_or(""))
        .execute(c)
        .await
        .map(|d| d.rows_affected()))?)
}

/// Deletes sessions that ended. Answers how many.
///
/// # Errors
/// The database's.
pub async fn delete_expired(tx: &mut Tx, now: Timestamp) -> Result<u64, StoreError> {
    Ok(on!(tx, |c| sqlx::query(DELETE_EXPIRED).bind(now.millis()).execute(c).await.map(|d| d.rows_affected()))?)
}
