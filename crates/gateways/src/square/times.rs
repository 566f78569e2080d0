//! Times as RFC 3339 texts, and the time that stands in our keys.

use domain::{
    OperationId, Timestamp,
    time::{DAY, MINUTE},
};

/// Crockford's base 32, as `domain::ids` writes it.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// How old what an answer tells of is, in milliseconds, when it is no news.
const REPEAT: i64 = MINUTE;

/// `2026-11-22T08:15:00.250Z`.
pub(super) fn to_text(at: Timestamp) -> String {
    let whole = at.rfc3339();
    format!("{}.{:03}Z", whole.trim_end_matches('Z'), at.0.rem_euclid(1_000))
}

/// Reads RFC 3339 with a fraction or none, in UTC or with an offset; what is below a millisecond is cut off.
pub(super) fn of_text(text: &str) -> Option<Timestamp> {
    if !text.is_ascii() || text.len() < 20 {
        return None;
    }
    let (date, rest) = text.split_once(['T', 't'])?;
    let place = rest.find(['Z', 'z', '+', '-'])?;
    let (clock, offset) = rest.split_at(place);
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
    let (hour, minute, second) = clock_of(clock)?;
    // A leap second is the second before it: no later one is mistaken for it.
    let seconds = (hour * 60 + minute) * 60 + second.min(59);
    let millis = millis_of(fraction)?;
    let shift = offset_of(offset)?;
    let at = Timestamp::parse_date(date)?.0.checked_add(seconds * 1_000 + millis)?.checked_sub(shift * 60_000)?;
    Some(Timestamp(at))
}

fn number(text: &str, digits: usize, most: i64) -> Option<i64> {
    let fits = text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|number| fits && *number <= most)
}

fn clock_of(text: &str) -> Option<(i64, i64, i64)> {
    let mut parts = text.splitn(3, ':');
    Some((number(parts.next()?, 2, 23)?, number(parts.next()?, 2, 59)?, number(parts.next()?, 2, 60)?))
}

fn millis_of(fraction: &str) -> Option<i64> {
    if fraction.is_empty() || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    format!("{fraction:0<3}").get(..3)?.parse().ok()
}

/// Minutes east of UTC.
fn offset_of(text: &str) -> Option<i64> {
    if text.eq_ignore_ascii_case("z") {
        return Some(0);
    }
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let (hours, minutes) = text.get(1..)?.split_once(':')?;
    Some(sign * (number(hours, 2, 23)? * 60 + number(minutes, 2, 59)?))
}

/// Whether an answer tells of something made earlier: the key was used before, and Square repeats what it said then.
pub(super) fn is_repeat(created_at: Option<&str>, now: Timestamp) -> bool {
    created_at.and_then(of_text).is_some_and(|made| made < now.plus(-REPEAT))
}

/// When the operation of a key began: the time in its name (`domain::ids`). None for a key of another form.
pub(super) fn of_key(key: &str) -> Option<Timestamp> {
    let id: OperationId = key.parse().ok()?;
    let body = id.as_str().rsplit('_').next()?;
    let millis = body.bytes().take(10).try_fold(0_i64, |all, byte| {
        let digit = ALPHABET.iter().position(|known| *known == byte)?;
        all.checked_mul(32)?.checked_add(i64::try_from(digit).ok()?)
    })?;
    // 48 bits reach beyond the year 9999: such a key is none of ours.
    (millis < 3_000_000 * DAY).then_some(Timestamp(millis))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn texts_and_keys_read_back(millis in 0i64..253_402_300_799_999, random in any::<[u8; 10]>()) {
            let at = Timestamp(millis);
            prop_assert_eq!(of_text(&to_text(at)), Some(at));
            let key = OperationId::from_parts(u64::try_from(millis).unwrap(), random);
            prop_assert_eq!(of_key(key.as_str()), Some(at));
        }

        #[test]
        fn reading_never_panics(text in "\\PC{0,40}") {
            let _ = (of_text(&text), of_key(&text));
        }
    }

    #[test]
    fn known_texts() {
        let at = Timestamp(1_580_005_534_000);
        assert_eq!(to_text(at), "2020-01-26T02:25:34.000Z");
        for text in ["2020-01-26T02:25:34Z", "2020-01-25T18:25:34-08:00", "2020-01-26T03:25:34.000+01:00"] {
            assert_eq!(of_text(text), Some(at), "{text}");
        }
        assert_eq!(of_text("2020-01-26T02:25:34.5Z"), Some(at.plus(500)));
        assert_eq!(of_text("2020-01-26T02:25:34.123456Z"), Some(at.plus(123)));
        for text in [
            "",
            "2020-01-26",
            "2020-01-26T02:25:34",
            "2020-01-26T25:25:34Z",
            "2020-02-30T02:25:34Z",
            "2020-01-26T02:25:34.Z",
            "2020-01-26T02:25:34+1:00",
            "2020-01-26T02:25:3xZ",
        ] {
            assert_eq!(of_text(text), None, "{text}");
        }
        assert_eq!(of_key("k1"), None);
        assert_eq!(of_key("re_01h00000000000000000000000"), None);
        assert_eq!(of_key("op_zzzzzzzzzz0000000000000000"), None);
    }
}
