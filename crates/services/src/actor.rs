//! Who acts, from where.

use crate::ServiceError;
use domain::{MerchantRole, Permission, Problem, ProblemKind, Scope, StaffRole, UserId, problem::codes};

/// Where a request came from, for the audit log.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origin {
    /// The client's address.
    pub ip: Option<String>,
    /// The browser's own description.
    pub user_agent: Option<String>,
    /// The request's id.
    pub request_id: Option<String>,
}

/// A member of a merchant's team, at work in one mode. Made by `access::enter`, which has checked the membership.
#[derive(Debug, Clone)]
pub struct MerchantActor {
    /// The person.
    pub user_id: UserId,
    /// Their role at this merchant.
    pub role: MerchantRole,
    /// The merchant and the mode.
    pub scope: Scope,
    /// Where the request came from.
    pub origin: Origin,
}

impl MerchantActor {
    /// Refuses when the role lacks a right.
    ///
    /// # Errors
    /// [`ProblemKind::Forbidden`].
    pub fn require(&self, permission: Permission) -> Result<(), ServiceError> {
        if self.role.may(permission) { Ok(()) } else { Err(forbidden()) }
    }
}

/// One of the operator's staff. Made by `access::enter_staff`.
#[derive(Debug, Clone)]
pub struct StaffActor {
    /// The person.
    pub user_id: UserId,
    /// Their role.
    pub role: StaffRole,
    /// Where the request came from.
    pub origin: Origin,
}

impl StaffActor {
    /// Refuses unless this role decides applications.
    ///
    /// # Errors
    /// [`ProblemKind::Forbidden`].
    pub fn require_review(&self) -> Result<(), ServiceError> {
        if self.role.may_review() { Ok(()) } else { Err(forbidden()) }
    }

    /// Refuses unless this role manages staff and system.
    ///
    /// # Errors
    /// [`ProblemKind::Forbidden`].
    pub fn require_operate(&self) -> Result<(), ServiceError> {
        if self.role.may_operate() { Ok(()) } else { Err(forbidden()) }
    }
}

fn forbidden() -> ServiceError {
    ServiceError::Problem(Problem::new(ProblemKind::Forbidden, codes::FORBIDDEN))
}
