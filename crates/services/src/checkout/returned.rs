//! The customer comes back from their bank's page: ask the gateway, settle, say where it stands.

use super::held;
use super::settle::Finding;
use super::stage::stage;
use crate::{ServiceError, Services, gateway_call, reconcile, routing};
use domain::{states::AttemptStatus, views::checkout::CheckoutStage};
use store::{
    operations::{self, Work},
    payments,
};

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
                go_on(svc, work, &charge).await?;
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

/// Goes on with what the customer has approved, unless somebody else does so or gives it up this moment. What they have not approved is
/// not taken.
///
/// # Errors
/// The database's.
pub(crate) async fn go_on(svc: &Services, work: Work, charge: &str) -> Result<(), ServiceError> {
    let gateway = gateway_call::gateway(svc, &work.provider)?;
    let scope = work.scope()?;
    let credentials = work.credentials.as_deref();
    let Ok(call) = gateway_call::call(svc, &scope, &work.connection_id, credentials, &work.idempotency_key) else {
        return Ok(());
    };
    // Going on may charge at some gateways: a missing answer leaves it unknown.
    let turn = svc.breakers().lookup(&scope, &work.connection_id).await;
    let _turn = turn.map_err(domain::Problem::from)?;
    let Some(work) = held::take(svc, work).await? else { return Ok(()) };
    let sent = gateway_call::Sent::of(&work, "resume")?;
    let answer = gateway_call::sent(svc, None, sent, gateway.charges().resume(&call, charge)).await;
    held::settle_held(svc, work, &Finding::from_resumed(answer)).await
}
