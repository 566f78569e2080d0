//! Jobs that were laid aside after they had failed too often, and mails that were given up: looked at, tried again, discarded.

use crate::{
    ServiceError, Services, StaffActor,
    audit::{self, Entry},
    paging::{Asked, Side},
    rows,
};
use domain::{
    JobId, MailId, ProblemKind, Timestamp,
    problem::money,
    validate::{Wrong, text},
    views::{
        Cursor, Page,
        admin::{JobFilter, JobRow, JobsView},
        page::PageQuery,
    },
};
use store::{
    Tx,
    jobs::{self, Aside},
    mails,
};

/// Longest reason.
const REASON_MAX: usize = 500;

fn shown(row: Aside) -> Result<JobRow, ServiceError> {
    let merchant = match (row.merchant_id, row.merchant_name) {
        (Some(id), Some(name)) => Some((rows::read(&id)?, name)),
        _ => None,
    };
    Ok(JobRow {
        id: rows::read(&row.id)?,
        kind: row.kind,
        merchant,
        livemode: row.livemode,
        object: row.object_id,
        tries: row.attempts,
        error: row.last_error,
        created_at: Timestamp(row.created_at),
        failed_at: Timestamp(row.failed_at),
        discard_reason: row.discard_reason,
    })
}

/// Jobs that were laid aside, the latest first. Every member of the staff may look.
///
/// # Errors
/// A bad cursor; the database's.
pub async fn jobs(svc: &Services, staff: &StaffActor, filter: &JobFilter) -> Result<JobsView, ServiceError> {
    let query = PageQuery { after: filter.after.clone(), before: filter.before.clone(), ..PageQuery::default() };
    let asked = Asked::of(&query)?;
    let status = if filter.status.as_deref() == Some("discarded") { "discarded" } else { "dead" };
    let (place, newer) = match &asked.side {
        Side::Older(place) => (place, false),
        Side::Newer(place) => (place, true),
    };
    let mut tx = svc.db().read().await?;
    let found = jobs::aside(&mut tx, status, &(place.at.0, place.id.clone()), newer, asked.rows()).await?;
    let kinds = jobs::kinds_aside(&mut tx).await?;
    drop(tx);
    let page = asked.page(found, |row| Cursor { at: Timestamp(row.failed_at), id: row.id.clone() });
    let items = page.items.into_iter().map(shown).collect::<Result<Vec<_>, _>>()?;
    let page = Page { items, next: page.next, previous: page.previous };
    Ok(JobsView { page, kinds, may_act: staff.role.may_operate() })
}

fn not_aside() -> ServiceError {
    ServiceError::new(ProblemKind::Conflict, money::NOT_ASIDE)
}

/// Makes a job that was laid aside or discarded due again, with all its tries before it.
///
/// # Errors
/// Forbidden; [`money::NOT_ASIDE`]; the database's.
pub async fn retry_job(svc: &Services, staff: &StaffActor, id: &JobId) -> Result<(), ServiceError> {
    staff.require_operate()?;
    let input = (id, Entry::by_operator(staff, svc.now(), "job.retry").on(id));
    svc.db().write(&input, |tx, (id, entry)| Box::pin(retrying(tx, id, entry))).await
}

async fn retrying(tx: &mut Tx, id: &JobId, entry: &Entry) -> Result<(), ServiceError> {
    let kind = jobs::revive(tx, id, entry.at).await?.ok_or_else(not_aside)?;
    Ok(audit::append(tx, &entry.clone().with("kind", kind)).await?)
}

/// Makes all jobs of a kind due again that were laid aside; how many.
///
/// # Errors
/// Forbidden; the database's.
pub async fn retry_kind(svc: &Services, staff: &StaffActor, kind: &str) -> Result<u64, ServiceError> {
    staff.require_operate()?;
    let input = (kind, Entry::by_operator(staff, svc.now(), "job.retry_kind").with("kind", kind));
    svc.db().write(&input, |tx, (kind, entry)| Box::pin(retrying_kind(tx, kind, entry))).await
}

async fn retrying_kind(tx: &mut Tx, kind: &str, entry: &Entry) -> Result<u64, ServiceError> {
    let count = jobs::revive_kind(tx, kind, entry.at).await?;
    if count > 0 {
        audit::append(tx, &entry.clone().with("count", count)).await?;
    }
    Ok(count)
}

/// Gives a job up, with a reason. It stays to be seen, and may still be tried again.
///
/// # Errors
/// Forbidden; field `reason`; [`money::NOT_ASIDE`]; the database's.
pub async fn discard_job(svc: &Services, staff: &StaffActor, id: &JobId, reason: &str) -> Result<(), ServiceError> {
    staff.require_operate()?;
    let reason =
        text::paragraph(reason, REASON_MAX).map_err(|wrong: Wrong| ServiceError::fields(vec![wrong.at("reason")]))?;
    let entry = Entry::by_operator(staff, svc.now(), "job.discard").on(id).with("reason", reason.as_str());
    let input = (id, reason, entry);
    svc.db().write(&input, |tx, (id, reason, entry)| Box::pin(discarding(tx, id, reason, entry))).await
}

async fn discarding(tx: &mut Tx, id: &JobId, reason: &str, entry: &Entry) -> Result<(), ServiceError> {
    let kind = jobs::discard(tx, id, reason).await?.ok_or_else(not_aside)?;
    Ok(audit::append(tx, &entry.clone().with("kind", kind)).await?)
}

/// Puts a mail that was given up back into the queue.
///
/// # Errors
/// Forbidden; [`money::NOT_ASIDE`]; the database's.
pub async fn retry_mail(svc: &Services, staff: &StaffActor, id: &MailId) -> Result<(), ServiceError> {
    staff.require_operate()?;
    let input = (id, Entry::by_operator(staff, svc.now(), "mail.retry").on(id));
    svc.db()
        .write(&input, |tx, (id, entry)| {
            Box::pin(async move {
                if !mails::requeue(tx, id, entry.at).await? {
                    return Err(not_aside());
                }
                audit::append(tx, entry).await.map_err(ServiceError::from)
            })
        })
        .await
}

/// Puts every mail that was given up back into the queue; how many.
///
/// # Errors
/// Forbidden; the database's.
pub async fn retry_mails(svc: &Services, staff: &StaffActor) -> Result<u64, ServiceError> {
    staff.require_operate()?;
    let entry = Entry::by_operator(staff, svc.now(), "mail.retry_all");
    svc.db()
        .write(&entry, |tx, entry| {
            Box::pin(async move {
                let count = mails::requeue_all(tx, entry.at).await?;
                if count > 0 {
                    audit::append(tx, &entry.clone().with("count", count)).await?;
                }
                Ok::<_, ServiceError>(count)
            })
        })
        .await
}
