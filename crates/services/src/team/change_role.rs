//! Changes a member's role.

use super::rules;
use crate::{
    MerchantActor, ServiceError, Services,
    audit::{self, Entry},
    rows,
};
use domain::{MerchantRole, Permission, ProblemKind, Timestamp, UserId, problem::codes};
use store::{Tx, members};

/// Changes a member's role; `role` as typed. Only owners make, change and remove owners, and one always stays.
///
/// # Errors
/// Forbidden; field `role`; not found; last owner; the database's.
pub async fn change_role(svc: &Services, actor: &MerchantActor, user: &UserId, role: &str) -> Result<(), ServiceError> {
    actor.require(Permission::ManageTeam)?;
    let role = rules::role(role)?;
    let input = (actor, user, role, svc.now());
    svc.db().write(&input, |tx, (actor, user, role, now)| Box::pin(unit(tx, actor, user, *role, *now))).await
}

async fn unit(
    tx: &mut Tx,
    actor: &MerchantActor,
    user: &UserId,
    to: MerchantRole,
    now: Timestamp,
) -> Result<(), ServiceError> {
    let merchant = &actor.scope.merchant;
    let stored = members::role(tx, merchant, user).await?.ok_or_else(ServiceError::not_found)?;
    let from: MerchantRole = rows::read(&stored)?;
    rules::may_manage(actor, &[from, to])?;
    if from == to {
        return Ok(());
    }
    rules::keep_an_owner(tx, actor, from).await?;
    if !members::set_role(tx, merchant, user, from, to).await? {
        return Err(ServiceError::new(ProblemKind::Conflict, codes::STALE));
    }
    let entry = Entry::by_member(actor, now, "team.change_role")
        .on(user)
        .with("before", from.as_str())
        .with("after", to.as_str());
    Ok(audit::append(tx, &entry).await?)
}
