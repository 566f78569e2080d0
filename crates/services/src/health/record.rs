//! Counting calls, and writing the counts down.

use super::alerts;
use crate::{ServiceError, Services};
use domain::{
    Scope, Timestamp,
    decline::DeclineClass,
    time::{HOUR, MINUTE},
};
use gateways::{ChargeReply, ChargeState, GatewayFailure, RefundReply, RefundState};
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use store::{
    Batch, StoreError,
    gateway_minutes::{self, BOUNDS, Calls, Minute, minute_of},
};

/// How long minutes are kept: a day, and an hour for whoever looks at its end.
const KEPT: i64 = 25 * HOUR;
/// Minutes that are written at once.
const AT_ONCE: usize = 200;

/// An answer that may blame the gateway.
pub trait Answered {
    /// Whom it blames, if it is neither the card nor the customer.
    fn blames(&self) -> Option<End>;
}

impl Answered for ChargeReply {
    fn blames(&self) -> Option<End> {
        match &self.state {
            ChargeState::Declined(code) => match code.class() {
                DeclineClass::Technical => Some(End::Technical),
                DeclineClass::Configuration => Some(End::Configuration),
                DeclineClass::Hard | DeclineClass::Soft | DeclineClass::Authentication => None,
            },
            _ => None,
        }
    }
}

impl Answered for RefundReply {
    fn blames(&self) -> Option<End> {
        match &self.state {
            RefundState::Failed { code: "gateway_misconfigured" } => Some(End::Configuration),
            RefundState::Failed { code: "gateway_unavailable" } => Some(End::Technical),
            _ => None,
        }
    }
}

/// What preparing a charge answers: a name, or a definite no.
impl Answered for Result<Option<String>, ChargeReply> {
    fn blames(&self) -> Option<End> {
        self.as_ref().err().and_then(Answered::blames)
    }
}

/// How a call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// A definite answer that blames nobody but perhaps the card.
    Answered,
    /// A definite answer that blames the gateway.
    Technical,
    /// A definite answer that blames the connection's set-up.
    Configuration,
    /// The request never left.
    NotSent,
    /// No usable answer.
    NoAnswer,
}

impl End {
    /// How a call with this answer ended.
    pub fn of<T: Answered>(answer: &Result<T, GatewayFailure>) -> Self {
        match answer {
            Ok(answer) => answer.blames().unwrap_or(Self::Answered),
            Err(GatewayFailure::NotSent { .. }) => Self::NotSent,
            Err(GatewayFailure::Unknown { .. }) => Self::NoAnswer,
        }
    }
}

/// Counts of this process that are not written down yet.
#[derive(Debug, Default)]
pub struct Recorder(Mutex<BTreeMap<Minute, Calls>>);

impl Recorder {
    fn counts(&self) -> MutexGuard<'_, BTreeMap<Minute, Calls>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a call.
    pub fn record(&self, scope: &Scope, connection: &str, at: Timestamp, end: End, took: Duration) {
        let minute = Minute {
            merchant_id: scope.merchant.as_str().to_owned(),
            livemode: scope.mode.is_live(),
            connection_id: connection.to_owned(),
            minute: minute_of(at),
        };
        let millis = i64::try_from(took.as_millis()).unwrap_or(i64::MAX);
        let place = BOUNDS.partition_point(|bound| *bound < millis);
        let mut counts = self.counts();
        let calls = counts.entry(minute).or_default();
        *match end {
            End::Answered => &mut calls.ends.answered,
            End::Technical => &mut calls.ends.technical,
            End::Configuration => &mut calls.ends.configuration,
            End::NotSent => &mut calls.ends.not_sent,
            End::NoAnswer => &mut calls.ends.no_answer,
        } += 1;
        if let Some(count) = calls.took.get_mut(place) {
            *count += 1;
        }
    }

    fn take(&self) -> BTreeMap<Minute, Calls> {
        std::mem::take(&mut *self.counts())
    }

    /// Puts back what could not be written, as far as it is not too old to be of use.
    fn put_back(&self, minutes: &[(Minute, Calls)], now: Timestamp) {
        let oldest = minute_of(now.plus(-KEPT));
        let mut counts = self.counts();
        for (minute, calls) in minutes.iter().filter(|(minute, _)| minute.minute >= oldest) {
            let sum = counts.entry(minute.clone()).or_default();
            sum.ends.answered += calls.ends.answered;
            sum.ends.technical += calls.ends.technical;
            sum.ends.configuration += calls.ends.configuration;
            sum.ends.not_sent += calls.ends.not_sent;
            sum.ends.no_answer += calls.ends.no_answer;
            sum.took.iter_mut().zip(calls.took).for_each(|(sum, count)| *sum += count);
        }
    }
}

/// Writes down what was counted; how many minutes of connections. Without calls it asks nothing of the database.
///
/// # Errors
/// The database's; what was not written is kept for the next time.
pub async fn flush(svc: &Services) -> Result<usize, ServiceError> {
    let minutes: Vec<(Minute, Calls)> = svc.health().take().into_iter().collect();
    for (done, some) in minutes.chunks(AT_ONCE).enumerate() {
        let written = svc
            .db()
            .write(some, |tx, some| {
                Box::pin(async move {
                    let mut batch = Batch::new();
                    some.iter().for_each(|(minute, calls)| gateway_minutes::add(&mut batch, minute, calls));
                    batch.run(tx).await
                })
            })
            .await;
        if let Err(error) = written {
            svc.health().put_back(minutes.get(done * AT_ONCE..).unwrap_or_default(), svc.now());
            let error: StoreError = error;
            return Err(error.into());
        }
    }
    // Only whose calls failed can fail more than they answer.
    let failed = minutes.iter().filter(|(_, calls)| calls.ends.answered < calls.ends.calls());
    let failed: Result<Vec<_>, StoreError> = failed
        .map(|(minute, calls)| Ok((minute.scope()?, minute.connection_id.clone(), calls.ends.answered > 0)))
        .collect();
    alerts::look(svc, failed?).await?;
    Ok(minutes.len())
}

/// Forgets minutes that nobody looks at any more.
///
/// # Errors
/// The database's.
pub async fn delete_old(svc: &Services) -> Result<u64, ServiceError> {
    svc.db()
        .write(&svc.now().plus(-KEPT).0.div_euclid(MINUTE), |tx, &minute| {
            Box::pin(async move { gateway_minutes::delete_old(tx, minute, 10_000).await })
        })
        .await
        .map_err(|error: StoreError| error.into())
}
