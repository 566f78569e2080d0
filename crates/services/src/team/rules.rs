//! What holds for every change of a team.

use crate::{MerchantActor, ServiceError};
use domain::{MerchantRole, Permission, Problem, ProblemKind, problem::accounts, problem::codes, validate};
use store::{Tx, members, merchants};

/// A role as typed.
pub(super) fn role(typed: &str) -> Result<MerchantRole, ServiceError> {
    let wrong = |code| ServiceError::fields(vec![domain::FieldProblem::new("role", code)]);
    let names: Vec<&str> = MerchantRole::ALL.iter().map(|r| r.as_str()).collect();
    let name = validate::text::choice(typed, &names).map_err(|w| wrong(w.code))?;
    name.parse().map_err(|()| wrong(codes::BAD_CHOICE))
}

/// Managing the team is a right; managing owners another.
pub(super) fn may_manage(actor: &MerchantActor, roles: &[MerchantRole]) -> Result<(), ServiceError> {
    actor.require(Permission::ManageTeam)?;
    if roles.contains(&MerchantRole::Owner) && !actor.role.may(Permission::ManageOwners) {
        return Err(Problem::new(ProblemKind::Forbidden, accounts::OWNERS_ONLY).into());
    }
    Ok(())
}

/// Makes units about this team wait for each other, and refuses to lose the last owner.
pub(super) async fn keep_an_owner(
    tx: &mut Tx,
    actor: &MerchantActor,
    losing: MerchantRole,
) -> Result<(), ServiceError> {
    merchants::lock(tx, &actor.scope.merchant).await?;
    if losing == MerchantRole::Owner && members::owners(tx, &actor.scope.merchant).await? < 2 {
        return Err(ServiceError::new(ProblemKind::Conflict, accounts::LAST_OWNER));
    }
    Ok(())
}
