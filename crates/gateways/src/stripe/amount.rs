//! Amounts as Stripe counts them: integers of a minor unit that is not always that of ISO 4217
//! (<https://docs.stripe.com/currencies#minor-units>).

use domain::{Currency, Money};

/// Currencies that Stripe counts in whole units (<https://docs.stripe.com/currencies#zero-decimal>), without those of
/// [`WHOLE_IN_HUNDREDTHS`].
const ZERO_DECIMALS: [&str; 15] =
    ["BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF"];

/// Currencies without decimals that Stripe counts in hundredths all the same, which are always 00
/// (<https://docs.stripe.com/currencies#special-cases>).
const WHOLE_IN_HUNDREDTHS: [&str; 2] = ["ISK", "UGX"];

/// Currencies that Stripe counts in thousandths, of which the last digit has to be 0 when it is asked for money.
const THREE_DECIMALS: [&str; 5] = ["BHD", "JOD", "KWD", "OMR", "TND"];

/// How Stripe counts a currency. None: it is not known that it counts as we do.
struct Counting {
    decimals: u32,
    /// Amounts that are asked for are a multiple of this.
    step: i64,
}

fn counting(currency: Currency) -> Option<Counting> {
    let code = currency.code();
    if ZERO_DECIMALS.contains(&code) {
        return Some(Counting { decimals: 0, step: 1 });
    }
    if WHOLE_IN_HUNDREDTHS.contains(&code) {
        return Some(Counting { decimals: 2, step: 100 });
    }
    if THREE_DECIMALS.contains(&code) {
        return Some(Counting { decimals: 3, step: 10 });
    }
    // Everything else has two decimals at Stripe. Where ISO 4217 says otherwise, an amount could be wrong by a power of ten.
    (currency.exponent() == 2).then_some(Counting { decimals: 2, step: 1 })
}

/// What Stripe is asked for. None: it can't be asked for this amount in this currency.
pub(super) fn to_stripe(money: Money) -> Option<i64> {
    let counting = counting(money.currency)?;
    let minor = rescaled(money.minor, money.currency.exponent(), counting.decimals)?;
    (minor >= 0 && minor % counting.step == 0).then_some(minor)
}

/// What Stripe says. None: no amount that we can keep.
pub(super) fn from_stripe(minor: i64, currency: Currency) -> Option<Money> {
    let counting = counting(currency)?;
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
        fn what_is_asked_for_reads_back(minor in 0i64..=domain::money::MAX_AMOUNT, code in prop::sample::select(
            ZERO_DECIMALS.into_iter().chain(WHOLE_IN_HUNDREDTHS).chain(THREE_DECIMALS).chain(domain::currency::COMMON).collect::<Vec<_>>()
        )) {
            let money = money(minor, code);
            if let Some(asked) = to_stripe(money) {
                prop_assert_eq!(from_stripe(asked, money.currency), Some(money));
            }
        }
    }
}
