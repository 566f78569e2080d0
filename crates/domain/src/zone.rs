//! Time zones as pages carry them: the offsets of one zone over the years that they show. The browser has no database of zones;
//! the server makes the table from its own.

use crate::Timestamp;
use serde::{Deserialize, Serialize};

/// A zone's offsets from UTC over time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ZoneTable {
    /// Its IANA name.
    name: String,
    /// From when (seconds since the Unix epoch) which offset holds (seconds east of UTC), oldest first. The first one holds
    /// before its time, too.
    offsets: Vec<(i64, i32)>,
}

impl Default for ZoneTable {
    fn default() -> Self {
        Self::utc()
    }
}

impl ZoneTable {
    /// UTC.
    #[must_use]
    pub fn utc() -> Self {
        Self { name: "UTC".to_owned(), offsets: Vec::new() }
    }

    /// A zone of a name with its offsets: from when, in seconds since the Unix epoch, and seconds east of UTC.
    #[must_use]
    pub fn new(name: &str, mut offsets: Vec<(i64, i32)>) -> Self {
        offsets.sort_unstable();
        offsets.dedup_by_key(|(_, offset)| *offset);
        Self { name: name.to_owned(), offsets }
    }

    /// Its IANA name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its name for people: `America/New York`.
    #[must_use]
    pub fn label(&self) -> String {
        self.name.replace('_', " ")
    }

    /// Whether it is UTC by name: then nothing needs to be said twice.
    #[must_use]
    pub fn is_utc(&self) -> bool {
        self.name == "UTC"
    }

    /// Seconds east of UTC at a moment.
    #[must_use]
    pub fn offset_at(&self, at: Timestamp) -> i32 {
        let seconds = at.0.div_euclid(crate::time::SECOND);
        let begun = self.offsets.partition_point(|(since, _)| *since <= seconds);
        self.offsets.get(begun.saturating_sub(1)).map_or(0, |(_, offset)| *offset)
    }

    /// A moment whose UTC parts are the given moment's parts on this zone's clocks. For showing only: it is no moment in time.
    #[must_use]
    pub fn clock(&self, at: Timestamp) -> Timestamp {
        at.plus(i64::from(self.offset_at(at)) * crate::time::SECOND)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::{HOUR, MINUTE};

    fn at(day: &str, hour: i64, minute: i64) -> Timestamp {
        Timestamp::parse_date(day).unwrap().plus(hour * HOUR + minute * MINUTE)
    }

    fn stockholm() -> ZoneTable {
        let since = |day| at(day, 1, 0).0 / 1_000;
        let table = vec![(since("2025-10-26"), 3_600), (since("2026-03-29"), 7_200), (since("2026-10-25"), 3_600)];
        ZoneTable::new("Europe/Stockholm", table)
    }

    #[test]
    fn clocks_change_at_the_moment_of_the_change() {
        let zone = stockholm();
        assert_eq!(zone.clock(at("2026-03-29", 0, 59)), at("2026-03-29", 1, 59));
        assert_eq!(zone.clock(at("2026-03-29", 1, 0)), at("2026-03-29", 3, 0));
        assert_eq!(zone.clock(at("2026-10-25", 0, 30)), at("2026-10-25", 2, 30));
        // The same hour once more.
        assert_eq!(zone.clock(at("2026-10-25", 1, 30)), at("2026-10-25", 2, 30));
    }

    #[test]
    fn before_and_after_the_table_the_nearest_offset_holds() {
        let zone = stockholm();
        assert_eq!(zone.offset_at(at("2001-07-01", 0, 0)), 3_600);
        assert_eq!(zone.offset_at(at("2080-07-01", 0, 0)), 3_600);
        assert_eq!(ZoneTable::utc().offset_at(at("2026-07-01", 0, 0)), 0);
    }

    #[test]
    fn offsets_that_change_nothing_are_left_out() {
        let zone = ZoneTable::new("Asia/Tokyo", vec![(5, 32_400), (0, 32_400), (9, 32_400)]);
        assert_eq!(zone.offsets, [(0, 32_400)]);
        let json = serde_json::to_string(&zone).unwrap();
        assert_eq!(json, r#"{"name":"Asia/Tokyo","offsets":[[0,32400]]}"#);
        assert_eq!(serde_json::from_str::<ZoneTable>(&json).unwrap(), zone);
        assert_eq!(ZoneTable::new("America/New_York", Vec::new()).label(), "America/New York");
    }
}
