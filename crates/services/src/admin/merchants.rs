//! All merchants, newest first.

use super::MerchantFilter;
use crate::{ServiceError, Services, StaffActor};
use domain::views::{Page, admin::MerchantRow};

/// All merchants, newest first.
///
/// # Errors
/// What [`ServiceError`] tells.
pub async fn merchants(svc: &Services, staff: &StaffActor, filter: &MerchantFilter) -> Result<Page<MerchantRow>, ServiceError> {
    let _ = (svc, staff, filter,);
    Err(ServiceError::Fault(String::from("not built yet")))
}
