//! Points in time.

use serde::{Deserialize, Serialize};

/// Milliseconds since the Unix epoch, UTC. Years 1970 to 9999 in practice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Default)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

/// Milliseconds in a second, a minute, an hour and a day.
pub const SECOND: i64 = 1_000;
/// Milliseconds in a minute.
pub const MINUTE: i64 = 60 * SECOND;
/// Milliseconds in an hour.
pub const HOUR: i64 = 60 * MINUTE;
/// Milliseconds in a day of 24 hours.
pub const DAY: i64 = 24 * HOUR;

impl Timestamp {
    /// Milliseconds since the Unix epoch.
    #[must_use]
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// This time plus a number of milliseconds (negative goes back), saturating at the ends of the range.
    #[must_use]
    pub const fn plus(self, millis: i64) -> Self {
        Self(self.0.saturating_add(millis))
    }

    /// The UTC day, as days since the Unix epoch.
    #[must_use]
    pub const fn utc_day(self) -> i64 {
        self.0.div_euclid(DAY)
    }

    /// Year, month (1 to 12), day (1 to 31), hour, minute, second in UTC, Gregorian calendar.
    ///
    /// Civil-from-days after Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms" (public domain): the browser
    /// carries no time library for this.
    #[must_use]
    pub const fn utc_parts(self) -> (i64, u8, u8, u8, u8, u8) {
        let z = self.utc_day() + 719_468;
        let era = z.div_euclid(146_097);
        let doe = z.rem_euclid(146_097);
        let yoe = (doe - doe / 1_460 + doe / 36_524 - doe / 146_096) / 365;
        let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
        let mp = (5 * doy + 2) / 153;
        let day = doy - (153 * mp + 2) / 5 + 1;
        let month = if mp < 10 { mp + 3 } else { mp - 9 };
        let year = yoe + era * 400 + if month <= 2 { 1 } else { 0 };
        let ms = self.0.rem_euclid(DAY);
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        // each part is within its range by construction
        (year, month as u8, day as u8, (ms / HOUR) as u8, (ms % HOUR / MINUTE) as u8, (ms % MINUTE / SECOND) as u8)
    }

    /// Midnight UTC of a Gregorian date, or `None` when there is no such date.
    #[must_use]
    pub const fn from_date(year: i64, month: u8, day: u8) -> Option<Self> {
        if year < 1970 || year > 9999 || month < 1 || month > 12 || day < 1 || day > 31 {
            return None;
        }
        let (m, d) = (month as i64, day as i64);
        let y = if m <= 2 { year - 1 } else { year };
        let era = y.div_euclid(400);
        let yoe = y.rem_euclid(400);
        let doy = (153 * (if m > 2 { m - 3 } else { m + 9 }) + 2) / 5 + d - 1;
        let doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
        let at = Self((era * 146_097 + doe - 719_468) * DAY);
        // 31 April and 30 February land in the month after: refuse what does not read back.
        let (_, back_month, back_day, ..) = at.utc_parts();
        if back_month == month && back_day == day { Some(at) } else { None }
    }

    /// `2026-11-22`, in UTC.
    #[must_use]
    pub fn date(self) -> String {
        let (y, m, d, ..) = self.utc_parts();
        format!("{y:04}-{m:02}-{d:02}")
    }

    /// `2026-11-22T08:15:00Z`.
    #[must_use]
    pub fn rfc3339(self) -> String {
        let (y, mo, d, h, mi, s) = self.utc_parts();
        format!("{y:04}-{mo:02}-{d:02}T{h:02}:{mi:02}:{s:02}Z")
    }

    /// Reads `YYYY-MM-DD` as midnight UTC.
    #[must_use]
    pub fn parse_date(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, '-');
        let (y, m, d) = (parts.next()?, parts.next()?, parts.next()?);
        if y.len() != 4 || m.len() != 2 || d.len() != 2 || !text.is_ascii() {
            return None;
        }
        Self::from_date(y.parse().ok()?, m.parse().ok()?, d.parse().ok()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn dates_read_back(day in 0i64..2_932_896) {
            let at = Timestamp(day * DAY);
            prop_assert_eq!(Timestamp::parse_date(&at.date()), Some(at));
        }
    }

    #[test]
    fn known_dates() {
        assert_eq!(Timestamp(1_795_305_600_000).rfc3339(), "2026-11-22T00:00:00Z");
        assert_eq!(Timestamp(951_782_400_000).date(), "2000-02-29");
        for text in ["2026-02-30", "2026-13-01", "26-01-01", "2026-1-1", "", "abcd-ef-gh", "1900-01-01"] {
            assert_eq!(Timestamp::parse_date(text), None, "{text}");
        }
    }
}
