//! A payment link's public page.

use super::link;
use crate::checkout::{branding, may_charge};
use crate::{ServiceError, Services};
use domain::{Mode, Scope, views::checkout::LinkPageView};
use store::{connections, links, payments::parse};

/// What a link's page shows.
///
/// # Errors
/// Not found.
pub async fn page(svc: &Services, token: &str) -> Result<LinkPageView, ServiceError> {
    let mut tx = svc.db().read().await?;
    let row = links::page(&mut tx, token).await?.ok_or_else(ServiceError::not_found)?;
    let scope = Scope { merchant: parse(&row.merchant_id)?, mode: Mode::from_live(row.livemode) };
    let connections = connections::active(&mut tx, &scope).await?;
    drop(tx);
    let currency = parse(&row.link.currency)?;
    let mut taken = false;
    for connection in &connections {
        let allowed = crate::connections::allowed(svc, &connection.provider, scope.mode);
        taken |= allowed && connections::takes(&connection.currencies, currency)?;
    }
    let left = row.link.stock.map(|stock| (stock - row.link.sold).max(0));
    let sells = row.link.active && left != Some(0);
    Ok(LinkPageView {
        mode: scope.mode,
        available: sells && taken && may_charge(&row.seller.merchant_status, scope.mode),
        branding: branding(&row.seller, &row.merchant_id),
        link: link(svc, row.link)?,
        left,
    })
}
