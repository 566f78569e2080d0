//! Opens a merchant's document.

use crate::{
    ServiceError, Services, StaffActor,
    audit::{self, Entry},
    files,
};
use domain::{FileId, MerchantId, views::application::Document};

/// Opens a merchant's document; that is written to the merchant's audit log before the bytes are given.
///
/// # Errors
/// Forbidden; not found; the database's.
pub async fn document(
    svc: &Services,
    staff: &StaffActor,
    merchant: &MerchantId,
    id: &FileId,
) -> Result<(Document, Vec<u8>), ServiceError> {
    staff.require_review()?;
    let mut tx = svc.db().read().await?;
    let opened = files::open_document(svc, &mut tx, merchant, id).await?;
    drop(tx);
    let entry = Entry::by_staff(staff, merchant, svc.now(), "document.open").on(id);
    svc.db()
        .write(&entry, |tx, entry| Box::pin(async move { audit::append(tx, entry).await.map_err(ServiceError::from) }))
        .await?;
    Ok(opened)
}
