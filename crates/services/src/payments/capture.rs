//! Takes the money of an authorisation: all or part of it, once. What is not taken is released.

use super::release::{admit, refused, send};
use crate::{
    MerchantActor, ServiceError, Services, audit,
    checkout::pay::is_form_key,
    idempotency::{self, Claim, Key},
    reconcile::schedule,
};
use domain::{
    FieldProblem, Money, MoneyError, OperationId, PaymentId, Permission, Problem, ProblemKind, Timestamp,
    problem::{codes, money},
    validate::Wrong,
    views::payment::CaptureForm,
};
use store::{
    Tx,
    captures::{self, NewCapture},
    payments::{self, PaymentRow},
};

/// The endpoint's name among idempotency keys.
const ENDPOINT: &str = "capture";

/// Captures a payment. The capture is on its way when this returns; how it ended, the payment says.
///
/// # Errors
/// Forbidden; not found; what is wrong with which field; [`money::CAPTURE_TOO_MUCH`], [`money::NOT_CAPTURABLE`],
/// [`money::CAPTURE_UNDER_WAY`]; the idempotency key's; the database's.
pub async fn capture(
    svc: &Services,
    actor: &MerchantActor,
    payment: &PaymentId,
    form: CaptureForm,
) -> Result<OperationId, ServiceError> {
    actor.require(Permission::Capture)?;
    let (flown, actor, payment) = (svc.clone(), actor.clone(), payment.clone());
    svc.flights().carry(async move { capture_to_the_end(&flown, &actor, &payment, &form).await }).await
}

async fn capture_to_the_end(
    svc: &Services,
    actor: &MerchantActor,
    payment: &PaymentId,
    form: &CaptureForm,
) -> Result<OperationId, ServiceError> {
    let row = {
        let mut tx = svc.db().read().await?;
        payments::get(&mut tx, &actor.scope, payment).await?.ok_or_else(ServiceError::not_found)?
    };
    let amount = check(form, &row)?;
    let start = Start::new(svc, actor, payment, form, amount);
    let admission = match admit(svc, &actor.scope, payment).await {
        Ok(admission) => admission,
        // Made before: the first reply stands, whether or not the gateway answers now.
        Err(refused) => {
            let known = idempotency::known(&mut svc.db().read().await?, start.key(), &start.request_hash).await?;
            return known.ok_or(refused);
        }
    };
    match svc.db().write(&start, |tx, start| Box::pin(async move { write_start(tx, start).await })).await? {
        Made::Before(operation) => Ok(operation),
        Made::Now => {
            send(svc, &actor.scope, &start.operation, admission).await?;
            Ok(start.operation)
        }
    }
}

/// How much is asked for. What was authorised of a payment never changes.
fn check(form: &CaptureForm, row: &PaymentRow) -> Result<i64, ServiceError> {
    if row.authorized == 0 {
        return Err(ServiceError::new(ProblemKind::Conflict, money::NOT_CAPTURABLE));
    }
    let mut problems: Vec<FieldProblem> = Vec::new();
    let mut amount = 0;
    match form.kind.as_str() {
        "full" => amount = form.authorized,
        "partial" => match amount_of(&form.amount, row) {
            Ok(minor) => amount = minor,
            Err(code) => problems.push(Wrong::new(code).at("amount")),
        },
        "" => problems.push(Wrong::new(codes::REQUIRED).at("kind")),
        _ => problems.push(Wrong::new(codes::BAD_CHOICE).at("kind")),
    }
    if !is_form_key(&form.form_key) {
        problems.push(Wrong::new(codes::REQUIRED).at("form_key"));
    }
    if !problems.is_empty() {
        return Err(ServiceError::fields(problems));
    }
    if form.kind == "full" && amount != row.authorized {
        return Err(ServiceError::new(ProblemKind::Conflict, codes::STALE));
    }
    if amount > row.authorized {
        let most = Money::new(row.authorized, row.currency).display();
        let field = Wrong::new(money::CAPTURE_TOO_MUCH).with("authorized", &most).at("amount");
        let problem = Problem::new(ProblemKind::Conflict, money::CAPTURE_TOO_MUCH).with("authorized", &most);
        return Err(Problem { fields: vec![field], ..problem }.into());
    }
    Ok(amount)
}

fn amount_of(typed: &str, row: &PaymentRow) -> Result<i64, &'static str> {
    if typed.trim().is_empty() {
        return Err(codes::REQUIRED);
    }
    match Money::parse(typed, row.currency) {
        Ok(money) if money.minor > 0 => Ok(money.minor),
        Err(MoneyError::TooManyDecimals) => Err(codes::TOO_MANY_DECIMALS),
        _ => Err(codes::BAD_AMOUNT),
    }
}

/// What the first unit writes.
struct Start {
    actor: MerchantActor,
    payment: PaymentId,
    form_key: String,
    amount: i64,
    request_hash: String,
    owner: String,
    operation: OperationId,
    audit: audit::Entry,
    at: Timestamp,
}

impl Start {
    fn new(svc: &Services, actor: &MerchantActor, payment: &PaymentId, form: &CaptureForm, amount: i64) -> Self {
        let (operation, at): (OperationId, _) = (svc.new_id(), svc.now());
        let audit = audit::Entry::by_member(actor, at, "payment.capture")
            .on(payment)
            .with("amount", amount)
            .with("operation", operation.as_str());
        Self {
            actor: actor.clone(),
            payment: payment.clone(),
            form_key: form.form_key.clone(),
            amount,
            request_hash: idempotency::hash(&[payment.as_str(), &form.kind, &amount.to_string()]),
            owner: idempotency::owner(&actor.scope),
            operation,
            audit,
            at,
        }
    }

    fn key(&self) -> Key<'_> {
        Key { owner: &self.owner, endpoint: ENDPOINT, key: &self.form_key }
    }
}

/// What the first unit found.
enum Made {
    /// The same form made this capture before.
    Before(OperationId),
    /// It is written down, and not sent yet.
    Now,
}

async fn write_start(tx: &mut Tx, start: &Start) -> Result<Made, ServiceError> {
    let scope = &start.actor.scope;
    let reply = start.operation.as_str().as_bytes();
    if let Claim::Replay(reply) =
        idempotency::claim(tx, start.key(), &start.request_hash, Some(reply), start.at).await?
    {
        return Ok(Made::Before(idempotency::id_in(&reply)?));
    }
    let new = NewCapture {
        payment: &start.payment,
        id: &start.operation,
        amount: start.amount,
        next_check_at: start.at.plus(schedule::FIRST_CHECK),
        at: start.at,
        by: Some(start.actor.user_id.as_str()),
    };
    if !captures::begin_capture(tx, scope, &new).await? {
        return Err(refused(tx, scope, &start.payment, money::NOT_CAPTURABLE).await?);
    }
    audit::append(tx, &start.audit).await?;
    Ok(Made::Now)
}
