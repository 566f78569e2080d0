//! Which currencies each provider takes, and how it counts them: the one table of what differs from ISO 4217.
//!
//! - Stripe: <https://docs.stripe.com/currencies#minor-units>
//! - PayPal: <https://developer.paypal.com/api/rest/reference/currency-codes/>
//! - Square: <https://developer.squareup.com/docs/build-basics/working-with-monetary-amounts>

use domain::Currency;

/// How a provider counts a currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counting {
    /// Decimals of the unit that it counts in.
    pub decimals: u32,
    /// Amounts that it is asked for are a multiple of so many of these units.
    pub step: i64,
}

impl Counting {
    /// As ISO 4217 does.
    #[must_use]
    pub fn iso(currency: Currency) -> Self {
        Self { decimals: currency.exponent(), step: 1 }
    }

    /// Amounts in minor units of ISO 4217 that the provider can be asked for are a multiple of this.
    #[must_use]
    pub fn least(self, currency: Currency) -> i64 {
        let ours = currency.exponent();
        let power = |n: u32| 10i64.checked_pow(n).unwrap_or(i64::MAX);
        if ours >= self.decimals {
            self.step.saturating_mul(power(ours - self.decimals))
        } else {
            (self.step / power(self.decimals - ours)).max(1)
        }
    }
}

/// Currencies that Stripe counts in whole units (<https://docs.stripe.com/currencies#zero-decimal>), without those of
/// [`STRIPE_WHOLE_IN_HUNDREDTHS`].
const STRIPE_ZERO_DECIMALS: [&str; 15] =
    ["BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF"];

/// Currencies without decimals that Stripe counts in hundredths all the same, which are always 00
/// (<https://docs.stripe.com/currencies#special-cases>).
const STRIPE_WHOLE_IN_HUNDREDTHS: [&str; 2] = ["ISK", "UGX"];

/// Currencies that Stripe counts in thousandths, of which the last digit has to be 0 when it is asked for money.
const STRIPE_THREE_DECIMALS: [&str; 5] = ["BHD", "JOD", "KWD", "OMR", "TND"];

/// Stripe's counting. None: it is not known that it counts as we do.
#[must_use]
pub fn stripe(currency: Currency) -> Option<Counting> {
    let code = currency.code();
    if STRIPE_ZERO_DECIMALS.contains(&code) {
        return Some(Counting { decimals: 0, step: 1 });
    }
    if STRIPE_WHOLE_IN_HUNDREDTHS.contains(&code) {
        return Some(Counting { decimals: 2, step: 100 });
    }
    if STRIPE_THREE_DECIMALS.contains(&code) {
        return Some(Counting { decimals: 3, step: 10 });
    }
    // Everything else has two decimals at Stripe. Where ISO 4217 says otherwise, an amount could be wrong by a power of ten.
    (currency.exponent() == 2).then_some(Counting { decimals: 2, step: 1 })
}

/// The currencies that PayPal takes, each with the decimals that it takes of them: forint, yen and New Taiwan dollar without any ("If
/// you pass a decimal amount, an error occurs"), although ISO 4217 gives the first and the last of them two.
const PAYPAL: [(&str, u32); 25] = [
    ("AUD", 2),
    ("BRL", 2),
    ("CAD", 2),
    ("CHF", 2),
    ("CNY", 2),
    ("CZK", 2),
    ("DKK", 2),
    ("EUR", 2),
    ("GBP", 2),
    ("HKD", 2),
    ("HUF", 0),
    ("ILS", 2),
    ("JPY", 0),
    ("MXN", 2),
    ("MYR", 2),
    ("NOK", 2),
    ("NZD", 2),
    ("PHP", 2),
    ("PLN", 2),
    ("RUB", 2),
    ("SEK", 2),
    ("SGD", 2),
    ("THB", 2),
    ("TWD", 0),
    ("USD", 2),
];

/// PayPal's counting; none in a currency that it does not take.
#[must_use]
pub fn paypal(currency: Currency) -> Option<Counting> {
    listed(&PAYPAL, currency)
}

/// Every currency that Square charges in, with the decimals that its smallest unit has there: those of ISO 4217.
const SQUARE: [(&str, u32); 6] = [("AUD", 2), ("CAD", 2), ("EUR", 2), ("GBP", 2), ("JPY", 0), ("USD", 2)];

/// Square's counting; none in a currency that it does not charge in.
#[must_use]
pub fn square(currency: Currency) -> Option<Counting> {
    listed(&SQUARE, currency)
}

fn listed(table: &[(&str, u32)], currency: Currency) -> Option<Counting> {
    let (_, decimals) = table.iter().find(|(code, _)| *code == currency.code())?;
    Some(Counting { decimals: *decimals, step: 1 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_step_is_in_our_own_minor_units() {
        for (of, code, least) in [
            (stripe as fn(Currency) -> Option<Counting>, "EUR", Some(1)),
            (stripe, "JPY", Some(1)),
            (stripe, "ISK", Some(1)),
            (stripe, "MGA", Some(100)),
            (stripe, "KWD", Some(10)),
            (stripe, "IQD", None),
            (paypal, "HUF", Some(100)),
            (paypal, "TWD", Some(100)),
            (paypal, "JPY", Some(1)),
            (paypal, "KWD", None),
            (square, "JPY", Some(1)),
            (square, "SEK", None),
        ] {
            let currency: Currency = code.parse().unwrap();
            assert_eq!(of(currency).map(|counting| counting.least(currency)), least, "{code}");
        }
    }

    #[test]
    fn square_counts_as_iso_4217_does() {
        for (code, _) in SQUARE {
            let currency: Currency = code.parse().unwrap();
            assert_eq!(square(currency), Some(Counting::iso(currency)), "{code}");
        }
    }
}
