//! What came beyond a transfer's amount: it is owed to the customer, and stands in the ledger from the moment when it was taken until the
//! merchant says that it was paid back.
//!
//! It is booked with the money itself, in one unit, and not with the payment, which follows by itself: neither waits for the other.

use super::money_of;
use crate::{MerchantActor, ServiceError, Services, audit};
use domain::{
    JournalId, Money, OperationId, Permission, ProblemKind, Timestamp,
    ledger::{Journal, JournalKind},
    problem::codes,
    views::payment::TransferSurplus,
};
use gateways::bank_transfer::connector::TransferState;
use store::{
    Batch, StoreError,
    bank_transfers::{self, Returning, SurplusRow, TransferRow},
    ledger::{self, About},
    payments::parse,
};

/// The journal of what is too much when this has come for a transfer in all. None: it is not too much.
///
/// # Errors
/// A fault: amounts out of range.
pub(super) fn journal(
    svc: &Services,
    amount: Money,
    received: Money,
) -> Result<Option<(JournalId, Journal)>, ServiceError> {
    let fault = |error: &dyn std::fmt::Display| ServiceError::Fault(error.to_string());
    let surplus = received.minus(amount).map_err(|error| fault(&error))?;
    if surplus.minor <= 0 {
        return Ok(None);
    }
    Ok(Some((svc.new_id(), Journal::transfer_surplus(surplus).map_err(|error| fault(&error))?)))
}

/// What came too much for a payment, as its page shows it.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub(crate) fn shown(row: SurplusRow, may: bool) -> Result<TransferSurplus, StoreError> {
    let surplus = Money::new(row.received - row.amount, parse(&row.currency)?);
    Ok(TransferSurplus {
        transfer: parse(&row.id)?,
        amount: surplus,
        returned_at: row.returned_at.map(Timestamp),
        returned_by: row.returned_by,
        may_mark: may && row.returned_at.is_none(),
    })
}

/// The merchant says that what came too much for a transfer was paid back to the customer: the books owe it no more. `minor` is the amount
/// as it stood on the button. Said again it changes nothing.
///
/// # Errors
/// Forbidden; not found; [`codes::STALE`] when another amount is owed, or none; the database's.
pub async fn mark_returned(
    svc: &Services,
    actor: &MerchantActor,
    id: &OperationId,
    minor: i64,
) -> Result<(), ServiceError> {
    actor.require(Permission::Refund)?;
    let row = owed(svc, actor, id, minor).await?;
    if row.returned_at.is_some() {
        return Ok(());
    }
    let (amount, received) = money_of(&row)?;
    let (journal, at) = (journal(svc, amount, received)?, svc.now());
    let Some((_, booked)) = journal else { return Err(stale()) };
    let back = booked.reversed(JournalKind::TransferSurplusReturn);
    let back = back.map_err(|error| ServiceError::Fault(error.to_string()))?;
    let entry = audit::Entry::by_member(actor, at, "bank_transfer.mark_returned")
        .on(&row.payment_id)
        .with("transfer", id.as_str())
        .with("amount", minor)
        .with("currency", row.currency.as_str());
    let new: JournalId = svc.new_id();
    let done = svc
        .db()
        .write(&(&row, actor, &new, &back, &entry, at), |tx, &(row, actor, new, back, entry, at)| {
            Box::pin(async move {
                let returning = Returning { of: (&row.id, row.version), by: actor.user_id.as_str(), at };
                if !bank_transfers::mark_returned(tx, &actor.scope, returning).await? {
                    return Ok(false);
                }
                let mut batch = Batch::new();
                let about = About { id: new, payment: &row.payment_id, refund: None, source: &row.id, at };
                ledger::book(&mut batch, &actor.scope, &about, back);
                batch.run(tx).await?;
                audit::append(tx, entry).await?;
                Ok::<_, ServiceError>(true)
            })
        })
        .await?;
    // Of two who say it at once the second has nothing to do.
    if done || owed(svc, actor, id, minor).await?.returned_at.is_some() { Ok(()) } else { Err(stale()) }
}

/// The transfer for which so much came too much.
async fn owed(
    svc: &Services,
    actor: &MerchantActor,
    id: &OperationId,
    minor: i64,
) -> Result<TransferRow, ServiceError> {
    let row = bank_transfers::get(&mut svc.db().read().await?, &actor.scope, id.as_str()).await?;
    let row = row.ok_or_else(ServiceError::not_found)?;
    let paid = row.status == TransferState::Paid.as_str();
    if !paid || minor <= 0 || row.received.checked_sub(row.amount) != Some(minor) {
        return Err(stale());
    }
    Ok(row)
}

fn stale() -> ServiceError {
    ServiceError::new(ProblemKind::Conflict, codes::STALE)
}
