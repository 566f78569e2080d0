//! Amounts as Stripe counts them: integers of a minor unit that is not always that of ISO 4217 ([`currencies`](crate::currencies)).

use crate::currencies;
use domain::{Currency, Money};

/// What Stripe is asked for. None: it can't be asked for this amount in this currency.
pub(super) fn to_stripe(money: Money) -> Option<i64> {
    let counting = currencies::stripe(money.currency)?;
    let minor = rescaled(money.minor, money.currency.exponent(), counting.decimals)?;
    (minor >= 0 && minor % counting.step == 0).then_some(minor)
}

/// What Stripe says. None: no amount that we can keep.
pub(super) fn from_stripe(minor: i64, currency: Currency) -> Option<Money> {
    let counting = currencies::stripe(currency)?;
    Some(Money::new(rescaled(minor, counting.decimals, currency.exponent())?, currency))
}

/// An amount with other decimals, when that is exact.
fn rescaled(minor: i64, from: u32, to: u32) -> Option<i64> {
    if to >= from {
        return minor.checked_mul(10i64.checked_pow(to - from)?);
    }
    let factor = 10i64.checked_pow(from - to)?;
    (minor % factor == 0).then(|| minor / factor)
}

/// A currency's code as Stripe writes it.
pub(super) fn code(currency: Currency) -> String {
    currency.code().to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn money(minor: i64, code: &str) -> Money {
        Money::new(minor, code.parse().unwrap())
    }

    #[test]
    fn the_table() {
        // Ours, the currency, and what Stripe is asked for.
        for (minor, code, asked) in [
            (1_099, "EUR", 1_099),
            (1_099, "USD", 1_099),
            (500, "JPY", 500),
            (500, "KRW", 500),
            (500, "XPF", 500),
            (5, "ISK", 500),
            (5, "UGX", 500),
            (500, "MGA", 5),
            (5_120, "KWD", 5_120),
            (5_120, "TND", 5_120),
            (1_045, "HUF", 1_045),
            (80_045, "TWD", 80_045),
            (1_099, "IDR", 1_099),
        ] {
            assert_eq!(to_stripe(money(minor, code)), Some(asked), "{code}");
            assert_eq!(from_stripe(asked, code.parse().unwrap()), Some(money(minor, code)), "{code}");
        }
    }

    #[test]
    fn what_stripe_can_not_be_asked_for() {
        for (minor, code) in
            [(5_124, "KWD"), (1, "BHD"), (501, "MGA"), (1, "IQD"), (1, "CLF"), (-1, "EUR"), (i64::MAX, "ISK")]
        {
            assert_eq!(to_stripe(money(minor, code)), None, "{minor} {code}");
        }
        // It never says half a króna, and if it does, it is not rounded.
        assert_eq!(from_stripe(550, "ISK".parse().unwrap()), None);
        // A fee in thousandths may have any last digit.
        assert_eq!(from_stripe(5_124, Currency::KWD), Some(money(5_124, "KWD")));
    }

    proptest! {
        #[test]
        fn what_is_asked_for_reads_back(
            minor in 0i64..=domain::money::MAX_AMOUNT, currency in prop::sample::select(Currency::all()),
        ) {
            let money = Money::new(minor, currency);
            if let Some(asked) = to_stripe(money) {
                prop_assert_eq!(from_stripe(asked, money.currency), Some(money));
            }
        }
    }
}
