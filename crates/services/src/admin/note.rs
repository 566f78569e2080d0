//! The reviewers' notes and checklist.

use crate::{
    ServiceError, Services, StaffActor,
    audit::{self, Entry},
};
use domain::{
    FieldProblem, MerchantId, MessageId,
    problem::codes,
    validate::{CHECKLIST, text},
};
use store::applications::{self, NewMessage};

/// Writes a note that only staff read.
///
/// # Errors
/// Forbidden; field `text`; not found; the database's.
pub async fn add_note(
    svc: &Services,
    staff: &StaffActor,
    merchant: &MerchantId,
    typed: &str,
) -> Result<(), ServiceError> {
    staff.require_review()?;
    let body = text::paragraph(typed, 4_000).map_err(|wrong| ServiceError::fields(vec![wrong.at("text")]))?;
    let input = (staff, merchant, svc.new_id::<MessageId>(), body, svc.now());
    svc.db()
        .write(&input, |tx, (staff, merchant, id, body, now)| {
            Box::pin(async move {
                applications::get(tx, merchant).await?.ok_or_else(ServiceError::not_found)?;
                let note = NewMessage { id, kind: "note", author: &staff.user_id, body, at: *now };
                applications::add_message(tx, merchant, &note).await?;
                let entry = Entry::by_staff(staff, merchant, *now, "application.note").on(&*id);
                Ok(audit::append(tx, &entry).await?)
            })
        })
        .await
}

/// Ticks or clears a point of the checklist.
///
/// # Errors
/// Forbidden; field `item`; not found; the database's.
pub async fn set_check(
    svc: &Services,
    staff: &StaffActor,
    merchant: &MerchantId,
    item: &str,
    done: bool,
) -> Result<(), ServiceError> {
    staff.require_review()?;
    if !CHECKLIST.contains(&item) {
        return Err(ServiceError::fields(vec![FieldProblem::new("item", codes::BAD_CHOICE)]));
    }
    let input = (staff, merchant, item, done, svc.now());
    svc.db()
        .write(&input, |tx, (staff, merchant, item, done, now)| {
            Box::pin(async move {
                applications::get(tx, merchant).await?.ok_or_else(ServiceError::not_found)?;
                let changed = if *done {
                    applications::check(tx, merchant, item, &staff.user_id, *now).await?
                } else {
                    applications::uncheck(tx, merchant, item).await?
                };
                if changed {
                    let entry = Entry::by_staff(staff, merchant, *now, "application.check")
                        .with("item", *item)
                        .with("done", *done);
                    audit::append(tx, &entry).await?;
                }
                Ok(())
            })
        })
        .await
}
