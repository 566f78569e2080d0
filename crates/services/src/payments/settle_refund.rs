//! The one place where a gateway's answer about a refund becomes state: operation, refund, payment, ledger, events,
//! statistics and mail, in one unit, by compare-and-set.

use super::refund_by_rule::{self, RuleJob};
use crate::{
    ServiceError, Services,
    checkout::letters,
    events::Event,
    mail::{self, MailDraft, Template},
    reconcile::{late, schedule},
    review::decision::{self, Decision, Signed},
};
use domain::{
    JournalId, MailId, Money, Timestamp,
    ledger::{Journal, JournalKind},
    states::{OperationStatus, RefundStatus},
};
use gateways::{GatewayFailure, RefundReply, RefundState};
use serde_json::json;
use store::{
    Batch, StoreError, Tx,
    ledger::{self, About},
    operations::{self, OperationChange, Work},
    payments::{self, RefundMove, parse},
    refunds::{self, RefundChange},
    reviews::{self, NewAnswer},
    stats::{self, Delta},
};

/// How often a settlement starts again because somebody else moved a row meanwhile.
const TRIES: u32 = 5;
/// The failure of a refund that certainly never reached the gateway.
pub(crate) const NEVER_LEFT: &str = "gateway_unavailable";

/// What was heard about a refund.
#[derive(Debug, Clone)]
pub(crate) enum RefundFinding {
    /// The gateway's answer.
    Reply(RefundReply),
    /// Certainly nothing was given back, for this reason.
    Refused(&'static str),
    /// It may have been given back.
    Unknown(String),
    /// Nobody could find out, and a person decided.
    Decided(Decision),
}

impl From<Result<RefundReply, GatewayFailure>> for RefundFinding {
    fn from(answer: Result<RefundReply, GatewayFailure>) -> Self {
        match answer {
            Ok(reply) => Self::Reply(reply),
            Err(GatewayFailure::NotSent { .. }) => Self::Refused(NEVER_LEFT),
            Err(GatewayFailure::Unknown { reason }) => Self::Unknown(reason),
        }
    }
}

/// What is written.
struct Plan {
    operation: OperationStatus,
    refund: RefundStatus,
    moves_refund: bool,
    money: Option<RefundMove>,
    failure: Option<&'static str>,
    gateway_ref: Option<String>,
    raw_code: Option<String>,
    raw_message: Option<String>,
    next_check_at: Option<Timestamp>,
    /// It went out beyond what was captured: it stops counting against it.
    uncount: bool,
}

impl Plan {
    /// Whether the refund counts against what the payment captured.
    fn counts(&self, work: &Work) -> bool {
        work.refund_counts.unwrap_or(true) && !self.uncount
    }
}

/// What a finding changes. None: nothing.
fn plan(work: &Work, finding: &RefundFinding, now: Timestamp) -> Result<Option<Plan>, ServiceError> {
    let operation: OperationStatus = parse(&work.status)?;
    let refund: RefundStatus = parse(work.refund_status.as_deref().unwrap_or_default())?;
    let asked = Money::new(work.amount, parse(&work.currency)?);
    let mut failure = None;
    let (mut gateway_ref, mut raw_code, mut raw_message) = (None, None, None);
    let (to_operation, to_refund) = match finding {
        RefundFinding::Unknown(reason) => {
            raw_message = Some(reason.chars().take(500).collect());
            (OperationStatus::Unknown, RefundStatus::Unknown)
        }
        RefundFinding::Decided(decision) if decision.happened => {
            gateway_ref.clone_from(&decision.gateway_ref);
            (OperationStatus::Succeeded, RefundStatus::Succeeded)
        }
        RefundFinding::Decided(_) => {
            failure = Some("decided");
            (OperationStatus::Failed, RefundStatus::Failed)
        }
        RefundFinding::Refused(code) => {
            failure = Some(*code);
            (OperationStatus::Failed, RefundStatus::Failed)
        }
        RefundFinding::Reply(reply) => {
            gateway_ref.clone_from(&reply.gateway_ref);
            raw_code.clone_from(&reply.raw_code);
            raw_message.clone_from(&reply.raw_message);
            match reply.state {
                // Another amount than ours is booked by nobody's guess: a person looks.
                _ if reply.amount != asked => (OperationStatus::Unknown, RefundStatus::Unknown),
                RefundState::Pending => (OperationStatus::Processing, RefundStatus::Pending),
                RefundState::Succeeded => (OperationStatus::Succeeded, RefundStatus::Succeeded),
                RefundState::Failed { code } => {
                    failure = Some(code);
                    (OperationStatus::Failed, RefundStatus::Failed)
                }
            }
        }
    };
    let moves_refund = refund.may_become(to_refund);
    if !moves_refund && (refund != to_refund || !operation.may_become(to_operation)) {
        return Ok(None);
    }
    let money = match (refund, to_refund) {
        _ if !moves_refund => None,
        // Its reservation was given up when it was taken for a failure.
        (RefundStatus::Failed, RefundStatus::Succeeded) => Some(RefundMove::LateRefunded),
        (_, RefundStatus::Succeeded) => Some(RefundMove::Refunded),
        (RefundStatus::Succeeded, RefundStatus::Failed) => Some(RefundMove::Unrefunded),
        (_, RefundStatus::Failed) => Some(RefundMove::Release),
        _ => None,
    };
    let next_check_at = match to_refund {
        RefundStatus::Pending | RefundStatus::Unknown => Some(schedule::next(now, work.checks)),
        RefundStatus::Succeeded => schedule::next_for_refund(now, Timestamp(work.created_at)),
        RefundStatus::Failed => None,
    };
    let operation = if operation.may_become(to_operation) { to_operation } else { operation };
    Ok(Some(Plan {
        operation,
        refund: to_refund,
        moves_refund,
        money,
        failure,
        gateway_ref,
        raw_code,
        raw_message,
        next_check_at,
        uncount: false,
    }))
}

/// Everything that a unit writes, made before it: a unit may run twice and draws nothing.
struct Writing {
    plan: Plan,
    journal: Option<(JournalId, Journal)>,
    event: Option<Event>,
    delta: Delta,
    mail: Option<(MailId, MailDraft)>,
    /// A refund by rule that never left is tried again.
    again: Option<RuleJob>,
    /// Owners and admins hear of what contradicts a decision or an earlier no.
    alerts: Vec<(MailId, MailDraft)>,
    /// What a person decided.
    decision: Option<Signed>,
    at: Timestamp,
}

/// Applies what was heard; whether it changed anything.
///
/// # Errors
/// The database's, or a fault when rows contradict each other.
pub(crate) async fn settle_refund(
    svc: &Services,
    mut work: Work,
    finding: &RefundFinding,
) -> Result<bool, ServiceError> {
    let scope = work.scope()?;
    fail_point!(svc, RefundHeard);
    for _ in 0..TRIES {
        if let RefundFinding::Decided(_) = finding {
            decision::still_open(&work)?;
        }
        let Some(mut plan) = plan(&work, finding, svc.now())? else { return Ok(false) };
        plan.next_check_at = decision::next_refund_check(svc, &work, finding, plan.next_check_at);
        if plan.money == Some(RefundMove::LateRefunded) {
            plan.uncount = work.refund_counts.unwrap_or(true) && !is_left(svc, &work).await?;
        }
        let mut writing = prepare(svc, &work, plan)?;
        writing.decision = decision::signed_refund(svc, &work, finding)?;
        if writing.plan.failure == Some(NEVER_LEFT) && writing.plan.moves_refund {
            writing.again = refund_by_rule::again(svc, &work).await?;
        }
        if decision::differs(&work, writing.plan.operation) || writing.plan.money == Some(RefundMove::LateRefunded) {
            writing.alerts = late::tell(svc, &work, Template::DecisionContradicted, work.amount).await?;
        }
        let done = svc
            .db()
            .write(&(&work, &writing), |tx, &(work, writing)| Box::pin(async move { write(tx, work, writing).await }))
            .await;
        match done {
            Ok(()) => {
                fail_point!(svc, RefundSettled);
                return Ok(true);
            }
            Err(Undone::Stale) => {}
            Err(Undone::Error(error)) => return Err(error),
        }
        let mut tx = svc.db().read().await?;
        let again = operations::work(&mut tx, &scope, &work.id).await?;
        work = again.ok_or_else(|| ServiceError::Fault(format!("operation {} is gone", work.id)))?;
    }
    Err(StoreError::Busy.into())
}

/// Whether the payment has that much left that is neither given back nor reserved.
async fn is_left(svc: &Services, work: &Work) -> Result<bool, ServiceError> {
    let mut tx = svc.db().read().await?;
    let payment = payments::get(&mut tx, &work.scope()?, &parse(&work.payment_id)?).await?;
    Ok(payment.is_some_and(|p| p.captured - p.refunded - p.refund_reserved >= work.amount))
}

fn prepare(svc: &Services, work: &Work, plan: Plan) -> Result<Writing, ServiceError> {
    let (scope, at) = (work.scope()?, svc.now());
    let amount = Money::new(work.amount, parse(&work.currency)?);
    let fault = |error: domain::ledger::LedgerError| ServiceError::Fault(error.to_string());
    let counts = plan.counts(work);
    // What no sale stands for was owed to the customer, and is no turnover that shrinks.
    let (booked, reversal) = if counts {
        (Journal::refund(amount).map_err(fault)?, JournalKind::RefundReversal)
    } else {
        (Journal::surplus_refund(amount).map_err(fault)?, JournalKind::SurplusRefundReversal)
    };
    let delta = |sign: i64| {
        let sign = if counts { sign } else { 0 };
        Delta { refunds: sign, refund_volume: sign * amount.minor, ..Delta::default() }
    };
    let (journal, delta) = match plan.money {
        Some(RefundMove::Refunded | RefundMove::LateRefunded) => (Some(booked), delta(1)),
        Some(RefundMove::Unrefunded) => (Some(booked.reversed(reversal).map_err(fault)?), delta(-1)),
        Some(RefundMove::Release) | None => (None, Delta::default()),
    };
    let kind = match plan.refund {
        _ if !plan.moves_refund => None,
        RefundStatus::Succeeded => Some("refund.succeeded"),
        RefundStatus::Failed => Some("refund.failed"),
        RefundStatus::Unknown => Some("refund.unknown"),
        RefundStatus::Pending => Some("refund.pending"),
    };
    let id = work.refund_id.as_deref().unwrap_or_default();
    let event = kind.map(|kind| {
        let data = json!({
            "id": id,
            "object": "refund",
            "payment": work.payment_id,
            "amount": amount.minor,
            "currency": amount.currency.code(),
            "status": plan.refund.as_str(),
            "reason": work.reason,
            "failure_code": plan.failure,
        });
        Event::new(svc, &scope, kind, id, at, &data)
    });
    let mail = match plan.money {
        Some(RefundMove::Refunded | RefundMove::LateRefunded) => {
            letters::customer(svc, work, Template::Refund, None, amount)?
        }
        _ => None,
    };
    let journal = journal.map(|journal| (svc.new_id(), journal));
    Ok(Writing { plan, journal, event, delta, mail, again: None, alerts: Vec::new(), decision: None, at })
}

/// Why a unit was given up.
enum Undone {
    /// Somebody else moved a row meanwhile.
    Stale,
    /// A fault.
    Error(ServiceError),
}

impl From<StoreError> for Undone {
    fn from(error: StoreError) -> Self {
        match error {
            // Somebody else has settled the same operation: what a settlement adds has the operation's own key.
            StoreError::Conflict { .. } => Self::Stale,
            error => Self::Error(error.into()),
        }
    }
}

impl store::UnitError for Undone {
    fn store_error(&self) -> Option<&StoreError> {
        match self {
            Self::Error(ServiceError::Store(error)) => Some(error),
            _ => None,
        }
    }
}

/// Something that can't be while the compare-and-sets before it hold.
fn contradiction(work: &Work, what: &str) -> Undone {
    Undone::Error(ServiceError::Fault(format!("refund {}: {what}", work.refund_id.as_deref().unwrap_or_default())))
}

async fn write(tx: &mut Tx, work: &Work, writing: &Writing) -> Result<(), Undone> {
    let scope = work.scope()?;
    let (plan, at) = (&writing.plan, writing.at);
    let (Some(id), Some(status), Some(version)) = (&work.refund_id, &work.refund_status, work.refund_version) else {
        return Err(contradiction(work, "no refund"));
    };
    let ended = matches!(plan.operation, OperationStatus::Succeeded | OperationStatus::Failed);
    let change = OperationChange {
        from: (&work.status, work.version),
        to: plan.operation,
        gateway_ref: plan.gateway_ref.as_deref(),
        raw_code: plan.raw_code.as_deref(),
        raw_message: plan.raw_message.as_deref(),
        next_check_at: plan.next_check_at,
        finished_at: ended.then_some(at),
    };
    let mut batch = Batch::new();
    operations::settle(&mut batch, &scope, &work.id, &change);
    if plan.moves_refund {
        let change = RefundChange {
            from: (status, version),
            to: plan.refund,
            failure_code: plan.failure,
            raw_code: plan.raw_code.as_deref(),
            at,
        };
        refunds::settle(&mut batch, &scope, id, &change);
    }
    let way = plan.money.filter(|_| plan.counts(work));
    if let Some(way) = way {
        payments::move_refund(&mut batch, &scope, &work.payment_id, way, work.amount, at);
    }
    if let Some((journal_id, journal)) = &writing.journal {
        // A gateway may take back what it said more than once: what is booked after the first time has a name of its own.
        let source = if plan.money == Some(RefundMove::Refunded) { id.clone() } else { format!("{id}/{version}") };
        let about = About { id: journal_id, payment: &work.payment_id, refund: Some(id), source: &source, at };
        ledger::book(&mut batch, &scope, &about, journal);
    }
    if let Some(event) = &writing.event {
        event.put(&mut batch, &scope);
    }
    if writing.delta != Delta::default() {
        let delta_id = format!("{}.{}", work.id, work.version);
        stats::append(&mut batch, &scope, &delta_id, &work.currency, at, &writing.delta);
    }
    for (mail_id, draft) in writing.mail.iter().chain(&writing.alerts) {
        mail::put(&mut batch, mail_id, at, draft);
    }
    if plan.uncount {
        refunds::uncount(tx, &scope, id).await?;
    }
    if plan.money == Some(RefundMove::LateRefunded) {
        refunds::repeat(tx, &scope, id).await?;
    }
    match batch.run(tx).await? {
        None => write_doubt(tx, work, writing).await,
        // Another refund took what was left a moment ago.
        Some("payment") if way == Some(RefundMove::LateRefunded) => Err(Undone::Stale),
        Some("payment") => Err(contradiction(work, "the payment does not hold its amount")),
        Some(_) => Err(Undone::Stale),
    }
}

/// What is kept of a doubt, after everything else: that it is begun again, what was heard, that a decision was contradicted, and
/// who decided.
async fn write_doubt(tx: &mut Tx, work: &Work, writing: &Writing) -> Result<(), Undone> {
    let (scope, plan, at) = (work.scope()?, &writing.plan, writing.at);
    if let Some(job) = &writing.again {
        job.enqueue(tx, &scope, at).await?;
    }
    if plan.operation == OperationStatus::Unknown || work.status == OperationStatus::Unknown.as_str() {
        let source = decision::source(work, writing.decision.is_some());
        let outcome = plan.operation.as_str();
        let answer = NewAnswer { at, source, outcome, detail: plan.raw_message.as_deref() };
        reviews::answer(tx, &scope, &work.id, answer).await?;
    }
    if decision::differs(work, plan.operation) {
        reviews::contradict(tx, &scope, &work.id, work.version + 1, at).await?;
    }
    match &writing.decision {
        Some(signed) if !signed.write(tx, work, at).await? => Err(Undone::Stale),
        _ => Ok(()),
    }
}
