//! Applications, the one that waits longest first.

use crate::{ServiceError, Services, StaffActor};
use domain::views::{Page, admin::{QueueFilter, QueueRow}};

/// Applications, the one that waits longest first.
///
/// # Errors
/// What [`ServiceError`] tells.
pub async fn queue(svc: &Services, staff: &StaffActor, filter: &QueueFilter) -> Result<Page<QueueRow>, ServiceError> {
    let _ = (svc, staff, filter,);
    Err(ServiceError::Fault(String::from("not built yet")))
}
