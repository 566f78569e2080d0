//! The gateways page.

use super::{allowed, manage, place};
use crate::{MerchantActor, ServiceError, Services, breaker::Pause};
use domain::{
    Currency, Money, Permission, Timestamp,
    states::ConnectionStatus,
    views::gateway::{Connection, ConnectionEvents, GatewaysView, ProviderCurrencies},
};
use gateways::{Credentials, Gateway};
use store::{
    connections::{self, ConnectionRow, texts},
    gateway_inbox::{self, LastRow},
    payments::parse,
};

/// How the names of credentials begin that events are checked with.
const FOR_EVENTS: &str = "webhook_";

/// The gateways page.
///
/// # Errors
/// Forbidden.
pub async fn view(svc: &Services, actor: &MerchantActor) -> Result<GatewaysView, ServiceError> {
    actor.require(Permission::ViewGateways)?;
    let (scope, mode) = (&actor.scope, actor.scope.mode);
    let mut tx = svc.db().read().await?;
    let rows = connections::list(&mut tx, scope).await?;
    let last = gateway_inbox::last(&mut tx, scope).await?;
    drop(tx);
    let providers = || svc.gateways().all().filter(|gateway| allowed(svc, gateway.key(), mode));
    let paused = svc.breakers().paused(scope);
    let mut connections = Vec::with_capacity(rows.len());
    for row in rows {
        let events = events(svc, actor, &row, &last).await?;
        let operator_maintenance = svc.provider_windows().next(&row.provider, svc.now());
        connections.push(Connection { events, operator_maintenance, ..connection(row, &paused, svc.now())? });
    }
    Ok(GatewaysView {
        connections,
        providers: providers().map(|gateway| gateway.describe()).collect(),
        currencies: providers().map(|gateway| currencies(&**gateway)).collect(),
        may_manage: actor.role.may(manage(mode)),
    })
}

/// The currencies that a provider takes.
fn currencies(gateway: &dyn Gateway) -> ProviderCurrencies {
    let (mut taken, mut steps, mut all) = (Vec::new(), Vec::new(), true);
    for currency in Currency::all() {
        let Some(counting) = gateway.counts(currency) else {
            all = false;
            continue;
        };
        taken.push(currency.code().to_owned());
        let least = counting.least(currency);
        if least > 1 {
            steps.push(Money::new(least, currency));
        }
    }
    ProviderCurrencies { provider: gateway.key().to_owned(), taken: (!all).then_some(taken), steps }
}

/// What a connection hears by itself; none when its provider sends nothing.
async fn events(
    svc: &Services,
    actor: &MerchantActor,
    row: &ConnectionRow,
    last: &[LastRow],
) -> Result<Option<ConnectionEvents>, ServiceError> {
    let Some(gateway) = svc.gateways().get(&row.provider) else { return Ok(None) };
    if row.status == ConnectionStatus::Archived.as_str() || !sends_events(&*gateway) {
        return Ok(None);
    }
    let last = last.iter().find(|last| last.id == row.id);
    Ok(Some(ConnectionEvents {
        address: address(svc, &row.provider, &row.id),
        secret: secret(svc, actor, row, &*gateway).await?,
        last_accepted_at: last.and_then(|last| last.accepted_at).map(Timestamp),
        last_refused_at: last.and_then(|last| last.refused_at).map(Timestamp),
        last_refused_why: last.and_then(|last| last.refused_why.clone()),
    }))
}

/// Whether a provider sends events.
pub(crate) fn sends_events(gateway: &dyn Gateway) -> bool {
    gateway.events().is_some() && gateway.describe().capabilities.iter().any(|can| can == "events")
}

/// Where a connection's gateway sends its events.
pub(crate) fn address(svc: &Services, provider: &str, connection: &str) -> String {
    format!("{}/webhooks/{provider}/{connection}", svc.settings().public_url)
}

/// What events are checked with, and whether it is stored. Credentials that can't be opened are as good as none.
async fn secret(
    svc: &Services,
    actor: &MerchantActor,
    row: &ConnectionRow,
    gateway: &dyn Gateway,
) -> Result<Option<(String, bool)>, ServiceError> {
    let provider = gateway.describe();
    let Some(field) = provider.fields.iter().find(|field| field.name.starts_with(FOR_EVENTS)) else { return Ok(None) };
    if !row.has_credentials {
        return Ok(Some((field.name.clone(), false)));
    }
    let id = parse(&row.id)?;
    let found = connections::for_call(&mut svc.db().read().await?, &actor.scope, &id).await?;
    let sealed = found.and_then(|found| found.credentials).unwrap_or_default();
    let plain = svc.sealer().open(&place(&row.id), &sealed).ok();
    let stored = plain.and_then(|plain| Credentials::from_json(&plain).ok());
    let stored = stored.is_some_and(|stored| stored.get(&field.name).is_some_and(|value| !value.is_empty()));
    Ok(Some((field.name.clone(), stored)))
}

/// A connection's maintenance window, unless it is over.
pub(crate) fn ahead(row: &ConnectionRow, now: Timestamp) -> Option<(Timestamp, Timestamp)> {
    let (from, until) = row.maintenance_from.zip(row.maintenance_until)?;
    (now.0 < until).then_some((Timestamp(from), Timestamp(until)))
}

fn connection(row: ConnectionRow, paused: &[Pause], now: Timestamp) -> Result<Connection, ServiceError> {
    let pause = paused.iter().find(|pause| pause.connection == row.id);
    Ok(Connection {
        id: parse(&row.id)?,
        maintenance: ahead(&row, now),
        operator_maintenance: None,
        events: None,
        provider: row.provider,
        name: row.name,
        status: parse(&row.status)?,
        methods: texts(&row.methods)?,
        currencies: texts(&row.currencies)?,
        priority: row.priority,
        has_credentials: row.has_credentials,
        last_test_at: row.last_test_at.map(Timestamp),
        last_test_code: row.last_test_code,
        calls_paused_since: pause.map(|pause| pause.since),
        calls_paused_why: pause.map(|pause| pause.why.as_str().to_owned()),
        created_at: Timestamp(row.created_at),
        version: row.version,
    })
}
