//! Pauses, resumes and archives a connection. Refunds and events of old payments go on whatever its status.

use super::{allowed, require_manage};
use crate::{MerchantActor, ServiceError, Services, audit};
use domain::{ConnectionId, ProblemKind, problem::money, states::ConnectionStatus};
use store::{connections, payments::parse};

/// Takes no new payments until resumed.
///
/// # Errors
/// Forbidden; not found; not active.
pub async fn pause(svc: &Services, actor: &MerchantActor, id: &ConnectionId) -> Result<(), ServiceError> {
    become_status(svc, actor, id, ConnectionStatus::Paused, "gateway.pause").await
}

/// Takes payments again.
///
/// # Errors
/// Forbidden; not found; not paused; the provider may not be used in this mode any more.
pub async fn resume(svc: &Services, actor: &MerchantActor, id: &ConnectionId) -> Result<(), ServiceError> {
    become_status(svc, actor, id, ConnectionStatus::Active, "gateway.resume").await
}

/// Puts it out of sight for good.
///
/// # Errors
/// Forbidden; not found; archived already.
pub async fn archive(svc: &Services, actor: &MerchantActor, id: &ConnectionId) -> Result<(), ServiceError> {
    become_status(svc, actor, id, ConnectionStatus::Archived, "gateway.archive").await
}

async fn become_status(
    svc: &Services,
    actor: &MerchantActor,
    id: &ConnectionId,
    to: ConnectionStatus,
    action: &'static str,
) -> Result<(), ServiceError> {
    require_manage(actor)?;
    let scope = &actor.scope;
    let row = connections::get(&mut svc.db().read().await?, scope, id).await?.ok_or_else(ServiceError::not_found)?;
    let from: ConnectionStatus = parse(&row.status)?;
    if !from.may_become(to) {
        return Err(ServiceError::new(ProblemKind::Conflict, money::CONNECTION_STATE));
    }
    if to == ConnectionStatus::Active && !allowed(svc, &row.provider, scope.mode) {
        return Err(ServiceError::new(ProblemKind::Conflict, money::PROVIDER_NOT_IN_MODE));
    }
    let at = svc.now();
    let entry =
        audit::Entry::by_member(actor, at, action).on(id).with("before", from.as_str()).with("after", to.as_str());
    svc.db()
        .write(&(scope, id, from, to, at, &entry), |tx, &(scope, id, from, to, at, entry)| {
            Box::pin(async move {
                if !connections::set_status(tx, scope, id, from, to, at).await? {
                    return Err(ServiceError::new(ProblemKind::Conflict, money::CONNECTION_STATE));
                }
                audit::append(tx, entry).await?;
                Ok(())
            })
        })
        .await
}
