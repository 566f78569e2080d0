//! Whole numbers, percent and amounts, as typed.

use super::{Wrong, text};
use crate::money::MAX_AMOUNT;
use crate::problem::codes;
use crate::{Currency, Money, MoneyError};

/// A whole number within bounds; digits of other scripts are read.
///
/// # Errors
/// [`codes::REQUIRED`], [`codes::BAD_NUMBER`], [`codes::OUT_OF_RANGE`].
pub fn whole(typed: &str, min: i64, max: i64) -> Result<i64, Wrong> {
    let typed = text::ascii_digits(typed.trim());
    if typed.is_empty() {
        return Err(Wrong::new(codes::REQUIRED));
    }
    let digits = typed.strip_prefix('-').unwrap_or(&typed);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(Wrong::new(codes::BAD_NUMBER));
    }
    // A number too long for 64 bits is out of range as well.
    match typed.parse::<i64>() {
        Ok(n) if (min..=max).contains(&n) => Ok(n),
        _ => Err(Wrong::new(codes::OUT_OF_RANGE).with("min", min).with("max", max)),
    }
}

/// A share in whole percent, 0 to 100; a percent sign is allowed.
///
/// # Errors
/// As [`whole`].
pub fn percent(typed: &str) -> Result<i64, Wrong> {
    whole(typed.trim().trim_end_matches(['%', '٪']), 0, 100)
}

/// A currency's code.
///
/// # Errors
/// [`codes::REQUIRED`], [`codes::BAD_CURRENCY`].
pub fn currency(typed: &str) -> Result<Currency, Wrong> {
    match typed.trim() {
        "" => Err(Wrong::new(codes::REQUIRED)),
        typed => typed.parse().map_err(|_| Wrong::new(codes::BAD_CURRENCY)),
    }
}

/// An amount above nothing, at most what one payment may be.
///
/// # Errors
/// [`codes::REQUIRED`], [`codes::BAD_AMOUNT`], [`codes::TOO_MANY_DECIMALS`], [`codes::OUT_OF_RANGE`].
pub fn amount(typed: &str, currency: Currency) -> Result<Money, Wrong> {
    if typed.trim().is_empty() {
        return Err(Wrong::new(codes::REQUIRED));
    }
    let range = || {
        Wrong::new(codes::OUT_OF_RANGE)
            .with("min", Money::new(1, currency).grouped())
            .with("max", Money::new(MAX_AMOUNT, currency).grouped())
    };
    match Money::parse(typed, currency) {
        Ok(money) if (1..=MAX_AMOUNT).contains(&money.minor) => Ok(money),
        Ok(_) | Err(MoneyError::Overflow) => Err(range()),
        Err(MoneyError::TooManyDecimals) => Err(Wrong::new(codes::TOO_MANY_DECIMALS)),
        Err(_) => Err(Wrong::new(codes::BAD_AMOUNT)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers() {
        assert_eq!(percent("۲۵٪"), Ok(25));
        assert_eq!(percent("101").unwrap_err().code, codes::OUT_OF_RANGE);
        assert_eq!(percent("99999999999999999999").unwrap_err().code, codes::OUT_OF_RANGE);
        for bad in ["25.5", "x", "+1", "-", "1e3", "%"] {
            assert!(percent(bad).is_err(), "{bad}");
        }
        assert_eq!(amount("0", Currency::EUR).unwrap_err().code, codes::OUT_OF_RANGE);
        assert_eq!(amount("1.005", Currency::EUR).unwrap_err().code, codes::TOO_MANY_DECIMALS);
        assert_eq!(amount("12,50", Currency::EUR).unwrap().minor, 1_250);
    }

    proptest! {
        #[test]
        fn never_panics(text in "\\PC{0,40}") {
            let _ = (percent(&text), currency(&text), amount(&text, Currency::KWD), whole(&text, -5, 5));
        }
    }
}
