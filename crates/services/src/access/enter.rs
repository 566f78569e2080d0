//! Somebody enters a merchant or the operator's pages.

use crate::{MerchantActor, Origin, ServiceError, Services, StaffActor, rows};
use domain::{Scope, UserId};
use store::{members, users};

/// Somebody enters a merchant in a mode. Not a member and no such merchant are the same answer: not found.
///
/// # Errors
/// Not found; the database's.
pub async fn enter(
    svc: &Services,
    user: &UserId,
    scope: &Scope,
    origin: Origin,
) -> Result<MerchantActor, ServiceError> {
    let mut tx = svc.db().read().await?;
    let role = members::enter(&mut tx, &scope.merchant, user).await?.ok_or_else(ServiceError::not_found)?;
    Ok(MerchantActor { user_id: user.clone(), role: rows::read(&role)?, scope: scope.clone(), origin })
}

/// One of the operator's staff enters. Everybody else is told that there is no such page.
///
/// # Errors
/// Not found; the database's.
pub async fn enter_staff(svc: &Services, user: &UserId, origin: Origin) -> Result<StaffActor, ServiceError> {
    let mut tx = svc.db().read().await?;
    let row = users::get(&mut tx, user).await?.filter(|u| u.disabled_at.is_none());
    let role = row.and_then(|u| u.staff_role).ok_or_else(ServiceError::not_found)?;
    Ok(StaffActor { user_id: user.clone(), role: rows::read(&role)?, origin })
}
