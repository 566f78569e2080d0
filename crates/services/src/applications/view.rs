//! The application, begun if there is none yet.

use super::common;
use crate::{MerchantActor, ServiceError, Services};
use domain::{MerchantId, Permission, views::application::ApplicationView};
use store::applications::{self, ApplicationRow};

/// The application, begun if there is none yet.
///
/// # Errors
/// Forbidden; the database's.
pub async fn view(svc: &Services, actor: &MerchantActor) -> Result<ApplicationView, ServiceError> {
    actor.require(Permission::ManageApplication)?;
    let row = begun(svc, &actor.scope.merchant).await?;
    let mut tx = svc.db().read().await?;
    common::view(svc, &mut tx, &row).await
}

/// The row, made if there is none.
pub(super) async fn begun(svc: &Services, merchant: &MerchantId) -> Result<ApplicationRow, ServiceError> {
    let mut tx = svc.db().read().await?;
    if let Some(row) = applications::get(&mut tx, merchant).await? {
        return Ok(row);
    }
    drop(tx);
    let input = (merchant, svc.new_id(), svc.now());
    svc.db()
        .write(&input, |tx, (merchant, id, now)| {
            Box::pin(async move {
                applications::insert(tx, merchant, id, *now).await?;
                applications::get(tx, merchant).await?.ok_or_else(ServiceError::not_found)
            })
        })
        .await
}
