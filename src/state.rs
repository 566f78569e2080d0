//! What handlers share.

use crate::admission::Admission;
use crate::config::Config;
use crate::limits::Limits;
use crate::metrics::Metrics;
use app::Assets;
use axum::extract::FromRef;
use services::Services;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Everything that handlers share; cheap to clone.
#[derive(Debug, Clone)]
pub struct AppState {
    /// The services.
    pub services: Services,
    /// Settings.
    pub config: Arc<Config>,
    /// Counters of tries.
    pub limits: Arc<Limits>,
    /// Reports of the Content-Security-Policy since the start.
    pub csp_reports: Arc<AtomicU64>,
    /// Addresses of built files.
    pub assets: Arc<Assets>,
    /// Whether pages for developers are served: in debug builds and with `--demo`.
    pub developer: bool,
    /// The queues before the handlers.
    pub admission: Arc<Admission>,
    /// What is measured, if somebody asks for it.
    pub metrics: Option<Arc<Metrics>>,
    /// Whether the schema is up to date and what dead processes held is free again.
    ready: Arc<AtomicBool>,
}

impl AppState {
    /// Puts the parts together.
    #[must_use]
    pub fn new(services: Services, config: Config) -> Self {
        Self {
            limits: Arc::new(Limits::new(&services)),
            services,
            csp_reports: Arc::default(),
            assets: Arc::new(Assets::load(&config.site_dir).unwrap_or_default()),
            developer: cfg!(debug_assertions),
            admission: Arc::default(),
            metrics: None,
            ready: Arc::new(AtomicBool::new(true)),
            config: Arc::new(config),
        }
    }

    /// Whether requests are served.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.ready.load(Ordering::Acquire)
    }

    /// Sets whether requests are served: a server that starts is not ready, one that stops is no longer.
    pub fn set_ready(&self, ready: bool) {
        self.ready.store(ready, Ordering::Release);
    }
}

impl FromRef<AppState> for Services {
    fn from_ref(state: &AppState) -> Self {
        state.services.clone()
    }
}
