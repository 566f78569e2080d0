//! Has the gateway asked once more, now.

use crate::{MerchantActor, ServiceError, Services, reconcile};
use domain::{OperationId, Permission, ProblemKind, problem::money, states::OperationStatus, time::SECOND};
use store::{StoreError, operations, reviews};

/// How long after an answer the next question may be asked out of turn: a button is no hammer.
const PAUSE: i64 = 10 * SECOND;

/// Asks the gateway about an unknown outcome, out of turn; whether the outcome is known now.
///
/// # Errors
/// Forbidden; not found; [`money::REVIEW_ASKED`], [`money::REVIEW_SETTLED`]; the database's.
pub async fn ask_again(svc: &Services, actor: &MerchantActor, operation: &OperationId) -> Result<bool, ServiceError> {
    actor.require(Permission::DecideOutcomes)?;
    let (flown, actor, operation) = (svc.clone(), actor.clone(), operation.clone());
    svc.flights().carry(async move { ask(&flown, &actor, &operation).await }).await
}

async fn ask(svc: &Services, actor: &MerchantActor, operation: &OperationId) -> Result<bool, ServiceError> {
    let now = svc.now();
    let claim = (&actor.scope, operation, now.plus(-PAUSE), now.plus(reconcile::schedule::CLAIMED));
    let claimed: Result<bool, StoreError> = svc
        .db()
        .write(&claim, |tx, &(scope, operation, since, until)| {
            Box::pin(async move { reviews::claim(tx, scope, operation, since, until).await })
        })
        .await;
    let claimed = claimed?;
    let mut tx = svc.db().read().await?;
    let work = operations::work(&mut tx, &actor.scope, operation.as_str()).await?;
    let work = work.ok_or_else(ServiceError::not_found)?;
    drop(tx);
    if work.status != OperationStatus::Unknown.as_str() {
        return Err(ServiceError::new(ProblemKind::Conflict, money::REVIEW_SETTLED));
    }
    if !claimed {
        return Err(ServiceError::new(ProblemKind::Conflict, money::REVIEW_ASKED));
    }
    reconcile::ask(svc, work).await?;
    let mut tx = svc.db().read().await?;
    let after = operations::work(&mut tx, &actor.scope, operation.as_str()).await?;
    Ok(after.is_some_and(|work| work.status != OperationStatus::Unknown.as_str()))
}
