//! The inbox of gateways' events: each is kept once, however often it comes, and taken by one worker at a time.

use crate::{StoreError, Tx, changed_one, dialect, payments::scope_of};
use domain::{Scope, Timestamp};
use sqlx::FromRow;

statements! {
    /// Whose a connection is, by the id that stands in the address that a gateway sends to.
    CONNECTION = "
        select merchant_id, livemode, id, provider, credentials from connections where id = $1 and provider = $2 limit 1";
    INSERT = "
        insert into gateway_events (merchant_id, livemode, connection_id, event_id, kind, about, our_key, gateway_ref, status,
                                    next_try_at, received_at, id, payload, payload_size, charge_ref)
        values ($1, $2, $3, $4, $5, $6, $7, $8, 'queued', $9, $9, $10, $11, $12, $13)
        on conflict (merchant_id, livemode, connection_id, event_id) do nothing";
    ANY_DUE = "select cast(count(*) as bigint) from (select 1 from gateway_events where next_try_at <= $1 limit 1) t";
    FINISH = "
        update gateway_events
        set status = $6, last_error = $7, next_try_at = $8, finished_at = $9,
            -- Looked at again, it may change nothing any more: what it changed before stays.
            payment_id = coalesce($10, payment_id), changed = coalesce($11, changed),
            changed_from = coalesce($12, changed_from), changed_to = coalesce($13, changed_to),
            note = case when cast($6 as text) in ('done', 'ignored') then $14 else note end
        where merchant_id = $1 and livemode = $2 and connection_id = $3 and event_id = $4 and tries = $5
          and status = 'queued'";
    /// The operation that an event names by our key; only one of the event's own connection counts.
    BY_KEY = "
        select o.id from operations o
        join attempts a on a.merchant_id = o.merchant_id and a.livemode = o.livemode and a.id = o.attempt_id
        where o.merchant_id = $1 and o.livemode = $2 and a.connection_id = $3 and (o.kind = 'refund') = $4
          and o.idempotency_key = $5
        order by o.created_at, o.id limit 1";
    /// The same by the gateway's own name.
    BY_REF = "
        select o.id from operations o
        join attempts a on a.merchant_id = o.merchant_id and a.livemode = o.livemode and a.id = o.attempt_id
        where o.merchant_id = $1 and o.livemode = $2 and a.connection_id = $3 and (o.kind = 'refund') = $4
          and o.gateway_ref = $5
        order by o.created_at, o.id limit 1";
    /// Whose a key of ours is, wherever: keys are unique.
    OWNER_OF_KEY = "
        select o.merchant_id, o.livemode, a.connection_id from operations o
        join attempts a on a.merchant_id = o.merchant_id and a.livemode = o.livemode and a.id = o.attempt_id
        where o.idempotency_key = $1";
    DELETE_OLD = "
        delete from gateway_events where (merchant_id, livemode, connection_id, event_id) in (
          select merchant_id, livemode, connection_id, event_id from gateway_events
          where finished_at <= $1 order by finished_at limit $2)";
}

/// The connection that events are for.
#[derive(Clone, FromRow)]
pub struct ForEvents {
    /// Whose.
    pub merchant_id: String,
    /// Which world.
    pub livemode: bool,
    /// The connection.
    pub id: String,
    /// Its provider.
    pub provider: String,
    /// Its credentials, sealed.
    pub credentials: Option<Vec<u8>>,
}

impl std::fmt::Debug for ForEvents {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ForEvents").field("id", &self.id).field("provider", &self.provider).finish_non_exhaustive()
    }
}

impl ForEvents {
    /// Whose, and which world.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`].
    pub fn scope(&self) -> Result<Scope, StoreError> {
        scope_of(&self.merchant_id, self.livemode)
    }
}

/// The connection of an address, whatever state it is in: events of old payments go on.
///
/// # Errors
/// The database's.
pub async fn connection(tx: &mut Tx, id: &str, provider: &str) -> Result<Option<ForEvents>, StoreError> {
    Ok(on!(tx, |c| sqlx::query_as(CONNECTION).bind(id).bind(provider).fetch_optional(c).await)?)
}

/// An event that was just heard.
#[derive(Debug, Clone)]
pub struct NewEvent<'a> {
    /// The connection.
    pub connection: &'a str,
    /// The gateway's own name for the event.
    pub id: &'a str,
    /// The gateway's own name for what happened.
    pub kind: &'a str,
    /// `charge`, `refund`, `dispute` or `other`.
    pub about: &'a str,
    /// Our key, if the event tells it.
    pub our_key: Option<&'a str>,
    /// The gateway's own name, if the event tells it.
    pub gateway_ref: Option<&'a str>,
    /// The gateway's own name for the charge, if an event about a refund tells it.
    pub charge_ref: Option<&'a str>,
    /// Our own name for the delivery.
    pub delivery: &'a str,
    /// What came, sealed; perhaps only its beginning.
    pub payload: &'a [u8],
    /// How many bytes came.
    pub payload_size: i64,
    /// Now.
    pub at: Timestamp,
}

/// Keeps an event. False: it came before.
///
/// # Errors
/// The database's.
pub async fn insert(tx: &mut Tx, scope: &Scope, new: &NewEvent<'_>) -> Result<bool, StoreError> {
    let done = on!(tx, |c| sqlx::query(INSERT)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(new.connection)
        .bind(new.id)
        .bind(new.kind)
        .bind(new.about)
        .bind(new.our_key)
        .bind(new.gateway_ref)
        .bind(new.at.0)
        .bind(new.delivery)
        .bind(new.payload)
        .bind(new.payload_size)
        .bind(new.charge_ref)
        .execute(c)
        .await
        .map(|r| r.rows_affected()))?;
    changed_one(done)
}

/// Whether anything is due, asked by a reader: an idle server writes nothing.
///
/// # Errors
/// The database's.
pub async fn any_due(tx: &mut Tx, now: Timestamp) -> Result<bool, StoreError> {
    let count: i64 = on!(tx, |c| sqlx::query_scalar(ANY_DUE).bind(now.0).fetch_one(c).await)?;
    Ok(count > 0)
}

/// An event that a worker has taken.
#[derive(Debug, Clone, FromRow)]
pub struct Taken {
    /// Whose.
    pub merchant_id: String,
    /// Which world.
    pub livemode: bool,
    /// The connection.
    pub connection_id: String,
    /// The gateway's own name for the event.
    pub event_id: String,
    /// `charge`, `refund`, `dispute` or `other`.
    pub about: String,
    /// Our key, if the event tells it.
    pub our_key: Option<String>,
    /// The gateway's own name, if the event tells it.
    pub gateway_ref: Option<String>,
    /// The gateway's own name for the charge, if an event about a refund tells it.
    pub charge_ref: Option<String>,
    /// How often it was taken, this time included.
    pub tries: i64,
    /// How often a person put it back into the queue.
    pub replays: i64,
}

impl Taken {
    /// Whose, and which world.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`].
    pub fn scope(&self) -> Result<Scope, StoreError> {
        scope_of(&self.merchant_id, self.livemode)
    }
}

/// Takes events that are due and puts them off until `until`, so that no other worker looks meanwhile.
///
/// # Errors
/// The database's.
pub async fn claim(tx: &mut Tx, now: Timestamp, until: Timestamp, limit: i64) -> Result<Vec<Taken>, StoreError> {
    let sql = dialect::CLAIM_GATEWAY_EVENTS.text(tx);
    Ok(on!(tx, |c| sqlx::query_as(sql).bind(now.0).bind(until.0).bind(limit).fetch_all(c).await)?)
}

/// How looking at an event ended.
#[derive(Debug, Clone, Copy)]
pub struct Finish<'a> {
    /// `queued`, `done`, `ignored` or `failed`.
    pub status: &'a str,
    /// What went wrong.
    pub error: Option<&'a str>,
    /// When it is looked at again, if it is.
    pub next_try_at: Option<Timestamp>,
    /// When it ended, if it did.
    pub finished_at: Option<Timestamp>,
    /// The payment that it is about, if it was found.
    pub payment: Option<&'a str>,
    /// What it changed (`payment`, `refund` or `dispute`), from which state to which.
    pub changed: Option<(&'a str, &'a str, &'a str)>,
    /// `mismatch` or `other_connection`.
    pub note: Option<&'a str>,
}

/// Whose a key is.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct KeyOwner {
    /// The merchant.
    pub merchant_id: String,
    /// Which world.
    pub livemode: bool,
    /// The connection that it was sent to.
    pub connection_id: String,
}

/// Whose a key of ours is, of all merchants. For telling that an event is about somebody else's payment, and for nothing else.
///
/// # Errors
/// The database's.
pub async fn owner_of_key(tx: &mut Tx, key: &str) -> Result<Option<KeyOwner>, StoreError> {
    Ok(on!(tx, |c| sqlx::query_as(OWNER_OF_KEY).bind(key).fetch_optional(c).await)?)
}

/// Notes how it ended. False: another worker has taken it since.
///
/// # Errors
/// The database's.
pub async fn finish(tx: &mut Tx, event: &Taken, finish: Finish<'_>) -> Result<bool, StoreError> {
    let done = on!(tx, |c| sqlx::query(FINISH)
        .bind(&event.merchant_id)
        .bind(event.livemode)
        .bind(&event.connection_id)
        .bind(&event.event_id)
        .bind(event.tries)
        .bind(finish.status)
        .bind(finish.error)
        .bind(finish.next_try_at.map(|at| at.0))
        .bind(finish.finished_at.map(|at| at.0))
        .bind(finish.payment)
        .bind(finish.changed.map(|(what, _, _)| what))
        .bind(finish.changed.map(|(_, from, _)| from))
        .bind(finish.changed.map(|(_, _, to)| to))
        .bind(finish.note)
        .execute(c)
        .await
        .map(|r| r.rows_affected()))?;
    changed_one(done)
}

/// The operation that an event is about: by our key, else by the gateway's own name.
///
/// # Errors
/// The database's.
pub async fn operation(tx: &mut Tx, event: &Taken) -> Result<Option<String>, StoreError> {
    for (sql, name) in [(BY_KEY, &event.our_key), (BY_REF, &event.gateway_ref)] {
        let Some(name) = name else { continue };
        let found: Option<String> = on!(tx, |c| sqlx::query_scalar(sql)
            .bind(&event.merchant_id)
            .bind(event.livemode)
            .bind(&event.connection_id)
            .bind(event.about == "refund")
            .bind(name)
            .fetch_optional(c)
            .await)?;
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

/// Forgets events that ended before a time; how many. A repeat after that is looked at once more, which changes nothing.
///
/// # Errors
/// The database's.
pub async fn delete_old(tx: &mut Tx, before: Timestamp, limit: i64) -> Result<u64, StoreError> {
    Ok(on!(tx, |c| sqlx::query(DELETE_OLD).bind(before.0).bind(limit).execute(c).await.map(|r| r.rows_affected()))?)
}
