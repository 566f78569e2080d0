//! Journals and their entries: written once, never changed.

use crate::{Batch, StoreError, Tx};
use domain::{JournalId, Scope, Timestamp, ledger::Journal};
use sqlx::FromRow;

statements! {
    JOURNAL = "
        insert into journals (merchant_id, livemode, id, kind, payment_id, refund_id, source_id, at)
        values ($1, $2, $3, $4, $5, $6, $7, $8)";
    ENTRY = "
        insert into entries (merchant_id, livemode, journal_id, line, account, currency, amount)
        values ($1, $2, $3, $4, $5, $6, $7)";
    OF_PAYMENT = "
        select j.id as journal_id, j.kind, j.at, e.line, e.account, e.currency, e.amount
        from journals j
        join entries e on e.merchant_id = j.merchant_id and e.livemode = j.livemode and e.journal_id = j.id
        where j.merchant_id = $1 and j.livemode = $2 and j.payment_id = $3
        order by j.at, j.id, e.line";
}

/// What a journal is about.
#[derive(Debug, Clone)]
pub struct About<'a> {
    /// The journal's id.
    pub id: &'a JournalId,
    /// The payment.
    pub payment: &'a str,
    /// The refund, if it is about one.
    pub refund: Option<&'a str>,
    /// What it books: nothing is booked twice under one kind and source.
    pub source: &'a str,
    /// When.
    pub at: Timestamp,
}

/// Books a journal; a source that is booked already under its kind is a conflict.
pub fn book(batch: &mut Batch, scope: &Scope, about: &About<'_>, journal: &Journal) {
    batch
        .add(JOURNAL)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(about.id.as_str())
        .bind(journal.kind().as_str())
        .bind(about.payment)
        .bind(about.refund)
        .bind(about.source)
        .bind(about.at.0);
    for (line, entry) in (1i64..).zip(journal.entries()) {
        batch
            .add(ENTRY)
            .bind(scope.merchant.as_str())
            .bind(scope.mode.is_live())
            .bind(about.id.as_str())
            .bind(line)
            .bind(entry.account.as_str())
            .bind(entry.amount.currency.code())
            .bind(entry.amount.minor);
    }
}

/// An entry with its journal.
#[derive(Debug, Clone, FromRow)]
pub struct EntryRow {
    /// The journal.
    pub journal_id: String,
    /// Its kind, by name.
    pub kind: String,
    /// When it was booked.
    pub at: i64,
    /// Its place in the journal.
    pub line: i64,
    /// Account, by name.
    pub account: String,
    /// Currency.
    pub currency: String,
    /// Amount, debits positive.
    pub amount: i64,
}

/// A payment's entries, in the order of booking.
///
/// # Errors
/// The database's.
pub async fn of_payment(tx: &mut Tx, scope: &Scope, payment: &str) -> Result<Vec<EntryRow>, StoreError> {
    Ok(on!(tx, |c| sqlx::query_as(OF_PAYMENT)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(payment)
        .fetch_all(c)
        .await)?)
}
