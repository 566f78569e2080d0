//! Dates of tables, in the orders and calendars that banks use.

use super::mapping::{Calendar, DateOrder};
use crate::bank_transfer::text;
use domain::Timestamp;
use domain::time::DAY;
use domain::validate::date::{self, Date};

/// Reads a date. A time behind it is not read.
pub(super) fn parse(typed: &str, order: DateOrder, calendar: Calendar) -> Option<Date> {
    let ascii = text::digits(typed.trim());
    let day = ascii.split([' ', 'T', '\u{a0}']).next().unwrap_or_default();
    let parts = parts(day.trim_end_matches(['.', ',']), order)?;
    let (year, month, day) = match order {
        DateOrder::YearMonthDay => (parts[0], parts[1], parts[2]),
        DateOrder::DayMonthYear => (parts[2], parts[1], parts[0]),
        DateOrder::MonthDayYear => (parts[2], parts[0], parts[1]),
    };
    let two_digits = |length: usize| (1..=2).contains(&length);
    // `22.11.26` is no date that begins with its year: that one has four digits.
    let short_year_first = order == DateOrder::YearMonthDay && year.len() != 4;
    if !two_digits(month.len()) || !two_digits(day.len()) || short_year_first {
        return None;
    }
    let full = full_year(year, calendar)?;
    let (month, day) = (month.parse::<u8>().ok()?, day.parse::<u8>().ok()?);
    match calendar {
        Calendar::Gregorian | Calendar::Buddhist => date::parse(&format!("{full:04}-{month:02}-{day:02}")),
        Calendar::Persian => from_persian(full, month, day),
    }
    // Accounts have no entries from before the epoch; a year of two digits or the wrong calendar gives them.
    .filter(|(year, ..)| (1970..=2200).contains(year))
}

/// The three parts: between separators, or eight digits without any.
fn parts(day: &str, order: DateOrder) -> Option<[&str; 3]> {
    if day.len() == 8 && day.bytes().all(|b| b.is_ascii_digit()) {
        let at = if order == DateOrder::YearMonthDay { [4, 6] } else { [2, 4] };
        return Some([day.get(..at[0])?, day.get(at[0]..at[1])?, day.get(at[1]..)?]);
    }
    let separator = day.chars().find(|c| !c.is_ascii_digit()).filter(|c| matches!(c, '.' | '/' | '-'))?;
    let mut pieces = day.split(separator);
    let parts = [pieces.next()?, pieces.next()?, pieces.next()?];
    let digits = parts.iter().all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()));
    (digits && pieces.next().is_none()).then_some(parts)
}

/// The year as the calendar's own, then as the Gregorian one where only the count differs.
fn full_year(text: &str, calendar: Calendar) -> Option<i64> {
    let year = text.parse::<i64>().ok()?;
    let full = match (text.len(), calendar) {
        (4, _) => year,
        (2, Calendar::Gregorian) => 2000 + year,
        (2, Calendar::Buddhist) => 2500 + year,
        (2, Calendar::Persian) => 1400 + year,
        _ => return None,
    };
    Some(if calendar == Calendar::Buddhist { full - 543 } else { full })
}

/// The Gregorian date of a Solar Hijri one, by the cycle of 33 years, which is right for the years 1178 to 1633 (K. M. Borkowski,
/// "The Persian calendar for 3000 years", Earth, Moon, and Planets 74, 1996; it differs from the astronomical one outside of them).
fn from_persian(year: i64, month: u8, day: u8) -> Option<Date> {
    let leap = matches!(year.rem_euclid(33), 1 | 5 | 9 | 13 | 17 | 22 | 26 | 30);
    let days = match month {
        1..=6 => 31,
        7..=11 => 30,
        12 => 29 + u8::from(leap),
        _ => return None,
    };
    if !(1178..=1633).contains(&year) || !(1..=days).contains(&day) {
        return None;
    }
    let month_index = i64::from(month) - 1;
    let in_year = month_index * 30 + month_index.min(6) + i64::from(day) - 1;
    // Leap years before this one in its cycle, then whole cycles of 33 years with eight of them.
    let in_cycle = [1, 5, 9, 13, 17, 22, 26, 30].iter().filter(|leap| **leap < year.rem_euclid(33)).count();
    let leaps = year.div_euclid(33) * 8 + i64::try_from(in_cycle).ok()?;
    let number = year * 365 + leaps + in_year;
    let (y, m, d, ..) = Timestamp((number - EPOCH) * DAY).utc_parts();
    Some((y, m, d))
}

/// The number of 1 January 1970, which was 11 Dey 1348.
const EPOCH: i64 = 1348 * 365 + (40 * 8 + 7) + (9 * 30 + 6) + 10;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn orders_and_calendars() {
        use Calendar::{Buddhist, Gregorian, Persian};
        use DateOrder::{DayMonthYear, MonthDayYear, YearMonthDay};
        for (text, order, calendar) in [
            ("2026-11-22", YearMonthDay, Gregorian),
            ("20261122", YearMonthDay, Gregorian),
            ("2026-11-22T08:15:00+01:00", YearMonthDay, Gregorian),
            ("22.11.2026", DayMonthYear, Gregorian),
            ("22.11.26", DayMonthYear, Gregorian),
            ("22/11/2026 08:15", DayMonthYear, Gregorian),
            ("11/22/2026", MonthDayYear, Gregorian),
            ("๒๒/๑๑/๒๕๖๙", DayMonthYear, Buddhist),
            ("22/11/69", DayMonthYear, Buddhist),
            ("۱۴۰۵/۰۹/۰۱", YearMonthDay, Persian),
        ] {
            assert_eq!(parse(text, order, calendar), Some((2026, 11, 22)), "{text}");
        }
        for text in
            ["", "22.11", "31.11.2026", "22.11.2026.1", "22.11-2026", "x", "22.11.126", "001.11.2026", "2026-11-22"]
        {
            assert_eq!(parse(text, DayMonthYear, Gregorian), None, "{text}");
        }
        assert_eq!(parse("22.11.26", YearMonthDay, Gregorian), None);
        // The wrong calendar is no date, rather than one centuries away.
        assert_eq!(parse("22/11/2569", DayMonthYear, Gregorian), None);
    }

    /// New Year's days of the Iranian calendar centre: 1399 and 1403 are leap years.
    #[test]
    fn persian_new_years() {
        for (year, day) in [(1348, (1969, 3, 21)), (1399, (2020, 3, 20)), (1400, (2021, 3, 21)), (1403, (2024, 3, 20))]
        {
            assert_eq!(from_persian(year, 1, 1), Some(day));
        }
        assert_eq!(from_persian(1403, 12, 30), Some((2025, 3, 20)));
        assert_eq!(from_persian(1404, 12, 30), None);
        assert_eq!(from_persian(1404, 1, 1), Some((2025, 3, 21)));
        assert_eq!(from_persian(1405, 1, 1), Some((2026, 3, 21)));
    }

    proptest! {
        #[test]
        fn never_panics(text in any::<String>()) {
            for order in [DateOrder::YearMonthDay, DateOrder::DayMonthYear, DateOrder::MonthDayYear] {
                for calendar in [Calendar::Gregorian, Calendar::Buddhist, Calendar::Persian] {
                    let _ = parse(&text, order, calendar);
                }
            }
        }
    }
}
