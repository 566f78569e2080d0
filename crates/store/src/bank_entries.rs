//! Entries of banks' statements: what is written down, what it paid, and how long its words are kept.

use crate::{StoreError, Tx, changed_one, payments::scope_of};
use domain::{Scope, Timestamp, views::Cursor};
use sqlx::FromRow;

/// What [`EntryRow`] is read from; statements add their condition.
macro_rules! entries {
    ($condition:literal) => {
        concat!(
            "select id, connection_id, statement_id, status, entry, sealed, candidates, decided_at, created_at, version
             from bank_entries ",
            $condition
        )
    };
}

statements! {
    ADD = "
        insert into bank_entries (merchant_id, livemode, id, connection_id, statement_id, fingerprint, status, entry, sealed,
                                  candidates, created_at)
        values ($1, $2, $3, $4, $5, $6, 'new', '', $7, '[]', $8)
        on conflict (merchant_id, livemode, connection_id, fingerprint) do nothing";
    FRESH = entries!("
        where merchant_id = $1 and livemode = $2 and connection_id = $3 and status = 'new' order by created_at, id limit $4");
    /// What has paid a transfer, all or a part of it.
    OF_TRANSFER = entries!("
        where merchant_id = $1 and livemode = $2 and transfer_id = $3 and status = 'matched'");
    /// Connections with entries that nobody has looked at.
    LEFT_BEHIND = "
        select distinct merchant_id, livemode, connection_id from bank_entries
        where status = 'new' and created_at < $1 limit $2";
    GET = entries!("where merchant_id = $1 and livemode = $2 and id = $3");
    DOUBTFUL_OLDER = entries!("
        where merchant_id = $1 and livemode = $2 and status = 'doubtful' and (created_at, id) < ($3, $4)
        order by created_at desc, id desc limit $5");
    DOUBTFUL_NEWER = entries!("
        where merchant_id = $1 and livemode = $2 and status = 'doubtful' and (created_at, id) > ($3, $4)
        order by created_at, id limit $5");
    /// What a person has set aside.
    ASIDE_OLDER = entries!("
        where merchant_id = $1 and livemode = $2 and status = 'ignored' and decided_by is not null and (created_at, id) < ($3, $4)
        order by created_at desc, id desc limit $5");
    ASIDE_NEWER = entries!("
        where merchant_id = $1 and livemode = $2 and status = 'ignored' and decided_by is not null and (created_at, id) > ($3, $4)
        order by created_at, id limit $5");
    /// An entry is given to one transfer, once.
    DECIDE = "
        update bank_entries
        set status = $5, candidates = $6, transfer_id = $7, decided_by = $8, decided_at = $9, version = version + 1
        where merchant_id = $1 and livemode = $2 and id = $3 and version = $4 and status in ('new', 'doubtful')";
    BRING_BACK = "
        update bank_entries set status = 'doubtful', decided_by = null, decided_at = null, version = version + 1
        where merchant_id = $1 and livemode = $2 and id = $3 and version = $4 and status = 'ignored' and decided_by is not null";
    /// Entries from before they were sealed.
    CLEAR = "
        select merchant_id, livemode, id, entry from bank_entries where entry <> '' order by created_at limit $1";
    SEAL = "
        update bank_entries set sealed = $4, entry = ''
        where merchant_id = $1 and livemode = $2 and id = $3 and sealed is null";
    /// What belongs to nothing here, and what nobody decided.
    FORGET = "
        update bank_entries set sealed = null, version = version + 1
        where (merchant_id, livemode, id) in (
          select merchant_id, livemode, id from bank_entries
          where status = 'ignored' and decided_by is null and sealed is not null and created_at < $1 order by created_at limit $2)
          and status = 'ignored' and decided_by is null";
}

/// An entry.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
#[allow(missing_docs, reason = "named as the columns are")]
pub struct EntryRow {
    pub id: String,
    pub connection_id: String,
    pub statement_id: String,
    pub status: String,
    pub entry: String,
    pub sealed: Option<Vec<u8>>,
    pub candidates: String,
    pub decided_at: Option<i64>,
    pub created_at: i64,
    pub version: i64,
}

/// An entry to be.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "named as the columns are")]
pub struct NewEntry {
    pub id: String,
    pub fingerprint: String,
    pub sealed: Vec<u8>,
}

/// What an entry becomes.
#[derive(Debug, Clone, Copy)]
pub struct EntryMove<'a> {
    /// The entry, and its version before.
    pub of: (&'a str, i64),
    /// Its state then.
    pub status: &'a str,
    /// JSON of its candidates.
    pub candidates: &'a str,
    /// The transfer that it pays.
    pub transfer: Option<&'a str>,
    /// Who decided, and when; none when nobody had to.
    pub decided: Option<(&'a str, Timestamp)>,
}

/// Writes an entry of a file; false when an earlier one had it.
///
/// # Errors
/// The database's.
pub async fn add(
    tx: &mut Tx,
    scope: &Scope,
    (connection, statement): (&str, &str),
    new: &NewEntry,
    at: Timestamp,
) -> Result<bool, StoreError> {
    let done = on!(tx, |c| sqlx::query(ADD)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(&new.id)
        .bind(connection)
        .bind(statement)
        .bind(&new.fingerprint)
        .bind(&new.sealed)
        .bind(at.0)
        .execute(c)
        .await
        .map(|r| r.rows_affected()))?;
    changed_one(done)
}

/// Entries of a connection that nobody has looked at yet.
///
/// # Errors
/// The database's.
pub async fn fresh(tx: &mut Tx, scope: &Scope, connection: &str, limit: i64) -> Result<Vec<EntryRow>, StoreError> {
    Ok(on!(tx, |c| sqlx::query_as(FRESH)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(connection)
        .bind(limit)
        .fetch_all(c)
        .await)?)
}

/// An entry.
///
/// # Errors
/// The database's.
pub async fn get(tx: &mut Tx, scope: &Scope, id: &str) -> Result<Option<EntryRow>, StoreError> {
    Ok(on!(tx, |c| sqlx::query_as(GET)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(id)
        .fetch_optional(c)
        .await)?)
}

/// Which entries a list shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// Those that a person has to look at.
    Doubtful,
    /// Those that a person has set aside.
    Aside,
}

/// Entries before a place (the newest first) or after it (the oldest first).
///
/// # Errors
/// The database's.
pub async fn list(
    tx: &mut Tx,
    scope: &Scope,
    shown: Shown,
    place: &Cursor,
    newer: bool,
    limit: i64,
) -> Result<Vec<EntryRow>, StoreError> {
    let sql = match (shown, newer) {
        (Shown::Doubtful, false) => DOUBTFUL_OLDER,
        (Shown::Doubtful, true) => DOUBTFUL_NEWER,
        (Shown::Aside, false) => ASIDE_OLDER,
        (Shown::Aside, true) => ASIDE_NEWER,
    };
    Ok(on!(tx, |c| sqlx::query_as(sql)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(place.at.0)
        .bind(&place.id)
        .bind(limit)
        .fetch_all(c)
        .await)?)
}

/// Moves an entry; false when it was moved meanwhile.
///
/// # Errors
/// The database's.
pub async fn decide(tx: &mut Tx, scope: &Scope, change: EntryMove<'_>) -> Result<bool, StoreError> {
    let done = on!(tx, |c| sqlx::query(DECIDE)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(change.of.0)
        .bind(change.of.1)
        .bind(change.status)
        .bind(change.candidates)
        .bind(change.transfer)
        .bind(change.decided.map(|(by, _)| by))
        .bind(change.decided.map(|(_, at)| at.0))
        .execute(c)
        .await
        .map(|r| r.rows_affected()))?;
    changed_one(done)
}

/// Brings back an entry that a person had set aside; false when it does not lie there any more.
///
/// # Errors
/// The database's.
pub async fn bring_back(tx: &mut Tx, scope: &Scope, id: &str, version: i64) -> Result<bool, StoreError> {
    let done = on!(tx, |c| sqlx::query(BRING_BACK)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(id)
        .bind(version)
        .execute(c)
        .await
        .map(|r| r.rows_affected()))?;
    changed_one(done)
}

/// Entries that have paid a transfer, all or a part of it.
///
/// # Errors
/// The database's.
pub async fn of_transfer(tx: &mut Tx, scope: &Scope, transfer: &str) -> Result<Vec<EntryRow>, StoreError> {
    Ok(on!(tx, |c| sqlx::query_as(OF_TRANSFER)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(transfer)
        .fetch_all(c)
        .await)?)
}

/// A connection with entries that nobody has looked at.
#[derive(Debug, Clone, FromRow)]
pub struct LeftBehind {
    merchant_id: String,
    livemode: bool,
    /// The connection.
    pub connection_id: String,
}

impl LeftBehind {
    /// Whose it is.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`].
    pub fn scope(&self) -> Result<Scope, StoreError> {
        scope_of(&self.merchant_id, self.livemode)
    }
}

/// Connections with entries from before a moment that nobody has looked at.
///
/// # Errors
/// The database's.
pub async fn left_behind(tx: &mut Tx, before: Timestamp, limit: i64) -> Result<Vec<LeftBehind>, StoreError> {
    Ok(on!(tx, |c| sqlx::query_as(LEFT_BEHIND).bind(before.0).bind(limit).fetch_all(c).await)?)
}

/// An entry that lies in clear.
#[derive(Debug, Clone, FromRow)]
pub struct ClearEntry {
    merchant_id: String,
    livemode: bool,
    /// The entry.
    pub id: String,
    /// JSON of it.
    pub entry: String,
}

/// Entries that lie in clear, the oldest first.
///
/// # Errors
/// The database's.
pub async fn clear(tx: &mut Tx, limit: i64) -> Result<Vec<ClearEntry>, StoreError> {
    Ok(on!(tx, |c| sqlx::query_as(CLEAR).bind(limit).fetch_all(c).await)?)
}

/// Puts a sealed entry in the place of the clear one; false when somebody else has.
///
/// # Errors
/// The database's.
pub async fn seal(tx: &mut Tx, of: &ClearEntry, sealed: &[u8]) -> Result<bool, StoreError> {
    let done = on!(tx, |c| sqlx::query(SEAL)
        .bind(&of.merchant_id)
        .bind(of.livemode)
        .bind(&of.id)
        .bind(sealed)
        .execute(c)
        .await
        .map(|r| r.rows_affected()))?;
    changed_one(done)
}

/// Forgets what entries from before a moment say that belong to nothing here and that nobody has decided; how many. Their fingerprints
/// stay, so that they are never taken again.
///
/// # Errors
/// The database's.
pub async fn forget(tx: &mut Tx, before: Timestamp, limit: i64) -> Result<u64, StoreError> {
    Ok(on!(tx, |c| sqlx::query(FORGET).bind(before.0).bind(limit).execute(c).await.map(|r| r.rows_affected()))?)
}
