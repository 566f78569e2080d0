//! Gives money back that no person has to think about: what was paid twice, and what came late when the merchant's rule says so.
//! It goes the way of every refund: written down, sent, settled, asked about; a job of the outbox begins it.

use super::{refund, settle_refund::NEVER_LEFT};
use crate::{
    ServiceError, Services,
    audit::{self, Entry},
    events::Event,
    gateway_call,
    reconcile::schedule,
};
use domain::{
    AttemptId, JobId, MerchantId, Mode, OperationId, PaymentId, RefundId, Scope, Timestamp,
    states::{OperationKind, RefundStatus},
    time::{HOUR, MINUTE},
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{
    Batch, StoreError, Tx,
    attempts::{self, Ruled},
    disputes,
    jobs::{self, About, NewJob},
    operations::{self, NewOperation, Work},
    payments::{self, parse},
    refunds::{self, RuleRefund},
};

/// The kind of the job that begins it.
pub(crate) const KIND: &str = "refund_by_rule";
/// How often a refund is begun that never reaches the gateway, before a person has to.
const MAX_FAILURES: usize = 10;
/// The delay after the first of them; it doubles.
const FIRST_DELAY: i64 = MINUTE;
/// The longest delay.
const MAX_DELAY: i64 = 6 * HOUR;

/// Why money is given back by rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Origin {
    /// It came beside another attempt's.
    Surplus,
    /// It came after a failure or a cancellation had been recorded.
    LateSuccess,
}

impl Origin {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Surplus => "surplus",
            Self::LateSuccess => "late_success",
        }
    }

    const fn reason(self) -> &'static str {
        match self {
            Self::Surplus => "duplicate",
            Self::LateSuccess => "other",
        }
    }
}

/// What a job carries, in version 1.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Payload {
    merchant: MerchantId,
    mode: Mode,
    attempt: String,
    origin: Origin,
    /// Definite refusals of the gateway that were known when it was asked for: another one ends it.
    #[serde(default)]
    refused: usize,
}

/// A job to be.
pub(crate) struct RuleJob {
    id: JobId,
    attempt: String,
    origin: Origin,
    refused: usize,
    run_at: Timestamp,
}

impl RuleJob {
    /// A job that gives an attempt's money back.
    pub(crate) fn new(svc: &Services, attempt: &str, origin: Origin, refused: usize, run_at: Timestamp) -> Self {
        Self { id: svc.new_id(), attempt: attempt.to_owned(), origin, refused, run_at }
    }

    /// Writes it inside the unit that needs it.
    pub(crate) async fn enqueue(&self, tx: &mut Tx, scope: &Scope, at: Timestamp) -> Result<(), StoreError> {
        let payload = json!({
            "merchant": scope.merchant.as_str(),
            "mode": scope.mode.as_str(),
            "attempt": self.attempt,
            "origin": self.origin.as_str(),
            "refused": self.refused,
        });
        let payload = payload.to_string();
        let job = NewJob { id: &self.id, kind: KIND, payload: &payload, payload_version: 1, run_at: self.run_at, at };
        jobs::insert_about(tx, &job, About { scope, object: &self.attempt }).await
    }
}

/// A refund by rule certainly never left: it is begun again later, unless that has happened too often.
pub(crate) async fn again(svc: &Services, work: &Work) -> Result<Option<RuleJob>, ServiceError> {
    let origin = match work.refund_origin.as_deref() {
        Some("surplus") => Origin::Surplus,
        Some("late_success") => Origin::LateSuccess,
        _ => return Ok(None),
    };
    let mut tx = svc.db().read().await?;
    let before = refunds::by_rule(&mut tx, &work.scope()?, &work.attempt_id, origin.as_str()).await?;
    drop(tx);
    let refused = before.iter().filter(|refund| is_refused(refund)).count();
    let failures = before.iter().filter(|refund| refund.status == RefundStatus::Failed.as_str()).count();
    if failures >= MAX_FAILURES {
        return Ok(None);
    }
    let doublings = u32::try_from(failures).unwrap_or(20).min(20);
    let delay = FIRST_DELAY.saturating_mul(1 << doublings).min(MAX_DELAY);
    Ok(Some(RuleJob::new(svc, &work.attempt_id, origin, refused, svc.now().plus(delay))))
}

/// Whether the gateway said no to a refund for good.
fn is_refused(refund: &refunds::ByRule) -> bool {
    refund.status == RefundStatus::Failed.as_str() && refund.failure_code.as_deref() != Some(NEVER_LEFT)
}

/// Does the job: twice does no harm, for a rule's refund of an attempt is made once.
///
/// # Errors
/// What stands in the way, for the operator to read.
pub(crate) async fn run(svc: &Services, payload: &str) -> Result<(), String> {
    let payload: Payload = serde_json::from_str(payload).map_err(|error| format!("payload: {error}"))?;
    let flown = svc.clone();
    svc.flights().carry(async move { run_to_the_end(&flown, &payload).await }).await.map_err(|error| error.to_string())
}

async fn run_to_the_end(svc: &Services, payload: &Payload) -> Result<(), ServiceError> {
    let scope = Scope { merchant: payload.merchant.clone(), mode: payload.mode };
    let Some(due) = due(svc, &scope, payload).await? else { return Ok(()) };
    // A gateway that is left alone for now is no failure of the refund: the job is tried again.
    let admission = gateway_call::admit(svc, &scope, &due.ruled.connection_id).await?;
    let Some(operation) = begin(svc, &scope, payload.origin, due).await? else { return Ok(()) };
    fail_point!(svc, RefundWritten);
    refund::send(svc, &scope, &operation, Some(admission)).await
}

/// What is to be given back.
struct DueBack {
    ruled: Ruled,
    amount: i64,
}

/// What a rule still has to give back. None: it is on its way already, refused, or nothing is left.
async fn due(svc: &Services, scope: &Scope, payload: &Payload) -> Result<Option<DueBack>, ServiceError> {
    let origin = payload.origin;
    let mut tx = svc.db().read().await?;
    let Some(ruled) = attempts::ruled(&mut tx, scope, &payload.attempt).await? else { return Ok(None) };
    let before = refunds::by_rule(&mut tx, scope, &payload.attempt, origin.as_str()).await?;
    let payment = payments::get(&mut tx, scope, &parse(&ruled.payment_id)?).await?;
    let payment = payment.ok_or_else(ServiceError::not_found)?;
    let taken = disputes::taken_of_attempt(&mut tx, scope, &ruled.payment_id, &ruled.id).await?;
    drop(tx);
    let on_its_way = before.iter().any(|refund| refund.status != RefundStatus::Failed.as_str());
    let amount = match origin {
        // What a dispute took has left already.
        Origin::Surplus => ruled.captured - taken,
        Origin::LateSuccess => payment.captured - payment.refunded - payment.refund_reserved - payment.disputed,
    };
    let refused = before.iter().filter(|refund| is_refused(refund)).count();
    if origin == Origin::LateSuccess && amount <= 0 && payment.refund_reserved > 0 && !on_its_way {
        // Another refund is on its way; if it fails, its amount has to be given back by this one.
        return Err(StoreError::Busy.into());
    }
    let stops = on_its_way || refused > payload.refused || amount <= 0;
    Ok((!stops && ruled.surplus == (origin == Origin::Surplus)).then_some(DueBack { ruled, amount }))
}

/// What the first unit writes.
struct Start {
    scope: Scope,
    ruled: Ruled,
    origin: Origin,
    amount: i64,
    refund: RefundId,
    operation: OperationId,
    event: Event,
    audit: Entry,
    at: Timestamp,
}

/// Writes the refund and its operation down. None: another worker has begun it.
async fn begin(
    svc: &Services,
    scope: &Scope,
    origin: Origin,
    DueBack { ruled, amount }: DueBack,
) -> Result<Option<OperationId>, ServiceError> {
    let (refund, at): (RefundId, _) = (svc.new_id(), svc.now());
    let data = json!({
        "id": refund.as_str(),
        "object": "refund",
        "payment": ruled.payment_id,
        "amount": amount,
        "status": "pending",
        "reason": origin.reason(),
        "origin": origin.as_str(),
    });
    let start = Start {
        event: Event::new(svc, scope, "refund.created", refund.as_str(), at, &data),
        audit: Entry::by_system(scope.merchant.as_str(), at, "refund.create")
            .on(&refund)
            .with("mode", scope.mode.as_str())
            .with("payment", ruled.payment_id.as_str())
            .with("amount", amount)
            .with("reason", origin.as_str()),
        scope: scope.clone(),
        operation: svc.new_id(),
        ruled,
        origin,
        amount,
        refund,
        at,
    };
    let made = svc.db().write(&start, |tx, start| Box::pin(async move { write(tx, start).await })).await?;
    Ok(made.then_some(start.operation))
}

async fn write(tx: &mut Tx, start: &Start) -> Result<bool, ServiceError> {
    let (scope, ruled, at) = (&start.scope, &start.ruled, start.at);
    let new = RuleRefund {
        id: &start.refund,
        payment: &ruled.payment_id,
        attempt: &ruled.id,
        status: RefundStatus::Pending,
        amount: start.amount,
        currency: &ruled.currency,
        reason: start.origin.reason(),
        origin: start.origin.as_str(),
        counts: start.origin == Origin::LateSuccess,
        at,
    };
    if !refunds::insert_by_rule(tx, scope, &new).await? {
        return Ok(false);
    }
    if start.origin == Origin::LateSuccess {
        let payment: PaymentId = parse(&ruled.payment_id)?;
        let remaining = Some(start.amount);
        if !payments::reserve_refund(tx, scope, &payment, start.amount, remaining, at).await? {
            // Somebody has refunded meanwhile: what is left is read again when the job is tried again.
            return Err(StoreError::Busy.into());
        }
    }
    let attempt: AttemptId = parse(&ruled.id)?;
    let operation = NewOperation {
        id: &start.operation,
        payment: &ruled.payment_id,
        attempt: &attempt,
        refund: Some(&start.refund),
        kind: OperationKind::Refund,
        key: start.operation.as_str(),
        amount: start.amount,
        currency: &ruled.currency,
        created_by: None,
        next_check_at: at.plus(schedule::FIRST_CHECK),
        at,
    };
    let mut batch = Batch::new();
    operations::insert(&mut batch, scope, &operation);
    start.event.put(&mut batch, scope);
    batch.run(tx).await?;
    audit::append(tx, &start.audit).await?;
    Ok(true)
}
