//! The list of refunds.

use crate::{MerchantActor, ServiceError, Services, paging::Asked, payments::filter};
use domain::{
    FieldProblem, Permission,
    problem::codes,
    states::RefundStatus,
    views::{
        Cursor, Page,
        page::PageQuery,
        payment::{Refund, RefundFilter},
    },
};
use store::payment_lists;

/// A page of refunds, newest first.
///
/// # Errors
/// Forbidden; which filters can't be read; the database's.
pub async fn list(svc: &Services, actor: &MerchantActor, filter: RefundFilter) -> Result<Page<Refund>, ServiceError> {
    actor.require(Permission::ViewPayments)?;
    let name = filter.status.as_deref().map(str::trim).filter(|name| !name.is_empty());
    let status = name.and_then(|name| RefundStatus::ALL.iter().find(|status| status.as_str() == name)).copied();
    if name.is_some() && status.is_none() {
        return Err(ServiceError::fields(vec![FieldProblem::new("status", codes::BAD_CHOICE)]));
    }
    let asked = Asked::of(&PageQuery { after: filter.after, before: filter.before, limit: None })?;
    let mut tx = svc.db().read().await?;
    let rows = payment_lists::refunds(&mut tx, &actor.scope, status, &filter::place(&asked), asked.rows()).await?;
    Ok(asked.page(rows, |row| Cursor { at: row.created_at, id: row.id.to_string() }))
}
