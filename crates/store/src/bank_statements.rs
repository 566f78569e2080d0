//! Banks' statements that merchants brought, and their entries.

use crate::{StoreError, Tx, changed_one, payments::scope_of};
use domain::{Scope, Timestamp, views::Cursor};
use sqlx::FromRow;

/// What [`StatementRow`] is read from; statements add their condition.
macro_rules! files {
    ($condition:literal) => {
        concat!(
            "select s.id, s.connection_id, c.name as connection_name, s.name, s.format, s.status, s.entries, s.known, s.pending,
                    s.problems, s.problem_count, s.created_at
             from bank_statements s
             join connections c on c.merchant_id = s.merchant_id and c.livemode = s.livemode and c.id = s.connection_id ",
            $condition
        )
    };
}

statements! {
    INSERT = "
        insert into bank_statements (merchant_id, livemode, id, connection_id, name, format, status, content, problems, created_by,
                                     created_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, '[]', $9, $10)";
    /// Whoever reads a file first has read it.
    READ = "
        update bank_statements
        set status = 'read', format = $4, content = null, entries = $5, pending = $6, problems = $7, problem_count = $8
        where merchant_id = $1 and livemode = $2 and id = $3 and status = 'mapping'";
    KNOWN = "
        update bank_statements set known = $4 where merchant_id = $1 and livemode = $2 and id = $3";
    GET = files!("where s.merchant_id = $1 and s.livemode = $2 and s.id = $3");
    CONTENT = "
        select content from bank_statements where merchant_id = $1 and livemode = $2 and id = $3 and status = 'mapping'";
    OLDER = files!(
        "where s.merchant_id = $1 and s.livemode = $2 and (s.created_at, s.id) < ($3, $4)
         order by s.created_at desc, s.id desc limit $5");
    NEWER = files!(
        "where s.merchant_id = $1 and s.livemode = $2 and (s.created_at, s.id) > ($3, $4)
         order by s.created_at, s.id limit $5");
    COUNTS = "
        select status, count(*) as n from bank_entries
        where merchant_id = $1 and livemode = $2 and statement_id = $3 group by status";
    MAPPING = "
        select mapping from bank_mappings where merchant_id = $1 and livemode = $2 and connection_id = $3";
    SAVE_MAPPING = "
        insert into bank_mappings (merchant_id, livemode, connection_id, mapping, updated_at) values ($1, $2, $3, $4, $5)
        on conflict (merchant_id, livemode, connection_id) do update set mapping = excluded.mapping, updated_at = excluded.updated_at";
    ADD_ENTRY = "
        insert into bank_entries (merchant_id, livemode, id, connection_id, statement_id, fingerprint, status, entry, candidates,
                                  created_at)
        values ($1, $2, $3, $4, $5, $6, 'new', $7, '[]', $8)
        on conflict (merchant_id, livemode, connection_id, fingerprint) do nothing";
    FRESH = "
        select id, connection_id, statement_id, status, entry, candidates, created_at, version from bank_entries
        where merchant_id = $1 and livemode = $2 and connection_id = $3 and status = 'new' order by created_at, id limit $4";
    /// What has paid a transfer, all or a part of it.
    OF_TRANSFER = "
        select id, connection_id, statement_id, status, entry, candidates, created_at, version from bank_entries
        where merchant_id = $1 and livemode = $2 and transfer_id = $3 and status = 'matched'";
    /// Connections with entries that nobody has looked at.
    LEFT_BEHIND = "
        select distinct merchant_id, livemode, connection_id from bank_entries
        where status = 'new' and created_at < $1 limit $2";
    ENTRY = "
        select id, connection_id, statement_id, status, entry, candidates, created_at, version from bank_entries
        where merchant_id = $1 and livemode = $2 and id = $3";
    DOUBTFUL_OLDER = "
        select id, connection_id, statement_id, status, entry, candidates, created_at, version from bank_entries
        where merchant_id = $1 and livemode = $2 and status = 'doubtful' and (created_at, id) < ($3, $4)
        order by created_at desc, id desc limit $5";
    DOUBTFUL_NEWER = "
        select id, connection_id, statement_id, status, entry, candidates, created_at, version from bank_entries
        where merchant_id = $1 and livemode = $2 and status = 'doubtful' and (created_at, id) > ($3, $4)
        order by created_at, id limit $5";
    /// An entry is given to one transfer, once.
    MOVE_ENTRY = "
        update bank_entries
        set status = $5, candidates = $6, transfer_id = $7, decided_by = $8, decided_at = $9, version = version + 1
        where merchant_id = $1 and livemode = $2 and id = $3 and version = $4 and status in ('new', 'doubtful')";
}

/// A file.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
#[allow(missing_docs, reason = "named as the columns are")]
pub struct StatementRow {
    pub id: String,
    pub connection_id: String,
    pub connection_name: String,
    pub name: String,
    pub format: String,
    pub status: String,
    pub entries: i64,
    pub known: i64,
    pub pending: i64,
    pub problems: String,
    pub problem_count: i64,
    pub created_at: i64,
}

/// A file to be, whose columns are to be said or which is read at once.
#[derive(Debug, Clone, Copy)]
#[allow(missing_docs, reason = "named as the columns are")]
pub struct NewStatement<'a> {
    pub id: &'a str,
    pub connection: &'a str,
    pub name: &'a str,
    pub format: &'a str,
    pub content: Option<&'a [u8]>,
    pub by: &'a str,
    pub at: Timestamp,
}

/// What reading a file gave.
#[derive(Debug, Clone, Copy)]
#[allow(missing_docs, reason = "named as the columns are")]
pub struct Reading<'a> {
    pub format: &'a str,
    pub entries: i64,
    pub pending: i64,
    pub problems: &'a str,
    pub problem_count: i64,
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
    pub candidates: String,
    pub created_at: i64,
    pub version: i64,
}

/// An entry to be.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "named as the columns are")]
pub struct NewEntry {
    pub id: String,
    pub fingerprint: String,
    pub entry: String,
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

/// Writes a file down. It counts as read only after [`read`].
///
/// # Errors
/// The database's.
pub async fn insert(tx: &mut Tx, scope: &Scope, new: NewStatement<'_>) -> Result<(), StoreError> {
    on!(tx, |c| sqlx::query(INSERT)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(new.id)
        .bind(new.connection)
        .bind(new.name)
        .bind(new.format)
        .bind("mapping")
        .bind(new.content)
        .bind(new.by)
        .bind(new.at.0)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// A file was read, and is kept no longer; false when somebody else has read it.
///
/// # Errors
/// The database's.
pub async fn read(tx: &mut Tx, scope: &Scope, id: &str, reading: Reading<'_>) -> Result<bool, StoreError> {
    let done = on!(tx, |c| sqlx::query(READ)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(id)
        .bind(reading.format)
        .bind(reading.entries)
        .bind(reading.pending)
        .bind(reading.problems)
        .bind(reading.problem_count)
        .execute(c)
        .await
        .map(|r| r.rows_affected()))?;
    changed_one(done)
}

/// Notes how many of a file's entries an earlier file had.
///
/// # Errors
/// The database's.
pub async fn set_known(tx: &mut Tx, scope: &Scope, id: &str, known: i64) -> Result<bool, StoreError> {
    let done = on!(tx, |c| sqlx::query(KNOWN)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(id)
        .bind(known)
        .execute(c)
        .await
        .map(|r| r.rows_affected()))?;
    changed_one(done)
}

/// A file.
///
/// # Errors
/// The database's.
pub async fn get(tx: &mut Tx, scope: &Scope, id: &str) -> Result<Option<StatementRow>, StoreError> {
    Ok(on!(tx, |c| sqlx::query_as(GET)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(id)
        .fetch_optional(c)
        .await)?)
}

/// The sealed bytes of a file whose columns are to be said.
///
/// # Errors
/// The database's.
pub async fn content(tx: &mut Tx, scope: &Scope, id: &str) -> Result<Option<Vec<u8>>, StoreError> {
    let found: Option<Option<Vec<u8>>> = on!(tx, |c| sqlx::query_scalar(CONTENT)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(id)
        .fetch_optional(c)
        .await)?;
    Ok(found.flatten())
}

/// Files before a place (the newest first) or after it (the oldest first).
///
/// # Errors
/// The database's.
pub async fn list(
    tx: &mut Tx,
    scope: &Scope,
    place: &Cursor,
    newer: bool,
    limit: i64,
) -> Result<Vec<StatementRow>, StoreError> {
    let sql = if newer { NEWER } else { OLDER };
    Ok(on!(tx, |c| sqlx::query_as(sql)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(place.at.0)
        .bind(&place.id)
        .bind(limit)
        .fetch_all(c)
        .await)?)
}

/// How many of a file's own entries stand where.
///
/// # Errors
/// The database's.
pub async fn counts(tx: &mut Tx, scope: &Scope, id: &str) -> Result<Vec<(String, i64)>, StoreError> {
    Ok(on!(tx, |c| sqlx::query_as(COUNTS)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(id)
        .fetch_all(c)
        .await)?)
}

/// The mapping of a connection's tables.
///
/// # Errors
/// The database's.
pub async fn mapping(tx: &mut Tx, scope: &Scope, connection: &str) -> Result<Option<String>, StoreError> {
    Ok(on!(tx, |c| sqlx::query_scalar(MAPPING)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(connection)
        .fetch_optional(c)
        .await)?)
}

/// Keeps the mapping of a connection's tables.
///
/// # Errors
/// The database's.
pub async fn save_mapping(
    tx: &mut Tx,
    scope: &Scope,
    connection: &str,
    mapping: &str,
    at: Timestamp,
) -> Result<(), StoreError> {
    on!(tx, |c| sqlx::query(SAVE_MAPPING)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(connection)
        .bind(mapping)
        .bind(at.0)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// Writes an entry of a file; false when an earlier one had it.
///
/// # Errors
/// The database's.
pub async fn add_entry(
    tx: &mut Tx,
    scope: &Scope,
    (connection, statement): (&str, &str),
    new: &NewEntry,
    at: Timestamp,
) -> Result<bool, StoreError> {
    let done = on!(tx, |c| sqlx::query(ADD_ENTRY)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(&new.id)
        .bind(connection)
        .bind(statement)
        .bind(&new.fingerprint)
        .bind(&new.entry)
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
pub async fn entry(tx: &mut Tx, scope: &Scope, id: &str) -> Result<Option<EntryRow>, StoreError> {
    Ok(on!(tx, |c| sqlx::query_as(ENTRY)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(id)
        .fetch_optional(c)
        .await)?)
}

/// Entries that a person has to look at, before a place (the newest first) or after it (the oldest first).
///
/// # Errors
/// The database's.
pub async fn doubtful(
    tx: &mut Tx,
    scope: &Scope,
    place: &Cursor,
    newer: bool,
    limit: i64,
) -> Result<Vec<EntryRow>, StoreError> {
    let sql = if newer { DOUBTFUL_NEWER } else { DOUBTFUL_OLDER };
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
pub async fn move_entry(tx: &mut Tx, scope: &Scope, change: EntryMove<'_>) -> Result<bool, StoreError> {
    let done = on!(tx, |c| sqlx::query(MOVE_ENTRY)
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
