//! Time zones: where a merchant's days begin. The database of zones is part of the binary; nothing is asked of the machine.

use domain::{
    Timestamp, ZoneTable,
    time::{DAY, SECOND},
};
use jiff::{civil::Date, tz::TimeZone};

/// Where tables of offsets begin: 1 January 2000, in seconds since the Unix epoch.
const TABLE_FROM: i64 = 946_684_800;
/// How far ahead they go: nothing that a page shows lies further away.
const TABLE_AHEAD: i64 = 2 * 366 * DAY;

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

    /// The moment of a date and a time on its clocks: the first of two where clocks go back, and as much later where they skip it.
    pub(crate) fn moment(
        &self,
        (year, month, day): domain::validate::date::Date,
        hour: u8,
        minute: u8,
    ) -> Option<Timestamp> {
        let part = |part: u8| i8::try_from(part).ok();
        let date = Date::new(i16::try_from(year).ok()?, part(month)?, part(day)?).ok()?;
        let at = date.at(part(hour)?, part(minute)?, 0, 0).to_zoned(self.0.clone()).ok()?;
        Some(Timestamp(at.timestamp().as_millisecond()))
    }

    /// The offsets that pages show times by: from the year 2000 (nothing here is older) to some years ahead of now.
    pub(crate) fn table(&self, now: Timestamp) -> ZoneTable {
        let name = self.0.iana_name().unwrap_or("UTC");
        let from = jiff::Timestamp::constant(TABLE_FROM, 0);
        let until = now.plus(TABLE_AHEAD).0.div_euclid(SECOND);
        let changes = self.0.following(from).map(|change| (change.timestamp().as_second(), change.offset().seconds()));
        let mut offsets = vec![(TABLE_FROM, self.0.to_offset(from).seconds())];
        offsets.extend(changes.take_while(|(since, _)| *since <= until));
        ZoneTable::new(name, offsets)
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
    fn tables_say_what_the_zone_says() {
        let now = Timestamp::parse_date("2026-11-22").unwrap();
        let hours = |day: &str| Timestamp::parse_date(day).unwrap().0 / domain::time::HOUR;
        let names = ["Europe/Stockholm", "Asia/Tehran", "America/St_Johns", "Africa/Casablanca", "Australia/Lord_Howe"];
        for name in names.into_iter().chain(["Pacific/Apia", "Asia/Kathmandu", "UTC"]) {
            let zone = Zone::named(name);
            let table = zone.table(now);
            assert_eq!(table.name(), name);
            // Every hour from 2000 on, the hours of all changes among them, until more than a year ahead.
            for hour in hours("2000-01-01")..hours("2028-01-01") {
                let at = Timestamp(hour * domain::time::HOUR);
                let exact = jiff::Timestamp::from_millisecond(at.0).unwrap();
                assert_eq!(table.offset_at(at), zone.0.to_offset(exact).seconds(), "{name} {}", at.rfc3339());
            }
            let size = serde_json::to_string(&table).unwrap().len();
            assert!(size < 2_000, "{name}: {size} bytes in every page");
        }
    }

    #[test]
    fn an_hour_that_comes_twice_is_shown_twice() {
        let at = |day: &str, minutes: i64| Timestamp::parse_date(day).unwrap().plus(minutes * domain::time::MINUTE);
        let table = Zone::named("Europe/Stockholm").table(at("2026-11-22", 0));
        let shown = |at: Timestamp| table.clock(at).rfc3339();
        assert_eq!(shown(at("2026-03-29", 59)), "2026-03-29T01:59:00Z");
        assert_eq!(shown(at("2026-03-29", 60)), "2026-03-29T03:00:00Z");
        assert_eq!((shown(at("2026-10-25", 30)), shown(at("2026-10-25", 90))), {
            let twice = "2026-10-25T02:30:00Z".to_owned();
            (twice.clone(), twice)
        });
    }

    #[test]
    fn clocks_that_are_set_keep_what_was_typed_possible() {
        let at = |zone: &str, day, hour, minute| Zone::named(zone).moment(day, hour, minute).unwrap().rfc3339();
        assert_eq!(at("Asia/Tehran", (2026, 3, 1), 12, 30), "2026-03-01T09:00:00Z");
        // Stockholm skips from two to three in spring, and has two o'clock twice in autumn.
        assert_eq!(at("Europe/Stockholm", (2026, 3, 29), 2, 30), "2026-03-29T01:30:00Z");
        assert_eq!(at("Europe/Stockholm", (2026, 10, 25), 2, 30), "2026-10-25T00:30:00Z");
        assert_eq!(Zone::named("UTC").moment((2026, 2, 30), 1, 1), None);
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
