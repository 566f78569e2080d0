//! What was measured.

use std::time::Duration;

/// What was measured.
pub struct Measured {
    /// Done in a second.
    pub rate: f64,
    /// CPU milliseconds for each.
    pub cpu_ms: f64,
    /// Half of them took no longer.
    pub p50: Duration,
    /// All but a hundredth took no longer.
    pub p99: Duration,
}

impl Measured {
    /// Of how long each took, how long all together, and the CPU milliseconds of all.
    pub fn of(mut times: Vec<Duration>, took: Duration, cpu_ms: f64) -> Self {
        times.sort();
        let count = times.len();
        Self {
            rate: count as f64 / took.as_secs_f64(),
            cpu_ms: cpu_ms / count as f64,
            p50: times[count / 2],
            p99: times[count * 99 / 100],
        }
    }
}
