//! Who belongs to which merchant's team.

use crate::{StoreError, Tx, changed_one};
use domain::{MerchantId, MerchantRole, Timestamp, UserId};

statements! {
    INSERT = "insert into members (merchant_id, user_id, role, created_at) values ($1, $2, $3, $4) on conflict do nothing";
    ENTER = "select m.role, u.disabled_at from members m join users u on u.id = m.user_id where m.merchant_id = $1 and m.user_id = $2";
    ROLE = "select role from members where merchant_id = $1 and user_id = $2";
    TIMEZONE = "select a.timezone from members m join merchants a on a.id = m.merchant_id \
                where m.merchant_id = $1 and m.user_id = $2";
    OF_USER = "select m.merchant_id, a.name, a.status, m.role from members m join merchants a on a.id = m.merchant_id \
               where m.user_id = $1 order by a.created_at, a.id";
    OF_MERCHANT = "select m.user_id, u.name, u.email, u.email_key, u.locale, m.role, m.created_at \
                   from members m join users u on u.id = m.user_id where m.merchant_id = $1 order by m.created_at, m.user_id";
    SET_ROLE = "update members set role = $4 where merchant_id = $1 and user_id = $2 and role = $3";
    DELETE = "delete from members where merchant_id = $1 and user_id = $2 and role = $3";
    OWNERS = "select count(*) from members where merchant_id = $1 and role = 'owner'";
}

/// One of somebody's merchants.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
#[allow(missing_docs, reason = "named as the columns are")]
pub struct MembershipRow {
    pub merchant_id: String,
    pub name: String,
    pub status: String,
    pub role: String,
}

/// A member of a team.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
#[allow(missing_docs, reason = "named as the columns are")]
pub struct MemberRow {
    pub user_id: String,
    pub name: String,
    pub email: String,
    pub email_key: String,
    pub locale: String,
    pub role: String,
    pub created_at: i64,
}

/// Adds a member; false when the person is one already.
///
/// # Errors
/// The database's.
pub async fn insert(
    tx: &mut Tx,
    merchant: &MerchantId,
    user: &UserId,
    role: MerchantRole,
    at: Timestamp,
) -> Result<bool, StoreError> {
    let done = on!(tx, |c| sqlx::query(INSERT)
        .bind(merchant.as_str())
        .bind(user.as_str())
        .bind(role.as_str())
        .bind(at.millis())
        .execute(c)
        .await
        .map(|d| d.rows_affected()))?;
    changed_one(done)
}

/// The role of somebody whose account is open; none for everybody else.
///
/// # Errors
/// The database's.
pub async fn enter(tx: &mut Tx, merchant: &MerchantId, user: &UserId) -> Result<Option<String>, StoreError> {
    let row: Option<(String, Option<i64>)> =
        on!(tx, |c| sqlx::query_as(ENTER).bind(merchant.as_str()).bind(user.as_str()).fetch_optional(c).await)?;
    Ok(row.and_then(|(role, disabled)| disabled.is_none().then_some(role)))
}

/// A member's role.
///
/// # Errors
/// The database's.
pub async fn role(tx: &mut Tx, merchant: &MerchantId, user: &UserId) -> Result<Option<String>, StoreError> {
    let row: Option<(String,)> =
        on!(tx, |c| sqlx::query_as(ROLE).bind(merchant.as_str()).bind(user.as_str()).fetch_optional(c).await)?;
    Ok(row.map(|r| r.0))
}

/// Somebody's merchants, the oldest first.
///
/// # Errors
/// The database's.
pub async fn of_user(tx: &mut Tx, user: &UserId) -> Result<Vec<MembershipRow>, StoreError> {
    Ok(on!(tx, |c| sqlx::query_as(OF_USER).bind(user.as_str()).fetch_all(c).await)?)
}

/// A merchant's team, who joined first first.
///
/// # Errors
/// The database's.
pub async fn of_merchant(tx: &mut Tx, merchant: &MerchantId) -> Result<Vec<MemberRow>, StoreError> {
    Ok(on!(tx, |c| sqlx::query_as(OF_MERCHANT).bind(merchant.as_str()).fetch_all(c).await)?)
}

/// Changes a role; false when it is not `from` any more.
///
/// # Errors
/// The database's.
pub async fn set_role(
    tx: &mut Tx,
    merchant: &MerchantId,
    user: &UserId,
    from: MerchantRole,
    to: MerchantRole,
) -> Result<bool, StoreError> {
    let done = on!(tx, |c| sqlx::query(SET_ROLE)
        .bind(merchant.as_str())
        .bind(user.as_str())
        .bind(from.as_str())
        .bind(to.as_str())
        .execute(c)
        .await
        .map(|d| d.rows_affected()))?;
    changed_one(done)
}

/// Removes a member; false when the role is not `role` any more.
///
/// # Errors
/// The database's.
pub async fn delete(tx: &mut Tx, merchant: &MerchantId, user: &UserId, role: MerchantRole) -> Result<bool, StoreError> {
    let done = on!(tx, |c| sqlx::query(DELETE)
        .bind(merchant.as_str())
        .bind(user.as_str())
        .bind(role.as_str())
        .execute(c)
        .await
        .map(|d| d.rows_affected()))?;
    changed_one(done)
}

/// How many owners a merchant has. Lock the merchant first where the answer decides.
///
/// # Errors
/// The database's.
pub async fn owners(tx: &mut Tx, merchant: &MerchantId) -> Result<i64, StoreError> {
    let (count,): (i64,) = on!(tx, |c| sqlx::query_as(OWNERS).bind(merchant.as_str()).fetch_one(c).await)?;
    Ok(count)
}

/// The time zone of a merchant, for a member of its team; none for everybody else.
///
/// # Errors
/// The database's.
pub async fn timezone(tx: &mut Tx, merchant: &MerchantId, user: &UserId) -> Result<Option<String>, StoreError> {
    Ok(on!(tx, |c| sqlx::query_scalar(TIMEZONE).bind(merchant.as_str()).bind(user.as_str()).fetch_optional(c).await)?)
}
