//! The mail outbox, newest first.

use crate::{ServiceError, Services, StaffActor};
use domain::{MailId, views::{Page, admin::{MailRow, MailView}, page::PageQuery}};

/// The mail outbox, newest first.
///
/// # Errors
/// What [`ServiceError`] tells.
pub async fn mails(svc: &Services, staff: &StaffActor, query: &PageQuery) -> Result<Page<MailRow>, ServiceError> {
    let _ = (svc, staff, query,);
    Err(ServiceError::Fault(String::from("not built yet")))
}

/// A mail, opened; that is written to the operator's audit log.
///
/// # Errors
/// What [`ServiceError`] tells.
pub async fn mail(svc: &Services, staff: &StaffActor, id: &MailId) -> Result<MailView, ServiceError> {
    let _ = (svc, staff, id,);
    Err(ServiceError::Fault(String::from("not built yet")))
}
