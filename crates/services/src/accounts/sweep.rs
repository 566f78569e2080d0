//! Tidies up.

use crate::{ServiceError, Services};
use store::mail_tokens;

/// Deletes mailed tokens that ended; for the worker. Answers how many.
///
/// # Errors
/// The database's.
pub async fn delete_expired_tokens(svc: &Services) -> Result<u64, ServiceError> {
    let now = svc.now();
    svc.db().write(&now, |tx, now| Box::pin(async move { Ok(mail_tokens::delete_expired(tx, *now).await?) })).await
}
