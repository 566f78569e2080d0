//! How a command fails.

use domain::{FieldProblem, Problem, ProblemKind, problem::codes};
use store::{StoreError, UnitError};

/// A refusal that a person can read about, or a fault of the database.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// A refusal.
    #[error("{0}")]
    Problem(Problem),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A fault of ours: something that should not be.
    #[error("{0}")]
    Fault(String),
}

impl From<Problem> for ServiceError {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

impl UnitError for ServiceError {
    fn store_error(&self) -> Option<&StoreError> {
        match self {
            Self::Store(error) => Some(error),
            _ => None,
        }
    }
}

impl ServiceError {
    /// A problem of a kind with a code.
    #[must_use]
    pub fn new(kind: ProblemKind, code: &'static str) -> Self {
        Self::Problem(Problem::new(kind, code))
    }

    /// Not found, or not theirs: the same answer.
    #[must_use]
    pub fn not_found() -> Self {
        Self::new(ProblemKind::NotFound, codes::NOT_FOUND)
    }

    /// Fields that can't be accepted.
    #[must_use]
    pub fn fields(fields: Vec<FieldProblem>) -> Self {
        Self::Problem(Problem::fields(fields))
    }

    /// What a door shows. Faults are logged here, with nothing of them shown.
    #[must_use]
    pub fn into_problem(self) -> Problem {
        match self {
            Self::Problem(problem) => problem,
            Self::Store(StoreError::Busy) => {
                Problem { retry_after: Some(1), ..Problem::new(ProblemKind::Unavailable, codes::BUSY) }
            }
            Self::Store(error) => {
                tracing::error!(%error, "the database failed");
                Problem { retry_after: Some(5), ..Problem::new(ProblemKind::Unavailable, codes::BUSY) }
            }
            Self::Fault(fault) => {
                tracing::error!(%fault, "a fault");
                Problem::new(ProblemKind::Internal, codes::INTERNAL)
            }
        }
    }
}
