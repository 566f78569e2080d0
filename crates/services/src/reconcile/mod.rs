//! Finds out what became of calls whose outcome is open: asks the gateway in the way that its connector declares, and settles.

pub(crate) mod schedule;

use crate::{
    ServiceError, Services,
    checkout::settle::{Finding, settle},
    gateway_call,
    payments::settle_refund::{RefundFinding, settle_refund},
};
use domain::{
    Timestamp,
    states::{OperationKind, OperationStatus},
};
use futures::{StreamExt, stream};
use gateways::{ChargeState, FindsOut, Gateway};
use store::operations::{self, Due, Work};

/// Operations that are asked about at once, so that a slow gateway never holds up the others.
const AT_ONCE: usize = 32;
/// Most operations of one round: all of them are asked about before the claim on them runs out.
const MOST: i64 = 128;

/// Asks about operations that are due, at most `limit`; how many it took on. Several workers may do this at once.
///
/// # Errors
/// The database's. What fails for one operation is logged and tried again when it is due next.
pub async fn run(svc: &Services, limit: i64) -> Result<usize, ServiceError> {
    let now = svc.now();
    let claim = (now, now.plus(schedule::CLAIMED), limit.min(MOST));
    let due: Vec<Due> = svc
        .db()
        .write(&claim, |tx, &(now, until, limit)| {
            Box::pin(async move { operations::claim_due(tx, now, until, limit).await })
        })
        .await?;
    let count = due.len();
    stream::iter(due)
        .for_each_concurrent(AT_ONCE, |due| async move {
            if let Err(error) = one(svc, &due).await {
                tracing::error!(operation = due.id, %error, "an operation could not be reconciled");
            }
        })
        .await;
    Ok(count)
}

async fn one(svc: &Services, due: &Due) -> Result<(), ServiceError> {
    fail_point!(svc, OperationClaimed);
    let mut tx = svc.db().read().await?;
    let work = operations::work(&mut tx, &due.scope()?, &due.id).await?;
    drop(tx);
    match work {
        Some(work) => ask(svc, work).await,
        None => Ok(()),
    }
}

/// Asks because the gateway hinted that something has happened, and settles what it answers; whether it did. Unlike [`ask`], no
/// answer changes nothing: the call itself may still be on its way.
///
/// # Errors
/// The database's.
pub(crate) async fn hinted(svc: &Services, work: Work) -> Result<bool, ServiceError> {
    let gateway = gateway_call::gateway(svc, &work.provider)?;
    let Some(lookup) = gateway.lookup() else { return Ok(true) };
    let (scope, sealed, key) = (work.scope()?, work.credentials.as_deref(), work.idempotency_key.clone());
    let Ok(call) = gateway_call::call(svc, &scope, &work.connection_id, sealed, &key) else { return Ok(false) };
    if work.kind == OperationKind::Refund.as_str() {
        let refund_ref = work.gateway_ref.as_deref();
        let question = lookup.find_refund(&call, &key, refund_ref);
        let answer = gateway_call::lookup(svc, &scope, &work.connection_id, &work.provider, question).await;
        let Ok(Some(reply)) = answer else { return Ok(false) };
        settle_refund(svc, work, &RefundFinding::Reply(reply)).await?;
    } else {
        let charge_ref = work.charge_ref.as_deref().or(work.gateway_ref.as_deref());
        let question = lookup.find_charge(&call, &key, charge_ref);
        let answer = gateway_call::lookup(svc, &scope, &work.connection_id, &work.provider, question).await;
        let Ok(Some(reply)) = answer else { return Ok(false) };
        settle(svc, work, &Finding::Reply(reply), None).await?;
    }
    Ok(true)
}

/// Asks about one operation and settles what is heard. Without an answer nothing changes but the time of the next check.
///
/// # Errors
/// The database's.
pub(crate) async fn ask(svc: &Services, work: Work) -> Result<(), ServiceError> {
    let gateway = gateway_call::gateway(svc, &work.provider)?;
    if gateway.finds_out() == FindsOut::Never || gateway.lookup().is_none() {
        // Nobody can be asked: it is unknown until a person decides.
        return if work.status == OperationStatus::Sent.as_str() {
            give_up(svc, work, "the gateway can't be asked").await
        } else {
            postpone(svc, &work, None).await
        };
    }
    let scope = work.scope()?;
    let credentials = work.credentials.as_deref();
    let call = gateway_call::call(svc, &scope, &work.connection_id, credentials, &work.idempotency_key);
    let call = match call {
        Ok(call) => call,
        Err(failure) => {
            tracing::warn!(operation = work.id, %failure, "a gateway can't be asked");
            return postpone(svc, &work, Some(schedule::next(svc.now(), work.checks))).await;
        }
    };
    if work.kind == OperationKind::Refund.as_str() {
        ask_refund(svc, gateway.as_ref(), &call, work).await
    } else {
        ask_charge(svc, gateway.as_ref(), &call, work).await
    }
}

/// Whether the call was sent so long ago that a gateway which has nothing of it will never have.
fn is_settled(work: &Work, now: Timestamp) -> bool {
    now >= Timestamp(work.created_at).plus(schedule::FIRST_CHECK)
}

async fn ask_charge(
    svc: &Services,
    gateway: &dyn Gateway,
    call: &gateways::Call,
    work: Work,
) -> Result<(), ServiceError> {
    let Some(lookup) = gateway.lookup() else { return Ok(()) };
    let charge_ref = work.charge_ref.as_deref().or(work.gateway_ref.as_deref());
    let question = lookup.find_charge(call, &work.idempotency_key, charge_ref);
    let answer = gateway_call::lookup(svc, &work.scope()?, &work.connection_id, &work.provider, question).await;
    let finding = match answer {
        // What still is held was neither captured nor released, once it can't be on its way any more.
        Ok(Some(reply)) if is_release(&work) && matches!(reply.state, ChargeState::Authorized { .. }) => {
            if !is_settled(&work, svc.now()) {
                return later(svc, work, "the gateway still holds it").await;
            }
            Finding::Nothing("the gateway still holds it".to_owned())
        }
        Ok(Some(reply)) => Finding::Reply(reply),
        Ok(None) if charge_ref.is_some() => {
            tracing::error!(operation = work.id, "a gateway has lost a charge that it had");
            return later(svc, work, "the gateway has lost the charge").await;
        }
        Ok(None) if is_settled(&work, svc.now()) => Finding::Nothing("the gateway has no such charge".to_owned()),
        Ok(None) => return later(svc, work, "the gateway has no such charge yet").await,
        Err(failure) => return later(svc, work, &failure.to_string()).await,
    };
    let next = schedule::next(svc.now(), work.checks);
    let before = work.clone();
    let settled = settle(svc, work, &finding, None).await?;
    if settled.changed {
        return Ok(());
    }
    postpone(svc, &before, (!is_over(&before)).then_some(next)).await
}

async fn ask_refund(
    svc: &Services,
    gateway: &dyn Gateway,
    call: &gateways::Call,
    work: Work,
) -> Result<(), ServiceError> {
    let Some(lookup) = gateway.lookup() else { return Ok(()) };
    let refund_ref = work.gateway_ref.as_deref();
    let question = lookup.find_refund(call, &work.idempotency_key, refund_ref);
    let answer = gateway_call::lookup(svc, &work.scope()?, &work.connection_id, &work.provider, question).await;
    let finding = match answer {
        Ok(Some(reply)) => RefundFinding::Reply(reply),
        Ok(None) if refund_ref.is_none() && is_settled(&work, svc.now()) => {
            RefundFinding::Refused("gateway_unavailable")
        }
        Ok(None) => return later(svc, work, "the gateway has no such refund").await,
        Err(failure) => return later(svc, work, &failure.to_string()).await,
    };
    let next = if is_over(&work) {
        schedule::next_for_refund(svc.now(), Timestamp(work.created_at))
    } else {
        Some(schedule::next(svc.now(), work.checks))
    };
    let before = work.clone();
    if settle_refund(svc, work, &finding).await? {
        return Ok(());
    }
    postpone(svc, &before, next).await
}

fn is_release(work: &Work) -> bool {
    work.kind == OperationKind::Capture.as_str() || work.kind == OperationKind::Void.as_str()
}

fn is_over(work: &Work) -> bool {
    work.status == OperationStatus::Succeeded.as_str() || work.status == OperationStatus::Failed.as_str()
}

/// No answer yet. A call that was cut off between its two units shows as unknown from now on.
async fn later(svc: &Services, work: Work, why: &str) -> Result<(), ServiceError> {
    if work.status == OperationStatus::Sent.as_str() {
        return give_up(svc, work, why).await;
    }
    let next = if is_over(&work) {
        schedule::next_for_refund(svc.now(), Timestamp(work.created_at))
    } else {
        Some(schedule::next(svc.now(), work.checks))
    };
    postpone(svc, &work, next).await
}

async fn give_up(svc: &Services, work: Work, why: &str) -> Result<(), ServiceError> {
    if work.kind == OperationKind::Refund.as_str() {
        settle_refund(svc, work, &RefundFinding::Unknown(why.to_owned())).await.map(drop)
    } else {
        settle(svc, work, &Finding::Unknown(why.to_owned()), None).await.map(drop)
    }
}

/// Sets the next check, unless somebody else has moved the operation meanwhile.
async fn postpone(svc: &Services, work: &Work, next: Option<Timestamp>) -> Result<(), ServiceError> {
    let scope = work.scope()?;
    svc.db()
        .write(&(&scope, work, next), |tx, &(scope, work, next)| {
            Box::pin(async move { operations::postpone(tx, scope, &work.id, work.version, next).await })
        })
        .await
        .map(drop)
        .map_err(|error: store::StoreError| error.into())
}
