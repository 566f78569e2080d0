//! What every command works with.

use crate::{Clock, Entropy, seal::Sealer};
use domain::{NewId, Timestamp};
use gateways::Registry;
use std::sync::Arc;
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
    /// How long a gateway may take to answer; whatever takes longer is unknown. 30 seconds outside tests.
    pub gateway_timeout: std::time::Duration,
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
    hashing: tokio::sync::Semaphore,
    #[cfg(feature = "fault-points")]
    faults: crate::fault::Faults,
}

/// Password hashes computed at once: argon2id takes memory and a core each, and must never starve checkout.
const HASHES_AT_ONCE: usize = 2;

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
        let hashing = tokio::sync::Semaphore::new(HASHES_AT_ONCE);
        Self {
            inner: Arc::new(Inner {
                db,
                clock,
                entropy,
                sealer,
                gateways,
                settings,
                hashing,
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
    pub fn hashing(&self) -> &tokio::sync::Semaphore {
        &self.inner.hashing
    }
}

impl std::fmt::Debug for Services {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Services")
    }
}
