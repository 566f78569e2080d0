//! Checkout sessions in the portal.

use super::session;
use crate::{
    MerchantActor, ServiceError, Services,
    paging::{Asked, Side},
};
use domain::{
    Permission, SessionId,
    views::{Cursor, Page, checkout::CheckoutSession, page::PageQuery},
};
use store::sessions;

/// A page of sessions, newest first.
///
/// # Errors
/// Forbidden; what is no cursor.
pub async fn list(
    svc: &Services,
    actor: &MerchantActor,
    query: &PageQuery,
) -> Result<Page<CheckoutSession>, ServiceError> {
    actor.require(Permission::ViewPayments)?;
    let asked = Asked::of(query)?;
    let mut tx = svc.db().read().await?;
    let rows = match &asked.side {
        Side::Older(than) => sessions::older(&mut tx, &actor.scope, than, asked.rows()).await?,
        Side::Newer(than) => sessions::newer(&mut tx, &actor.scope, than, asked.rows()).await?,
    };
    drop(tx);
    let rows = rows.into_iter().map(|row| session(svc, row)).collect::<Result<Vec<_>, _>>()?;
    Ok(asked.page(rows, |session| Cursor { at: session.created_at, id: session.id.to_string() }))
}

/// One session.
///
/// # Errors
/// Forbidden; not found.
pub async fn get(svc: &Services, actor: &MerchantActor, id: &SessionId) -> Result<CheckoutSession, ServiceError> {
    actor.require(Permission::ViewPayments)?;
    let row = sessions::get(&mut svc.db().read().await?, &actor.scope, id).await?;
    session(svc, row.ok_or_else(ServiceError::not_found)?)
}
