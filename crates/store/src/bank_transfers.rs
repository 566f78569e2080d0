//! Bank transfers that customers were told to make.

use crate::{StoreError, Tx, changed_one};
use domain::{PaymentId, Scope, Timestamp, views::Cursor};
use sqlx::FromRow;

/// What [`TransferRow`] is read from; statements add their condition.
macro_rules! transfers {
    ($condition:literal) => {
        concat!(
            "select t.id, t.connection_id, t.reference, t.status, t.amount, t.currency, t.received, t.instructions, t.due_at,
                    t.created_at, t.returned_at, t.version, o.payment_id, p.customer_email, c.name as connection_name, s.token as session_token
             from bank_transfers t
             join operations o on o.merchant_id = t.merchant_id and o.livemode = t.livemode and o.id = t.id
             join payments p on p.merchant_id = o.merchant_id and p.livemode = o.livemode and p.id = o.payment_id
             join connections c on c.merchant_id = t.merchant_id and c.livemode = t.livemode and c.id = t.connection_id
             left join checkout_sessions s
               on s.merchant_id = p.merchant_id and s.livemode = p.livemode and s.id = p.session_id ",
            $condition
        )
    };
}

statements! {
    /// The amount is that of the call: whoever opens it can't say another.
    OPEN = "
        insert into bank_transfers (merchant_id, livemode, id, connection_id, reference, status, amount, currency, instructions,
                                    due_at, created_at, updated_at)
        select o.merchant_id, o.livemode, o.id, a.connection_id, cast($3 as text), 'waiting', o.amount, o.currency,
               cast($4 as text), cast($5 as bigint), cast($6 as bigint), cast($6 as bigint)
        from operations o
        join attempts a on a.merchant_id = o.merchant_id and a.livemode = o.livemode and a.id = o.attempt_id
        where o.idempotency_key = $1 and a.connection_id = $2
        on conflict do nothing";
    BY_KEY = "
        select t.id, t.reference, t.status, t.amount, t.currency, t.created_at from bank_transfers t
        join operations o on o.merchant_id = t.merchant_id and o.livemode = t.livemode and o.id = t.id
        where o.idempotency_key = $2 and t.connection_id = $1";
    BY_REFERENCE = "
        select t.id, t.reference, t.status, t.amount, t.currency, t.created_at from bank_transfers t
        join connections c on c.merchant_id = t.merchant_id and c.livemode = t.livemode and c.id = t.connection_id
        where c.id = $1 and t.reference = $2";
    /// Of giving up and of money that comes at the same moment, one is first.
    GIVE_UP = "
        update bank_transfers set status = 'given_up', updated_at = $3, version = version + 1
        where connection_id = $1 and reference = $2 and status = 'waiting' and received = 0";
    TAKE = "
        update bank_transfers set received = $5, status = $6, updated_at = $7, version = version + 1
        where merchant_id = $1 and livemode = $2 and id = $3 and version = $4";
    /// Its payment is asked about now: should the settlement stop half-way, the worker goes on with it.
    ASK_NOW = "
        update operations set next_check_at = $4 where merchant_id = $1 and livemode = $2 and id = $3";
    GET = transfers!("where t.merchant_id = $1 and t.livemode = $2 and t.id = $3");
    OF_PAYMENT = transfers!(
        "where t.merchant_id = $1 and t.livemode = $2 and o.payment_id = $3 and t.status = 'waiting' order by t.created_at desc limit 1");
    /// What entries are matched with: everything of the connection that waits.
    EXPECTED = transfers!(
        "where t.merchant_id = $1 and t.livemode = $2 and t.connection_id = $3 and t.status = 'waiting'
         order by t.created_at desc limit $4");
    /// And what is not long over.
    OVER = transfers!(
        "where t.merchant_id = $1 and t.livemode = $2 and t.connection_id = $3 and t.status in ('paid', 'given_up') and t.created_at >= $4
         order by t.created_at desc limit $5");
    OLDER = transfers!(
        "where t.merchant_id = $1 and t.livemode = $2 and t.status = 'waiting' and (t.created_at, t.id) < ($3, $4)
         order by t.created_at desc, t.id desc limit $5");
    NEWER = transfers!(
        "where t.merchant_id = $1 and t.livemode = $2 and t.status = 'waiting' and (t.created_at, t.id) > ($3, $4)
         order by t.created_at, t.id limit $5");
    OVERPAID = transfers!(
        "where t.merchant_id = $1 and t.livemode = $2 and t.status = 'paid' and t.received > t.amount and t.returned_at is null
         order by t.created_at desc, t.id desc limit $3");
    SURPLUSES = "
        select t.id, t.amount, t.received, t.currency, t.returned_at, coalesce(u.name, t.returned_by) as returned_by
        from attempts a
        join operations o on o.merchant_id = a.merchant_id and o.livemode = a.livemode and o.attempt_id = a.id
        join bank_transfers t on t.merchant_id = o.merchant_id and t.livemode = o.livemode and t.id = o.id
        left join users u on u.id = t.returned_by
        where a.merchant_id = $1 and a.livemode = $2 and a.payment_id = $3 and t.status = 'paid' and t.received > t.amount
        order by t.created_at, t.id";
    MARK_RETURNED = "
        update bank_transfers set returned_at = $5, returned_by = $6, updated_at = $5, version = version + 1
        where merchant_id = $1 and livemode = $2 and id = $3 and version = $4 and status = 'paid' and returned_at is null";
}

/// A transfer as its connector knows it.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
#[allow(missing_docs, reason = "named as the columns are")]
pub struct BookRow {
    pub id: String,
    pub reference: String,
    pub status: String,
    pub amount: i64,
    pub currency: String,
    pub created_at: i64,
}

/// A transfer with its payment.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
#[allow(missing_docs, reason = "named as the columns are")]
pub struct TransferRow {
    pub id: String,
    pub connection_id: String,
    pub connection_name: String,
    pub reference: String,
    pub status: String,
    pub amount: i64,
    pub currency: String,
    pub received: i64,
    pub instructions: String,
    pub due_at: i64,
    pub created_at: i64,
    pub returned_at: Option<i64>,
    pub version: i64,
    pub payment_id: String,
    pub customer_email: Option<String>,
    pub session_token: Option<String>,
}

/// A transfer to be.
#[derive(Debug, Clone, Copy)]
#[allow(missing_docs, reason = "named as the columns are")]
pub struct NewTransfer<'a> {
    pub connection: &'a str,
    pub key: &'a str,
    pub reference: &'a str,
    pub instructions: &'a str,
    pub due_at: Timestamp,
    pub at: Timestamp,
}

/// Opens a transfer for the call with a key; false when the call has one, or another transfer has the reference.
///
/// # Errors
/// The database's.
pub async fn open(tx: &mut Tx, new: NewTransfer<'_>) -> Result<bool, StoreError> {
    let done = on!(tx, |c| sqlx::query(OPEN)
        .bind(new.key)
        .bind(new.connection)
        .bind(new.reference)
        .bind(new.instructions)
        .bind(new.due_at.0)
        .bind(new.at.0)
        .execute(c)
        .await
        .map(|r| r.rows_affected()))?;
    changed_one(done)
}

/// The transfer of the call with a key.
///
/// # Errors
/// The database's.
pub async fn by_key(tx: &mut Tx, connection: &str, key: &str) -> Result<Option<BookRow>, StoreError> {
    Ok(on!(tx, |c| sqlx::query_as(BY_KEY).bind(connection).bind(key).fetch_optional(c).await)?)
}

/// The transfer with a reference.
///
/// # Errors
/// The database's.
pub async fn by_reference(tx: &mut Tx, connection: &str, reference: &str) -> Result<Option<BookRow>, StoreError> {
    Ok(on!(tx, |c| sqlx::query_as(BY_REFERENCE).bind(connection).bind(reference).fetch_optional(c).await)?)
}

/// Gives up a transfer for which nothing has come.
///
/// # Errors
/// The database's.
pub async fn give_up(tx: &mut Tx, connection: &str, reference: &str, at: Timestamp) -> Result<bool, StoreError> {
    let done = on!(tx, |c| sqlx::query(GIVE_UP)
        .bind(connection)
        .bind(reference)
        .bind(at.0)
        .execute(c)
        .await
        .map(|r| r.rows_affected()))?;
    changed_one(done)
}

/// What a transfer becomes by money.
#[derive(Debug, Clone, Copy)]
pub struct Taking<'a> {
    /// The transfer, and its version before.
    pub of: (&'a str, i64),
    /// All that came for it by now.
    pub received: i64,
    /// Its state then.
    pub status: &'a str,
    /// Now.
    pub at: Timestamp,
}

/// Takes money for a transfer; false when it has changed meanwhile.
///
/// # Errors
/// The database's.
pub async fn take(tx: &mut Tx, scope: &Scope, taking: Taking<'_>) -> Result<bool, StoreError> {
    let done = on!(tx, |c| sqlx::query(TAKE)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(taking.of.0)
        .bind(taking.of.1)
        .bind(taking.received)
        .bind(taking.status)
        .bind(taking.at.0)
        .execute(c)
        .await
        .map(|r| r.rows_affected()))?;
    changed_one(done)
}

/// Has a transfer's payment asked about at a time.
///
/// # Errors
/// The database's.
pub async fn ask_at(tx: &mut Tx, scope: &Scope, id: &str, at: Timestamp) -> Result<bool, StoreError> {
    let done = on!(tx, |c| sqlx::query(ASK_NOW)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(id)
        .bind(at.0)
        .execute(c)
        .await
        .map(|r| r.rows_affected()))?;
    changed_one(done)
}

/// A transfer.
///
/// # Errors
/// The database's.
pub async fn get(tx: &mut Tx, scope: &Scope, id: &str) -> Result<Option<TransferRow>, StoreError> {
    Ok(on!(tx, |c| sqlx::query_as(GET)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(id)
        .fetch_optional(c)
        .await)?)
}

/// The transfer that a payment waits for.
///
/// # Errors
/// The database's.
pub async fn of_payment(tx: &mut Tx, scope: &Scope, payment: &str) -> Result<Option<TransferRow>, StoreError> {
    Ok(on!(tx, |c| sqlx::query_as(OF_PAYMENT)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(payment)
        .fetch_optional(c)
        .await)?)
}

/// What entries of a connection's statements may belong to: all that waits, and what was made since a time; the newest first.
///
/// # Errors
/// The database's.
pub async fn expected(
    tx: &mut Tx,
    scope: &Scope,
    connection: &str,
    since: Timestamp,
    limit: i64,
) -> Result<Vec<TransferRow>, StoreError> {
    let mut all: Vec<TransferRow> = on!(tx, |c| sqlx::query_as(EXPECTED)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(connection)
        .bind(limit)
        .fetch_all(c)
        .await)?;
    let over: Vec<TransferRow> = on!(tx, |c| sqlx::query_as(OVER)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(connection)
        .bind(since.0)
        .bind(limit)
        .fetch_all(c)
        .await)?;
    all.extend(over);
    Ok(all)
}

/// Transfers that wait, before a place (the newest first) or after it (the oldest first).
///
/// # Errors
/// The database's.
pub async fn waiting(
    tx: &mut Tx,
    scope: &Scope,
    place: &Cursor,
    newer: bool,
    limit: i64,
) -> Result<Vec<TransferRow>, StoreError> {
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

/// Transfers for which more came than was asked and was not paid back, the newest first.
///
/// # Errors
/// The database's.
pub async fn overpaid(tx: &mut Tx, scope: &Scope, limit: i64) -> Result<Vec<TransferRow>, StoreError> {
    Ok(on!(tx, |c| sqlx::query_as(OVERPAID)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(limit)
        .fetch_all(c)
        .await)?)
}

/// What came too much for a transfer.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
#[allow(missing_docs, reason = "named as the columns are")]
pub struct SurplusRow {
    pub id: String,
    pub amount: i64,
    pub received: i64,
    pub currency: String,
    pub returned_at: Option<i64>,
    /// The person's name.
    pub returned_by: Option<String>,
}

/// What came too much for the transfers of a payment, paid back or not.
///
/// # Errors
/// The database's.
pub async fn surpluses(tx: &mut Tx, scope: &Scope, payment: &PaymentId) -> Result<Vec<SurplusRow>, StoreError> {
    Ok(on!(tx, |c| sqlx::query_as(SURPLUSES)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(payment.as_str())
        .fetch_all(c)
        .await)?)
}

/// That what came too much was paid back.
#[derive(Debug, Clone, Copy)]
pub struct Returning<'a> {
    /// The transfer, and its version before.
    pub of: (&'a str, i64),
    /// Who says so.
    pub by: &'a str,
    /// Now.
    pub at: Timestamp,
}

/// Notes that what came too much for a transfer was paid back; false when somebody else has, or it has changed meanwhile.
///
/// # Errors
/// The database's.
pub async fn mark_returned(tx: &mut Tx, scope: &Scope, returning: Returning<'_>) -> Result<bool, StoreError> {
    let done = on!(tx, |c| sqlx::query(MARK_RETURNED)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(returning.of.0)
        .bind(returning.of.1)
        .bind(returning.at.0)
        .bind(returning.by)
        .execute(c)
        .await
        .map(|r| r.rows_affected()))?;
    changed_one(done)
}
