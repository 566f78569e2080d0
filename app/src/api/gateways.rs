//! Gateway connections.

use super::ApiError;
use domain::views::gateway::{ConnectionForm, GatewaysView};
use domain::views::health::{HealthView, MaintenanceForm};
use domain::views::inbox::{InboxFilter, InboxView};
use domain::{ConnectionId, Scope};
use leptos::prelude::*;
use leptos::server_fn::codec::Json;
use serde::{Deserialize, Serialize};

/// What can be done to a connection without a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConnectionAct {
    /// Take no new payments.
    Pause,
    /// Take payments again.
    Resume,
    /// Out of sight, for good.
    Archive,
}

/// The connections, and what can be connected.
#[server(prefix = "/api", endpoint = "gateways/view", input = Json)]
pub async fn load_gateways(scope: Scope) -> Result<GatewaysView, ApiError> {
    let (svc, actor) = super::merchant_actor(&scope).await?;
    Ok(services::connections::view(&svc, &actor).await?)
}

/// Adds a connection (`id` empty) or edits one.
#[server(prefix = "/api", endpoint = "gateways/save")]
pub async fn save_connection(scope: Scope, id: String, form: ConnectionForm) -> Result<(), ApiError> {
    let (svc, actor) = super::merchant_actor(&scope).await?;
    if id.is_empty() {
        services::connections::add(&svc, &actor, &form).await?;
    } else {
        let id: ConnectionId = super::server::parse_id(&id)?;
        services::connections::edit(&svc, &actor, &id, &form).await?;
    }
    Ok(())
}

/// Pauses, resumes or archives a connection.
#[server(prefix = "/api", endpoint = "gateways/act", input = Json)]
pub async fn act_on_connection(scope: Scope, id: ConnectionId, act: ConnectionAct) -> Result<(), ApiError> {
    let (svc, actor) = super::merchant_actor(&scope).await?;
    match act {
        ConnectionAct::Pause => services::connections::pause(&svc, &actor, &id).await?,
        ConnectionAct::Resume => services::connections::resume(&svc, &actor, &id).await?,
        ConnectionAct::Archive => services::connections::archive(&svc, &actor, &id).await?,
    }
    Ok(())
}

/// Asks the gateway whether the connection works; answers `ok` or a code (`gateway.test.<code>`).
#[server(prefix = "/api", endpoint = "gateways/test", input = Json)]
pub async fn test_connection(scope: Scope, id: ConnectionId) -> Result<String, ApiError> {
    let (svc, actor) = super::merchant_actor(&scope).await?;
    Ok(services::connections::test(&svc, &actor, &id).await?)
}

/// What came to a connection, and one delivery in full when its key is given.
#[server(prefix = "/api", endpoint = "gateways/events/list", input = Json)]
pub async fn load_inbox(
    scope: Scope,
    id: String,
    filter: InboxFilter,
    event: Option<String>,
) -> Result<InboxView, ApiError> {
    let (svc, actor) = super::merchant_actor(&scope).await?;
    let id: ConnectionId = super::server::parse_id(&id)?;
    Ok(services::webhooks::inbox(&svc, &actor, &id, &filter, event.as_deref()).await?)
}

/// Puts an event back into the queue.
#[server(prefix = "/api", endpoint = "gateways/events/replay", input = Json)]
pub async fn replay_event(scope: Scope, id: ConnectionId, key: String) -> Result<(), ApiError> {
    let (svc, actor) = super::merchant_actor(&scope).await?;
    Ok(services::webhooks::replay(&svc, &actor, &id, &key).await?)
}

/// How calls to a connection end.
#[server(prefix = "/api", endpoint = "gateways/health", input = Json)]
pub async fn load_health(scope: Scope, id: String) -> Result<HealthView, ApiError> {
    let (svc, actor) = super::merchant_actor(&scope).await?;
    let id: ConnectionId = super::server::parse_id(&id)?;
    Ok(services::health::view(&svc, &actor, &id).await?)
}

/// Sets a connection's maintenance window.
#[server(prefix = "/api", endpoint = "gateways/maintenance/save")]
pub async fn save_maintenance(scope: Scope, id: String, form: MaintenanceForm) -> Result<(), ApiError> {
    let (svc, actor) = super::merchant_actor(&scope).await?;
    let id: ConnectionId = super::server::parse_id(&id)?;
    Ok(services::connections::maintain(&svc, &actor, &id, &form).await?)
}

/// What can be done about a maintenance window without a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MaintenanceAct {
    /// From now on, for an hour.
    Hour,
    /// No window any more.
    End,
}

/// Begins or ends maintenance now.
#[server(prefix = "/api", endpoint = "gateways/maintenance/now", input = Json)]
pub async fn maintain_now(scope: Scope, id: ConnectionId, act: MaintenanceAct) -> Result<(), ApiError> {
    let (svc, actor) = super::merchant_actor(&scope).await?;
    match act {
        MaintenanceAct::Hour => services::connections::maintain_now(&svc, &actor, &id).await?,
        MaintenanceAct::End => services::connections::end_maintenance(&svc, &actor, &id).await?,
    }
    Ok(())
}
