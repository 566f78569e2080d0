//! Loading, nothing there, and something wrong.

use crate::api::ApiError;
use crate::i18n::{k, problem_text, t, use_locale};
use domain::ProblemKind;
use leptos::prelude::*;

/// Grey shapes where content will stand.
pub fn skeleton() -> AnyView {
    let locale = use_locale();
    view! {
        <div class="stack" aria-busy="true" role="status" aria-label=t(locale, k::LOADING)>
            <span class="skeleton skeleton-short"></span>
            <span class="skeleton skeleton-block"></span>
            <span class="skeleton"></span>
            <span class="skeleton"></span>
            <span class="skeleton skeleton-short"></span>
        </div>
    }
    .into_any()
}

/// Nothing there: why, and what next (`action` is a link or a button).
pub fn empty(icon: &'static str, title: &'static str, text: &'static str, action: AnyView) -> AnyView {
    view! {
        <div class="empty">{super::icon::icon_of(icon, "icon-lg")}<h2>{title}</h2><p>{text}</p>{action}</div>
    }
    .into_any()
}

/// What went wrong in place of the content, with what to do and the request's id.
pub fn error_block(error: &ApiError) -> AnyView {
    error_of(error, false)
}

/// The same in place of a whole page, which has no other heading.
pub fn error_page(error: &ApiError) -> AnyView {
    error_of(error, true)
}

fn error_of(error: &ApiError, whole: bool) -> AnyView {
    let locale = use_locale();
    let problem = &error.0;
    let title = match problem.kind {
        ProblemKind::NotFound => k::ERROR_NOT_FOUND,
        ProblemKind::Forbidden => k::ERROR_FORBIDDEN,
        ProblemKind::Unauthenticated => k::ERROR_LOGGED_OUT,
        _ => k::ERROR_TITLE,
    };
    let title = t(locale, title);
    let heading = if whole { view! { <h1>{title}</h1> }.into_any() } else { view! { <h2>{title}</h2> }.into_any() };
    let request = problem.request_id.clone().map(|id| {
        view! { <p class="muted small">{t(locale, k::ERROR_REQUEST)} " " <bdi class="mono" dir="ltr">{id}</bdi></p> }
    });
    view! {
        <div class="empty" role="alert">
            {super::icon::icon_of("alert-triangle", "icon-lg")}
            {heading}
            <p>{problem_text(locale, problem)}</p>
            {way_on(problem.kind)}
            {request}
        </div>
    }
    .into_any()
}

/// What can be done after a problem.
fn way_on(kind: ProblemKind) -> AnyView {
    let locale = use_locale();
    match kind {
        ProblemKind::Unauthenticated => {
            let next = leptos_router::hooks::use_location();
            let href = move || format!("/login?next={}", next.pathname.get());
            view! { <a class="btn btn-primary" href=href rel="external">{t(locale, k::ERROR_LOG_IN)}</a> }.into_any()
        }
        ProblemKind::NotFound | ProblemKind::Forbidden => {
            view! { <a class="btn" href="/dashboard" rel="external">{t(locale, k::ERROR_HOME)}</a> }.into_any()
        }
        // Without an address the page is loaded again.
        _ => view! { <a class="btn" href="" rel="external">{t(locale, k::ERROR_RETRY)}</a> }.into_any(),
    }
}

/// What went wrong with something that was asked for by a button: above the content, which stays.
pub fn action_problem(problem: Option<domain::Problem>) -> AnyView {
    let locale = use_locale();
    problem
        .map(|problem| {
            let request = problem.request_id.clone().map(|id| {
                view! { <p class="small">{t(locale, k::ERROR_REQUEST)} " " <bdi class="mono" dir="ltr">{id}</bdi></p> }
            });
            view! {
                <div class="banner banner-danger" role="alert">
                    {super::icon("alert-triangle")} <div><p>{problem_text(locale, &problem)}</p> {request}</div>
                </div>
            }
        })
        .into_any()
}
