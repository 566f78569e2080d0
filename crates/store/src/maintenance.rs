//! Maintenance: windows that the operator plans for a provider, and windows of connections as they were.

use crate::{Batch, StoreError, Tx};
use domain::{ConnectionId, Scope, Timestamp, UserId, WindowId};
use sqlx::FromRow;

statements! {
    PLAN = "
        insert into provider_windows (id, provider, starts_at, ends_at, created_by, created_at) values ($1, $2, $3, $4, $5, $6)";
    OF_PROVIDERS = "
        select id, provider, starts_at, ends_at from provider_windows
        where ends_at > $1 and starts_at < $2 order by starts_at, id limit 500";
    ONE = "select id, provider, starts_at, ends_at from provider_windows where id = $1";
    /// A window that runs ends now; one that lies ahead is gone.
    END = "update provider_windows set ends_at = $2 where id = $1 and starts_at < $2 and ends_at > $2";
    DROP = "delete from provider_windows where id = $1 and starts_at >= $2";
    TRIM = "
        update maintenance_windows set ends_at = $4
        where merchant_id = $1 and livemode = $2 and connection_id = $3 and starts_at < $4 and ends_at > $4";
    FORGET = "
        delete from maintenance_windows
        where merchant_id = $1 and livemode = $2 and connection_id = $3 and starts_at >= $4";
    KEEP = "
        insert into maintenance_windows (merchant_id, livemode, connection_id, starts_at, ends_at) values ($1, $2, $3, $4, $5)
        on conflict (merchant_id, livemode, connection_id, starts_at) do update set ends_at = excluded.ends_at";
    OF_CONNECTIONS = "
        select c.name, c.provider, w.starts_at, w.ends_at
        from maintenance_windows w
        join connections c on c.merchant_id = w.merchant_id and c.livemode = w.livemode and c.id = w.connection_id
        where w.merchant_id = $1 and w.livemode = $2 and w.ends_at > $3 and w.starts_at < $4
        order by w.starts_at, c.id limit 500";
    CONNECTED = "
        select distinct provider from connections where merchant_id = $1 and livemode = $2 and created_at < $3 order by provider";
}

/// A window of a provider.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
#[allow(missing_docs, reason = "named as the columns are")]
pub struct ProviderWindow {
    pub id: String,
    pub provider: String,
    pub starts_at: i64,
    pub ends_at: i64,
}

/// A window of a connection.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
#[allow(missing_docs, reason = "named as the columns are")]
pub struct ConnectionWindow {
    pub name: String,
    pub provider: String,
    pub starts_at: i64,
    pub ends_at: i64,
}

/// Plans a window of a provider.
///
/// # Errors
/// The database's.
pub async fn plan(
    tx: &mut Tx,
    id: &WindowId,
    provider: &str,
    (from, until): (Timestamp, Timestamp),
    by: &UserId,
    at: Timestamp,
) -> Result<(), StoreError> {
    on!(tx, |c| sqlx::query(PLAN)
        .bind(id.as_str())
        .bind(provider)
        .bind(from.0)
        .bind(until.0)
        .bind(by.as_str())
        .bind(at.0)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// Windows of providers that touch a time, by their start.
///
/// # Errors
/// The database's.
pub async fn of_providers(tx: &mut Tx, from: Timestamp, until: Timestamp) -> Result<Vec<ProviderWindow>, StoreError> {
    Ok(on!(tx, |c| sqlx::query_as(OF_PROVIDERS).bind(from.0).bind(until.0).fetch_all(c).await)?)
}

/// One window of a provider.
///
/// # Errors
/// The database's.
pub async fn of_provider(tx: &mut Tx, id: &WindowId) -> Result<Option<ProviderWindow>, StoreError> {
    Ok(on!(tx, |c| sqlx::query_as(ONE).bind(id.as_str()).fetch_optional(c).await)?)
}

/// Ends a window of a provider that runs, or takes one away that lies ahead; false when it is over, or not there.
///
/// # Errors
/// The database's.
pub async fn end(tx: &mut Tx, id: &WindowId, at: Timestamp) -> Result<bool, StoreError> {
    for sql in [END, DROP] {
        let done = on!(tx, |c| sqlx::query(sql)
            .bind(id.as_str())
            .bind(at.0)
            .execute(c)
            .await
            .map(|done| done.rows_affected()))?;
        if done > 0 {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Writes down the window that a connection has from now on, beside those that it had; what of an earlier one lies ahead is no more.
pub fn keep(
    batch: &mut Batch,
    scope: &Scope,
    connection: &ConnectionId,
    window: Option<(Timestamp, Timestamp)>,
    at: Timestamp,
) {
    for sql in [TRIM, FORGET] {
        batch.add(sql).bind(scope.merchant.as_str()).bind(scope.mode.is_live()).bind(connection.as_str()).bind(at.0);
    }
    if let Some((from, until)) = window {
        batch
            .add(KEEP)
            .bind(scope.merchant.as_str())
            .bind(scope.mode.is_live())
            .bind(connection.as_str())
            .bind(from.0)
            .bind(until.0);
    }
}

/// Windows of a merchant's connections that touch a time, by their start.
///
/// # Errors
/// The database's.
pub async fn of_connections(
    tx: &mut Tx,
    scope: &Scope,
    from: Timestamp,
    until: Timestamp,
) -> Result<Vec<ConnectionWindow>, StoreError> {
    Ok(on!(tx, |c| sqlx::query_as(OF_CONNECTIONS)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(from.0)
        .bind(until.0)
        .fetch_all(c)
        .await)?)
}

/// The providers that a merchant had connected before a time.
///
/// # Errors
/// The database's.
pub async fn connected(tx: &mut Tx, scope: &Scope, before: Timestamp) -> Result<Vec<String>, StoreError> {
    let rows: Vec<(String,)> = on!(tx, |c| sqlx::query_as(CONNECTED)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(before.0)
        .fetch_all(c)
        .await)?;
    Ok(rows.into_iter().map(|(provider,)| provider).collect())
}
