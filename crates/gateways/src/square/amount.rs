//! Square's amounts: whole numbers of the currency's smallest unit
//! (<https://developer.squareup.com/docs/build-basics/working-with-monetary-amounts>).

use super::wire::WireMoney;
use domain::{Currency, Money};
use serde_json::{Value, json};

/// Every currency that Square charges in, with the decimals that its smallest unit has there. They are those of ISO 4217;
/// a currency that is not in this table is neither sent nor read.
const CURRENCIES: [(&str, u32); 6] = [("AUD", 2), ("CAD", 2), ("EUR", 2), ("GBP", 2), ("JPY", 0), ("USD", 2)];

/// Whether Square charges in a currency, and counts it as we do.
fn is_known(currency: Currency) -> bool {
    CURRENCIES.iter().any(|(code, decimals)| *code == currency.code() && *decimals == currency.exponent())
}

/// An amount as Square wants it; none in a currency that it does not charge in.
pub(super) fn to_wire(money: Money) -> Option<Value> {
    is_known(money.currency).then(|| json!({ "amount": money.minor, "currency": money.currency.code() }))
}

/// An amount as Square tells it; none in a currency that it does not charge in.
pub(super) fn of_wire(money: &WireMoney) -> Option<Money> {
    let currency = money.currency.parse::<Currency>().ok().filter(|currency| is_known(*currency))?;
    Some(Money::new(money.amount, currency))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_counts_as_iso_4217_does() {
        for (code, decimals) in CURRENCIES {
            let currency: Currency = code.parse().unwrap();
            assert_eq!(currency.exponent(), decimals, "{code}");
            let money = Money::new(12_345, currency);
            assert_eq!(to_wire(money), Some(json!({ "amount": 12_345, "currency": code })));
            assert_eq!(of_wire(&WireMoney { amount: 12_345, currency: code.to_owned() }), Some(money));
        }
    }

    #[test]
    fn other_currencies_are_neither_sent_nor_read() {
        for code in ["CHF", "KWD", "SEK"] {
            assert_eq!(to_wire(Money::new(1, code.parse().unwrap())), None, "{code}");
            assert_eq!(of_wire(&WireMoney { amount: 1, currency: code.to_owned() }), None, "{code}");
        }
        for code in ["", "usd ", "XXX", "UNKNOWN_CURRENCY"] {
            assert_eq!(of_wire(&WireMoney { amount: 1, currency: code.to_owned() }), None, "{code}");
        }
    }
}
