//! Stores the fields of one step as typed.

use super::{common, view::begun};
use crate::{
    MerchantActor, ServiceError, Services,
    audit::{self, Entry},
};
use domain::{
    MerchantId, Permission, ProblemKind, Timestamp,
    problem::codes,
    states::ApplicationStatus,
    validate::{self, CATEGORIES},
    views::application::{Answers, ApplicationView, Step},
};
use store::Tx;
use store::applications::{self, SavedAnswers};

/// Stores the fields of one step as typed, complete or not; the view tells what is missing. Another version is a conflict
/// [`codes::STALE`].
///
/// # Errors
/// Forbidden; not editable; stale; fields beyond any sense; the database's.
pub async fn save_step(
    svc: &Services,
    actor: &MerchantActor,
    step: Step,
    answers: &Answers,
    version: i64,
) -> Result<ApplicationView, ServiceError> {
    actor.require(Permission::ManageApplication)?;
    let merchant = &actor.scope.merchant;
    let row = begun(svc, merchant).await?;
    let status: ApplicationStatus = row.status.parse().unwrap_or(ApplicationStatus::Submitted);
    if !status.is_editable() {
        return Err(common::not_editable());
    }
    if row.version != version {
        return Err(ServiceError::new(ProblemKind::Conflict, codes::STALE));
    }
    let stored = common::open(svc, &row)?;
    let merged = validate::application::merged(&stored, answers, step);
    let beyond = validate::application::draft(&merged);
    if !beyond.is_empty() {
        return Err(ServiceError::fields(beyond));
    }
    if merged != stored || row.answers.is_none() {
        let saved = saved(svc, merchant, &merged)?;
        let input = (actor, step, version, saved, svc.now());
        svc.db()
            .write(&input, |tx, (actor, step, version, saved, now)| {
                Box::pin(unit(tx, actor, *step, *version, saved, *now))
            })
            .await?;
    }
    let mut tx = svc.db().read().await?;
    let row = applications::get(&mut tx, merchant).await?.ok_or_else(ServiceError::not_found)?;
    common::view(svc, &mut tx, &row).await
}

/// The sealed answers, and of them what the queue shows: only what is acceptable.
fn saved(svc: &Services, merchant: &MerchantId, answers: &Answers) -> Result<SavedAnswers, ServiceError> {
    Ok(SavedAnswers {
        answers: common::seal(svc, merchant, answers)?,
        legal_name: validate::text::optional(&answers.legal_name, 200).ok().flatten(),
        country: validate::country::find(answers.country.trim()).map(str::to_owned),
        category: validate::text::choice(&answers.category, CATEGORIES).ok().map(str::to_owned),
    })
}

async fn unit(
    tx: &mut Tx,
    actor: &MerchantActor,
    step: Step,
    version: i64,
    saved: &SavedAnswers,
    now: Timestamp,
) -> Result<(), ServiceError> {
    if !applications::save(tx, &actor.scope.merchant, version, saved, now).await? {
        return Err(ServiceError::new(ProblemKind::Conflict, codes::STALE));
    }
    // Which step, not what was typed: answers are personal.
    let entry = Entry::by_member(actor, now, "application.save").with("step", step.as_str());
    Ok(audit::append(tx, &entry).await?)
}
