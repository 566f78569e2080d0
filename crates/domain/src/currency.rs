//! Currencies of ISO 4217 and their minor units.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A currency with a defined minor unit, by its ISO 4217 code. Funds codes and metals, which have none, are refused.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Currency([u8; 3]);

/// Text that is not the code of a currency with a minor unit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an ISO 4217 currency that money can be kept in")]
pub struct CurrencyError;

/// The currencies that forms offer first; any other code of ISO 4217 can be typed.
pub const COMMON: [&str; 20] = [
    "EUR", "USD", "GBP", "SEK", "PLN", "CHF", "NOK", "DKK", "THB", "VND", "JPY", "KWD", "CAD", "AUD", "SGD", "HKD",
    "INR", "BRL", "MXN", "AED",
];

impl Currency {
    /// Euro, which examples and tests use.
    pub const EUR: Self = Self(*b"EUR");
    /// US dollar.
    pub const USD: Self = Self(*b"USD");
    /// Yen, which has no minor unit.
    pub const JPY: Self = Self(*b"JPY");
    /// Kuwaiti dinar, which has three decimals.
    pub const KWD: Self = Self(*b"KWD");

    /// Every currency that money can be kept in, by its code.
    #[must_use]
    pub fn all() -> Vec<Self> {
        let letters = || b'A'..=b'Z';
        let codes = letters().flat_map(|a| letters().flat_map(move |b| letters().map(move |c| [a, b, c])));
        codes.filter_map(|code| std::str::from_utf8(&code).ok()?.parse().ok()).collect()
    }

    /// The three-letter code in capitals.
    #[must_use]
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("XXX")
    }

    fn iso(code: &str) -> Option<iso_currency::Currency> {
        iso_currency::Currency::from_code(code)
    }

    /// Decimal places between the major and the minor unit: 2 for EUR, 0 for JPY, 3 for KWD (ISO 4217).
    #[must_use]
    pub fn exponent(&self) -> u32 {
        Self::iso(self.code()).and_then(|c| c.exponent()).map_or(2, u32::from)
    }

    /// The English name, for instance "Euro".
    #[must_use]
    pub fn name(&self) -> String {
        Self::iso(self.code()).map_or_else(String::new, |c| c.name().to_owned())
    }
}

impl FromStr for Currency {
    type Err = CurrencyError;

    /// Reads a code in capitals or small letters.
    fn from_str(text: &str) -> Result<Self, CurrencyError> {
        let upper = text.to_ascii_uppercase();
        let bytes: [u8; 3] = upper.as_bytes().try_into().map_err(|_| CurrencyError)?;
        let iso = Self::iso(&upper).ok_or(CurrencyError)?;
        // XXX, XTS, gold and other units without an exponent can't hold money.
        if iso.exponent().is_none()
            || upper.starts_with('X') && !matches!(upper.as_str(), "XAF" | "XOF" | "XPF" | "XCD" | "XCG")
        {
            return Err(CurrencyError);
        }
        Ok(Self(bytes))
    }
}

impl TryFrom<String> for Currency {
    type Error = CurrencyError;
    fn try_from(text: String) -> Result<Self, CurrencyError> {
        text.parse()
    }
}

impl From<Currency> for String {
    fn from(c: Currency) -> String {
        c.code().to_owned()
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exponents_follow_the_standard() {
        for (code, exponent) in [("EUR", 2), ("JPY", 0), ("KWD", 3), ("VND", 0), ("CLF", 4), ("XOF", 0)] {
            assert_eq!(code.parse::<Currency>().unwrap().exponent(), exponent, "{code}");
        }
    }

    #[test]
    fn what_is_no_money_is_refused() {
        for code in ["", "EU", "EURO", "XXX", "XAU", "XTS", "ABC", "€€€", "eu\u{301}"] {
            assert!(code.parse::<Currency>().is_err(), "{code}");
        }
        assert_eq!("eur".parse::<Currency>().unwrap(), Currency::EUR);
        assert!(COMMON.iter().all(|c| c.parse::<Currency>().is_ok()));
    }
}
