//! Gateway connections.

use super::ApiError;
use domain::views::gateway::{ConnectionForm, GatewaysView};
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
