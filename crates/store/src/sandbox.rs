//! The sandbox's own book: the acquirer's side. Nothing of Paydeck's refers to it.

use crate::{StoreError, Tx, changed_one};

statements! {
    INSERT_CHARGE = "insert into sandbox_charges (id, account, idempotency_key, amount, currency, capture, captured, refunded, \
                     fee, status, decline_code, scenario, challenge_token, settles_at, created_at) \
                     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) \
                     on conflict (idempotency_key) do nothing";
    CHARGE_BY_ID = "select id, account, idempotency_key, amount, currency, capture, captured, refunded, fee, status, \
                    decline_code, scenario, challenge_token, settles_at, created_at from sandbox_charges where id = $1";
    CHARGE_BY_KEY = "select id, account, idempotency_key, amount, currency, capture, captured, refunded, fee, status, \
                     decline_code, scenario, challenge_token, settles_at, created_at from sandbox_charges \
                     where idempotency_key = $1";
    CHARGE_BY_CHALLENGE = "select id, account, idempotency_key, amount, currency, capture, captured, refunded, fee, status, \
                           decline_code, scenario, challenge_token, settles_at, created_at from sandbox_charges \
                           where challenge_token = $1";
    CHARGES = "select id, account, idempotency_key, amount, currency, capture, captured, refunded, fee, status, \
               decline_code, scenario, challenge_token, settles_at, created_at from sandbox_charges \
               where account = $1 and created_at >= $2 and created_at < $3 and (created_at, id) > ($4, $5) \
               order by created_at, id limit $6";
    MOVE_CHARGE = "update sandbox_charges set status = $3, captured = $4, fee = $5, decline_code = $6, settles_at = $7 \
                   where id = $1 and status = $2";
    RESERVE = "update sandbox_charges set refunded = refunded + $2 \
               where id = $1 and status = 'succeeded' and refunded + $2 <= captured";
    RELEASE = "update sandbox_charges set refunded = refunded - $2 where id = $1 and refunded >= $2";
    INSERT_REFUND = "insert into sandbox_refunds (id, charge_id, idempotency_key, amount, status, settles_at, fails_at, \
                     created_at) values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (idempotency_key) do nothing";
    REFUND_BY_ID = "select r.id, r.charge_id, r.idempotency_key, r.amount, c.currency, r.status, r.settles_at, r.fails_at, \
                    r.created_at from sandbox_refunds r join sandbox_charges c on c.id = r.charge_id where r.id = $1";
    REFUND_BY_KEY = "select r.id, r.charge_id, r.idempotency_key, r.amount, c.currency, r.status, r.settles_at, r.fails_at, \
                     r.created_at from sandbox_refunds r join sandbox_charges c on c.id = r.charge_id \
                     where r.idempotency_key = $1";
    REFUNDS = "select r.id, r.charge_id, r.idempotency_key, r.amount, c.currency, r.status, r.settles_at, r.fails_at, \
               r.created_at from sandbox_refunds r join sandbox_charges c on c.id = r.charge_id \
               where c.account = $1 and r.created_at >= $2 and r.created_at < $3 and (r.created_at, r.id) > ($4, $5) \
               order by r.created_at, r.id limit $6";
    MOVE_REFUND = "update sandbox_refunds set status = $3 where id = $1 and status = $2";
}

/// A charge of the book.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
#[allow(missing_docs, reason = "named as the columns are")]
pub struct ChargeRow {
    pub id: String,
    pub account: String,
    pub idempotency_key: String,
    pub amount: i64,
    pub currency: String,
    pub capture: bool,
    pub captured: i64,
    pub refunded: i64,
    pub fee: i64,
    pub status: String,
    pub decline_code: Option<String>,
    pub scenario: String,
    pub challenge_token: Option<String>,
    pub settles_at: Option<i64>,
    pub created_at: i64,
}

/// A refund of the book, with its charge's currency.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
#[allow(missing_docs, reason = "named as the columns are")]
pub struct RefundRow {
    pub id: String,
    pub charge_id: String,
    pub idempotency_key: String,
    pub amount: i64,
    pub currency: String,
    pub status: String,
    pub settles_at: Option<i64>,
    pub fails_at: Option<i64>,
    pub created_at: i64,
}

/// What a charge becomes.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "named as the columns are")]
pub struct ChargeMove<'a> {
    pub status: &'a str,
    pub captured: i64,
    pub fee: i64,
    pub decline_code: Option<&'a str>,
    pub settles_at: Option<i64>,
}

/// Writes a charge; false when its key is taken.
///
/// # Errors
/// The database's.
pub async fn insert_charge(tx: &mut Tx, row: &ChargeRow) -> Result<bool, StoreError> {
    let done = on!(tx, |c| sqlx::query(INSERT_CHARGE)
        .bind(&row.id)
        .bind(&row.account)
        .bind(&row.idempotency_key)
        .bind(row.amount)
        .bind(&row.currency)
        .bind(row.capture)
        .bind(row.captured)
        .bind(row.refunded)
        .bind(row.fee)
        .bind(&row.status)
        .bind(&row.decline_code)
        .bind(&row.scenario)
        .bind(&row.challenge_token)
        .bind(row.settles_at)
        .bind(row.created_at)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    changed_one(done)
}

/// The charge of this id.
///
/// # Errors
/// The database's.
pub async fn charge_by_id(tx: &mut Tx, id: &str) -> Result<Option<ChargeRow>, StoreError> {
    Ok(on!(tx, |c| sqlx::query_as(CHARGE_BY_ID).bind(id).fetch_optional(c).await)?)
}

/// The charge of this key.
///
/// # Errors
/// The database's.
pub async fn charge_by_key(tx: &mut Tx, key: &str) -> Result<Option<ChargeRow>, StoreError> {
    Ok(on!(tx, |c| sqlx::query_as(CHARGE_BY_KEY).bind(key).fetch_optional(c).await)?)
}

/// The charge of this challenge.
///
/// # Errors
/// The database's.
pub async fn charge_by_challenge(tx: &mut Tx, token: &str) -> Result<Option<ChargeRow>, StoreError> {
    Ok(on!(tx, |c| sqlx::query_as(CHARGE_BY_CHALLENGE).bind(token).fetch_optional(c).await)?)
}

/// Charges of an account from one moment up to but not including another, after a place (time and id), oldest first.
///
/// # Errors
/// The database's.
pub async fn charges(
    tx: &mut Tx,
    account: &str,
    from: i64,
    to: i64,
    after: Option<(i64, &str)>,
    limit: i64,
) -> Result<Vec<ChargeRow>, StoreError> {
    let (after_at, after_id) = after.unwrap_or((i64::MIN, ""));
    Ok(on!(tx, |c| sqlx::query_as(CHARGES)
        .bind(account)
        .bind(from)
        .bind(to)
        .bind(after_at)
        .bind(after_id)
        .bind(limit)
        .fetch_all(c)
        .await)?)
}

/// Refunds of an account within a time, after a place, oldest first.
///
/// # Errors
/// The database's.
pub async fn refunds(
    tx: &mut Tx,
    account: &str,
    from: i64,
    to: i64,
    after: Option<(i64, &str)>,
    limit: i64,
) -> Result<Vec<RefundRow>, StoreError> {
    let (after_at, after_id) = after.unwrap_or((i64::MIN, ""));
    Ok(on!(tx, |c| sqlx::query_as(REFUNDS)
        .bind(account)
        .bind(from)
        .bind(to)
        .bind(after_at)
        .bind(after_id)
        .bind(limit)
        .fetch_all(c)
        .await)?)
}

/// Changes a charge that stands at `from`; false when it does not.
///
/// # Errors
/// The database's.
pub async fn move_charge(tx: &mut Tx, id: &str, from: &str, to: &ChargeMove<'_>) -> Result<bool, StoreError> {
    let done = on!(tx, |c| sqlx::query(MOVE_CHARGE)
        .bind(id)
        .bind(from)
        .bind(to.status)
        .bind(to.captured)
        .bind(to.fee)
        .bind(to.decline_code)
        .bind(to.settles_at)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    changed_one(done)
}

/// Counts an amount as given back; false when less is left.
///
/// # Errors
/// The database's.
pub async fn reserve(tx: &mut Tx, charge: &str, amount: i64) -> Result<bool, StoreError> {
    let done =
        on!(tx, |c| sqlx::query(RESERVE).bind(charge).bind(amount).execute(c).await.map(|done| done.rows_affected()))?;
    changed_one(done)
}

/// Counts an amount as not given back after all.
///
/// # Errors
/// The database's.
pub async fn release(tx: &mut Tx, charge: &str, amount: i64) -> Result<bool, StoreError> {
    let done =
        on!(tx, |c| sqlx::query(RELEASE).bind(charge).bind(amount).execute(c).await.map(|done| done.rows_affected()))?;
    changed_one(done)
}

/// Writes a refund; false when its key is taken.
///
/// # Errors
/// The database's.
pub async fn insert_refund(tx: &mut Tx, row: &RefundRow) -> Result<bool, StoreError> {
    let done = on!(tx, |c| sqlx::query(INSERT_REFUND)
        .bind(&row.id)
        .bind(&row.charge_id)
        .bind(&row.idempotency_key)
        .bind(row.amount)
        .bind(&row.status)
        .bind(row.settles_at)
        .bind(row.fails_at)
        .bind(row.created_at)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    changed_one(done)
}

/// The refund of this id.
///
/// # Errors
/// The database's.
pub async fn refund_by_id(tx: &mut Tx, id: &str) -> Result<Option<RefundRow>, StoreError> {
    Ok(on!(tx, |c| sqlx::query_as(REFUND_BY_ID).bind(id).fetch_optional(c).await)?)
}

/// The refund of this key.
///
/// # Errors
/// The database's.
pub async fn refund_by_key(tx: &mut Tx, key: &str) -> Result<Option<RefundRow>, StoreError> {
    Ok(on!(tx, |c| sqlx::query_as(REFUND_BY_KEY).bind(key).fetch_optional(c).await)?)
}

/// Changes a refund that stands at `from`; false when it does not.
///
/// # Errors
/// The database's.
pub async fn move_refund(tx: &mut Tx, id: &str, from: &str, to: &str) -> Result<bool, StoreError> {
    let done = on!(tx, |c| sqlx::query(MOVE_REFUND)
        .bind(id)
        .bind(from)
        .bind(to)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    changed_one(done)
}
