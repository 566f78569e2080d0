//! What leaves a payment: refunds that are reserved, made and taken back, and what disputes take.

use crate::{Batch, StoreError, Tx, changed_one};
use domain::{PaymentId, Scope, Timestamp};

statements! {
    RESERVE = "
        update payments set refund_reserved = refund_reserved + $4, updated_at = $5, version = version + 1
        where merchant_id = $1 and livemode = $2 and id = $3 and status = 'succeeded'
          and captured - refunded - refund_reserved - disputed >= $4
          and (cast($6 as bigint) is null or captured - refunded - refund_reserved - disputed = $6)";
    /// What a gateway has given back stands, whatever disputes took.
    RESERVE_FOUND = "
        update payments
        set refund_reserved = refund_reserved + $4, updated_at = $5, version = version + 1,
            exceeded_at = case when captured - refunded - refund_reserved - disputed < $4 then coalesce(exceeded_at, $5)
                          else exceeded_at end
        where merchant_id = $1 and livemode = $2 and id = $3 and status = 'succeeded'
          and captured - refunded - refund_reserved >= $4";
    RELEASE = "
        update payments
        set refund_reserved = refund_reserved - $4, updated_at = $5, version = version + 1,
            exceeded_at = case when captured - refunded - refund_reserved + $4 >= disputed then null else exceeded_at end
        where merchant_id = $1 and livemode = $2 and id = $3 and refund_reserved >= $4";
    REFUNDED = "
        update payments set refund_reserved = refund_reserved - $4, refunded = refunded + $4, updated_at = $5,
                            version = version + 1
        where merchant_id = $1 and livemode = $2 and id = $3 and refund_reserved >= $4";
    LATE_REFUNDED = "
        update payments
        set refunded = refunded + $4, updated_at = $5, version = version + 1,
            exceeded_at = case when captured - refunded - refund_reserved - disputed < $4 then coalesce(exceeded_at, $5)
                          else exceeded_at end
        where merchant_id = $1 and livemode = $2 and id = $3 and captured - refunded - refund_reserved >= $4";
    UNREFUNDED = "
        update payments
        set refunded = refunded - $4, updated_at = $5, version = version + 1,
            exceeded_at = case when captured - refunded - refund_reserved + $4 >= disputed then null else exceeded_at end
        where merchant_id = $1 and livemode = $2 and id = $3 and refunded >= $4";
    /// The gateway's word, never refused: that it is more than what is left is noted.
    DISPUTED = "
        update payments
        set disputed = disputed + $4, updated_at = $5, version = version + 1,
            exceeded_at = case when captured - refunded - refund_reserved - disputed < $4 then coalesce(exceeded_at, $5) end
        where merchant_id = $1 and livemode = $2 and id = $3 and disputed + $4 >= 0";
}

/// Reserves an amount for a refund, if that much is left; with `remaining`, only if exactly that is left.
///
/// # Errors
/// The database's.
pub async fn reserve_refund(
    tx: &mut Tx,
    scope: &Scope,
    id: &PaymentId,
    minor: i64,
    remaining: Option<i64>,
    at: Timestamp,
) -> Result<bool, StoreError> {
    let done = on!(tx, |c| sqlx::query(RESERVE)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(id.as_str())
        .bind(minor)
        .bind(at.0)
        .bind(remaining)
        .execute(c)
        .await
        .map(|r| r.rows_affected()))?;
    changed_one(done)
}

/// Reserves the amount of a refund that a gateway has made, if that much was captured and is not refunded.
///
/// # Errors
/// The database's.
pub async fn reserve_found(
    tx: &mut Tx,
    scope: &Scope,
    id: &PaymentId,
    minor: i64,
    at: Timestamp,
) -> Result<bool, StoreError> {
    let done = on!(tx, |c| sqlx::query(RESERVE_FOUND)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(id.as_str())
        .bind(minor)
        .bind(at.0)
        .execute(c)
        .await
        .map(|r| r.rows_affected()))?;
    changed_one(done)
}

/// Moves what disputes have taken of a payment, by `minor` up or down.
pub fn move_disputed(batch: &mut Batch, scope: &Scope, id: &str, minor: i64, at: Timestamp) {
    batch
        .one("payment", DISPUTED)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(id)
        .bind(minor)
        .bind(at.0);
}

/// What becomes of a refund's amount on its payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefundMove {
    /// The refund failed: its reservation is free again.
    Release,
    /// The refund succeeded: from reserved to refunded.
    Refunded,
    /// A refund that had failed, or was never asked for, went out: refunded, without having been reserved.
    LateRefunded,
    /// A refund that had succeeded failed: no longer refunded.
    Unrefunded,
}

/// Moves a refund's amount: a compare-and-set that fails when the row does not hold that much, which is never right.
pub fn move_refund(batch: &mut Batch, scope: &Scope, id: &str, way: RefundMove, minor: i64, at: Timestamp) {
    let sql = match way {
        RefundMove::Release => RELEASE,
        RefundMove::Refunded => REFUNDED,
        RefundMove::LateRefunded => LATE_REFUNDED,
        RefundMove::Unrefunded => UNREFUNDED,
    };
    batch.one("payment", sql).bind(scope.merchant.as_str()).bind(scope.mode.is_live()).bind(id).bind(minor).bind(at.0);
}
