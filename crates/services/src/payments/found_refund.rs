//! Books a refund that a gateway has and that we do not: as if it had been asked for, and through the same settlement as everything
//! else.

use super::settle_refund::{RefundFinding, settle_refund};
use crate::{ServiceError, Services, events::Event, reconcile::schedule};
use domain::{
    AttemptId, OperationId, PaymentId, RefundId, Scope, Timestamp,
    states::{OperationKind, OperationStatus, RefundStatus},
};
use gateways::RefundReply;
use serde_json::json;
use store::{
    Batch, StoreError, Tx,
    charges::{self, Charge},
    operations::{self, NewOperation, Work},
    payments::{self, parse},
    refunds::{self, RuleRefund},
    restores,
};

/// Why we do not have it.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Why<'a> {
    /// It was made after the backup that was restored; the restore's id.
    Lost(&'a str),
    /// Nobody asked for it here: the gateway, or somebody in its dashboard, made it.
    MadeThere,
}

/// A refund as a gateway tells it.
pub(crate) struct Found<'a> {
    pub(crate) scope: &'a Scope,
    pub(crate) connection: &'a str,
    /// What it gives back.
    pub(crate) charge: &'a Charge,
    /// Our key for it; see [`key`].
    pub(crate) key: &'a str,
    pub(crate) reply: &'a RefundReply,
    pub(crate) made_at: Timestamp,
    pub(crate) why: Why<'a>,
}

/// What came of it.
pub(crate) enum Booked {
    /// It is booked and settled.
    Now,
    /// We have it already.
    Known,
    /// A refund of ours, of the same amount, has no name yet: it may be this one.
    MayBeOurs,
    /// More than is left of what was captured.
    TooMuch,
    /// More than is left while refunds of ours are under way: it may fit when one of them fails.
    Waits,
}

/// Our key for what a gateway did: its own for ours, where it gives that back, else one that is the same whenever it is found.
pub(crate) fn key(connection: &str, our_key: Option<&str>, gateway_ref: Option<&str>) -> String {
    our_key.map_or_else(|| format!("found/{connection}/{}", gateway_ref.unwrap_or_default()), str::to_owned)
}

/// The operation under a key, when it is one of this merchant's.
///
/// # Errors
/// The database's; a fault when it is somebody else's.
pub(crate) async fn known(svc: &Services, scope: &Scope, key: &str) -> Result<Option<Work>, ServiceError> {
    let mut tx = svc.db().read().await?;
    let Some(row) = restores::by_key(&mut tx, key).await? else { return Ok(None) };
    if row.merchant_id != scope.merchant.as_str() || row.livemode != scope.mode.is_live() {
        return Err(ServiceError::Fault(format!("operation {} is of another merchant or mode", row.id)));
    }
    Ok(operations::work(&mut tx, scope, &row.id).await?)
}

/// Everything that the unit writes, made before it: a unit may run twice and draws nothing.
struct Writing<'a> {
    found: &'a Found<'a>,
    payment: PaymentId,
    attempt: AttemptId,
    refund: RefundId,
    operation: OperationId,
    event: Event,
    at: Timestamp,
}

/// Books it and settles it by the gateway's word.
///
/// # Errors
/// The database's.
pub(crate) async fn book(svc: &Services, found: &Found<'_>) -> Result<Booked, ServiceError> {
    let (refund, at): (RefundId, _) = (svc.new_id(), svc.now());
    let mut data = json!({
        "id": refund.as_str(),
        "object": "refund",
        "payment": found.charge.payment_id,
        "amount": found.reply.amount.minor,
        "status": "pending",
    });
    match found.why {
        Why::Lost(restore) => data["found_after_restore"] = restore.into(),
        Why::MadeThere => data["origin"] = "gateway".into(),
    }
    let writing = Writing {
        found,
        payment: parse(&found.charge.payment_id)?,
        attempt: parse(&found.charge.id)?,
        operation: svc.new_id(),
        event: Event::new(svc, found.scope, "refund.created", refund.as_str(), at, &data),
        refund,
        at,
    };
    let made = svc.db().write(&writing, |tx, writing| Box::pin(async move { write(tx, writing).await })).await;
    match made {
        Ok(Booked::Now) => {}
        Ok(other) => return Ok(other),
        // Somebody else has found it meanwhile.
        Err(StoreError::Conflict { .. }) => return Ok(Booked::Known),
        Err(error) => return Err(error.into()),
    }
    let work = known(svc, found.scope, found.key).await?;
    let work = work.ok_or_else(|| ServiceError::Fault(format!("{} is gone", found.key)))?;
    settle_refund(svc, work, &RefundFinding::Reply(found.reply.clone())).await?;
    Ok(Booked::Now)
}

async fn write(tx: &mut Tx, writing: &Writing<'_>) -> Result<Booked, StoreError> {
    let (found, at) = (writing.found, writing.at);
    let (scope, charge, amount) = (found.scope, found.charge, found.reply.amount);
    // Whatever we asked for was written down before the gateway heard of it: here it has its name, or none yet.
    if let Some(name) = found.reply.gateway_ref.as_deref()
        && charges::refund_named(tx, scope, found.connection, name).await?.is_some()
    {
        return Ok(Booked::Known);
    }
    if matches!(found.why, Why::MadeThere) {
        let unnamed = charges::refunds_unnamed(tx, scope, charge, amount.minor).await?;
        if unnamed.iter().any(|refund| refund.status != OperationStatus::Failed.as_str()) {
            return Ok(Booked::MayBeOurs);
        }
    }
    // What was paid twice was owed to the customer, and is given back by rule: the rule must know that it is.
    let origin = match found.why {
        _ if charge.surplus => "surplus",
        Why::Lost(_) => "merchant",
        Why::MadeThere => "gateway",
    };
    let new = RuleRefund {
        id: &writing.refund,
        payment: &charge.payment_id,
        attempt: &charge.id,
        status: RefundStatus::Pending,
        amount: amount.minor,
        currency: amount.currency.code(),
        reason: if charge.surplus { "duplicate" } else { "other" },
        origin,
        counts: !charge.surplus,
        at: found.made_at,
    };
    if new.counts && !payments::reserve_found(tx, scope, &writing.payment, new.amount, at).await? {
        let row = payments::get(tx, scope, &writing.payment).await?;
        let fits = row.is_some_and(|row| row.captured - row.refunded >= new.amount);
        // A refund of ours that is under way has its place, and may yet fail.
        return Ok(if fits { Booked::Waits } else { Booked::TooMuch });
    }
    if !refunds::insert_by_rule(tx, scope, &new).await? {
        return Ok(Booked::TooMuch);
    }
    let sent = NewOperation {
        id: &writing.operation,
        payment: &charge.payment_id,
        attempt: &writing.attempt,
        refund: Some(&writing.refund),
        kind: OperationKind::Refund,
        key: found.key,
        amount: amount.minor,
        currency: amount.currency.code(),
        created_by: None,
        next_check_at: at.plus(schedule::FIRST_CHECK),
        at: found.made_at,
    };
    let mut batch = Batch::new();
    operations::insert(&mut batch, scope, &sent);
    writing.event.put(&mut batch, scope);
    batch.run(tx).await?;
    if let Some(name) = found.reply.gateway_ref.as_deref() {
        // Should nobody come to settle it, it is asked about by its name: our key may be none that the gateway knows.
        charges::name(tx, scope, writing.operation.as_str(), name).await?;
    }
    Ok(Booked::Now)
}
