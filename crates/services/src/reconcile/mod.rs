//! Finds out what became of calls whose outcome is open: asks the gateway in the way that its connector declares, and settles.

pub(crate) mod asking;
mod fees;
pub(crate) mod late;
pub(crate) mod schedule;
pub(crate) mod waiting;

use crate::{
    ServiceError, Services,
    checkout::{
        self,
        settle::{Finding, settle},
    },
    gateway_call,
    payments::settle_refund::{NEVER_LEFT, RefundFinding, settle_refund},
    saved,
};
use domain::{
    Timestamp,
    states::{AttemptStatus, OperationKind, OperationStatus},
};
use futures::{StreamExt, stream};
use gateways::{ChargeReply, ChargeState, Gateway};
use store::{
    operations::{self, Due, Work},
    reviews::{self, NewAnswer},
};

/// Operations that are asked about at once, so that a slow gateway never holds up the others.
const AT_ONCE: usize = 32;
/// Most operations of one round: all of them are asked about before the claim on them runs out.
const MOST: i64 = 128;
/// The gateway could not be asked, or did not answer.
const NO_ANSWER: &str = "no_answer";
/// The gateway has nothing, which is not certain.
const NOT_FOUND: &str = "not_found";
/// The gateway has another amount than was asked for.
const OTHER_AMOUNT: &str = "other_amount";

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

/// What asking because of a hint came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hinted {
    /// Nothing was heard.
    Silent,
    /// What was heard is settled.
    Settled,
    /// So it is, as far as it can be: the gateway has another amount or currency than we asked for.
    Mismatch,
}

/// Asks because the gateway hinted that something has happened, and settles what it answers. Unlike [`ask`], no answer changes
/// nothing: the call itself may still be on its way.
///
/// # Errors
/// The database's.
pub(crate) async fn hinted(svc: &Services, work: Work) -> Result<Hinted, ServiceError> {
    let gateway = gateway_call::gateway(svc, &work.provider)?;
    let Some(lookup) = gateway.lookup() else { return Ok(Hinted::Settled) };
    let (scope, sealed, key) = (work.scope()?, work.credentials.as_deref(), work.idempotency_key.clone());
    let Ok(call) = gateway_call::call(svc, &scope, &work.connection_id, sealed, &key) else {
        return Ok(Hinted::Silent);
    };
    let differs = if work.kind == OperationKind::Refund.as_str() {
        let refund_ref = work.gateway_ref.as_deref();
        let charge_ref = work.charge_ref.as_deref().unwrap_or_default();
        let question = lookup.find_refund(&call, &key, charge_ref, refund_ref);
        let answer = gateway_call::lookup(svc, &scope, &work.connection_id, &work.provider, question).await;
        let Ok(Some(reply)) = answer else { return Ok(Hinted::Silent) };
        let differs = reply.amount.minor != work.amount || reply.amount.currency.code() != work.currency;
        settle_refund(svc, work, &RefundFinding::Reply(reply)).await?;
        differs
    } else {
        let charge_ref = work.charge_ref.as_deref().or(work.gateway_ref.as_deref());
        let question = lookup.find_charge(&call, &key, charge_ref);
        let answer = gateway_call::lookup(svc, &scope, &work.connection_id, &work.provider, question).await;
        let Ok(Some(reply)) = answer else { return Ok(Hinted::Silent) };
        let waits = work.attempt_status == AttemptStatus::RequiresAction.as_str();
        if let (ChargeState::RequiresAction { .. }, Some(charge), true) = (&reply.state, work.charge_ref.clone(), waits)
        {
            // The customer may have approved it and never come back: at some gateways nobody takes it but we.
            checkout::go_on(svc, work, &charge).await?;
            return Ok(Hinted::Settled);
        }
        saved::note(svc, &work, &reply).await?;
        let differs = differs(&work, &reply);
        let finding = Finding::Reply(reply);
        if !fees::tell(svc, &work, &finding).await? {
            settle(svc, work, &finding, None).await?;
        }
        differs
    };
    Ok(if differs { Hinted::Mismatch } else { Hinted::Settled })
}

/// Whether money moved that nobody asked for. What was held may be captured in part.
fn differs(work: &Work, reply: &ChargeReply) -> bool {
    let ChargeState::Succeeded { captured, .. } = &reply.state else { return false };
    let fits = if work.authorized_at.is_some() || work.kind != OperationKind::Sale.as_str() {
        (1..=work.attempt_amount).contains(&captured.minor)
    } else {
        captured.minor == work.amount
    };
    !fits || captured.currency.code() != work.currency
}

/// Asks about one operation and settles what is heard. Without an answer nothing changes but the time of the next check.
///
/// # Errors
/// The database's.
pub(crate) async fn ask(svc: &Services, work: Work) -> Result<(), ServiceError> {
    let gateway = gateway_call::gateway(svc, &work.provider)?;
    let work = if waiting::is_over(&work, svc.now()) {
        match give_up_waiting(svc, work).await? {
            Some(work) => work,
            None => return Ok(()),
        }
    } else {
        work
    };
    if !asking::can_ask(gateway.as_ref(), work.kind == OperationKind::Refund.as_str()) {
        // Nobody can be asked: it is unknown until a person decides.
        return if work.status == OperationStatus::Sent.as_str() {
            give_up(svc, work, "the gateway can't be asked").await
        } else {
            postpone(svc, &work, None, None).await
        };
    }
    if asking::must_wait(gateway.as_ref(), &work) {
        return postpone(svc, &work, next_of(svc, &work), None).await;
    }
    let scope = work.scope()?;
    let credentials = work.credentials.as_deref();
    let call = gateway_call::call(svc, &scope, &work.connection_id, credentials, &work.idempotency_key);
    let call = match call {
        Ok(call) => call,
        Err(failure) => {
            tracing::warn!(operation = work.id, %failure, "a gateway can't be asked");
            return later(svc, work, NO_ANSWER, &failure.to_string()).await;
        }
    };
    if work.kind == OperationKind::Refund.as_str() {
        ask_refund(svc, gateway.as_ref(), &call, work).await
    } else {
        ask_charge(svc, gateway.as_ref(), &call, work).await
    }
}

/// Gives up what waits for a customer whose session is over. Some: it waits all the same, for the gateway gave no word or can't give up, and
/// is asked about as ever.
async fn give_up_waiting(svc: &Services, work: Work) -> Result<Option<Work>, ServiceError> {
    let (scope, id) = (work.scope()?, work.id.clone());
    checkout::give_up(svc, work).await?;
    let again = operations::work(&mut svc.db().read().await?, &scope, &id).await?;
    Ok(again.filter(waiting::is_waiting))
}

async fn ask_charge(
    svc: &Services,
    gateway: &dyn Gateway,
    call: &gateways::Call,
    work: Work,
) -> Result<(), ServiceError> {
    let charge_ref = work.charge_ref.as_deref().or(work.gateway_ref.as_deref());
    let mut answer = asking::find_charge(svc, gateway, call, &work, charge_ref).await;
    if charge_ref.is_some() && is_typed(&work) && matches!(answer, Ok(None)) {
        // A name that a person typed may be wrong: our own key tells.
        answer = asking::find_charge(svc, gateway, call, &work, None).await;
    }
    let finding = match answer {
        // What still is held was neither captured nor released, once it can't be on its way any more.
        Ok(Some(reply)) if is_release(&work) && matches!(reply.state, ChargeState::Authorized { .. }) => {
            if !asking::is_certain(gateway, &work, svc.now()) {
                return later(svc, work, NOT_FOUND, "the gateway still holds it").await;
            }
            Finding::Nothing("the gateway still holds it".to_owned())
        }
        Ok(Some(reply)) => Finding::Reply(reply),
        Ok(None) if charge_ref.is_some() && !is_typed(&work) && !is_only_prepared(gateway, &work) => {
            tracing::error!(operation = work.id, "a gateway has lost a charge that it had");
            return later(svc, work, NOT_FOUND, "the gateway has lost the charge").await;
        }
        Ok(None) if asking::is_certain(gateway, &work, svc.now()) => {
            Finding::Nothing("the gateway has no such charge".to_owned())
        }
        Ok(None) => return later(svc, work, NOT_FOUND, "the gateway has no such charge yet").await,
        Err(failure) => return later(svc, work, NO_ANSWER, &failure.to_string()).await,
    };
    if fees::tell(svc, &work, &finding).await? {
        return Ok(());
    }
    let before = work.clone();
    let settled = settle(svc, work, &finding, None).await?;
    if settled.changed {
        return Ok(());
    }
    let (next, heard) = match &finding {
        // Money that can't be booked yet, for another attempt is under way: it is asked about until it can.
        Finding::Reply(reply) if waits_for_another(&before, reply) => {
            (Some(schedule::next(svc.now(), before.checks)), None)
        }
        Finding::Reply(reply) => (next_of(svc, &before), Some(asking::heard(&before, reply))),
        _ => (next_of(svc, &before), None),
    };
    let heard = heard.as_ref().map(|(outcome, detail)| (*outcome, detail.as_str()));
    postpone(svc, &before, next, heard).await
}

async fn ask_refund(
    svc: &Services,
    gateway: &dyn Gateway,
    call: &gateways::Call,
    work: Work,
) -> Result<(), ServiceError> {
    let refund_ref = work.gateway_ref.as_deref();
    let mut answer = asking::find_refund(svc, gateway, call, &work, refund_ref).await;
    if refund_ref.is_some() && is_typed(&work) && matches!(answer, Ok(None)) {
        answer = asking::find_refund(svc, gateway, call, &work, None).await;
    }
    let finding = match answer {
        Ok(Some(reply)) => RefundFinding::Reply(reply),
        Ok(None) if (refund_ref.is_none() || is_typed(&work)) && asking::is_certain(gateway, &work, svc.now()) => {
            RefundFinding::Refused(NEVER_LEFT)
        }
        Ok(None) => return later(svc, work, NOT_FOUND, "the gateway has no such refund").await,
        Err(failure) => return later(svc, work, NO_ANSWER, &failure.to_string()).await,
    };
    let next = next_of(svc, &work);
    let before = work.clone();
    if settle_refund(svc, work, &finding).await? {
        return Ok(());
    }
    let heard = (before.status == OperationStatus::Unknown.as_str()).then_some((OTHER_AMOUNT, ""));
    postpone(svc, &before, next, heard).await
}

/// Whether a charge's money came while another attempt of the same payment may still take it.
fn waits_for_another(work: &Work, reply: &ChargeReply) -> bool {
    matches!(reply.state, ChargeState::Succeeded { .. }) && work.status == OperationStatus::Failed.as_str()
}

/// When an operation is asked about next.
fn next_of(svc: &Services, work: &Work) -> Option<Timestamp> {
    match (is_over(work), work.refund_id.is_some()) {
        (false, _) if waiting::is_waiting(work) => Some(waiting::next(svc.now(), work)),
        (false, _) => Some(schedule::next(svc.now(), work.checks)),
        (true, true) => schedule::next_for_refund(svc.now(), Timestamp(work.created_at)).or_else(|| watched(svc, work)),
        (true, false) if work.fee_pending => schedule::next_for_fee(svc.now(), Timestamp(work.created_at)),
        (true, false) => watched(svc, work),
    }
}

/// A decision is looked after for a while.
fn watched(svc: &Services, work: &Work) -> Option<Timestamp> {
    work.decision.as_ref()?;
    schedule::next_after_decision(svc.now(), Timestamp(work.decided_at?))
}

pub(crate) fn is_release(work: &Work) -> bool {
    work.kind == OperationKind::Capture.as_str() || work.kind == OperationKind::Void.as_str()
}

/// Whether the gateway's name for it may be one that a person typed, which is not the gateway's word. Captures and releases go by
/// the name of what they capture or release.
fn is_typed(work: &Work) -> bool {
    work.decision.is_some() && !is_release(work)
}

/// Whether the name is that of what was prepared, and no answer ever said that it was confirmed: then that the gateway has taken
/// nothing is no loss.
fn is_only_prepared(gateway: &dyn Gateway, work: &Work) -> bool {
    gateway.prepares().is_some() && work.gateway_ref.is_none()
}

fn is_over(work: &Work) -> bool {
    work.status == OperationStatus::Succeeded.as_str() || work.status == OperationStatus::Failed.as_str()
}

/// No answer yet. A call that was cut off between its two units shows as unknown from now on.
async fn later(svc: &Services, work: Work, outcome: &str, why: &str) -> Result<(), ServiceError> {
    if work.status == OperationStatus::Sent.as_str() {
        return give_up(svc, work, why).await;
    }
    let heard = (work.status == OperationStatus::Unknown.as_str()).then_some((outcome, why));
    postpone(svc, &work, next_of(svc, &work), heard).await
}

async fn give_up(svc: &Services, work: Work, why: &str) -> Result<(), ServiceError> {
    if work.kind == OperationKind::Refund.as_str() {
        settle_refund(svc, work, &RefundFinding::Unknown(why.to_owned())).await.map(drop)
    } else {
        settle(svc, work, &Finding::Unknown(why.to_owned()), None).await.map(drop)
    }
}

/// Sets the next check and writes down what was heard, unless somebody else has moved the operation meanwhile.
async fn postpone(
    svc: &Services,
    work: &Work,
    next: Option<Timestamp>,
    heard: Option<(&str, &str)>,
) -> Result<(), ServiceError> {
    let (scope, at) = (work.scope()?, svc.now());
    svc.db()
        .write(&(&scope, work, next, heard, at), |tx, &(scope, work, next, heard, at)| {
            Box::pin(async move {
                if operations::postpone(tx, scope, &work.id, work.version, next).await?
                    && let Some((outcome, detail)) = heard
                {
                    let detail = Some(detail).filter(|detail| !detail.is_empty());
                    let answer = NewAnswer { at, source: "ask", outcome, detail };
                    reviews::answer(tx, scope, &work.id, answer).await?;
                }
                Ok(())
            })
        })
        .await
        .map_err(|error: store::StoreError| error.into())
}
