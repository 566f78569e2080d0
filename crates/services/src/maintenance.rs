//! Maintenance of providers that the operator plans: kept in memory by every process, and read again every few seconds, so that
//! no payment asks for it.

use crate::{ServiceError, Services};
use domain::{Scope, Timestamp, time::DAY, views::dashboard::Maintained};
use std::collections::BTreeSet;
use std::sync::{Arc, PoisonError, RwLock};
use store::{
    StoreError, Tx,
    maintenance::{self, ProviderWindow},
};

/// How far ahead is read: nobody plans further.
const AHEAD: i64 = 400 * DAY;

/// What was read; clones share it.
#[derive(Debug, Clone, Default)]
pub struct Cache(Arc<RwLock<Vec<ProviderWindow>>>);

impl Cache {
    /// When the maintenance of a provider ends that runs now.
    #[must_use]
    pub fn running(&self, provider: &str, now: Timestamp) -> Option<Timestamp> {
        let windows = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let running = windows.iter().filter(|w| w.provider == provider && w.starts_at <= now.0 && now.0 < w.ends_at);
        running.map(|window| Timestamp(window.ends_at)).max()
    }

    /// The maintenance of a provider that runs or comes next.
    #[must_use]
    pub fn next(&self, provider: &str, now: Timestamp) -> Option<(Timestamp, Timestamp)> {
        let windows = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let mut ahead = windows.iter().filter(|w| w.provider == provider && now.0 < w.ends_at);
        ahead.next().map(|window| (Timestamp(window.starts_at), Timestamp(window.ends_at)))
    }

    fn set(&self, windows: Vec<ProviderWindow>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = windows;
    }
}

/// Reads again what is planned.
///
/// # Errors
/// The database's; what was read before stays.
pub async fn refresh(svc: &Services) -> Result<(), ServiceError> {
    let now = svc.now();
    let windows = maintenance::of_providers(&mut svc.db().read().await?, now, now.plus(AHEAD)).await?;
    svc.provider_windows().set(windows);
    Ok(())
}

/// What of a merchant's was under maintenance in each of some stretches of time: `starts` has where each begins, and where the last
/// ends.
///
/// # Errors
/// The database's.
pub(crate) async fn of_stretches(
    tx: &mut Tx,
    scope: &Scope,
    starts: &[Timestamp],
    now: Timestamp,
) -> Result<Vec<Vec<Maintained>>, StoreError> {
    let (Some(first), Some(last)) = (starts.first(), starts.last()) else { return Ok(Vec::new()) };
    // What lies ahead today is no part of the past.
    let last = *last.min(&now);
    let own = maintenance::of_connections(tx, scope, *first, last).await?;
    let mut windows: Vec<(i64, i64, Maintained)> =
        own.into_iter().map(|w| (w.starts_at, w.ends_at, Maintained::Connection(w.name))).collect();
    let planned = maintenance::of_providers(tx, *first, last).await?;
    if !planned.is_empty() {
        let connected: BTreeSet<String> = maintenance::connected(tx, scope, last).await?.into_iter().collect();
        let theirs = planned.into_iter().filter(|window| connected.contains(&window.provider));
        windows.extend(theirs.map(|w| (w.starts_at, w.ends_at, Maintained::Provider(w.provider))));
    }
    let within = |from: i64, until: i64| -> Vec<Maintained> {
        let touching = windows.iter().filter(|(starts, ends, _)| *starts < until.min(last.0) && from < *ends);
        touching.map(|(.., what)| what.clone()).collect::<BTreeSet<_>>().into_iter().collect()
    };
    Ok(starts.iter().zip(starts.iter().skip(1)).map(|(from, until)| within(from.0, until.0)).collect())
}
