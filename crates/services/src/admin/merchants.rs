//! The operator's list of merchants.

use super::MerchantFilter;
use crate::{
    ServiceError, Services, StaffActor,
    paging::{Asked, Side},
    rows,
};
use domain::{
    FieldProblem, Timestamp,
    problem::codes,
    states::MerchantStatus,
    views::{Cursor, Page, admin::MerchantRow, page::PageQuery},
};
use store::merchants::{self, ListFilter};

/// All merchants, newest first.
///
/// # Errors
/// Field `status`; a bad cursor; the database's.
pub async fn merchants(
    svc: &Services,
    _staff: &StaffActor,
    filter: &MerchantFilter,
) -> Result<Page<MerchantRow>, ServiceError> {
    let status = rows::given(filter.status.as_deref());
    if status.as_ref().is_some_and(|s| s.parse::<MerchantStatus>().is_err()) {
        return Err(ServiceError::fields(vec![FieldProblem::new("status", codes::BAD_CHOICE)]));
    }
    let asked = Asked::of(&PageQuery { after: filter.after.clone(), before: filter.before.clone(), limit: None })?;
    let (newer, from) = match &asked.side {
        Side::Older(from) => (false, from),
        Side::Newer(from) => (true, from),
    };
    let wanted = ListFilter {
        status,
        like: rows::like(filter.q.as_deref()),
        id: rows::given(filter.q.as_deref()).unwrap_or_default(),
        from: (from.at.millis(), from.id.clone()),
        limit: asked.rows(),
    };
    let mut tx = svc.db().read().await?;
    let found = merchants::list(&mut tx, &wanted, newer).await?;
    let page = asked.page(found, |row| Cursor { at: Timestamp(row.created_at), id: row.id.clone() });
    let mut items = Vec::new();
    for row in page.items {
        items.push(MerchantRow {
            id: rows::read(&row.id)?,
            name: row.name,
            status: rows::read(&row.status)?,
            application: rows::read_some(row.application.as_deref())?,
            country: row.country,
            created_at: Timestamp(row.created_at),
        });
    }
    Ok(Page { items, next: page.next, previous: page.previous })
}
