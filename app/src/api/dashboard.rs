//! The home page.

use super::ApiError;
use domain::Scope;
use domain::views::dashboard::Dashboard;
use leptos::prelude::*;
use leptos::server_fn::codec::Json;

/// The numbers, what needs attention, the checklist, the latest payments.
#[server(prefix = "/api", endpoint = "dashboard/view", input = Json)]
pub async fn load_dashboard(scope: Scope) -> Result<Dashboard, ApiError> {
    let (svc, actor) = super::merchant_actor(&scope).await?;
    Ok(services::dashboard::view(&svc, &actor).await?)
}
