//! How much is measured.

/// A number of things to do, of which `PAYDECK_BENCH_PERCENT` may ask for less: to see a benchmark work, not to believe its figures.
pub fn of(full: usize) -> usize {
    let percent = std::env::var("PAYDECK_BENCH_PERCENT").ok().and_then(|value| value.parse().ok()).unwrap_or(100);
    (full * percent / 100).max(10)
}
