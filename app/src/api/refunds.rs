//! Refunds.

use super::ApiError;
use domain::Scope;
use domain::views::page::Page;
use domain::views::payment::{Refund, RefundFilter};
use leptos::prelude::*;
use leptos::server_fn::codec::Json;

/// A page of the list.
#[server(prefix = "/api", endpoint = "refunds/list", input = Json)]
pub async fn list_refunds(scope: Scope, filter: RefundFilter) -> Result<Page<Refund>, ApiError> {
    let (svc, actor) = super::merchant_actor(&scope).await?;
    Ok(services::refunds::list(&svc, &actor, filter).await?)
}
