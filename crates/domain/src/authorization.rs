//! Authorise first, capture later: for how long, and what becomes of what was held.

use crate::access::named;
use crate::{
    Money, MoneyError, Timestamp,
    states::PaymentStatus,
    time::{DAY, HOUR},
};
use serde::{Deserialize, Serialize};
use std::str::FromStr;

/// How long an authorisation stands when the gateway does not say.
pub const LASTS: i64 = 7 * DAY;
/// How long before its end the merchant is warned.
pub const WARNED_BEFORE: i64 = 24 * HOUR;

/// When money is taken.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaptureMethod {
    /// When the customer pays.
    #[default]
    Automatic,
    /// When the merchant says so: paying only holds the amount on the card.
    Manual,
}
named!(CaptureMethod { Automatic = "automatic", Manual = "manual" });

/// Why an authorised payment ended without money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cancellation {
    /// The merchant released it.
    Void,
    /// Nobody captured it in time.
    Expired,
    /// The gateway or the bank released it.
    Gateway,
}
named!(Cancellation { Void = "void", Expired = "expired", Gateway = "gateway" });

/// When the worker has to look at an authorisation first: to warn, or at once when its end is nearer than that.
#[must_use]
pub fn first_look(now: Timestamp, capture_before: Timestamp) -> Timestamp {
    let warn = capture_before.plus(-WARNED_BEFORE);
    if warn > now { warn } else { now }
}

/// Whether an authorisation ends so soon that the merchant has to be told.
#[must_use]
pub fn ends_soon(now: Timestamp, capture_before: Timestamp) -> bool {
    capture_before <= now.plus(WARNED_BEFORE)
}

/// What of an authorised amount the customer has back: all that was not captured, once that is decided.
///
/// # Errors
/// [`MoneyError`] for different currencies.
pub fn released(authorized: Money, captured: Money, status: PaymentStatus) -> Result<Money, MoneyError> {
    if matches!(status, PaymentStatus::Succeeded | PaymentStatus::Canceled) && authorized.minor > 0 {
        authorized.minus(captured)
    } else {
        Ok(Money::new(0, authorized.currency))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Currency;

    #[test]
    fn what_is_not_captured_is_released_once_that_is_decided() {
        let eur = |minor| Money::new(minor, Currency::EUR);
        let left = |captured, status| released(eur(100), eur(captured), status).unwrap().minor;
        assert_eq!(left(60, PaymentStatus::Succeeded), 40);
        assert_eq!(left(100, PaymentStatus::Succeeded), 0);
        assert_eq!(left(0, PaymentStatus::Canceled), 100);
        for open in [PaymentStatus::RequiresCapture, PaymentStatus::Unknown, PaymentStatus::Processing] {
            assert_eq!(left(0, open), 0, "{open:?}");
        }
        // A sale holds nothing first.
        assert_eq!(released(eur(0), eur(100), PaymentStatus::Succeeded).unwrap().minor, 0);
        assert!(released(eur(5), Money::new(5, Currency::USD), PaymentStatus::Succeeded).is_err());
    }

    #[test]
    fn the_warning_comes_a_day_before_the_end_or_at_once() {
        let now = Timestamp(0);
        assert_eq!(first_look(now, now.plus(LASTS)), now.plus(6 * DAY));
        assert_eq!(first_look(now, now.plus(HOUR)), now);
        assert_eq!(first_look(now, now.plus(-HOUR)), now);
        assert!(ends_soon(now, now.plus(DAY)) && !ends_soon(now, now.plus(DAY + 1)));
    }

    #[test]
    fn names_read_back() {
        assert_eq!("manual".parse(), Ok(CaptureMethod::Manual));
        assert_eq!(CaptureMethod::default(), CaptureMethod::Automatic);
        assert_eq!("expired".parse(), Ok(Cancellation::Expired));
        assert!("".parse::<CaptureMethod>().is_err());
    }
}
