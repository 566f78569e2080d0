//! Opens a merchant's document; that is written to the merchant's audit log.

use crate::{ServiceError, Services, StaffActor};
use domain::{FileId, MerchantId, views::application::Document};

/// Opens a merchant's document; that is written to the merchant's audit log.
///
/// # Errors
/// What [`ServiceError`] tells.
pub async fn document(svc: &Services, staff: &StaffActor, merchant: &MerchantId, id: &FileId) -> Result<(Document, Vec<u8>), ServiceError> {
    let _ = (svc, staff, merchant, id,);
    Err(ServiceError::Fault(String::from("not built yet")))
}
