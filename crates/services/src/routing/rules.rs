//! The rules of a version, kept in memory: a version never changes, so what was read once holds for ever.

use crate::{ServiceError, Services};
use domain::{Scope, routing::RuleSet};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use store::{StoreError, routing};

/// Versions that are kept; when there are more, all are read again.
const KEPT: usize = 1_000;

type Known = HashMap<(Scope, i64), Arc<RuleSet>>;

/// Rules that were read; clones share them.
#[derive(Debug, Clone, Default)]
pub struct Cache(Arc<Mutex<Known>>);

impl Cache {
    fn get(&self, scope: &Scope, version: i64) -> Option<Arc<RuleSet>> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(&(scope.clone(), version)).cloned()
    }

    fn keep(&self, scope: &Scope, version: i64, rules: &Arc<RuleSet>) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= KEPT {
            known.clear();
        }
        known.insert((scope.clone(), version), Arc::clone(rules));
    }
}

/// The rules of a version; no rules without one.
///
/// # Errors
/// The database's; a fault when there is no such version or it can't be read.
pub(super) async fn of(svc: &Services, scope: &Scope, version: Option<i64>) -> Result<Arc<RuleSet>, ServiceError> {
    let Some(version) = version else { return Ok(Arc::default()) };
    if let Some(known) = svc.routing_rules().get(scope, version) {
        return Ok(known);
    }
    let text = routing::rules(&mut svc.db().read().await?, scope, version).await?;
    let text = text.ok_or_else(|| StoreError::Corrupt(format!("no version {version} of the routing rules")))?;
    let rules: RuleSet = serde_json::from_str(&text)
        .map_err(|error| StoreError::Corrupt(format!("version {version} of the routing rules: {error}")))?;
    let rules = Arc::new(rules);
    svc.routing_rules().keep(scope, version, &rules);
    Ok(rules)
}
