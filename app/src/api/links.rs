//! Payment links.

use super::ApiError;
use domain::views::checkout::{LinkForm, PaymentLink};
use domain::views::page::{Page, PageQuery};
use domain::{LinkId, Scope};
use leptos::prelude::*;
use leptos::server_fn::codec::Json;
use serde::{Deserialize, Serialize};

/// A link's form: the link that is edited, if one is, and the currency that a new one begins with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkPage {
    /// The link.
    pub link: Option<PaymentLink>,
    /// The merchant's own currency.
    pub currency: String,
}

/// A page of the list.
#[server(prefix = "/api", endpoint = "payment-links/list", input = Json)]
pub async fn list_links(scope: Scope, query: PageQuery) -> Result<Page<PaymentLink>, ApiError> {
    let (svc, actor) = super::merchant_actor(&scope).await?;
    Ok(services::links::list(&svc, &actor, &query).await?)
}

/// What the form of a link begins with; `id` is empty for a new one.
#[server(prefix = "/api", endpoint = "payment-links/get", input = Json)]
pub async fn load_link(scope: Scope, id: String) -> Result<LinkPage, ApiError> {
    let (svc, actor) = super::merchant_actor(&scope).await?;
    let link = if id.is_empty() {
        None
    } else {
        let id: LinkId = super::server::parse_id(&id)?;
        Some(services::links::get(&svc, &actor, &id).await?)
    };
    Ok(LinkPage { link, currency: super::server::currency(&svc, &actor).await })
}

/// Makes a link (`id` empty) or changes one.
#[server(prefix = "/api", endpoint = "payment-links/save")]
pub async fn save_link(scope: Scope, id: String, form: LinkForm) -> Result<LinkId, ApiError> {
    let (svc, actor) = super::merchant_actor(&scope).await?;
    if id.is_empty() {
        return Ok(services::links::create(&svc, &actor, &form).await?);
    }
    let id: LinkId = super::server::parse_id(&id)?;
    services::links::update(&svc, &actor, &id, &form).await?;
    Ok(id)
}

/// Switches a link on or off.
#[server(prefix = "/api", endpoint = "payment-links/set-active", input = Json)]
pub async fn set_link_active(scope: Scope, id: LinkId, active: bool) -> Result<(), ApiError> {
    let (svc, actor) = super::merchant_actor(&scope).await?;
    Ok(services::links::set_active(&svc, &actor, &id, active).await?)
}
