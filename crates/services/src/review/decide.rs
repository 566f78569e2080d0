//! A person decides what became of a call.

use super::decision::{self, Decision};
use crate::{
    MerchantActor, ServiceError, Services,
    checkout::settle::{Finding, settle},
    payments::settle_refund::{RefundFinding, settle_refund},
};
use domain::{
    FieldProblem, OperationId, Permission,
    problem::codes,
    states::OperationKind,
    validate::{Wrong, text},
    views::review::DecisionForm,
};
use store::{operations, payments::parse};

/// Longest name that a gateway gives.
const REF_MAX: usize = 200;

/// Decides an unknown outcome that waits for a person. It is settled as the gateway's own answer would be; an answer that comes
/// first wins, and the decision is told so.
///
/// # Errors
/// Forbidden; not found; what is wrong with which field; [`domain::problem::money::REVIEW_SETTLED`]; the database's.
pub async fn decide(
    svc: &Services,
    actor: &MerchantActor,
    operation: &OperationId,
    form: &DecisionForm,
) -> Result<(), ServiceError> {
    actor.require(Permission::DecideOutcomes)?;
    let mut tx = svc.db().read().await?;
    // Before the operation itself: an answer that comes between the two is told as what it is.
    let due = store::reviews::is_due(&mut tx, &actor.scope, operation, svc.now()).await?;
    let work = operations::work(&mut tx, &actor.scope, operation.as_str()).await?;
    drop(tx);
    let work = work.ok_or_else(ServiceError::not_found)?;
    let (happened, gateway_ref) = check(form, parse(&work.kind)?)?;
    decision::still_open(&work)?;
    if !due {
        // The gateway's own answer is waited for first.
        return Err(ServiceError::not_found());
    }
    let decision = Decision { happened, gateway_ref, actor: actor.clone() };
    if work.kind == OperationKind::Refund.as_str() {
        settle_refund(svc, work, &RefundFinding::Decided(decision)).await?;
    } else {
        settle(svc, work, &Finding::Decided(decision), None).await?;
    }
    Ok(())
}

fn check(form: &DecisionForm, kind: OperationKind) -> Result<(bool, Option<String>), ServiceError> {
    let mut problems: Vec<FieldProblem> = Vec::new();
    let happened = match form.decision.as_str() {
        "happened" => true,
        "not_happened" => false,
        "" => return Err(ServiceError::fields(vec![Wrong::new(codes::REQUIRED).at("decision")])),
        _ => return Err(ServiceError::fields(vec![Wrong::new(codes::BAD_CHOICE).at("decision")])),
    };
    let mut gateway_ref = None;
    // Captures and releases go by the name of what they capture or release.
    if happened && !matches!(kind, OperationKind::Capture | OperationKind::Void) {
        match text::required(&form.gateway_ref, REF_MAX) {
            Ok(name) => gateway_ref = Some(name),
            Err(wrong) => problems.push(wrong.at("gateway_ref")),
        }
    }
    if problems.is_empty() { Ok((happened, gateway_ref)) } else { Err(ServiceError::fields(problems)) }
}
