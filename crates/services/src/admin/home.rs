//! Numbers of the operator's home page.

use crate::{ServiceError, Services, StaffActor};
use domain::views::admin::AdminHome;

/// Numbers of the operator's home page.
///
/// # Errors
/// What [`ServiceError`] tells.
pub async fn home(svc: &Services, staff: &StaffActor) -> Result<AdminHome, ServiceError> {
    let _ = (svc, staff,);
    Err(ServiceError::Fault(String::from("not built yet")))
}
