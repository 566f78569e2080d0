//! The queue of applications.

use crate::{ServiceError, Services, StaffActor, rows};
use domain::{
    FieldProblem, Timestamp,
    problem::codes,
    states::ApplicationStatus,
    validate::country,
    views::{
        Cursor, Page,
        admin::{QueueFilter, QueueRow},
    },
};
use store::applications::{self, QueuedRow};

/// Rows a page.
const PAGE: usize = 50;

/// Applications, the one that waits longest first. It goes forward only: pages before are in the browser's history.
///
/// # Errors
/// Fields `status`, `assigned`, `country`, `after`; the database's.
pub async fn queue(svc: &Services, staff: &StaffActor, filter: &QueueFilter) -> Result<Page<QueueRow>, ServiceError> {
    let wanted = wanted(staff, filter).map_err(ServiceError::fields)?;
    let mut tx = svc.db().read().await?;
    let mut found = applications::queue(&mut tx, &wanted).await?;
    let more = found.len() > PAGE;
    found.truncate(PAGE);
    let items = found.into_iter().map(shown).collect::<Result<Vec<_>, _>>()?;
    let last = items.last().filter(|_| more);
    let next = last.and_then(|row| Some(Cursor { at: row.submitted_at?, id: row.id.as_str().to_owned() }.encode()));
    Ok(Page { items, next, previous: None })
}

fn wanted(staff: &StaffActor, filter: &QueueFilter) -> Result<applications::QueueFilter, Vec<FieldProblem>> {
    let bad = |field: &str| vec![FieldProblem::new(field, codes::BAD_CHOICE)];
    let status = rows::given(filter.status.as_deref());
    if let Some(status) = &status {
        status.parse::<ApplicationStatus>().map_err(|()| bad("status"))?;
    }
    let (assigned_to, unassigned) = match rows::given(filter.assigned.as_deref()).as_deref() {
        None => (None, false),
        Some("me") => (Some(staff.user_id.as_str().to_owned()), false),
        Some("nobody") => (None, true),
        Some(_) => return Err(bad("assigned")),
    };
    let country = match rows::given(filter.country.as_deref()) {
        None => None,
        Some(typed) => Some(country::find(&typed).ok_or_else(|| bad("country"))?.to_owned()),
    };
    let from = match rows::given(filter.after.as_deref()) {
        None => (i64::MIN, String::new()),
        Some(text) => Cursor::decode(&text).map(|c| (c.at.millis(), c.id)).ok_or_else(|| bad("after"))?,
    };
    let limit = i64::try_from(PAGE + 1).unwrap_or(51);
    Ok(applications::QueueFilter {
        status,
        assigned_to,
        unassigned,
        country,
        like: rows::like(filter.q.as_deref()),
        from,
        limit,
    })
}

fn shown(row: QueuedRow) -> Result<QueueRow, ServiceError> {
    Ok(QueueRow {
        id: rows::read(&row.id)?,
        merchant_id: rows::read(&row.merchant_id)?,
        merchant_name: row.merchant_name,
        legal_name: row.legal_name,
        country: row.country,
        category: row.category,
        status: rows::read(&row.status)?,
        assigned_to: row.assigned_to,
        submitted_at: row.submitted_at.map(Timestamp),
    })
}
