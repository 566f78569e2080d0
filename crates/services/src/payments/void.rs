//! Releases an authorisation: the customer is not charged.

use super::release::{refused, send};
use crate::{
    MerchantActor, ServiceError, Services, audit,
    checkout::pay::is_form_key,
    idempotency::{self, Claim, Key},
    reconcile::schedule,
};
use domain::{
    OperationId, PaymentId, Permission, Timestamp,
    problem::{codes, money},
    validate::Wrong,
};
use store::{StoreError, Tx, captures, payments::parse};

/// The endpoint's name among idempotency keys.
const ENDPOINT: &str = "void";

/// Releases what a payment holds. The release is on its way when this returns; how it ended, the payment says.
///
/// # Errors
/// Forbidden; not found; [`money::NOT_VOIDABLE`], [`money::CAPTURE_UNDER_WAY`]; the idempotency key's; the database's.
pub async fn void(
    svc: &Services,
    actor: &MerchantActor,
    payment: &PaymentId,
    form_key: &str,
) -> Result<OperationId, ServiceError> {
    actor.require(Permission::Capture)?;
    if !is_form_key(form_key) {
        return Err(ServiceError::fields(vec![Wrong::new(codes::REQUIRED).at("form_key")]));
    }
    let start = Start::new(svc, actor, payment, form_key);
    let svc = svc.clone();
    // On a task of its own: a browser that hangs up must not cut a release off from its settlement.
    let task = tokio::spawn(async move { void_to_the_end(&svc, start).await });
    task.await.map_err(|error| ServiceError::Fault(error.to_string()))?
}

async fn void_to_the_end(svc: &Services, start: Start) -> Result<OperationId, ServiceError> {
    let before = svc.db().write(&start, |tx, start| Box::pin(async move { write_start(tx, start).await })).await?;
    if let Some(operation) = before {
        return Ok(operation);
    }
    send(svc, &start.actor.scope, &start.operation).await?;
    Ok(start.operation)
}

/// What the first unit writes.
struct Start {
    actor: MerchantActor,
    payment: PaymentId,
    form_key: String,
    owner: String,
    operation: OperationId,
    audit: audit::Entry,
    at: Timestamp,
}

impl Start {
    fn new(svc: &Services, actor: &MerchantActor, payment: &PaymentId, form_key: &str) -> Self {
        let (operation, at): (OperationId, _) = (svc.new_id(), svc.now());
        let audit =
            audit::Entry::by_member(actor, at, "payment.void").on(payment).with("operation", operation.as_str());
        Self {
            actor: actor.clone(),
            payment: payment.clone(),
            form_key: form_key.to_owned(),
            owner: idempotency::owner(&actor.scope),
            operation,
            audit,
            at,
        }
    }
}

/// Writes the release down; some operation when the same form made it before.
async fn write_start(tx: &mut Tx, start: &Start) -> Result<Option<OperationId>, ServiceError> {
    let scope = &start.actor.scope;
    let key = Key { owner: &start.owner, endpoint: ENDPOINT, key: &start.form_key };
    let (hash, reply) = (idempotency::hash(&[start.payment.as_str()]), start.operation.as_str().as_bytes());
    if let Claim::Replay(reply) = idempotency::claim(tx, key, &hash, Some(reply), start.at).await? {
        let id = String::from_utf8(reply).map_err(|error| StoreError::Corrupt(error.to_string()))?;
        return Ok(Some(parse(&id)?));
    }
    let (next, by) = (start.at.plus(schedule::FIRST_CHECK), start.actor.user_id.as_str());
    let payment = start.payment.as_str();
    if !captures::begin_void(tx, scope, payment, &start.operation, next, start.at, Some(by)).await? {
        return Err(refused(tx, scope, &start.payment, money::NOT_VOIDABLE).await?);
    }
    audit::append(tx, &start.audit).await?;
    Ok(None)
}
