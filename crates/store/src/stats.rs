//! Rollups: payments append deltas, a job folds them into hours, readers add both up.

use crate::{Batch, StoreError, Tx, changed_one, dialect};
use domain::{Scope, Timestamp, time::HOUR};
use sqlx::FromRow;
use std::collections::BTreeMap;

statements! {
    APPEND = "
        insert into stat_deltas (id, merchant_id, livemode, hour, currency, succeeded, failed, volume, refunds,
                                 refund_volume, fees)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    FOLD = "
        insert into stat_hours (merchant_id, livemode, currency, hour, succeeded, failed, volume, refunds, refund_volume,
                                fees)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        on conflict (merchant_id, livemode, currency, hour) do update set
          succeeded = stat_hours.succeeded + excluded.succeeded,
          failed = stat_hours.failed + excluded.failed,
          volume = stat_hours.volume + excluded.volume,
          refunds = stat_hours.refunds + excluded.refunds,
          refund_volume = stat_hours.refund_volume + excluded.refund_volume,
          fees = stat_hours.fees + excluded.fees";
    HOURS = "
        select currency, hour,
               cast(sum(succeeded) as bigint) as succeeded, cast(sum(failed) as bigint) as failed,
               cast(sum(volume) as bigint) as volume, cast(sum(refunds) as bigint) as refunds,
               cast(sum(refund_volume) as bigint) as refund_volume, cast(sum(fees) as bigint) as fees
        from (
          select currency, hour, succeeded, failed, volume, refunds, refund_volume, fees from stat_hours
          where merchant_id = $1 and livemode = $2 and hour >= $3 and hour < $4
          union all
          select currency, hour, succeeded, failed, volume, refunds, refund_volume, fees from stat_deltas
          where merchant_id = $1 and livemode = $2 and hour >= $3 and hour < $4) as hours
        group by currency, hour
        order by currency, hour";
}

/// What a change adds to the statistics of its hour. May be negative: a refund that failed later takes itself back.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Delta {
    /// Payments that succeeded.
    pub succeeded: i64,
    /// Attempts that were declined.
    pub failed: i64,
    /// Money captured.
    pub volume: i64,
    /// Refunds that succeeded.
    pub refunds: i64,
    /// Money given back.
    pub refund_volume: i64,
    /// What gateways took.
    pub fees: i64,
}

/// An hour of a currency.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct HourRow {
    /// Currency.
    pub currency: String,
    /// Hours since the Unix epoch, UTC.
    pub hour: i64,
    /// Payments that succeeded.
    pub succeeded: i64,
    /// Attempts that were declined.
    pub failed: i64,
    /// Money captured.
    pub volume: i64,
    /// Refunds that succeeded.
    pub refunds: i64,
    /// Money given back.
    pub refund_volume: i64,
    /// What gateways took.
    pub fees: i64,
}

/// The hour of a time, as hours since the Unix epoch.
#[must_use]
pub const fn hour_of(at: Timestamp) -> i64 {
    at.0.div_euclid(HOUR)
}

/// Appends a delta with the change that it counts. `id` only has to be unique: the change's own.
pub fn append(batch: &mut Batch, scope: &Scope, id: &str, currency: &str, at: Timestamp, delta: &Delta) {
    batch
        .add(APPEND)
        .bind(id)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(hour_of(at))
        .bind(currency)
        .bind(delta.succeeded)
        .bind(delta.failed)
        .bind(delta.volume)
        .bind(delta.refunds)
        .bind(delta.refund_volume)
        .bind(delta.fees);
}

#[derive(FromRow)]
struct Taken {
    merchant_id: String,
    livemode: bool,
    hour: i64,
    currency: String,
    succeeded: i64,
    failed: i64,
    volume: i64,
    refunds: i64,
    refund_volume: i64,
    fees: i64,
}

/// Folds deltas into hours, at most `limit` of them, within the unit: each counts once, whoever folds. How many.
///
/// # Errors
/// The database's.
pub async fn fold(tx: &mut Tx, limit: i64) -> Result<usize, StoreError> {
    let sql = dialect::TAKE_STAT_DELTAS.text(tx);
    let taken: Vec<Taken> = on!(tx, |c| sqlx::query_as(sql).bind(limit).fetch_all(c).await)?;
    let count = taken.len();
    // Sorted, so that two workers lock rows in one order.
    let mut hours: BTreeMap<(String, bool, String, i64), Delta> = BTreeMap::new();
    for row in taken {
        let sum = hours.entry((row.merchant_id, row.livemode, row.currency, row.hour)).or_default();
        sum.succeeded = sum.succeeded.saturating_add(row.succeeded);
        sum.failed = sum.failed.saturating_add(row.failed);
        sum.volume = sum.volume.saturating_add(row.volume);
        sum.refunds = sum.refunds.saturating_add(row.refunds);
        sum.refund_volume = sum.refund_volume.saturating_add(row.refund_volume);
        sum.fees = sum.fees.saturating_add(row.fees);
    }
    for ((merchant, livemode, currency, hour), sum) in hours {
        let done = on!(tx, |c| sqlx::query(FOLD)
            .bind(merchant)
            .bind(livemode)
            .bind(currency)
            .bind(hour)
            .bind(sum.succeeded)
            .bind(sum.failed)
            .bind(sum.volume)
            .bind(sum.refunds)
            .bind(sum.refund_volume)
            .bind(sum.fees)
            .execute(c)
            .await
            .map(|r| r.rows_affected()))?;
        changed_one(done)?;
    }
    Ok(count)
}

/// The statistics of the hours from `from` up to but not including `to`, per currency and hour, empty hours left out.
///
/// # Errors
/// The database's.
pub async fn hours(tx: &mut Tx, scope: &Scope, from: i64, to: i64) -> Result<Vec<HourRow>, StoreError> {
    Ok(on!(tx, |c| sqlx::query_as(HOURS)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(from)
        .bind(to)
        .fetch_all(c)
        .await)?)
}
