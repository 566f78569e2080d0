//! What services tell whoever measures them. Labels are names of ours: no merchant, no id, nothing personal.

use std::time::Duration;

/// Hears what happens, to count it. Called on the way of payments: it must be quick and must not fail.
pub trait Observer: Send + Sync {
    /// A call to a gateway: `charge`, `refund`, `resume`, `lookup` …; `ok`, `not_sent` or `unknown`.
    fn gateway_call(&self, provider: &str, call: &'static str, outcome: &'static str, took: Duration);
    /// A charge was settled: the attempt's state, by name.
    fn charge_settled(&self, status: &'static str);
    /// A job came to an end: `done`, `failed`, `dead` or `lost`.
    fn job(&self, outcome: &'static str);
}

/// Counts nothing.
pub(crate) struct Nobody;

impl Observer for Nobody {
    fn gateway_call(&self, _: &str, _: &'static str, _: &'static str, _: Duration) {}
    fn charge_settled(&self, _: &'static str) {}
    fn job(&self, _: &'static str) {}
}
