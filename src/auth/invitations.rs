//! Join a team by the link of a mail.

use super::{enter, is_over, typed};
use crate::errors::respond_to;
use crate::forms::{Posted, html, refused, too_many};
use crate::limits::Action;
use crate::state::AppState;
use app::RequestInfo;
use app::hosted::auth::{EndedLink, InvitationView, Typed, Visitor, invitation, link_ended};
use axum::Extension;
use axum::extract::{OriginalUri, Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{Html, IntoResponse, Response};
use domain::{Problem, ProblemKind};
use services::accounts::NewAccount;
use services::team::{self, Accept, InvitationPage};
use services::{ServiceError, Services};
use tower_sessions::Session;

pub(super) async fn page(
    State(state): State<AppState>,
    Extension(info): Extension<RequestInfo>,
    OriginalUri(uri): OriginalUri,
    Path(token): Path<String>,
) -> Response {
    match seen(&state.services, &info, &token).await {
        Ok((page, visitor)) => html(render(&info, uri.path(), page, visitor, Typed::default(), None)),
        Err(error) => answer(&state, &info, error),
    }
}

/// The invitation, and who looks at it.
async fn seen(svc: &Services, info: &RequestInfo, token: &str) -> Result<(InvitationPage, Visitor), ServiceError> {
    let page = team::invitation(svc, token).await?;
    let visitor = match &info.user {
        None if page.has_account => Visitor::MustLogIn,
        None => Visitor::New,
        Some(user) => {
            let viewer = services::accounts::viewer(svc, user).await?;
            if viewer.email.eq_ignore_ascii_case(&page.email) { Visitor::Invited } else { Visitor::Other(viewer.email) }
        }
    };
    Ok((page, visitor))
}

fn render(
    info: &RequestInfo,
    path: &str,
    page: InvitationPage,
    visitor: Visitor,
    typed: Typed,
    problem: Option<Problem>,
) -> String {
    let InvitationPage { merchant_name, role, email, .. } = page;
    invitation(info, path, InvitationView { business: merchant_name, role, email, visitor, typed, problem })
}

fn answer(state: &AppState, info: &RequestInfo, error: ServiceError) -> Response {
    let problem = error.into_problem();
    if is_over(&problem) || problem.kind == ProblemKind::NotFound {
        return (StatusCode::GONE, Html(link_ended(info, EndedLink::Invitation))).into_response();
    }
    respond_to(state, info, problem)
}

pub(super) async fn accept(
    State(state): State<AppState>,
    Extension(info): Extension<RequestInfo>,
    OriginalUri(uri): OriginalUri,
    session: Session,
    headers: HeaderMap,
    Path(token): Path<String>,
    form: Posted,
) -> Response {
    let typed = typed(&form);
    let who = match &info.user {
        Some(user) => Accept::User(user.clone()),
        None => Accept::New(NewAccount {
            name: typed.name.clone(),
            email: String::new(),
            password: form.get("password"),
            locale: info.locale,
        }),
    };
    let outcome = match state.limits.address(Action::Token, info.origin.ip.as_deref()) {
        Ok(()) => team::accept_invitation(&state.services, &token, &who, &info.origin).await,
        Err(seconds) => Err(too_many(seconds)),
    };
    let problem = match outcome {
        Ok((user, merchant)) => {
            let next = format!("/m/{merchant}/test/dashboard");
            return enter(&state, &info, &headers, &session, &user, &next).await;
        }
        Err(error) => error.into_problem(),
    };
    if is_over(&problem) || problem.kind == ProblemKind::NotFound {
        return answer(&state, &info, problem.into());
    }
    match seen(&state.services, &info, &token).await {
        // The page says whose the invitation is, and what to do.
        Ok((page, visitor @ Visitor::Other(_))) => {
            (StatusCode::FORBIDDEN, Html(render(&info, uri.path(), page, visitor, typed, None))).into_response()
        }
        Ok((page, visitor)) => refused(&state, &info, problem.into(), |problem| {
            render(&info, uri.path(), page, visitor, typed, Some(problem))
        }),
        Err(error) => answer(&state, &info, error),
    }
}
