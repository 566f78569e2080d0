//! Events are looked at: by a worker, later.

use crate::{
    ServiceError, Services,
    reconcile::{self, Hinted, schedule},
};
use domain::time::DAY;
use futures::{StreamExt, stream};
use store::{
    StoreError, Tx,
    gateway_events::{self, Finish, Taken},
    gateway_inbox,
    operations::{self, Work},
};

/// Events that are looked at at once.
const AT_ONCE: usize = 8;
/// How often an event is looked at while its gateway does not answer, and again as often after each time that a person asks for it. The reconciler goes on by itself.
const MAX_TRIES: i64 = 8;
/// How long an event that was looked at is kept.
const KEPT: i64 = 30 * DAY;
/// The gateway did not say where it stands.
const NO_ANSWER: &str = "no_answer";
/// Another amount, currency or merchant than ours.
const MISMATCH: &str = "mismatch";

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

/// How looking at an event ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Look {
    /// The gateway was asked and what it said was settled.
    Done,
    /// It is about nothing that we asked for.
    NotOurs,
    /// The gateway has to be asked again.
    NoAnswer,
}

/// What looking at an event came to.
struct Seen {
    end: Look,
    /// The payment that it is about.
    payment: Option<String>,
    /// What it changed, from which state to which.
    changed: Option<(&'static str, String, String)>,
    /// What a person should know.
    note: Option<&'static str>,
}

async fn look(svc: &Services, event: &Taken) -> Result<Seen, ServiceError> {
    let scope = event.scope()?;
    let mut tx = svc.db().read().await?;
    let work = match gateway_events::operation(&mut tx, event).await? {
        Some(id) => operations::work(&mut tx, &scope, &id).await?,
        None => None,
    };
    let Some(work) = work else {
        let note = elsewhere(&mut tx, event).await?;
        return Ok(Seen { end: Look::NotOurs, payment: None, changed: None, note });
    };
    drop(tx);
    let (id, payment, (what, before)) = (work.id.clone(), work.payment_id.clone(), standing(&work));
    let hinted = reconcile::hinted(svc, work).await?;
    let after = operations::work(&mut svc.db().read().await?, &scope, &id).await?.map(|work| standing(&work).1);
    let changed = after.filter(|after| *after != before).map(|after| (what, before, after));
    if hinted == Hinted::Mismatch {
        tracing::warn!(event = event.event_id, payment, "a gateway tells of another amount or currency than ours");
    }
    let end = if hinted == Hinted::Silent { Look::NoAnswer } else { Look::Done };
    Ok(Seen { end, payment: Some(payment), changed, note: (hinted == Hinted::Mismatch).then_some(MISMATCH) })
}

/// What an event can change, and its state.
fn standing(work: &Work) -> (&'static str, String) {
    match &work.refund_status {
        Some(status) => ("refund", status.clone()),
        None => ("payment", work.payment_status.clone()),
    }
}

/// What is to be said of an event that is about nothing of its connection's: that it names a payment of another merchant, or of
/// another connection. An event that names no key of ours is somebody else's business: accounts at gateways are shared.
async fn elsewhere(tx: &mut Tx, event: &Taken) -> Result<Option<&'static str>, ServiceError> {
    let Some(key) = event.our_key.as_deref() else { return Ok(None) };
    let Some(owner) = gateway_events::owner_of_key(tx, key).await? else { return Ok(None) };
    if (owner.merchant_id.as_str(), owner.livemode) != (event.merchant_id.as_str(), event.livemode) {
        tracing::warn!(
            event = event.event_id,
            connection = event.connection_id,
            "an event names another merchant's payment"
        );
        return Ok(Some(MISMATCH));
    }
    Ok((owner.connection_id != event.connection_id).then_some("other_connection"))
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
