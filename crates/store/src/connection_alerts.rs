//! Times in which most calls to a connection failed: each is told once.

use crate::{StoreError, Tx, statements::changed_one};
use domain::{AlertId, Scope, Timestamp, time::MINUTE};
use sqlx::FromRow;

/// What of the open alerts is over: it was not seen to fail for a while, and has answered since or was not called for long. A pause of calls
/// is no sign of health.
macro_rules! over {
    ($head:literal) => {
        concat!(
            $head,
            "ended_at is null and seen_at < $1 and (seen_at < $2 or exists (
               select 1 from gateway_minutes g
               where g.merchant_id = connection_alerts.merchant_id and g.livemode = connection_alerts.livemode
                 and g.connection_id = connection_alerts.connection_id and g.minute * $3 > connection_alerts.seen_at and g.answered > 0))"
        )
    };
}

statements! {
    STILL = "
        update connection_alerts set seen_at = $4
        where merchant_id = $1 and livemode = $2 and connection_id = $3 and ended_at is null";
    IS_OPEN = "
        select count(*) from connection_alerts
        where merchant_id = $1 and livemode = $2 and connection_id = $3 and ended_at is null";
    /// Of two servers that see it at once, one tells.
    BEGIN = "
        insert into connection_alerts (merchant_id, livemode, id, connection_id, began_at, seen_at, calls, answered)
        values ($1, $2, $3, $4, $5, $5, $6, $7) on conflict do nothing";
    OVER = over!("select count(*) from connection_alerts where ");
    END = over!("update connection_alerts set ended_at = $4 where ");
    /// Whether people were told of this connection, or of its provider, a while ago.
    TOLD = "
        select cast(coalesce(max(case when a.connection_id = $3 then 1 else 0 end), 0) as bigint) as of_connection,
               cast(coalesce(sum(case when a.began_at > $5 then 1 else 0 end), 0) as bigint) as of_provider
        from connection_alerts a
        join connections c on c.merchant_id = a.merchant_id and c.livemode = a.livemode and c.id = a.connection_id
        where a.began_at > $4 and a.livemode = $2 and (a.connection_id = $3 and a.merchant_id = $1 or a.began_at > $5 and c.provider = (
          select o.provider from connections o where o.merchant_id = $1 and o.livemode = $2 and o.id = $3))";
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
    if still(tx, scope, new.connection, at).await? {
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

/// A connection that fails is seen to fail; nothing happens where no alert is open.
///
/// # Errors
/// The database's.
pub async fn still(tx: &mut Tx, scope: &Scope, connection: &str, at: Timestamp) -> Result<bool, StoreError> {
    let still = on!(tx, |c| sqlx::query(STILL)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(connection)
        .bind(at.0)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    changed_one(still)
}

/// Whether an alert of a connection is open.
///
/// # Errors
/// The database's.
pub async fn is_open(tx: &mut Tx, scope: &Scope, connection: &str) -> Result<bool, StoreError> {
    let (count,): (i64,) = on!(tx, |c| sqlx::query_as(IS_OPEN)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(connection)
        .fetch_one(c)
        .await)?;
    Ok(count > 0)
}

/// Since when an alert's connection has to be well, or has to have been left alone, for the alert to be over.
#[derive(Debug, Clone, Copy)]
pub struct Well {
    /// Not seen to fail since, and an answer after it was.
    pub answered: Timestamp,
    /// Not seen to fail since.
    pub silent: Timestamp,
}

/// Whether an alert is over.
///
/// # Errors
/// The database's.
pub async fn any_over(tx: &mut Tx, well: Well) -> Result<bool, StoreError> {
    let (count,): (i64,) =
        on!(tx, |c| sqlx::query_as(OVER).bind(well.answered.0).bind(well.silent.0).bind(MINUTE).fetch_one(c).await)?;
    Ok(count > 0)
}

/// Ends the alerts that are over; how many.
///
/// # Errors
/// The database's.
pub async fn end(tx: &mut Tx, well: Well, at: Timestamp) -> Result<u64, StoreError> {
    Ok(on!(tx, |c| sqlx::query(END)
        .bind(well.answered.0)
        .bind(well.silent.0)
        .bind(MINUTE)
        .bind(at.0)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?)
}

/// Who was told a while ago.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Told {
    /// The merchant, of this connection.
    pub team: bool,
    /// The operator, of this provider in this mode.
    pub operator: bool,
}

/// Who was told since: the team of this very connection, the operator of anybody's connection to its provider.
///
/// # Errors
/// The database's.
pub async fn told(
    tx: &mut Tx,
    scope: &Scope,
    connection: &str,
    team_since: Timestamp,
    operator_since: Timestamp,
) -> Result<Told, StoreError> {
    let (of_connection, of_provider): (i64, i64) = on!(tx, |c| sqlx::query_as(TOLD)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(connection)
        .bind(team_since.0)
        .bind(operator_since.0)
        .fetch_one(c)
        .await)?;
    Ok(Told { team: of_connection > 0, operator: of_provider > 0 })
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
