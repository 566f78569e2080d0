//! Routing rules.

use super::ApiError;
use domain::Scope;
use domain::routing::RoutingForm;
use domain::views::routing::{Replay, RoutingView, Simulation, SimulationForm};
use leptos::prelude::*;
use leptos::server_fn::codec::Json;

/// The rules that hold, and how they came to be.
#[server(prefix = "/api", endpoint = "routing/view", input = Json)]
pub async fn load_routing(scope: Scope) -> Result<RoutingView, ApiError> {
    let (svc, actor) = super::merchant_actor(&scope).await?;
    Ok(services::routing::view(&svc, &actor).await?)
}

/// Saves rules as the next version; answers its number.
#[server(prefix = "/api", endpoint = "routing/save", input = Json)]
pub async fn save_routing(scope: Scope, form: RoutingForm) -> Result<i64, ApiError> {
    let (svc, actor) = super::merchant_actor(&scope).await?;
    Ok(services::routing::save(&svc, &actor, &form).await?)
}

/// Brings an old version back; answers the new number.
#[server(prefix = "/api", endpoint = "routing/revert", input = Json)]
pub async fn revert_routing(scope: Scope, current: i64, to: i64) -> Result<i64, ApiError> {
    let (svc, actor) = super::merchant_actor(&scope).await?;
    Ok(services::routing::revert(&svc, &actor, current, to).await?)
}

/// Plays a payment through rules that may be only a draft.
#[server(prefix = "/api", endpoint = "routing/simulate", input = Json)]
pub async fn simulate_routing(
    scope: Scope,
    rules: RoutingForm,
    payment: SimulationForm,
) -> Result<Simulation, ApiError> {
    let (svc, actor) = super::merchant_actor(&scope).await?;
    Ok(services::routing::simulate(&svc, &actor, &rules, &payment).await?)
}

/// Routes last month's payments again by rules that may be only a draft.
#[server(prefix = "/api", endpoint = "routing/replay", input = Json)]
pub async fn replay_routing(scope: Scope, rules: RoutingForm) -> Result<Replay, ApiError> {
    let (svc, actor) = super::merchant_actor(&scope).await?;
    Ok(services::routing::replay(&svc, &actor, &rules).await?)
}
