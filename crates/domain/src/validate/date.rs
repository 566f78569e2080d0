//! Dates as typed. `Timestamp` begins in 1970, so birth dates are kept as their parts.

use super::{Wrong, text};
use crate::Timestamp;
use crate::problem::{accounts, codes, money};

/// Year, month, day.
pub type Date = (i64, u8, u8);

/// Reads `YYYY-MM-DD`, Gregorian, years 1000 to 9999.
#[must_use]
pub fn parse(typed: &str) -> Option<Date> {
    let ascii = text::ascii_digits(typed.trim());
    let mut parts = ascii.split('-');
    let (y, m, d) = (parts.next()?, parts.next()?, parts.next()?);
    let digits = |t: &str, n: usize| t.len() == n && t.bytes().all(|b| b.is_ascii_digit());
    if parts.next().is_some() || !digits(y, 4) || !digits(m, 2) || !digits(d, 2) {
        return None;
    }
    let (year, month, day) = (y.parse::<i64>().ok()?, m.parse::<u8>().ok()?, d.parse::<u8>().ok()?);
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 => 28 + u8::from(leap),
        _ => return None,
    };
    (year >= 1000 && (1..=days).contains(&day)).then_some((year, month, day))
}

/// Reads a date with a time of day, `2026-11-22T14:30` or with a space between, as browsers and people write it; the date, the hour
/// and the minute.
///
/// # Errors
/// [`codes::REQUIRED`], [`money::BAD_MOMENT`].
pub fn with_time(typed: &str) -> Result<(Date, u8, u8), Wrong> {
    let ascii = text::ascii_digits(typed.trim());
    if ascii.is_empty() {
        return Err(Wrong::new(codes::REQUIRED));
    }
    let read = || {
        let (day, time) = ascii.split_once('T').or_else(|| ascii.split_once(' '))?;
        let (hour, minute) = time.split_once(':')?;
        let two =
            |t: &str| if t.len() == 2 && t.bytes().all(|b| b.is_ascii_digit()) { t.parse::<u8>().ok() } else { None };
        let (hour, minute) = (two(hour)?, two(minute)?);
        (hour < 24 && minute < 60).then_some((parse(day)?, hour, minute))
    };
    read().ok_or_else(|| Wrong::new(money::BAD_MOMENT))
}

/// Whole years from a date to a day.
#[must_use]
pub const fn years_until(born: Date, today: Timestamp) -> i64 {
    let (year, month, day, ..) = today.utc_parts();
    let had_birthday = month > born.1 || (month == born.1 && day >= born.2);
    year - born.0 - if had_birthday { 0 } else { 1 }
}

/// The birth date of an adult, at most 120 years ago.
///
/// # Errors
/// [`codes::REQUIRED`], [`codes::BAD_DATE`], [`accounts::TOO_YOUNG`], [`accounts::DATE_UNLIKELY`].
pub fn adult(typed: &str, today: Timestamp) -> Result<Date, Wrong> {
    if typed.trim().is_empty() {
        return Err(Wrong::new(codes::REQUIRED));
    }
    let born = parse(typed).ok_or_else(|| Wrong::new(codes::BAD_DATE))?;
    match years_until(born, today) {
        18..=120 => Ok(born),
        0..18 => Err(Wrong::new(accounts::TOO_YOUNG)),
        _ => Err(Wrong::new(accounts::DATE_UNLIKELY)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_eighteenth_birthday_counts() {
        let today = Timestamp::from_date(2026, 11, 22).unwrap();
        assert!(adult("2008-11-22", today).is_ok());
        assert_eq!(adult("2008-11-23", today).unwrap_err().code, accounts::TOO_YOUNG);
        assert!(adult("1906-11-22", today).is_ok());
        assert_eq!(adult("1905-11-22", today).unwrap_err().code, accounts::DATE_UNLIKELY);
        assert_eq!(adult("2030-01-01", today).unwrap_err().code, accounts::DATE_UNLIKELY);
        for bad in
            ["1980-02-30", "1900-02-29", "80-01-01", "1980-1-1", "01/02/1980", "1980-01-01-01", "+980-01-01", "x"]
        {
            assert_eq!(adult(bad, today).unwrap_err().code, codes::BAD_DATE, "{bad}");
        }
        assert_eq!(parse("۱۹۸۰-۰۲-۲۹"), Some((1980, 2, 29)));
    }

    #[test]
    fn a_time_of_day_follows_the_date() {
        let read = Ok(((2026, 11, 22), 14, 5));
        for good in ["2026-11-22T14:05", " 2026-11-22 14:05 ", "۲۰۲۶-۱۱-۲۲T۱۴:۰۵"] {
            assert_eq!(with_time(good), read, "{good}");
        }
        for bad in
            ["2026-11-22", "2026-11-22T24:00", "2026-11-22T14:60", "2026-11-22T4:05", "2026-02-30T14:05", "14:05", "x"]
        {
            assert_eq!(with_time(bad).unwrap_err().code, money::BAD_MOMENT, "{bad}");
        }
        assert_eq!(with_time("").unwrap_err().code, codes::REQUIRED);
    }

    proptest! {
        #[test]
        fn agrees_with_timestamps(day in 0i64..50_000) {
            let at = Timestamp(day * crate::time::DAY);
            let (y, m, d, ..) = at.utc_parts();
            prop_assert_eq!(parse(&at.date()), Some((y, m, d)));
            prop_assert_eq!(years_until((y, m, d), at), 0);
        }

        #[test]
        fn never_panics(text in "\\PC{0,20}") { let _ = adult(&text, Timestamp(0)); }
    }
}
