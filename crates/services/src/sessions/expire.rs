//! Ends a checkout session on the merchant's wish.

use crate::{MerchantActor, ServiceError, Services, audit, payments::canceled};
use domain::{Permission, ProblemKind, SessionId, problem::money};
use store::sessions::{self, Canceled};

/// Ends an open session: nobody can pay it any more, its unpaid payment is canceled, and its stock is free.
///
/// # Errors
/// Forbidden; not found; not open any more, or a payment is under way.
pub async fn expire(svc: &Services, actor: &MerchantActor, id: &SessionId) -> Result<(), ServiceError> {
    actor.require(Permission::ManageCheckout)?;
    let scope = &actor.scope;
    sessions::get(&mut svc.db().read().await?, scope, id).await?.ok_or_else(ServiceError::not_found)?;
    let at = svc.now();
    let entry = audit::Entry::by_member(actor, at, "session.cancel").on(id);
    svc.db()
        .write(&(svc, scope, id, at, &entry), |tx, &(svc, scope, id, at, entry)| {
            Box::pin(async move {
                match sessions::cancel(tx, scope, id, at).await? {
                    Canceled::Refused => return Err(ServiceError::new(ProblemKind::Conflict, money::SESSION_STATE)),
                    Canceled::Ended(Some(payment)) => canceled::tell(svc, tx, scope, &payment, at).await?,
                    Canceled::Ended(None) => {}
                }
                audit::append(tx, entry).await?;
                Ok(())
            })
        })
        .await
}
