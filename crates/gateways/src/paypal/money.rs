//! How amounts are written for PayPal: decimal texts in major units, with the decimals that it takes
//! ([`currencies`](crate::currencies)).

use crate::currencies;
use domain::{Currency, Money};
use rust_decimal::Decimal;
use serde_json::{Value, json};

/// The amount as PayPal wants it; none when PayPal can't take it: another currency, or a fraction that it does not know.
pub(super) fn written(amount: Money) -> Option<Value> {
    let code = amount.currency.code();
    let decimals = currencies::paypal(amount.currency)?.decimals;
    let exact = Decimal::from_i128_with_scale(i128::from(amount.minor), amount.currency.exponent());
    let shorter = exact.round_dp(decimals);
    if shorter != exact {
        return None;
    }
    let width = usize::try_from(decimals).ok()?;
    Some(json!({ "currency_code": code, "value": format!("{shorter:.width$}") }))
}

/// The amount in an answer, `{"currency_code", "value"}`; none when it can't be read to the minor unit.
pub(super) fn read(value: &Value) -> Option<Money> {
    let currency: Currency = value.get("currency_code")?.as_str()?.parse().ok()?;
    let exact = Decimal::from_str_exact(value.get("value")?.as_str()?).ok()?;
    let scale = Decimal::from(10i64.checked_pow(currency.exponent())?);
    let minor = exact.checked_mul(scale)?;
    if !minor.is_integer() {
        return None;
    }
    Some(Money::new(i64::try_from(minor).ok()?, currency))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::money::MAX_AMOUNT;
    use proptest::prelude::*;

    fn currency(code: &str) -> Currency {
        code.parse().unwrap()
    }

    #[test]
    fn amounts_are_written_with_the_decimals_that_paypal_takes() {
        for (minor, code, text) in [
            (1, "EUR", "0.01"),
            (1_000, "EUR", "10.00"),
            (123_456, "USD", "1234.56"),
            (500, "JPY", "500"),
            (50_000, "HUF", "500"),
            (12_300, "TWD", "123"),
            (MAX_AMOUNT, "USD", "9999999999.99"),
        ] {
            let value = written(Money::new(minor, currency(code))).unwrap();
            assert_eq!(value, json!({ "currency_code": code, "value": text }), "{code} {minor}");
        }
    }

    #[test]
    fn what_paypal_does_not_take_is_not_written() {
        for (minor, code) in [(1_000, "KWD"), (1_000, "VND"), (1_000, "INR"), (50_001, "HUF"), (12_350, "TWD")] {
            assert_eq!(written(Money::new(minor, currency(code))), None, "{code} {minor}");
        }
    }

    #[test]
    fn amounts_that_are_no_amounts_are_not_read() {
        for (code, text) in [
            ("EUR", "1.001"),
            ("EUR", "1e2"),
            ("EUR", ""),
            ("EUR", "1,00"),
            ("EUR", "NaN"),
            ("JPY", "1.5"),
            ("XXX", "1.00"),
            ("EUR", "99999999999999999999999.00"),
        ] {
            assert_eq!(read(&json!({ "currency_code": code, "value": text })), None, "{code} {text}");
        }
        assert_eq!(read(&json!({ "currency_code": "EUR", "value": 1 })), None);
        assert_eq!(read(&json!({ "value": "1.00" })), None);
        assert_eq!(read(&json!({ "currency_code": "HUF", "value": "500" })), Some(Money::new(50_000, currency("HUF"))));
        assert_eq!(read(&json!({ "currency_code": "EUR", "value": "-0.5" })), Some(Money::new(-50, Currency::EUR)));
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(minor in 0i64..=MAX_AMOUNT, code in proptest::sample::select(vec!["EUR", "HUF", "JPY", "TWD", "USD"])) {
            let money = Money::new(minor, currency(code));
            if let Some(value) = written(money) {
                prop_assert_eq!(read(&value), Some(money));
            }
        }
    }
}
