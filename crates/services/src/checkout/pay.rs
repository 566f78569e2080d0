//! Pays a checkout session. Whatever is clicked twice, sent twice or opened twice, at most one attempt may charge.

use super::input::{Input, Turn, check, hash_of};
use super::settle::{Finding, Settled, settle};
use super::stage::stage;
use crate::{
    MerchantActor, Origin, ServiceError, Services, audit,
    breaker::Admission,
    gateway_call,
    reconcile::schedule,
    routing::{self, Seen},
    saved::{self, Keeping},
};
use domain::{
    AttemptId, CaptureMethod, OperationId, PaymentId, ProblemKind, Timestamp,
    problem::codes,
    routing::MAX_TURNS,
    states::{AttemptStatus, OperationKind, OperationStatus, PaymentStatus},
    time::SECOND,
    views::checkout::{CheckoutStage, PayForm},
};
use gateways::{Call, CardFacts, ChargeReply, ChargeRequest, Gateway, GatewayFailure, Initiator, Keep};
use std::sync::Arc;
use std::time::Duration;
use store::{
    Batch, StoreError, Tx,
    attempts::{self, CardSummary, NewAttempt, Posted},
    operations::{self, NewOperation, Work},
    payment_methods,
    payments::{self, ForCheckout, Route},
};

/// How often a click starts again because what it was decided by has changed meanwhile.
const TRIES: u32 = 3;
/// Milliseconds after which a click is not sent to another connection any more.
const TURNS_END: i64 = 20 * SECOND;
/// A form that was posted twice looks again after these: the first pause, which doubles up to the longest.
const FOLLOWED: [Duration; 2] = [Duration::from_millis(5), Duration::from_millis(500)];

/// Pays. The answer is where the checkout stands then; a form that was posted before charges nothing more.
///
/// # Errors
/// Not found; what is wrong with which field; the database's. After an error nothing is lost: whatever was sent to a gateway
/// is written down, and the reconciler finds out.
pub async fn pay(svc: &Services, token: &str, form: PayForm, _origin: &Origin) -> Result<CheckoutStage, ServiceError> {
    let (flown, token) = (svc.clone(), token.to_owned());
    svc.flights().carry(async move { pay_to_the_end(&flown, &token, &form, None).await }).await
}

/// Charges a saved method in its customer's absence, by a member of the merchant's team who may: whoever calls this has asked.
///
/// # Errors
/// As [`pay`].
pub(crate) async fn pay_by_member(
    svc: &Services,
    token: &str,
    form: PayForm,
    member: &MerchantActor,
) -> Result<CheckoutStage, ServiceError> {
    let (flown, token, member) = (svc.clone(), token.to_owned(), member.clone());
    svc.flights().carry(async move { pay_to_the_end(&flown, &token, &form, Some(&member)).await }).await
}

async fn pay_to_the_end(
    svc: &Services,
    token: &str,
    form: &PayForm,
    member: Option<&MerchantActor>,
) -> Result<CheckoutStage, ServiceError> {
    for _ in 0..TRIES {
        let now = svc.now();
        let mut seen = read(svc, token).await?;
        let stands = stage(svc, &seen, now);
        if !matches!(stands, CheckoutStage::Pay { .. }) {
            return followed(svc, token, &seen.found, form, stands).await;
        }
        let input = check(svc, &mut seen, form, member, now).await?;
        let found = &seen.found;
        let (mut started, mut paused, mut turn) = (None, None, 0);
        for (place, next) in input.turns.iter().enumerate() {
            let connection = next.route.connection_id.as_str();
            let admission = match gateway_call::admit(svc, &found.scope, connection).await {
                Ok(admission) => admission,
                Err(refused) => {
                    paused = Some(refused);
                    continue;
                }
            };
            let Some(begun) = start(svc, found, &input, &next.route, turn).await? else { break };
            fail_point!(svc, ChargeWritten);
            let settled = charge(svc, token, found, &input, next, begun, admission).await?;
            turn += 1;
            let in_time = svc.now() < now.plus(TURNS_END);
            let again = may_turn_round(&settled, input.retry_soft) && in_time && place + 1 < input.turns.len();
            started = Some(settled);
            if !again {
                break;
            }
        }
        match started {
            Some(Settled { payment: PaymentStatus::Succeeded, receipt_token, .. }) => {
                return Ok(CheckoutStage::Paid { receipt_token });
            }
            Some(_) => return Ok(stage(svc, &read(svc, token).await?, svc.now())),
            None => {}
        }
        if let Some(stage) = replayed(svc, token, found, form).await? {
            return Ok(stage);
        }
        if let Some(refused) = paused {
            return Err(refused);
        }
    }
    Ok(CheckoutStage::Unavailable)
}

async fn read(svc: &Services, token: &str) -> Result<Seen, ServiceError> {
    let mut tx = svc.db().read().await?;
    let found = payments::for_checkout(&mut tx, token).await?.ok_or_else(ServiceError::not_found)?;
    drop(tx);
    routing::seen(svc, found).await
}

/// The key that a form carries: ours, so anything else was tampered with.
#[must_use]
pub fn is_form_key(key: &str) -> bool {
    (8..=100).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
}

/// The key of a click's attempt: each further one through another connection has a key of its own.
fn key_of(form_key: &str, turn: usize) -> String {
    if turn == 0 { form_key.to_owned() } else { format!("{form_key}/{}", turn + 1) }
}

/// Why nothing was started.
enum Stop {
    /// A predicate of the attempt's insert did not hold.
    NotNow,
    Store(StoreError),
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl store::UnitError for Stop {
    fn store_error(&self) -> Option<&StoreError> {
        match self {
            Self::Store(error) => Some(error),
            Self::NotNow => None,
        }
    }
}

/// What the first unit writes.
struct Start<'a> {
    found: &'a ForCheckout,
    input: &'a Input,
    route: &'a Route,
    payment: Option<PaymentId>,
    receipt_token: String,
    attempt: AttemptId,
    operation: OperationId,
    form_key: String,
    card: Option<CardSummary>,
    keeping: Option<Keeping>,
    routing: String,
    /// What the audit log says, where a member of the merchant's team asks for it.
    audit: Option<audit::Entry>,
    now: Timestamp,
}

impl Start<'_> {
    /// The saved method that is charged, or the one that is kept.
    fn payment_method(&self) -> Option<&str> {
        self.keeping.as_ref().map(Keeping::id).or(self.input.saved.as_deref())
    }
}

/// Commits the attempt and its operation, before anything is sent. None: it may not be made now.
async fn start(
    svc: &Services,
    found: &ForCheckout,
    input: &Input,
    route: &Route,
    turn: usize,
) -> Result<Option<(Work, Option<Keep>)>, ServiceError> {
    let reason = domain::routing::Reason { turn: turn + 1, ..input.reason.clone() };
    let keeping = match (&input.keep, &input.email) {
        (Some((consent, device)), Some(email)) => {
            let email = (email.as_str(), found.customer_email.is_some());
            saved::begin(svc, &found.scope, route, email, consent, device).await?
        }
        _ => None,
    };
    let payment: Option<PaymentId> = (found.payment.is_none() && turn == 0).then(|| svc.new_id());
    let named = payment.as_ref().or(found.payment.as_ref().map(|payment| &payment.id));
    let audit = input.member.as_ref().zip(named).filter(|_| turn == 0).map(|(member, named)| {
        let entry = audit::Entry::by_member(member, svc.now(), "customer.charge").on(named);
        entry.with("payment_method", input.saved.as_deref().unwrap_or_default())
    });
    let start = Start {
        found,
        input,
        route,
        payment,
        receipt_token: found.payment.as_ref().map_or_else(|| svc.new_token(), |payment| payment.receipt_token.clone()),
        attempt: svc.new_id(),
        operation: svc.new_id(),
        form_key: key_of(&input.form_key, turn),
        card: input.facts.as_ref().map(summary),
        keeping,
        routing: serde_json::to_string(&reason).map_err(|error| ServiceError::Fault(error.to_string()))?,
        audit,
        now: svc.now(),
    };
    let made = svc.db().write(&start, |tx, start| Box::pin(async move { write_start(tx, start).await })).await;
    match made {
        Ok(inserted) => {
            let keep = start.keeping.as_ref().map(Keeping::request);
            Ok(Some((work_of(&start, inserted), keep)))
        }
        Err(Stop::NotNow) => Ok(None),
        Err(Stop::Store(error)) => Err(error.into()),
    }
}

async fn write_start(tx: &mut Tx, start: &Start<'_>) -> Result<attempts::Inserted, Stop> {
    let (found, scope) = (start.found, &start.found.scope);
    let attempt = NewAttempt {
        id: &start.attempt,
        session: &found.session_id,
        connection: &start.route.connection_id,
        method: &start.input.method,
        card: start.card.as_ref(),
        form_key: &start.form_key,
        form_hash: &start.input.form_hash,
        routing: Some(&start.routing),
        payment_method: start.payment_method(),
        keeps: start.keeping.is_some(),
        initiator: if start.input.member.is_some() { "merchant" } else { "customer" },
        at: start.now,
    };
    let mut batch = Batch::new();
    if let Some(saved) = &start.input.saved {
        payment_methods::take(&mut batch, scope, saved, start.now);
    }
    if let Some(keeping) = &start.keeping {
        keeping.put(&mut batch, scope, &start.input.method, start.attempt.as_str(), start.now);
    }
    let inserted = match &start.payment {
        Some(payment) => {
            let email = start.input.email.as_deref();
            payments::insert(&mut batch, scope, payment, &found.session_id, email, &start.receipt_token, start.now);
            attempts::insert_first(&mut batch, scope, payment, &attempt);
            attempts::Inserted { payment_id: payment.to_string(), seq: 1 }
        }
        None => attempts::insert(tx, scope, &attempt).await?.ok_or(Stop::NotNow)?,
    };
    let operation = NewOperation {
        id: &start.operation,
        payment: &inserted.payment_id,
        attempt: &start.attempt,
        refund: None,
        kind: kind_of(found),
        key: start.operation.as_str(),
        amount: found.amount.minor,
        currency: found.amount.currency.code(),
        created_by: start.input.member.as_ref().map(|member| member.user_id.as_str()),
        next_check_at: start.now.plus(schedule::FIRST_CHECK),
        at: start.now,
    };
    operations::insert(&mut batch, scope, &operation);
    match batch.run(tx).await {
        Ok(None) => {
            if let Some(entry) = &start.audit {
                audit::append(tx, entry).await?;
            }
            Ok(inserted)
        }
        Ok(Some(_)) => Err(Stop::NotNow),
        // Another tab has made the payment since it was read, with a receipt of its own; or the predicate of the attempt's
        // insert did not hold, and the operation found no attempt to belong to.
        Err(StoreError::Conflict { .. } | StoreError::ForeignKey) => Err(Stop::NotNow),
        Err(error) => Err(error.into()),
    }
}

/// What is asked of the gateway.
const fn kind_of(found: &ForCheckout) -> OperationKind {
    match found.capture_method {
        CaptureMethod::Automatic => OperationKind::Sale,
        CaptureMethod::Manual => OperationKind::Authorize,
    }
}

fn summary(facts: &CardFacts) -> CardSummary {
    CardSummary {
        brand: facts.brand.clone(),
        last4: facts.last4.clone(),
        exp_month: facts.exp_month.map(i64::from),
        exp_year: facts.exp_year.map(i64::from),
        country: facts.country.clone(),
    }
}

/// What was just written, as the settlement reads it; so it need not be read again.
fn work_of(start: &Start<'_>, inserted: attempts::Inserted) -> Work {
    let found = start.found;
    Work {
        merchant_id: found.scope.merchant.to_string(),
        livemode: found.scope.mode.is_live(),
        id: start.operation.to_string(),
        kind: kind_of(found).as_str().to_owned(),
        status: OperationStatus::Sent.as_str().to_owned(),
        version: 1,
        idempotency_key: start.operation.to_string(),
        amount: found.amount.minor,
        currency: found.amount.currency.code().to_owned(),
        gateway_ref: None,
        checks: 0,
        created_at: start.now.0,
        created_by: start.input.member.as_ref().map(|member| member.user_id.to_string()),
        attempt_id: start.attempt.to_string(),
        attempt_status: AttemptStatus::Created.as_str().to_owned(),
        attempt_version: 1,
        seq: inserted.seq,
        attempt_amount: found.amount.minor,
        attempt_captured: 0,
        authorized_at: None,
        method: start.input.method.clone(),
        card_brand: start.card.as_ref().map(|card| card.brand.clone()),
        card_last4: start.card.as_ref().map(|card| card.last4.clone()),
        charge_ref: None,
        attempt_fee: 0,
        fee_pending: false,
        surplus: false,
        connection_id: start.route.connection_id.to_string(),
        provider: start.route.provider.clone(),
        payment_method_id: start.payment_method().map(str::to_owned),
        keeps: start.keeping.is_some(),
        credentials: start.route.credentials.clone(),
        payment_id: inserted.payment_id,
        payment_status: PaymentStatus::RequiresPaymentMethod.as_str().to_owned(),
        payment_amount: found.amount.minor,
        payment_captured: 0,
        payment_authorized: 0,
        capture_before: None,
        payment_fee: 0,
        receipt_token: start.receipt_token.clone(),
        customer_email: start.input.email.clone(),
        description: found.description.clone(),
        session_id: Some(found.session_id.to_string()),
        session_status: Some(found.session_status.clone()),
        session_expires_at: Some(found.expires_at.0),
        locale: found.locale.clone(),
        link_id: found.link_id.clone(),
        quantity: Some(found.quantity),
        // The second attempt of a click finds what the first has written; settling starts again if it does not.
        session_payment_id: found.session_names_payment.then(String::new),
        merchant_name: found.merchant_name.clone(),
        refund_id: None,
        refund_status: None,
        refund_version: None,
        reason: None,
        refund_origin: None,
        refund_counts: None,
        decision: None,
        decided_at: None,
    }
}

/// Sends the charge, with no transaction held, and settles whatever comes back.
async fn charge(
    svc: &Services,
    token: &str,
    found: &ForCheckout,
    input: &Input,
    turn: &Turn,
    (work, keep): (Work, Option<Keep>),
    admission: Admission,
) -> Result<Settled, ServiceError> {
    let gateway = gateway_call::gateway(svc, &work.provider)?;
    let mut request = ChargeRequest {
        amount: found.amount,
        capture: found.capture_method == CaptureMethod::Automatic,
        method: turn.given.clone(),
        description: found.description.clone(),
        return_url: format!("{}/c/{token}/return", svc.settings().public_url),
        reference: work.payment_id.clone(),
        email: work.customer_email.clone(),
        locale: found.locale.as_deref().and_then(|tag| tag.parse().ok()).unwrap_or_default(),
        prepared: None,
        keep,
        initiator: if input.member.is_some() { Initiator::Merchant } else { Initiator::Customer },
    };
    let call =
        gateway_call::call(svc, &found.scope, &work.connection_id, work.credentials.as_deref(), &work.idempotency_key);
    let answer = match call {
        Ok(call) => match prepare(svc, &gateway, &call, &work, &mut request).await? {
            Ok(None) => {
                let question = gateway.charges().charge(&call, &request);
                let sent = gateway_call::Sent::of(&work, "charge")?;
                gateway_call::sent(svc, Some(admission), sent, question).await
            }
            Ok(Some(refused)) => {
                admission.report(&Ok::<_, GatewayFailure>(()), svc.now());
                Ok(refused)
            }
            Err(failure) => {
                admission.report(&Err::<(), _>(failure.clone()), svc.now());
                Err(failure)
            }
        },
        Err(failure) => Err(failure),
    };
    settle(svc, work, &Finding::from(answer), input.email.as_deref()).await
}

/// Where a gateway can, makes the charge without taking anything, and stores its name before it is confirmed: whatever becomes of the
/// confirmation, the gateway can be asked by it. The answer is a definite no, if it gave one; nothing is charged whichever it is.
async fn prepare(
    svc: &Services,
    gateway: &Arc<dyn Gateway>,
    call: &Call,
    work: &Work,
    request: &mut ChargeRequest,
) -> Result<Result<Option<ChargeReply>, GatewayFailure>, ServiceError> {
    let Some(prepares) = gateway.prepares() else { return Ok(Ok(None)) };
    let sent = gateway_call::Sent::of(work, "prepare")?;
    let asked = gateway_call::sent(svc, None, sent, prepares.prepare(call, request)).await;
    let named = match asked {
        Ok(Ok(named)) => named,
        Ok(Err(refused)) => return Ok(Ok(Some(refused))),
        // Only the confirmation takes money, and that was not sent.
        Err(GatewayFailure::Unknown { reason } | GatewayFailure::NotSent { reason }) => {
            return Ok(Err(GatewayFailure::NotSent { reason }));
        }
    };
    if let Some(name) = &named {
        let (scope, at) = (work.scope()?, svc.now());
        let kept = svc
            .db()
            .write(&(&scope, work, name, at), |tx, &(scope, work, name, at)| {
                Box::pin(async move { attempts::prepared(tx, scope, &work.attempt_id, name, at).await })
            })
            .await
            .map_err(|error: StoreError| ServiceError::from(error))?;
        if !kept {
            return Ok(Err(GatewayFailure::not_sent("the attempt ended before it was confirmed")));
        }
        fail_point!(svc, ChargePrepared);
    }
    request.prepared = named;
    Ok(Ok(None))
}

/// Whether another gateway may turn a no round: it is definite, and of a kind that is not the card's own fault; a soft one only where
/// the merchant's rule says so.
fn may_turn_round(settled: &Settled, retry_soft: bool) -> bool {
    use domain::decline::DeclineClass as Class;
    settled.attempt == AttemptStatus::Failed
        && settled.payment == PaymentStatus::RequiresPaymentMethod
        && settled.decline.is_some_and(|code| match code.class() {
            Class::Technical | Class::Configuration => true,
            Class::Soft => retry_soft,
            Class::Hard | Class::Authentication => false,
        })
}

/// What a click gets that started nothing: what is under way, or the answer that its form got before. None: try again.
///
/// # Errors
/// [`codes::IDEMPOTENCY_MISMATCH`]: this form's key was used for another request.
async fn replayed(
    svc: &Services,
    token: &str,
    found: &ForCheckout,
    form: &PayForm,
) -> Result<Option<CheckoutStage>, ServiceError> {
    let seen = read(svc, token).await?;
    let stands = stage(svc, &seen, svc.now());
    if !matches!(stands, CheckoutStage::Pay { .. }) {
        return followed(svc, token, found, form, stands).await.map(Some);
    }
    let Some(posted) = posted(svc, found, &form.form_key).await? else { return Ok(None) };
    if !posted.form_hash.is_empty() && posted.form_hash != hash_of(form) {
        return Err(ServiceError::new(ProblemKind::Conflict, codes::IDEMPOTENCY_MISMATCH));
    }
    Ok(Some(CheckoutStage::Pay { last_decline: posted.decline_code, switched: seen.switched() }))
}

async fn posted(svc: &Services, found: &ForCheckout, key: &str) -> Result<Option<Posted>, ServiceError> {
    let mut tx = svc.db().read().await?;
    Ok(attempts::by_form_key(&mut tx, &found.scope, &found.session_id, key).await?)
}

/// Where it stands for a form that was posted before: while the first one is with the gateway, the second one waits for its
/// answer and gives the same. Another form is told at once that something is on its way.
async fn followed(
    svc: &Services,
    token: &str,
    found: &ForCheckout,
    form: &PayForm,
    stands: CheckoutStage,
) -> Result<CheckoutStage, ServiceError> {
    const ON_ITS_WAY: CheckoutStage = CheckoutStage::Pending { unknown: false, settles_later: false };
    let mut stands = stands;
    let [mut pause, longest] = FOLLOWED;
    let mut waited = Duration::ZERO;
    while stands == ON_ITS_WAY && waited < svc.settings().follow_for {
        let ours = is_on_its_way(svc, found, form).await?;
        if ours {
            tokio::time::sleep(pause).await;
            waited += pause;
            pause = (pause * 2).min(longest);
        }
        // Read again even when it is ours no more: it may have been settled between the two questions.
        stands = stage(svc, &read(svc, token).await?, svc.now());
        if !ours {
            break;
        }
    }
    Ok(stands)
}

/// Whether this form's attempt is with the gateway.
async fn is_on_its_way(svc: &Services, found: &ForCheckout, form: &PayForm) -> Result<bool, ServiceError> {
    for turn in 0..MAX_TURNS {
        let posted = posted(svc, found, &key_of(&form.form_key, turn)).await?;
        if posted.is_some_and(|posted| posted.status == AttemptStatus::Created.as_str()) {
            return Ok(true);
        }
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn form_keys() {
        assert!(is_form_key("abcDEF_-09") && !is_form_key("short") && !is_form_key(&"x".repeat(101)));
        assert!(!is_form_key("with/slash") && !is_form_key("ünïcödé-key"));
        assert_ne!(key_of("k", 0), key_of("k", 1));
    }
}
