//! The routing page.

use super::{rules, takes::closed};
use crate::{MerchantActor, ServiceError, Services, connections::manage};
use domain::{
    Permission, Timestamp,
    routing::{Skip, form_of},
    states::ConnectionStatus,
    views::routing::{RoutedConnection, RoutingVersion, RoutingView},
};
use store::{
    connections::{self, ConnectionRow},
    payments::parse,
    routing::{self, VersionRow},
};

/// The rules that hold, the connections that they can name, and how they came to be.
///
/// # Errors
/// Forbidden; the database's.
pub async fn view(svc: &Services, actor: &MerchantActor) -> Result<RoutingView, ServiceError> {
    actor.require(Permission::ViewGateways)?;
    let scope = &actor.scope;
    let (versions, rows) = {
        let mut tx = svc.db().snapshot().await?;
        (routing::versions(&mut tx, scope).await?, connections::list(&mut tx, scope).await?)
    };
    let newest = versions.first().map(|row| row.version);
    let rules = rules::of(svc, scope, newest).await?;
    let versions: Vec<RoutingVersion> = versions.into_iter().map(version).collect();
    Ok(RoutingView {
        form: form_of(&rules, newest.unwrap_or(0)),
        saved: versions.first().cloned(),
        connections: routed(svc, actor, rows)?,
        versions,
        may_manage: actor.role.may(manage(scope.mode)),
    })
}

fn version(row: VersionRow) -> RoutingVersion {
    RoutingVersion {
        version: row.version,
        at: Timestamp(row.created_at),
        by: row.created_by,
        note: row.note,
        rules: row.rule_count,
        reverted_to: row.reverted_to,
    }
}

/// Connections that rules can name, in the merchant's own order.
fn routed(
    svc: &Services,
    actor: &MerchantActor,
    rows: Vec<ConnectionRow>,
) -> Result<Vec<RoutedConnection>, ServiceError> {
    let paused = svc.breakers().paused(&actor.scope);
    let now = svc.now();
    rows.into_iter()
        .filter(|row| row.status != ConnectionStatus::Archived.as_str())
        .map(|row| {
            let down = paused.iter().any(|pause| pause.connection == row.id && pause.until > now);
            let closed = closed(svc, &(&row).into(), actor.scope.mode, now);
            Ok(RoutedConnection {
                closed: closed.or_else(|| down.then_some(Skip::NotAnswering)),
                id: parse(&row.id)?,
                name: row.name,
            })
        })
        .collect()
}
