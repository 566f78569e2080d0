//! Events of the outbox: frozen when they are written, numbered in commit order by a job.

use crate::{Batch, StoreError, Tx};
use domain::{EventId, Scope, Timestamp};

statements! {
    INSERT = "
        insert into events (merchant_id, livemode, id, kind, object_id, payload, api_version, created_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8)";
    ANY_UNNUMBERED = "select cast(count(*) as bigint) from (select 1 from events where number is null limit 1) as one";
    COUNTER = "
        insert into settings (name, value, updated_at) values ('event_number', '0', $1) on conflict (name) do nothing";
    /// The row's lock keeps numbering workers apart on either engine.
    TAKE_COUNTER = "update settings set updated_at = $1 where name = 'event_number' returning value";
    SET_COUNTER = "update settings set value = $1, updated_at = $2 where name = 'event_number'";
    /// Whatever is visible now was committed before whatever gets its number next time.
    NUMBER = "
        update events set number = $1 + n.place
        from (select merchant_id, livemode, id, row_number() over (order by created_at, id) as place
              from events where number is null order by created_at, id limit $2) n
        where events.merchant_id = n.merchant_id and events.livemode = n.livemode and events.id = n.id";
}

/// An event to be.
#[derive(Debug, Clone)]
pub struct NewEvent<'a> {
    /// Its id.
    pub id: &'a EventId,
    /// What happened: `payment.succeeded` …
    pub kind: &'a str,
    /// To what.
    pub object: &'a str,
    /// The whole payload, JSON.
    pub payload: &'a str,
    /// The version of the payload's form.
    pub api_version: &'a str,
    /// Now.
    pub at: Timestamp,
}

/// Writes an event with the change that it tells of.
pub fn insert(batch: &mut Batch, scope: &Scope, new: &NewEvent<'_>) {
    batch
        .add(INSERT)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(new.id.as_str())
        .bind(new.kind)
        .bind(new.object)
        .bind(new.payload)
        .bind(new.api_version)
        .bind(new.at.0);
}

/// Whether an event waits for its number.
///
/// # Errors
/// The database's.
pub async fn any_unnumbered(tx: &mut Tx) -> Result<bool, StoreError> {
    let found: i64 = on!(tx, |c| sqlx::query_scalar(ANY_UNNUMBERED).fetch_one(c).await)?;
    Ok(found > 0)
}

/// Numbers events that have no number yet; how many.
///
/// # Errors
/// The database's.
pub async fn number(tx: &mut Tx, at: Timestamp, limit: i64) -> Result<u64, StoreError> {
    on!(tx, |c| sqlx::query(COUNTER).bind(at.0).execute(c).await.map(drop))?;
    let last: String = on!(tx, |c| sqlx::query_scalar(TAKE_COUNTER).bind(at.0).fetch_one(c).await)?;
    let last: i64 = crate::payments::parse(&last)?;
    let done = on!(tx, |c| sqlx::query(NUMBER).bind(last).bind(limit).execute(c).await.map(|r| r.rows_affected()))?;
    let next = i64::try_from(done).ok().and_then(|done| last.checked_add(done));
    let next = next.ok_or_else(|| StoreError::Corrupt("event numbers have run out".into()))?;
    on!(tx, |c| sqlx::query(SET_COUNTER).bind(next.to_string()).bind(at.0).execute(c).await.map(drop))?;
    Ok(done)
}
