//! Merchants.

use crate::{StoreError, Tx, changed_one};
use domain::{MerchantId, Timestamp, states::MerchantStatus};

statements! {
    INSERT = "insert into merchants (id, name, status, timezone, default_currency, created_at) values ($1, $2, $3, $4, $5, $6)";
    GET = "select id, name, status, status_reason, country, timezone, default_currency, support_email, support_url, statement_name, \
           brand_color, logo_file_id, return_origins, late_success, created_at, version from merchants where id = $1";
    LOCK = "update merchants set status = status where id = $1";
    RENAME_NEW = "update merchants set name = $2 where id = $1 and version = 1";
    UPDATE_SETTINGS = "update merchants set name = $3, statement_name = $4, support_email = $5, support_url = $6, timezone = $7, \
                       default_currency = $8, brand_color = $9, return_origins = $10, late_success = $11, version = version + 1 \
                       where id = $1 and version = $2";
    SET_LOGO = "update merchants set logo_file_id = $2, version = version + 1 where id = $1";
    SET_STATUS = "update merchants set status = $3, status_reason = $4, version = version + 1 where id = $1 and status = $2";
    SET_COUNTRY = "update merchants set country = $2 where id = $1";
    LIST_OLDER = "select m.id, m.name, m.status, a.status as application, coalesce(m.country, a.country) as country, m.created_at \
                  from merchants m left join applications a on a.merchant_id = m.id \
                  where (cast($1 as text) is null or m.status = $1) \
                  and (cast($2 as text) is null or lower(m.name) like $2 escape '!' or m.id = $3) \
                  and (m.created_at, m.id) < ($4, $5) order by m.created_at desc, m.id desc limit $6";
    LIST_NEWER = "select m.id, m.name, m.status, a.status as application, coalesce(m.country, a.country) as country, m.created_at \
                  from merchants m left join applications a on a.merchant_id = m.id \
                  where (cast($1 as text) is null or m.status = $1) \
                  and (cast($2 as text) is null or lower(m.name) like $2 escape '!' or m.id = $3) \
                  and (m.created_at, m.id) > ($4, $5) order by m.created_at, m.id limit $6";
    HOME = "select \
            (select count(*) from applications where status in ('submitted', 'in_review')) as waiting, \
            (select count(*) from applications where status in ('submitted', 'in_review') and assigned_to is null) as unassigned, \
            (select count(*) from merchants where status = 'active') as active_merchants, \
            (select count(*) from merchants where status = 'suspended') as suspended_merchants, \
            (select count(*) from jobs where status = 'dead') as dead_jobs, \
            (select count(*) from operations where next_check_at is not null and status = 'unknown') as unknown_payments, \
            (select count(*) from mails where status = 'failed') as failed_mails";
}

/// A merchant.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
#[allow(missing_docs, reason = "named as the columns are")]
pub struct MerchantRow {
    pub id: String,
    pub name: String,
    pub status: String,
    pub status_reason: Option<String>,
    pub country: Option<String>,
    pub timezone: String,
    pub default_currency: String,
    pub support_email: Option<String>,
    pub support_url: Option<String>,
    pub statement_name: Option<String>,
    pub brand_color: Option<String>,
    pub logo_file_id: Option<String>,
    /// A JSON array of origins.
    pub return_origins: String,
    /// What becomes of late money: `accept` or `refund`.
    pub late_success: String,
    pub created_at: i64,
    pub version: i64,
}

/// A merchant to be.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "named as the columns are")]
pub struct NewMerchant {
    pub id: MerchantId,
    pub name: String,
    pub timezone: String,
    pub default_currency: String,
    pub created_at: Timestamp,
}

/// What the settings page changes.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "named as the columns are")]
pub struct Settings {
    pub name: String,
    pub statement_name: Option<String>,
    pub support_email: Option<String>,
    pub support_url: Option<String>,
    pub timezone: String,
    pub default_currency: String,
    pub brand_color: Option<String>,
    pub return_origins: String,
    pub late_success: String,
}

/// A row of the operator's list.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
#[allow(missing_docs, reason = "named as the columns are")]
pub struct ListedMerchant {
    pub id: String,
    pub name: String,
    pub status: String,
    pub application: Option<String>,
    pub country: Option<String>,
    pub created_at: i64,
}

/// The operator's list: which rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListFilter {
    /// Only this state.
    pub status: Option<String>,
    /// A pattern for the name in lower case, escaped with `!`.
    pub like: Option<String>,
    /// An id that is found whatever its name is.
    pub id: String,
    /// From where.
    pub from: (i64, String),
    /// How many.
    pub limit: i64,
}

/// Numbers of the operator's home page.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
#[allow(missing_docs, reason = "named as the columns are")]
pub struct HomeRow {
    pub waiting: i64,
    pub unassigned: i64,
    pub active_merchants: i64,
    pub suspended_merchants: i64,
    pub dead_jobs: i64,
    pub unknown_payments: i64,
    pub failed_mails: i64,
}

/// Adds a merchant, for test mode only until it is approved.
///
/// # Errors
/// The database's.
pub async fn insert(tx: &mut Tx, merchant: &NewMerchant) -> Result<(), StoreError> {
    on!(tx, |c| sqlx::query(INSERT)
        .bind(merchant.id.as_str())
        .bind(&merchant.name)
        .bind(MerchantStatus::Onboarding.as_str())
        .bind(&merchant.timezone)
        .bind(&merchant.default_currency)
        .bind(merchant.created_at.millis())
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// A merchant by id.
///
/// # Errors
/// The database's.
pub async fn get(tx: &mut Tx, id: &MerchantId) -> Result<Option<MerchantRow>, StoreError> {
    Ok(on!(tx, |c| sqlx::query_as(GET).bind(id.as_str()).fetch_optional(c).await)?)
}

/// Makes units about the same merchant's team wait for each other.
///
/// # Errors
/// The database's.
pub async fn lock(tx: &mut Tx, id: &MerchantId) -> Result<bool, StoreError> {
    let done = on!(tx, |c| sqlx::query(LOCK).bind(id.as_str()).execute(c).await.map(|d| d.rows_affected()))?;
    changed_one(done)
}

/// Renames a merchant whose settings nobody has touched.
///
/// # Errors
/// The database's.
pub async fn rename_new(tx: &mut Tx, id: &MerchantId, name: &str) -> Result<bool, StoreError> {
    let done =
        on!(tx, |c| sqlx::query(RENAME_NEW).bind(id.as_str()).bind(name).execute(c).await.map(|d| d.rows_affected()))?;
    changed_one(done)
}

/// Stores settings; false when the version is another.
///
/// # Errors
/// The database's.
pub async fn update_settings(tx: &mut Tx, id: &MerchantId, version: i64, s: &Settings) -> Result<bool, StoreError> {
    let done = on!(tx, |c| sqlx::query(UPDATE_SETTINGS)
        .bind(id.as_str())
        .bind(version)
        .bind(&s.name)
        .bind(&s.statement_name)
        .bind(&s.support_email)
        .bind(&s.support_url)
        .bind(&s.timezone)
        .bind(&s.default_currency)
        .bind(&s.brand_color)
        .bind(&s.return_origins)
        .bind(&s.late_success)
        .execute(c)
        .await
        .map(|d| d.rows_affected()))?;
    changed_one(done)
}

/// Sets or removes the logo.
///
/// # Errors
/// The database's.
pub async fn set_logo(tx: &mut Tx, id: &MerchantId, file: Option<&str>) -> Result<bool, StoreError> {
    let done =
        on!(tx, |c| sqlx::query(SET_LOGO).bind(id.as_str()).bind(file).execute(c).await.map(|d| d.rows_affected()))?;
    changed_one(done)
}

/// Moves a merchant from one state to another; false when it is not in the first.
///
/// # Errors
/// The database's.
pub async fn set_status(
    tx: &mut Tx,
    id: &MerchantId,
    from: MerchantStatus,
    to: MerchantStatus,
    reason: Option<&str>,
) -> Result<bool, StoreError> {
    if !from.may_become(to) {
        return Ok(false);
    }
    let done = on!(tx, |c| sqlx::query(SET_STATUS)
        .bind(id.as_str())
        .bind(from.as_str())
        .bind(to.as_str())
        .bind(reason)
        .execute(c)
        .await
        .map(|d| d.rows_affected()))?;
    changed_one(done)
}

/// Sets the country.
///
/// # Errors
/// The database's.
pub async fn set_country(tx: &mut Tx, id: &MerchantId, country: &str) -> Result<(), StoreError> {
    on!(tx, |c| sqlx::query(SET_COUNTRY).bind(id.as_str()).bind(country).execute(c).await.map(drop))?;
    Ok(())
}

/// The operator's list: rows older than a place, the newest first; or (`newer`) rows newer than it, the oldest first.
///
/// # Errors
/// The database's.
pub async fn list(tx: &mut Tx, filter: &ListFilter, newer: bool) -> Result<Vec<ListedMerchant>, StoreError> {
    let sql = if newer { LIST_NEWER } else { LIST_OLDER };
    Ok(on!(tx, |c| sqlx::query_as(sql)
        .bind(&filter.status)
        .bind(&filter.like)
        .bind(&filter.id)
        .bind(filter.from.0)
        .bind(&filter.from.1)
        .bind(filter.limit)
        .fetch_all(c)
        .await)?)
}

/// Numbers of the operator's home page.
///
/// # Errors
/// The database's.
pub async fn home(tx: &mut Tx) -> Result<HomeRow, StoreError> {
    Ok(on!(tx, |c| sqlx::query_as(HOME).fetch_one(c).await)?)
}
