//! Checkout sessions.

use super::ApiError;
use domain::views::checkout::{CheckoutSession, SessionForm};
use domain::views::page::{Page, PageQuery};
use domain::{Scope, SessionId};
use leptos::prelude::*;
use leptos::server_fn::codec::Json;

/// A page of the list.
#[server(prefix = "/api", endpoint = "checkout-sessions/list", input = Json)]
pub async fn list_sessions(scope: Scope, query: PageQuery) -> Result<Page<CheckoutSession>, ApiError> {
    let (svc, actor) = super::merchant_actor(&scope).await?;
    Ok(services::sessions::list(&svc, &actor, &query).await?)
}

/// One session.
#[server(prefix = "/api", endpoint = "checkout-sessions/get", input = Json)]
pub async fn load_session(scope: Scope, id: String) -> Result<CheckoutSession, ApiError> {
    let (svc, actor) = super::merchant_actor(&scope).await?;
    let id: SessionId = super::server::parse_id(&id)?;
    Ok(services::sessions::get(&svc, &actor, &id).await?)
}

/// The currency that a new session begins with.
#[server(prefix = "/api", endpoint = "checkout-sessions/currency", input = Json)]
pub async fn default_currency(scope: Scope) -> Result<String, ApiError> {
    let (svc, actor) = super::merchant_actor(&scope).await?;
    Ok(super::server::currency(&svc, &actor).await)
}

/// Makes a session.
#[server(prefix = "/api", endpoint = "checkout-sessions/create")]
pub async fn create_session(scope: Scope, form: SessionForm) -> Result<CheckoutSession, ApiError> {
    let (svc, actor) = super::merchant_actor(&scope).await?;
    let mut form = form;
    drop_blank_rows(&mut form);
    Ok(services::sessions::create(&svc, &actor, &form).await?)
}

/// Ends a session before its time.
#[server(prefix = "/api", endpoint = "checkout-sessions/expire", input = Json)]
pub async fn expire_session(scope: Scope, id: SessionId) -> Result<(), ApiError> {
    let (svc, actor) = super::merchant_actor(&scope).await?;
    Ok(services::sessions::expire(&svc, &actor, &id).await?)
}

/// Blank rows at the end are rows that nobody meant; the others keep their numbers, by which problems name them.
#[cfg(feature = "ssr")]
fn drop_blank_rows(form: &mut SessionForm) {
    let blank = |text: &str| text.trim().is_empty();
    while form.items.len() > 1 && form.items.last().is_some_and(|i| blank(&i.name) && blank(&i.unit_amount)) {
        form.items.pop();
    }
    while form.metadata.last().is_some_and(|(key, value)| blank(key) && blank(value)) {
        form.metadata.pop();
    }
}
