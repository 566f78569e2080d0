//! Numbers and times in a language. Dates are Gregorian everywhere, times name their zone.

use super::{k, t, tf, tn};
use domain::{Locale, Timestamp, ZoneTable, time};

/// A text with its digits in the language's own script. Not for ids, card digits and amounts, which stay as they are.
#[must_use]
pub fn digits(locale: Locale, text: &str) -> String {
    match locale {
        Locale::En => text.to_owned(),
        Locale::Fa => {
            text.chars().map(|c| c.to_digit(10).and_then(|d| char::from_u32(u32::from('۰') + d)).unwrap_or(c)).collect()
        }
    }
}

/// A whole number, grouped by thousands.
#[must_use]
pub fn number(locale: Locale, value: i64) -> String {
    let plain = value.unsigned_abs().to_string();
    let separator = match locale {
        Locale::En => ',',
        Locale::Fa => '٬',
    };
    let mut out = String::from(if value < 0 { "-" } else { "" });
    for (i, c) in plain.chars().enumerate() {
        if i > 0 && (plain.len() - i).is_multiple_of(3) {
            out.push(separator);
        }
        out.push(c);
    }
    digits(locale, &out)
}

/// Thousandths as percent with one decimal: 985 is "98.5%".
#[must_use]
pub fn permille(locale: Locale, value: i64) -> String {
    let (whole, part) = (value / 10, value % 10);
    match locale {
        Locale::En => format!("{whole}.{part}%"),
        Locale::Fa => digits(locale, &format!("{whole}٫{part}٪")),
    }
}

/// "22 Nov 2026".
#[must_use]
pub fn date(locale: Locale, at: Timestamp) -> String {
    let (year, month, day, ..) = at.utc_parts();
    digits(locale, &format!("{day} {} {year}", month_name(locale, month)))
}

/// "22 Nov" of `2026-11-22`; the text as it is when it is no date.
#[must_use]
pub fn date_of_day(locale: Locale, day: &str) -> String {
    let Some(at) = Timestamp::parse_date(day) else { return day.to_owned() };
    let (_, month, day, ..) = at.utc_parts();
    digits(locale, &format!("{day} {}", month_name(locale, month)))
}

/// "14:03".
#[must_use]
pub fn time_of_day(locale: Locale, at: Timestamp) -> String {
    let (_, _, _, hour, minute, _) = at.utc_parts();
    digits(locale, &format!("{hour:02}:{minute:02}"))
}

/// The whole moment in UTC: "22 Nov 2026, 14:03 UTC".
#[must_use]
pub fn when(locale: Locale, at: Timestamp) -> String {
    tf(locale, k::TIME_FULL, &[("date", &date(locale, at)), ("time", &time_of_day(locale, at))])
}

/// The whole moment in a zone, which is named: "22 Nov 2026, 15:03 Europe/Stockholm".
#[must_use]
pub fn when_in(locale: Locale, zone: &ZoneTable, at: Timestamp) -> String {
    if zone.is_utc() {
        return when(locale, at);
    }
    let clock = zone.clock(at);
    let (date, time) = (date(locale, clock), time_of_day(locale, clock));
    tf(locale, k::TIME_IN_ZONE, &[("date", &date), ("time", &time), ("zone", &zone.label())])
}

/// How long ago, for at most a day back; the date in a zone before that and for what lies ahead.
#[must_use]
pub fn ago(locale: Locale, zone: &ZoneTable, at: Timestamp, now: Timestamp) -> String {
    let past = now.0.saturating_sub(at.0);
    match past {
        // A clock that is a little behind the server's makes "in the future" of "just now".
        -60_000..60_000 => t(locale, k::TIME_NOW).to_owned(),
        60_000..time::HOUR => tn(locale, k::TIME_MINUTES_AGO, past / time::MINUTE, &[]),
        time::HOUR..time::DAY => tn(locale, k::TIME_HOURS_AGO, past / time::HOUR, &[]),
        _ => date(locale, zone.clock(at)),
    }
}

fn month_name(locale: Locale, month: u8) -> &'static str {
    let names = t(locale, k::TIME_MONTHS);
    names.split(' ').nth(usize::from(month.saturating_sub(1))).unwrap_or("")
}
