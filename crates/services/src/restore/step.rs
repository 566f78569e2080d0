//! Lists what gateways did, window by window, and books what is missing.

use super::{SLACK, book};
use crate::{ServiceError, Services, gateway_call};
use domain::{
    Scope, Timestamp,
    time::{HOUR, MINUTE, SECOND},
};
use gateways::{Call, Gateway, GatewayFailure, Window};
use std::sync::Arc;
use store::{
    StoreError, connections,
    payments::parse,
    restores::{self, Progress, Restore, RestoreConnection},
};

/// Length of a window.
const WINDOW: i64 = 6 * HOUR;
/// How far into the future the last window reaches: gateways' clocks differ from ours.
const AHEAD: i64 = 5 * MINUTE;
/// How long a worker has a connection to itself.
const CLAIMED: i64 = 2 * MINUTE;
/// Pages of one step.
const PAGES: usize = 20;
/// Connections of one round.
const MOST: i64 = 8;
/// How often a listing fails before a person is asked; it is tried on all the same until then.
const PATIENCE: i64 = 20;

/// Asks connections of open restores for what is missing, a few pages each; how many were asked.
///
/// # Errors
/// The database's.
pub async fn run(svc: &Services, limit: i64) -> Result<usize, ServiceError> {
    if restores::open(&mut svc.db().read().await?).await?.is_none() {
        return Ok(0);
    }
    let now = svc.now();
    let claimed: Result<Vec<RestoreConnection>, StoreError> = svc
        .db()
        .write(&(now, limit.min(MOST)), |tx, &(now, limit)| {
            Box::pin(async move { restores::claim(tx, now, now.plus(CLAIMED), limit).await })
        })
        .await;
    let claimed = claimed?;
    let count = claimed.len();
    futures::future::join_all(claimed.into_iter().map(|line| async move {
        let progress = one(svc, &line).await.unwrap_or_else(|error| {
            tracing::error!(connection = line.connection_id, %error, "a connection's history could not be booked");
            failed(svc, &line, "a fault, see the log")
        });
        if let Err(error) = advance(svc, &line, &progress).await {
            tracing::error!(connection = line.connection_id, %error, "a listing's progress could not be written");
        }
    }))
    .await;
    let finished: Result<u64, StoreError> =
        svc.db().write(&now, |tx, &now| Box::pin(async move { restores::finish(tx, now).await })).await;
    if finished? > 0 {
        tracing::info!("every gateway was asked what happened since the backup: mail and jobs go on");
    }
    Ok(count)
}

async fn advance(svc: &Services, line: &RestoreConnection, progress: &Progress) -> Result<(), StoreError> {
    let done: Result<bool, StoreError> = svc
        .db()
        .write(&(line, progress), |tx, &(line, progress)| {
            Box::pin(async move { restores::advance(tx, line, progress).await })
        })
        .await;
    done.map(drop)
}

fn failed(svc: &Services, line: &RestoreConnection, why: &str) -> Progress {
    let wait = (5 * SECOND).saturating_mul(line.tries.clamp(1, 60)).min(5 * MINUTE);
    let status = match line.status.as_str() {
        _ if line.tries >= PATIENCE => "waiting",
        "refunds" => "refunds",
        _ => "charges",
    };
    Progress {
        status,
        listed_until: Timestamp(line.listed_until),
        place: line.place.clone(),
        charges: 0,
        refunds: 0,
        tries: line.tries,
        next_try_at: svc.now().plus(wait),
        error: Some(why.chars().take(300).collect()),
    }
}

fn waiting(svc: &Services, line: &RestoreConnection, why: &str) -> Progress {
    Progress { status: "waiting", ..failed(svc, line, why) }
}

/// What a step works with.
struct Step<'a> {
    svc: &'a Services,
    scope: Scope,
    line: &'a RestoreConnection,
    restore: Restore,
    gateway: Arc<dyn Gateway>,
    provider: String,
    method: String,
    call: Call,
}

async fn one(svc: &Services, line: &RestoreConnection) -> Result<Progress, ServiceError> {
    let scope = line.scope()?;
    let (row, restore) = {
        let mut tx = svc.db().read().await?;
        let row = connections::for_call(&mut tx, &scope, &parse(&line.connection_id)?).await?;
        (row, restores::get(&mut tx, &line.restore_id).await?)
    };
    let (Some(row), Some(restore)) = (row, restore) else { return Ok(waiting(svc, line, "it is gone")) };
    let Some(gateway) = svc.gateways().get(&row.provider) else {
        return Ok(waiting(svc, line, "this program does not know its provider"));
    };
    if gateway.listing().is_none() {
        return Ok(waiting(svc, line, "it can't list what it did"));
    }
    let key = format!("list-{}", line.connection_id);
    let call = match gateway_call::call(svc, &scope, &line.connection_id, row.credentials.as_deref(), &key) {
        Ok(call) => call,
        Err(failure) => return Ok(waiting(svc, line, &failure.to_string())),
    };
    let method = connections::texts(&row.methods)?.into_iter().next().unwrap_or_else(|| "card".to_owned());
    let step = Step { svc, scope, line, restore, gateway, provider: row.provider, method, call };
    step.pages().await
}

impl Step<'_> {
    async fn pages(&self) -> Result<Progress, ServiceError> {
        let mut progress = Progress {
            status: if self.line.status == "refunds" { "refunds" } else { "charges" },
            listed_until: Timestamp(self.line.listed_until),
            place: self.line.place.clone(),
            charges: 0,
            refunds: 0,
            tries: 0,
            next_try_at: self.svc.now(),
            error: None,
        };
        let end = self.svc.now().max(Timestamp(self.restore.restored_at)).plus(AHEAD);
        for _ in 0..PAGES {
            let window = Window { from: progress.listed_until, to: progress.listed_until.plus(WINDOW).min(end) };
            match self.page(&mut progress, window).await? {
                Err(Stopped::Later(why)) => {
                    let tries = self.line.tries;
                    return Ok(Progress { tries, ..self.stopped(progress, &failed(self.svc, self.line, &why)) });
                }
                Err(Stopped::Person(why)) => {
                    return Ok(self.stopped(progress, &waiting(self.svc, self.line, &why)));
                }
                Ok(Some(next)) => progress.place = Some(next),
                Ok(None) if window.to < end => {
                    progress.place = None;
                    progress.listed_until = window.to;
                }
                Ok(None) if progress.status == "charges" => {
                    progress.status = "refunds";
                    progress.place = None;
                    progress.listed_until = Timestamp(self.restore.since).plus(-SLACK);
                }
                Ok(None) => {
                    progress.status = "done";
                    return Ok(progress);
                }
            }
        }
        Ok(progress)
    }

    /// What was listed before it stopped stands.
    fn stopped(&self, progress: Progress, why: &Progress) -> Progress {
        let status = if why.status == "waiting" { "waiting" } else { progress.status };
        Progress { status, next_try_at: why.next_try_at, error: why.error.clone(), tries: why.tries, ..progress }
    }

    /// Lists a page and books what is missing; the place of the next one.
    async fn page(
        &self,
        progress: &mut Progress,
        window: Window,
    ) -> Result<Result<Option<String>, Stopped>, ServiceError> {
        let Some(listing) = self.gateway.listing() else { return Ok(Err(Stopped::Person("it can't list".to_owned()))) };
        let (svc, connection) = (self.svc, self.line.connection_id.as_str());
        let place = progress.place.as_deref();
        let found = book::Place {
            svc,
            scope: &self.scope,
            connection,
            provider: &self.provider,
            method: &self.method,
            restore: &self.line.restore_id,
        };
        if progress.status == "charges" {
            let question = listing.list_charges(&self.call, window, place);
            let page = match gateway_call::lookup(svc, &self.scope, connection, &self.provider, question).await {
                Ok(page) => page,
                Err(failure) => return Ok(Err(later(&failure))),
            };
            for charge in &page.charges {
                progress.charges += i64::from(book::charge(&found, charge).await?);
            }
            return Ok(Ok(page.next));
        }
        let question = listing.list_refunds(&self.call, window, place);
        let page = match gateway_call::lookup(svc, &self.scope, connection, &self.provider, question).await {
            Ok(Some(page)) => page,
            Ok(None) => return Ok(Err(Stopped::Person("it can't list refunds".to_owned()))),
            Err(failure) => return Ok(Err(later(&failure))),
        };
        for refund in &page.refunds {
            match book::refund(&found, refund).await? {
                book::Refunded::Known => {}
                book::Refunded::Booked => progress.refunds += 1,
                book::Refunded::Refused(why) => return Ok(Err(Stopped::Person(why))),
            }
        }
        Ok(Ok(page.next))
    }
}

/// Why a listing does not go on now.
enum Stopped {
    Later(String),
    Person(String),
}

fn later(failure: &GatewayFailure) -> Stopped {
    Stopped::Later(failure.to_string())
}
