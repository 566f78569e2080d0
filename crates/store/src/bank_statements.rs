//! Banks' statements that merchants brought, and their entries.

use crate::{StoreError, Tx, changed_one};
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
