//! Amounts as banks write them, exact to the currency's minor unit.

use super::StatementCode;
use domain::Currency;

/// The most digits of an amount: the eighteen of ISO 20022's `ActiveOrHistoricCurrencyAndAmount`.
const MAX_DIGITS: usize = 18;

/// Minor units of digits before and after the decimal separator.
///
/// Decimals beyond those of the currency must be noughts, two decimals in all at most: `500.00` are 500 yen. Three noughts are
/// refused, because they may as well be thousands behind a separator that was taken for the decimal one.
pub(super) fn minor(whole: &str, part: &str, currency: Currency) -> Result<i64, StatementCode> {
    let are_digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if whole.len() + part.len() == 0 || !are_digits(whole) || !are_digits(part) {
        return Err(StatementCode::BadAmount);
    }
    if whole.trim_start_matches('0').len() + part.len() > MAX_DIGITS {
        return Err(StatementCode::AmountTooLarge);
    }
    let exponent = usize::try_from(currency.exponent()).map_err(|_| StatementCode::BadCurrency)?;
    let (kept, beyond) = part.split_at_checked(exponent).unwrap_or((part, ""));
    if !beyond.is_empty() && (part.len() > 2 || beyond.bytes().any(|b| b != b'0')) {
        return Err(StatementCode::TooManyDecimals);
    }
    format!("{whole}{kept:0<exponent$}").parse().map_err(|_| StatementCode::AmountTooLarge)
}

/// Minor units of digits with one decimal separator, and nothing else.
pub(super) fn plain(text: &str, separator: char, currency: Currency) -> Result<i64, StatementCode> {
    let (whole, part) = text.split_once(separator).unwrap_or((text, ""));
    minor(whole, part, currency)
}

/// Minor units, with their sign, of an amount in a table: grouped or not, with a sign before or behind or in brackets, with or
/// without the currency's name.
pub(super) fn typed(text: &str, separator: char, currency: Currency) -> Result<i64, StatementCode> {
    let text = crate::bank_transfer::text::digits(text);
    let (text, mut negative) = bracketed(text.trim());
    let mut number = String::new();
    let mut signs = 0;
    for c in without_currency(text, currency).chars() {
        match c {
            '-' | '\u{2212}' | '\u{2013}' => {
                negative = true;
                signs += 1;
            }
            '+' => signs += 1,
            c if c.is_whitespace() => number.push(' '),
            '\u{2019}' | '\'' => number.push('\''),
            '٫' => number.push('.'),
            '٬' => number.push(','),
            '0'..='9' | '.' | ',' => number.push(c),
            _ => return Err(StatementCode::BadAmount),
        }
    }
    let outside = |text: &str| text.chars().all(|c| !c.is_ascii_digit());
    // A sign in the middle of the digits is no sign.
    let signed_inside = text.find(['-', '+', '\u{2212}', '\u{2013}']).is_some_and(|at| {
        let (before, after) = text.split_at(at);
        !outside(before) && !outside(after)
    });
    if signs > 1 || signed_inside {
        return Err(StatementCode::BadAmount);
    }
    let (whole, part) = number.trim().split_once(separator).unwrap_or((number.trim(), ""));
    let minor = minor(&ungrouped(whole, separator)?, part, currency)?;
    Ok(if negative { -minor } else { minor })
}

/// The inside of `(12.50)`, as accountants write what is negative.
fn bracketed(text: &str) -> (&str, bool) {
    text.strip_prefix('(').and_then(|t| t.strip_suffix(')')).map_or((text, false), |inside| (inside.trim(), true))
}

/// Takes off the currency's code and the signs that stand for currencies.
fn without_currency(text: &str, currency: Currency) -> String {
    let text = text.replace(currency.code(), "");
    ["€", "$", "£", "¥", "฿", "₫", "₽", "₹", "zł", "kr.", "kr", "Kč", "Rp"]
        .iter()
        .fold(text, |text, sign| text.replace(sign, ""))
        .trim()
        .to_owned()
}

/// Whole units without what groups them: one separator throughout, and three digits in the last group. Groups of two before
/// that are how India writes a lakh.
fn ungrouped(whole: &str, decimal: char) -> Result<String, StatementCode> {
    let Some(separator) = whole.chars().find(|c| !c.is_ascii_digit()) else {
        return Ok(whole.to_owned());
    };
    let groups: Vec<&str> = whole.split(separator).collect();
    let last = groups.len() - 1;
    let fits = groups.iter().enumerate().all(|(i, group)| {
        let digits = group.bytes().all(|b| b.is_ascii_digit());
        digits
            && if i == last { group.len() == 3 } else { (1..=3).contains(&group.len()) && (i == 0 || group.len() > 1) }
    });
    if separator == decimal || !fits { Err(StatementCode::BadAmount) } else { Ok(groups.concat()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn amounts_of_tables() {
        let euro = |text: &str, separator| typed(text, separator, Currency::EUR);
        for (text, separator, minor) in [
            ("1.234,56", ',', 123_456),
            ("1,234.56", '.', 123_456),
            ("1 234,56", ',', 123_456),
            ("1'234.56", '.', 123_456),
            ("12,34,567.80", '.', 123_456_780),
            ("-12,5", ',', -1_250),
            ("12,50-", ',', -1_250),
            ("(12.50)", '.', -1_250),
            ("\u{2212}12.50", '.', -1_250),
            ("+12.50 EUR", '.', 1_250),
            ("12,50 €", ',', 1_250),
            ("€ 1.234,00", ',', 123_400),
            ("۱۲٫۵۰", '.', 1_250),
            ("7", '.', 700),
        ] {
            assert_eq!(euro(text, separator), Ok(minor), "{text}");
        }
        for text in ["", "-", "1.23", "1.2345,00", "12.34,56", "1-2", "--1", "1e3", "abc", "1,2,3", "1.000.00,5", "0x1"]
        {
            assert_eq!(euro(text, ','), Err(StatementCode::BadAmount), "{text}");
        }
        // The thousand behind a point that was taken for the decimal one.
        assert_eq!(euro("1.000", '.'), Err(StatementCode::TooManyDecimals));
        assert_eq!(euro("1.005", '.'), Err(StatementCode::TooManyDecimals));
        assert_eq!(euro("9999999999999999999999", '.'), Err(StatementCode::AmountTooLarge));
    }

    #[test]
    fn decimals_follow_the_currency() {
        assert_eq!(plain("500.00", '.', Currency::JPY), Ok(500));
        assert_eq!(plain("500.000", '.', Currency::JPY), Err(StatementCode::TooManyDecimals));
        assert_eq!(plain("500.50", '.', Currency::JPY), Err(StatementCode::TooManyDecimals));
        assert_eq!(plain("1.234", '.', Currency::KWD), Ok(1_234));
        assert_eq!(plain("1.5", '.', Currency::KWD), Ok(1_500));
        assert_eq!(plain("12,", ',', Currency::EUR), Ok(1_200));
        assert_eq!(plain("-1.00", '.', Currency::EUR), Err(StatementCode::BadAmount));
    }

    proptest! {
        #[test]
        fn what_money_writes_is_read(minor in -999_999_999_999i64..=999_999_999_999) {
            for currency in [Currency::EUR, Currency::JPY, Currency::KWD] {
                let money = domain::Money::new(minor, currency);
                prop_assert_eq!(typed(&money.grouped(), '.', currency), Ok(minor));
                prop_assert_eq!(typed(&money.plain(), '.', currency), Ok(minor));
            }
        }

        #[test]
        fn never_panics(text in any::<String>(), separator in prop::sample::select(vec!['.', ','])) {
            let _ = (typed(&text, separator, Currency::EUR), plain(&text, separator, Currency::KWD));
        }
    }
}
