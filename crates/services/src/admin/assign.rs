//! Gives an application to a reviewer.

use super::decide::not_decidable;
use crate::{
    ServiceError, Services, StaffActor,
    audit::{self, Entry},
    rows,
};
use domain::{
    FieldProblem, MerchantId, ProblemKind, StaffRole, Timestamp, UserId, problem::codes, states::ApplicationStatus,
};
use store::{Tx, applications, users};

/// Gives an application to a reviewer, or back to everybody.
///
/// # Errors
/// Forbidden; not found; field `assignee` when that person may not review; a state that does not wait; stale; the database's.
pub async fn assign(
    svc: &Services,
    staff: &StaffActor,
    merchant: &MerchantId,
    assignee: Option<&UserId>,
) -> Result<(), ServiceError> {
    staff.require_review()?;
    let input = (staff, merchant, assignee, svc.now());
    svc.db()
        .write(&input, |tx, (staff, merchant, assignee, now)| Box::pin(unit(tx, staff, merchant, *assignee, *now)))
        .await
}

async fn unit(
    tx: &mut Tx,
    staff: &StaffActor,
    merchant: &MerchantId,
    assignee: Option<&UserId>,
    now: Timestamp,
) -> Result<(), ServiceError> {
    if let Some(id) = assignee {
        let user = users::get(tx, id).await?.filter(|u| u.disabled_at.is_none());
        let role: Option<StaffRole> = rows::read_some(user.and_then(|u| u.staff_role).as_deref())?;
        if !role.is_some_and(StaffRole::may_review) {
            return Err(ServiceError::fields(vec![FieldProblem::new("assignee", codes::BAD_CHOICE)]));
        }
    }
    let row = applications::get(tx, merchant).await?.ok_or_else(ServiceError::not_found)?;
    let from: ApplicationStatus = rows::read(&row.status)?;
    let to = if assignee.is_some() { ApplicationStatus::InReview } else { ApplicationStatus::Submitted };
    if from != to
        && !(from == ApplicationStatus::InReview || from.may_become(to) && from == ApplicationStatus::Submitted)
    {
        return Err(not_decidable());
    }
    if !applications::assign(tx, &row, to, assignee, now).await? {
        return Err(ServiceError::new(ProblemKind::Conflict, codes::STALE));
    }
    let entry = Entry::by_staff(staff, merchant, now, "application.assign").on(&row.id);
    Ok(audit::append(tx, &entry).await?)
}
