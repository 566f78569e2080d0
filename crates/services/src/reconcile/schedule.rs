//! When to ask again.

use domain::{
    Timestamp,
    time::{DAY, HOUR, MINUTE, SECOND},
};

/// How long after a call was sent the reconciler asks if nothing was heard: longer than any call may take, so that what the
/// gateway does not have by then does not come any more.
pub(crate) const FIRST_CHECK: i64 = 90 * SECOND;

/// How long a claimed operation is left alone by other workers.
pub(crate) const CLAIMED: i64 = 2 * MINUTE;

const DELAYS: [i64; 9] =
    [15 * SECOND, 30 * SECOND, MINUTE, 2 * MINUTE, 5 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR, 6 * HOUR];

/// How old a succeeded refund is when it is looked at again: banks return refunds.
const REFUND_AGES: [i64; 5] = [MINUTE, 10 * MINUTE, HOUR, DAY, 7 * DAY];

/// When a gateway that has not said what it took is asked for it first, in milliseconds after the capture.
pub(crate) const FIRST_FEE: i64 = MINUTE;

/// How old a capture is when the gateway is asked again what it took; after that only an event of the gateway's tells.
const FEE_AGES: [i64; 6] = [10 * MINUTE, HOUR, 6 * HOUR, DAY, 3 * DAY, 7 * DAY];

/// How long after a person's decision the gateway is asked again: it may say otherwise.
const DECISION_AGES: [i64; 4] = [HOUR, DAY, 3 * DAY, 7 * DAY];

/// When to ask next about what is open, after it was asked about that often.
pub(crate) fn next(now: Timestamp, checks: i64) -> Timestamp {
    let place = usize::try_from(checks).unwrap_or(0).min(DELAYS.len() - 1);
    now.plus(DELAYS[place])
}

/// When to look at a succeeded refund again; none when it is old enough.
pub(crate) fn next_for_refund(now: Timestamp, created_at: Timestamp) -> Option<Timestamp> {
    REFUND_AGES.iter().map(|age| created_at.plus(*age)).find(|at| *at > now)
}

/// When to ask again for a fee that is not told yet.
pub(crate) fn next_for_fee(now: Timestamp, created_at: Timestamp) -> Option<Timestamp> {
    FEE_AGES.iter().map(|age| created_at.plus(*age)).find(|at| *at > now)
}

/// When the gateway is asked again about what a person decided; none when that was long ago.
pub(crate) fn next_after_decision(now: Timestamp, decided_at: Timestamp) -> Option<Timestamp> {
    DECISION_AGES.iter().map(|age| decided_at.plus(*age)).find(|at| *at > now)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_asks_ever_more_rarely_and_never_stops() {
        let gaps: Vec<i64> = (0..20).map(|checks| next(Timestamp(0), checks).0).collect();
        assert!(gaps.is_sorted() && gaps[0] > 0 && gaps[19] == 6 * HOUR);
        assert_eq!(next_for_refund(Timestamp(0), Timestamp(0)), Some(Timestamp(MINUTE)));
        assert_eq!(next_for_refund(Timestamp(2 * DAY), Timestamp(0)), Some(Timestamp(7 * DAY)));
        assert_eq!(next_for_refund(Timestamp(8 * DAY), Timestamp(0)), None);
    }
}
