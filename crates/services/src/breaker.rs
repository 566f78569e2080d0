//! Circuit breakers: a gateway that does not answer is left alone for a while, and never takes more calls at once than its
//! share, so that it slows nobody but itself. One breaker a connection; what it knows, this process has seen.
//!
//! Closed: calls pass. After [`Policy::failures`] calls in a row without an answer, within [`Policy::window`], it opens: calls
//! are refused before anything is written. When the pause is over, one call is let through; its answer closes the breaker, its
//! failure makes the next pause twice as long.

use crate::gate::{Bounds, Full, Gate, Pass};
use domain::{
    Scope, Timestamp,
    time::{MINUTE, SECOND},
};
use gateways::GatewayFailure;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// When a breaker opens and for how long, and how many calls a connection may have in flight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// Calls in a row without an answer that open it.
    pub failures: u32,
    /// Within how many milliseconds they have to come.
    pub window: i64,
    /// Milliseconds of the first pause; each further one is twice as long.
    pub pause: i64,
    /// Milliseconds of the longest pause.
    pub longest_pause: i64,
    /// Charges and refunds of a connection.
    pub calls: Bounds,
    /// Questions of the reconciler to a connection: never refused by an open breaker.
    pub lookups: Bounds,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            failures: 8,
            window: MINUTE,
            pause: 15 * SECOND,
            longest_pause: 5 * MINUTE,
            calls: Bounds { at_once: 64, waiting: 4_096, patience: Duration::from_secs(2) },
            lookups: Bounds { at_once: 4, waiting: 4_096, patience: Duration::from_secs(5) },
        }
    }
}

/// Why a breaker opened; the sentence is `gateways.paused.<code>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// Calls got no usable answer: timeouts, resets, faults of the gateway.
    NoAnswer,
    /// It could not be reached at all.
    Unreachable,
}

impl Why {
    /// The code in the catalogue.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NoAnswer => "no_answer",
            Self::Unreachable => "unreachable",
        }
    }
}

impl From<&GatewayFailure> for Why {
    fn from(failure: &GatewayFailure) -> Self {
        match failure {
            GatewayFailure::NotSent { .. } => Self::Unreachable,
            GatewayFailure::Unknown { .. } => Self::NoAnswer,
        }
    }
}

/// An open breaker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pause {
    /// The connection.
    pub connection: String,
    /// Since when calls are refused.
    pub since: Timestamp,
    /// When the next one is let through.
    pub until: Timestamp,
    /// Why.
    pub why: Why,
}

/// A call that is refused now. Nothing was sent or written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The breaker is open.
    #[error("calls to this gateway are paused")]
    Paused,
    /// The connection has as many calls in flight as it may.
    #[error("this gateway has too many calls in flight")]
    Full,
}

#[derive(Debug, Clone, Copy)]
struct Open {
    since: Timestamp,
    until: Timestamp,
    pauses: u32,
    why: Why,
    probing: bool,
}

#[derive(Debug)]
struct Circuit {
    scope: Scope,
    failures: u32,
    first_failure: Timestamp,
    open: Option<Open>,
    calls: Arc<Gate>,
    lookups: Arc<Gate>,
}

#[derive(Debug, Default)]
struct Inner {
    policy: Policy,
    circuits: HashMap<String, Circuit>,
}

/// The breakers of this process; clones share them.
#[derive(Debug, Clone, Default)]
pub struct Breakers(Arc<Mutex<Inner>>);

/// The right to make one call. What came of it is reported; dropped without a report it says nothing about the gateway.
#[derive(Debug)]
pub struct Admission {
    breakers: Breakers,
    connection: String,
    probe: bool,
    reported: bool,
    _pass: Option<Pass>,
}

impl Breakers {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Another policy, for connections that were not called yet: tests set it first.
    pub fn set_policy(&self, policy: Policy) {
        self.inner().policy = policy;
    }

    /// Asks to call a connection: before anything is written down as sent.
    ///
    /// # Errors
    /// [`Refused`].
    pub async fn admit(&self, scope: &Scope, connection: &str, now: Timestamp) -> Result<Admission, Refused> {
        let (probe, calls) = {
            let mut inner = self.inner();
            let circuit = inner.circuit(scope, connection);
            let probe = match &mut circuit.open {
                None => false,
                Some(open) if open.probing || now < open.until => return Err(Refused::Paused),
                Some(open) => {
                    open.probing = true;
                    true
                }
            };
            (probe, Arc::clone(&circuit.calls))
        };
        // Made first, so that a probe that is given up while it waits lets another one through.
        let mut admission = Admission {
            breakers: self.clone(),
            connection: connection.to_owned(),
            probe,
            reported: false,
            _pass: None,
        };
        admission._pass = Some(calls.enter().await.map_err(|_: Full| Refused::Full)?);
        Ok(admission)
    }

    /// Waits for a turn to ask a connection what became of a call. An open breaker does not refuse it.
    ///
    /// # Errors
    /// [`Full`].
    pub async fn lookup(&self, scope: &Scope, connection: &str) -> Result<Pass, Full> {
        let lookups = Arc::clone(&self.inner().circuit(scope, connection).lookups);
        lookups.enter().await
    }

    /// The open breakers of a merchant's mode.
    #[must_use]
    pub fn paused(&self, scope: &Scope) -> Vec<Pause> {
        let inner = self.inner();
        let mut paused: Vec<Pause> = inner
            .circuits
            .iter()
            .filter(|(_, circuit)| circuit.scope == *scope)
            .filter_map(|(connection, circuit)| {
                let open = circuit.open?;
                Some(Pause { connection: connection.clone(), since: open.since, until: open.until, why: open.why })
            })
            .collect();
        paused.sort_by(|a, b| a.connection.cmp(&b.connection));
        paused
    }

    /// How many breakers are open, and how many calls and lookups are in flight.
    #[must_use]
    pub fn totals(&self) -> (usize, usize, usize) {
        let inner = self.inner();
        inner.circuits.values().fold((0, 0, 0), |(open, calls, lookups), circuit| {
            (
                open + usize::from(circuit.open.is_some()),
                calls + circuit.calls.inside(),
                lookups + circuit.lookups.inside(),
            )
        })
    }
}

impl Inner {
    fn circuit(&mut self, scope: &Scope, connection: &str) -> &mut Circuit {
        let policy = self.policy;
        self.circuits.entry(connection.to_owned()).or_insert_with(|| Circuit {
            scope: scope.clone(),
            failures: 0,
            first_failure: Timestamp(0),
            open: None,
            calls: Arc::new(Gate::new(policy.calls)),
            lookups: Arc::new(Gate::new(policy.lookups)),
        })
    }
}

impl Circuit {
    fn answered(&mut self, probe: bool) {
        if probe || self.open.is_none() {
            self.open = None;
            self.failures = 0;
        }
    }

    fn failed(&mut self, probe: bool, why: Why, now: Timestamp, policy: &Policy) {
        match &mut self.open {
            Some(open) if probe => {
                open.pauses = open.pauses.saturating_add(1);
                open.until = now.plus(pause(policy, open.pauses));
                open.why = why;
                open.probing = false;
            }
            // A call that was sent before it opened says nothing new.
            Some(_) => {}
            None => {
                if self.failures == 0 || now > self.first_failure.plus(policy.window) {
                    self.failures = 0;
                    self.first_failure = now;
                }
                self.failures = self.failures.saturating_add(1);
                if self.failures >= policy.failures {
                    let until = now.plus(pause(policy, 0));
                    self.open = Some(Open { since: now, until, pauses: 0, why, probing: false });
                }
            }
        }
    }
}

fn pause(policy: &Policy, pauses: u32) -> i64 {
    policy.pause.saturating_mul(1 << pauses.min(16)).min(policy.longest_pause)
}

impl Admission {
    /// Reports what came of the call. Any answer is one, a decline too; what gives none is a failure.
    pub fn report<T>(mut self, answer: &Result<T, GatewayFailure>, now: Timestamp) {
        self.reported = true;
        let mut inner = self.breakers.inner();
        let policy = inner.policy;
        let Some(circuit) = inner.circuits.get_mut(&self.connection) else { return };
        let was_open = circuit.open.is_some();
        match answer {
            Ok(_) => circuit.answered(self.probe),
            Err(failure) => circuit.failed(self.probe, Why::from(failure), now, &policy),
        }
        let is_open = circuit.open.is_some();
        drop(inner);
        match (was_open, is_open) {
            (false, true) => {
                tracing::warn!(connection = self.connection, "a gateway does not answer: calls are paused")
            }
            (true, false) => tracing::info!(connection = self.connection, "a gateway answers again"),
            _ => {}
        }
    }
}

impl Drop for Admission {
    fn drop(&mut self) {
        if self.reported || !self.probe {
            return;
        }
        let mut inner = self.breakers.inner();
        if let Some(open) = inner.circuits.get_mut(&self.connection).and_then(|circuit| circuit.open.as_mut()) {
            open.probing = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{MerchantId, Mode};

    fn scope() -> Scope {
        Scope { merchant: MerchantId::from_parts(1, [1; 10]), mode: Mode::Test }
    }

    fn policy() -> Policy {
        let tight = Bounds { at_once: 1, waiting: 0, patience: Duration::from_millis(1) };
        Policy { failures: 3, window: 1_000, pause: 100, longest_pause: 300, calls: tight, lookups: tight }
    }

    async fn call(breakers: &Breakers, at: i64, works: bool) -> Result<(), Refused> {
        let admission = breakers.admit(&scope(), "gwc_a", Timestamp(at)).await?;
        let answer = if works { Ok(()) } else { Err(GatewayFailure::unknown("timeout")) };
        admission.report(&answer, Timestamp(at));
        Ok(())
    }

    fn breakers() -> Breakers {
        let breakers = Breakers::default();
        breakers.set_policy(policy());
        breakers
    }

    #[tokio::test]
    async fn it_opens_after_failures_in_a_row_within_the_window_only() {
        let b = breakers();
        for works in [false, false, true, false, false] {
            call(&b, 0, works).await.unwrap();
        }
        // The window has passed: these two do not count any more.
        call(&b, 2_000, false).await.unwrap();
        call(&b, 2_001, false).await.unwrap();
        assert!(b.paused(&scope()).is_empty());
        call(&b, 2_002, false).await.unwrap();
        assert_eq!(call(&b, 2_003, true).await, Err(Refused::Paused));
        let paused = b.paused(&scope());
        assert_eq!(
            (paused[0].since, paused[0].until, paused[0].why),
            (Timestamp(2_002), Timestamp(2_102), Why::NoAnswer)
        );
        assert_eq!(b.totals().0, 1);
    }

    #[tokio::test]
    async fn one_probe_at_a_time_and_longer_pauses_until_it_answers() {
        let b = breakers();
        for _ in 0..3 {
            call(&b, 0, false).await.unwrap();
        }
        let probe = b.admit(&scope(), "gwc_a", Timestamp(100)).await.unwrap();
        assert_eq!(call(&b, 100, true).await, Err(Refused::Paused), "a second one beside the probe");
        // A probe that is given up lets another one through.
        drop(probe);
        call(&b, 100, false).await.unwrap();
        assert_eq!(call(&b, 299, true).await, Err(Refused::Paused), "twice as long");
        call(&b, 300, false).await.unwrap();
        assert_eq!(call(&b, 599, true).await, Err(Refused::Paused), "never longer than the longest");
        call(&b, 600, true).await.unwrap();
        assert!(b.paused(&scope()).is_empty());
        call(&b, 600, true).await.unwrap();
    }

    #[tokio::test]
    async fn calls_in_flight_are_bounded_and_lookups_apart() {
        let b = breakers();
        let one = b.admit(&scope(), "gwc_a", Timestamp(0)).await.unwrap();
        assert_eq!(call(&b, 0, true).await, Err(Refused::Full));
        // Another connection has a share of its own, and so do questions.
        b.admit(&scope(), "gwc_b", Timestamp(0)).await.unwrap();
        let asking = b.lookup(&scope(), "gwc_a").await.unwrap();
        assert!(b.lookup(&scope(), "gwc_a").await.is_err());
        drop((one, asking));
        call(&b, 0, true).await.unwrap();
    }
}
