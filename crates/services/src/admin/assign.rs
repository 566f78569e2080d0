//! Gives an application to a reviewer, or back to everybody.

use crate::{ServiceError, Services, StaffActor};
use domain::{MerchantId, UserId};

/// Gives an application to a reviewer, or back to everybody.
///
/// # Errors
/// What [`ServiceError`] tells.
pub async fn assign(svc: &Services, staff: &StaffActor, merchant: &MerchantId, assignee: Option<&UserId>) -> Result<(), ServiceError> {
    let _ = (svc, staff, merchant, assignee,);
    Err(ServiceError::Fault(String::from("not built yet")))
}
