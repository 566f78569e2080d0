//! What the home page shows, in few statements that stay fast however long the history is.

use crate::{StoreError, Tx};
use domain::{Scope, Timestamp, UserId};
use sqlx::FromRow;

statements! {
    /// One row of facts. What is counted is counted up to [`MANY`].
    FACTS = "
        select m.status as merchant_status, m.timezone, m.default_currency, a.status as application_status,
               u.email_verified_at,
               exists (select 1 from connections c where c.merchant_id = m.id and c.livemode = $2 and c.status = 'active')
                 as gateway_active,
               exists (select 1 from connections c where c.merchant_id = m.id and c.livemode = $2 and c.status <> 'archived')
                 as gateway_known,
               exists (select 1 from payment_links l where l.merchant_id = m.id and l.livemode = $2) as link_made,
               exists (select 1 from payments p where p.merchant_id = m.id and p.livemode = $2 and p.status = 'succeeded')
                 as paid,
               (select count(*) from (select 1 as one from payments p
                  where p.merchant_id = m.id and p.livemode = $2 and p.status = 'unknown' limit 1000) as p1)
                 as unknown_payments,
               (select count(*) from (select 1 as one from refunds r
                  where r.merchant_id = m.id and r.livemode = $2 and r.status = 'unknown' limit 1000) as r1)
                 as unknown_refunds,
               (select count(*) from (select 1 as one from refunds r
                  where r.merchant_id = m.id and r.livemode = $2 and r.status = 'failed' and r.created_at >= $4
                    and r.updated_at >= $5 limit 1000) as r2)
                 as failed_refunds,
               (select count(*) from (select 1 as one from payments p
                  where p.merchant_id = m.id and p.livemode = $2 and p.status = 'requires_capture'
                    and p.capture_before <= $6 limit 1000) as p2)
                 as ending_authorizations,
               (select count(*) from (select 1 as one from operations o
                  where o.merchant_id = m.id and o.livemode = $2 and o.review_at is not null and o.review_at <= $7
                  limit 1000) as o1) as to_review,
               (select count(*) from (select 1 as one from operations o
                  where o.merchant_id = m.id and o.livemode = $2 and o.contradicted_at is not null
                    and o.contradicted_at >= $8 limit 1000) as o2) as contradicted,
               (select count(*) from (select 1 as one from attempts t
                  where t.merchant_id = m.id and t.livemode = $2 and t.late_at is not null and t.late_at >= $8
                    and not t.surplus limit 1000) as t1) as late_payments,
               (select count(*) from (select 1 as one from attempts t
                  where t.merchant_id = m.id and t.livemode = $2 and t.late_at is not null and t.late_at >= $8
                    and t.surplus limit 1000) as t2) as paid_twice,
               (select count(*) from (select 1 as one from gateway_events g
                  where g.merchant_id = m.id and g.livemode = $2 and g.note = 'mismatch' and g.received_at >= $8
                  limit 1000) as g1) as mismatched_events,
               (select g.connection_id from gateway_events g
                  where g.merchant_id = m.id and g.livemode = $2 and g.note = 'mismatch' and g.received_at >= $8
                  order by g.received_at desc limit 1) as mismatched_connection,
               (select count(*) from (select 1 as one from disputes d
                  where d.merchant_id = m.id and d.livemode = $2 and d.status in ('inquiry', 'needs_response')
                  limit 1000) as d1) as disputes,
               (select min(d.respond_by) from disputes d
                  where d.merchant_id = m.id and d.livemode = $2 and d.status in ('inquiry', 'needs_response'))
                 as dispute_until,
               (select d.payment_id from disputes d
                  where d.merchant_id = m.id and d.livemode = $2 and d.status in ('inquiry', 'needs_response')
                  order by case when d.respond_by is null then 1 else 0 end, d.respond_by, d.id limit 1) as disputed_payment,
               (select count(*) from (select 1 as one from payments p
                  where p.merchant_id = m.id and p.livemode = $2 and p.exceeded_at is not null and p.exceeded_at >= $8
                  limit 1000) as p3) as exceeded
        from merchants m
        left join applications a on a.merchant_id = m.id
        left join users u on u.id = $3
        where m.id = $1";
    /// The first part finds the merchant's currencies by one look into the index each, so that hours of other times are not
    /// walked through. The cross join keeps SQLite to that order.
    HOURS = "
        with recursive used (currency) as (
          select min(h.currency) from stat_hours h where h.merchant_id = $1 and h.livemode = $2
          union all
          select (select min(h.currency) from stat_hours h
                  where h.merchant_id = $1 and h.livemode = $2 and h.currency > used.currency)
          from used where used.currency is not null)
        select h.currency, h.hour, h.succeeded, h.failed, h.volume, h.refunds, h.refund_volume, h.fees
        from used cross join stat_hours h
        where h.merchant_id = $1 and h.livemode = $2 and h.currency = used.currency and h.hour >= $3 and h.hour < $4
        union all
        select d.currency, d.hour, cast(sum(d.succeeded) as bigint), cast(sum(d.failed) as bigint),
               cast(sum(d.volume) as bigint), cast(sum(d.refunds) as bigint), cast(sum(d.refund_volume) as bigint),
               cast(sum(d.fees) as bigint)
        from stat_deltas d
        where d.merchant_id = $1 and d.livemode = $2 and d.hour >= $3 and d.hour < $4
        group by d.currency, d.hour";
}

/// Where counting ends.
pub const MANY: i64 = 1_000;

/// What the home page decides by.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Facts {
    /// The merchant's state, by name.
    pub merchant_status: String,
    /// The zone by which its days are cut.
    pub timezone: String,
    /// Its own currency.
    pub default_currency: String,
    /// The application's state, by name; none when it was never begun.
    pub application_status: Option<String>,
    /// When the reader's address was verified.
    pub email_verified_at: Option<i64>,
    /// A connection takes payments in this mode.
    pub gateway_active: bool,
    /// A connection stands in this mode.
    pub gateway_known: bool,
    /// A payment link was made in this mode.
    pub link_made: bool,
    /// A payment succeeded in this mode.
    pub paid: bool,
    /// Payments whose outcome is unknown, at most [`MANY`].
    pub unknown_payments: i64,
    /// Refunds whose outcome is unknown, at most [`MANY`].
    pub unknown_refunds: i64,
    /// Refunds that failed lately, at most [`MANY`].
    pub failed_refunds: i64,
    /// Authorisations that end soon, at most [`MANY`].
    pub ending_authorizations: i64,
    /// Calls to gateways that wait for a person, at most [`MANY`].
    pub to_review: i64,
    /// Decisions of a person that a gateway contradicted lately, at most [`MANY`].
    pub contradicted: i64,
    /// Payments whose money came late, lately, at most [`MANY`].
    pub late_payments: i64,
    /// Payments that were paid twice lately, at most [`MANY`].
    pub paid_twice: i64,
    /// Gateways' events of lately that fit no payment of ours as they should, at most [`MANY`].
    pub mismatched_events: i64,
    /// The connection that the latest of them came to.
    pub mismatched_connection: Option<String>,
    /// Disputes that ask for an answer, at most [`MANY`].
    pub disputes: i64,
    /// When the first of them ends, if any says so.
    pub dispute_until: Option<i64>,
    /// The payment of that one.
    pub disputed_payment: Option<String>,
    /// Payments of which refunds and disputes together took more than was captured, lately, at most [`MANY`].
    pub exceeded: i64,
}

/// The facts of a merchant's mode, for one reader. Refunds count as failed lately when they failed at `failed_since` or later
/// and were made at `made_since` or later; the second bound keeps the walk short. Authorisations
/// count when they end by `ending`; late money is told of since `late_since`.
///
/// # Errors
/// The database's.
pub async fn facts(
    tx: &mut Tx,
    scope: &Scope,
    reader: &UserId,
    made_since: Timestamp,
    failed_since: Timestamp,
    ending: Timestamp,
    (now, late_since): (Timestamp, Timestamp),
) -> Result<Option<Facts>, StoreError> {
    Ok(on!(tx, |c| sqlx::query_as(FACTS)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(reader.as_str())
        .bind(made_since.0)
        .bind(failed_since.0)
        .bind(ending.0)
        .bind(now.0)
        .bind(late_since.0)
        .fetch_optional(c)
        .await)?)
}

/// Statistics of an hour and a currency; an hour may come in two parts, one of them not folded yet.
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

/// The statistics of the hours from `from` up to but not including `to`, in no order.
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
