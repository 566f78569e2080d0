//! What every command works with.

use crate::{
    Clock, Entropy,
    breaker::Breakers,
    flights::Flights,
    gate::{Bounds, Gate},
    health::Recorder,
    observe::{Nobody, Observer},
    password,
    seal::Sealer,
};
use domain::{NewId, Timestamp};
use gateways::Registry;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use store::Db;

/// Settings that services decide by.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The server's own address without a trailing slash, for links.
    pub public_url: String,
    /// Whether the sandbox may be connected in live mode (`PAYDECK_SANDBOX_LIVE`).
    pub sandbox_live: bool,
    /// Cheap password hashing, for tests only.
    pub cheap_hashing: bool,
    /// How long a gateway may take to answer; whatever takes longer is unknown.
    pub gateway_timeout: Duration,
    /// How long a form that was posted twice waits for the first one's answer before it is told that it is on its way.
    pub follow_for: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            public_url: "http://localhost:3000".to_owned(),
            sandbox_live: false,
            cheap_hashing: false,
            gateway_timeout: Duration::from_secs(30),
            follow_for: Duration::from_secs(12),
        }
    }
}

/// Everything that a command needs; cheap to clone.
#[derive(Clone)]
pub struct Services {
    inner: Arc<Inner>,
}

struct Inner {
    db: Db,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    sealer: Sealer,
    gateways: Registry,
    settings: Settings,
    hashing: Gate,
    breakers: Breakers,
    flights: Flights,
    health: Recorder,
    provider_windows: crate::maintenance::Cache,
    routing_rules: crate::routing::Cache,
    routing_history: crate::routing::HistoryCache,
    observer: OnceLock<Arc<dyn Observer>>,
    #[cfg(feature = "fault-points")]
    faults: crate::fault::Faults,
}

/// The queue before the threads that hash passwords.
fn hashes() -> Bounds {
    Bounds { at_once: password::at_once(), waiting: 64, patience: Duration::from_secs(4) }
}

impl Services {
    /// Puts the parts together.
    #[must_use]
    pub fn new(
        db: Db,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        sealer: Sealer,
        gateways: Registry,
        settings: Settings,
    ) -> Self {
        Self {
            inner: Arc::new(Inner {
                db,
                clock,
                entropy,
                sealer,
                gateways,
                settings,
                hashing: Gate::new(hashes()),
                breakers: Breakers::default(),
                flights: Flights::default(),
                health: Recorder::default(),
                provider_windows: crate::maintenance::Cache::default(),
                routing_rules: crate::routing::Cache::default(),
                routing_history: crate::routing::HistoryCache::default(),
                observer: OnceLock::new(),
                #[cfg(feature = "fault-points")]
                faults: crate::fault::Faults::default(),
            }),
        }
    }

    /// The database.
    #[must_use]
    pub fn db(&self) -> &Db {
        &self.inner.db
    }

    /// Now.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.inner.clock.now()
    }

    /// A new id of any kind.
    #[must_use]
    pub fn new_id<I: NewId>(&self) -> I {
        let mut random = [0u8; 10];
        self.inner.entropy.fill(&mut random);
        I::new_id(u64::try_from(self.now().0).unwrap_or(0), random)
    }

    /// A secret of 256 random bits, 43 characters of URL-safe base64.
    #[must_use]
    pub fn new_token(&self) -> String {
        use base64::Engine;
        let mut random = [0u8; 32];
        self.inner.entropy.fill(&mut random);
        base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(random)
    }

    /// The source of randomness.
    #[must_use]
    pub fn entropy(&self) -> &dyn Entropy {
        &*self.inner.entropy
    }

    /// Seals and opens what is stored sealed.
    #[must_use]
    pub fn sealer(&self) -> &Sealer {
        &self.inner.sealer
    }

    /// The gateways.
    #[must_use]
    pub fn gateways(&self) -> &Registry {
        &self.inner.gateways
    }

    /// Settings.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.inner.settings
    }

    /// Fail points, for tests.
    #[cfg(feature = "fault-points")]
    #[must_use]
    pub fn faults(&self) -> &crate::fault::Faults {
        &self.inner.faults
    }

    /// The queue before password hashing.
    #[must_use]
    pub fn hashing(&self) -> &Gate {
        &self.inner.hashing
    }

    /// The breakers before the gateways.
    #[must_use]
    pub fn breakers(&self) -> &Breakers {
        &self.inner.breakers
    }

    /// How calls to gateways ended, until it is written down.
    #[must_use]
    pub fn health(&self) -> &Recorder {
        &self.inner.health
    }

    /// Maintenance that the operator planned, as it was read a moment ago.
    #[must_use]
    pub fn provider_windows(&self) -> &crate::maintenance::Cache {
        &self.inner.provider_windows
    }

    /// Routing rules that were read before.
    #[must_use]
    pub fn routing_rules(&self) -> &crate::routing::Cache {
        &self.inner.routing_rules
    }

    /// How payments ended lately, as it was read a moment ago.
    #[must_use]
    pub fn routing_history(&self) -> &crate::routing::HistoryCache {
        &self.inner.routing_history
    }

    /// What goes on when whoever asked for it has hung up.
    #[must_use]
    pub fn flights(&self) -> &Flights {
        &self.inner.flights
    }

    /// Whoever counts what happens.
    #[must_use]
    pub fn observer(&self) -> &dyn Observer {
        self.inner.observer.get().map_or(&Nobody, |observer| &**observer)
    }

    /// Sets who counts what happens; the first one stays.
    pub fn observe_with(&self, observer: Arc<dyn Observer>) {
        let _ = self.inner.observer.set(observer);
    }
}

impl std::fmt::Debug for Services {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Services")
    }
}
