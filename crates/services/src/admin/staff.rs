//! The operator's staff.

use crate::{ServiceError, Services, StaffActor};
use domain::{UserId, views::admin::StaffRow};

/// The operator's staff.
///
/// # Errors
/// What [`ServiceError`] tells.
pub async fn staff(svc: &Services, staff: &StaffActor) -> Result<Vec<StaffRow>, ServiceError> {
    let _ = (svc, staff,);
    Err(ServiceError::Fault(String::from("not built yet")))
}

/// Makes an account for a colleague, who gets a link to set a password; `role` as typed.
///
/// # Errors
/// What [`ServiceError`] tells.
pub async fn create_staff(svc: &Services, staff: &StaffActor, name: &str, email: &str, role: &str) -> Result<UserId, ServiceError> {
    let _ = (svc, staff, name, email, role,);
    Err(ServiceError::Fault(String::from("not built yet")))
}

/// Closes or opens a colleague's account.
///
/// # Errors
/// What [`ServiceError`] tells.
pub async fn set_staff_disabled(svc: &Services, staff: &StaffActor, user: &UserId, disabled: bool) -> Result<(), ServiceError> {
    let _ = (svc, staff, user, disabled,);
    Err(ServiceError::Fault(String::from("not built yet")))
}
