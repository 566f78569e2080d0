//! The providers of this installation.

use crate::Gateway;
use std::fmt;
use std::sync::Arc;

/// The providers, by key; cheap to clone.
#[derive(Clone)]
pub struct Registry {
    gateways: Arc<[Arc<dyn Gateway>]>,
}

impl Registry {
    /// A registry of these; of two with one key the first counts.
    #[must_use]
    pub fn new(gateways: Vec<Arc<dyn Gateway>>) -> Self {
        Self { gateways: gateways.into() }
    }

    /// The provider of a key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<Arc<dyn Gateway>> {
        self.gateways.iter().find(|gateway| gateway.key() == key).cloned()
    }

    /// All of them, in the order of the portal.
    pub fn all(&self) -> impl Iterator<Item = &Arc<dyn Gateway>> {
        self.gateways.iter()
    }
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.gateways.iter().map(|gateway| gateway.key())).finish()
    }
}
