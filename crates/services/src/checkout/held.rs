//! The right to act on a payment that waits for the customer elsewhere: to go on with it, which may take money, or to give it up. At
//! some gateways only we can take the money of what the customer has approved, so that whoever gives it up must know that nobody goes
//! on with it meanwhile.

use super::settle::{Finding, settle};
use crate::{ServiceError, Services};
use domain::time::SECOND;
use store::{
    StoreError,
    operations::{self, Work},
};

/// Milliseconds beyond the longest call for which the right is kept: who stopped half-way holds it no longer.
const SPARE: i64 = 15 * SECOND;

/// Takes the right. None: somebody else has it, or it does not wait any more.
///
/// # Errors
/// The database's.
pub(super) async fn take(svc: &Services, work: Work) -> Result<Option<Work>, ServiceError> {
    let (scope, now) = (work.scope()?, svc.now());
    let call = i64::try_from(svc.settings().gateway_timeout.as_millis()).unwrap_or(i64::MAX / 2);
    let until = now.plus(call.saturating_add(SPARE));
    let held = svc
        .db()
        .write(&(&scope, &work, until, now), |tx, &(scope, work, until, now)| {
            Box::pin(async move { operations::hold(tx, scope, &work.id, work.version, until, now).await })
        })
        .await
        .map_err(|error: StoreError| ServiceError::from(error))?;
    Ok(held.then(|| Work { version: work.version + 1, ..work }))
}

/// Settles what came of it, and gives the right back where nothing did.
///
/// # Errors
/// The database's.
pub(super) async fn settle_held(svc: &Services, work: Work, finding: &Finding) -> Result<(), ServiceError> {
    let (scope, id, version) = (work.scope()?, work.id.clone(), work.version);
    if !settle(svc, work, finding, None).await?.changed {
        give_back(svc, &scope, &id, version).await?;
    }
    Ok(())
}

/// Gives the right back.
///
/// # Errors
/// The database's.
pub(super) async fn give_back(
    svc: &Services,
    scope: &domain::Scope,
    id: &str,
    version: i64,
) -> Result<(), ServiceError> {
    svc.db()
        .write(&(scope, id, version), |tx, &(scope, id, version)| {
            Box::pin(async move { operations::let_go(tx, scope, id, version).await })
        })
        .await
        .map(drop)
        .map_err(|error: StoreError| error.into())
}
