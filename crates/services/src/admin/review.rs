//! An application with all that a reviewer needs.

use crate::{ServiceError, Services, StaffActor};
use domain::{MerchantId, views::admin::ReviewView};

/// An application with all that a reviewer needs.
///
/// # Errors
/// What [`ServiceError`] tells.
pub async fn review(svc: &Services, staff: &StaffActor, merchant: &MerchantId) -> Result<ReviewView, ServiceError> {
    let _ = (svc, staff, merchant,);
    Err(ServiceError::Fault(String::from("not built yet")))
}
