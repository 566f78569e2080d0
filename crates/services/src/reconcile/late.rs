//! Money that comes when nobody waits for it any more, and money that was never there: booked, told, and dealt with by rule.

use crate::{
    ServiceError, Services,
    audit::{self, Entry},
    checkout::settle::Finding,
    events::Event,
    mail::{self, MailDraft, Template},
    payments::refund_by_rule::{Origin, RuleJob},
    rows,
};
use domain::{
    JournalId, MailId, Money, RefundId, Timestamp,
    ledger::Journal,
    states::{AttemptStatus, OperationKind, OperationStatus, RefundStatus},
};
use gateways::ChargeState;
use serde_json::json;
use store::{
    Batch, StoreError, Tx, attempts, captures,
    ledger::{self, About},
    merchants,
    operations::Work,
    payments::{self, RefundMove, parse},
    refunds::{self, RuleRefund},
    reviews::{self, NewAnswer},
    stats::{self, Delta},
};

/// What becomes of late money.
pub(crate) struct Late {
    rule: &'static str,
    job: Option<RuleJob>,
    alerts: Vec<(MailId, MailDraft)>,
}

impl Late {
    /// By the merchant's rule; what was paid twice is always given back.
    pub(crate) async fn of(svc: &Services, work: &Work, minor: i64, surplus: bool) -> Result<Self, ServiceError> {
        let mut tx = svc.db().read().await?;
        let merchant = merchants::get(&mut tx, &parse(&work.merchant_id)?).await?;
        drop(tx);
        let refund = merchant.is_some_and(|merchant| merchant.late_success == "refund");
        let (rule, origin, template) = match (surplus, refund) {
            (true, _) => ("refund", Some(Origin::Surplus), Template::PaidTwice),
            (false, true) => ("refund", Some(Origin::LateSuccess), Template::LateSuccessRefunded),
            (false, false) => ("accept", None, Template::LateSuccess),
        };
        let job = origin.map(|origin| RuleJob::new(svc, &work.attempt_id, origin, 0, svc.now()));
        Ok(Self { rule, job, alerts: tell(svc, work, template, minor).await? })
    }

    /// Writes it inside the unit that books the money.
    pub(crate) async fn write(&self, tx: &mut Tx, work: &Work, at: Timestamp) -> Result<(), StoreError> {
        let scope = work.scope()?;
        attempts::mark_late(tx, &scope, &work.attempt_id, at, self.rule).await?;
        for (id, draft) in &self.alerts {
            mail::enqueue(tx, id, at, draft).await?;
        }
        match &self.job {
            Some(job) => job.enqueue(tx, &scope, at).await,
            None => Ok(()),
        }
    }
}

/// Mails to a merchant's owners and admins about a payment.
pub(crate) async fn tell(
    svc: &Services,
    work: &Work,
    template: Template,
    minor: i64,
) -> Result<Vec<(MailId, MailDraft)>, ServiceError> {
    let scope = work.scope()?;
    let amount = Money::new(minor, parse(&work.currency)?).display();
    let path = format!("/m/{}/{}/payments/{}", scope.merchant, scope.mode.as_str(), work.payment_id);
    let link = format!("{}{path}", svc.settings().public_url);
    let mut tx = svc.db().read().await?;
    let told = captures::told(&mut tx, &scope).await?;
    Ok(told
        .iter()
        .map(|person| {
            let draft = MailDraft::new(template, &person.email, rows::locale(&person.locale))
                .about(&scope.merchant)
                .on(&work.payment_id)
                .with("name", &person.name)
                .with("business", &work.merchant_name)
                .with("amount", &amount)
                .with("payment", &work.payment_id)
                .with("link", &link);
            (svc.new_id(), draft)
        })
        .collect())
}

/// Whether the gateway says that a charge never was which a person had decided to have happened.
pub(crate) fn contradicts(work: &Work, finding: &Finding) -> bool {
    let denied = match finding {
        Finding::Nothing(_) => true,
        Finding::Reply(reply) => matches!(reply.state, ChargeState::Declined(_) | ChargeState::Canceled),
        Finding::Unknown(_) | Finding::Decided(_) => false,
    };
    denied
        && work.decision.as_deref() == Some("happened")
        && work.status == OperationStatus::Succeeded.as_str()
        && work.attempt_status == AttemptStatus::Succeeded.as_str()
        && matches!(work.kind.parse(), Ok(OperationKind::Sale | OperationKind::Capture))
}

/// What takes money out of the books that was never there.
struct Failure {
    refund: RefundId,
    journal: JournalId,
    events: Vec<Event>,
    alerts: Vec<(MailId, MailDraft)>,
    audit: Entry,
    left: Money,
    at: Timestamp,
}

/// Books a late failure: what remains of the payment's money is taken out of the books, once, and its people are told. A payment
/// that succeeded stays one; the money leaves as a refund that went nowhere. Whether it was booked now.
///
/// # Errors
/// The database's.
pub(crate) async fn failure(svc: &Services, work: &Work) -> Result<bool, ServiceError> {
    let (scope, at) = (work.scope()?, svc.now());
    let mut tx = svc.db().read().await?;
    let payment = payments::get(&mut tx, &scope, &parse(&work.payment_id)?).await?;
    let payment = payment.ok_or_else(ServiceError::not_found)?;
    drop(tx);
    let left = if work.surplus { 0 } else { payment.captured - payment.refunded - payment.refund_reserved };
    let left = Money::new(left, payment.currency);
    let refund: RefundId = svc.new_id();
    let data = json!({
        "id": refund.as_str(),
        "object": "refund",
        "payment": work.payment_id,
        "amount": left.minor,
        "currency": left.currency.code(),
        "status": "succeeded",
        "reason": "other",
        "origin": "late_failure",
    });
    let about = json!({ "id": work.payment_id, "object": "payment", "operation": work.id, "amount": left.minor,
        "currency": left.currency.code(), "refund": refund.as_str() });
    let mut events = vec![Event::new(svc, &scope, "payment.late_failure", &work.payment_id, at, &about)];
    if left.minor > 0 {
        events.push(Event::new(svc, &scope, "refund.succeeded", refund.as_str(), at, &data));
    }
    let failure = Failure {
        journal: svc.new_id(),
        alerts: tell(svc, work, Template::DecisionContradicted, work.amount).await?,
        audit: Entry::by_system(&work.merchant_id, at, "payment.late_failure")
            .on(&work.payment_id)
            .with("amount", left.minor),
        refund,
        events,
        left,
        at,
    };
    svc.db()
        .write(&(work, &failure), |tx, &(work, failure)| Box::pin(async move { write(tx, work, failure).await }))
        .await
}

/// Something moved meanwhile: the next question finds it as it is then.
fn moved() -> ServiceError {
    StoreError::Busy.into()
}

async fn write(tx: &mut Tx, work: &Work, failure: &Failure) -> Result<bool, ServiceError> {
    let (scope, at, left) = (work.scope()?, failure.at, failure.left);
    if !reviews::contradict(tx, &scope, &work.id, work.version, at).await? {
        return Ok(false);
    }
    let mut batch = Batch::new();
    if left.minor > 0 {
        let new = RuleRefund {
            id: &failure.refund,
            payment: &work.payment_id,
            attempt: &work.attempt_id,
            status: RefundStatus::Succeeded,
            amount: left.minor,
            currency: left.currency.code(),
            reason: "other",
            origin: "late_failure",
            counts: true,
            at,
        };
        if !refunds::insert_by_rule(tx, &scope, &new).await? {
            return Err(moved());
        }
        payments::move_refund(&mut batch, &scope, &work.payment_id, RefundMove::LateRefunded, left.minor, at);
        let journal = Journal::refund(left).map_err(|error| ServiceError::Fault(error.to_string()))?;
        let id = failure.refund.as_str();
        let about = About { id: &failure.journal, payment: &work.payment_id, refund: Some(id), source: id, at };
        ledger::book(&mut batch, &scope, &about, &journal);
        let delta = Delta { refunds: 1, refund_volume: left.minor, ..Delta::default() };
        stats::append(&mut batch, &scope, &format!("{}.{}", work.id, work.version), &work.currency, at, &delta);
    }
    for event in &failure.events {
        event.put(&mut batch, &scope);
    }
    for (id, draft) in &failure.alerts {
        mail::put(&mut batch, id, at, draft);
    }
    if batch.run(tx).await?.is_some() {
        return Err(moved());
    }
    let answer = NewAnswer { at, source: "ask", outcome: OperationStatus::Failed.as_str(), detail: None };
    reviews::answer(tx, &scope, &work.id, answer).await?;
    audit::append(tx, &failure.audit).await?;
    Ok(true)
}
