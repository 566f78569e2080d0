//! The one place where a gateway's answer about a charge becomes state: operation, attempt, payment, session, ledger,
//! events, statistics and mail, in one unit.
//!
//! The pay path, the customer's return from a challenge, the reconciler and webhooks all come here. Each step is a
//! compare-and-set along the edges of `domain::states`; a second application finds nothing to do.

use super::letters;
use super::outcome::{Outcome, Plan, plan};
use super::release::is_release;
use crate::{
    ServiceError, Services, bank_transfers,
    events::Event,
    mail::{self, MailDraft, Template},
    reconcile::{late, schedule},
    review::decision::{self, Decision, Signed},
    saved::{self, Kept},
};
use domain::{
    Cancellation, JournalId, Locale, MailId, Money, Scope, Timestamp,
    decline::DeclineCode,
    ledger::{Account, Journal, JournalKind},
    states::{AttemptStatus, OperationKind, OperationStatus, PaymentStatus, SessionStatus},
};
use gateways::{ChargeReply, GatewayFailure};
use serde_json::{Value, json};
use store::{
    Batch, StoreError, Tx,
    attempts::{self, AttemptChange},
    captures::{self, ToldRow},
    ledger::{self, About},
    operations::{self, OperationChange, Work},
    payment_methods,
    payments::{self, PaymentChange, parse},
    reviews::{self, NewAnswer},
    session_ends,
    stats::{self, Delta},
};

/// How often a settlement starts again because somebody else moved a row meanwhile.
const TRIES: u32 = 5;

/// What was heard about a charge.
#[derive(Debug, Clone)]
pub(crate) enum Finding {
    /// The gateway's answer.
    Reply(ChargeReply),
    /// The gateway certainly has no such charge, or nothing was sent: no money moved.
    Nothing(String),
    /// It may have charged.
    Unknown(String),
    /// Nobody could find out, and a person decided.
    Decided(Decision),
}

impl From<Result<ChargeReply, GatewayFailure>> for Finding {
    fn from(answer: Result<ChargeReply, GatewayFailure>) -> Self {
        match answer {
            Ok(reply) => Self::Reply(reply),
            Err(GatewayFailure::NotSent { reason }) => Self::Nothing(reason),
            Err(GatewayFailure::Unknown { reason }) => Self::Unknown(reason),
        }
    }
}

impl Finding {
    /// An answer to going on with a charge that the gateway has already: even when nothing was sent now, the charge is there.
    pub(crate) fn from_resumed(answer: Result<ChargeReply, GatewayFailure>) -> Self {
        match answer {
            Err(GatewayFailure::NotSent { reason }) => Self::Unknown(reason),
            answer => Self::from(answer),
        }
    }
}

/// Where a charge stands after it was settled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Settled {
    /// The attempt.
    pub(crate) attempt: AttemptStatus,
    /// The payment.
    pub(crate) payment: PaymentStatus,
    /// Why it was declined, if this call found that.
    pub(crate) decline: Option<DeclineCode>,
    /// Opens the receipt.
    pub(crate) receipt_token: String,
    /// Whether this call changed anything.
    pub(crate) changed: bool,
}

/// Everything that a unit writes, made before it: a unit may run twice and draws nothing.
struct Writing {
    plan: Plan,
    journal: Option<(JournalId, Journal)>,
    events: Vec<Event>,
    mails: Vec<(MailId, MailDraft)>,
    email: Option<String>,
    /// What becomes of money that came late.
    late: Option<late::Late>,
    /// The method that the gateway keeps from now on.
    kept: Option<Kept>,
    /// What a person decided.
    decision: Option<Signed>,
    /// Whether it is the opposite of what a person had decided.
    contradicted: bool,
    at: Timestamp,
}

/// Applies what was heard to whatever it concerns.
///
/// # Errors
/// The database's, or a fault when rows contradict each other.
pub(crate) async fn settle(
    svc: &Services,
    mut work: Work,
    finding: &Finding,
    email: Option<&str>,
) -> Result<Settled, ServiceError> {
    let scope = work.scope()?;
    fail_point!(svc, ChargeHeard);
    for _ in 0..TRIES {
        if let Finding::Decided(_) = finding {
            decision::still_open(&work)?;
        } else if late::contradicts(&work, finding) {
            return Ok(Settled { changed: late::failure(svc, &work).await?, ..unchanged(&work)? });
        }
        let outcome = Outcome::of(&work, finding)?;
        let Some(mut plan) = decide(svc, &work, outcome).await? else {
            if let Finding::Reply(reply) = finding {
                saved::note(svc, &work, reply).await?;
            }
            return unchanged(&work);
        };
        // A person's decision comes without a fee, and nobody is asked for it.
        plan.fee_pending &= matches!(finding, Finding::Reply(_));
        plan.next_check_at = decision::next_check(svc, &work, finding, plan.next_check_at)
            .or_else(|| plan.fee_pending.then(|| svc.now().plus(schedule::FIRST_FEE)));
        let told = told(svc, &work, &plan).await?;
        let mut writing = prepare(svc, &work, plan, email, &told)?;
        writing.mails.extend(instructions(svc, &work, &writing.plan, email).await?);
        if let Finding::Reply(reply) = finding {
            writing.kept = Kept::of(svc, &work, reply)?;
        }
        writing.decision = decision::signed(svc, &work, finding)?;
        writing.contradicted = contradicted(&work, &writing.plan, finding);
        if writing.plan.recorded || (writing.plan.late && writing.plan.surplus) {
            writing.late = Some(late::Late::of(svc, &work, writing.plan.captured, writing.plan.surplus).await?);
        } else if writing.contradicted {
            writing.mails.extend(late::tell(svc, &work, Template::DecisionContradicted, work.amount).await?);
        }
        let done = svc
            .db()
            .write(&(&work, &writing), |tx, &(work, writing)| Box::pin(async move { write(tx, work, writing).await }))
            .await;
        match done {
            Ok(()) => {
                fail_point!(svc, ChargeSettled);
                let plan = writing.plan;
                if plan.moves_attempt {
                    svc.observer().charge_settled(plan.attempt.as_str());
                }
                return Ok(Settled {
                    attempt: plan.attempt,
                    payment: plan.payment,
                    decline: plan.decline,
                    receipt_token: work.receipt_token,
                    changed: true,
                });
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

fn unchanged(work: &Work) -> Result<Settled, ServiceError> {
    let (attempt, payment) = (parse(&work.attempt_status)?, parse(&work.payment_status)?);
    Ok(Settled { attempt, payment, decline: None, receipt_token: work.receipt_token.clone(), changed: false })
}

/// The plan, with the one question that only the database answers: whether a late success comes beside another attempt.
async fn decide(svc: &Services, work: &Work, outcome: Outcome) -> Result<Option<Plan>, ServiceError> {
    let Some(mut plan) = plan(work, outcome, svc.now())? else { return Ok(None) };
    if plan.late && plan.attempt == AttemptStatus::Succeeded {
        let scope = work.scope()?;
        let mut tx = svc.db().read().await?;
        match attempts::other_live(&mut tx, &scope, &work.payment_id, &work.attempt_id).await? {
            None => {}
            Some(other) if matches!(other.status.as_str(), "succeeded" | "authorized") => plan.make_surplus(work)?,
            // Whether this money pays or is too much is known when the other attempt has ended.
            Some(_) => return Ok(None),
        }
    }
    if work.authorized_at.is_some() && plan.moves_attempt && !settles_release(svc, work, &mut plan).await? {
        return Ok(None);
    }
    Ok(Some(plan))
}

/// Of all captures and releases of an attempt one is let through. Whether this finding may stand beside what others do.
async fn settles_release(svc: &Services, work: &Work, plan: &mut Plan) -> Result<bool, ServiceError> {
    let given_up = is_release(plan.kind) && work.status == OperationStatus::Failed.as_str();
    if is_release(plan.kind) && !given_up {
        return Ok(true);
    }
    let scope = work.scope()?;
    let mut tx = svc.db().read().await?;
    let others = captures::others(&mut tx, &scope, &work.attempt_id, &work.id).await?;
    if plan.attempt == AttemptStatus::Canceled && others.iter().any(|status| status != "succeeded") {
        // Its own question will tell, and why.
        return Ok(false);
    }
    if given_up && !others.is_empty() {
        // It was done after all, and another has its place: the money is booked, this row stays as it is.
        plan.operation = OperationStatus::Failed;
    }
    Ok(true)
}

/// Whether the gateway says the opposite of what a person had decided.
fn contradicted(work: &Work, plan: &Plan, finding: &Finding) -> bool {
    let attempt = if plan.moves_attempt { plan.attempt.as_str() } else { "" };
    let overtaken = match (work.decision.as_deref(), plan.kind) {
        // It was captured after all; another capture or release has the operation's place.
        (Some("not_happened"), OperationKind::Capture) => attempt == AttemptStatus::Succeeded.as_str(),
        // Nothing was ever held.
        (Some("happened"), OperationKind::Authorize) => {
            attempt == AttemptStatus::Canceled.as_str() && matches!(finding, Finding::Nothing(_))
        }
        _ => false,
    };
    overtaken || decision::differs(work, plan.operation)
}

/// Who on the merchant's side hears of it, which is seldom.
async fn told(svc: &Services, work: &Work, plan: &Plan) -> Result<Vec<ToldRow>, ServiceError> {
    match plan.cancellation {
        Some(Cancellation::Expired | Cancellation::Gateway) if plan.moves_attempt => {
            Ok(captures::told(&mut svc.db().read().await?, &work.scope()?).await?)
        }
        _ => Ok(Vec::new()),
    }
}

/// The mail of a transfer that is waited for from now on.
async fn instructions(
    svc: &Services,
    work: &Work,
    plan: &Plan,
    email: Option<&str>,
) -> Result<Option<(MailId, MailDraft)>, ServiceError> {
    let begins = plan.moves_attempt && plan.attempt == AttemptStatus::Processing;
    if !begins || work.provider != gateways::bank_transfer::KEY {
        return Ok(None);
    }
    bank_transfers::letter(svc, work, email).await
}

fn prepare(
    svc: &Services,
    work: &Work,
    plan: Plan,
    email: Option<&str>,
    told: &[ToldRow],
) -> Result<Writing, ServiceError> {
    let scope = work.scope()?;
    let at = svc.now();
    let currency = parse(&work.currency)?;
    let fault = |error: domain::ledger::LedgerError| ServiceError::Fault(error.to_string());
    let mut writing = Writing {
        journal: None,
        events: Vec::new(),
        mails: Vec::new(),
        email: email.map(str::to_owned),
        late: None,
        kept: None,
        decision: None,
        contradicted: false,
        at,
        plan,
    };
    let plan = &writing.plan;
    let data = payment_json(work, plan);
    let mut events = Vec::new();
    if let Some(kind) = plan.event() {
        events.push(Event::new(svc, &scope, kind, &work.payment_id, at, &data));
    }
    if plan.moves_attempt && plan.attempt == AttemptStatus::Succeeded {
        let (gross, fee) = (Money::new(plan.captured, currency), Money::new(plan.fee, currency));
        let journal = if plan.surplus { surplus_journal(gross, fee) } else { Journal::payment(gross, fee) };
        writing.journal = Some((svc.new_id(), journal.map_err(fault)?));
        if plan.late {
            events.push(Event::new(svc, &scope, "payment.late_success", &work.payment_id, at, &data));
        }
        if plan.surplus {
            events.push(Event::new(svc, &scope, "payment.surplus", &work.payment_id, at, &data));
        }
    }
    writing.mails = letters::of(svc, work, plan, email, told)?;
    writing.events = events;
    Ok(writing)
}

/// Money beside money: the gateway holds it, and it is owed to the customer.
fn surplus_journal(gross: Money, fee: Money) -> Result<Journal, domain::ledger::LedgerError> {
    Journal::new(
        JournalKind::Surplus,
        [
            (Account::GatewayReceivable, gross.minus(fee)?),
            (Account::Fees, fee),
            (Account::CustomerCredit, gross.negated()?),
        ],
    )
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
            // Another attempt became live between our question and this write, or somebody else has settled the same
            // operation: what a settlement adds has the operation's own key.
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

async fn write(tx: &mut Tx, work: &Work, writing: &Writing) -> Result<(), Undone> {
    let scope = work.scope()?;
    let (plan, at) = (&writing.plan, writing.at);
    let mut batch = Batch::new();
    write_operation(&mut batch, &scope, work, plan, at);
    if plan.moves_attempt {
        write_attempt(&mut batch, &scope, work, plan, at);
        if !plan.surplus {
            write_payment(&mut batch, &scope, work, writing);
        }
        write_session(&mut batch, &scope, work, plan, at)?;
        let ended = matches!(plan.attempt, AttemptStatus::Failed | AttemptStatus::Canceled);
        if let (Some(method), true) = (&work.payment_method_id, work.keeps && ended) {
            payment_methods::fail(&mut batch, &scope, method);
        }
    }
    if let Some((id, journal)) = &writing.journal {
        let about = About { id, payment: &work.payment_id, refund: None, source: &work.attempt_id, at };
        ledger::book(&mut batch, &scope, &about, journal);
    }
    for event in &writing.events {
        event.put(&mut batch, &scope);
    }
    if plan.delta != Delta::default() {
        let id = format!("{}.{}", work.id, work.version);
        stats::append(&mut batch, &scope, &id, &work.currency, at, &plan.delta);
    }
    for (id, draft) in &writing.mails {
        mail::put(&mut batch, id, at, draft);
    }
    if batch.run(tx).await?.is_some() {
        return Err(Undone::Stale);
    }
    if let Some(kept) = &writing.kept {
        kept.write(tx, &scope, work).await?;
    }
    if let (Some(DeclineCode::SavedMethodGone), Some(method), false) =
        (plan.decline, &work.payment_method_id, work.keeps)
    {
        payment_methods::gone(tx, &scope, method, &work.connection_id, at).await?;
    }
    write_doubt(tx, work, writing).await
}

/// What is kept of a doubt, after everything else: late money's fate, what was heard, that a decision was contradicted, and who
/// decided.
async fn write_doubt(tx: &mut Tx, work: &Work, writing: &Writing) -> Result<(), Undone> {
    let (scope, plan, at) = (work.scope()?, &writing.plan, writing.at);
    if let Some(late) = &writing.late {
        late.write(tx, work, at).await?;
    }
    if plan.operation == OperationStatus::Unknown || work.status == OperationStatus::Unknown.as_str() {
        let source = decision::source(work, writing.decision.is_some());
        let outcome = plan.operation.as_str();
        let answer = NewAnswer { at, source, outcome, detail: plan.raw_message.as_deref() };
        reviews::answer(tx, &scope, &work.id, answer).await?;
    }
    if writing.contradicted {
        reviews::contradict(tx, &scope, &work.id, work.version + 1, at).await?;
    }
    match &writing.decision {
        Some(signed) if !signed.write(tx, work, at).await? => Err(Undone::Stale),
        _ => Ok(()),
    }
}

fn write_operation(batch: &mut Batch, scope: &Scope, work: &Work, plan: &Plan, at: Timestamp) {
    let change = OperationChange {
        from: (&work.status, work.version),
        to: plan.operation,
        gateway_ref: plan.gateway_ref.as_deref(),
        raw_code: plan.raw_code.as_deref(),
        raw_message: plan.raw_message.as_deref(),
        next_check_at: plan.next_check_at,
        finished_at: plan.ends_operation().then_some(at),
    };
    operations::settle(batch, scope, &work.id, &change);
}

fn write_attempt(batch: &mut Batch, scope: &Scope, work: &Work, plan: &Plan, at: Timestamp) {
    let change = AttemptChange {
        from: (&work.attempt_status, work.attempt_version),
        to: plan.attempt,
        gateway_ref: plan.gateway_ref.as_deref(),
        decline_code: plan.decline.map(|code| code.as_str()),
        decline_class: plan.decline.map(|code| code.class().as_str()),
        raw_code: plan.raw_code.as_deref(),
        raw_message: plan.raw_message.as_deref(),
        captured: if plan.attempt == AttemptStatus::Succeeded { plan.captured } else { work.attempt_captured },
        authorized_at: plan.held.map(|_| at),
        fee: plan.fee,
        fee_pending: plan.fee_pending,
        action_url: plan.action_url.as_deref(),
        surplus: plan.surplus,
        card_brand: plan.card_brand.as_deref(),
        card_last4: plan.card_last4.as_deref(),
        at,
    };
    attempts::settle(batch, scope, &work.attempt_id, &change);
}

fn write_payment(batch: &mut Batch, scope: &Scope, work: &Work, writing: &Writing) {
    let plan = &writing.plan;
    let taken = plan.attempt == AttemptStatus::Succeeded;
    let change = PaymentChange {
        from: &work.payment_status,
        captured_before: work.payment_captured,
        to: plan.payment,
        captured: if taken { plan.captured } else { work.payment_captured },
        authorized: if plan.held.is_some() { work.attempt_amount } else { work.payment_authorized },
        capture_before: plan.held.map(|held| held.until),
        capture_check_at: plan.held.map(|held| held.look_at),
        cancellation: plan.cancellation.map(Cancellation::as_str),
        fee: if taken { plan.fee } else { work.payment_fee },
        decline_code: plan.decline.map(|code| code.as_str()),
        connection_id: &work.connection_id,
        provider: &work.provider,
        method: &work.method,
        card_brand: work.card_brand.as_deref().or(plan.card_brand.as_deref()),
        card_last4: work.card_last4.as_deref().or(plan.card_last4.as_deref()),
        captured_at: taken.then_some(writing.at),
        email: writing.email.as_deref(),
        seq: work.seq,
        at: writing.at,
    };
    payments::settle(batch, scope, &work.payment_id, &change);
}

/// Completes the session when the money is there, and lets it name its payment.
fn write_session(batch: &mut Batch, scope: &Scope, work: &Work, plan: &Plan, at: Timestamp) -> Result<(), StoreError> {
    let (Some(session), Some(status)) = (&work.session_id, &work.session_status) else { return Ok(()) };
    let from: SessionStatus = parse(status)?;
    let taken = !plan.surplus && matches!(plan.payment, PaymentStatus::Succeeded | PaymentStatus::RequiresCapture);
    let to = if taken { SessionStatus::Complete } else { from };
    if to == from && work.session_payment_id.is_some() {
        return Ok(());
    }
    let completed = (to == SessionStatus::Complete).then_some(at);
    session_ends::move_session(batch, scope, session, status, to, &work.payment_id, completed);
    if let (true, Some(link)) = (to != from && from != SessionStatus::Open, &work.link_id) {
        // Its pieces were given back when it ended.
        session_ends::move_stock(batch, scope, link, work.quantity.unwrap_or(1), false);
    }
    Ok(())
}

/// The customer's language.
pub(crate) fn locale_of(work: &Work) -> Locale {
    work.locale.as_deref().and_then(|tag| tag.parse().ok()).unwrap_or_default()
}

/// A payment as its events show it.
fn payment_json(work: &Work, plan: &Plan) -> Value {
    let taken = plan.attempt == AttemptStatus::Succeeded && !plan.surplus;
    json!({
        "id": work.payment_id,
        "object": "payment",
        "status": plan.payment.as_str(),
        "amount": work.payment_amount,
        "currency": work.currency,
        "authorized": if plan.held.is_some() { work.attempt_amount } else { work.payment_authorized },
        "capture_before": plan.held.map_or(work.capture_before, |held| Some(held.until.0)),
        "cancellation_reason": plan.cancellation.map(Cancellation::as_str),
        "captured": if taken { plan.captured } else { work.payment_captured },
        "fee": if taken { plan.fee } else { work.payment_fee },
        "description": work.description,
        "decline_code": plan.decline.map(|code| code.as_str()),
        "session": work.session_id,
        "attempt": {
            "id": work.attempt_id,
            "status": plan.attempt.as_str(),
            "provider": work.provider,
            "connection": work.connection_id,
            "method": work.method,
            "card_brand": work.card_brand,
            "card_last4": work.card_last4,
            "gateway_ref": plan.gateway_ref.as_ref().or(work.charge_ref.as_ref()),
            "surplus": plan.surplus,
        },
    })
}
