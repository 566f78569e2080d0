//! Measurements for Prometheus, on an address of their own (`PAYDECK_METRICS_LISTEN`). Labels are names of ours: route patterns,
//! providers, states. No merchant, no id, nothing personal.

use crate::admission::Class;
use crate::state::AppState;
use axum::Router;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use services::observe::Observer;
use std::collections::BTreeMap;
use std::fmt::{Display, Write};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Microseconds by which latencies are sorted, with the seconds that they are called by.
const BUCKETS: [(u128, &str); 12] = [
    (1_000, "0.001"),
    (2_000, "0.002"),
    (5_000, "0.005"),
    (10_000, "0.01"),
    (25_000, "0.025"),
    (50_000, "0.05"),
    (100_000, "0.1"),
    (250_000, "0.25"),
    (500_000, "0.5"),
    (1_000_000, "1"),
    (5_000_000, "5"),
    (30_000_000, "30"),
];
/// How long the database may take for the numbers that it counts; without them the others are given all the same.
const PATIENCE: Duration = Duration::from_secs(2);

/// Labels, rendered: `name="value",…`.
type Labels = String;

#[derive(Debug, Default, Clone)]
struct Histogram {
    buckets: [u64; BUCKETS.len()],
    count: u64,
    micros: u128,
}

#[derive(Debug, Default)]
struct Counted {
    counters: BTreeMap<(&'static str, Labels), u64>,
    histograms: BTreeMap<(&'static str, Labels), Histogram>,
}

/// What this process measures.
#[derive(Debug, Default)]
pub struct Metrics(Mutex<Counted>);

impl Metrics {
    fn count(&self, name: &'static str, labels: Labels) {
        let mut counted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let counter = counted.counters.entry((name, labels)).or_default();
        *counter = counter.saturating_add(1);
    }

    fn time(&self, name: &'static str, labels: Labels, took: Duration) {
        let micros = took.as_micros();
        let mut counted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let histogram = counted.histograms.entry((name, labels)).or_default();
        for (bucket, (most, _)) in histogram.buckets.iter_mut().zip(BUCKETS) {
            *bucket = bucket.saturating_add(u64::from(micros <= most));
        }
        histogram.count = histogram.count.saturating_add(1);
        histogram.micros = histogram.micros.saturating_add(micros);
    }

    /// A request was answered.
    pub fn request(&self, method: &str, route: &str, status: u16, took: Duration) {
        // A method of the client's own making is none of ours.
        let method = if ["GET", "POST", "HEAD"].contains(&method) { method } else { "other" };
        let status = status.to_string();
        let all = labels(&[("method", method), ("route", route), ("status", &status)]);
        self.count("paydeck_http_requests_total", all);
        self.time("paydeck_http_request_seconds", labels(&[("route", route)]), took);
    }

    /// Everything, as Prometheus reads it.
    async fn render(&self, state: &AppState) -> String {
        let jobs = tokio::time::timeout(PATIENCE, services::jobs::counts(&state.services)).await;
        let mut page = Page::default();
        self.counted(&mut page);
        for class in Class::ALL {
            page.queue(class.as_str(), state.admission.gate(class));
        }
        page.queue("hashing", state.services.hashing());
        let (open, calls, lookups) = state.services.breakers().totals();
        page.line("gauge", "paydeck_gateway_breakers_open", "", open);
        page.line("gauge", "paydeck_gateway_calls_in_flight", "", calls);
        page.line("gauge", "paydeck_gateway_lookups_in_flight", "", lookups);
        page.line("gauge", "paydeck_payments_in_flight", "", state.services.flights().count());
        let writes = state.services.db().write_stats();
        page.line("counter", "paydeck_db_commits_total", "", writes.commits);
        page.line("counter", "paydeck_db_units_total", "", writes.units);
        page.line("gauge", "paydeck_db_write_group_size", "", writes.last_group);
        if let Ok(Ok(jobs)) = jobs {
            page.line("gauge", "paydeck_jobs_due", "", jobs.due);
            page.line("gauge", "paydeck_jobs_dead", "", jobs.dead);
        }
        page.finish()
    }

    fn counted(&self, page: &mut Page) {
        let counted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for ((name, labels), value) in &counted.counters {
            page.line("counter", name, labels, value);
        }
        for ((name, labels), histogram) in &counted.histograms {
            page.histogram(name, labels, histogram);
        }
    }
}

fn labels(pairs: &[(&str, &str)]) -> Labels {
    let mut out = String::new();
    for (name, value) in pairs {
        let value = value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', " ");
        let comma = if out.is_empty() { "" } else { "," };
        let _ = write!(out, "{comma}{name}=\"{value}\"");
    }
    out
}

/// The text, a family of lines under each name.
#[derive(Default)]
struct Page(BTreeMap<String, (&'static str, String)>);

impl Page {
    fn family(&mut self, kind: &'static str, name: &str) -> &mut String {
        &mut self.0.entry(name.to_owned()).or_insert_with(|| (kind, String::new())).1
    }

    fn line(&mut self, kind: &'static str, name: &str, labels: &str, value: impl Display) {
        let lines = self.family(kind, name);
        let _ = if labels.is_empty() {
            writeln!(lines, "{name} {value}")
        } else {
            writeln!(lines, "{name}{{{labels}}} {value}")
        };
    }

    fn queue(&mut self, name: &str, gate: &services::gate::Gate) {
        let labels = labels(&[("queue", name)]);
        self.line("gauge", "paydeck_queue_inside", &labels, gate.inside());
        self.line("gauge", "paydeck_queue_waiting", &labels, gate.waiting());
        self.line("counter", "paydeck_queue_refused_total", &labels, gate.refused());
    }

    fn histogram(&mut self, name: &str, labels: &str, histogram: &Histogram) {
        let lines = self.family("histogram", name);
        for (count, (_, seconds)) in histogram.buckets.iter().zip(BUCKETS) {
            let _ = writeln!(lines, "{name}_bucket{{{labels},le=\"{seconds}\"}} {count}");
        }
        let Histogram { count, micros, .. } = histogram;
        let _ = writeln!(lines, "{name}_bucket{{{labels},le=\"+Inf\"}} {count}");
        let _ = writeln!(lines, "{name}_sum{{{labels}}} {}.{:06}", micros / 1_000_000, micros % 1_000_000);
        let _ = writeln!(lines, "{name}_count{{{labels}}} {count}");
    }

    fn finish(self) -> String {
        let mut out = String::new();
        for (name, (kind, lines)) in self.0 {
            let _ = write!(out, "# TYPE {name} {kind}\n{lines}");
        }
        out
    }
}

impl Observer for Metrics {
    fn gateway_call(&self, provider: &str, call: &'static str, outcome: &'static str, took: Duration) {
        let all = labels(&[("provider", provider), ("call", call), ("outcome", outcome)]);
        self.count("paydeck_gateway_calls_total", all);
        self.time("paydeck_gateway_call_seconds", labels(&[("provider", provider), ("call", call)]), took);
    }

    fn charge_settled(&self, status: &'static str) {
        self.count("paydeck_charges_settled_total", labels(&[("status", status)]));
    }

    fn job(&self, outcome: &'static str) {
        self.count("paydeck_jobs_total", labels(&[("outcome", outcome)]));
    }
}

/// `/metrics`, for an address of its own.
pub fn router(state: AppState) -> Router {
    Router::new().route("/metrics", get(show)).with_state(state)
}

async fn show(State(state): State<AppState>) -> Response {
    let text = match &state.metrics {
        Some(metrics) => metrics.render(&state).await,
        None => String::new(),
    };
    ([(CONTENT_TYPE, "text/plain; version=0.0.4")], text).into_response()
}
