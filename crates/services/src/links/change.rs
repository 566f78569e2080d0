//! Changes a payment link, switches it on or off.

use super::form;
use crate::{MerchantActor, ServiceError, Services, audit, sessions::allowed_origins};
use domain::{
    FieldProblem, LinkId, Permission, ProblemKind,
    problem::{codes, money},
    views::checkout::LinkForm,
};
use store::links;

/// Changes a link. Sessions that were opened from it before keep what they said.
///
/// # Errors
/// Forbidden; not found; fields that can't be accepted; less stock than is sold; somebody else changed it meanwhile.
pub async fn update(svc: &Services, actor: &MerchantActor, id: &LinkId, form: &LinkForm) -> Result<(), ServiceError> {
    actor.require(Permission::ManageCheckout)?;
    let scope = &actor.scope;
    let before = links::get(&mut svc.db().read().await?, scope, id).await?.ok_or_else(ServiceError::not_found)?;
    let origins = allowed_origins(svc, scope, &[&form.success_url]).await?;
    let content = form::check(form, &origins).map_err(ServiceError::fields)?;
    let at = svc.now();
    let entry = audit::Entry::by_member(actor, at, "link.edit")
        .on(id)
        .with("before", serde_json::json!({"title": before.title, "amount": before.amount, "stock": before.stock}))
        .with("after", serde_json::json!({"title": content.title, "amount": content.amount, "stock": content.stock}));
    let version = form.version;
    let updated = svc
        .db()
        .write(&(scope, id, &content, at, version, &entry), |tx, &(scope, id, content, at, version, entry)| {
            Box::pin(async move {
                let updated = links::update(tx, scope, id, content, at, version).await?;
                if updated {
                    audit::append(tx, entry).await?;
                }
                Ok::<_, ServiceError>(updated)
            })
        })
        .await?;
    if updated {
        return Ok(());
    }
    let now = links::get(&mut svc.db().read().await?, scope, id).await?.ok_or_else(ServiceError::not_found)?;
    if now.version == version && content.stock.is_some_and(|stock| stock < now.sold) {
        let problem = FieldProblem::new("stock", money::STOCK_BELOW_SOLD).with("sold", now.sold);
        return Err(ServiceError::fields(vec![problem]));
    }
    Err(ServiceError::new(ProblemKind::Conflict, codes::STALE))
}

/// Switches a link on or off. One that stands so already is left alone.
///
/// # Errors
/// Forbidden; not found.
pub async fn set_active(svc: &Services, actor: &MerchantActor, id: &LinkId, active: bool) -> Result<(), ServiceError> {
    actor.require(Permission::ManageCheckout)?;
    let scope = &actor.scope;
    links::get(&mut svc.db().read().await?, scope, id).await?.ok_or_else(ServiceError::not_found)?;
    let at = svc.now();
    let action = if active { "link.activate" } else { "link.deactivate" };
    let entry = audit::Entry::by_member(actor, at, action).on(id);
    svc.db()
        .write(&(scope, id, active, at, &entry), |tx, &(scope, id, active, at, entry)| {
            Box::pin(async move {
                if links::set_active(tx, scope, id, active, at).await? {
                    audit::append(tx, entry).await?;
                }
                Ok(())
            })
        })
        .await
}
