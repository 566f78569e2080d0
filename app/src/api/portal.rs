//! What the portal's frame shows.

use super::ApiError;
use domain::views::account::Viewer;
use domain::{Scope, ZoneTable};
use leptos::prelude::*;
use leptos::server_fn::codec::Json;

/// Who is logged in and where they may go. Remembers the merchant and mode as the ones used last.
#[server(prefix = "/api", endpoint = "portal/viewer", input = Json)]
pub async fn load_viewer(scope: Scope) -> Result<Viewer, ApiError> {
    let (svc, actor) = super::merchant_actor(&scope).await?;
    let viewer = services::accounts::viewer(&svc, &actor.user_id).await?;
    let here = Some((scope.merchant.clone(), scope.mode));
    if viewer.last != here {
        services::accounts::set_last(&svc, &actor.user_id, &scope).await?;
    }
    Ok(viewer)
}

/// The time zone that the merchant's pages show times in.
#[server(prefix = "/api", endpoint = "portal/zone", input = Json)]
pub async fn load_zone(scope: Scope) -> Result<ZoneTable, ApiError> {
    let (svc, actor) = super::merchant_actor(&scope).await?;
    Ok(services::merchants::zone(&svc, &actor.user_id, &scope.merchant).await?)
}

/// Who is logged in among the operator's staff.
#[server(prefix = "/api", endpoint = "portal/staff", input = Json)]
pub async fn load_staff_viewer() -> Result<Viewer, ApiError> {
    let (svc, actor) = super::staff_actor().await?;
    Ok(services::accounts::viewer(&svc, &actor.user_id).await?)
}

/// Sends the mail that verifies the address again.
#[server(prefix = "/api", endpoint = "portal/resend-verification", input = Json)]
pub async fn resend_verification() -> Result<(), ApiError> {
    let (svc, user) = (super::services()?, super::user()?);
    Ok(services::accounts::resend_verification(&svc, &user).await?)
}
