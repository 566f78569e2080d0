//! Reading card fields as typed, for the sandbox's test numbers. Nothing here keeps, prints or returns a number.

use crate::{MethodInput, sandbox::cards::TOKEN_PREFIX};
use domain::{
    FieldProblem,
    problem::{codes, money},
    views::checkout::CardFields,
};

/// Field names of [`CardFields`].
pub const NUMBER: &str = "card_number";
/// The expiry's field.
pub const EXPIRY: &str = "card_expiry";
/// The security code's field.
pub const CODE: &str = "card_code";

/// Reads typed fields. Whether the number is one that the gateway takes, and whether the expiry lies ahead, is for
/// [`Charges::accept`](crate::Charges::accept) to say.
///
/// # Errors
/// What is wrong with which field: empty, or not a number, a month and year, or a code.
pub fn from_fields(fields: &CardFields) -> Result<MethodInput, Vec<FieldProblem>> {
    // A name such as `pm_card_visa` may stand for a number; it needs no expiry and no code.
    let typed = fields.card_number.trim();
    if typed.len() <= 64 && typed.starts_with(TOKEN_PREFIX) {
        return Ok(MethodInput::Token(typed.to_owned()));
    }
    let mut problems = Vec::new();
    let number = digits(&fields.card_number).filter(|n| (12..=19).contains(&n.len()));
    if number.is_none() {
        problems.push(problem(NUMBER, &fields.card_number, money::BAD_CARD_NUMBER));
    }
    let expiry = expiry(&fields.card_expiry);
    if expiry.is_none() {
        problems.push(problem(EXPIRY, &fields.card_expiry, money::BAD_CARD_EXPIRY));
    }
    let cvc = digits(&fields.card_code).filter(|c| matches!(c.len(), 3 | 4));
    if cvc.is_none() {
        problems.push(problem(CODE, &fields.card_code, money::BAD_CARD_CODE));
    }
    match (number, expiry, cvc) {
        (Some(number), Some((exp_month, exp_year)), Some(cvc)) => {
            Ok(MethodInput::Card { number: number.into(), exp_month, exp_year, cvc: cvc.into() })
        }
        _ => Err(problems),
    }
}

fn problem(field: &'static str, typed: &str, code: &'static str) -> FieldProblem {
    FieldProblem::new(field, if typed.trim().is_empty() { codes::REQUIRED } else { code })
}

/// The digits of a text of digits, spaces and dashes; Persian and Eastern Arabic digits are read too.
fn digits(text: &str) -> Option<String> {
    let mut out = String::with_capacity(20);
    for c in text.trim().chars().take(64) {
        match c {
            '0'..='9' => out.push(c),
            '۰'..='۹' => out.push(ascii_digit(c, '۰')?),
            '٠'..='٩' => out.push(ascii_digit(c, '٠')?),
            ' ' | '-' | '\u{a0}' => {}
            _ => return None,
        }
    }
    (text.chars().count() <= 64).then_some(out)
}

fn ascii_digit(c: char, zero: char) -> Option<char> {
    char::from_digit(u32::from(c) - u32::from(zero), 10)
}

/// `MM/YY`, `MM / YYYY`, `MMYY`, `MMYYYY` as month and four-digit year. Two digits mean 2000 to 2099.
fn expiry(text: &str) -> Option<(u8, u16)> {
    let (month, year) = match text.split_once(['/', '.']) {
        Some((month, year)) => (digits(month)?, digits(year)?),
        None => {
            let all = digits(text)?;
            let (month, year) = all.split_at_checked(2)?;
            (month.to_owned(), year.to_owned())
        }
    };
    if !matches!(month.len(), 1 | 2) || !matches!(year.len(), 2 | 4) {
        return None;
    }
    let month: u8 = month.parse().ok().filter(|m| (1..=12).contains(m))?;
    let full: u16 = year.parse().ok()?;
    Some((month, if year.len() == 2 { 2000 + full } else { full }))
}

/// Luhn's check digit (ISO/IEC 7812-1, annex B).
#[must_use]
pub fn luhn(number: &str) -> bool {
    let sum: u32 = number
        .bytes()
        .rev()
        .enumerate()
        .map(|(place, byte)| {
            let digit = u32::from(byte.saturating_sub(b'0'));
            if place % 2 == 0 { digit } else { digit * 2 / 10 + digit * 2 % 10 }
        })
        .sum();
    !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()) && sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;

    fn typed(number: &str, expiry: &str, code: &str) -> CardFields {
        CardFields { card_number: number.into(), card_expiry: expiry.into(), card_code: code.into() }
    }

    #[test]
    fn people_type_in_many_ways() {
        for (number, expiry, code) in [
            ("4242 4242 4242 4242", "12/34", "123"),
            ("4242-4242-4242-4242", "12 / 2034", " 123 "),
            ("۴۲۴۲۴۲۴۲۴۲۴۲۴۲۴۲", "۱۲/۳۴", "١٢٣"),
            ("4242424242424242", "1234", "123"),
        ] {
            let MethodInput::Card { number, exp_month, exp_year, cvc } =
                from_fields(&typed(number, expiry, code)).unwrap()
            else {
                panic!("a card");
            };
            assert_eq!(number.expose_secret(), "4242424242424242");
            assert_eq!((exp_month, exp_year, cvc.expose_secret()), (12, 2034, "123"));
        }
    }

    #[test]
    fn each_wrong_field_is_named() {
        let fields = |f: &CardFields| -> Vec<String> {
            from_fields(f).unwrap_err().into_iter().map(|p| format!("{}={}", p.field, p.code)).collect()
        };
        assert_eq!(fields(&typed("", "", " ")), ["card_number=required", "card_expiry=required", "card_code=required"]);
        let long = "4".repeat(100_000);
        for (number, expiry, code) in [
            ("4242", "13/30", "12"),
            ("<b>4242</b>", "00/30", "12a"),
            ("\u{202e}4242424242424242", "1/2/3", "12345"),
            (long.as_str(), long.as_str(), long.as_str()),
        ] {
            assert_eq!(
                fields(&typed(number, expiry, code)),
                ["card_number=bad_card_number", "card_expiry=bad_card_expiry", "card_code=bad_card_code"]
            );
        }
    }

    #[test]
    fn check_digits() {
        assert!(luhn("4242424242424242") && !luhn("4242424242424241") && !luhn("") && !luhn("٤٢"));
    }
}
