//! What server functions begin with: who asks, and the services.

use super::ApiError;
use crate::request::RequestInfo;
use domain::{Problem, ProblemKind, Scope, UserId, problem::codes};
use leptos::prelude::use_context;
use services::{MerchantActor, Services, StaffActor};

/// The services that the server provides.
///
/// # Errors
/// A fault of ours when there are none in this context.
pub fn services() -> Result<Services, ApiError> {
    use_context().ok_or_else(internal)
}

/// What is known about this request.
///
/// # Errors
/// A fault of ours when nothing is.
pub fn request() -> Result<RequestInfo, ApiError> {
    use_context().ok_or_else(internal)
}

/// Who is logged in.
///
/// # Errors
/// [`ProblemKind::Unauthenticated`] when nobody is.
pub fn user() -> Result<UserId, ApiError> {
    let nobody = || Problem::new(ProblemKind::Unauthenticated, codes::UNAUTHENTICATED).into();
    request()?.user.ok_or_else(nobody)
}

/// The services, and who is logged in as a member of a merchant's team in one mode.
///
/// # Errors
/// What `access::enter` answers; nobody logged in.
pub async fn merchant_actor(scope: &Scope) -> Result<(Services, MerchantActor), ApiError> {
    let (svc, user, origin) = (services()?, user()?, request()?.origin);
    let actor = services::access::enter(&svc, &user, scope, origin).await?;
    Ok((svc, actor))
}

/// The services, and who is logged in as one of the operator's staff.
///
/// # Errors
/// What `access::enter_staff` answers; nobody logged in.
pub async fn staff_actor() -> Result<(Services, StaffActor), ApiError> {
    let (svc, user, origin) = (services()?, user()?, request()?.origin);
    let actor = services::access::enter_staff(&svc, &user, origin).await?;
    Ok((svc, actor))
}

fn internal() -> ApiError {
    Problem::new(ProblemKind::Internal, codes::INTERNAL).into()
}

/// Gives a problem the request's id and the answer its status.
pub(super) fn answered(mut problem: Problem) -> Problem {
    set_status(problem.kind);
    if problem.request_id.is_none() {
        problem.request_id = use_context::<RequestInfo>().and_then(|info| info.origin.request_id);
    }
    problem
}

/// Gives the answer under way the status of a kind of problem: of a server function, or of the page that shows it.
pub(super) fn set_status(kind: ProblemKind) {
    let status = http::StatusCode::from_u16(kind.status());
    if let (Some(response), Ok(status)) = (use_context::<leptos_axum::ResponseOptions>(), status) {
        response.set_status(status);
    }
}

/// Reads an id of a path: what is none is not found, as an id of another merchant is.
pub(super) fn parse_id<I: std::str::FromStr>(text: &str) -> Result<I, ApiError> {
    text.parse().map_err(|_| Problem::new(ProblemKind::NotFound, codes::NOT_FOUND).into())
}

/// The merchant's own currency, for forms to begin with; the euro for those who may not read the settings.
pub(super) async fn currency(svc: &Services, actor: &MerchantActor) -> String {
    services::merchants::settings(svc, actor).await.map_or_else(|_| "EUR".to_owned(), |s| s.default_currency)
}
