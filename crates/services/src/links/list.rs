//! Payment links in the portal.

use super::link;
use crate::{
    MerchantActor, ServiceError, Services,
    paging::{Asked, Side},
};
use domain::{
    LinkId, Permission,
    views::{Cursor, Page, checkout::PaymentLink, page::PageQuery},
};
use store::links;

/// A page of links, newest first.
///
/// # Errors
/// Forbidden; what is no cursor.
pub async fn list(svc: &Services, actor: &MerchantActor, query: &PageQuery) -> Result<Page<PaymentLink>, ServiceError> {
    actor.require(Permission::ViewPayments)?;
    let asked = Asked::of(query)?;
    let mut tx = svc.db().read().await?;
    let rows = match &asked.side {
        Side::Older(than) => links::older(&mut tx, &actor.scope, than, asked.rows()).await?,
        Side::Newer(than) => links::newer(&mut tx, &actor.scope, than, asked.rows()).await?,
    };
    drop(tx);
    let rows = rows.into_iter().map(|row| link(svc, row)).collect::<Result<Vec<_>, _>>()?;
    Ok(asked.page(rows, |link| Cursor { at: link.created_at, id: link.id.to_string() }))
}

/// One link.
///
/// # Errors
/// Forbidden; not found.
pub async fn get(svc: &Services, actor: &MerchantActor, id: &LinkId) -> Result<PaymentLink, ServiceError> {
    actor.require(Permission::ViewPayments)?;
    let row = links::get(&mut svc.db().read().await?, &actor.scope, id).await?;
    link(svc, row.ok_or_else(ServiceError::not_found)?)
}
