//! The time zone that a merchant's pages show times in.

use crate::{ServiceError, Services, zone::Zone};
use domain::{MerchantId, UserId, ZoneTable};
use store::members;

/// The offsets of a merchant's time zone, for a member of its team. Not a member and no such merchant are the same answer: not
/// found.
///
/// # Errors
/// Not found; the database's.
pub async fn zone(svc: &Services, user: &UserId, merchant: &MerchantId) -> Result<ZoneTable, ServiceError> {
    let name = members::timezone(&mut svc.db().read().await?, merchant, user).await?;
    Ok(Zone::named(&name.ok_or_else(ServiceError::not_found)?).table(svc.now()))
}
