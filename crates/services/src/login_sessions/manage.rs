//! The page "my sessions".

use crate::{
    Origin, ServiceError, Services,
    audit::{self, Entry, OPERATOR},
};
use domain::{Timestamp, UserId, views::account::LoginSession};
use store::login_sessions;

/// Somebody's sessions, the one used last first.
///
/// # Errors
/// The database's.
pub async fn list(
    svc: &Services,
    user: &UserId,
    current_id_hash: Option<&str>,
) -> Result<Vec<LoginSession>, ServiceError> {
    let mut tx = svc.db().read().await?;
    let rows = login_sessions::of_user(&mut tx, user, svc.now()).await?;
    Ok(rows
        .into_iter()
        .map(|row| LoginSession {
            current: current_id_hash == Some(row.id_hash.as_str()),
            handle: row.handle,
            ip: row.ip,
            user_agent: row.user_agent,
            created_at: Timestamp(row.created_at),
            last_seen_at: Timestamp(row.last_seen_at),
        })
        .collect())
}

/// Ends one of somebody's sessions by its handle.
///
/// # Errors
/// Not found; the database's.
pub async fn revoke(svc: &Services, user: &UserId, handle: &str, origin: &Origin) -> Result<(), ServiceError> {
    // Handles are ours; a database need not be asked for what could be none of them (PostgreSQL takes no NUL in a text).
    if !handle.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-') {
        return Err(ServiceError::not_found());
    }
    let entry = Entry::by_user(OPERATOR, user, origin, svc.now(), "session.revoke").on(user);
    let input = (user, handle, entry);
    svc.db()
        .write(&input, |tx, (user, handle, entry)| {
            Box::pin(async move {
                if !login_sessions::delete_by_handle(tx, user, handle).await? {
                    return Err(ServiceError::not_found());
                }
                Ok(audit::append(tx, entry).await?)
            })
        })
        .await
}

/// Ends all of somebody's sessions but the one that asks. Answers how many.
///
/// # Errors
/// The database's.
pub async fn revoke_others(
    svc: &Services,
    user: &UserId,
    current_id_hash: &str,
    origin: &Origin,
) -> Result<u64, ServiceError> {
    let entry = Entry::by_user(OPERATOR, user, origin, svc.now(), "session.revoke_others").on(user);
    let input = (user, current_id_hash, entry);
    svc.db()
        .write(&input, |tx, (user, keep, entry)| {
            Box::pin(async move {
                let ended = login_sessions::delete_others(tx, user, keep).await?;
                if ended > 0 {
                    audit::append(tx, entry).await?;
                }
                Ok(ended)
            })
        })
        .await
}
