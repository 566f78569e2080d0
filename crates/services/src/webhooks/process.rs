//! Events are looked at: by a worker, later.

use super::look::{Look, look};
use crate::{ServiceError, Services, reconcile::schedule};
use domain::time::DAY;
use futures::{StreamExt, stream};
use store::{
    StoreError,
    gateway_events::{self, Finish, Taken},
    gateway_inbox,
};

/// Events that are looked at at once.
const AT_ONCE: usize = 8;
/// How often an event is looked at while its gateway does not answer, and again as often after each time that a person asks for it. The reconciler goes on by itself.
const MAX_TRIES: i64 = 8;
/// How long an event that was looked at is kept.
const KEPT: i64 = 30 * DAY;
/// The gateway did not say where it stands.
const NO_ANSWER: &str = "no_answer";

/// Looks at events that are due, at most `limit`; how many it took on. Several workers may do this at once.
///
/// # Errors
/// The database's. What fails for one event is noted with it and tried again.
pub async fn process(svc: &Services, limit: i64) -> Result<usize, ServiceError> {
    let now = svc.now();
    if !gateway_events::any_due(&mut svc.db().read().await?, now).await? {
        return Ok(0);
    }
    let taken: Result<Vec<Taken>, StoreError> = svc
        .db()
        .write(&(now, now.plus(schedule::CLAIMED), limit), |tx, &(now, until, limit)| {
            Box::pin(async move { gateway_events::claim(tx, now, until, limit).await })
        })
        .await;
    let taken = taken?;
    let count = taken.len();
    stream::iter(taken)
        .for_each_concurrent(AT_ONCE, |event| async move {
            if let Err(error) = one(svc, &event).await {
                tracing::error!(event = event.event_id, %error, "a gateway's event could not be looked at");
            }
        })
        .await;
    Ok(count)
}

async fn one(svc: &Services, event: &Taken) -> Result<(), ServiceError> {
    fail_point!(svc, EventClaimed);
    let seen = look(svc, event).await;
    fail_point!(svc, EventDone);
    let seen = seen?;
    let now = svc.now();
    let (status, error) = match seen.end {
        Look::Done => ("done", None),
        Look::NotOurs => ("ignored", None),
        Look::NoAnswer if event.tries < MAX_TRIES * (1 + event.replays) => ("queued", Some(NO_ANSWER)),
        Look::NoAnswer => ("failed", Some(NO_ANSWER)),
    };
    let queued = status == "queued";
    let finish = Finish {
        status,
        error,
        next_try_at: queued.then(|| schedule::next(now, event.tries)),
        finished_at: (!queued).then_some(now),
        payment: seen.payment.as_deref(),
        changed: seen.changed.as_ref().map(|(what, from, to)| (*what, from.as_str(), to.as_str())),
        note: seen.note,
    };
    svc.db()
        .write(&(event, finish), |tx, &(event, finish)| {
            Box::pin(async move { gateway_events::finish(tx, event, finish).await })
        })
        .await
        .map(drop)
        .map_err(|error: StoreError| error.into())
}

/// Forgets events that were looked at long ago, and other deliveries as old; with them goes what they held.
///
/// # Errors
/// The database's.
pub async fn delete_old(svc: &Services) -> Result<u64, ServiceError> {
    svc.db()
        .write(&svc.now().plus(-KEPT), |tx, &before| {
            Box::pin(async move {
                let events = gateway_events::delete_old(tx, before, 1_000).await?;
                Ok(events + gateway_inbox::delete_old(tx, before, 1_000).await?)
            })
        })
        .await
        .map_err(|error: StoreError| error.into())
}
