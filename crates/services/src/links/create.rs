//! Makes a payment link.

use super::form;
use crate::{MerchantActor, ServiceError, Services, audit, sessions::allowed_origins};
use domain::{LinkId, Permission, views::checkout::LinkForm};
use store::links;

/// Makes a payment link, active at once.
///
/// # Errors
/// Forbidden; fields that can't be accepted.
pub async fn create(svc: &Services, actor: &MerchantActor, form: &LinkForm) -> Result<LinkId, ServiceError> {
    actor.require(Permission::ManageCheckout)?;
    let scope = &actor.scope;
    let origins = allowed_origins(svc, scope, &[&form.success_url]).await?;
    let content = form::check(form, &origins).map_err(ServiceError::fields)?;
    let (id, token, at): (LinkId, _, _) = (svc.new_id(), svc.new_token(), svc.now());
    let entry = audit::Entry::by_member(actor, at, "link.create").on(&id).with("title", content.title.as_str());
    let by = actor.user_id.as_str();
    svc.db()
        .write(&(scope, &id, &token, &content, by, at, &entry), |tx, &(scope, id, token, content, by, at, entry)| {
            Box::pin(async move {
                links::insert(tx, scope, id, token, content, by, at).await?;
                audit::append(tx, entry).await?;
                Ok::<_, ServiceError>(())
            })
        })
        .await?;
    Ok(id)
}
