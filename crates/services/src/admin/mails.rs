//! The mail outbox.

use crate::{
    ServiceError, Services, StaffActor,
    audit::{self, Entry},
    paging::{Asked, Side},
    rows,
};
use domain::{
    MailId, Timestamp,
    views::{
        Cursor, Page,
        admin::{MailRow, MailView},
        page::PageQuery,
    },
};
use store::mails;

fn shown(row: &mails::MailRow) -> Result<MailRow, ServiceError> {
    Ok(MailRow {
        id: rows::read(&row.id)?,
        recipient: row.recipient.clone(),
        template: row.template.clone(),
        subject: row.subject.clone(),
        status: row.status.clone(),
        error: row.error.clone(),
        created_at: Timestamp(row.created_at),
    })
}

/// The mail outbox, newest first. Links in mails open doors: only those who manage the system see it.
///
/// # Errors
/// Forbidden; a bad cursor; the database's.
pub async fn mails(svc: &Services, staff: &StaffActor, query: &PageQuery) -> Result<Page<MailRow>, ServiceError> {
    staff.require_operate()?;
    let asked = Asked::of(query)?;
    let mut tx = svc.db().read().await?;
    let found = match &asked.side {
        Side::Older(from) => mails::older(&mut tx, &(from.at.millis(), from.id.clone()), asked.rows()).await?,
        Side::Newer(from) => mails::newer(&mut tx, &(from.at.millis(), from.id.clone()), asked.rows()).await?,
    };
    let page = asked.page(found, |row| Cursor { at: Timestamp(row.created_at), id: row.id.clone() });
    let items = page.items.iter().map(shown).collect::<Result<Vec<_>, _>>()?;
    Ok(Page { items, next: page.next, previous: page.previous })
}

/// A mail, opened; that is written to the operator's audit log.
///
/// # Errors
/// Forbidden; not found; the database's.
pub async fn mail(svc: &Services, staff: &StaffActor, id: &MailId) -> Result<MailView, ServiceError> {
    staff.require_operate()?;
    let mut tx = svc.db().read().await?;
    let row = mails::get(&mut tx, id).await?.ok_or_else(ServiceError::not_found)?;
    drop(tx);
    let entry = Entry::by_operator(staff, svc.now(), "mail.open").on(id);
    svc.db()
        .write(&entry, |tx, entry| Box::pin(async move { audit::append(tx, entry).await.map_err(ServiceError::from) }))
        .await?;
    Ok(MailView { row: shown(&row)?, body_text: row.body_text })
}
