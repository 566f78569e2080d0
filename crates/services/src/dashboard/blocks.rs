//! Hours of statistics summed into the merchant's own days.

use super::DAYS;
use crate::{ServiceError, zone::Zone};
use domain::{
    Currency, Money, Timestamp,
    time::{HOUR, MINUTE},
    views::dashboard::{CurrencyBlock, DayPoint, Maintained},
};
use jiff::{ToSpan, civil::Date};
use std::collections::BTreeMap;
use store::{dashboard::HourRow, payments::parse};

/// The last days and as many before them, in the merchant's zone.
pub(super) struct Days {
    /// Oldest first, twice [`DAYS`]; the last is today.
    dates: Vec<Date>,
    /// Where each begins, and where the last ends.
    starts: Vec<Timestamp>,
}

impl Days {
    /// The days up to the one of `now`.
    pub(super) fn before(zone: &Zone, now: Timestamp) -> Result<Self, ServiceError> {
        Self::try_before(zone, now).ok_or_else(|| ServiceError::Fault(format!("no days before {}", now.rfc3339())))
    }

    fn try_before(zone: &Zone, now: Timestamp) -> Option<Self> {
        let count = i64::try_from(2 * DAYS).ok()?;
        let first = zone.day_of(now)?.checked_sub((count - 1).days()).ok()?;
        // One more than the days: where the last ends. A day that its zone left out begins where the next one does.
        let dates: Vec<Date> = (0..=count).map(|n| first.checked_add(n.days()).ok()).collect::<Option<_>>()?;
        let starts = dates.iter().map(|date| zone.start_of(*date)).collect::<Option<_>>()?;
        Some(Self { dates: dates.into_iter().take(2 * DAYS).collect(), starts })
    }

    /// The hours to read, as hours since the Unix epoch: from the first up to but not including the second.
    pub(super) fn hours(&self) -> (i64, i64) {
        let hour = |at: Option<&Timestamp>| at.map_or(0, |at| at.0.div_euclid(HOUR));
        (hour(self.starts.first()) - 1, hour(self.starts.last()) + 1)
    }

    /// Where each day of the chart begins, and where the last ends.
    pub(super) fn shown(&self) -> &[Timestamp] {
        self.starts.get(DAYS..).unwrap_or_default()
    }

    /// The place of an hour's day. Where days begin within an hour, it belongs to the day that has its middle: days are cut at
    /// the nearest full hour.
    fn place(&self, hour: i64) -> Option<usize> {
        let middle = Timestamp(hour.checked_mul(HOUR)?.checked_add(30 * MINUTE)?);
        let begun = self.starts.partition_point(|start| *start <= middle);
        // None have begun: before the first day. All have, the end too: after the last.
        begun.checked_sub(1).filter(|place| *place < self.dates.len())
    }
}

/// Sums of a day or a month.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Sums {
    succeeded: i64,
    failed: i64,
    volume: i64,
    refunds: i64,
    refund_volume: i64,
    fees: i64,
}

impl Sums {
    fn add(&mut self, row: &HourRow) {
        self.succeeded = self.succeeded.saturating_add(row.succeeded);
        self.failed = self.failed.saturating_add(row.failed);
        self.volume = self.volume.saturating_add(row.volume);
        self.refunds = self.refunds.saturating_add(row.refunds);
        self.refund_volume = self.refund_volume.saturating_add(row.refund_volume);
        self.fees = self.fees.saturating_add(row.fees);
    }
}

/// One block a currency that was used in these days, the merchant's own first and the others by volume in the last days. When
/// nothing was used lately, a merchant that had payments before sees its own currency at zero.
pub(super) fn of(
    days: &Days,
    hours: &[HourRow],
    maintained: &[Vec<Maintained>],
    own: Currency,
    had_payments: bool,
) -> Result<Vec<CurrencyBlock>, ServiceError> {
    let mut by_currency: BTreeMap<&str, Vec<Sums>> = BTreeMap::new();
    for row in hours {
        let Some(place) = days.place(row.hour) else { continue };
        let sums = by_currency.entry(&row.currency).or_insert_with(|| vec![Sums::default(); 2 * DAYS]);
        if let Some(day) = sums.get_mut(place) {
            day.add(row);
        }
    }
    if by_currency.is_empty() && had_payments {
        by_currency.insert(own.code(), vec![Sums::default(); 2 * DAYS]);
    }
    let mut blocks = Vec::with_capacity(by_currency.len());
    for (code, sums) in by_currency {
        blocks.push(block(parse(code)?, days, &sums, maintained));
    }
    blocks.sort_by_key(|block| {
        (block.currency != own.code(), std::cmp::Reverse(block.succeeded), block.currency.clone())
    });
    Ok(blocks)
}

fn block(currency: Currency, days: &Days, sums: &[Sums], maintained: &[Vec<Maintained>]) -> CurrencyBlock {
    let (before, lately) = sums.split_at(DAYS.min(sums.len()));
    let total = |part: &[Sums], of: fn(&Sums) -> i64| part.iter().map(of).fold(0, i64::saturating_add);
    let (succeeded, failed) = (total(lately, |s| s.succeeded), total(lately, |s| s.failed));
    let dates = days.dates.iter().skip(DAYS);
    let point = |((place, date), sums): ((usize, &Date), &Sums)| DayPoint {
        maintenance: maintained.get(place).cloned().unwrap_or_default(),
        date: date.to_string(),
        volume: sums.volume,
        succeeded: sums.succeeded,
        failed: sums.failed,
        refunds: sums.refund_volume,
    };
    CurrencyBlock {
        currency: currency.code().to_owned(),
        volume: Money::new(total(lately, |s| s.volume), currency),
        volume_before: Money::new(total(before, |s| s.volume), currency),
        success_permille: permille(succeeded, failed),
        succeeded,
        failed,
        refunds: Money::new(total(lately, |s| s.refund_volume), currency),
        refund_count: total(lately, |s| s.refunds),
        fees: Money::new(total(lately, |s| s.fees), currency),
        days: dates.enumerate().zip(lately).map(point).collect(),
    }
}

/// Succeeded of all, in thousandths, rounded half up.
fn permille(succeeded: i64, failed: i64) -> Option<i64> {
    // A late success takes its failure back, perhaps in a later month than it failed in.
    let (good, bad) = (i128::from(succeeded.max(0)), i128::from(failed.max(0)));
    let all = good + bad;
    if all == 0 { None } else { i64::try_from((good * 2_000 + all) / (all * 2)).ok() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn success_is_rounded_and_never_beyond_its_bounds() {
        assert_eq!(permille(0, 0), None);
        assert_eq!(permille(1, 0), Some(1000));
        assert_eq!(permille(0, 3), Some(0));
        assert_eq!(permille(2, 1), Some(667));
        assert_eq!(permille(5, -1), Some(1000));
        assert_eq!(permille(i64::MAX, i64::MAX), Some(500));
    }

    #[test]
    fn hours_lie_on_the_day_of_their_middle() {
        let now = Timestamp::parse_date("2026-03-30").unwrap().plus(12 * HOUR);
        // Tehran's days begin at half past eight in the evening, UTC: cut at eight.
        let days = Days::before(&Zone::named("Asia/Tehran"), now).unwrap();
        let evening = Timestamp::parse_date("2026-03-29").unwrap().0 / HOUR + 20;
        assert_eq!((days.place(evening), days.place(evening - 1)), (Some(59), Some(58)));
        assert_eq!((days.place(evening + 24), days.place(evening + 23)), (None, Some(59)));
        assert_eq!(days.dates.last().map(ToString::to_string).as_deref(), Some("2026-03-30"));
        let (from, to) = days.hours();
        assert_eq!((days.place(from), days.place(from + 2)), (None, Some(0)));
        assert_eq!(days.place(to), None);
    }

    #[test]
    fn a_day_of_23_hours_has_23() {
        let now = Timestamp::parse_date("2026-03-30").unwrap().plus(12 * HOUR);
        let days = Days::before(&Zone::named("Europe/Stockholm"), now).unwrap();
        let (from, to) = days.hours();
        let of = |place| (from..to).filter(|hour| days.place(*hour) == Some(place)).count();
        assert_eq!((of(57), of(58), of(59)), (24, 23, 24));
    }
}
