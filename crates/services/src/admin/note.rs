//! Writes a note that only staff read.

use crate::{ServiceError, Services, StaffActor};
use domain::MerchantId;

/// Writes a note that only staff read.
///
/// # Errors
/// What [`ServiceError`] tells.
pub async fn add_note(svc: &Services, staff: &StaffActor, merchant: &MerchantId, text: &str) -> Result<(), ServiceError> {
    let _ = (svc, staff, merchant, text,);
    Err(ServiceError::Fault(String::from("not built yet")))
}

/// Ticks or clears a point of the checklist.
///
/// # Errors
/// What [`ServiceError`] tells.
pub async fn set_check(svc: &Services, staff: &StaffActor, merchant: &MerchantId, item: &str, done: bool) -> Result<(), ServiceError> {
    let _ = (svc, staff, merchant, item, done,);
    Err(ServiceError::Fault(String::from("not built yet")))
}
