//! Journals and their entries: written once, never changed.

use crate::{StoreError, Tx};
use domain::{JournalId, Scope, Timestamp, ledger::Journal};
use sqlx::FromRow;

statements! {
    JOURNAL = "
        insert into journals (merchant_id, livemode, id, kind, payment_id, refund_id, source_id, at)
        values ($1, $2, $3, $4, $5, $6, $7, $8)
        on conflict (merchant_id, livemode, kind, source_id) do nothing";
    ENTRIES_2 = "
        insert into entries (merchant_id, livemode, journal_id, line, account, currency, amount)
        values ($1, $2, $3, $4, $5, $6, $7), ($1, $2, $3, $8, $9, $10, $11)";
    ENTRIES_3 = "
        insert into entries (merchant_id, livemode, journal_id, line, account, currency, amount)
        values ($1, $2, $3, $4, $5, $6, $7), ($1, $2, $3, $8, $9, $10, $11), ($1, $2, $3, $12, $13, $14, $15)";
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

/// Books a journal. False: this source is booked already, and nothing was written.
///
/// # Errors
/// The database's.
pub async fn book(tx: &mut Tx, scope: &Scope, about: &About<'_>, journal: &Journal) -> Result<bool, StoreError> {
    let made = on!(tx, |c| sqlx::query(JOURNAL)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(about.id.as_str())
        .bind(journal.kind().as_str())
        .bind(about.payment)
        .bind(about.refund)
        .bind(about.source)
        .bind(about.at.0)
        .execute(c)
        .await
        .map(|r| r.rows_affected()))?;
    if made == 0 {
        return Ok(false);
    }
    let mut rest = journal.entries();
    let mut line = 1i64;
    while !rest.is_empty() {
        // A journal has two or more entries: threes, and twos where a single one would be left over.
        let take = if rest.len() == 3 || rest.len() > 4 { 3 } else { 2 };
        let (now, later) =
            rest.split_at_checked(take).ok_or_else(|| StoreError::Corrupt("a journal of one entry".into()))?;
        on!(tx, |c| {
            let mut query = sqlx::query(if take == 3 { ENTRIES_3 } else { ENTRIES_2 })
                .bind(scope.merchant.as_str())
                .bind(scope.mode.is_live())
                .bind(about.id.as_str());
            for (place, entry) in (line..).zip(now) {
                query = query
                    .bind(place)
                    .bind(entry.account.as_str())
                    .bind(entry.amount.currency.code())
                    .bind(entry.amount.minor);
            }
            query.execute(c).await.map(drop)
        })?;
        line = line.saturating_add(if take == 3 { 3 } else { 2 });
        rest = later;
    }
    Ok(true)
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
