//! Time is passed in.

use domain::Timestamp;

/// Tells the time.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> Timestamp;
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

/// The clock that the binary uses: the machine's. In debug builds with fail points, `PAYDECK_TEST_CLOCK_AHEAD` sets it ahead by
/// milliseconds, so that a test that restarts the binary need not wait until something is due.
#[must_use]
pub fn of_machine() -> std::sync::Arc<dyn Clock> {
    #[cfg(all(feature = "fault-points", debug_assertions))]
    if let Some(ahead) = std::env::var("PAYDECK_TEST_CLOCK_AHEAD").ok().and_then(|millis| millis.parse().ok()) {
        return std::sync::Arc::new(crate::fault::ClockAhead(ahead));
    }
    std::sync::Arc::new(SystemClock)
}

impl Clock for SystemClock {
    #[allow(clippy::disallowed_methods)] // the one place that reads the machine's clock
    fn now(&self) -> Timestamp {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }
}
