//! Fail points: places where a test may stop a command half-way, as a crash would. Each is a line in the code,
//! `fail_point!(svc, ChargeHeard)`, that compiles to nothing without the feature `fault-points`.

/// Stops here when a test has armed the point. In a function that returns `Result<_, ServiceError>`.
macro_rules! fail_point {
    ($svc:expr, $point:ident) => {
        #[cfg(feature = "fault-points")]
        {
            $crate::fault::reach($svc, $crate::fault::Point::$point).await?;
        }
    };
}

#[cfg(feature = "fault-points")]
pub(crate) use armed::reach;
#[cfg(feature = "fault-points")]
pub use armed::{Act, ClockAhead, Faults, Point};

#[cfg(feature = "fault-points")]
mod armed {
    use crate::{Clock, ServiceError, Services, SystemClock};
    use domain::Timestamp;
    use std::sync::{Mutex, PoisonError};

    /// Where.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum Point {
        /// Attempt and operation are committed; the gateway has heard nothing.
        ChargeWritten,
        /// The gateway has made a charge without taking anything, and its name is committed; it is not confirmed.
        ChargePrepared,
        /// The gateway has answered (or been given up); nothing of it is written.
        ChargeHeard,
        /// The settlement is committed; nobody was told.
        ChargeSettled,
        /// Refund, reservation and operation are committed; the gateway has heard nothing.
        RefundWritten,
        /// The gateway has answered about a refund; nothing of it is written.
        RefundHeard,
        /// The refund's settlement is committed; nobody was told.
        RefundSettled,
        /// A worker has claimed an operation and not asked about it.
        OperationClaimed,
        /// A worker has claimed a gateway's event and not looked at it.
        EventClaimed,
        /// A worker has done what an event hints at, and not noted that.
        EventDone,
    }

    /// What happens there.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum Act {
        /// The command fails.
        Fail,
        /// It panics.
        Panic,
        /// It goes no further, ever: what a killed process looks like to the database.
        Stop,
    }

    /// Points that are armed, each for once; a set of services has its own.
    #[derive(Debug, Default)]
    pub struct Faults(Mutex<Vec<(Point, Act)>>);

    impl Faults {
        /// Arms a point for the next time that it is reached.
        pub fn arm(&self, point: Point, act: Act) {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).push((point, act));
        }

        /// How many are armed and were not reached yet.
        #[must_use]
        pub fn left(&self) -> usize {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).len()
        }

        /// Disarms all.
        pub fn clear(&self) {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
        }

        fn take(&self, point: Point) -> Option<Act> {
            let mut armed = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let place = armed.iter().position(|(at, _)| *at == point)?;
            Some(armed.remove(place).1)
        }
    }

    /// See `fail_point!`.
    pub(crate) async fn reach(svc: &Services, point: Point) -> Result<(), ServiceError> {
        match svc.faults().take(point) {
            None => Ok(()),
            Some(Act::Fail) => Err(ServiceError::Fault(format!("failed on purpose at {point:?}"))),
            Some(Act::Panic) => panic!("panicked on purpose at {point:?}"),
            Some(Act::Stop) => std::future::pending().await,
        }
    }

    /// The machine's clock, set ahead by milliseconds.
    #[derive(Debug, Clone, Copy)]
    pub struct ClockAhead(pub i64);

    impl Clock for ClockAhead {
        fn now(&self) -> Timestamp {
            SystemClock.now().plus(self.0)
        }
    }
}
