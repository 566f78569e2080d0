//! Decisions about applications: the state, the merchant, the message, the mails and the audit row change together.

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
    problem::{accounts, codes},
    states::{ApplicationStatus, MerchantStatus},
    validate::text,
};
use store::applications::{self, NewMessage};
use store::{Tx, merchants};

pub(super) fn not_decidable() -> ServiceError {
    ServiceError::new(ProblemKind::Conflict, accounts::NOT_DECIDABLE)
}

/// What a reviewer decided.
struct Decision<'a> {
    staff: &'a StaffActor,
    merchant: &'a MerchantId,
    version: i64,
    to: ApplicationStatus,
    /// The message's kind and text.
    message: Option<(&'static str, String)>,
    template: Template,
    action: &'static str,
}

/// Approves: live mode works from here on. `version` is the application's, as the reviewer saw it.
///
/// # Errors
/// Forbidden; not found; a state that does not wait; a suspended merchant; stale; the database's.
pub async fn approve(
    svc: &Services,
    staff: &StaffActor,
    merchant: &MerchantId,
    version: i64,
) -> Result<(), ServiceError> {
    staff.require_review()?;
    let decision = Decision {
        staff,
        merchant,
        version,
        to: ApplicationStatus::Approved,
        message: Some(("decision", String::new())),
        template: Template::ApplicationApproved,
        action: "application.approve",
    };
    decide(svc, &decision).await
}

/// Asks the merchant for more information.
///
/// # Errors
/// As [`approve`]; field `text`.
pub async fn ask(
    svc: &Services,
    staff: &StaffActor,
    merchant: &MerchantId,
    version: i64,
    typed: &str,
) -> Result<(), ServiceError> {
    staff.require_review()?;
    let decision = Decision {
        staff,
        merchant,
        version,
        to: ApplicationStatus::MoreInformation,
        message: Some(("request", reason(typed, "text")?)),
        template: Template::ApplicationMoreInformation,
        action: "application.ask",
    };
    decide(svc, &decision).await
}

/// Refuses with a reason that the merchant reads.
///
/// # Errors
/// As [`ask`].
pub async fn deny(
    svc: &Services,
    staff: &StaffActor,
    merchant: &MerchantId,
    version: i64,
    typed: &str,
) -> Result<(), ServiceError> {
    staff.require_review()?;
    let decision = Decision {
        staff,
        merchant,
        version,
        to: ApplicationStatus::Denied,
        message: Some(("decision", reason(typed, "text")?)),
        template: Template::ApplicationDenied,
        action: "application.deny",
    };
    decide(svc, &decision).await
}

/// A reason that the merchant reads.
pub(super) fn reason(typed: &str, field: &str) -> Result<String, ServiceError> {
    text::paragraph(typed, 2_000).map_err(|wrong| ServiceError::fields(vec![wrong.at(field)]))
}

async fn decide(svc: &Services, decision: &Decision<'_>) -> Result<(), ServiceError> {
    let input = (svc, decision);
    svc.db().write(&input, |tx, (svc, decision)| Box::pin(unit(svc, tx, decision))).await
}

async fn unit(svc: &Services, tx: &mut Tx, d: &Decision<'_>) -> Result<(), ServiceError> {
    let now = svc.now();
    let row = applications::get(tx, d.merchant).await?.ok_or_else(ServiceError::not_found)?;
    let from: ApplicationStatus = rows::read(&row.status)?;
    if !from.may_become(d.to) {
        return Err(not_decidable());
    }
    if row.version != d.version
        || !applications::decide(tx, d.merchant, (from, d.to), d.version, &d.staff.user_id, now).await?
    {
        return Err(ServiceError::new(ProblemKind::Conflict, codes::STALE));
    }
    if d.to == ApplicationStatus::Approved {
        activate(tx, d.merchant).await?;
        if let Some(country) = &row.country {
            merchants::set_country(tx, d.merchant, country).await?;
        }
    }
    let mut values = Vec::new();
    if let Some((kind, body)) = &d.message {
        let message = NewMessage { id: &svc.new_id(), kind, author: &d.staff.user_id, body, at: now };
        applications::add_message(tx, d.merchant, &message).await?;
        if !body.is_empty() {
            values.push(("reason", body.as_str()));
        }
    }
    let approved = d.to == ApplicationStatus::Approved;
    let link = absolute(svc, if approved { "/dashboard" } else { "/onboarding" });
    values.push(("link", &link));
    common::tell_owners(svc, tx, d.merchant, d.template, &values).await?;
    let entry = Entry::by_staff(d.staff, d.merchant, now, d.action)
        .on(&row.id)
        .with("before", from.as_str())
        .with("after", d.to.as_str());
    Ok(audit::append(tx, &entry).await?)
}

/// From test mode only to live.
async fn activate(tx: &mut Tx, merchant: &MerchantId) -> Result<(), ServiceError> {
    if merchants::set_status(tx, merchant, MerchantStatus::Onboarding, MerchantStatus::Active, None).await? {
        return Ok(());
    }
    let account = merchants::get(tx, merchant).await?.ok_or_else(ServiceError::not_found)?;
    match rows::read(&account.status)? {
        MerchantStatus::Active => Ok(()),
        MerchantStatus::Suspended => Err(ServiceError::new(ProblemKind::Conflict, accounts::MERCHANT_SUSPENDED)),
        _ => Err(ServiceError::new(ProblemKind::Conflict, accounts::MERCHANT_STATE)),
    }
}
