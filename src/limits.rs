//! How often somebody may try: per address and per account, by governor on our own clock.
//!
//! The counts live in this process. Several servers on one database each count for themselves, so that the limit of an
//! installation is at most the sum of its servers'.

use domain::{Timestamp, time::SECOND};
use governor::clock::{Clock, Reference};
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};
use services::Services;
use std::num::NonZeroU32;
use std::time::Duration;

/// What is limited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Trying a password.
    LogIn,
    /// Trying one's own password, to change it: whoever found an open session would guess it here.
    ChangePassword,
    /// Making an account.
    SignUp,
    /// Asking for a mail: a reset or another verification.
    Mail,
    /// Trying a token of a link with a form behind it.
    Token,
    /// A report of a browser.
    Report,
}

impl Action {
    const ALL: [Self; 6] = [Self::LogIn, Self::ChangePassword, Self::SignUp, Self::Mail, Self::Token, Self::Report];

    /// Tries at once and the time in which one comes back, for an address. Offices share one address.
    const fn per_address(self) -> (u32, u64) {
        match self {
            Self::LogIn | Self::ChangePassword => (60, 5),
            Self::SignUp => (40, 30),
            Self::Mail => (40, 30),
            Self::Token => (30, 10),
            Self::Report => (60, 1),
        }
    }

    /// The same for an account, wherever the tries come from.
    const fn per_account(self) -> (u32, u64) {
        match self {
            Self::LogIn | Self::ChangePassword => (10, 60),
            Self::SignUp => (5, 600),
            Self::Mail => (5, 600),
            Self::Token | Self::Report => (30, 10),
        }
    }
}

/// A moment of the services' clock, as governor wants it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(Timestamp);

impl std::ops::Add<Nanos> for Moment {
    type Output = Self;
    fn add(self, nanos: Nanos) -> Self {
        Self(self.0.plus(millis(nanos)))
    }
}

impl Reference for Moment {
    fn duration_since(&self, earlier: Self) -> Nanos {
        let millis = u64::try_from(self.0.millis().saturating_sub(earlier.0.millis())).unwrap_or(0);
        Duration::from_millis(millis).into()
    }

    fn saturating_sub(&self, nanos: Nanos) -> Self {
        Self(Timestamp(self.0.millis().saturating_sub(millis(nanos))))
    }
}

fn millis(nanos: Nanos) -> i64 {
    i64::try_from(Duration::from(nanos).as_millis()).unwrap_or(i64::MAX)
}

/// The services' clock for governor.
#[derive(Debug, Clone)]
pub struct ServicesClock(Services);

impl Clock for ServicesClock {
    type Instant = Moment;
    fn now(&self) -> Moment {
        Moment(self.0.now())
    }
}

type Limiter = RateLimiter<String, DashMapStateStore<String>, ServicesClock, NoOpMiddleware<Moment>>;

/// The counters of this process.
pub struct Limits {
    clock: ServicesClock,
    per_address: Vec<(Action, Limiter)>,
    per_account: Vec<(Action, Limiter)>,
}

impl std::fmt::Debug for Limits {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Limits")
    }
}

fn limiter((burst, seconds): (u32, u64), clock: &ServicesClock) -> Limiter {
    let burst = NonZeroU32::new(burst).unwrap_or(NonZeroU32::MIN);
    let quota = Quota::with_period(Duration::from_secs(seconds)).unwrap_or(Quota::per_minute(burst)).allow_burst(burst);
    RateLimiter::dashmap_with_clock(quota, clock.clone())
}

impl Limits {
    /// Fresh counters.
    #[must_use]
    pub fn new(services: &Services) -> Self {
        let clock = ServicesClock(services.clone());
        let make = |of: fn(Action) -> (u32, u64)| Action::ALL.map(|a| (a, limiter(of(a), &clock))).into();
        Self { per_address: make(Action::per_address), per_account: make(Action::per_account), clock: clock.clone() }
    }

    /// Counts a try from an address.
    ///
    /// # Errors
    /// Seconds to wait.
    pub fn address(&self, action: Action, ip: Option<&str>) -> Result<(), u32> {
        self.check(&self.per_address, action, ip.map_or_else(String::new, network))
    }

    /// Counts a try on an account, known or not: by its address, or by its id where it is logged in.
    ///
    /// # Errors
    /// Seconds to wait.
    pub fn account(&self, action: Action, email: &str) -> Result<(), u32> {
        // Folded alike for every spelling of one address; bounded, since anybody may type anything.
        let key: String = email.trim().to_lowercase().chars().take(320).collect();
        self.check(&self.per_account, action, key)
    }

    fn check(&self, of: &[(Action, Limiter)], action: Action, key: String) -> Result<(), u32> {
        let Some((_, limiter)) = of.iter().find(|(a, _)| *a == action) else { return Ok(()) };
        limiter.check_key(&key).map_err(|until| {
            let wait = until.wait_time_from(self.clock.now()).as_millis();
            let seconds = i64::try_from(wait).unwrap_or(i64::MAX).saturating_add(SECOND - 1) / SECOND;
            u32::try_from(seconds.max(1)).unwrap_or(u32::MAX)
        })
    }

    /// Forgets who has all tries back. The worker calls it now and then, so that the counters stay small.
    pub fn tidy(&self) {
        for (_, limiter) in self.per_address.iter().chain(&self.per_account) {
            limiter.retain_recent();
        }
    }
}

/// IPv6 hands out networks: one household is a /64.
fn network(ip: &str) -> String {
    match ip.parse::<std::net::Ipv6Addr>() {
        Ok(six) => match six.to_ipv4_mapped() {
            Some(four) => four.to_string(),
            None => {
                let [a, b, c, d, ..] = six.segments();
                format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
            }
        },
        Err(_) => ip.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_household_is_one_address() {
        assert_eq!(network("2001:db8:1:2:3:4:5:6"), network("2001:db8:1:2::1"));
        assert_ne!(network("2001:db8:1:2::1"), network("2001:db8:1:3::1"));
        assert_eq!(network("::ffff:192.0.2.7"), "192.0.2.7");
    }
}
