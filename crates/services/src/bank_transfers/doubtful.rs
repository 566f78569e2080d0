//! Entries that a person has to look at, with what they may pay as it stands now.

use super::{candidates_of, entry_of, money_of};
use crate::{
    MerchantActor, ServiceError, Services,
    connections::manage,
    paging::{Asked, Side},
};
use domain::{
    Money, Permission, Scope, Timestamp,
    views::{
        Cursor, Page,
        bank::{DoubtfulEntry, EntryCandidate},
        page::PageQuery,
    },
};
use gateways::bank_transfer::connector::TransferState;
use gateways::bank_transfer::matching::{Candidate, Fact, PartKind};
use gateways::bank_transfer::statement::Direction;
use gateways::bank_transfer::{StatementEntry, TransferInstructions};
use store::{
    bank_entries::{self, EntryRow, Shown},
    bank_transfers::{self, TransferRow},
    payments::parse,
};

/// A page of them, the latest first.
///
/// # Errors
/// Forbidden; a cursor that is none; the database's.
pub async fn doubtful(
    svc: &Services,
    actor: &MerchantActor,
    query: &PageQuery,
) -> Result<Page<DoubtfulEntry>, ServiceError> {
    actor.require(Permission::ViewGateways)?;
    let scope = &actor.scope;
    let rows = page(svc, scope, Shown::Doubtful, query).await?;
    let may = actor.role.may(manage(scope.mode));
    let mut items = Vec::new();
    for row in &rows.items {
        let candidates = candidates(svc, scope, row).await?;
        items.push(view(svc, row, candidates, may)?);
    }
    Ok(Page { items, next: rows.next, previous: rows.previous })
}

/// A page of entries, the latest first.
///
/// # Errors
/// A cursor that is none; the database's.
pub(super) async fn page(
    svc: &Services,
    scope: &Scope,
    shown: Shown,
    query: &PageQuery,
) -> Result<Page<EntryRow>, ServiceError> {
    let asked = Asked::of(query)?;
    let (place, newer) = match &asked.side {
        Side::Older(place) => (place, false),
        Side::Newer(place) => (place, true),
    };
    let rows = bank_entries::list(&mut svc.db().read().await?, scope, shown, place, newer, asked.rows()).await?;
    Ok(asked.page(rows, |row| Cursor { at: Timestamp(row.created_at), id: row.id.clone() }))
}

/// What an entry may pay, as it stands now.
async fn candidates(svc: &Services, scope: &Scope, row: &EntryRow) -> Result<Vec<EntryCandidate>, ServiceError> {
    let entry = entry_of(svc, row)?;
    let mut candidates = Vec::new();
    for candidate in candidates_of(row)? {
        let found = bank_transfers::get(&mut svc.db().read().await?, scope, &candidate.id).await?;
        if let Some(transfer) = found {
            candidates.push(self::shown(&entry, &candidate, &transfer)?);
        }
    }
    Ok(candidates)
}

/// An entry as it is shown.
///
/// # Errors
/// A fault: the row can't be read.
pub(super) fn view(
    svc: &Services,
    row: &EntryRow,
    candidates: Vec<EntryCandidate>,
    may: bool,
) -> Result<DoubtfulEntry, ServiceError> {
    let entry = entry_of(svc, row)?;
    let (year, month, day) = entry.booked_on;
    Ok(DoubtfulEntry {
        id: parse(&row.id)?,
        booked_on: format!("{year:04}-{month:02}-{day:02}"),
        incoming: is_incoming(&entry),
        amount: entry.amount,
        payer_name: entry.payer_name,
        payer_account: entry.payer_account,
        remittance: entry.remittance,
        candidates,
        created_at: Timestamp(row.created_at),
        may_decide: may,
    })
}

/// Whether an entry is money that came in.
pub(super) fn is_incoming(entry: &StatementEntry) -> bool {
    entry.direction == Direction::Credit && !entry.reversal
}

/// What is left to pay of a transfer.
///
/// # Errors
/// A fault: the row can't be read.
pub(super) fn left(transfer: &TransferRow) -> Result<Money, ServiceError> {
    let (amount, received) = money_of(transfer)?;
    amount.minus(received).map_err(|error| ServiceError::Fault(error.to_string()))
}

/// Whether it can be said that an entry pays a transfer: what was given up is paid by all of its money only.
///
/// # Errors
/// A fault: the row can't be read.
pub(super) fn payable(entry: &StatementEntry, transfer: &TransferRow) -> Result<bool, ServiceError> {
    let left = left(transfer)?;
    let state = TransferState::parse(&transfer.status);
    let enough = entry.amount.minor >= left.minor;
    Ok(is_incoming(entry)
        && entry.amount.minor > 0
        && entry.amount.currency == left.currency
        && match state {
            Some(TransferState::Waiting) => true,
            Some(TransferState::GivenUp) => enough,
            Some(TransferState::Paid) | None => false,
        })
}

fn shown(
    entry: &StatementEntry,
    candidate: &Candidate,
    transfer: &TransferRow,
) -> Result<EntryCandidate, ServiceError> {
    let told: TransferInstructions = serde_json::from_str(&transfer.instructions)
        .map_err(|error| ServiceError::Fault(format!("instructions of transfer {}: {error}", transfer.id)))?;
    let left = left(transfer)?;
    let mut facts: Vec<(String, Option<Money>)> = candidate.facts.iter().map(fact).collect();
    if transfer.status == TransferState::GivenUp.as_str() {
        facts.push(("given_up".to_owned(), None));
    }
    if transfer.status == TransferState::Paid.as_str() && !candidate.facts.contains(&Fact::AlreadyPaid) {
        facts.push(("already_paid".to_owned(), None));
    }
    Ok(EntryCandidate {
        transfer: parse(&transfer.id)?,
        payment: parse(&transfer.payment_id)?,
        reference: told.reference.grouped(),
        left,
        customer_email: transfer.customer_email.clone(),
        score: candidate.score,
        parts: candidate.parts.iter().map(|part| (part_code(part.kind).to_owned(), part.points)).collect(),
        facts,
        payable: payable(entry, transfer)?,
        differs: entry.amount != left,
    })
}

const fn part_code(kind: PartKind) -> &'static str {
    match kind {
        PartKind::ReferenceExact => "reference_exact",
        PartKind::ReferenceNear => "reference_near",
        PartKind::AmountEqual => "amount_equal",
        PartKind::AmountOver => "amount_over",
        PartKind::AmountUnder => "amount_under",
        PartKind::PayerName => "payer_name",
        PartKind::InTime => "in_time",
    }
}

fn fact(fact: &Fact) -> (String, Option<Money>) {
    let (code, money) = match fact {
        Fact::Underpaid { by } => ("underpaid", Some(*by)),
        Fact::Overpaid { by } => ("overpaid", Some(*by)),
        Fact::OtherCurrency => ("other_currency", None),
        Fact::AlreadyPaid => ("already_paid", None),
        Fact::Late => ("late", None),
        Fact::Early => ("early", None),
        Fact::TakenBack => ("taken_back", None),
    };
    (code.to_owned(), money)
}
