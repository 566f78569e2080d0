//! The page that says what went wrong, what to do, and the request's number.

use super::{HostedPage, brand, footer, page};
use crate::components::icon::icon;
use crate::i18n::{Key, k, t, tn};
use crate::request::RequestInfo;
use domain::{Problem, ProblemKind, problem::codes};
use leptos::prelude::*;

/// Why there is no page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// No such page, or not theirs.
    NotFound,
    /// The page is there, but not for this method.
    Method,
    /// More was sent than is taken.
    TooLarge,
    /// What was sent can't be read.
    BadRequest,
    /// Sent by another site.
    CrossSite,
    /// The role does not allow it.
    Forbidden,
    /// Nobody is logged in.
    Unauthenticated,
    /// The state does not allow it.
    Conflict,
    /// Too many tries; seconds to wait.
    TooMany(u32),
    /// Busy.
    Busy,
    /// A fault of ours.
    Internal,
}

impl From<&Problem> for Fault {
    fn from(problem: &Problem) -> Self {
        match problem.kind {
            ProblemKind::Invalid => Self::BadRequest,
            ProblemKind::Unauthenticated => Self::Unauthenticated,
            ProblemKind::Forbidden if problem.code == codes::CROSS_SITE => Self::CrossSite,
            ProblemKind::Forbidden => Self::Forbidden,
            ProblemKind::NotFound => Self::NotFound,
            ProblemKind::Conflict => Self::Conflict,
            ProblemKind::RateLimited => Self::TooMany(problem.retry_after.unwrap_or(1)),
            ProblemKind::Unavailable => Self::Busy,
            ProblemKind::Internal => Self::Internal,
        }
    }
}

impl From<Problem> for Fault {
    fn from(problem: Problem) -> Self {
        Self::from(&problem)
    }
}

impl Fault {
    /// The HTTP status.
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            Self::NotFound => 404,
            Self::Method => 405,
            Self::TooLarge => 413,
            Self::BadRequest => 400,
            Self::CrossSite | Self::Forbidden => 403,
            Self::Unauthenticated => 401,
            Self::Conflict => 409,
            Self::TooMany(_) => 429,
            Self::Busy => 503,
            Self::Internal => 500,
        }
    }

    /// Seconds after which trying again is worth it.
    #[must_use]
    pub const fn retry_after(self) -> Option<u32> {
        match self {
            Self::TooMany(seconds) => Some(seconds),
            Self::Busy => Some(5),
            _ => None,
        }
    }

    /// The same for doors that answer in JSON.
    #[must_use]
    pub fn problem(self) -> Problem {
        let (kind, code) = match self {
            Self::NotFound | Self::Method => (ProblemKind::NotFound, codes::NOT_FOUND),
            Self::TooLarge | Self::BadRequest => (ProblemKind::Invalid, codes::FORM_INVALID),
            Self::CrossSite => (ProblemKind::Forbidden, codes::CROSS_SITE),
            Self::Forbidden => (ProblemKind::Forbidden, codes::FORBIDDEN),
            Self::Unauthenticated => (ProblemKind::Unauthenticated, codes::UNAUTHENTICATED),
            Self::Conflict => (ProblemKind::Conflict, codes::STALE),
            Self::TooMany(_) => (ProblemKind::RateLimited, codes::RATE_LIMITED),
            Self::Busy => (ProblemKind::Unavailable, codes::BUSY),
            Self::Internal => (ProblemKind::Internal, codes::INTERNAL),
        };
        Problem { retry_after: self.retry_after(), ..Problem::new(kind, code) }
    }

    const fn title(self) -> Key {
        match self {
            Self::NotFound => k::ERROR_PAGE_NOT_FOUND_TITLE,
            Self::Method => k::ERROR_PAGE_METHOD_TITLE,
            Self::TooLarge => k::ERROR_PAGE_TOO_LARGE_TITLE,
            Self::BadRequest => k::ERROR_PAGE_BAD_REQUEST_TITLE,
            Self::CrossSite => k::ERROR_PAGE_CROSS_SITE_TITLE,
            Self::Forbidden => k::ERROR_PAGE_FORBIDDEN_TITLE,
            Self::Unauthenticated => k::AUTH_LOGIN_TITLE,
            Self::Conflict => k::ERROR_PAGE_CONFLICT_TITLE,
            Self::TooMany(_) => k::ERROR_PAGE_TOO_MANY_TITLE,
            Self::Busy => k::ERROR_PAGE_BUSY_TITLE,
            Self::Internal => k::ERROR_PAGE_INTERNAL_TITLE,
        }
    }

    fn body(self, locale: domain::Locale) -> String {
        let key = match self {
            Self::NotFound => k::ERROR_PAGE_NOT_FOUND_BODY,
            Self::Method => k::ERROR_PAGE_METHOD_BODY,
            Self::TooLarge => k::ERROR_PAGE_TOO_LARGE_BODY,
            Self::BadRequest => k::ERROR_PAGE_BAD_REQUEST_BODY,
            Self::CrossSite => k::ERROR_PAGE_CROSS_SITE_BODY,
            Self::Forbidden => k::ERROR_PAGE_FORBIDDEN_BODY,
            Self::Unauthenticated => k::AUTH_LOGIN_ENDED,
            Self::Conflict => k::ERROR_PAGE_CONFLICT_BODY,
            Self::Busy => k::ERROR_PAGE_BUSY_BODY,
            Self::Internal => k::ERROR_PAGE_INTERNAL_BODY,
            Self::TooMany(seconds) if seconds < 90 => {
                return tn(locale, k::ERROR_PAGE_TOO_MANY_SECONDS, i64::from(seconds), &[]);
            }
            Self::TooMany(seconds) => {
                return tn(locale, k::ERROR_PAGE_TOO_MANY_MINUTES, i64::from(seconds.div_ceil(60)), &[]);
            }
        };
        t(locale, key).to_owned()
    }

    const fn look(self) -> (&'static str, &'static str) {
        match self {
            Self::NotFound | Self::Method => ("status-page status-info", "search"),
            Self::TooMany(_) | Self::Busy => ("status-page status-warning", "clock"),
            Self::CrossSite | Self::Forbidden | Self::Unauthenticated => ("status-page status-warning", "lock"),
            Self::TooLarge | Self::BadRequest | Self::Conflict => ("status-page status-warning", "alert-triangle"),
            Self::Internal => ("status-page status-danger", "x-circle"),
        }
    }
}

/// The page. `path` is where a second try goes, when trying again can help.
#[must_use]
pub fn render(info: &RequestInfo, fault: Fault, path: &str) -> String {
    let locale = info.locale;
    let title = t(locale, fault.title());
    let again = matches!(fault, Fault::TooMany(_) | Fault::Busy | Fault::Internal).then(|| path.to_owned());
    let request = info.origin.request_id.clone();
    let for_body = info.clone();
    page(HostedPage::new(title, info), move || {
        let (class, mark) = fault.look();
        view! {
            <main class=class id="main">
                {brand()}
                <div class="status-icon">{icon(mark)}</div>
                <h1>{title}</h1>
                <p>{fault.body(locale)}</p>
                <div class="cluster">
                    {again.map(|path| view! { <a class="btn btn-primary" href=path>{t(locale, k::ERROR_PAGE_AGAIN)}</a> })}
                    {match fault {
                        Fault::Unauthenticated => view! { <a class="btn btn-primary" href="/login">{t(locale, k::AUTH_LOGIN_TITLE)}</a> }.into_any(),
                        _ => view! { <a class="btn" href="/">{t(locale, k::ERROR_PAGE_HOME)}</a> }.into_any(),
                    }}
                </div>
                {request.map(|id| view! {
                    <p class="muted small">{t(locale, k::ERROR_PAGE_REQUEST)} " " <bdi class="mono" dir="ltr">{id}</bdi></p>
                })}
            </main>
            {footer(&for_body, "/")}
        }
    })
}
