//! Doing something many times, so many at once.

use super::{cpu, measured::Measured};
use futures::stream::{self, StreamExt};
use std::future::Future;
use std::time::{Duration, Instant};

/// Does something `total` times, `at_once` at a time.
pub async fn measure<F, Fut>(total: usize, at_once: usize, f: F) -> Measured
where
    F: Fn(usize) -> Fut,
    Fut: Future<Output = ()> + Send + 'static,
{
    let work = |i| {
        let work = f(i);
        async move {
            work.await;
            Duration::ZERO
        }
    };
    measure_both(total, at_once, work).await.0
}

/// The same with work that says how much of its time was somebody else's: measured with that time, and without it.
#[allow(clippy::disallowed_methods)] // a benchmark measures real time
pub async fn measure_both<F, Fut>(total: usize, at_once: usize, f: F) -> (Measured, Measured)
where
    F: Fn(usize) -> Fut,
    Fut: Future<Output = Duration> + Send + 'static,
{
    let cpu_before = cpu::millis();
    let start = Instant::now();
    let times: Vec<(Duration, Duration)> = stream::iter(0..total)
        .map(|i| {
            let work = f(i);
            tokio::spawn(async move {
                let begun = Instant::now();
                let others = work.await;
                let whole = begun.elapsed();
                (whole, whole.saturating_sub(others))
            })
        })
        .buffer_unordered(at_once)
        .map(Result::unwrap)
        .collect()
        .await;
    let (took, cpu) = (start.elapsed(), cpu::millis() - cpu_before);
    let (whole, own) = times.into_iter().unzip();
    (Measured::of(whole, took, cpu), Measured::of(own, took, cpu))
}
