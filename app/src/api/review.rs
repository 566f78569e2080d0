//! Outcomes that a person decides.

use super::ApiError;
use domain::views::Page;
use domain::views::page::PageQuery;
use domain::views::review::{DecisionForm, ReviewEntry};
use domain::{OperationId, Scope};
use leptos::prelude::*;
use leptos::server_fn::codec::Json;

/// What waits for a person, the longest waiting first.
#[server(prefix = "/api", endpoint = "review/list", input = Json)]
pub async fn list_reviews(scope: Scope, query: PageQuery) -> Result<Page<ReviewEntry>, ApiError> {
    let (svc, actor) = super::merchant_actor(&scope).await?;
    Ok(services::review::list(&svc, &actor, &query).await?)
}

/// Decides what became of a call.
#[server(prefix = "/api", endpoint = "review/decide")]
pub async fn decide_review(scope: Scope, id: OperationId, form: DecisionForm) -> Result<(), ApiError> {
    let (svc, actor) = super::merchant_actor(&scope).await?;
    Ok(services::review::decide(&svc, &actor, &id, &form).await?)
}

/// Has the gateway asked now; whether the outcome is known then.
#[server(prefix = "/api", endpoint = "review/ask", input = Json)]
pub async fn ask_review(scope: Scope, id: OperationId) -> Result<bool, ApiError> {
    let (svc, actor) = super::merchant_actor(&scope).await?;
    Ok(services::review::ask_again(&svc, &actor, &id).await?)
}
