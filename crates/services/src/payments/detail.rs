//! A payment's page.

mod notes;
mod timeline;

use crate::{MerchantActor, ServiceError, Services, bank_transfers};
use domain::{
    ConnectionId, Money, MoneyError, PaymentId, Permission, authorization,
    states::{AttemptStatus, MerchantStatus, OperationKind, PaymentStatus},
    views::payment::{Authorization, Dispute, PaymentDetail},
};
use serde_json::{Map, Value};
use store::{
    Tx,
    captures::{self, ReleaseRow},
    connections, disputes,
    payment_lists::detail::{self, AttemptRow, DetailRow},
    reviews,
};

/// Names of the connections that were passed over when the payment was routed.
async fn passed_over(
    tx: &mut Tx,
    actor: &MerchantActor,
    attempts: &[AttemptRow],
) -> Result<Vec<(ConnectionId, String)>, ServiceError> {
    let reasons = attempts.iter().filter_map(|row| row.attempt.routing.as_ref());
    let skipped: Vec<ConnectionId> =
        reasons.flat_map(|reason| &reason.skipped).map(|skipped| skipped.connection.clone()).collect();
    if skipped.is_empty() {
        return Ok(Vec::new());
    }
    let named = connections::list(tx, &actor.scope).await?.into_iter();
    let named = named.filter_map(|row| Some((row.id.parse::<ConnectionId>().ok()?, row.name)));
    Ok(named.filter(|(id, _)| skipped.contains(id)).collect())
}

/// A payment with everything that happened to it.
///
/// # Errors
/// Forbidden; not found, or not theirs; the database's.
pub async fn detail(svc: &Services, actor: &MerchantActor, id: &PaymentId) -> Result<PaymentDetail, ServiceError> {
    actor.require(Permission::ViewPayments)?;
    let scope = &actor.scope;
    // One state of the database, so that refunds, ledger and sums on the page agree.
    let mut tx = svc.db().snapshot().await?;
    let found = detail::payment(&mut tx, scope, id).await?.ok_or_else(ServiceError::not_found)?;
    let attempts = detail::attempts(&mut tx, scope, id).await?;
    let refunds = detail::refunds(&mut tx, scope, id).await?;
    let disputes = disputes::of_payment(&mut tx, scope, id).await?;
    let surpluses = store::bank_transfers::surpluses(&mut tx, scope, id).await?;
    let ledger = detail::ledger(&mut tx, scope, id).await?;
    let mails = detail::mails(&mut tx, scope, id).await?;
    let releases = captures::of_payment(&mut tx, scope, id).await?;
    let doubts = reviews::of_payment(&mut tx, scope, id).await?;
    let connection_names = passed_over(&mut tx, actor, &attempts).await?;
    drop(tx);

    let may = actor.role.may(Permission::Refund);
    let surpluses =
        surpluses.into_iter().map(|row| bank_transfers::surplus(row, may)).collect::<Result<Vec<_>, _>>()?;
    let sums = Sums::of(&found, &disputes).map_err(|error| ServiceError::Fault(format!("{id}: {error}")))?;
    let because = why_not(svc, actor, &found, &attempts, &sums);
    let authorization = authorization_of(svc, actor, &found, &attempts, &releases)
        .map_err(|error| ServiceError::Fault(format!("{id}: {error}")))?;
    let gone = timeline::Gone { refunds: &refunds, disputes: &disputes, ledger: &ledger };
    let timeline = timeline::of(&found, &attempts, &releases, &gone, &mails, &doubts);
    let notes = notes::of(&found, &attempts, &refunds, &doubts, svc.now());
    Ok(PaymentDetail {
        may_refund: because.is_none(),
        no_refund_because: because.map(str::to_owned),
        net: sums.net,
        refundable: sums.refundable,
        captured: found.row.captured,
        authorization,
        fee: found.fee,
        attempts: attempts.into_iter().map(|row| row.attempt).collect(),
        connection_names,
        refunds,
        disputes,
        surpluses,
        ledger: ledger.into_iter().map(|entry| entry.line).collect(),
        timeline,
        notes,
        session_id: found.session_id,
        metadata: pairs(&found.metadata),
        receipt_path: format!("/r/{}", found.receipt_token),
        captured_at: found.captured_at,
        row: found.row,
    })
}

/// What follows from a payment's amounts.
struct Sums {
    /// Captured less fees and refunds, and less what disputes took and cost.
    net: Money,
    /// Captured less refunds, done and under way, and less what disputes took; never below zero.
    refundable: Money,
}

impl Sums {
    fn of(found: &DetailRow, disputes: &[Dispute]) -> Result<Self, MoneyError> {
        let kept = found.row.captured.minus(found.row.refunded)?.minus(found.disputed)?;
        let mut net = kept.minus(found.fee)?;
        for dispute in disputes {
            net = net.minus(dispute.fee)?;
        }
        let left = kept.minus(found.row.refund_pending)?;
        Ok(Self { net, refundable: Money::new(left.minor.max(0), left.currency) })
    }
}

/// Why the actor can't refund this payment now (`payment.no_refund.<code>`), if so: what concerns the payment comes before
/// what concerns the person, for a colleague could not help either.
fn why_not(
    svc: &Services,
    actor: &MerchantActor,
    found: &DetailRow,
    attempts: &[AttemptRow],
    sums: &Sums,
) -> Option<&'static str> {
    match found.row.status {
        PaymentStatus::Unknown => return Some("unknown_outcome"),
        PaymentStatus::Succeeded => {}
        _ => return Some("not_captured"),
    }
    if sums.refundable.minor <= 0 {
        return Some(match (found.disputed.minor, found.row.refund_pending.minor) {
            (1.., _) => "dispute",
            (_, 1..) => "refund_pending",
            _ => "nothing_left",
        });
    }
    let merchant: Option<MerchantStatus> = found.merchant_status.parse().ok();
    if actor.scope.mode.is_live() && !merchant.is_some_and(|status| status.abilities().live_refunds) {
        return Some("merchant_state");
    }
    let charged = attempts.iter().find(|row| row.attempt.status == AttemptStatus::Succeeded && !row.surplus);
    let gateway = charged.and_then(|row| svc.gateways().get(&row.attempt.provider));
    if gateway.is_none_or(|gateway| gateway.refunds().is_none()) {
        return Some("gateway_cannot");
    }
    (!actor.role.may(Permission::Refund)).then_some("no_permission")
}

/// What was held before it was captured, and what can be done about it. None of a payment that was charged at once.
fn authorization_of(
    svc: &Services,
    actor: &MerchantActor,
    found: &DetailRow,
    attempts: &[AttemptRow],
    releases: &[ReleaseRow],
) -> Result<Option<Authorization>, MoneyError> {
    if found.authorized.minor == 0 {
        return Ok(None);
    }
    let status = found.row.status;
    let stands = matches!(status, PaymentStatus::RequiresCapture | PaymentStatus::Unknown);
    let under_way = releases.iter().find_map(ReleaseRow::under_way);
    let because = if stands { why_no_capture(svc, actor, found, attempts, under_way) } else { None };
    // Whoever may not capture because of the merchant's state may still let go of it.
    let voids = matches!(because, None | Some("merchant_state"));
    Ok(Some(Authorization {
        authorized: found.authorized,
        released: authorization::released(found.authorized, found.row.captured, status)?,
        capture_before: found.capture_before.filter(|_| stands),
        ends_soon: stands && found.capture_before.is_some_and(|end| authorization::ends_soon(svc.now(), end)),
        under_way,
        cancellation: found.cancellation,
        may_capture: stands && because.is_none(),
        no_capture_because: because.map(str::to_owned),
        may_void: stands && voids && actor.role.may(Permission::Capture),
    }))
}

/// Why the actor can't capture what is held (`payment.no_capture.<code>`), if so.
fn why_no_capture(
    svc: &Services,
    actor: &MerchantActor,
    found: &DetailRow,
    attempts: &[AttemptRow],
    under_way: Option<OperationKind>,
) -> Option<&'static str> {
    if found.row.status == PaymentStatus::Unknown {
        return Some("unknown_outcome");
    }
    if under_way.is_some() {
        return Some("under_way");
    }
    let held = attempts.iter().find(|row| row.attempt.status == AttemptStatus::Authorized);
    let gateway = held.and_then(|row| svc.gateways().get(&row.attempt.provider));
    if gateway.is_none_or(|gateway| gateway.captures().is_none()) {
        return Some("gateway_cannot");
    }
    if !actor.role.may(Permission::Capture) {
        return Some("no_permission");
    }
    (!crate::checkout::may_charge(&found.merchant_status, actor.scope.mode)).then_some("merchant_state")
}

/// Metadata as pairs; what is no text is shown as JSON.
fn pairs(metadata: &str) -> Vec<(String, String)> {
    let object: Map<String, Value> = serde_json::from_str(metadata).unwrap_or_default();
    let text = |value: Value| match value {
        Value::String(text) => text,
        other => other.to_string(),
    };
    object.into_iter().map(|(name, value)| (name, text(value))).collect()
}
