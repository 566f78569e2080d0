//! Tax, VAT and register numbers: the form that a country gives them, with check digits where they are simple. A number that
//! looks right may still be somebody else's: reviewers look it up.

use super::{Wrong, text};
use crate::problem::{accounts, codes};

fn compact(typed: &str) -> String {
    text::ascii_digits(typed)
        .chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '-' | '.' | '/'))
        .collect::<String>()
        .to_ascii_uppercase()
}

fn all_digits(text: &str, lengths: &[usize]) -> bool {
    lengths.contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
}

/// Luhn's check (ISO/IEC 7812-1, annex B).
pub(super) fn luhn(digits: &str) -> bool {
    let sum: u32 = digits
        .chars()
        .rev()
        .filter_map(|c| c.to_digit(10))
        .enumerate()
        .map(|(i, d)| if i % 2 == 0 { d } else { d * 2 / 10 + d * 2 % 10 })
        .sum();
    !digits.is_empty() && sum.is_multiple_of(10)
}

fn weighted(digits: &str, weights: &[u32]) -> u32 {
    digits.chars().filter_map(|c| c.to_digit(10)).zip(weights).map(|(d, w)| d * w).sum()
}

/// A tax or VAT number of a country, without spaces.
///
/// # Errors
/// [`codes::REQUIRED`], [`codes::TOO_LONG`], [`accounts::BAD_TAX_NUMBER`].
pub fn required(country: &str, typed: &str) -> Result<String, Wrong> {
    text::required(typed, 40)?;
    let whole = compact(typed);
    let number = whole.strip_prefix(if country == "GR" { "EL" } else { country }).unwrap_or(&whole);
    let tail = |n: usize| number.get(n..).unwrap_or("");
    let fits = match country {
        "AT" => all_digits(number, &[9]) || (number.starts_with('U') && all_digits(tail(1), &[8])),
        "BE" => all_digits(number, &[10]),
        "CH" => {
            all_digits(number.trim_start_matches("CHE").trim_end_matches(|c: char| c.is_ascii_alphabetic()), &[9])
                || all_digits(number.trim_start_matches("E"), &[9])
        }
        "CZ" => all_digits(number, &[8, 9, 10]),
        "DE" => all_digits(number, &[9, 10, 11, 12, 13]),
        "DK" | "FI" | "HU" | "LU" | "MT" | "SI" => all_digits(number, &[8, 11]),
        "EE" | "GR" | "PT" => all_digits(number, &[9]),
        "ES" => number.len() == 9 && number.bytes().all(|b| b.is_ascii_alphanumeric()),
        "FR" => (number.len() == 11 && all_digits(tail(2), &[9])) || all_digits(number, &[9, 13, 14]),
        "GB" => all_digits(number, &[9, 10, 12]),
        "HR" | "LV" => all_digits(number, &[11]),
        "IT" => all_digits(number, &[11]) || (number.len() == 16 && number.bytes().all(|b| b.is_ascii_alphanumeric())),
        "IR" => all_digits(number, &[10, 11, 12, 14]),
        "LT" => all_digits(number, &[9, 12]),
        "NL" => number.len() == 12 && number.as_bytes().get(9) == Some(&b'B') || all_digits(number, &[9]),
        "NO" => all_digits(number.trim_end_matches("MVA"), &[9]),
        "PL" => all_digits(number, &[10]) && weighted(number, &[6, 5, 7, 2, 3, 4, 5, 6, 7]) % 11 == last_digit(number),
        "SE" => is_swedish(number),
        "SK" => all_digits(number, &[10]),
        "TH" => all_digits(number, &[13]) && is_thai(number),
        "US" => all_digits(number, &[9]),
        "VN" => all_digits(number, &[10, 13]),
        _ => (4..=20).contains(&number.len()) && number.chars().all(char::is_alphanumeric),
    };
    if fits { Ok(whole) } else { Err(Wrong::new(accounts::BAD_TAX_NUMBER)) }
}

fn last_digit(text: &str) -> u32 {
    text.chars().last().and_then(|c| c.to_digit(10)).unwrap_or(10)
}

/// Ten digits with a Luhn check; VAT numbers add `01`.
fn is_swedish(number: &str) -> bool {
    let base = if number.len() == 12 { number.strip_suffix("01").unwrap_or(number) } else { number };
    all_digits(base, &[10]) && luhn(base)
}

fn is_thai(number: &str) -> bool {
    let sum = weighted(number, &[13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2]);
    (11 - sum % 11) % 10 == last_digit(number)
}

/// A company's number in its register: letters, digits and a few signs, 2 to 30.
///
/// # Errors
/// [`codes::REQUIRED`], [`codes::TOO_LONG`], [`codes::BAD_CHARACTERS`], [`accounts::BAD_COMPANY_NUMBER`].
pub fn company_number(typed: &str) -> Result<String, Wrong> {
    let number = text::ascii_digits(&text::required(typed, 30)?);
    let fits = number.chars().count() >= 2
        && number.chars().any(char::is_alphanumeric)
        && number.chars().all(|c| c.is_alphanumeric() || " -./:()".contains(c));
    if fits { Ok(number) } else { Err(Wrong::new(accounts::BAD_COMPANY_NUMBER)) }
}

/// A postal code: the form is checked where it is simple; a few places have none.
///
/// # Errors
/// [`codes::REQUIRED`], [`codes::TOO_LONG`], [`codes::BAD_CHARACTERS`], [`accounts::BAD_POSTAL_CODE`].
pub fn postal_code(country: &str, typed: &str) -> Result<Option<String>, Wrong> {
    let none = matches!(country, "AE" | "HK" | "QA" | "PA" | "BS" | "BZ" | "FJ" | "AO" | "BW" | "ZW" | "UG" | "RW");
    let Some(code) = text::optional(&text::ascii_digits(typed), 12)? else {
        return if none { Ok(None) } else { Err(Wrong::new(codes::REQUIRED)) };
    };
    let digits: String = code.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
    let fits = match country {
        "SE" | "DE" | "FR" | "ES" | "IT" | "FI" | "CZ" | "SK" | "GR" | "TH" | "TR" | "MX" => all_digits(&digits, &[5]),
        "PL" => all_digits(&digits, &[5]),
        "US" => all_digits(&digits, &[5, 9]),
        "NO" | "DK" | "CH" | "AT" | "BE" | "HU" | "AU" | "LU" | "BG" => all_digits(&digits, &[4]),
        "IR" => all_digits(&digits, &[10]),
        "JP" | "IL" => all_digits(&digits, &[7]),
        "IN" | "SG" | "VN" | "RU" | "CN" => all_digits(&digits, &[5, 6]),
        _ => code.chars().all(|c| c.is_alphanumeric() || c == ' ' || c == '-'),
    };
    if fits { Ok(Some(code)) } else { Err(Wrong::new(accounts::BAD_POSTAL_CODE)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn known_numbers() {
        for (country, good) in [
            ("SE", "SE556703748501"),
            ("SE", "556703-7485"),
            ("PL", "PL 526-104-08-28"),
            ("DE", "DE136695976"),
            ("NL", "NL004495445B01"),
            ("FR", "FR40303265045"),
            ("GB", "GB 980 7806 84"),
            ("US", "12-3456789"),
            ("IR", "۱۰۱۰۲۳۴۵۶۷۸"),
            ("BR", "11.222.333/0001-81"),
        ] {
            assert!(required(country, good).is_ok(), "{good}");
        }
        for (country, bad) in [("SE", "5567037486"), ("PL", "5261040829"), ("US", "12345"), ("BR", "<b>"), ("XX", "a")]
        {
            assert_eq!(required(country, bad).unwrap_err().code, accounts::BAD_TAX_NUMBER, "{bad}");
        }
        assert!(postal_code("SE", "111 22").is_ok() && postal_code("SE", "1112").is_err());
        assert!(postal_code("GB", "SW1A 1AA").is_ok() && postal_code("HK", "").is_ok());
        assert!(company_number("HRB 12345").is_ok() && company_number("<x>").is_err());
    }

    proptest! {
        #[test]
        fn never_panics(country in "[A-Z]{2}", text in "\\PC{0,40}") {
            for country in [country.as_str(), "US", "GB", "SE", "NL", "FR", "PL", "TH", ""] {
                let _ = (required(country, &text), postal_code(country, &text), company_number(&text));
            }
        }
    }
}
