//! What must not be cut off: charges and refunds that go on when whoever asked for them has hung up. A server that stops waits
//! for them.

use crate::ServiceError;
use tokio::sync::watch;

/// Counts what is under way.
#[derive(Debug, Clone)]
pub struct Flights(watch::Sender<usize>);

/// One thing under way, until it is dropped.
#[derive(Debug)]
pub struct Flight(watch::Sender<usize>);

impl Drop for Flight {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count = count.saturating_sub(1));
    }
}

impl Default for Flights {
    fn default() -> Self {
        Self(watch::Sender::new(0))
    }
}

impl Flights {
    /// Something begins.
    #[must_use]
    pub fn begin(&self) -> Flight {
        self.0.send_modify(|count| *count = count.saturating_add(1));
        Flight(self.0.clone())
    }

    /// Carries something to its end, on a task of its own: a browser that hangs up does not cut a call off from its settlement.
    ///
    /// # Errors
    /// Its own; a fault when it panicked.
    pub async fn carry<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, ServiceError>> + Send + 'static,
    ) -> Result<T, ServiceError> {
        let flight = self.begin();
        let task = tokio::spawn(async move {
            let _flight = flight;
            work.await
        });
        task.await.map_err(|error| ServiceError::Fault(error.to_string()))?
    }

    /// How many are under way.
    #[must_use]
    pub fn count(&self) -> usize {
        *self.0.borrow()
    }

    /// Waits until nothing is under way.
    pub async fn landed(&self) {
        // The sender lives in `self`, so that this never fails.
        let _ = self.0.subscribe().wait_for(|count| *count == 0).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn it_waits_for_the_last() {
        let flights = Flights::default();
        flights.landed().await;
        let (one, two) = (flights.begin(), flights.begin());
        let waiting = tokio::spawn({
            let flights = flights.clone();
            async move { flights.landed().await }
        });
        drop(one);
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());
        drop(two);
        waiting.await.unwrap();
    }
}
