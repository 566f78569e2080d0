//! Stops a merchant's live charging at once, with a reason that the merchant reads.

use crate::{ServiceError, Services, StaffActor};
use domain::MerchantId;

/// Stops a merchant's live charging at once, with a reason that the merchant reads.
///
/// # Errors
/// What [`ServiceError`] tells.
pub async fn suspend(svc: &Services, staff: &StaffActor, merchant: &MerchantId, reason: &str) -> Result<(), ServiceError> {
    let _ = (svc, staff, merchant, reason,);
    Err(ServiceError::Fault(String::from("not built yet")))
}

/// Takes a suspension back.
///
/// # Errors
/// What [`ServiceError`] tells.
pub async fn reinstate(svc: &Services, staff: &StaffActor, merchant: &MerchantId) -> Result<(), ServiceError> {
    let _ = (svc, staff, merchant,);
    Err(ServiceError::Fault(String::from("not built yet")))
}
