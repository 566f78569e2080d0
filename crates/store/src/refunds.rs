//! Refunds.

use crate::{Batch, StoreError, Tx, changed_one};
use domain::{RefundId, Scope, Timestamp, states::RefundStatus};
use sqlx::FromRow;

statements! {
    INSERT = "
        insert into refunds (merchant_id, livemode, id, payment_id, attempt_id, status, amount, currency, reason, note,
                             created_by, created_at, updated_at)
        values ($1, $2, $3, $4, $5, 'pending', $6, $7, $8, $9, $10, $11, $11)";
    SETTLE = "
        update refunds
        set status = $6, failure_code = $7, raw_code = $8, updated_at = $9, version = version + 1
        where merchant_id = $1 and livemode = $2 and id = $3 and status = $4 and version = $5";
    /// A rule gives an attempt's money back once: of several at once the partial unique index lets one through.
    INSERT_BY_RULE = "
        insert into refunds (merchant_id, livemode, id, payment_id, attempt_id, status, amount, currency, reason, origin,
                             counts, created_at, updated_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12)
        on conflict do nothing";
    BY_RULE = "
        select id, status, failure_code from refunds
        where merchant_id = $1 and livemode = $2 and attempt_id = $3 and origin = $4
        order by created_at, id";
    UNCOUNT = "
        update refunds set counts = false
        where merchant_id = $1 and livemode = $2 and id = $3 and counts";
    /// Beside another one of the same rule, which the partial unique index lets be one only.
    REPEAT = "
        update refunds set origin = 'repeated'
        where merchant_id = $1 and livemode = $2 and id = $3 and origin not in ('merchant', 'gateway') and exists (
          select 1 from refunds o
          where o.merchant_id = refunds.merchant_id and o.livemode = refunds.livemode and o.attempt_id = refunds.attempt_id
            and o.origin = refunds.origin and o.id <> refunds.id and o.status <> 'failed')";
    OF_PAYMENT = "
        select id, payment_id, status, amount, currency, reason, note, failure_code, created_by, created_at, updated_at
        from refunds where merchant_id = $1 and livemode = $2 and payment_id = $3
        order by created_at, id";
}

/// A refund to be; its amount is reserved already.
#[derive(Debug, Clone)]
pub struct NewRefund<'a> {
    /// Its id.
    pub id: &'a RefundId,
    /// Of which payment.
    pub payment: &'a str,
    /// Of which attempt.
    pub attempt: &'a str,
    /// How much.
    pub amount: i64,
    /// Of which currency.
    pub currency: &'a str,
    /// Reason, by name.
    pub reason: &'a str,
    /// The merchant's note.
    pub note: Option<&'a str>,
    /// Who made it.
    pub created_by: Option<&'a str>,
    /// Now.
    pub at: Timestamp,
}

/// Writes a refund down.
pub fn insert(batch: &mut Batch, scope: &Scope, new: &NewRefund<'_>) {
    batch
        .add(INSERT)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(new.id.as_str())
        .bind(new.payment)
        .bind(new.attempt)
        .bind(new.amount)
        .bind(new.currency)
        .bind(new.reason)
        .bind(new.note)
        .bind(new.created_by)
        .bind(new.at.0);
}

/// A refund's new state.
#[derive(Debug, Clone)]
pub struct RefundChange<'a> {
    /// The state and version that it is in.
    pub from: (&'a str, i64),
    /// The new state.
    pub to: RefundStatus,
    /// Why it failed.
    pub failure_code: Option<&'a str>,
    /// The gateway's own code.
    pub raw_code: Option<&'a str>,
    /// Now.
    pub at: Timestamp,
}

/// Moves a refund, if it is still in the state and version that it is moved from.
pub fn settle(batch: &mut Batch, scope: &Scope, id: &str, change: &RefundChange<'_>) {
    batch
        .one("refund", SETTLE)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(id)
        .bind(change.from.0)
        .bind(change.from.1)
        .bind(change.to.as_str())
        .bind(change.failure_code)
        .bind(change.raw_code)
        .bind(change.at.0);
}

/// A refund's row.
#[derive(Debug, Clone, FromRow)]
pub struct RefundRow {
    /// Its id.
    pub id: String,
    /// Of which payment.
    pub payment_id: String,
    /// State, by name.
    pub status: String,
    /// How much.
    pub amount: i64,
    /// Of which currency.
    pub currency: String,
    /// Reason, by name.
    pub reason: String,
    /// The merchant's note.
    pub note: Option<String>,
    /// Why it failed.
    pub failure_code: Option<String>,
    /// Who made it.
    pub created_by: Option<String>,
    /// Made.
    pub created_at: i64,
    /// Changed.
    pub updated_at: i64,
}

/// A payment's refunds, oldest first.
///
/// # Errors
/// The database's.
pub async fn of_payment(tx: &mut Tx, scope: &Scope, payment: &str) -> Result<Vec<RefundRow>, StoreError> {
    Ok(on!(tx, |c| sqlx::query_as(OF_PAYMENT)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(payment)
        .fetch_all(c)
        .await)?)
}

/// A refund that no person asked for here.
#[derive(Debug, Clone)]
pub struct RuleRefund<'a> {
    /// Its id.
    pub id: &'a RefundId,
    /// Of which payment.
    pub payment: &'a str,
    /// Of which attempt.
    pub attempt: &'a str,
    /// State.
    pub status: RefundStatus,
    /// How much.
    pub amount: i64,
    /// Of which currency.
    pub currency: &'a str,
    /// Reason, by name.
    pub reason: &'a str,
    /// `surplus`, `late_success` or `late_failure`; `gateway` when it was made there, `merchant` when it was ours and is found again.
    pub origin: &'a str,
    /// Whether it counts against what the payment captured.
    pub counts: bool,
    /// Now.
    pub at: Timestamp,
}

/// Writes down a refund by rule; false when there is one of the same rule already that has not failed.
///
/// # Errors
/// The database's.
pub async fn insert_by_rule(tx: &mut Tx, scope: &Scope, new: &RuleRefund<'_>) -> Result<bool, StoreError> {
    let done = on!(tx, |c| sqlx::query(INSERT_BY_RULE)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(new.id.as_str())
        .bind(new.payment)
        .bind(new.attempt)
        .bind(new.status.as_str())
        .bind(new.amount)
        .bind(new.currency)
        .bind(new.reason)
        .bind(new.origin)
        .bind(new.counts)
        .bind(new.at.0)
        .execute(c)
        .await
        .map(|r| r.rows_affected()))?;
    changed_one(done)
}

/// A refund by rule.
#[derive(Debug, Clone, FromRow)]
pub struct ByRule {
    /// Its id.
    pub id: String,
    /// State, by name.
    pub status: String,
    /// Why it failed.
    pub failure_code: Option<String>,
}

/// The refunds that a rule has made of an attempt's money, oldest first.
///
/// # Errors
/// The database's.
pub async fn by_rule(tx: &mut Tx, scope: &Scope, attempt: &str, origin: &str) -> Result<Vec<ByRule>, StoreError> {
    Ok(on!(tx, |c| sqlx::query_as(BY_RULE)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(attempt)
        .bind(origin)
        .fetch_all(c)
        .await)?)
}

/// A refund by rule that was taken for a failure went out after all. If another one was begun instead of it, this one is known as
/// repeated from now on.
///
/// # Errors
/// The database's.
pub async fn repeat(tx: &mut Tx, scope: &Scope, id: &str) -> Result<(), StoreError> {
    on!(tx, |c| sqlx::query(REPEAT)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(id)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// A refund went out beyond what was captured: it does not count against it any more.
///
/// # Errors
/// The database's.
pub async fn uncount(tx: &mut Tx, scope: &Scope, id: &str) -> Result<bool, StoreError> {
    let done = on!(tx, |c| sqlx::query(UNCOUNT)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(id)
        .execute(c)
        .await
        .map(|r| r.rows_affected()))?;
    changed_one(done)
}
