//! Events are looked at: by a worker, later.

use crate::{
    ServiceError, Services,
    reconcile::{self, schedule},
};
use domain::time::DAY;
use futures::{StreamExt, stream};
use store::{
    StoreError,
    gateway_events::{self, Finish, Taken},
    operations,
};

/// Events that are looked at at once.
const AT_ONCE: usize = 8;
/// How often an event is looked at while its gateway does not answer. The reconciler goes on by itself.
const MAX_TRIES: i64 = 8;
/// How long an event that was looked at is kept.
const KEPT: i64 = 30 * DAY;

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
    let outcome = look(svc, event).await;
    fail_point!(svc, EventDone);
    let now = svc.now();
    let finish = match &outcome {
        Ok(Look::Done) => Finish { status: "done", error: None, next_try_at: None, finished_at: Some(now) },
        Ok(Look::NotOurs) => Finish { status: "ignored", error: None, next_try_at: None, finished_at: Some(now) },
        Ok(Look::NoAnswer) if event.tries < MAX_TRIES => {
            let next_try_at = Some(schedule::next(now, event.tries));
            Finish { status: "queued", error: Some("the gateway did not answer"), next_try_at, finished_at: None }
        }
        Ok(Look::NoAnswer) => {
            let error = Some("the gateway did not answer");
            Finish { status: "failed", error, next_try_at: None, finished_at: Some(now) }
        }
        Err(_) => return outcome.map(drop),
    };
    svc.db()
        .write(&(event, finish), |tx, &(event, finish)| {
            Box::pin(async move { gateway_events::finish(tx, event, finish).await })
        })
        .await
        .map(drop)
        .map_err(|error: StoreError| error.into())
}

/// What looking at an event came to.
enum Look {
    /// The gateway was asked and what it said was settled.
    Done,
    /// It is about nothing that we asked for.
    NotOurs,
    /// The gateway has to be asked again.
    NoAnswer,
}

async fn look(svc: &Services, event: &Taken) -> Result<Look, ServiceError> {
    let work = {
        let mut tx = svc.db().read().await?;
        match gateway_events::operation(&mut tx, event).await? {
            Some(id) => operations::work(&mut tx, &event.scope()?, &id).await?,
            None => None,
        }
    };
    let Some(work) = work else { return Ok(Look::NotOurs) };
    Ok(if reconcile::hinted(svc, work).await? { Look::Done } else { Look::NoAnswer })
}

/// Forgets events that were looked at long ago.
///
/// # Errors
/// The database's.
pub async fn delete_old(svc: &Services) -> Result<u64, ServiceError> {
    svc.db()
        .write(&svc.now().plus(-KEPT), |tx, &before| {
            Box::pin(async move { gateway_events::delete_old(tx, before, 1_000).await })
        })
        .await
        .map_err(|error: StoreError| error.into())
}
