//! Answers the reviewers.

use super::common;
use crate::{
    MerchantActor, ServiceError, Services,
    audit::{self, Entry},
};
use domain::{MessageId, Permission, Timestamp, states::ApplicationStatus, validate::text};
use store::Tx;
use store::applications::{self, NewMessage};

/// Answers the reviewers, when they asked or refused.
///
/// # Errors
/// Forbidden; field `text`; not editable; the database's.
pub async fn answer(svc: &Services, actor: &MerchantActor, typed: &str) -> Result<(), ServiceError> {
    actor.require(Permission::ManageApplication)?;
    let body = text::paragraph(typed, 4_000).map_err(|wrong| ServiceError::fields(vec![wrong.at("text")]))?;
    let input = (actor, svc.new_id(), body, svc.now());
    svc.db().write(&input, |tx, (actor, id, body, now)| Box::pin(unit(tx, actor, id, body, *now))).await
}

async fn unit(
    tx: &mut Tx,
    actor: &MerchantActor,
    id: &MessageId,
    body: &str,
    now: Timestamp,
) -> Result<(), ServiceError> {
    let merchant = &actor.scope.merchant;
    // Held first, so that it stays in the state that is looked at next.
    applications::touch_editable(tx, merchant, now).await?;
    let row = applications::get(tx, merchant).await?.ok_or_else(ServiceError::not_found)?;
    let asked = [ApplicationStatus::MoreInformation, ApplicationStatus::Denied];
    if !asked.iter().any(|s| s.as_str() == row.status) {
        return Err(common::not_editable());
    }
    let message = NewMessage { id, kind: "answer", author: &actor.user_id, body, at: now };
    applications::add_message(tx, merchant, &message).await?;
    let entry = Entry::by_member(actor, now, "application.answer").on(id);
    Ok(audit::append(tx, &entry).await?)
}
