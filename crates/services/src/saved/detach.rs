//! Taking a method away again: nobody can charge it from that moment on, and a job has every gateway forget it.

use super::open;
use crate::{
    MerchantActor, Origin, ServiceError, Services,
    audit::{self, Entry},
    events::Event,
    gateway_call, jobs,
};
use domain::{JobId, MerchantId, Mode, PaymentMethodId, Permission, Scope, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{Batch, StoreError, Tx, payment_methods};

/// The kind of the job.
pub(crate) const KIND: &str = "forget_method";

#[derive(Serialize, Deserialize)]
struct Payload {
    merchant: MerchantId,
    mode: Mode,
    method: String,
}

/// Asks for the job inside the unit that needs it.
pub(super) async fn enqueue(
    tx: &mut Tx,
    scope: &Scope,
    job: &JobId,
    method: &str,
    at: Timestamp,
) -> Result<(), StoreError> {
    let payload = json!({ "merchant": scope.merchant, "mode": scope.mode, "method": method });
    jobs::enqueue(tx, job, KIND, &payload, at, at).await
}

/// Takes a customer's method away, by a member of the merchant's team.
///
/// # Errors
/// Forbidden; not found, which it is as well when it was taken away before.
pub async fn detach_by_member(svc: &Services, actor: &MerchantActor, id: &PaymentMethodId) -> Result<(), ServiceError> {
    actor.require(Permission::ManageCustomers)?;
    let entry = Entry::by_member(actor, svc.now(), "payment_method.detach").on(id);
    detach(svc, &actor.scope, id.as_str(), Some(actor.user_id.as_str()), &entry).await
}

/// Takes away the method that was kept with a payment, by its customer, who has the receipt.
///
/// # Errors
/// Not found, which it is as well when nothing is kept (any more).
pub async fn detach_by_receipt(svc: &Services, receipt: &str, origin: &Origin) -> Result<(), ServiceError> {
    let found = {
        let mut tx = svc.db().read().await?;
        payment_methods::of_receipt(&mut tx, receipt).await?.ok_or_else(ServiceError::not_found)?
    };
    let scope = found.scope()?;
    let entry = Entry::by_customer(&scope.merchant, origin, svc.now(), "payment_method.detach").on(&found.row.id);
    detach(svc, &scope, &found.row.id, None, &entry).await
}

async fn detach(svc: &Services, scope: &Scope, id: &str, by: Option<&str>, entry: &Entry) -> Result<(), ServiceError> {
    let (job, at): (JobId, Timestamp) = (svc.new_id(), svc.now());
    let data = json!({ "id": id, "object": "payment_method" });
    let event = Event::new(svc, scope, "payment_method.detached", id, at, &data);
    let done = svc
        .db()
        .write(&(scope, id, by, entry, &job, &event, at), |tx, &(scope, id, by, entry, job, event, at)| {
            Box::pin(async move {
                if !payment_methods::detach(tx, scope, id, by, at).await? {
                    return Ok(false);
                }
                enqueue(tx, scope, job, id, at).await?;
                let mut batch = Batch::new();
                event.put(&mut batch, scope);
                batch.run(tx).await?;
                audit::append(tx, entry).await?;
                Ok::<_, ServiceError>(true)
            })
        })
        .await?;
    if done { Ok(()) } else { Err(ServiceError::not_found()) }
}

/// Has every gateway that knows a method forget it. What is forgotten is not asked for again.
pub(crate) async fn forget(svc: &Services, payload: &str) -> Result<(), String> {
    let payload: Payload = serde_json::from_str(payload).map_err(|error| error.to_string())?;
    let scope = Scope { merchant: payload.merchant, mode: payload.mode };
    let names = {
        let mut tx = svc.db().read().await.map_err(|error| error.to_string())?;
        let row = payment_methods::get(&mut tx, &scope, &payload.method).await.map_err(|error| error.to_string())?;
        // Whatever asked for it: what may be charged is not forgotten.
        if row.is_none_or(|row| row.status == "active") {
            return Ok(());
        }
        payment_methods::names(&mut tx, &scope, &payload.method).await.map_err(|error| error.to_string())?
    };
    for name in names {
        let gateway = gateway_call::gateway(svc, &name.provider).map_err(|error| error.to_string())?;
        let saves = gateway.saves().ok_or_else(|| format!("{} keeps no methods", name.provider))?;
        let saved = open(svc, &name).map_err(|error| error.to_string())?;
        let key = format!("forget-{}", name.attempt_id);
        let call = gateway_call::call(svc, &scope, &name.connection_id, name.credentials.as_deref(), &key)
            .map_err(|failure| failure.to_string())?;
        let question = saves.forget(&call, &saved);
        gateway_call::lookup(svc, &scope, &name.connection_id, &name.provider, question)
            .await
            .map_err(|failure| failure.to_string())?;
        let (at, connection) = (svc.now(), name.connection_id.as_str());
        svc.db()
            .write(&(&scope, &payload.method, connection, at), |tx, &(scope, method, connection, at)| {
                Box::pin(async move { payment_methods::forgotten(tx, scope, method, connection, at).await.map(drop) })
            })
            .await
            .map_err(|error: StoreError| error.to_string())?;
    }
    svc.db()
        .write(&(&scope, &payload.method), |tx, &(scope, method)| {
            Box::pin(async move { payment_methods::detached(tx, scope, method).await.map(drop) })
        })
        .await
        .map_err(|error: StoreError| error.to_string())
}
