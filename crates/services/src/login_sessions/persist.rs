//! What the door's session store calls. Ids arrive hashed.

use super::{SavedSession, StoredSession};
use crate::{ServiceError, Services, rows};
use domain::{Timestamp, UserId, time::MINUTE};
use store::login_sessions::{self, SessionRow};

/// How stale "last used" may be: a session's every page does not write.
const TOUCH_AFTER: i64 = 5 * MINUTE;

fn row(svc: &Services, session: &SavedSession) -> SessionRow {
    let now = svc.now().millis();
    let shortened = |text: &Option<String>, max: usize| {
        text.as_ref().map(|t| t.chars().filter(|c| !c.is_control()).take(max).collect::<String>())
    };
    let mut random = [0u8; 10];
    svc.entropy().fill(&mut random);
    SessionRow {
        id_hash: session.id_hash.clone(),
        handle: format!("ls_{}", hex::encode(random)),
        user_id: session.user_id.as_ref().map(|id| id.as_str().to_owned()),
        data: session.data.clone(),
        ip: shortened(&session.ip, 64),
        user_agent: shortened(&session.user_agent, 300),
        created_at: now,
        last_seen_at: now,
        expires_at: session.expires_at.millis(),
    }
}

/// Stores a new session; false when the id is taken.
///
/// # Errors
/// The database's.
pub async fn create(svc: &Services, session: &SavedSession) -> Result<bool, ServiceError> {
    let row = row(svc, session);
    svc.db().write(&row, |tx, row| Box::pin(async move { Ok(login_sessions::insert(tx, row).await?) })).await
}

/// Loads a session that has not ended and whose person may log in. Notes the use, at most once in five minutes.
///
/// # Errors
/// The database's.
pub async fn load(svc: &Services, id_hash: &str) -> Result<Option<StoredSession>, ServiceError> {
    let now = svc.now();
    let mut tx = svc.db().read().await?;
    let Some(row) = login_sessions::load(&mut tx, id_hash, now).await? else { return Ok(None) };
    drop(tx);
    if row.last_seen_at < now.plus(-TOUCH_AFTER).millis() {
        let input = (id_hash, now);
        svc.db()
            .write(&input, |tx, (id_hash, now)| {
                Box::pin(async move { login_sessions::touch(tx, id_hash, *now).await.map_err(ServiceError::from) })
            })
            .await?;
    }
    Ok(Some(StoredSession {
        handle: row.handle,
        user_id: rows::read_some::<UserId>(row.user_id.as_deref())?,
        data: row.data,
        expires_at: Timestamp(row.expires_at),
    }))
}

/// Stores the changed data of a session. False when it was revoked meanwhile: it is not brought back.
///
/// # Errors
/// The database's.
pub async fn save(svc: &Services, session: &SavedSession) -> Result<bool, ServiceError> {
    let row = row(svc, session);
    svc.db().write(&row, |tx, row| Box::pin(async move { Ok(login_sessions::update(tx, row).await?) })).await
}

/// Ends a session.
///
/// # Errors
/// The database's.
pub async fn delete(svc: &Services, id_hash: &str) -> Result<(), ServiceError> {
    svc.db().write(id_hash, |tx, id_hash| Box::pin(async move { Ok(login_sessions::delete(tx, id_hash).await?) })).await
}

/// Deletes sessions that ended; for the worker. Answers how many.
///
/// # Errors
/// The database's.
pub async fn delete_expired(svc: &Services) -> Result<u64, ServiceError> {
    let now = svc.now();
    svc.db().write(&now, |tx, now| Box::pin(async move { Ok(login_sessions::delete_expired(tx, *now).await?) })).await
}
