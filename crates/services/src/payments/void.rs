//! Releases an authorisation: the customer is not charged.

use super::release::{admit, refused, send};
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
use store::{Tx, captures};

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
    let flown = svc.clone();
    svc.flights().carry(async move { void_to_the_end(&flown, &start).await }).await
}

async fn void_to_the_end(svc: &Services, start: &Start) -> Result<OperationId, ServiceError> {
    let admission = match admit(svc, &start.actor.scope, &start.payment).await {
        Ok(admission) => admission,
        // Made before: the first reply stands, whether or not the gateway answers now.
        Err(refused) => {
            let known = idempotency::known(&mut svc.db().read().await?, start.key(), &start.request_hash()).await?;
            return known.ok_or(refused);
        }
    };
    let before = svc.db().write(start, |tx, start| Box::pin(async move { write_start(tx, start).await })).await?;
    if let Some(operation) = before {
        return Ok(operation);
    }
    send(svc, &start.actor.scope, &start.operation, admission).await?;
    Ok(start.operation.clone())
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

    fn key(&self) -> Key<'_> {
        Key { owner: &self.owner, endpoint: ENDPOINT, key: &self.form_key }
    }

    fn request_hash(&self) -> String {
        idempotency::hash(&[self.payment.as_str()])
    }
}

/// Writes the release down; some operation when the same form made it before.
async fn write_start(tx: &mut Tx, start: &Start) -> Result<Option<OperationId>, ServiceError> {
    let scope = &start.actor.scope;
    let (hash, reply) = (start.request_hash(), start.operation.as_str().as_bytes());
    if let Claim::Replay(reply) = idempotency::claim(tx, start.key(), &hash, Some(reply), start.at).await? {
        return Ok(Some(idempotency::id_in(&reply)?));
    }
    let (next, by) = (start.at.plus(schedule::FIRST_CHECK), start.actor.user_id.as_str());
    let payment = start.payment.as_str();
    if !captures::begin_void(tx, scope, payment, &start.operation, next, start.at, Some(by)).await? {
        return Err(refused(tx, scope, &start.payment, money::NOT_VOIDABLE).await?);
    }
    audit::append(tx, &start.audit).await?;
    Ok(None)
}
