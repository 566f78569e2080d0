//! Rows of the audit log. Entries are written once; details lie beside them.

use crate::{Engine, StoreError, Tx, dialect::LOCK_CHAIN};

statements! {
    LAST = "select seq, hash from audit_entries where chain = $1 order by seq desc limit 1";
    INSERT = "insert into audit_entries (chain, seq, at, actor_kind, actor_id, action, object_id, detail_hash, prev_hash, hash) \
              values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    INSERT_DETAIL = "insert into audit_details (chain, seq, detail) values ($1, $2, $3)";
    AFTER = "select e.chain, e.seq, e.at, e.actor_kind, e.actor_id, e.action, e.object_id, e.detail_hash, e.prev_hash, e.hash, d.detail \
             from audit_entries e left join audit_details d on d.chain = e.chain and d.seq = e.seq \
             where e.chain = $1 and e.seq > $2 order by e.seq limit $3";
    OLDER = "select e.seq, e.at, e.actor_kind, e.actor_id, u.name as actor_name, e.action, e.object_id, d.detail \
             from audit_entries e left join audit_details d on d.chain = e.chain and d.seq = e.seq \
             left join users u on u.id = e.actor_id \
             where e.chain = $1 and e.seq < $2 order by e.seq desc limit $3";
    NEWER = "select e.seq, e.at, e.actor_kind, e.actor_id, u.name as actor_name, e.action, e.object_id, d.detail \
             from audit_entries e left join audit_details d on d.chain = e.chain and d.seq = e.seq \
             left join users u on u.id = e.actor_id \
             where e.chain = $1 and e.seq > $2 order by e.seq limit $3";
    CHAINS = "select distinct chain from audit_entries order by chain";
}

/// An entry.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
#[allow(missing_docs, reason = "named as the columns are")]
pub struct EntryRow {
    pub chain: String,
    pub seq: i64,
    pub at: i64,
    pub actor_kind: String,
    pub actor_id: Option<String>,
    pub action: String,
    pub object_id: Option<String>,
    pub detail_hash: String,
    pub prev_hash: String,
    pub hash: String,
}

#[derive(sqlx::FromRow)]
struct WithDetail {
    #[sqlx(flatten)]
    entry: EntryRow,
    detail: Option<String>,
}

/// A line for people: with the actor's name and the detail, where they still stand.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
#[allow(missing_docs, reason = "named as the columns are")]
pub struct LineRow {
    pub seq: i64,
    pub at: i64,
    pub actor_kind: String,
    pub actor_id: Option<String>,
    pub actor_name: Option<String>,
    pub action: String,
    pub object_id: Option<String>,
    pub detail: Option<String>,
}

/// Keeps others from appending to a chain until the unit ends. On SQLite there is nobody else: it has one writer.
///
/// # Errors
/// The database's.
pub async fn lock(tx: &mut Tx, chain: &str) -> Result<(), StoreError> {
    if tx.engine() == Engine::Postgres {
        on!(tx, |c| sqlx::query(LOCK_CHAIN).bind(chain).execute(c).await.map(drop))?;
    }
    Ok(())
}

/// Number and hash of a chain's last entry.
///
/// # Errors
/// The database's.
pub async fn last(tx: &mut Tx, chain: &str) -> Result<Option<(i64, String)>, StoreError> {
    Ok(on!(tx, |c| sqlx::query_as(LAST).bind(chain).fetch_optional(c).await)?)
}

/// Adds an entry, whose number is the next of its chain while [`lock`] is held.
///
/// # Errors
/// The database's.
pub async fn insert(tx: &mut Tx, row: &EntryRow) -> Result<(), StoreError> {
    on!(tx, |c| sqlx::query(INSERT)
        .bind(&row.chain)
        .bind(row.seq)
        .bind(row.at)
        .bind(&row.actor_kind)
        .bind(&row.actor_id)
        .bind(&row.action)
        .bind(&row.object_id)
        .bind(&row.detail_hash)
        .bind(&row.prev_hash)
        .bind(&row.hash)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// Adds an entry's detail, JSON.
///
/// # Errors
/// The database's.
pub async fn insert_detail(tx: &mut Tx, chain: &str, seq: i64, detail: &str) -> Result<(), StoreError> {
    on!(tx, |c| sqlx::query(INSERT_DETAIL).bind(chain).bind(seq).bind(detail).execute(c).await.map(drop))?;
    Ok(())
}

/// Entries of a chain after a number, in order, with their details.
///
/// # Errors
/// The database's.
pub async fn after(
    tx: &mut Tx,
    chain: &str,
    seq: i64,
    limit: i64,
) -> Result<Vec<(EntryRow, Option<String>)>, StoreError> {
    let rows: Vec<WithDetail> =
        on!(tx, |c| sqlx::query_as(AFTER).bind(chain).bind(seq).bind(limit).fetch_all(c).await)?;
    Ok(rows.into_iter().map(|row| (row.entry, row.detail)).collect())
}

/// Lines with a smaller number, the newest first.
///
/// # Errors
/// The database's.
pub async fn older(tx: &mut Tx, chain: &str, before: i64, limit: i64) -> Result<Vec<LineRow>, StoreError> {
    Ok(on!(tx, |c| sqlx::query_as(OLDER).bind(chain).bind(before).bind(limit).fetch_all(c).await)?)
}

/// Lines with a greater number, the oldest first.
///
/// # Errors
/// The database's.
pub async fn newer(tx: &mut Tx, chain: &str, after: i64, limit: i64) -> Result<Vec<LineRow>, StoreError> {
    Ok(on!(tx, |c| sqlx::query_as(NEWER).bind(chain).bind(after).bind(limit).fetch_all(c).await)?)
}

/// Every chain that has an entry.
///
/// # Errors
/// The database's.
pub async fn chains(tx: &mut Tx) -> Result<Vec<String>, StoreError> {
    let rows: Vec<(String,)> = on!(tx, |c| sqlx::query_as(CHAINS).fetch_all(c).await)?;
    Ok(rows.into_iter().map(|row| row.0).collect())
}
