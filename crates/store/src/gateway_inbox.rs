//! The inbox of a connection as people read it: its events, and the deliveries that brought none. Of the latter only the latest
//! are kept, so that forged ones fill no disk.

use crate::{StoreError, Tx, changed_one};
use domain::{ConnectionId, Scope, Timestamp, views::page::Cursor};
use sqlx::FromRow;

/// A page of events: what is asked of them, and which way the page lies from a place.
macro_rules! events {
    ($condition:literal, $sign:literal, $way:literal) => {
        concat!(
            "select id, 'accepted' as verdict, event_id, kind, about, status, tries, last_error, note, payment_id, changed,
                    changed_from, changed_to, received_at, finished_at
             from gateway_events where merchant_id = $1 and livemode = $2 and connection_id = $3 and (received_at, id) ",
            $sign,
            " ($4, $5)",
            $condition,
            " order by received_at ",
            $way,
            ", id ",
            $way,
            " limit $6"
        )
    };
}

/// The same of deliveries that brought no event.
macro_rules! deliveries {
    ($condition:literal, $sign:literal, $way:literal) => {
        concat!(
            "select id, verdict, event_id, kind, cast(null as text) as about, cast(null as text) as status,
                    cast(null as bigint) as tries, cast(null as text) as last_error, cast(null as text) as note,
                    cast(null as text) as payment_id, cast(null as text) as changed, cast(null as text) as changed_from,
                    cast(null as text) as changed_to, received_at, cast(null as bigint) as finished_at
             from gateway_deliveries where merchant_id = $1 and livemode = $2 and connection_id = $3 and (received_at, id) ",
            $sign,
            " ($4, $5)",
            $condition,
            " order by received_at ",
            $way,
            ", id ",
            $way,
            " limit $6"
        )
    };
}

statements! {
    EVENTS_OLDER = events!("", "<", "desc");
    EVENTS_NEWER = events!("", ">", "asc");
    EVENTS_BY_STATUS_OLDER = events!(" and status = $7", "<", "desc");
    EVENTS_BY_STATUS_NEWER = events!(" and status = $7", ">", "asc");
    MISMATCHED_OLDER = events!(" and note = 'mismatch'", "<", "desc");
    MISMATCHED_NEWER = events!(" and note = 'mismatch'", ">", "asc");
    DELIVERIES_OLDER = deliveries!("", "<", "desc");
    DELIVERIES_NEWER = deliveries!("", ">", "asc");
    REPEATS_OLDER = deliveries!(" and verdict = 'repeat'", "<", "desc");
    REPEATS_NEWER = deliveries!(" and verdict = 'repeat'", ">", "asc");
    REFUSED_OLDER = deliveries!(" and verdict <> 'repeat'", "<", "desc");
    REFUSED_NEWER = deliveries!(" and verdict <> 'repeat'", ">", "asc");
    EVENT_AT = events!("", "=", "desc");
    DELIVERY_AT = deliveries!("", "=", "desc");
    EVENT_PAYLOAD = "
        select payload, payload_size, our_key, gateway_ref from gateway_events
        where merchant_id = $1 and livemode = $2 and connection_id = $3 and received_at = $4 and id = $5";
    DELIVERY_PAYLOAD = "
        select payload, payload_size, cast(null as text) as our_key, cast(null as text) as gateway_ref from gateway_deliveries
        where merchant_id = $1 and livemode = $2 and connection_id = $3 and received_at = $4 and id = $5";
    INSERT = "
        insert into gateway_deliveries (merchant_id, livemode, connection_id, id, verdict, event_id, kind, payload, payload_size,
                                        received_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    /// Forgets a connection's deliveries after the latest so many.
    TRIM = "
        delete from gateway_deliveries
        where merchant_id = $1 and livemode = $2 and connection_id = $3 and (received_at, id) <= (
          select d.received_at, d.id from gateway_deliveries d
          where d.merchant_id = $1 and d.livemode = $2 and d.connection_id = $3
          order by d.received_at desc, d.id desc limit 1 offset $4)";
    REPLAY = "
        update gateway_events
        set status = 'queued', next_try_at = $6, finished_at = null, last_error = null, replays = replays + 1
        where merchant_id = $1 and livemode = $2 and connection_id = $3 and received_at = $4 and id = $5
          and status <> 'queued'";
    /// When each connection's last event came, and its last refused delivery, by one look into an index each.
    LAST = "
        select c.id,
               (select e.received_at from gateway_events e
                where e.merchant_id = c.merchant_id and e.livemode = c.livemode and e.connection_id = c.id
                order by e.received_at desc limit 1) as accepted_at,
               (select d.received_at from gateway_deliveries d
                where d.merchant_id = c.merchant_id and d.livemode = c.livemode and d.connection_id = c.id
                  and d.verdict <> 'repeat'
                order by d.received_at desc, d.id desc limit 1) as refused_at,
               (select d.verdict from gateway_deliveries d
                where d.merchant_id = c.merchant_id and d.livemode = c.livemode and d.connection_id = c.id
                  and d.verdict <> 'repeat'
                order by d.received_at desc, d.id desc limit 1) as refused_why
        from connections c where c.merchant_id = $1 and c.livemode = $2";
    DELETE_OLD = "
        delete from gateway_deliveries where (merchant_id, livemode, connection_id, received_at, id) in (
          select merchant_id, livemode, connection_id, received_at, id from gateway_deliveries
          where received_at <= $1 order by received_at limit $2)";
}

/// What a list shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown<'a> {
    /// Every delivery.
    All,
    /// Events in a state: `queued`, `done`, `ignored` or `failed`.
    Status(&'a str),
    /// Events that fit no payment of ours as they should.
    Mismatched,
    /// Events that came again.
    Repeats,
    /// Deliveries that were not believed.
    Refused,
}

/// A delivery without its content.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
#[allow(missing_docs, reason = "named as the columns are")]
pub struct InboxRow {
    pub id: String,
    pub verdict: String,
    pub event_id: Option<String>,
    pub kind: Option<String>,
    pub about: Option<String>,
    pub status: Option<String>,
    pub tries: Option<i64>,
    pub last_error: Option<String>,
    pub note: Option<String>,
    pub payment_id: Option<String>,
    pub changed: Option<String>,
    pub changed_from: Option<String>,
    pub changed_to: Option<String>,
    pub received_at: i64,
    pub finished_at: Option<i64>,
}

/// What a delivery held.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct PayloadRow {
    /// What came, sealed; none of events that came before it was kept.
    pub payload: Option<Vec<u8>>,
    /// How many bytes came.
    pub payload_size: Option<i64>,
    /// Our key, if the event tells it.
    pub our_key: Option<String>,
    /// The gateway's own name, if the event tells it.
    pub gateway_ref: Option<String>,
}

/// When a connection heard something last.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct LastRow {
    /// The connection.
    pub id: String,
    /// Its last event.
    pub accepted_at: Option<i64>,
    /// Its last delivery that was refused.
    pub refused_at: Option<i64>,
    /// Why that was.
    pub refused_why: Option<String>,
}

/// Deliveries older (or newer) than a place, at most `limit`, those next to the place first.
///
/// # Errors
/// The database's.
pub async fn page(
    tx: &mut Tx,
    scope: &Scope,
    connection: &ConnectionId,
    shown: Shown<'_>,
    (older, place): (bool, &Cursor),
    limit: i64,
) -> Result<Vec<InboxRow>, StoreError> {
    let (both, status): (&[[&'static str; 2]], Option<&str>) = match shown {
        Shown::All => (&[[EVENTS_OLDER, EVENTS_NEWER], [DELIVERIES_OLDER, DELIVERIES_NEWER]], None),
        Shown::Status(status) => (&[[EVENTS_BY_STATUS_OLDER, EVENTS_BY_STATUS_NEWER]], Some(status)),
        Shown::Mismatched => (&[[MISMATCHED_OLDER, MISMATCHED_NEWER]], None),
        Shown::Repeats => (&[[REPEATS_OLDER, REPEATS_NEWER]], None),
        Shown::Refused => (&[[REFUSED_OLDER, REFUSED_NEWER]], None),
    };
    let mut rows: Vec<InboxRow> = Vec::new();
    for [down, up] in both {
        let sql = if older { *down } else { *up };
        let found: Vec<InboxRow> = on!(tx, |c| {
            let query = sqlx::query_as(sql)
                .bind(scope.merchant.as_str())
                .bind(scope.mode.is_live())
                .bind(connection.as_str())
                .bind(place.at.0)
                .bind(&place.id)
                .bind(limit);
            match status {
                Some(status) => query.bind(status).fetch_all(c).await,
                None => query.fetch_all(c).await,
            }
        })?;
        rows.extend(found);
    }
    rows.sort_by(|a, b| (a.received_at, &a.id).cmp(&(b.received_at, &b.id)));
    if older {
        rows.reverse();
    }
    rows.truncate(usize::try_from(limit).unwrap_or(0));
    Ok(rows)
}

/// The delivery at a place, with what it held.
///
/// # Errors
/// The database's.
pub async fn one(
    tx: &mut Tx,
    scope: &Scope,
    connection: &ConnectionId,
    place: &Cursor,
) -> Result<Option<(InboxRow, PayloadRow)>, StoreError> {
    for (row, payload) in [(EVENT_AT, EVENT_PAYLOAD), (DELIVERY_AT, DELIVERY_PAYLOAD)] {
        let row: Option<InboxRow> = on!(tx, |c| sqlx::query_as(row)
            .bind(scope.merchant.as_str())
            .bind(scope.mode.is_live())
            .bind(connection.as_str())
            .bind(place.at.0)
            .bind(&place.id)
            .bind(1_i64)
            .fetch_optional(c)
            .await)?;
        let Some(row) = row else { continue };
        let payload: Option<PayloadRow> = on!(tx, |c| sqlx::query_as(payload)
            .bind(scope.merchant.as_str())
            .bind(scope.mode.is_live())
            .bind(connection.as_str())
            .bind(place.at.0)
            .bind(&place.id)
            .fetch_optional(c)
            .await)?;
        return Ok(payload.map(|payload| (row, payload)));
    }
    Ok(None)
}

/// A delivery that brought no new event.
#[derive(Debug, Clone)]
pub struct NewDelivery<'a> {
    /// The connection.
    pub connection: &'a str,
    /// Our own name for it.
    pub id: &'a str,
    /// `repeat`, `signature`, `time`, `unreadable` or `not_now`.
    pub verdict: &'a str,
    /// Of a repeat: the gateway's own names for the event, and for what happened.
    pub event: Option<(&'a str, &'a str)>,
    /// The beginning of what came, sealed.
    pub payload: &'a [u8],
    /// How many bytes came.
    pub payload_size: i64,
    /// Now.
    pub at: Timestamp,
}

/// Keeps a delivery, and of the connection's older ones so many that `most` are kept.
///
/// # Errors
/// The database's.
pub async fn insert(tx: &mut Tx, scope: &Scope, new: &NewDelivery<'_>, most: i64) -> Result<(), StoreError> {
    on!(tx, |c| sqlx::query(INSERT)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(new.connection)
        .bind(new.id)
        .bind(new.verdict)
        .bind(new.event.map(|(id, _)| id))
        .bind(new.event.map(|(_, kind)| kind))
        .bind(new.payload)
        .bind(new.payload_size)
        .bind(new.at.0)
        .execute(c)
        .await
        .map(drop))?;
    on!(tx, |c| sqlx::query(TRIM)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(new.connection)
        .bind(most)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// Puts the event at a place back into the queue; false when it is there already, or there is none.
///
/// # Errors
/// The database's.
pub async fn replay(
    tx: &mut Tx,
    scope: &Scope,
    connection: &ConnectionId,
    place: &Cursor,
    at: Timestamp,
) -> Result<bool, StoreError> {
    let done = on!(tx, |c| sqlx::query(REPLAY)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(connection.as_str())
        .bind(place.at.0)
        .bind(&place.id)
        .bind(at.0)
        .execute(c)
        .await
        .map(|r| r.rows_affected()))?;
    changed_one(done)
}

/// When each connection heard something last.
///
/// # Errors
/// The database's.
pub async fn last(tx: &mut Tx, scope: &Scope) -> Result<Vec<LastRow>, StoreError> {
    Ok(on!(tx, |c| sqlx::query_as(LAST).bind(scope.merchant.as_str()).bind(scope.mode.is_live()).fetch_all(c).await)?)
}

/// Forgets deliveries that came before a time; how many.
///
/// # Errors
/// The database's.
pub async fn delete_old(tx: &mut Tx, before: Timestamp, limit: i64) -> Result<u64, StoreError> {
    Ok(on!(tx, |c| sqlx::query(DELETE_OLD).bind(before.0).bind(limit).execute(c).await.map(|r| r.rows_affected()))?)
}
