//! Mail: written with the change that it tells of, claimed and sent by a worker.

use crate::{Batch, StoreError, Tx, changed_one};
use domain::{MailId, Timestamp};

statements! {
    INSERT = "insert into mails (id, merchant_id, object_id, recipient, template, locale, params, status, next_try_at, created_at) \
              values ($1, $2, $3, $4, $5, $6, $7, 'queued', $8, $8)";
    RECENT = "select count(*) from mails where recipient = $1 and template = $2 and created_at > $3";
    // The outer conditions again: on PostgreSQL a second worker sees the row as the first one left it.
    CLAIM_DUE = "update mails set next_try_at = $2, attempts = attempts + 1 where status = 'queued' and next_try_at <= $1 and id in \
                 (select id from mails where status = 'queued' and next_try_at <= $1 order by next_try_at, id limit $3) \
                 returning id, recipient, template, locale, params, attempts, created_at";
    REQUEUE = "update mails set status = 'queued', next_try_at = $2, requeued_at = $2, attempts = 0 where id = $1 and status = 'failed'";
    REQUEUE_ALL = "update mails set status = 'queued', next_try_at = $1, requeued_at = $1, attempts = 0 where status = 'failed'";
    FINISH = "update mails set status = $2, subject = $3, body_text = $4, body_html = $5, params = $6, error = null, next_try_at = null, \
              sent_at = $7 where id = $1 and status = 'queued'";
    FAIL = "update mails set status = $2, error = $3, next_try_at = $4 where id = $1 and status = 'queued'";
    GET = "select id, merchant_id, recipient, template, subject, body_text, status, error, attempts, created_at, requeued_at from mails where id = $1";
    OLDER = "select id, merchant_id, recipient, template, subject, null as body_text, status, error, attempts, created_at, requeued_at from mails \
             where (created_at, id) < ($1, $2) order by created_at desc, id desc limit $3";
    NEWER = "select id, merchant_id, recipient, template, subject, null as body_text, status, error, attempts, created_at, requeued_at from mails \
             where (created_at, id) > ($1, $2) order by created_at, id limit $3";
}

/// A mail to be.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "named as the columns are")]
pub struct NewMail<'a> {
    pub id: &'a MailId,
    pub merchant_id: Option<&'a str>,
    pub object_id: Option<&'a str>,
    pub recipient: &'a str,
    pub template: &'a str,
    pub locale: &'a str,
    /// JSON.
    pub params: &'a str,
    pub created_at: Timestamp,
}

/// A mail that a worker has claimed.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
#[allow(missing_docs, reason = "named as the columns are")]
pub struct ClaimedMail {
    pub id: String,
    pub recipient: String,
    pub template: String,
    pub locale: String,
    pub params: String,
    pub attempts: i64,
    pub created_at: i64,
}

/// A mail as the operator sees it.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
#[allow(missing_docs, reason = "named as the columns are")]
pub struct MailRow {
    pub id: String,
    pub merchant_id: Option<String>,
    pub recipient: String,
    pub template: String,
    pub subject: Option<String>,
    pub body_text: Option<String>,
    pub status: String,
    pub error: Option<String>,
    pub attempts: i64,
    pub created_at: i64,
    /// When it was last put back into the queue after it had been given up.
    pub requeued_at: Option<i64>,
}

/// What became of a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "named as the columns are")]
pub struct Finished<'a> {
    /// `sent` or `kept`.
    pub status: &'static str,
    pub subject: &'a str,
    pub body_text: Option<&'a str>,
    pub body_html: Option<&'a str>,
    pub params: &'a str,
    pub at: Timestamp,
}

/// Adds a mail to send.
pub fn insert(batch: &mut Batch, mail: &NewMail<'_>) {
    batch
        .add(INSERT)
        .bind(mail.id.as_str())
        .bind(mail.merchant_id)
        .bind(mail.object_id)
        .bind(mail.recipient)
        .bind(mail.template)
        .bind(mail.locale)
        .bind(mail.params)
        .bind(mail.created_at.millis());
}

/// How many mails of a template went to an address since a time.
///
/// # Errors
/// The database's.
pub async fn recent(tx: &mut Tx, recipient: &str, template: &str, since: Timestamp) -> Result<i64, StoreError> {
    let (count,): (i64,) =
        on!(tx, |c| sqlx::query_as(RECENT).bind(recipient).bind(template).bind(since.millis()).fetch_one(c).await)?;
    Ok(count)
}

/// Claims mails that are due until a later time, and counts the try.
///
/// # Errors
/// The database's.
pub async fn claim_due(
    tx: &mut Tx,
    now: Timestamp,
    until: Timestamp,
    limit: i64,
) -> Result<Vec<ClaimedMail>, StoreError> {
    Ok(on!(tx, |c| sqlx::query_as(CLAIM_DUE).bind(now.millis()).bind(until.millis()).bind(limit).fetch_all(c).await)?)
}

/// Notes that a mail has left, or is kept for the operator to read.
///
/// # Errors
/// The database's.
pub async fn finish(tx: &mut Tx, id: &MailId, done: &Finished<'_>) -> Result<bool, StoreError> {
    let sent_at = (done.status == "sent").then_some(done.at.millis());
    let rows = on!(tx, |c| sqlx::query(FINISH)
        .bind(id.as_str())
        .bind(done.status)
        .bind(done.subject)
        .bind(done.body_text)
        .bind(done.body_html)
        .bind(done.params)
        .bind(sent_at)
        .execute(c)
        .await
        .map(|d| d.rows_affected()))?;
    changed_one(rows)
}

/// Notes that a try failed: it is due again at `next`, or given up.
///
/// # Errors
/// The database's.
pub async fn fail(tx: &mut Tx, id: &MailId, error: &str, next: Option<Timestamp>) -> Result<bool, StoreError> {
    let status = if next.is_some() { "queued" } else { "failed" };
    let rows = on!(tx, |c| sqlx::query(FAIL)
        .bind(id.as_str())
        .bind(status)
        .bind(error)
        .bind(next.map(Timestamp::millis))
        .execute(c)
        .await
        .map(|d| d.rows_affected()))?;
    changed_one(rows)
}

/// A mail.
///
/// # Errors
/// The database's.
pub async fn get(tx: &mut Tx, id: &MailId) -> Result<Option<MailRow>, StoreError> {
    Ok(on!(tx, |c| sqlx::query_as(GET).bind(id.as_str()).fetch_optional(c).await)?)
}

/// Mails older than a place, the newest first, without their texts.
///
/// # Errors
/// The database's.
pub async fn older(tx: &mut Tx, from: &(i64, String), limit: i64) -> Result<Vec<MailRow>, StoreError> {
    Ok(on!(tx, |c| sqlx::query_as(OLDER).bind(from.0).bind(&from.1).bind(limit).fetch_all(c).await)?)
}

/// Mails newer than a place, the oldest first, without their texts.
///
/// # Errors
/// The database's.
pub async fn newer(tx: &mut Tx, from: &(i64, String), limit: i64) -> Result<Vec<MailRow>, StoreError> {
    Ok(on!(tx, |c| sqlx::query_as(NEWER).bind(from.0).bind(&from.1).bind(limit).fetch_all(c).await)?)
}

/// Puts a mail that was given up back into the queue; false when it is not given up.
///
/// # Errors
/// The database's.
pub async fn requeue(tx: &mut Tx, id: &MailId, at: Timestamp) -> Result<bool, StoreError> {
    let rows = on!(tx, |c| sqlx::query(REQUEUE)
        .bind(id.as_str())
        .bind(at.millis())
        .execute(c)
        .await
        .map(|d| d.rows_affected()))?;
    changed_one(rows)
}

/// Puts every mail that was given up back into the queue; how many.
///
/// # Errors
/// The database's.
pub async fn requeue_all(tx: &mut Tx, at: Timestamp) -> Result<u64, StoreError> {
    Ok(on!(tx, |c| sqlx::query(REQUEUE_ALL).bind(at.millis()).execute(c).await.map(|d| d.rows_affected()))?)
}
