//! Restored backups: which connections were asked what happened since, and what was found.

use crate::{StoreError, Tx, changed_one, charges::Charge, payments::scope_of};
use domain::{AttemptId, PaymentId, Scope, Timestamp};
use sqlx::FromRow;

statements! {
    BEGIN = "insert into restores (id, since, restored_at) values ($1, $2, $3)";
    CONNECTIONS = "
        insert into restore_connections (restore_id, merchant_id, livemode, connection_id, status, listed_until, next_try_at)
        select $1, merchant_id, livemode, id, 'charges', $2, $3 from connections";
    /// They may have left already, in the time that is missing.
    STOP_MAILS = "update mails set status = 'failed', error = 'restored', next_try_at = null where status = 'queued'";
    STOP_JOBS = "
        update jobs set status = 'dead', last_error = 'restored from a backup: it may have been done already',
                        lease_owner = null, lease_until = null, failed_at = $1
        where status = 'ready'";
    /// Whatever was open when the backup was made is asked about at once, and authorisations too: they may be captured.
    ASK = "
        update operations set next_check_at = $1, version = version + 1
        where status in ('created', 'sent', 'processing', 'requires_action', 'unknown')
           or (kind in ('sale', 'authorize') and status = 'succeeded' and exists (
                 select 1 from attempts a
                 where a.merchant_id = operations.merchant_id and a.livemode = operations.livemode
                   and a.id = operations.attempt_id and a.status = 'authorized'))";
    ASK_DISPUTES = "update disputes set next_check_at = $1 where next_check_at is not null";
    OPEN = "select id, since, restored_at from restores where finished_at is null order by restored_at limit 1";
    LATEST = "select max(restored_at) from restores";
    // The outer conditions again: on PostgreSQL a second worker sees the row as the first one left it.
    CLAIM = "
        update restore_connections set next_try_at = $2, tries = tries + 1, version = version + 1
        where status in ('charges', 'refunds') and next_try_at <= $1
          and (restore_id, merchant_id, livemode, connection_id) in (
            select restore_id, merchant_id, livemode, connection_id from restore_connections
            where status in ('charges', 'refunds') and next_try_at <= $1
            order by next_try_at, connection_id limit $3)
        returning restore_id, merchant_id, livemode, connection_id, status, listed_until, place, charges, refunds, tries, error,
                  version";
    ADVANCE = "
        update restore_connections
        set status = $6, listed_until = $7, place = $8, charges = charges + $9, refunds = refunds + $10, tries = $11,
            next_try_at = $12, error = $13, version = version + 1
        where restore_id = $1 and merchant_id = $2 and livemode = $3 and connection_id = $4 and version = $5";
    SINCE = "select id, since, restored_at from restores where id = $1";
    FINISH = "
        update restores set finished_at = $1
        where finished_at is null and not exists (
          select 1 from restore_connections c
          where c.restore_id = restores.id and c.status in ('charges', 'refunds', 'waiting'))";
    LIST = "
        select r.restore_id, r.merchant_id, r.livemode, r.connection_id, r.status, r.listed_until, r.place, r.charges, r.refunds,
               r.tries, r.error, r.version
        from restore_connections r
        join restores s on s.id = r.restore_id
        where s.finished_at is null
        order by r.merchant_id, r.livemode, r.connection_id";
    ACCEPT = "
        update restore_connections set status = 'accepted', version = version + 1
        where status in ('charges', 'refunds', 'waiting') and (connection_id = $1 or $1 = 'all')";
    LAST_KNOWN = "select max(created_at) from events";
    BY_KEY = "select merchant_id, livemode, id, kind from operations where idempotency_key = $1";
    BY_REF = "
        select a.id, a.payment_id, a.currency, a.status, a.surplus from attempts a
        where a.merchant_id = $1 and a.livemode = $2 and a.connection_id = $3 and a.gateway_ref = $4";
    PAYMENT = "
        insert into payments (merchant_id, livemode, id, status, currency, amount, metadata, receipt_token, created_at, updated_at)
        values ($1, $2, $3, 'requires_payment_method', $4, $5, $6, $7, $8, $9)";
    ATTEMPT = "
        insert into attempts (merchant_id, livemode, id, payment_id, seq, connection_id, provider, status, amount, currency,
                              method, card_brand, card_last4, gateway_ref, form_key, created_at, updated_at)
        values ($1, $2, $3, $4, 1, $5, $6, 'created', $7, $8, $9, $10, $11, $12, 'restore', $13, $14)";
    /// Mails of what was made before the restore: the customer had them in the time that is missing.
    SUPPRESS = "
        update mails set status = 'failed', error = 'restored', next_try_at = null
        where status = 'queued' and created_at >= $1 and (
          (template = 'receipt' and exists (
             select 1 from attempts a
             where a.merchant_id = mails.merchant_id and a.payment_id = mails.object_id and a.created_at < $1
               and a.updated_at = mails.created_at))
          or (template = 'refund' and exists (
             select 1 from refunds r
             where r.merchant_id = mails.merchant_id and r.payment_id = mails.object_id and r.created_at < $1
               and r.updated_at = mails.created_at)))";
}

/// A restored backup.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Restore {
    /// Its id.
    pub id: String,
    /// What happened from then on is not in the backup.
    pub since: i64,
    /// When it was put in place.
    pub restored_at: i64,
}

/// A connection that is asked.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
#[allow(missing_docs, reason = "named as the columns are")]
pub struct RestoreConnection {
    pub restore_id: String,
    pub merchant_id: String,
    pub livemode: bool,
    pub connection_id: String,
    /// `charges`, `refunds`, `done`, `waiting`, `accepted`.
    pub status: String,
    pub listed_until: i64,
    pub place: Option<String>,
    pub charges: i64,
    pub refunds: i64,
    pub tries: i64,
    pub error: Option<String>,
    pub version: i64,
}

impl RestoreConnection {
    /// Whose, and which world.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`].
    pub fn scope(&self) -> Result<Scope, StoreError> {
        scope_of(&self.merchant_id, self.livemode)
    }
}

/// Where a listing stands after a step.
#[derive(Debug, Clone)]
pub struct Progress {
    /// The new status.
    pub status: &'static str,
    /// The start of the window that comes next.
    pub listed_until: Timestamp,
    /// The place in it.
    pub place: Option<String>,
    /// Charges found by this step.
    pub charges: i64,
    /// Refunds found by this step.
    pub refunds: i64,
    /// How often it failed in a row.
    pub tries: i64,
    /// When it goes on.
    pub next_try_at: Timestamp,
    /// Why it does not.
    pub error: Option<String>,
}

/// Marks a database as restored: all connections are to be asked, and what may have been sent or done already is laid aside.
///
/// # Errors
/// The database's.
pub async fn begin(
    tx: &mut Tx,
    id: &str,
    since: Timestamp,
    listed_from: Timestamp,
    at: Timestamp,
) -> Result<(), StoreError> {
    on!(tx, |c| sqlx::query(BEGIN).bind(id).bind(since.0).bind(at.0).execute(c).await.map(drop))?;
    on!(tx, |c| sqlx::query(CONNECTIONS).bind(id).bind(listed_from.0).bind(at.0).execute(c).await.map(drop))?;
    on!(tx, |c| sqlx::query(STOP_MAILS).execute(c).await.map(drop))?;
    on!(tx, |c| sqlx::query(STOP_JOBS).bind(at.0).execute(c).await.map(drop))?;
    on!(tx, |c| sqlx::query(ASK).bind(at.0).execute(c).await.map(drop))?;
    on!(tx, |c| sqlx::query(ASK_DISPUTES).bind(at.0).execute(c).await.map(drop))?;
    Ok(())
}

/// The restore that is open, if one is.
///
/// # Errors
/// The database's.
pub async fn open(tx: &mut Tx) -> Result<Option<Restore>, StoreError> {
    Ok(on!(tx, |c| sqlx::query_as(OPEN).fetch_optional(c).await)?)
}

/// A restore.
///
/// # Errors
/// The database's.
pub async fn get(tx: &mut Tx, id: &str) -> Result<Option<Restore>, StoreError> {
    Ok(on!(tx, |c| sqlx::query_as(SINCE).bind(id).fetch_optional(c).await)?)
}

/// When the last restore was put in place.
///
/// # Errors
/// The database's.
pub async fn latest(tx: &mut Tx) -> Result<Option<Timestamp>, StoreError> {
    let row: (Option<i64>,) = on!(tx, |c| sqlx::query_as(LATEST).fetch_one(c).await)?;
    Ok(row.0.map(Timestamp))
}

/// Takes connections that are to be asked now, and leaves them to their taker until `until`.
///
/// # Errors
/// The database's.
pub async fn claim(
    tx: &mut Tx,
    now: Timestamp,
    until: Timestamp,
    limit: i64,
) -> Result<Vec<RestoreConnection>, StoreError> {
    Ok(on!(tx, |c| sqlx::query_as(CLAIM).bind(now.0).bind(until.0).bind(limit).fetch_all(c).await)?)
}

/// Writes down how far a listing has come; false when somebody else has moved it.
///
/// # Errors
/// The database's.
pub async fn advance(tx: &mut Tx, from: &RestoreConnection, to: &Progress) -> Result<bool, StoreError> {
    let done = on!(tx, |c| sqlx::query(ADVANCE)
        .bind(&from.restore_id)
        .bind(&from.merchant_id)
        .bind(from.livemode)
        .bind(&from.connection_id)
        .bind(from.version)
        .bind(to.status)
        .bind(to.listed_until.0)
        .bind(&to.place)
        .bind(to.charges)
        .bind(to.refunds)
        .bind(to.tries)
        .bind(to.next_try_at.0)
        .bind(&to.error)
        .execute(c)
        .await
        .map(|r| r.rows_affected()))?;
    changed_one(done)
}

/// Ends every restore whose connections have all been asked, or gone on without; how many.
///
/// # Errors
/// The database's.
pub async fn finish(tx: &mut Tx, now: Timestamp) -> Result<u64, StoreError> {
    Ok(on!(tx, |c| sqlx::query(FINISH).bind(now.0).execute(c).await.map(|r| r.rows_affected()))?)
}

/// The connections of open restores.
///
/// # Errors
/// The database's.
pub async fn list(tx: &mut Tx) -> Result<Vec<RestoreConnection>, StoreError> {
    Ok(on!(tx, |c| sqlx::query_as(LIST).fetch_all(c).await)?)
}

/// A person goes on without a connection, or without `all`; how many.
///
/// # Errors
/// The database's.
pub async fn accept(tx: &mut Tx, connection: &str) -> Result<u64, StoreError> {
    Ok(on!(tx, |c| sqlx::query(ACCEPT).bind(connection).execute(c).await.map(|r| r.rows_affected()))?)
}

/// Lays mails aside that tell of what was made before the last restore; how many.
///
/// # Errors
/// The database's.
pub async fn suppress_mails(tx: &mut Tx, restored_at: Timestamp) -> Result<u64, StoreError> {
    Ok(on!(tx, |c| sqlx::query(SUPPRESS).bind(restored_at.0).execute(c).await.map(|r| r.rows_affected()))?)
}

/// When the last thing happened that this database knows of.
///
/// # Errors
/// The database's.
pub async fn last_known(tx: &mut Tx) -> Result<Timestamp, StoreError> {
    let row: (Option<i64>,) = on!(tx, |c| sqlx::query_as(LAST_KNOWN).fetch_one(c).await)?;
    Ok(Timestamp(row.0.unwrap_or(0)))
}

/// An operation by our key at the gateway.
#[derive(Debug, Clone, FromRow)]
#[allow(missing_docs, reason = "named as the columns are")]
pub struct ByKey {
    pub merchant_id: String,
    pub livemode: bool,
    pub id: String,
    pub kind: String,
}

/// The operation under a key, if we have it.
///
/// # Errors
/// The database's.
pub async fn by_key(tx: &mut Tx, key: &str) -> Result<Option<ByKey>, StoreError> {
    Ok(on!(tx, |c| sqlx::query_as(BY_KEY).bind(key).fetch_optional(c).await)?)
}

/// The attempt that a connection's gateway calls so. It reads a merchant's attempts: for recovery, not for every day.
///
/// # Errors
/// The database's.
pub async fn by_ref(
    tx: &mut Tx,
    scope: &Scope,
    connection: &str,
    gateway_ref: &str,
) -> Result<Option<Charge>, StoreError> {
    Ok(on!(tx, |c| sqlx::query_as(BY_REF)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(connection)
        .bind(gateway_ref)
        .fetch_optional(c)
        .await)?)
}

/// A charge that a gateway made and we have lost.
#[derive(Debug, Clone)]
pub struct Found<'a> {
    /// The payment to be.
    pub payment: &'a PaymentId,
    /// The attempt to be.
    pub attempt: &'a AttemptId,
    /// The connection.
    pub connection: &'a str,
    /// Its provider.
    pub provider: &'a str,
    /// `card` …
    pub method: &'a str,
    /// Minor units.
    pub amount: i64,
    /// Currency.
    pub currency: &'a str,
    /// JSON.
    pub metadata: &'a str,
    /// Opens the receipt.
    pub receipt_token: &'a str,
    /// The gateway's own name for it.
    pub gateway_ref: Option<&'a str>,
    /// Brand and last four digits of the card.
    pub card: Option<(&'a str, &'a str)>,
    /// When the gateway made it.
    pub made_at: Timestamp,
    /// Now.
    pub at: Timestamp,
}

/// Writes a found charge's payment and attempt, as they were before the gateway answered.
///
/// # Errors
/// The database's.
pub async fn insert_found(tx: &mut Tx, scope: &Scope, found: &Found<'_>) -> Result<(), StoreError> {
    on!(tx, |c| sqlx::query(PAYMENT)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(found.payment.as_str())
        .bind(found.currency)
        .bind(found.amount)
        .bind(found.metadata)
        .bind(found.receipt_token)
        .bind(found.made_at.0)
        .bind(found.at.0)
        .execute(c)
        .await
        .map(drop))?;
    on!(tx, |c| sqlx::query(ATTEMPT)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(found.attempt.as_str())
        .bind(found.payment.as_str())
        .bind(found.connection)
        .bind(found.provider)
        .bind(found.amount)
        .bind(found.currency)
        .bind(found.method)
        .bind(found.card.map(|card| card.0))
        .bind(found.card.map(|card| card.1))
        .bind(found.gateway_ref)
        .bind(found.made_at.0)
        .bind(found.at.0)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}
