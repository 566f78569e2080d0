//! Fees that a gateway tells after the capture: booked once, when they are told.

use crate::{ServiceError, Services, checkout::settle::Finding, events::Event};
use domain::{JournalId, Money, Timestamp, ledger::Journal};
use gateways::ChargeState;
use serde_json::json;
use store::{
    Batch, StoreError, Tx, attempts,
    ledger::{self, About},
    operations::{self, Work},
    payments,
    stats::{self, Delta},
};

/// What is written.
struct Told<'a> {
    work: &'a Work,
    fee: Money,
    journal: Option<(JournalId, Journal)>,
    event: Event,
    at: Timestamp,
}

/// Books the fee of a capture that was booked without it, if this is what the gateway tells now. Whether it was.
///
/// # Errors
/// The database's.
pub(super) async fn tell(svc: &Services, work: &Work, finding: &Finding) -> Result<bool, ServiceError> {
    let Finding::Reply(reply) = finding else { return Ok(false) };
    let ChargeState::Succeeded { captured, fee: Some(fee) } = reply.state else { return Ok(false) };
    // Another amount than was booked is not explained by a fee.
    let same = captured.minor == work.attempt_captured && captured.currency == fee.currency;
    if !work.fee_pending || !same || fee.currency.code() != work.currency {
        return Ok(false);
    }
    let (scope, at) = (work.scope()?, svc.now());
    let journal = if fee.minor == 0 {
        None
    } else {
        Some((svc.new_id(), Journal::fee(fee).map_err(|error| ServiceError::Fault(error.to_string()))?))
    };
    let data = json!({
        "id": work.payment_id,
        "object": "payment",
        "fee": work.payment_fee.saturating_add(fee.minor),
        "captured": work.payment_captured,
        "currency": work.currency,
    });
    let event = Event::new(svc, &scope, "payment.fee_updated", &work.payment_id, at, &data);
    let told = Told { work, fee, journal, event, at };
    svc.db()
        .write(&told, |tx, told| Box::pin(async move { write(tx, told).await }))
        .await
        .map_err(|error: StoreError| error.into())
}

/// False: somebody else has noted it meanwhile.
async fn write(tx: &mut Tx, told: &Told<'_>) -> Result<bool, StoreError> {
    let (work, at) = (told.work, told.at);
    let scope = work.scope()?;
    let mut batch = Batch::new();
    attempts::tell_fee(&mut batch, &scope, &work.attempt_id, told.fee.minor, at);
    payments::tell_fee(&mut batch, &scope, &work.payment_id, told.fee.minor, at);
    if let Some((id, journal)) = &told.journal {
        let about = About { id, payment: &work.payment_id, refund: None, source: &work.attempt_id, at };
        ledger::book(&mut batch, &scope, &about, journal);
        let delta = Delta { fees: told.fee.minor, ..Delta::default() };
        stats::append(&mut batch, &scope, &format!("{}.fee", work.attempt_id), &work.currency, at, &delta);
    }
    told.event.put(&mut batch, &scope);
    match batch.run(tx).await {
        Ok(None) => {}
        // Another one has noted it: its journal and statistics stand.
        Ok(Some(_)) | Err(StoreError::Conflict { .. }) => return Err(StoreError::Busy),
        Err(error) => return Err(error),
    }
    operations::postpone(tx, &scope, &work.id, work.version, None).await?;
    Ok(true)
}
