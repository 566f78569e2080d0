//! A person's decision on its way through the settlement.

use crate::{
    MerchantActor, ServiceError, Services,
    audit::{self, Entry},
    checkout::settle::Finding,
    events::Event,
    payments::settle_refund::RefundFinding,
    reconcile::{asking, schedule},
};
use domain::{
    Money, ProblemKind, Timestamp, authorization,
    problem::money,
    states::{OperationKind, OperationStatus},
};
use gateways::{ChargeReply, ChargeState};
use serde_json::json;
use store::{Batch, StoreError, Tx, operations::Work, payments::parse, reviews};

/// What a person decided.
#[derive(Debug, Clone)]
pub(crate) struct Decision {
    /// Whether it happened.
    pub(crate) happened: bool,
    /// The gateway's name for what the call made, as the person read it there.
    pub(crate) gateway_ref: Option<String>,
    /// Who.
    pub(crate) actor: MerchantActor,
}

impl Decision {
    const fn name(&self) -> &'static str {
        if self.happened { "happened" } else { "not_happened" }
    }

    /// The same as the gateway's own answer to a call of this kind.
    pub(crate) fn as_finding(&self, work: &Work) -> Result<Finding, StoreError> {
        if !self.happened {
            return Ok(Finding::Nothing("a person decided that it did not happen".to_owned()));
        }
        let asked = Money::new(work.amount, parse(&work.currency)?);
        let state = match parse::<OperationKind>(&work.kind)? {
            OperationKind::Authorize => ChargeState::Authorized {
                // It has been held since the call, not since the decision.
                capture_before: Some(Timestamp(work.created_at).plus(authorization::LASTS)),
            },
            OperationKind::Void => ChargeState::Canceled,
            // What the gateway took is not known, so that it is booked as nothing.
            OperationKind::Sale | OperationKind::Capture | OperationKind::Refund => {
                ChargeState::Succeeded { captured: asked, fee: None }
            }
        };
        Ok(Finding::Reply(ChargeReply {
            // The gateway's own word for the charge goes before what a person read there: refunds are asked of it.
            gateway_ref: work.charge_ref.clone().or_else(|| self.gateway_ref.clone()),
            state,
            card: None,
            saved: None,
            raw_code: None,
            raw_message: Some("a person decided that it happened".to_owned()),
        }))
    }
}

/// What a decision writes besides the settlement.
pub(crate) struct Signed {
    name: &'static str,
    actor: MerchantActor,
    event: Event,
    audit: Entry,
}

impl Signed {
    fn new(svc: &Services, work: &Work, decision: &Decision) -> Result<Self, ServiceError> {
        let (at, scope, actor) = (svc.now(), work.scope()?, &decision.actor);
        let data = json!({
            "id": work.id,
            "object": "operation",
            "kind": work.kind,
            "payment": work.payment_id,
            "refund": work.refund_id,
            "amount": work.amount,
            "currency": work.currency,
            "decision": decision.name(),
            "gateway_ref": decision.gateway_ref,
            "decided_by": actor.user_id.as_str(),
        });
        let event = Event::new(svc, &scope, "operation.decided", &work.payment_id, at, &data);
        let mut audit = Entry::by_member(actor, at, "operation.decide")
            .on(&work.id)
            .with("payment", work.payment_id.as_str())
            .with("kind", work.kind.as_str())
            .with("amount", work.amount)
            .with("currency", work.currency.as_str())
            .with("before", work.status.as_str())
            .with("after", decision.name());
        if let Some(name) = &decision.gateway_ref {
            audit = audit.with("gateway_ref", name.as_str());
        }
        Ok(Self { name: decision.name(), actor: actor.clone(), event, audit })
    }

    /// Writes it, last in the unit that settles. False: somebody else has decided.
    pub(crate) async fn write(&self, tx: &mut Tx, work: &Work, at: Timestamp) -> Result<bool, StoreError> {
        let scope = work.scope()?;
        if !reviews::decide(tx, &scope, &work.id, self.name, &self.actor.user_id, at).await? {
            return Ok(false);
        }
        let mut batch = Batch::new();
        self.event.put(&mut batch, &scope);
        batch.run(tx).await?;
        audit::append(tx, &self.audit).await?;
        Ok(true)
    }
}

/// What a person's decision about a charge writes besides.
pub(crate) fn signed(svc: &Services, work: &Work, finding: &Finding) -> Result<Option<Signed>, ServiceError> {
    match finding {
        Finding::Decided(decision) => Signed::new(svc, work, decision).map(Some),
        _ => Ok(None),
    }
}

/// The same of a refund.
pub(crate) fn signed_refund(
    svc: &Services,
    work: &Work,
    finding: &RefundFinding,
) -> Result<Option<Signed>, ServiceError> {
    match finding {
        RefundFinding::Decided(decision) => Signed::new(svc, work, decision).map(Some),
        _ => Ok(None),
    }
}

/// Refuses a decision about what is known by now: the gateway's answer came first.
pub(crate) fn still_open(work: &Work) -> Result<(), ServiceError> {
    if work.status == OperationStatus::Unknown.as_str() {
        return Ok(());
    }
    Err(ServiceError::new(ProblemKind::Conflict, money::REVIEW_SETTLED))
}

/// When the gateway is asked next: after a decision it is still asked for a while, for it may say otherwise.
pub(crate) fn next_check(
    svc: &Services,
    work: &Work,
    finding: &Finding,
    planned: Option<Timestamp>,
) -> Option<Timestamp> {
    match finding {
        Finding::Decided(_) => watched(svc, work, false),
        _ => planned,
    }
}

/// The same of a refund.
pub(crate) fn next_refund_check(
    svc: &Services,
    work: &Work,
    finding: &RefundFinding,
    planned: Option<Timestamp>,
) -> Option<Timestamp> {
    match finding {
        RefundFinding::Decided(_) => watched(svc, work, true),
        _ => planned,
    }
}

fn watched(svc: &Services, work: &Work, refund: bool) -> Option<Timestamp> {
    let gateway = svc.gateways().get(&work.provider)?;
    asking::can_ask(gateway.as_ref(), refund).then(|| schedule::next_after_decision(svc.now(), svc.now()))?
}

/// Where an answer comes from: a person, the call itself, or a question asked later.
pub(crate) fn source(work: &Work, decided: bool) -> &'static str {
    match work.status.as_str() {
        _ if decided => "person",
        "sent" if work.checks == 0 => "call",
        _ => "ask",
    }
}

/// Whether an operation's new state is the opposite of what a person had decided.
pub(crate) fn differs(work: &Work, to: OperationStatus) -> bool {
    let decided = work.decision.as_deref();
    work.status != to.as_str()
        && matches!(
            (decided, to),
            (Some("happened"), OperationStatus::Failed) | (Some("not_happened"), OperationStatus::Succeeded)
        )
}
