//! Submits a complete application.

use super::{common, view::begun};
use crate::{
    MerchantActor, ServiceError, Services,
    accounts::links::absolute,
    audit::{self, Entry},
    mail::Template,
    rows,
};
use domain::{
    FieldProblem, Permission, Problem, ProblemKind,
    problem::{accounts, codes},
    states::ApplicationStatus,
    validate::application,
    views::application::{ApplicationView, Step},
};
use store::Tx;
use store::applications::{self, NewMessage};

/// Submits a complete application.
///
/// # Errors
/// Forbidden; not editable; [`accounts::INCOMPLETE`] with the fields that are missing; stale when it changed meanwhile; the
/// database's.
pub async fn submit(svc: &Services, actor: &MerchantActor) -> Result<ApplicationView, ServiceError> {
    actor.require(Permission::ManageApplication)?;
    begun(svc, &actor.scope.merchant).await?;
    let input = (svc, actor);
    svc.db().write(&input, |tx, (svc, actor)| Box::pin(unit(svc, tx, actor))).await?;
    let mut tx = svc.db().read().await?;
    let row = applications::get(&mut tx, &actor.scope.merchant).await?.ok_or_else(ServiceError::not_found)?;
    common::view(svc, &mut tx, &row).await
}

async fn unit(svc: &Services, tx: &mut Tx, actor: &MerchantActor) -> Result<(), ServiceError> {
    let (merchant, now) = (&actor.scope.merchant, svc.now());
    let row = applications::get(tx, merchant).await?.ok_or_else(ServiceError::not_found)?;
    let from: ApplicationStatus = rows::read(&row.status)?;
    if !from.is_editable() {
        return Err(common::not_editable());
    }
    // First the compare-and-set, which holds the row: documents can't go while they are looked at.
    if !applications::submit(tx, merchant, from, row.version, now).await? {
        return Err(ServiceError::new(ProblemKind::Conflict, codes::STALE));
    }
    let answers = common::open(svc, &row)?;
    let documents = common::documents(tx, merchant).await?;
    let missing: Vec<FieldProblem> =
        Step::ALL.iter().flat_map(|s| application::step(&answers, &documents, *s, now)).collect();
    if !missing.is_empty() {
        let problem = Problem::new(ProblemKind::Invalid, accounts::INCOMPLETE);
        return Err(Problem { fields: missing, ..problem }.into());
    }
    // The reviewers look at it anew.
    applications::clear_checks(tx, merchant).await?;
    let message = NewMessage { id: &svc.new_id(), kind: "submission", author: &actor.user_id, body: "", at: now };
    applications::add_message(tx, merchant, &message).await?;
    let link = absolute(svc, "/onboarding");
    common::tell_owners(svc, tx, merchant, Template::ApplicationSubmitted, &[("link", &link)]).await?;
    let entry = Entry::by_member(actor, now, "application.submit").on(&row.id).with("before", from.as_str());
    Ok(audit::append(tx, &entry).await?)
}
