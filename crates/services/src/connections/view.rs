//! The gateways page.

use super::{allowed, manage};
use crate::{MerchantActor, ServiceError, Services, breaker::Pause};
use domain::{
    Permission, Timestamp,
    views::gateway::{Connection, GatewaysView},
};
use store::{
    connections::{self, ConnectionRow, texts},
    payments::parse,
};

/// The gateways page.
///
/// # Errors
/// Forbidden.
pub async fn view(svc: &Services, actor: &MerchantActor) -> Result<GatewaysView, ServiceError> {
    actor.require(Permission::ViewGateways)?;
    let mode = actor.scope.mode;
    let rows = connections::list(&mut svc.db().read().await?, &actor.scope).await?;
    let providers = svc.gateways().all().filter(|gateway| allowed(svc, gateway.key(), mode));
    let paused = svc.breakers().paused(&actor.scope);
    Ok(GatewaysView {
        connections: rows.into_iter().map(|row| connection(row, &paused)).collect::<Result<_, _>>()?,
        providers: providers.map(|gateway| gateway.describe()).collect(),
        may_manage: actor.role.may(manage(mode)),
    })
}

fn connection(row: ConnectionRow, paused: &[Pause]) -> Result<Connection, ServiceError> {
    let pause = paused.iter().find(|pause| pause.connection == row.id);
    Ok(Connection {
        id: parse(&row.id)?,
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
