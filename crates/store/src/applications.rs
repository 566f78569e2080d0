//! Applications for live mode, with their messages and the reviewer's checklist.

use crate::{StoreError, Tx, changed_one};
use domain::{ApplicationId, MerchantId, MessageId, Timestamp, UserId, states::ApplicationStatus};

statements! {
    INSERT = "insert into applications (merchant_id, id, status, created_at, updated_at) values ($1, $2, 'draft', $3, $3) \
              on conflict do nothing";
    GET = "select merchant_id, id, status, answers, legal_name, country, category, assigned_to, created_at, updated_at, submitted_at, \
           decided_at, version from applications where merchant_id = $1";
    SAVE = "update applications set answers = $3, legal_name = $4, country = $5, category = $6, updated_at = $7, version = version + 1 \
            where merchant_id = $1 and version = $2 and status in ('draft', 'more_information', 'denied')";
    TOUCH_EDITABLE = "update applications set updated_at = $2 \
                      where merchant_id = $1 and status in ('draft', 'more_information', 'denied')";
    SUBMIT = "update applications set status = 'submitted', submitted_at = $4, updated_at = $4, decided_at = null, version = version + 1 \
              where merchant_id = $1 and status = $2 and version = $3";
    DECIDE = "update applications set status = $4, decided_at = $5, updated_at = $5, version = version + 1, \
              assigned_to = coalesce(assigned_to, $6) where merchant_id = $1 and status = $2 and version = $3";
    ASSIGN = "update applications set status = $4, assigned_to = $5, updated_at = $6, version = version + 1 \
              where merchant_id = $1 and status = $2 and version = $3";
    ADD_MESSAGE = "insert into application_messages (merchant_id, id, kind, author_id, body, created_at) values ($1, $2, $3, $4, $5, $6)";
    MESSAGES = "select m.kind, u.name as author, u.staff_role, m.body, m.created_at from application_messages m \
                join users u on u.id = m.author_id where m.merchant_id = $1 order by m.created_at, m.id";
    CHECK = "insert into application_checks (merchant_id, item, checked_by, checked_at) values ($1, $2, $3, $4) on conflict do nothing";
    UNCHECK = "delete from application_checks where merchant_id = $1 and item = $2";
    CLEAR_CHECKS = "delete from application_checks where merchant_id = $1";
    CHECKS = "select k.item, u.name, k.checked_at from application_checks k join users u on u.id = k.checked_by where k.merchant_id = $1";
    QUEUE = "select a.id, a.merchant_id, m.name as merchant_name, a.legal_name, a.country, a.category, a.status, u.name as assigned_to, \
             a.submitted_at from applications a join merchants m on m.id = a.merchant_id left join users u on u.id = a.assigned_to \
             where a.submitted_at is not null \
             and (case when cast($1 as text) is null then a.status in ('submitted', 'in_review') else a.status = $1 end) \
             and (cast($2 as text) is null or a.assigned_to = $2) \
             and ($3 = 0 or a.assigned_to is null) \
             and (cast($4 as text) is null or a.country = $4) \
             and (cast($5 as text) is null or lower(m.name) like $5 escape '!' or lower(a.legal_name) like $5 escape '!') \
             and (a.submitted_at, a.id) > ($6, $7) order by a.submitted_at, a.id limit $8";
}

/// An application.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
#[allow(missing_docs, reason = "named as the columns are")]
pub struct ApplicationRow {
    pub merchant_id: String,
    pub id: String,
    pub status: String,
    pub answers: Option<Vec<u8>>,
    pub legal_name: Option<String>,
    pub country: Option<String>,
    pub category: Option<String>,
    pub assigned_to: Option<String>,
    pub created_at: i64,
    pub updated_at: i64,
    pub submitted_at: Option<i64>,
    pub decided_at: Option<i64>,
    pub version: i64,
}

/// Answers to store: sealed, and what the queue shows of them.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "named as the columns are")]
pub struct SavedAnswers {
    pub answers: Vec<u8>,
    pub legal_name: Option<String>,
    pub country: Option<String>,
    pub category: Option<String>,
}

/// A message or note to be.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "named as the columns are")]
pub struct NewMessage<'a> {
    pub id: &'a MessageId,
    pub kind: &'static str,
    pub author: &'a UserId,
    pub body: &'a str,
    pub at: Timestamp,
}

/// A message or note.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
#[allow(missing_docs, reason = "named as the columns are")]
pub struct MessageRow {
    pub kind: String,
    pub author: String,
    pub staff_role: Option<String>,
    pub body: String,
    pub created_at: i64,
}

/// A ticked point of the checklist: item, who, when.
pub type CheckRow = (String, String, i64);

/// A row of the queue.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
#[allow(missing_docs, reason = "named as the columns are")]
pub struct QueuedRow {
    pub id: String,
    pub merchant_id: String,
    pub merchant_name: String,
    pub legal_name: Option<String>,
    pub country: Option<String>,
    pub category: Option<String>,
    pub status: String,
    pub assigned_to: Option<String>,
    pub submitted_at: Option<i64>,
}

/// Which rows of the queue.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct QueueFilter {
    /// Only this state; none means those that wait.
    pub status: Option<String>,
    /// Only this reviewer's.
    pub assigned_to: Option<String>,
    /// Only nobody's.
    pub unassigned: bool,
    /// Only this country.
    pub country: Option<String>,
    /// A pattern for names in lower case, escaped with `!`.
    pub like: Option<String>,
    /// After this place.
    pub from: (i64, String),
    /// How many.
    pub limit: i64,
}

/// Begins an application; false when there is one.
///
/// # Errors
/// The database's.
pub async fn insert(tx: &mut Tx, merchant: &MerchantId, id: &ApplicationId, at: Timestamp) -> Result<bool, StoreError> {
    let done = on!(tx, |c| sqlx::query(INSERT)
        .bind(merchant.as_str())
        .bind(id.as_str())
        .bind(at.millis())
        .execute(c)
        .await
        .map(|d| d.rows_affected()))?;
    changed_one(done)
}

/// A merchant's application.
///
/// # Errors
/// The database's.
pub async fn get(tx: &mut Tx, merchant: &MerchantId) -> Result<Option<ApplicationRow>, StoreError> {
    Ok(on!(tx, |c| sqlx::query_as(GET).bind(merchant.as_str()).fetch_optional(c).await)?)
}

/// Stores answers; false when the version is another or the state forbids it.
///
/// # Errors
/// The database's.
pub async fn save(
    tx: &mut Tx,
    merchant: &MerchantId,
    version: i64,
    saved: &SavedAnswers,
    at: Timestamp,
) -> Result<bool, StoreError> {
    let done = on!(tx, |c| sqlx::query(SAVE)
        .bind(merchant.as_str())
        .bind(version)
        .bind(&saved.answers)
        .bind(&saved.legal_name)
        .bind(&saved.country)
        .bind(&saved.category)
        .bind(at.millis())
        .execute(c)
        .await
        .map(|d| d.rows_affected()))?;
    changed_one(done)
}

/// Holds an application that the merchant may change, so that it is not submitted meanwhile; false when it may not be.
///
/// # Errors
/// The database's.
pub async fn touch_editable(tx: &mut Tx, merchant: &MerchantId, at: Timestamp) -> Result<bool, StoreError> {
    let done = on!(tx, |c| sqlx::query(TOUCH_EDITABLE)
        .bind(merchant.as_str())
        .bind(at.millis())
        .execute(c)
        .await
        .map(|d| d.rows_affected()))?;
    changed_one(done)
}

/// Submits; false when another unit was faster or the edge does not exist.
///
/// # Errors
/// The database's.
pub async fn submit(
    tx: &mut Tx,
    merchant: &MerchantId,
    from: ApplicationStatus,
    version: i64,
    at: Timestamp,
) -> Result<bool, StoreError> {
    if !from.may_become(ApplicationStatus::Submitted) {
        return Ok(false);
    }
    let done = on!(tx, |c| sqlx::query(SUBMIT)
        .bind(merchant.as_str())
        .bind(from.as_str())
        .bind(version)
        .bind(at.millis())
        .execute(c)
        .await
        .map(|d| d.rows_affected()))?;
    changed_one(done)
}

/// Decides; false when another unit was faster or the edge does not exist. Whoever decides takes what was nobody's.
///
/// # Errors
/// The database's.
pub async fn decide(
    tx: &mut Tx,
    merchant: &MerchantId,
    edge: (ApplicationStatus, ApplicationStatus),
    version: i64,
    by: &UserId,
    at: Timestamp,
) -> Result<bool, StoreError> {
    if !edge.0.may_become(edge.1) {
        return Ok(false);
    }
    let done = on!(tx, |c| sqlx::query(DECIDE)
        .bind(merchant.as_str())
        .bind(edge.0.as_str())
        .bind(version)
        .bind(edge.1.as_str())
        .bind(at.millis())
        .bind(by.as_str())
        .execute(c)
        .await
        .map(|d| d.rows_affected()))?;
    changed_one(done)
}

/// Gives an application to a reviewer or to nobody, and moves it between `submitted` and `in_review` with that.
///
/// # Errors
/// The database's.
pub async fn assign(
    tx: &mut Tx,
    row: &ApplicationRow,
    to: ApplicationStatus,
    reviewer: Option<&UserId>,
    at: Timestamp,
) -> Result<bool, StoreError> {
    let done = on!(tx, |c| sqlx::query(ASSIGN)
        .bind(&row.merchant_id)
        .bind(&row.status)
        .bind(row.version)
        .bind(to.as_str())
        .bind(reviewer.map(UserId::as_str))
        .bind(at.millis())
        .execute(c)
        .await
        .map(|d| d.rows_affected()))?;
    changed_one(done)
}

/// Adds a message or note.
///
/// # Errors
/// The database's.
pub async fn add_message(tx: &mut Tx, merchant: &MerchantId, message: &NewMessage<'_>) -> Result<(), StoreError> {
    on!(tx, |c| sqlx::query(ADD_MESSAGE)
        .bind(merchant.as_str())
        .bind(message.id.as_str())
        .bind(message.kind)
        .bind(message.author.as_str())
        .bind(message.body)
        .bind(message.at.millis())
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// Every message and note, the oldest first.
///
/// # Errors
/// The database's.
pub async fn messages(tx: &mut Tx, merchant: &MerchantId) -> Result<Vec<MessageRow>, StoreError> {
    Ok(on!(tx, |c| sqlx::query_as(MESSAGES).bind(merchant.as_str()).fetch_all(c).await)?)
}

/// Ticks a point of the checklist; who ticked first stays.
///
/// # Errors
/// The database's.
pub async fn check(
    tx: &mut Tx,
    merchant: &MerchantId,
    item: &str,
    by: &UserId,
    at: Timestamp,
) -> Result<bool, StoreError> {
    let done = on!(tx, |c| sqlx::query(CHECK)
        .bind(merchant.as_str())
        .bind(item)
        .bind(by.as_str())
        .bind(at.millis())
        .execute(c)
        .await
        .map(|d| d.rows_affected()))?;
    changed_one(done)
}

/// Clears a point of the checklist.
///
/// # Errors
/// The database's.
pub async fn uncheck(tx: &mut Tx, merchant: &MerchantId, item: &str) -> Result<bool, StoreError> {
    let done = on!(tx, |c| sqlx::query(UNCHECK)
        .bind(merchant.as_str())
        .bind(item)
        .execute(c)
        .await
        .map(|d| d.rows_affected()))?;
    changed_one(done)
}

/// Clears the whole checklist, when the merchant submits anew.
///
/// # Errors
/// The database's.
pub async fn clear_checks(tx: &mut Tx, merchant: &MerchantId) -> Result<(), StoreError> {
    on!(tx, |c| sqlx::query(CLEAR_CHECKS).bind(merchant.as_str()).execute(c).await.map(drop))?;
    Ok(())
}

/// The ticked points of the checklist.
///
/// # Errors
/// The database's.
pub async fn checks(tx: &mut Tx, merchant: &MerchantId) -> Result<Vec<CheckRow>, StoreError> {
    Ok(on!(tx, |c| sqlx::query_as(CHECKS).bind(merchant.as_str()).fetch_all(c).await)?)
}

/// The queue, the one that waits longest first.
///
/// # Errors
/// The database's.
pub async fn queue(tx: &mut Tx, filter: &QueueFilter) -> Result<Vec<QueuedRow>, StoreError> {
    Ok(on!(tx, |c| sqlx::query_as(QUEUE)
        .bind(&filter.status)
        .bind(&filter.assigned_to)
        .bind(i64::from(filter.unassigned))
        .bind(&filter.country)
        .bind(&filter.like)
        .bind(filter.from.0)
        .bind(&filter.from.1)
        .bind(filter.limit)
        .fetch_all(c)
        .await)?)
}
