//! What waits for its customer at a gateway: how long, and when it is looked at.
//!
//! A checkout session does not end while something of it may still be paid. When its time is over, what waits at the gateway is given up
//! there first; a bank transfer does not wait so, for it has a due date of its own.

use super::schedule;
use domain::{
    Timestamp,
    states::OperationStatus,
    time::{HOUR, MINUTE},
};
use store::operations::Work;

/// How long past its end a session is left alone: servers' clocks differ a little, and the attempt's insert goes by its own.
pub(crate) const GRACE: i64 = MINUTE;
/// The longest pause between two tries to give up what waits.
const LONGEST: i64 = 6 * HOUR;

/// Whether it waits for the customer at the gateway's page, or at their bank's.
pub(crate) fn is_waiting(work: &Work) -> bool {
    work.status == OperationStatus::RequiresAction.as_str()
}

/// When the session of what waits is over.
fn end(work: &Work) -> Option<Timestamp> {
    work.session_expires_at.map(|at| Timestamp(at).plus(GRACE))
}

/// Whether it waits for the customer of a session whose time is over.
pub(super) fn is_over(work: &Work, now: Timestamp) -> bool {
    is_waiting(work) && end(work).is_some_and(|end| end <= now)
}

/// When what waits is looked at next.
pub(crate) fn next(now: Timestamp, work: &Work) -> Timestamp {
    pause(now, schedule::next(now, work.checks), end(work))
}

/// As usual, but at the session's end too; and past it after a pause that grows with the time that has gone by since.
fn pause(now: Timestamp, usual: Timestamp, end: Option<Timestamp>) -> Timestamp {
    match end {
        None => usual,
        Some(end) if now < end => usual.min(end),
        Some(end) => now.plus((now.0 - end.0).clamp(MINUTE, LONGEST)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_looked_at_when_the_session_ends_and_ever_more_rarely_after_that() {
        let (usual, end) = (Timestamp(30 * MINUTE), Timestamp(20 * MINUTE));
        assert_eq!(pause(Timestamp(0), usual, None), usual);
        assert_eq!(pause(Timestamp(0), usual, Some(end)), end);
        assert_eq!(pause(Timestamp(0), Timestamp(MINUTE), Some(end)), Timestamp(MINUTE));
        let mut now = end;
        let mut gaps = Vec::new();
        for _ in 0..20 {
            let next = pause(now, usual, Some(end));
            gaps.push(next.0 - now.0);
            now = next;
        }
        assert!(gaps.is_sorted() && gaps[0] == MINUTE && gaps[19] == LONGEST, "{gaps:?}");
    }
}
