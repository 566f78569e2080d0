//! A clock that is set by hand.

use domain::Timestamp;
use services::Clock;
use std::sync::atomic::{AtomicI64, Ordering};

/// Stands still until it is set.
#[derive(Debug)]
pub(super) struct DemoClock(AtomicI64);

impl DemoClock {
    pub(super) const fn starting(at: Timestamp) -> Self {
        Self(AtomicI64::new(at.millis()))
    }

    pub(super) fn set(&self, at: Timestamp) {
        self.0.store(at.millis(), Ordering::Relaxed);
    }
}

impl Clock for DemoClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::Relaxed))
    }
}
