//! The customer comes back from their bank's page: ask the gateway, settle, say where it stands.

use super::settle::{Finding, settle};
use super::stage::stage;
use crate::{ServiceError, Services, gateway_call, reconcile, routing};
use domain::{states::AttemptStatus, views::checkout::CheckoutStage};
use store::{operations, payments};

/// The customer is back. Nothing that the browser says about the outcome counts; the gateway is asked.
///
/// # Errors
/// Not found; the database's.
pub async fn returned(svc: &Services, token: &str) -> Result<CheckoutStage, ServiceError> {
    let work = {
        let mut tx = svc.db().read().await?;
        operations::work_of_session(&mut tx, token).await?
    };
    if let Some(work) = work {
        match work.charge_ref.clone() {
            Some(charge) if work.attempt_status == AttemptStatus::RequiresAction.as_str() => {
                let gateway = gateway_call::gateway(svc, &work.provider)?;
                let call = gateway_call::call(
                    svc,
                    &work.scope()?,
                    &work.connection_id,
                    work.credentials.as_deref(),
                    &work.idempotency_key,
                );
                if let Ok(call) = call {
                    // Going on may charge at some gateways: a missing answer leaves it unknown.
                    let turn = svc.breakers().lookup(&work.scope()?, &work.connection_id).await;
                    let _turn = turn.map_err(domain::Problem::from)?;
                    let answer = gateway_call::bounded(svc, gateway.charges().resume(&call, &charge)).await;
                    settle(svc, work, &Finding::from_resumed(answer), None).await?;
                }
            }
            // Not written yet or already open: only asking is right, and not while the call itself is on its way.
            _ if work.status != "sent" => reconcile::ask(svc, work).await?,
            _ => {}
        }
    }
    let mut tx = svc.db().read().await?;
    let found = payments::for_checkout(&mut tx, token).await?.ok_or_else(ServiceError::not_found)?;
    drop(tx);
    let seen = routing::seen(svc, found).await?;
    Ok(stage(svc, &seen, svc.now()))
}
