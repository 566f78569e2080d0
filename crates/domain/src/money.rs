//! Amounts of money.

use crate::Currency;
use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Serialize};

/// An amount in the minor unit of its currency (cents for EUR, yen for JPY, fils for KWD). May be negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Money {
    /// Amount in minor units.
    pub minor: i64,
    /// Its currency.
    pub currency: Currency,
}

/// Why two amounts could not be put together or a text could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// The amounts are in different currencies.
    #[error("amounts are in different currencies")]
    MixedCurrencies,
    /// The result does not fit 64 bits.
    #[error("amount out of range")]
    Overflow,
    /// The text is not an amount.
    #[error("not an amount")]
    NotAnAmount,
    /// The text has more decimals than the currency.
    #[error("more decimals than the currency has")]
    TooManyDecimals,
}

/// The largest amount that a payment may have, in minor units: twelve digits, as Stripe's API documents for `amount`.
pub const MAX_AMOUNT: i64 = 999_999_999_999;

impl Money {
    /// An amount of minor units.
    #[must_use]
    pub const fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// Nothing, in a currency.
    #[must_use]
    pub const fn zero(currency: Currency) -> Self {
        Self { minor: 0, currency }
    }

    /// Sum.
    ///
    /// # Errors
    /// [`MoneyError::MixedCurrencies`] or [`MoneyError::Overflow`].
    pub fn plus(self, other: Self) -> Result<Self, MoneyError> {
        self.same(other)?;
        self.minor.checked_add(other.minor).map(|minor| Self { minor, ..self }).ok_or(MoneyError::Overflow)
    }

    /// Difference.
    ///
    /// # Errors
    /// [`MoneyError::MixedCurrencies`] or [`MoneyError::Overflow`].
    pub fn minus(self, other: Self) -> Result<Self, MoneyError> {
        self.same(other)?;
        self.minor.checked_sub(other.minor).map(|minor| Self { minor, ..self }).ok_or(MoneyError::Overflow)
    }

    /// This amount a whole number of times.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn times(self, count: i64) -> Result<Self, MoneyError> {
        self.minor.checked_mul(count).map(|minor| Self { minor, ..self }).ok_or(MoneyError::Overflow)
    }

    /// The negated amount.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`] for the smallest number.
    pub fn negated(self) -> Result<Self, MoneyError> {
        self.minor.checked_neg().map(|minor| Self { minor, ..self }).ok_or(MoneyError::Overflow)
    }

    /// A share of this amount, for rates, fees and tax. The one rounding rule of Paydeck: half away from zero, once, at
    /// the end, to the minor unit.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn share(self, rate: Decimal) -> Result<Self, MoneyError> {
        let exact = Decimal::from(self.minor).checked_mul(rate).ok_or(MoneyError::Overflow)?;
        let rounded = exact.round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero);
        let minor = i64::try_from(rounded).map_err(|_| MoneyError::Overflow)?;
        Ok(Self { minor, ..self })
    }

    fn same(self, other: Self) -> Result<(), MoneyError> {
        if self.currency == other.currency { Ok(()) } else { Err(MoneyError::MixedCurrencies) }
    }

    /// The amount with the currency's decimals, a point and no grouping: `1234.50`, `-0.05`, `500`.
    #[must_use]
    pub fn plain(&self) -> String {
        let digits = usize::try_from(self.currency.exponent()).unwrap_or(0);
        let sign = if self.minor < 0 { "-" } else { "" };
        let text = format!("{:0>width$}", self.minor.unsigned_abs(), width = digits + 1);
        let (whole, part) = text.split_at(text.len() - digits);
        if digits == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{part}") }
    }

    /// The amount for people: grouped by thousands, with the code behind it: `1,234.50 EUR`.
    #[must_use]
    pub fn display(&self) -> String {
        format!("{} {}", self.grouped(), self.currency)
    }

    /// As [`Money::plain`], grouped by thousands with commas.
    #[must_use]
    pub fn grouped(&self) -> String {
        let plain = self.plain();
        let (sign, rest) = plain.strip_prefix('-').map_or(("", plain.as_str()), |rest| ("-", rest));
        let (whole, part) = rest.split_once('.').map_or((rest, None), |(w, p)| (w, Some(p)));
        let mut out = String::from(sign);
        for (i, digit) in whole.chars().enumerate() {
            if i > 0 && (whole.len() - i) % 3 == 0 {
                out.push(',');
            }
            out.push(digit);
        }
        if let Some(part) = part {
            out.push('.');
            out.push_str(part);
        }
        out
    }

    /// Reads what a person typed: digits with an optional decimal point or comma; spaces and grouping are allowed where
    /// they can't be mistaken for decimals. Eastern Arabic and Persian digits are read too.
    ///
    /// # Errors
    /// [`MoneyError::NotAnAmount`], [`MoneyError::TooManyDecimals`] or [`MoneyError::Overflow`].
    pub fn parse(text: &str, currency: Currency) -> Result<Self, MoneyError> {
        let cleaned = clean_digits(text)?;
        let exponent = currency.exponent();
        let (whole, part) = split_decimals(&cleaned, exponent)?;
        let part_len = u32::try_from(part.len()).map_err(|_| MoneyError::TooManyDecimals)?;
        if part_len > exponent {
            return Err(MoneyError::TooManyDecimals);
        }
        let scale = 10i64.pow(exponent);
        let major: i64 = if whole.is_empty() { 0 } else { whole.parse().map_err(|_| MoneyError::Overflow)? };
        let rest: i64 = if part.is_empty() { 0 } else { part.parse().map_err(|_| MoneyError::NotAnAmount)? };
        let rest = rest * 10i64.pow(exponent - part_len);
        let minor = major.checked_mul(scale).and_then(|m| m.checked_add(rest)).ok_or(MoneyError::Overflow)?;
        Ok(Self { minor, currency })
    }
}

/// Maps Persian and Eastern Arabic digits and separators to ASCII and drops spaces.
fn clean_digits(text: &str) -> Result<String, MoneyError> {
    let mut out = String::new();
    for c in text.trim().chars() {
        match c {
            '0'..='9' | '.' | ',' => out.push(c),
            '۰'..='۹' => out.push(char::from(b'0' + u8::try_from(u32::from(c) - u32::from('۰')).unwrap_or(0))),
            '٠'..='٩' => out.push(char::from(b'0' + u8::try_from(u32::from(c) - u32::from('٠')).unwrap_or(0))),
            '٫' => out.push('.'),
            '٬' => out.push(','),
            ' ' | '\u{a0}' | '\u{202f}' => {}
            _ => return Err(MoneyError::NotAnAmount),
        }
    }
    if out.bytes().any(|b| b.is_ascii_digit()) { Ok(out) } else { Err(MoneyError::NotAnAmount) }
}

/// Splits at the decimal separator. The last separator counts as decimal unless it groups thousands.
fn split_decimals(text: &str, exponent: u32) -> Result<(String, String), MoneyError> {
    let separators = |c: char| text.matches(c).count();
    let (dots, commas) = (separators('.'), separators(','));
    let decimal = match (dots, commas) {
        (0, 0) => None,
        (1, 0) => Some('.'),
        // "1,234" groups, unless the currency has three decimals, where it can't be told: refused below.
        (0, 1) => {
            let after = text.len() - text.find(',').unwrap_or(0) - 1;
            if after == 3 && exponent != 3 { None } else { Some(',') }
        }
        (1, _) if text.rfind('.') > text.rfind(',') => Some('.'),
        (_, 1) if text.rfind(',') > text.rfind('.') => Some(','),
        (0, _) | (_, 0) => None,
        _ => return Err(MoneyError::NotAnAmount),
    };
    let (whole, part) = match decimal.and_then(|d| text.rsplit_once(d)) {
        Some((whole, part)) => (whole, part),
        None => (text, ""),
    };
    let mut groups = whole.split([',', '.']);
    let first = groups.next().unwrap_or("");
    let rest: Vec<&str> = groups.collect();
    if !rest.is_empty() && (first.is_empty() || first.len() > 3 || rest.iter().any(|g| g.len() != 3)) {
        return Err(MoneyError::NotAnAmount);
    }
    Ok((std::iter::once(first).chain(rest).collect(), part.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn plain_and_grouped_text_read_back(minor in 0i64..=MAX_AMOUNT, currency in prop::sample::select(vec![Currency::EUR, Currency::JPY, Currency::KWD])) {
            let money = Money::new(minor, currency);
            prop_assert_eq!(Money::parse(&money.plain(), currency), Ok(money));
            prop_assert_eq!(Money::parse(&money.grouped(), currency), Ok(money));
        }

        #[test]
        fn sums_are_exact_or_refused(a in any::<i64>(), b in any::<i64>()) {
            let (x, y) = (Money::new(a, Currency::EUR), Money::new(b, Currency::EUR));
            match a.checked_add(b) {
                Some(sum) => prop_assert_eq!(x.plus(y).unwrap().minor, sum),
                None => prop_assert_eq!(x.plus(y), Err(MoneyError::Overflow)),
            }
            prop_assert_eq!(x.plus(Money::new(b, Currency::USD)), Err(MoneyError::MixedCurrencies));
        }

        #[test]
        fn a_share_is_within_half_a_unit(minor in -MAX_AMOUNT..=MAX_AMOUNT, basis_points in 0i64..=10_000) {
            let share = Money::new(minor, Currency::EUR).share(Decimal::new(basis_points, 4)).unwrap();
            let exact = i128::from(minor) * i128::from(basis_points);
            prop_assert!((i128::from(share.minor) * 10_000 - exact).abs() <= 5_000);
        }

        #[test]
        fn parsing_never_panics(text in "\\PC{0,24}") {
            let _ = Money::parse(&text, Currency::EUR);
        }
    }

    #[test]
    fn typed_amounts() {
        let eur = |t: &str| Money::parse(t, Currency::EUR).map(|m| m.minor);
        assert_eq!(eur("12.5"), Ok(1250));
        assert_eq!(eur("12,50"), Ok(1250));
        assert_eq!(eur("1,234"), Ok(123_400));
        assert_eq!(eur("1.234,50"), Ok(123_450));
        assert_eq!(eur("1,234,567.89"), Ok(123_456_789));
        assert_eq!(eur("۱۲٫۵۰"), Ok(1250));
        assert_eq!(eur(".5"), Ok(50));
        assert_eq!(eur("1.005"), Err(MoneyError::TooManyDecimals));
        assert_eq!(eur("12 000"), Ok(1_200_000));
        for bad in ["", "-1", "1e5", "abc", "1.2.3", "12,34,5", "١x", "\u{202e}12", "<b>1</b>"] {
            assert!(eur(bad).is_err(), "{bad}");
        }
        assert_eq!(Money::parse("500", Currency::JPY).map(|m| m.minor), Ok(500));
        assert_eq!(Money::parse("5.5", Currency::JPY), Err(MoneyError::TooManyDecimals));
    }

    #[test]
    fn shown_amounts() {
        assert_eq!(Money::new(-5, Currency::EUR).plain(), "-0.05");
        assert_eq!(Money::new(123_456_789, Currency::EUR).display(), "1,234,567.89 EUR");
        assert_eq!(Money::new(1500, Currency::JPY).display(), "1,500 JPY");
        assert_eq!(Money::new(1, Currency::KWD).plain(), "0.001");
    }
}
