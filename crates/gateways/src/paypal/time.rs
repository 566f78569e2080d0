//! Internet date and time (RFC 3339), as PayPal writes it. Transaction Search leaves the colon of the offset out.

use domain::{
    Timestamp,
    time::{HOUR, MINUTE, SECOND},
};

/// Reads `2026-11-22T08:15:00Z`, `…00.123Z`, `…00+01:00` and `…00+0100`.
pub(super) fn read(text: &str) -> Option<Timestamp> {
    if !text.is_ascii() || text.len() < 20 {
        return None;
    }
    let (date, rest) = text.split_at(10);
    let day = Timestamp::parse_date(date)?;
    let clock = rest.strip_prefix(['T', 't'])?;
    let (clock, mut rest) = clock.split_at_checked(8)?;
    let (hours, minutes, seconds) = (two(clock, 0)?, two(clock, 3)?, two(clock, 6)?);
    if hours > 23 || minutes > 59 || seconds > 60 || clock.as_bytes()[2] != b':' || clock.as_bytes()[5] != b':' {
        return None;
    }
    let mut millis = 0;
    if let Some(fraction) = rest.strip_prefix('.') {
        let end = fraction.bytes().position(|byte| !byte.is_ascii_digit())?;
        let (digits, after) = fraction.split_at(end);
        let padded: String = digits.chars().chain("000".chars()).take(3).collect();
        millis = if digits.is_empty() { return None } else { padded.parse::<i64>().ok()? };
        rest = after;
    }
    let at = day.plus(hours * HOUR + minutes * MINUTE + seconds * SECOND + millis);
    Some(at.plus(-offset(rest)?))
}

/// Two digits at a place.
fn two(text: &str, at: usize) -> Option<i64> {
    let digits = text.get(at..at + 2)?;
    if digits.bytes().all(|byte| byte.is_ascii_digit()) { digits.parse().ok() } else { None }
}

/// Milliseconds east of UTC.
fn offset(text: &str) -> Option<i64> {
    if matches!(text, "Z" | "z") {
        return Some(0);
    }
    let sign = match text.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let minutes = match text.len() {
        5 => two(text, 3)?,
        6 if text.as_bytes()[3] == b':' => two(text, 4)?,
        _ => return None,
    };
    Some(sign * (two(text, 1)? * HOUR + minutes * MINUTE))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_forms_that_paypal_writes() {
        let noon = Timestamp::from_date(2026, 11, 22).unwrap().plus(12 * HOUR);
        for text in [
            "2026-11-22T12:00:00Z",
            "2026-11-22t12:00:00z",
            "2026-11-22T12:00:00.000Z",
            "2026-11-22T13:00:00+01:00",
            "2026-11-22T12:00:00+0000",
            "2026-11-22T04:30:00-07:30",
        ] {
            assert_eq!(read(text), Some(noon), "{text}");
        }
        assert_eq!(read("2026-11-22T12:00:00.5Z"), Some(noon.plus(500)));
        assert_eq!(read("2026-11-22T12:00:00.123456Z"), Some(noon.plus(123)));
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "",
            "2026-11-22",
            "2026-11-22T12:00:00",
            "2026-11-22 12:00:00Z",
            "2026-02-30T12:00:00Z",
            "2026-11-22T24:00:00Z",
            "2026-11-22T12.00.00Z",
            "2026-11-22T12:00:00.Z",
            "2026-11-22T12:00:00.1",
            "2026-11-22T12:00:00+1",
            "2026-11-22T+1:00:00Z",
            "2026-11-22T12:00:00Z|x",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn nothing_panics_and_our_own_form_reads_back(text in "\\PC{0,40}", seconds in 0i64..4_000_000_000) {
            let _ = read(&text);
            let at = Timestamp(seconds * SECOND);
            prop_assert_eq!(read(&at.rfc3339()), Some(at));
        }
    }
}
