//! The customer does not want to pay where they were sent: that payment is given up before another may begin.

use super::held;
use super::settle::{Finding, settle};
use super::stage::stage;
use crate::{ServiceError, Services, gateway_call, routing};
use domain::{states::AttemptStatus, views::checkout::CheckoutStage};
use gateways::{ChargeReply, GatewayFailure};
use store::{
    operations::{self, Work},
    payments,
};

/// Gives up what waits for the customer at a gateway, or for their transfer, and says where the checkout stands then. Where the gateway can't give up,
/// or has been paid meanwhile, that is where it stands.
///
/// # Errors
/// Not found; the database's.
pub async fn start_over(svc: &Services, token: &str) -> Result<CheckoutStage, ServiceError> {
    let work = {
        let mut tx = svc.db().read().await?;
        operations::work_of_session(&mut tx, token).await?
    };
    if let Some(work) = work {
        if work.attempt_status == AttemptStatus::RequiresAction.as_str() {
            give_up(svc, work).await?;
        } else if work.provider == gateways::bank_transfer::KEY
            && work.attempt_status == AttemptStatus::Processing.as_str()
        {
            give_up_transfer(svc, work).await?;
        }
    }
    let found = {
        let mut tx = svc.db().read().await?;
        payments::for_checkout(&mut tx, token).await?.ok_or_else(ServiceError::not_found)?
    };
    let seen = routing::seen(svc, found).await?;
    Ok(stage(svc, &seen, svc.now()))
}

/// Gives up a bank transfer. Nobody else can take money for it meanwhile: the book gives it up and takes money by one rule.
async fn give_up_transfer(svc: &Services, work: Work) -> Result<(), ServiceError> {
    let gateway = gateway_call::gateway(svc, &work.provider)?;
    let (Some(abandons), Some(charge)) = (gateway.abandons(), work.charge_ref.clone()) else { return Ok(()) };
    let (scope, credentials) = (work.scope()?, work.credentials.as_deref());
    let call = gateway_call::call(svc, &scope, &work.connection_id, credentials, &work.idempotency_key);
    let Ok(call) = call else { return Ok(()) };
    let question = abandons.abandon(&call, &charge);
    if let Ok(reply) = gateway_call::lookup(svc, &scope, &work.connection_id, &work.provider, question).await {
        settle(svc, work, &Finding::Reply(reply), None).await?;
    }
    Ok(())
}

/// Gives up what waits for the customer at a gateway's page, unless somebody goes on with it this moment. What was paid meanwhile is taken in.
///
/// # Errors
/// The database's.
pub(crate) async fn give_up(svc: &Services, work: Work) -> Result<(), ServiceError> {
    let gateway = gateway_call::gateway(svc, &work.provider)?;
    let (Some(abandons), Some(charge)) = (gateway.abandons(), work.charge_ref.clone()) else { return Ok(()) };
    let Some(work) = held::take(svc, work).await? else { return Ok(()) };
    let scope = work.scope()?;
    let credentials = work.credentials.as_deref();
    let answer: Result<ChargeReply, GatewayFailure> =
        match gateway_call::call(svc, &scope, &work.connection_id, credentials, &work.idempotency_key) {
            Ok(call) => {
                let question = abandons.abandon(&call, &charge);
                gateway_call::lookup(svc, &scope, &work.connection_id, &work.provider, question).await
            }
            Err(failure) => Err(failure),
        };
    // Without an answer it may still be paid there: it stands as it stood.
    match answer {
        Ok(reply) => held::settle_held(svc, work, &Finding::Reply(reply)).await,
        Err(failure) => {
            tracing::warn!(operation = work.id, %failure, "a payment could not be given up");
            held::give_back(svc, &scope, &work.id, work.version).await
        }
    }
}
