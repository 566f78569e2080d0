//! Time zones: where a merchant's days begin. The database of zones is part of the binary; nothing is asked of the machine.

use domain::Timestamp;
use jiff::{civil::Date, tz::TimeZone};

/// A time zone.
#[derive(Debug, Clone)]
pub(crate) struct Zone(TimeZone);

impl Zone {
    /// The zone of an IANA name. A name that is not known (any more) means UTC: a page with days cut at midnight UTC is of
    /// more use than none.
    pub(crate) fn named(name: &str) -> Self {
        Self(TimeZone::get(name).unwrap_or_else(|error| {
            tracing::warn!(name, %error, "an unknown time zone");
            TimeZone::UTC
        }))
    }

    /// When a day begins: at midnight, or at the first moment after it where clocks skip midnight.
    pub(crate) fn start_of(&self, day: Date) -> Option<Timestamp> {
        let start = day.to_zoned(self.0.clone()).ok()?;
        Some(Timestamp(start.timestamp().as_millisecond()))
    }

    /// The day of a moment.
    pub(crate) fn day_of(&self, at: Timestamp) -> Option<Date> {
        let at = jiff::Timestamp::from_millisecond(at.0).ok()?;
        Some(self.0.to_datetime(at).date())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn start(zone: &str, day: Date) -> String {
        Zone::named(zone).start_of(day).unwrap().rfc3339()
    }

    #[test]
    fn days_begin_where_the_zone_says() {
        assert_eq!(start("UTC", date(2026, 3, 1)), "2026-03-01T00:00:00Z");
        assert_eq!(start("Asia/Tehran", date(2026, 3, 1)), "2026-02-28T20:30:00Z");
        assert_eq!(start("Asia/Kathmandu", date(2026, 3, 1)), "2026-02-28T18:15:00Z");
        assert_eq!(start("Pacific/Auckland", date(2026, 1, 1)), "2025-12-31T11:00:00Z");
        assert_eq!(start("No/Where", date(2026, 3, 1)), "2026-03-01T00:00:00Z");
    }

    #[test]
    fn summer_time_makes_days_of_23_and_25_hours() {
        // Stockholm: clocks go forward on 29 March 2026 and back on 25 October.
        assert_eq!(start("Europe/Stockholm", date(2026, 3, 29)), "2026-03-28T23:00:00Z");
        assert_eq!(start("Europe/Stockholm", date(2026, 3, 30)), "2026-03-29T22:00:00Z");
        assert_eq!(start("Europe/Stockholm", date(2026, 10, 25)), "2026-10-24T22:00:00Z");
        assert_eq!(start("Europe/Stockholm", date(2026, 10, 26)), "2026-10-25T23:00:00Z");
        // Havana skips from midnight to one o'clock.
        assert_eq!(start("America/Havana", date(2026, 3, 8)), "2026-03-08T05:00:00Z");
    }

    #[test]
    fn a_moment_lies_on_its_day() {
        let zone = Zone::named("Asia/Tehran");
        let at =
            |text: &str| Timestamp::parse_date(text).unwrap().plus(20 * domain::time::HOUR + 30 * domain::time::MINUTE);
        assert_eq!(zone.day_of(at("2026-02-28")), Some(date(2026, 3, 1)));
        assert_eq!(zone.day_of(at("2026-02-28").plus(-1)), Some(date(2026, 2, 28)));
    }
}
