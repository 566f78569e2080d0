//! Removes a member.

use super::rules;
use crate::{
    MerchantActor, ServiceError, Services,
    audit::{self, Entry},
    rows,
};
use domain::{MerchantRole, ProblemKind, Timestamp, UserId, problem::codes};
use store::{Tx, members};

/// Removes a member, or lets the actor leave. The last owner stays.
///
/// # Errors
/// Forbidden; not found; last owner; the database's.
pub async fn remove(svc: &Services, actor: &MerchantActor, user: &UserId) -> Result<(), ServiceError> {
    let input = (actor, user, svc.now());
    svc.db().write(&input, |tx, (actor, user, now)| Box::pin(unit(tx, actor, user, *now))).await
}

async fn unit(tx: &mut Tx, actor: &MerchantActor, user: &UserId, now: Timestamp) -> Result<(), ServiceError> {
    let merchant = &actor.scope.merchant;
    if *user != actor.user_id {
        rules::may_manage(actor, &[])?;
    }
    let stored = members::role(tx, merchant, user).await?.ok_or_else(ServiceError::not_found)?;
    let role: MerchantRole = rows::read(&stored)?;
    if *user != actor.user_id {
        rules::may_manage(actor, &[role])?;
    }
    rules::keep_an_owner(tx, actor, role).await?;
    if !members::delete(tx, merchant, user, role).await? {
        return Err(ServiceError::new(ProblemKind::Conflict, codes::STALE));
    }
    let action = if *user == actor.user_id { "team.leave" } else { "team.remove" };
    let entry = Entry::by_member(actor, now, action).on(user).with("before", role.as_str());
    Ok(audit::append(tx, &entry).await?)
}
