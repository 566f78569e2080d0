//! How a server function fails: with a problem, as every door does.

use domain::{Problem, ProblemKind, problem::codes};
use leptos::server_fn::codec::JsonEncoding;
use leptos::server_fn::error::{FromServerFnError, ServerFnErrorErr};
use serde::{Deserialize, Serialize};

/// A problem on its way to the browser, as JSON, under the status of its kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ApiError(pub Problem);

impl FromServerFnError for ApiError {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        use ServerFnErrorErr as E;
        let (kind, code) = match error {
            // The browser did not get an answer, or not one of ours (a proxy's page, a cut connection).
            E::Request(_) | E::Deserialization(_) | E::Response(_) => (ProblemKind::Unavailable, "network"),
            E::Args(_) | E::MissingArg(_) | E::Serialization(_) => (ProblemKind::Invalid, codes::FORM_INVALID),
            _ => (ProblemKind::Internal, codes::INTERNAL),
        };
        #[cfg(feature = "ssr")]
        super::server::set_status(kind);
        Self(Problem::new(kind, code))
    }
}

impl ApiError {
    /// A problem that a page finds itself, while it is rendered. The answer gets its status; unlike a server function's, it has
    /// no request id: the browser makes the same page without one when it takes over.
    #[must_use]
    pub fn on_page(kind: ProblemKind, code: &'static str) -> Self {
        #[cfg(feature = "ssr")]
        super::server::set_status(kind);
        Self(Problem::new(kind, code))
    }
}

impl From<Problem> for ApiError {
    fn from(problem: Problem) -> Self {
        #[cfg(feature = "ssr")]
        let problem = super::server::answered(problem);
        Self(problem)
    }
}

#[cfg(feature = "ssr")]
impl From<services::ServiceError> for ApiError {
    fn from(error: services::ServiceError) -> Self {
        error.into_problem().into()
    }
}
