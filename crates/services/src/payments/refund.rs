//! Gives money back: reserve, write down, send, settle. Racing refunds never exceed what was captured.

use super::settle_refund::{RefundFinding, settle_refund};
use crate::{
    MerchantActor, ServiceError, Services, audit,
    breaker::Admission,
    checkout::pay::is_form_key,
    events::Event,
    gateway_call,
    idempotency::{self, Claim, Key},
    reconcile::schedule,
};
use domain::{
    AttemptId, Currency, FieldProblem, Money, MoneyError, OperationId, PaymentId, Permission, Problem, ProblemKind,
    RefundId, Scope, Timestamp,
    problem::{codes, money},
    states::{OperationKind, PaymentStatus},
    validate::{Wrong, text},
    views::payment::RefundForm,
};
use gateways::RefundRequest;
use serde_json::json;
use store::{
    Batch, Tx,
    attempts::{self, Charged},
    operations::{self, NewOperation, Work},
    payments::{self, PaymentRow, parse},
    refunds::{self, NewRefund},
};

/// The endpoint's name among idempotency keys.
const ENDPOINT: &str = "refund";
/// Why money is given back.
pub const REASONS: [&str; 4] = ["requested_by_customer", "duplicate", "fraudulent", "other"];
/// Longest note.
pub const NOTE_MAX: usize = 500;

/// Refunds a payment. The refund is on its way when this returns; how it ended, its own state says.
///
/// # Errors
/// Forbidden; not found; what is wrong with which field; [`money::REFUND_TOO_MUCH`], [`money::REFUND_DISPUTED`],
/// [`money::REFUND_REMAINING_CHANGED`], [`money::NOT_REFUNDABLE`]; the idempotency key's; the database's.
pub async fn refund(
    svc: &Services,
    actor: &MerchantActor,
    payment: &PaymentId,
    form: RefundForm,
) -> Result<RefundId, ServiceError> {
    actor.require(Permission::Refund)?;
    let (flown, actor, payment) = (svc.clone(), actor.clone(), payment.clone());
    svc.flights().carry(async move { refund_to_the_end(&flown, &actor, &payment, &form).await }).await
}

async fn refund_to_the_end(
    svc: &Services,
    actor: &MerchantActor,
    payment: &PaymentId,
    form: &RefundForm,
) -> Result<RefundId, ServiceError> {
    let (row, connection) = {
        let mut tx = svc.db().read().await?;
        let row = payments::get(&mut tx, &actor.scope, payment).await?.ok_or_else(ServiceError::not_found)?;
        let charged = attempts::charged(&mut tx, &actor.scope, payment.as_str()).await?;
        (row, charged.map(|charged| charged.connection_id))
    };
    let input = check(form, row.currency)?;
    let start = Start::new(svc, actor, payment, input)?;
    let admission = match &connection {
        Some(connection) => match gateway_call::admit(svc, &actor.scope, connection).await {
            Ok(admission) => Some(admission),
            // Made before: the first reply stands, whether or not the gateway answers now.
            Err(refused) => return replayed(svc, &start).await?.ok_or(refused),
        },
        None => None,
    };
    let made = svc.db().write(&start, |tx, start| Box::pin(async move { write_start(tx, start).await })).await?;
    match made {
        Made::Before(refund) => Ok(refund),
        Made::Now => {
            fail_point!(svc, RefundWritten);
            send(svc, &start.actor.scope, &start.operation, admission).await?;
            Ok(start.refund)
        }
    }
}

/// The refund that this form made before, if it did.
async fn replayed(svc: &Services, start: &Start) -> Result<Option<RefundId>, ServiceError> {
    let key = Key { owner: &start.owner, endpoint: ENDPOINT, key: &start.input.form_key };
    idempotency::known(&mut svc.db().read().await?, key, &start.request_hash).await
}

/// What a form asks for, checked.
struct Input {
    form_key: String,
    amount: i64,
    /// For a full refund: what has to remain.
    remaining: Option<i64>,
    reason: &'static str,
    note: Option<String>,
}

fn check(form: &RefundForm, currency: Currency) -> Result<Input, ServiceError> {
    let mut problems: Vec<FieldProblem> = Vec::new();
    let (mut amount, mut remaining) = (0, None);
    match form.kind.as_str() {
        "full" => {
            amount = form.remaining;
            remaining = Some(form.remaining);
        }
        "partial" => match amount_of(&form.amount, currency) {
            Ok(minor) => amount = minor,
            Err(code) => problems.push(Wrong::new(code).at("amount")),
        },
        "" => problems.push(Wrong::new(codes::REQUIRED).at("kind")),
        _ => problems.push(Wrong::new(codes::BAD_CHOICE).at("kind")),
    }
    let reason = REASONS.into_iter().find(|reason| *reason == form.reason);
    if reason.is_none() {
        let code = if form.reason.is_empty() { codes::REQUIRED } else { codes::BAD_CHOICE };
        problems.push(Wrong::new(code).at("reason"));
    }
    let note = match text::paragraph(&form.note, NOTE_MAX) {
        Ok(note) => Some(note),
        Err(wrong) => {
            if wrong.code != codes::REQUIRED {
                problems.push(wrong.at("note"));
            }
            None
        }
    };
    if !is_form_key(&form.form_key) {
        problems.push(Wrong::new(codes::REQUIRED).at("form_key"));
    }
    match reason.filter(|_| problems.is_empty()) {
        None => Err(ServiceError::fields(problems)),
        Some(_) if amount <= 0 => Err(changed()),
        Some(reason) => Ok(Input { form_key: form.form_key.clone(), amount, remaining, reason, note }),
    }
}

fn amount_of(typed: &str, currency: Currency) -> Result<i64, &'static str> {
    if typed.trim().is_empty() {
        return Err(codes::REQUIRED);
    }
    match Money::parse(typed, currency) {
        Ok(money) if money.minor > 0 => Ok(money.minor),
        Err(MoneyError::TooManyDecimals) => Err(codes::TOO_MANY_DECIMALS),
        _ => Err(codes::BAD_AMOUNT),
    }
}

fn changed() -> ServiceError {
    ServiceError::new(ProblemKind::Conflict, money::REFUND_REMAINING_CHANGED)
}

/// What the first unit writes.
struct Start {
    actor: MerchantActor,
    payment: PaymentId,
    input: Input,
    request_hash: String,
    owner: String,
    refund: RefundId,
    operation: OperationId,
    event: Event,
    audit: audit::Entry,
    at: Timestamp,
}

impl Start {
    fn new(svc: &Services, actor: &MerchantActor, payment: &PaymentId, input: Input) -> Result<Self, ServiceError> {
        let (refund, at): (RefundId, _) = (svc.new_id(), svc.now());
        let amount = input.amount.to_string();
        let kind = if input.remaining.is_some() { "full" } else { "partial" };
        let request_hash =
            idempotency::hash(&[payment.as_str(), kind, &amount, input.reason, input.note.as_deref().unwrap_or("")]);
        let data = json!({
            "id": refund.as_str(),
            "object": "refund",
            "payment": payment.as_str(),
            "amount": input.amount,
            "status": "pending",
            "reason": input.reason,
        });
        let event = Event::new(svc, &actor.scope, "refund.created", refund.as_str(), at, &data);
        let audit = audit::Entry::by_member(actor, at, "refund.create")
            .on(&refund)
            .with("payment", payment.as_str())
            .with("amount", input.amount)
            .with("reason", input.reason);
        Ok(Self {
            owner: idempotency::owner(&actor.scope),
            actor: actor.clone(),
            payment: payment.clone(),
            request_hash,
            refund,
            operation: svc.new_id(),
            event,
            audit,
            at,
            input,
        })
    }
}

/// What the first unit found.
enum Made {
    /// The same form made this refund before.
    Before(RefundId),
    /// It is reserved and written down, and not sent yet.
    Now,
}

async fn write_start(tx: &mut Tx, start: &Start) -> Result<Made, ServiceError> {
    let (scope, input) = (&start.actor.scope, &start.input);
    let key = Key { owner: &start.owner, endpoint: ENDPOINT, key: &input.form_key };
    let reply = start.refund.as_str().as_bytes();
    if let Claim::Replay(reply) = idempotency::claim(tx, key, &start.request_hash, Some(reply), start.at).await? {
        return Ok(Made::Before(idempotency::id_in(&reply)?));
    }
    if !payments::reserve_refund(tx, scope, &start.payment, input.amount, input.remaining, start.at).await? {
        return Err(refused(payments::get(tx, scope, &start.payment).await?.as_ref(), input));
    }
    let charged = attempts::charged(tx, scope, start.payment.as_str()).await?;
    let charged: Charged = charged.ok_or_else(|| not_refundable("captured by no attempt"))?;
    let new = NewRefund {
        id: &start.refund,
        payment: start.payment.as_str(),
        attempt: &charged.id,
        amount: input.amount,
        currency: &charged.currency,
        reason: input.reason,
        note: input.note.as_deref(),
        created_by: Some(start.actor.user_id.as_str()),
        at: start.at,
    };
    let mut batch = Batch::new();
    refunds::insert(&mut batch, scope, &new);
    let attempt: AttemptId = parse(&charged.id)?;
    let operation = NewOperation {
        id: &start.operation,
        payment: start.payment.as_str(),
        attempt: &attempt,
        refund: Some(&start.refund),
        kind: OperationKind::Refund,
        key: start.operation.as_str(),
        amount: input.amount,
        currency: &charged.currency,
        created_by: None,
        next_check_at: start.at.plus(schedule::FIRST_CHECK),
        at: start.at,
    };
    operations::insert(&mut batch, scope, &operation);
    start.event.put(&mut batch, scope);
    batch.run(tx).await?;
    audit::append(tx, &start.audit).await?;
    Ok(Made::Now)
}

fn not_refundable(why: &str) -> ServiceError {
    tracing::debug!(why, "not refundable");
    ServiceError::new(ProblemKind::Conflict, money::NOT_REFUNDABLE)
}

/// Why nothing could be reserved: read after the fact, for the answer alone.
fn refused(payment: Option<&PaymentRow>, input: &Input) -> ServiceError {
    let Some(payment) = payment else { return ServiceError::not_found() };
    if payment.status != PaymentStatus::Succeeded.as_str() {
        return not_refundable(&payment.status);
    }
    let kept = payment.captured.saturating_sub(payment.refunded).saturating_sub(payment.refund_reserved);
    let left = kept.saturating_sub(payment.disputed).max(0);
    if payment.disputed > 0 && (left < input.amount && input.amount <= kept) {
        return disputed(Money::new(left, payment.currency), Money::new(payment.disputed, payment.currency));
    }
    if input.remaining.is_some() {
        return changed();
    }
    let left = Money::new(left, payment.currency);
    let field = Wrong::new(money::REFUND_TOO_MUCH).with("left", left.display()).at("amount");
    let problem = Problem::new(ProblemKind::Conflict, money::REFUND_TOO_MUCH).with("left", left.display());
    Problem { fields: vec![field], ..problem }.into()
}

/// The rest was taken by a dispute: with a refund it would leave twice.
fn disputed(left: Money, disputed: Money) -> ServiceError {
    let told = |wrong: Wrong| wrong.with("left", left.display()).with("disputed", disputed.display()).at("amount");
    let problem = Problem::new(ProblemKind::Conflict, money::REFUND_DISPUTED);
    let problem = problem.with("left", left.display()).with("disputed", disputed.display());
    Problem { fields: vec![told(Wrong::new(money::REFUND_DISPUTED))], ..problem }.into()
}

/// Sends the refund, with no transaction held, and settles whatever comes back.
pub(super) async fn send(
    svc: &Services,
    scope: &Scope,
    operation: &OperationId,
    admission: Option<Admission>,
) -> Result<(), ServiceError> {
    let work: Work = {
        let mut tx = svc.db().read().await?;
        let work = operations::work(&mut tx, scope, operation.as_str()).await?;
        work.ok_or_else(|| ServiceError::Fault(format!("operation {operation} is gone")))?
    };
    let finding = ask_for(svc, &work, admission).await?;
    settle_refund(svc, work, &finding).await.map(drop)
}

async fn ask_for(svc: &Services, work: &Work, admission: Option<Admission>) -> Result<RefundFinding, ServiceError> {
    let gateway = gateway_call::gateway(svc, &work.provider)?;
    let Some(refunds) = gateway.refunds() else { return Ok(RefundFinding::Refused("not_supported")) };
    let Some(charge_ref) = work.charge_ref.clone() else {
        return Ok(RefundFinding::Refused("charge_not_refundable"));
    };
    let request = RefundRequest {
        charge_ref,
        amount: Money::new(work.amount, parse(&work.currency)?),
        reason: work.reason.clone().unwrap_or_else(|| "other".to_owned()),
    };
    let call = gateway_call::call(
        svc,
        &work.scope()?,
        &work.connection_id,
        work.credentials.as_deref(),
        &work.idempotency_key,
    );
    Ok(RefundFinding::from(match call {
        Ok(call) => {
            let sent = gateway_call::Sent::of(work, "refund")?;
            gateway_call::sent(svc, admission, sent, refunds.refund(&call, &request)).await
        }
        Err(failure) => Err(failure),
    }))
}
