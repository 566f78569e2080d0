//! Suspends and reinstates merchants.

use super::decide::reason;
use crate::{
    ServiceError, Services, StaffActor,
    accounts::links::absolute,
    applications::common,
    audit::{self, Entry},
    mail::Template,
    rows,
};
use domain::{
    MerchantId, ProblemKind,
    problem::accounts,
    states::{ApplicationStatus, MerchantStatus},
};
use store::{Tx, applications, merchants};

/// Stops a merchant's live charging at once, with a reason that the merchant reads. Refunds go on.
///
/// # Errors
/// Forbidden; field `reason`; not found; suspended or closed already; the database's.
pub async fn suspend(
    svc: &Services,
    staff: &StaffActor,
    merchant: &MerchantId,
    typed: &str,
) -> Result<(), ServiceError> {
    staff.require_review()?;
    let reason = reason(typed, "reason")?;
    let input = (svc, staff, merchant, reason);
    svc.db()
        .write(&input, |tx, (svc, staff, merchant, reason)| Box::pin(suspending(svc, tx, staff, merchant, reason)))
        .await
}

async fn suspending(
    svc: &Services,
    tx: &mut Tx,
    staff: &StaffActor,
    merchant: &MerchantId,
    reason: &str,
) -> Result<(), ServiceError> {
    let from = status(tx, merchant).await?;
    move_to(tx, merchant, from, MerchantStatus::Suspended, Some(reason)).await?;
    let link = absolute(svc, "/dashboard");
    common::tell_owners(svc, tx, merchant, Template::MerchantSuspended, &[("reason", reason), ("link", &link)]).await?;
    let entry = Entry::by_staff(staff, merchant, svc.now(), "merchant.suspend")
        .on(merchant)
        .with("before", from.as_str())
        .with("reason", reason);
    Ok(audit::append(tx, &entry).await?)
}

/// Takes a suspension back: to live when the application stands approved, to test mode otherwise.
///
/// # Errors
/// Forbidden; not found; not suspended; the database's.
pub async fn reinstate(svc: &Services, staff: &StaffActor, merchant: &MerchantId) -> Result<(), ServiceError> {
    staff.require_review()?;
    let input = (svc, staff, merchant);
    svc.db().write(&input, |tx, (svc, staff, merchant)| Box::pin(reinstating(svc, tx, staff, merchant))).await
}

async fn reinstating(
    svc: &Services,
    tx: &mut Tx,
    staff: &StaffActor,
    merchant: &MerchantId,
) -> Result<(), ServiceError> {
    let approved =
        applications::get(tx, merchant).await?.is_some_and(|row| row.status == ApplicationStatus::Approved.as_str());
    let to = if approved { MerchantStatus::Active } else { MerchantStatus::Onboarding };
    status(tx, merchant).await?;
    move_to(tx, merchant, MerchantStatus::Suspended, to, None).await?;
    let link = absolute(svc, "/dashboard");
    common::tell_owners(svc, tx, merchant, Template::MerchantReinstated, &[("link", &link)]).await?;
    let entry =
        Entry::by_staff(staff, merchant, svc.now(), "merchant.reinstate").on(merchant).with("after", to.as_str());
    Ok(audit::append(tx, &entry).await?)
}

async fn status(tx: &mut Tx, merchant: &MerchantId) -> Result<MerchantStatus, ServiceError> {
    let row = merchants::get(tx, merchant).await?.ok_or_else(ServiceError::not_found)?;
    rows::read(&row.status)
}

async fn move_to(
    tx: &mut Tx,
    merchant: &MerchantId,
    from: MerchantStatus,
    to: MerchantStatus,
    reason: Option<&str>,
) -> Result<(), ServiceError> {
    if merchants::set_status(tx, merchant, from, to, reason).await? {
        return Ok(());
    }
    Err(ServiceError::new(ProblemKind::Conflict, accounts::MERCHANT_STATE))
}
