//! Numbers of the operator's home page.

use crate::{ServiceError, Services, StaffActor};
use domain::views::admin::AdminHome;
use store::merchants;

/// Numbers of the operator's home page.
///
/// # Errors
/// The database's.
pub async fn home(svc: &Services, _staff: &StaffActor) -> Result<AdminHome, ServiceError> {
    let mut tx = svc.db().read().await?;
    let row = merchants::home(&mut tx).await?;
    Ok(AdminHome {
        waiting: row.waiting,
        unassigned: row.unassigned,
        active_merchants: row.active_merchants,
        suspended_merchants: row.suspended_merchants,
        dead_jobs: row.dead_jobs,
        unknown_payments: row.unknown_payments,
        failed_mails: row.failed_mails,
    })
}
