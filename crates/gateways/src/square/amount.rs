//! Square's amounts: whole numbers of the currency's smallest unit ([`currencies`](crate::currencies)).

use super::wire::WireMoney;
use crate::currencies::{self, Counting};
use domain::{Currency, Money};
use serde_json::{Value, json};

/// Whether Square charges in a currency, and counts it as we do.
fn is_known(currency: Currency) -> bool {
    currencies::square(currency).is_some_and(|counting| counting == Counting::iso(currency))
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
    fn amounts_are_whole_numbers_of_the_smallest_unit() {
        for code in ["EUR", "JPY", "USD"] {
            let money = Money::new(12_345, code.parse().unwrap());
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
