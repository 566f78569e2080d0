//! A person says what an entry is.

use super::apply::{Change, settle, write};
use super::doubtful::{left, payable};
use super::{candidates_of, entry_of};
use crate::{MerchantActor, ServiceError, Services, audit::Entry, connections::manage};
use domain::{
    BankEntryId, FieldProblem, Money, ProblemKind,
    problem::{codes, money},
    views::bank::EntryForm,
};
use gateways::bank_transfer::StatementEntry;
use store::{bank_entries, bank_transfers};

/// Says that an entry pays a transfer, or that it belongs to nothing here. Money that is more than what was left completes the transfer,
/// and the rest is shown as owed to the customer; money that is less is added up.
///
/// # Errors
/// Forbidden; not found; what is wrong with which field; [`money::ENTRY_NOT_PAYABLE`]; the database's.
pub async fn decide(
    svc: &Services,
    actor: &MerchantActor,
    id: &BankEntryId,
    form: &EntryForm,
) -> Result<(), ServiceError> {
    actor.require(manage(actor.scope.mode))?;
    let (flown, actor, id, form) = (svc.clone(), actor.clone(), id.clone(), form.clone());
    svc.flights().carry(async move { to_the_end(&flown, &actor, &id, &form).await }).await
}

async fn to_the_end(
    svc: &Services,
    actor: &MerchantActor,
    id: &BankEntryId,
    form: &EntryForm,
) -> Result<(), ServiceError> {
    let (scope, at) = (&actor.scope, svc.now());
    let row = bank_entries::get(&mut svc.db().read().await?, scope, id.as_str()).await?;
    let row = row.ok_or_else(ServiceError::not_found)?;
    if row.status != "doubtful" {
        return Err(refused());
    }
    let entry = entry_of(svc, &row)?;
    let known = candidates_of(&row)?.into_iter().any(|candidate| candidate.id == form.transfer);
    let transfer = match form.decision.as_str() {
        "nothing" => None,
        "pays" if !known => return Err(field("transfer", codes::BAD_CHOICE)),
        "pays" => {
            let found = bank_transfers::get(&mut svc.db().read().await?, scope, &form.transfer).await?;
            Some(found.ok_or_else(ServiceError::not_found)?)
        }
        "" => return Err(field("decision", codes::REQUIRED)),
        _ => return Err(field("decision", codes::BAD_CHOICE)),
    };
    if let Some(transfer) = &transfer {
        if !payable(&entry, transfer)? {
            return Err(refused());
        }
        if left(transfer)? != entry.amount {
            repeated(&entry, &form.amount)?;
        }
    }
    let mut audit = Entry::by_member(actor, at, "bank_entry.decide").on(id).with("decision", form.decision.as_str());
    if let Some(transfer) = &transfer {
        audit = audit.with("payment", transfer.payment_id.as_str()).with("amount", entry.amount.minor);
    }
    let change = Change {
        row: &row,
        status: if transfer.is_some() { "matched" } else { "ignored" },
        candidates: row.candidates.clone(),
        pays: transfer.as_ref().map(|transfer| (transfer, entry.amount)),
        decided_by: Some(actor.user_id.as_str()),
        audit: Some(audit),
        at,
    };
    if !write(svc, scope, &change).await? {
        return Err(ServiceError::new(ProblemKind::Conflict, codes::STALE));
    }
    match &transfer {
        Some(transfer) => settle(svc, scope, &transfer.id).await,
        None => Ok(()),
    }
}

/// The amount is typed again where it is not what was waited for.
fn repeated(entry: &StatementEntry, typed: &str) -> Result<(), ServiceError> {
    if typed.trim().is_empty() {
        return Err(field("amount", codes::REQUIRED));
    }
    match Money::parse(typed, entry.amount.currency) {
        Ok(typed) if typed == entry.amount => Ok(()),
        Ok(_) => Err(field("amount", money::AMOUNT_NOT_REPEATED)),
        Err(_) => Err(field("amount", codes::BAD_AMOUNT)),
    }
}

fn field(name: &str, code: &'static str) -> ServiceError {
    ServiceError::fields(vec![FieldProblem::new(name, code)])
}

fn refused() -> ServiceError {
    ServiceError::new(ProblemKind::Conflict, money::ENTRY_NOT_PAYABLE)
}
