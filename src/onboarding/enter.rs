//! Whose application it is: `m` says so, or the merchant used last.

use crate::errors::respond_to;
use crate::forms::{html, see_other};
use crate::redirects::last;
use crate::state::AppState;
use app::RequestInfo;
use app::hosted::errors::Fault;
use axum::response::Response;
use domain::states::MerchantStatus;
use domain::views::application::ApplicationView;
use domain::{MerchantId, Mode, Scope};
use services::{MerchantActor, ServiceError};

/// A member of a merchant's team at the application.
pub(super) struct Entered {
    pub(super) actor: MerchantActor,
    pub(super) status: MerchantStatus,
}

impl Entered {
    pub(super) async fn view(&self, state: &AppState) -> Result<ApplicationView, ServiceError> {
        services::applications::view(&state.services, &self.actor).await
    }
}

/// Enters, or answers why not.
pub(super) async fn enter(state: &AppState, info: &RequestInfo, m: &str) -> Result<Entered, Response> {
    let Some(user) = &info.user else { return Err(see_other("/login?next=/onboarding")) };
    let svc = &state.services;
    let refused = |error: ServiceError| respond_to(state, info, error.into_problem());
    let viewer = services::accounts::viewer(svc, user).await.map_err(refused)?;
    if viewer.staff_role.is_some() {
        return Err(see_other("/admin"));
    }
    let merchant = if m.is_empty() {
        last(&viewer).map(|(merchant, _)| merchant).ok_or_else(|| html(app::hosted::auth::nowhere(info)))?
    } else {
        m.parse::<MerchantId>().map_err(|_| respond_to(state, info, Fault::NotFound))?
    };
    let status = viewer.merchants.iter().find(|member| member.merchant_id == merchant).map(|member| member.status);
    let scope = Scope { merchant, mode: Mode::Test };
    let actor = services::access::enter(svc, user, &scope, info.origin.clone()).await.map_err(refused)?;
    Ok(Entered { actor, status: status.unwrap_or(MerchantStatus::Onboarding) })
}
