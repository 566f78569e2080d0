//! A bounded queue: so many at once, so many waiting, and nobody for longer than is of use.

use domain::{Problem, ProblemKind, problem::codes};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How much a gate lets through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// At once.
    pub at_once: usize,
    /// Waiting; whoever comes on top is refused at once.
    pub waiting: usize,
    /// How long somebody waits before they are refused.
    pub patience: Duration,
}

/// A bounded queue before something that bears only so much.
#[derive(Debug)]
pub struct Gate {
    bounds: Bounds,
    places: Arc<Semaphore>,
    waiting: AtomicUsize,
    refused: AtomicU64,
}

/// The right to be inside, until it is dropped.
#[derive(Debug)]
pub struct Pass(#[expect(dead_code, reason = "held, not read")] OwnedSemaphorePermit);

/// The queue is full, or the wait was too long. Nothing was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many wait")]
pub struct Full {
    /// Seconds after which trying again is worth it.
    pub retry_after: u32,
}

impl From<Full> for Problem {
    fn from(full: Full) -> Self {
        Self { retry_after: Some(full.retry_after), ..Self::new(ProblemKind::Unavailable, codes::BUSY) }
    }
}

/// Counts somebody who waits, however the wait ends.
struct Waiting<'a>(&'a AtomicUsize);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

impl Gate {
    /// An empty gate.
    #[must_use]
    pub fn new(bounds: Bounds) -> Self {
        Self {
            bounds,
            places: Arc::new(Semaphore::new(bounds.at_once)),
            waiting: AtomicUsize::new(0),
            refused: AtomicU64::new(0),
        }
    }

    /// Enters, waiting for a place if there is none.
    ///
    /// # Errors
    /// [`Full`].
    pub async fn enter(&self) -> Result<Pass, Full> {
        if let Ok(permit) = Arc::clone(&self.places).try_acquire_owned() {
            return Ok(Pass(permit));
        }
        let before = self.waiting.fetch_add(1, Ordering::AcqRel);
        let _waiting = Waiting(&self.waiting);
        if before < self.bounds.waiting {
            let place = Arc::clone(&self.places).acquire_owned();
            if let Ok(Ok(permit)) = tokio::time::timeout(self.bounds.patience, place).await {
                return Ok(Pass(permit));
            }
        }
        self.refused.fetch_add(1, Ordering::Relaxed);
        let seconds = u32::try_from(self.bounds.patience.as_secs()).unwrap_or(u32::MAX);
        Err(Full { retry_after: seconds.clamp(1, 60) })
    }

    /// How many are inside.
    #[must_use]
    pub fn inside(&self) -> usize {
        self.bounds.at_once.saturating_sub(self.places.available_permits())
    }

    /// How many wait.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Acquire)
    }

    /// How many were refused since the start.
    #[must_use]
    pub fn refused(&self) -> u64 {
        self.refused.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gate(at_once: usize, waiting: usize, millis: u64) -> Gate {
        Gate::new(Bounds { at_once, waiting, patience: Duration::from_millis(millis) })
    }

    #[tokio::test]
    async fn who_comes_on_top_is_refused_at_once_and_who_waits_gets_in() {
        let gate = Arc::new(gate(1, 1, 60_000));
        let inside = gate.enter().await.unwrap();
        let next = tokio::spawn({
            let gate = gate.clone();
            async move { gate.enter().await.map(drop) }
        });
        while gate.waiting() == 0 {
            tokio::task::yield_now().await;
        }
        assert_eq!(gate.enter().await.unwrap_err(), Full { retry_after: 60 });
        drop(inside);
        next.await.unwrap().unwrap();
        assert_eq!((gate.inside(), gate.waiting(), gate.refused()), (0, 0, 1));
    }

    #[tokio::test]
    async fn nobody_waits_for_longer_than_is_of_use() {
        let gate = gate(1, 10, 5);
        let _inside = gate.enter().await.unwrap();
        assert_eq!(gate.enter().await.unwrap_err(), Full { retry_after: 1 });
        assert_eq!((gate.inside(), gate.waiting()), (1, 0));
    }
}
