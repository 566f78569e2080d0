//! The table of rates that measurements are printed in.

use super::measured::Measured;

/// A table of rates, with times in one unit.
pub struct Table {
    per_second: f64,
}

impl Table {
    /// Prints its head. `per_second`: how many of `unit` a second has.
    pub fn begin(title: &str, unit: &str, per_second: f64) -> Self {
        println!("\n## {title}\n");
        println!("| What | per second | CPU {unit} | p50 {unit} | p99 {unit} | ratio |\n|---|---:|---:|---:|---:|---|");
        Self { per_second }
    }

    /// Prints a line, with the ratio of its rate to another's.
    pub fn line(&self, what: &str, m: &Measured, beside: Option<(&str, &Measured)>) {
        let ratio = beside.map_or(String::new(), |(name, base)| format!("{:.2} of {name}", m.rate / base.rate));
        let cpu = m.cpu_ms * self.per_second / 1_000.0;
        let [p50, p99] = [m.p50, m.p99].map(|time| time.as_secs_f64() * self.per_second);
        println!("| {what} | {:.0} | {cpu:.2} | {p50:.1} | {p99:.1} | {ratio} |", m.rate);
    }
}
