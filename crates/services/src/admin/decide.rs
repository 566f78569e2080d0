//! Approves: live mode works from here on. `version` is the application's, as the reviewer saw it.

use crate::{ServiceError, Services, StaffActor};
use domain::MerchantId;

/// Approves: live mode works from here on. `version` is the application's, as the reviewer saw it.
///
/// # Errors
/// What [`ServiceError`] tells.
pub async fn approve(svc: &Services, staff: &StaffActor, merchant: &MerchantId, version: i64) -> Result<(), ServiceError> {
    let _ = (svc, staff, merchant, version,);
    Err(ServiceError::Fault(String::from("not built yet")))
}

/// Asks the merchant for more information.
///
/// # Errors
/// What [`ServiceError`] tells.
pub async fn ask(svc: &Services, staff: &StaffActor, merchant: &MerchantId, version: i64, text: &str) -> Result<(), ServiceError> {
    let _ = (svc, staff, merchant, version, text,);
    Err(ServiceError::Fault(String::from("not built yet")))
}

/// Refuses with a reason that the merchant reads.
///
/// # Errors
/// What [`ServiceError`] tells.
pub async fn deny(svc: &Services, staff: &StaffActor, merchant: &MerchantId, version: i64, text: &str) -> Result<(), ServiceError> {
    let _ = (svc, staff, merchant, version, text,);
    Err(ServiceError::Fault(String::from("not built yet")))
}
