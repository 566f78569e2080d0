//! Why a connection can't take a payment: one answer for checkout, simulator and replay.

use crate::Services;
use domain::{CaptureMethod, Currency, Mode, Timestamp, routing::Skip, states::ConnectionStatus};
use store::{connections::ConnectionRow, payments::Route};

/// A connection as far as it matters here, whichever reading it came from.
pub(super) struct Taker<'a> {
    provider: &'a str,
    status: &'a str,
    /// JSON arrays of texts; no currencies means all.
    methods: &'a str,
    currencies: &'a str,
    maintenance: Option<(i64, i64)>,
}

impl<'a> From<&'a Route> for Taker<'a> {
    fn from(route: &'a Route) -> Self {
        Self {
            provider: &route.provider,
            status: &route.status,
            methods: &route.methods,
            currencies: &route.currencies,
            maintenance: route.maintenance_from.zip(route.maintenance_until),
        }
    }
}

impl<'a> From<&'a ConnectionRow> for Taker<'a> {
    fn from(row: &'a ConnectionRow) -> Self {
        Self {
            provider: &row.provider,
            status: &row.status,
            methods: &row.methods,
            currencies: &row.currencies,
            maintenance: row.maintenance_from.zip(row.maintenance_until),
        }
    }
}

/// What is asked of a connection.
pub(super) struct Asked<'a> {
    pub(super) mode: Mode,
    pub(super) capture: CaptureMethod,
    pub(super) currency: Currency,
    /// None while the customer has not chosen: any method will do.
    pub(super) method: Option<&'a str>,
}

/// Why a connection takes no payment at all now, as far as the database knows.
pub(super) fn closed(svc: &Services, taker: &Taker<'_>, mode: Mode, now: Timestamp) -> Option<Skip> {
    if taker.status != ConnectionStatus::Active.as_str() {
        return Some(Skip::Paused);
    }
    let in_mode = !mode.is_live() || taker.provider != gateways::sandbox::KEY || svc.settings().sandbox_live;
    if !in_mode || svc.gateways().get(taker.provider).is_none() {
        return Some(Skip::Mode);
    }
    under_maintenance(svc, taker, now).map(|_| Skip::Maintenance)
}

/// When the maintenance ends that a connection is under now, by its merchant's word or the operator's.
pub(super) fn under_maintenance(svc: &Services, taker: &Taker<'_>, now: Timestamp) -> Option<Timestamp> {
    let own =
        taker.maintenance.filter(|(from, until)| *from <= now.0 && now.0 < *until).map(|(_, until)| Timestamp(until));
    own.max(svc.provider_windows().running(taker.provider, now))
}

/// Why a connection can't take such a payment.
pub(super) fn cannot(svc: &Services, taker: &Taker<'_>, asked: &Asked<'_>, now: Timestamp) -> Option<Skip> {
    closed(svc, taker, asked.mode, now).or_else(|| unfit(svc, taker, asked))
}

/// Why a connection can never take such a payment.
pub(super) fn unfit(svc: &Services, taker: &Taker<'_>, asked: &Asked<'_>) -> Option<Skip> {
    let captures = || svc.gateways().get(taker.provider).is_some_and(|gateway| gateway.captures().is_some());
    if asked.capture == CaptureMethod::Manual && !captures() {
        return Some(Skip::CaptureLater);
    }
    let texts = |json: &str| serde_json::from_str::<Vec<String>>(json).unwrap_or_default();
    let methods = texts(taker.methods);
    if !asked.method.map_or(!methods.is_empty(), |method| methods.iter().any(|m| m == method)) {
        return Some(Skip::Method);
    }
    let currencies = texts(taker.currencies);
    let listed = currencies.is_empty() || currencies.iter().any(|code| code == asked.currency.code());
    let counted = svc.gateways().get(taker.provider).is_some_and(|gateway| gateway.counts(asked.currency).is_some());
    (!listed || !counted).then_some(Skip::Currency)
}
