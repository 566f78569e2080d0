//! The list of payments.

use super::filter;
use crate::{MerchantActor, ServiceError, Services, zone::Zone};
use domain::{
    Permission,
    views::{
        Cursor, Page,
        payment::{PaymentFilter, PaymentRow},
    },
};
use store::payment_lists;

/// A page of payments, newest first.
///
/// # Errors
/// Forbidden; which filters can't be read; the database's.
pub async fn list(
    svc: &Services,
    actor: &MerchantActor,
    filter: PaymentFilter,
) -> Result<Page<PaymentRow>, ServiceError> {
    actor.require(Permission::ViewPayments)?;
    let mut tx = svc.db().read().await?;
    let zone = if filter::names_days(&filter) { payment_lists::timezone(&mut tx, &actor.scope).await? } else { None };
    let wanted = filter::read(&filter, &Zone::named(zone.as_deref().unwrap_or("UTC")))?;
    let rows = payment_lists::payments(&mut tx, &actor.scope, &wanted.query, wanted.asked.rows()).await?;
    Ok(wanted.asked.page(rows, |row| Cursor { at: row.created_at, id: row.id.to_string() }))
}
