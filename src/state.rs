//! What handlers share.

use crate::config::Config;
use crate::limits::Limits;
use app::Assets;
use axum::extract::FromRef;
use services::Services;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

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
            config: Arc::new(config),
        }
    }
}

impl FromRef<AppState> for Services {
    fn from_ref(state: &AppState) -> Self {
        state.services.clone()
    }
}
