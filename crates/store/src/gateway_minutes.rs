//! How calls to gateways ended, minute by minute and connection by connection: counters that servers add to.

use crate::{Batch, StoreError, Tx, payments::scope_of};
use domain::{ConnectionId, Scope, Timestamp, time::MINUTE};
use sqlx::FromRow;

/// Milliseconds up to which calls are counted together; the last count is of those that took longer than all of these.
pub const BOUNDS: [i64; 11] = [50, 100, 200, 300, 500, 800, 1_200, 2_000, 3_000, 5_000, 10_000];

/// The sums of a connection's minutes; what is chosen follows.
macro_rules! sums {
    ($head:literal, $tail:literal) => {
        concat!(
            $head,
            "cast(coalesce(sum(g.answered), 0) as bigint) as answered, cast(coalesce(sum(g.technical), 0) as bigint) as technical,
             cast(coalesce(sum(g.configuration), 0) as bigint) as configuration,
             cast(coalesce(sum(g.not_sent), 0) as bigint) as not_sent, cast(coalesce(sum(g.no_answer), 0) as bigint) as no_answer",
            $tail
        )
    };
}

statements! {
    ADD = "
        insert into gateway_minutes (merchant_id, livemode, connection_id, minute, answered, technical, configuration, not_sent,
                                     no_answer, to_50, to_100, to_200, to_300, to_500, to_800, to_1200, to_2000, to_3000, to_5000,
                                     to_10000, longer)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)
        on conflict (merchant_id, livemode, connection_id, minute) do update
        set answered = gateway_minutes.answered + excluded.answered, technical = gateway_minutes.technical + excluded.technical,
            configuration = gateway_minutes.configuration + excluded.configuration,
            not_sent = gateway_minutes.not_sent + excluded.not_sent, no_answer = gateway_minutes.no_answer + excluded.no_answer,
            to_50 = gateway_minutes.to_50 + excluded.to_50, to_100 = gateway_minutes.to_100 + excluded.to_100,
            to_200 = gateway_minutes.to_200 + excluded.to_200, to_300 = gateway_minutes.to_300 + excluded.to_300,
            to_500 = gateway_minutes.to_500 + excluded.to_500, to_800 = gateway_minutes.to_800 + excluded.to_800,
            to_1200 = gateway_minutes.to_1200 + excluded.to_1200, to_2000 = gateway_minutes.to_2000 + excluded.to_2000,
            to_3000 = gateway_minutes.to_3000 + excluded.to_3000, to_5000 = gateway_minutes.to_5000 + excluded.to_5000,
            to_10000 = gateway_minutes.to_10000 + excluded.to_10000, longer = gateway_minutes.longer + excluded.longer";
    SUMS = sums!("select ", ",
               cast(coalesce(sum(g.to_50), 0) as bigint) as to_50, cast(coalesce(sum(g.to_100), 0) as bigint) as to_100,
               cast(coalesce(sum(g.to_200), 0) as bigint) as to_200, cast(coalesce(sum(g.to_300), 0) as bigint) as to_300,
               cast(coalesce(sum(g.to_500), 0) as bigint) as to_500, cast(coalesce(sum(g.to_800), 0) as bigint) as to_800,
               cast(coalesce(sum(g.to_1200), 0) as bigint) as to_1200, cast(coalesce(sum(g.to_2000), 0) as bigint) as to_2000,
               cast(coalesce(sum(g.to_3000), 0) as bigint) as to_3000, cast(coalesce(sum(g.to_5000), 0) as bigint) as to_5000,
               cast(coalesce(sum(g.to_10000), 0) as bigint) as to_10000, cast(coalesce(sum(g.longer), 0) as bigint) as longer
        from gateway_minutes g
        where g.merchant_id = $1 and g.livemode = $2 and g.connection_id = $3 and g.minute > $4");
    /// Of each connection that takes payments. Each walks its own few minutes.
    LATELY = sums!("select c.id as connection_id, ", "
        from connections c
        join gateway_minutes g on g.merchant_id = c.merchant_id and g.livemode = c.livemode and g.connection_id = c.id
        where c.merchant_id = $1 and c.livemode = $2 and c.status = 'active' and g.minute > $3
        group by c.id order by c.id");
    /// Of every provider, over all merchants.
    BY_PROVIDER = sums!("select c.provider, g.livemode, ", "
        from gateway_minutes g
        join connections c on c.merchant_id = g.merchant_id and c.livemode = g.livemode and c.id = g.connection_id
        where g.minute > $1 group by c.provider, g.livemode order by c.provider, g.livemode");
    DELETE_OLD = "
        delete from gateway_minutes where (merchant_id, livemode, connection_id, minute) in (
          select merchant_id, livemode, connection_id, minute from gateway_minutes
          where minute < $1 order by minute limit $2)";
}

/// The minute of a moment, counted from the Unix epoch.
#[must_use]
pub const fn minute_of(at: Timestamp) -> i64 {
    at.0.div_euclid(MINUTE)
}

/// How calls ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, FromRow)]
pub struct Ends {
    /// Definite answers; a card that is declined is one.
    pub answered: i64,
    /// Definite answers that blame the gateway.
    pub technical: i64,
    /// Definite answers that blame the connection's set-up.
    pub configuration: i64,
    /// The request never left.
    pub not_sent: i64,
    /// No usable answer.
    pub no_answer: i64,
}

impl Ends {
    /// All of them.
    #[must_use]
    pub const fn calls(&self) -> i64 {
        self.answered + self.technical + self.configuration + self.not_sent + self.no_answer
    }
}

/// How calls ended, and how many took how long: up to each of [`BOUNDS`], and longer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Calls {
    /// How they ended.
    pub ends: Ends,
    /// How long they took.
    pub took: [i64; 12],
}

/// A minute of a connection.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Minute {
    /// Whose.
    pub merchant_id: String,
    /// Which world.
    pub livemode: bool,
    /// The connection.
    pub connection_id: String,
    /// See [`minute_of`].
    pub minute: i64,
}

impl Minute {
    /// Whose it is.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`].
    pub fn scope(&self) -> Result<Scope, StoreError> {
        scope_of(&self.merchant_id, self.livemode)
    }
}

/// Adds calls to a minute.
pub fn add(batch: &mut Batch, minute: &Minute, calls: &Calls) {
    let ends = calls.ends;
    let statement = batch
        .add(ADD)
        .bind(minute.merchant_id.as_str())
        .bind(minute.livemode)
        .bind(minute.connection_id.as_str())
        .bind(minute.minute)
        .bind(ends.answered)
        .bind(ends.technical)
        .bind(ends.configuration)
        .bind(ends.not_sent)
        .bind(ends.no_answer);
    for count in calls.took {
        statement.bind(count);
    }
}

#[derive(FromRow)]
struct SumRow {
    #[sqlx(flatten)]
    ends: Ends,
    to_50: i64,
    to_100: i64,
    to_200: i64,
    to_300: i64,
    to_500: i64,
    to_800: i64,
    to_1200: i64,
    to_2000: i64,
    to_3000: i64,
    to_5000: i64,
    to_10000: i64,
    longer: i64,
}

/// The calls of a connection in the minutes after one.
///
/// # Errors
/// The database's.
pub async fn since(tx: &mut Tx, scope: &Scope, connection: &ConnectionId, minute: i64) -> Result<Calls, StoreError> {
    let row: SumRow = on!(tx, |c| sqlx::query_as(SUMS)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(connection.as_str())
        .bind(minute)
        .fetch_one(c)
        .await)?;
    let took = [
        row.to_50,
        row.to_100,
        row.to_200,
        row.to_300,
        row.to_500,
        row.to_800,
        row.to_1200,
        row.to_2000,
        row.to_3000,
        row.to_5000,
        row.to_10000,
        row.longer,
    ];
    Ok(Calls { ends: row.ends, took })
}

/// A connection that was called.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct LatelyRow {
    /// The connection.
    pub connection_id: String,
    /// How calls to it ended.
    #[sqlx(flatten)]
    pub ends: Ends,
}

/// How calls to each active connection ended in the minutes after one.
///
/// # Errors
/// The database's.
pub async fn lately(tx: &mut Tx, scope: &Scope, minute: i64) -> Result<Vec<LatelyRow>, StoreError> {
    Ok(on!(tx, |c| sqlx::query_as(LATELY)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(minute)
        .fetch_all(c)
        .await)?)
}

/// A provider that was called.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct ProviderRow {
    /// The provider.
    pub provider: String,
    /// In which world.
    pub livemode: bool,
    /// How calls to it ended, over all merchants.
    #[sqlx(flatten)]
    pub ends: Ends,
}

/// How calls to each provider ended in the minutes after one, over all merchants.
///
/// # Errors
/// The database's.
pub async fn by_provider(tx: &mut Tx, minute: i64) -> Result<Vec<ProviderRow>, StoreError> {
    Ok(on!(tx, |c| sqlx::query_as(BY_PROVIDER).bind(minute).fetch_all(c).await)?)
}

/// Forgets minutes before one; how many.
///
/// # Errors
/// The database's.
pub async fn delete_old(tx: &mut Tx, minute: i64, limit: i64) -> Result<u64, StoreError> {
    Ok(on!(tx, |c| sqlx::query(DELETE_OLD).bind(minute).bind(limit).execute(c).await.map(|r| r.rows_affected()))?)
}
