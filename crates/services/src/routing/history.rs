//! How payments of the last days ended, for rules that choose by success rate: one bounded reading, kept in memory for a minute.

use crate::{ServiceError, Services};
use domain::{
    Scope, Timestamp,
    routing::{Counted, History, Outcomes, RuleSet},
    time::{DAY, MINUTE},
};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use store::{
    StoreError,
    payments::parse,
    routing::{self, EndedRow},
};

/// How far back it looks.
pub(super) const WINDOW: i64 = 7 * DAY;
/// Payments that are counted, the latest of them.
const MOST: i64 = 5_000;
/// How long a reading is good for.
const FRESH: i64 = MINUTE;
/// Merchants that are kept; when there are more, all are read again.
const KEPT: usize = 1_000;

/// A reading, and until when nobody else reads.
#[derive(Debug, Clone)]
struct Read {
    until: Timestamp,
    history: Arc<History>,
}

/// What was read; clones share it.
#[derive(Debug, Clone, Default)]
pub struct HistoryCache(Arc<Mutex<HashMap<Scope, Read>>>);

impl HistoryCache {
    /// What is known. None: read. Of several who come when it is old one reads, and the others go by the old one meanwhile.
    fn get(&self, scope: &Scope, now: Timestamp) -> Option<Arc<History>> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let read = known.get_mut(scope)?;
        if read.until <= now {
            read.until = now.plus(FRESH);
            return None;
        }
        Some(Arc::clone(&read.history))
    }

    fn keep(&self, scope: &Scope, until: Timestamp, history: &Arc<History>) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= KEPT {
            known.clear();
        }
        known.insert(scope.clone(), Read { until, history: Arc::clone(history) });
    }
}

/// How payments ended, if a rule asks for it; nothing is read otherwise.
///
/// # Errors
/// The database's.
pub(super) async fn of(svc: &Services, scope: &Scope, rules: &RuleSet) -> Result<Arc<History>, ServiceError> {
    if !rules.learns() {
        return Ok(Arc::default());
    }
    let now = svc.now();
    if let Some(known) = svc.routing_history().get(scope, now) {
        return Ok(known);
    }
    let rows = routing::ended(&mut svc.db().read().await?, scope, now.plus(-WINDOW), MOST).await?;
    let counted: Vec<Counted> = rows.into_iter().map(counted).collect::<Result<_, _>>()?;
    let history = Arc::new(History::new(counted));
    svc.routing_history().keep(scope, now.plus(FRESH), &history);
    Ok(history)
}

fn counted(row: EndedRow) -> Result<Counted, StoreError> {
    let few = |count: i64| u32::try_from(count).unwrap_or(u32::MAX);
    Ok(Counted {
        connection: parse(&row.connection_id)?,
        currency: parse(&row.currency)?,
        method: row.method,
        brand: row.card_brand,
        issuer_country: row.card_country,
        outcomes: Outcomes { successes: few(row.successes), failures: few(row.failures) },
    })
}
