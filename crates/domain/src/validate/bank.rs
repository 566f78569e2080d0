//! Local bank accounts, for countries without IBAN and for merchants who know only their local numbers.

use super::Wrong;
use crate::problem::{accounts, codes};

/// Digits (and letters, for the countries that have them) of a number as typed, without spaces and hyphens.
fn compact(typed: &str) -> String {
    super::text::ascii_digits(typed)
        .chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '-' | '.' | '/'))
        .collect::<String>()
        .to_ascii_uppercase()
}

fn is_digits(text: &str, min: usize, max: usize) -> bool {
    (min..=max).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
}

fn is_alphanumeric(text: &str, min: usize, max: usize) -> bool {
    (min..=max).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric())
}

/// A bank code of a country: routing number, sort code, clearing number. Countries that are not known here may have none.
///
/// # Errors
/// [`codes::REQUIRED`], [`accounts::BAD_BANK_CODE`].
pub fn bank_code(country: &str, typed: &str) -> Result<Option<String>, Wrong> {
    let code = compact(typed);
    let needed = matches!(country, "US" | "GB" | "SE" | "CA" | "AU" | "IN" | "NZ" | "HK" | "SG" | "JP" | "MX");
    if code.is_empty() {
        return if needed { Err(Wrong::new(codes::REQUIRED)) } else { Ok(None) };
    }
    let fits = match country {
        "US" => is_routing_number(&code),
        "GB" | "AU" | "NZ" => is_digits(&code, 6, 6),
        "SE" => is_clearing_number(&code),
        "CA" => is_digits(&code, 8, 9),
        "IN" => is_ifsc(&code),
        "JP" => is_digits(&code, 7, 7),
        "HK" => is_digits(&code, 3, 6),
        "SG" => is_digits(&code, 4, 7),
        "MX" => is_digits(&code, 3, 3),
        _ => is_alphanumeric(&code, 2, 20),
    };
    if fits { Ok(Some(code)) } else { Err(Wrong::new(accounts::BAD_BANK_CODE)) }
}

/// An account number of a country.
///
/// # Errors
/// [`codes::REQUIRED`], [`accounts::BAD_ACCOUNT_NUMBER`].
pub fn account_number(country: &str, typed: &str) -> Result<String, Wrong> {
    let number = compact(typed);
    if number.is_empty() {
        return Err(Wrong::new(codes::REQUIRED));
    }
    let fits = match country {
        "US" => is_digits(&number, 4, 17),
        "GB" => is_digits(&number, 8, 8),
        "SE" => is_digits(&number, 6, 12),
        "CA" => is_digits(&number, 7, 12),
        "AU" => is_digits(&number, 5, 10),
        "NZ" => is_digits(&number, 9, 10),
        "IN" => is_digits(&number, 9, 18),
        "JP" => is_digits(&number, 7, 7),
        "MX" => is_clabe(&number),
        "TH" => is_digits(&number, 10, 12),
        "VN" => is_digits(&number, 6, 19),
        _ => is_alphanumeric(&number, 4, 34) && number.bytes().any(|b| b.is_ascii_digit()),
    };
    if fits { Ok(number) } else { Err(Wrong::new(accounts::BAD_ACCOUNT_NUMBER)) }
}

fn digits_of(text: &str) -> impl Iterator<Item = u32> + '_ {
    text.chars().filter_map(|c| c.to_digit(10))
}

/// ABA routing number: nine digits, weights 3, 7, 1, sum divisible by ten; the first two digits name a Federal Reserve
/// district (00 to 12, 21 to 32, 61 to 72, 80).
fn is_routing_number(code: &str) -> bool {
    let district = code.get(..2).and_then(|d| d.parse::<u32>().ok());
    is_digits(code, 9, 9)
        && matches!(district, Some(1..=12 | 21..=32 | 61..=72 | 80))
        && digits_of(code).zip([3, 7, 1].into_iter().cycle()).map(|(d, w)| d * w).sum::<u32>() % 10 == 0
}

/// Swedish clearing number: 1000 to 9999; those of Swedbank that begin with 8 have a fifth digit, a Luhn check.
fn is_clearing_number(code: &str) -> bool {
    match code.len() {
        4 => is_digits(code, 4, 4) && !code.starts_with('0'),
        5 => is_digits(code, 5, 5) && code.starts_with('8') && super::tax::luhn(code),
        _ => false,
    }
}

/// Indian financial system code: four letters, a zero, six letters or digits.
fn is_ifsc(code: &str) -> bool {
    code.len() == 11
        && code.bytes().take(4).all(|b| b.is_ascii_uppercase())
        && code.as_bytes().get(4) == Some(&b'0')
        && is_alphanumeric(code, 11, 11)
}

/// Mexican CLABE: 18 digits, weights 3, 7, 1, each product modulo ten.
fn is_clabe(number: &str) -> bool {
    let Some((body, check)) = number.split_at_checked(17) else { return false };
    let sum: u32 = digits_of(body).zip([3, 7, 1].into_iter().cycle()).map(|(d, w)| d * w % 10).sum();
    is_digits(number, 18, 18) && check.parse() == Ok((10 - sum % 10) % 10)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn known_numbers() {
        assert_eq!(bank_code("US", "0210-00021").unwrap().unwrap(), "021000021");
        assert_eq!(bank_code("US", "021000012").unwrap_err().code, accounts::BAD_BANK_CODE);
        assert_eq!(bank_code("US", "").unwrap_err().code, codes::REQUIRED);
        assert_eq!(bank_code("GB", "60-16-13").unwrap().unwrap(), "601613");
        assert!(bank_code("SE", "8327-9").is_ok() && bank_code("SE", "8327-8").is_err());
        assert!(bank_code("SE", "5000").is_ok() && bank_code("SE", "0500").is_err());
        assert!(bank_code("IN", "HDFC0000001").is_ok());
        assert_eq!(bank_code("TH", "").unwrap(), None);
        assert_eq!(account_number("GB", "31926819").unwrap(), "31926819");
        assert!(account_number("GB", "3192681").is_err());
        assert!(
            account_number("MX", "032180000118359719").is_ok() && account_number("MX", "032180000118359718").is_err()
        );
        assert!(account_number("TH", "<script>1234").is_err());
    }

    proptest! {
        #[test]
        fn a_changed_digit_of_a_routing_number_is_caught(at in 2usize..9, by in 1u32..10) {
            let mut chars: Vec<char> = "021000021".chars().collect();
            chars[at] = char::from_digit((chars[at].to_digit(10).unwrap() + by) % 10, 10).unwrap();
            prop_assert!(bank_code("US", &chars.iter().collect::<String>()).is_err());
        }

        #[test]
        fn never_panics(country in "[A-Z]{2}", text in "\\PC{0,40}") {
            for country in [country.as_str(), "US", "GB", "SE", "MX", "IN", ""] {
                let _ = (bank_code(country, &text), account_number(country, &text));
            }
        }
    }
}
