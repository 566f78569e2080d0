//! Looks at entries that nobody has looked at yet: what is certain pays, parts are added up, the rest waits for a person or is nothing.

use super::{entry_of, json, money_of, surplus};
use crate::{ServiceError, Services, reconcile};
use domain::{JournalId, Money, Scope, Timestamp, ledger::Journal, time::DAY};
use gateways::bank_transfer::connector::TransferState;
use gateways::bank_transfer::matching::{Fact, PartKind};
use gateways::bank_transfer::{Expected, Match, StatementEntry, TransferInstructions, Verdict, match_entries};
use std::collections::{HashMap, HashSet};
use store::{
    Batch, StoreError, Tx, UnitError,
    bank_entries::{self, EntryMove, EntryRow},
    bank_transfers::{self, Taking, TransferRow},
    ledger::{self, About},
    operations,
};

/// Entries that are looked at together.
const AT_ONCE: i64 = 2_000;
/// Of transfers that wait, and of those that don't, so many of the latest are what entries are matched with.
const MOST_EXPECTED: i64 = 50_000;
/// How long what is paid or given up is still known, so that more money for it is not taken for nothing.
const REMEMBERED: i64 = 400 * DAY;

/// What becomes of an entry, with what it rests on.
pub(super) struct Change<'a> {
    /// The entry.
    pub(super) row: &'a EntryRow,
    /// Its state then.
    pub(super) status: &'static str,
    /// JSON of its candidates.
    pub(super) candidates: String,
    /// The transfer that it pays, and how much of the entry's money there is.
    pub(super) pays: Option<(&'a TransferRow, Money)>,
    /// Who decided.
    pub(super) decided_by: Option<&'a str>,
    /// The line of the audit log, where a person decided.
    pub(super) audit: Option<crate::audit::Entry>,
    /// Now.
    pub(super) at: Timestamp,
}

/// Why a change was not made.
pub(super) enum Undone {
    /// The entry or the transfer was changed meanwhile.
    Stale,
    /// The database's.
    Store(StoreError),
}

impl From<StoreError> for Undone {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl UnitError for Undone {
    fn store_error(&self) -> Option<&StoreError> {
        match self {
            Self::Store(error) => Some(error),
            Self::Stale => None,
        }
    }
}

/// How long an entry is left to whoever brought it.
const LEFT_ALONE: i64 = domain::time::MINUTE;
/// Connections whose entries are looked at in one round of a worker.
const CONNECTIONS: i64 = 20;

/// Looks at entries that an import left behind when it was cut off; of how many connections something moved.
///
/// # Errors
/// The database's.
pub(crate) async fn left_behind(svc: &Services) -> Result<usize, ServiceError> {
    let before = svc.now().plus(-LEFT_ALONE);
    let waiting = bank_entries::left_behind(&mut svc.db().read().await?, before, CONNECTIONS).await?;
    let (mut moved, mut failed) = (0, None);
    for left in waiting {
        // What can't be read of one merchant's holds up nobody else's.
        match apply(svc, &left.scope()?, &left.connection_id).await {
            Ok(any) => moved += usize::from(any),
            Err(error) => failed = Some(error),
        }
    }
    failed.map_or(Ok(moved), Err)
}

/// Looks at everything of a connection that is new; whether anything moved.
///
/// # Errors
/// The database's.
pub(super) async fn apply(svc: &Services, scope: &Scope, connection: &str) -> Result<bool, ServiceError> {
    let mut any = false;
    loop {
        let (rows, known) = {
            let mut tx = svc.db().read().await?;
            let rows = bank_entries::fresh(&mut tx, scope, connection, AT_ONCE).await?;
            if rows.is_empty() {
                return Ok(any);
            }
            let since = svc.now().plus(-REMEMBERED);
            (rows, bank_transfers::expected(&mut tx, scope, connection, since, MOST_EXPECTED).await?)
        };
        if !round(svc, scope, &rows, &known).await? {
            return Ok(any);
        }
        any = true;
    }
}

/// One look at some entries; whether any of them was moved. A transfer that took money is looked at again in the next round only.
async fn round(svc: &Services, scope: &Scope, rows: &[EntryRow], known: &[TransferRow]) -> Result<bool, ServiceError> {
    let entries = rows.iter().map(|row| entry_of(svc, row)).collect::<Result<Vec<_>, _>>()?;
    let expected = known.iter().map(expected).collect::<Result<Vec<_>, _>>()?;
    let by_id: HashMap<&str, &TransferRow> = known.iter().map(|row| (row.id.as_str(), row)).collect();
    let (mut touched, mut moved) = (HashSet::new(), false);
    let found = match_entries(&entries, &expected);
    for ((row, entry), found) in rows.iter().zip(&entries).zip(&found) {
        let named = named(found);
        if named.is_some_and(|id| touched.contains(id)) {
            continue;
        }
        let mut pays =
            paid(entry, found).and_then(|id| by_id.get(id).copied()).filter(|transfer| takes(transfer, found));
        if let Some(transfer) = pays.filter(|transfer| transfer.received > 0)
            && is_like_another(svc, scope, transfer, row, entry).await?
        {
            pays = None;
        }
        let status = match (pays, &found.verdict) {
            (Some(_), _) => "matched",
            (None, Verdict::None) => "ignored",
            (None, _) => "doubtful",
        };
        let change = Change {
            row,
            status,
            candidates: json(&found.candidates)?,
            pays: pays.map(|transfer| (transfer, entry.amount)),
            decided_by: None,
            audit: None,
            at: svc.now(),
        };
        if write(svc, scope, &change).await? {
            moved = true;
            if let Some(transfer) = pays {
                touched.insert(transfer.id.as_str());
                settle(svc, scope, &transfer.id).await?;
            }
        }
    }
    Ok(moved)
}

/// Whether another file had a booking like this one, of the same day and amount, that paid a part of the transfer: banks write one booking
/// differently into files of different kinds, and a person can tell.
async fn is_like_another(
    svc: &Services,
    scope: &Scope,
    transfer: &TransferRow,
    row: &EntryRow,
    entry: &StatementEntry,
) -> Result<bool, ServiceError> {
    let mut tx = svc.db().read().await?;
    let others = bank_entries::of_transfer(&mut tx, scope, &transfer.id).await?;
    drop(tx);
    for other in others.iter().filter(|other| other.statement_id != row.statement_id) {
        let other = entry_of(svc, other)?;
        if (other.amount, other.booked_on) == (entry.amount, entry.booked_on) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// What a transfer is, to be matched with.
fn expected(row: &TransferRow) -> Result<Expected, ServiceError> {
    let told: TransferInstructions = serde_json::from_str(&row.instructions)
        .map_err(|error| ServiceError::Fault(format!("instructions of transfer {}: {error}", row.id)))?;
    let (amount, received) = money_of(row)?;
    let paid = row.status == TransferState::Paid.as_str();
    let left = amount.minus(received).map_err(|error| ServiceError::Fault(error.to_string()))?;
    let (year, month, day, ..) = Timestamp(row.created_at).utc_parts();
    Ok(Expected {
        id: row.id.clone(),
        amount: if paid { amount } else { left },
        reference: told.reference,
        payer_name: None,
        payer_email: row.customer_email.clone(),
        created_on: (year, month, day),
        expires_on: told.expires_on,
        paid,
    })
}

/// The transfer whose exact reference an entry has, if it is the likeliest.
fn named(found: &Match) -> Option<&str> {
    let best = found.candidates.first()?;
    best.parts.iter().any(|part| part.kind == PartKind::ReferenceExact).then_some(best.id.as_str())
}

/// The transfer that an entry certainly pays, all or a part of it. More than what is left is for a person to decide: it owes the customer
/// something.
fn paid<'a>(entry: &StatementEntry, found: &'a Match) -> Option<&'a str> {
    let best = found.candidates.first()?;
    let unlike = |fact: &Fact| !matches!(fact, Fact::Underpaid { .. } | Fact::Late);
    if entry.amount.minor <= 0 || best.facts.iter().any(unlike) {
        return None;
    }
    let alone = found
        .candidates
        .get(1)
        .is_none_or(|next| best.score.saturating_sub(next.score) >= gateways::bank_transfer::matching::CLEAR_LEAD);
    named(found).filter(|_| alone)
}

/// Whether a transfer takes this money without a person's word: parts are added up while it is waited for; what was given up is paid by
/// all of its money only.
fn takes(transfer: &TransferRow, found: &Match) -> bool {
    let part = found
        .candidates
        .first()
        .is_some_and(|best| best.facts.iter().any(|fact| matches!(fact, Fact::Underpaid { .. })));
    match TransferState::parse(&transfer.status) {
        Some(TransferState::Waiting) => true,
        Some(TransferState::GivenUp) => !part,
        Some(TransferState::Paid) | None => false,
    }
}

/// What a transfer becomes by an entry's money.
struct Paying<'a> {
    transfer: &'a TransferRow,
    /// All that came for it then.
    received: i64,
    /// Whether that is all of it.
    full: bool,
    /// What is too much of it, booked in the same unit.
    surplus: Option<(JournalId, Journal)>,
}

fn paying<'a>(svc: &Services, transfer: &'a TransferRow, money: Money) -> Result<Paying<'a>, ServiceError> {
    let (amount, before) = money_of(transfer)?;
    let received = before.plus(money).map_err(|error| ServiceError::Fault(error.to_string()))?;
    let (full, surplus) = (received.minor >= amount.minor, surplus::journal(svc, amount, received)?);
    Ok(Paying { transfer, received: received.minor, full, surplus })
}

/// Writes what becomes of an entry, and of the transfer that it pays; false when somebody else was first.
///
/// # Errors
/// The database's.
pub(super) async fn write(svc: &Services, scope: &Scope, change: &Change<'_>) -> Result<bool, ServiceError> {
    let paying = change.pays.map(|(transfer, money)| paying(svc, transfer, money)).transpose()?;
    let done = svc
        .db()
        .write(&(scope, change, paying.as_ref()), |tx, &(scope, change, paying)| {
            Box::pin(async move {
                let entry = EntryMove {
                    of: (&change.row.id, change.row.version),
                    status: change.status,
                    candidates: &change.candidates,
                    transfer: paying.map(|paying| paying.transfer.id.as_str()),
                    decided: change.decided_by.map(|by| (by, change.at)),
                };
                if !bank_entries::decide(tx, scope, entry).await? {
                    return Err(Undone::Stale);
                }
                if let Some(paying) = paying {
                    take(tx, scope, paying, change.at).await?;
                }
                if let Some(entry) = &change.audit {
                    crate::audit::append(tx, entry).await?;
                }
                Ok(())
            })
        })
        .await;
    match done {
        Ok(()) => Ok(true),
        Err(Undone::Stale) => Ok(false),
        Err(Undone::Store(error)) => Err(error.into()),
    }
}

/// Takes the money for its transfer, and books what is too much of it.
async fn take(tx: &mut Tx, scope: &Scope, paying: &Paying<'_>, at: Timestamp) -> Result<(), Undone> {
    let Paying { transfer, received, full, surplus } = paying;
    let status = if *full { TransferState::Paid.as_str() } else { transfer.status.as_str() };
    let of = (transfer.id.as_str(), transfer.version);
    if !bank_transfers::take(tx, scope, Taking { of, received: *received, status, at }).await? {
        return Err(Undone::Stale);
    }
    if *full {
        // Should this end half-way, the worker goes on with it.
        bank_transfers::ask_at(tx, scope, &transfer.id, at).await?;
    }
    if let Some((id, journal)) = surplus {
        let mut batch = Batch::new();
        let about = About { id, payment: &transfer.payment_id, refund: None, source: &transfer.id, at };
        ledger::book(&mut batch, scope, &about, journal);
        batch.run(tx).await?;
    }
    Ok(())
}

/// Has the payment of a transfer follow the book.
///
/// # Errors
/// The database's.
pub(super) async fn settle(svc: &Services, scope: &Scope, transfer: &str) -> Result<(), ServiceError> {
    let work = operations::work(&mut svc.db().read().await?, scope, transfer).await?;
    match work {
        Some(work) => reconcile::hinted(svc, work).await.map(drop),
        None => Ok(()),
    }
}
