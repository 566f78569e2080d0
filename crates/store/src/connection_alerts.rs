//! Times in which most calls to a connection failed: each is told once.

use crate::{StoreError, Tx, statements::changed_one};
use domain::{AlertId, Scope, Timestamp};
use sqlx::FromRow;

statements! {
    STILL = "
        update connection_alerts set seen_at = $4
        where merchant_id = $1 and livemode = $2 and connection_id = $3 and ended_at is null";
    /// Of two servers that see it at once, one tells.
    BEGIN = "
        insert into connection_alerts (merchant_id, livemode, id, connection_id, began_at, seen_at, calls, answered)
        values ($1, $2, $3, $4, $5, $5, $6, $7) on conflict do nothing";
    OVER = "select count(*) from connection_alerts where ended_at is null and seen_at < $1";
    END = "update connection_alerts set ended_at = $1 where ended_at is null and seen_at < $2";
    LATEST = "
        select a.merchant_id, m.name as merchant_name, a.livemode, a.connection_id, c.name, c.provider, a.began_at, a.ended_at,
               a.calls, a.answered
        from connection_alerts a
        join merchants m on m.id = a.merchant_id
        join connections c on c.merchant_id = a.merchant_id and c.livemode = a.livemode and c.id = a.connection_id
        where a.began_at > $1 order by a.began_at desc, a.id desc limit $2";
    OF_CONNECTION = "
        select m.name as merchant_name, c.name, c.provider
        from connections c join merchants m on m.id = c.merchant_id
        where c.merchant_id = $1 and c.livemode = $2 and c.id = $3";
    DELETE_OLD = "delete from connection_alerts where began_at < $1 and ended_at is not null";
}

/// An alert to be.
#[derive(Debug, Clone, Copy)]
pub struct NewAlert<'a> {
    /// Its id.
    pub id: &'a AlertId,
    /// The connection.
    pub connection: &'a str,
    /// Calls that were looked at.
    pub calls: i64,
    /// Those of them that were answered.
    pub answered: i64,
}

/// An alert, for the operator.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
#[allow(missing_docs, reason = "named as the columns are")]
pub struct AlertRow {
    pub merchant_id: String,
    pub merchant_name: String,
    pub livemode: bool,
    pub connection_id: String,
    pub name: String,
    pub provider: String,
    pub began_at: i64,
    pub ended_at: Option<i64>,
    pub calls: i64,
    pub answered: i64,
}

/// How a connection is named to people.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
#[allow(missing_docs, reason = "named as the columns are")]
pub struct Named {
    pub merchant_name: String,
    pub name: String,
    pub provider: String,
}

/// A connection fails: whether this is news.
///
/// # Errors
/// The database's.
pub async fn begin(tx: &mut Tx, scope: &Scope, new: &NewAlert<'_>, at: Timestamp) -> Result<bool, StoreError> {
    let still = on!(tx, |c| sqlx::query(STILL)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(new.connection)
        .bind(at.0)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    if changed_one(still)? {
        return Ok(false);
    }
    let begun = on!(tx, |c| sqlx::query(BEGIN)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(new.id.as_str())
        .bind(new.connection)
        .bind(at.0)
        .bind(new.calls)
        .bind(new.answered)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    changed_one(begun)
}

/// Whether an alert is over whose connection was not seen to fail since a time.
///
/// # Errors
/// The database's.
pub async fn any_over(tx: &mut Tx, since: Timestamp) -> Result<bool, StoreError> {
    let (count,): (i64,) = on!(tx, |c| sqlx::query_as(OVER).bind(since.0).fetch_one(c).await)?;
    Ok(count > 0)
}

/// Ends the alerts of connections that were not seen to fail since a time; how many.
///
/// # Errors
/// The database's.
pub async fn end(tx: &mut Tx, since: Timestamp, at: Timestamp) -> Result<u64, StoreError> {
    Ok(on!(tx, |c| sqlx::query(END).bind(at.0).bind(since.0).execute(c).await.map(|done| done.rows_affected()))?)
}

/// Alerts after a time, the latest first.
///
/// # Errors
/// The database's.
pub async fn latest(tx: &mut Tx, after: Timestamp, limit: i64) -> Result<Vec<AlertRow>, StoreError> {
    Ok(on!(tx, |c| sqlx::query_as(LATEST).bind(after.0).bind(limit).fetch_all(c).await)?)
}

/// How a connection is named.
///
/// # Errors
/// The database's.
pub async fn named(tx: &mut Tx, scope: &Scope, connection: &str) -> Result<Option<Named>, StoreError> {
    Ok(on!(tx, |c| sqlx::query_as(OF_CONNECTION)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(connection)
        .fetch_optional(c)
        .await)?)
}

/// Forgets alerts that began before a time and are over; how many.
///
/// # Errors
/// The database's.
pub async fn delete_old(tx: &mut Tx, before: Timestamp) -> Result<u64, StoreError> {
    Ok(on!(tx, |c| sqlx::query(DELETE_OLD).bind(before.0).execute(c).await.map(|done| done.rows_affected()))?)
}
