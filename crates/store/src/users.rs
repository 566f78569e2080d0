//! People who log in: merchants' users and the operator's staff.

use crate::{StoreError, Tx, changed_one};
use domain::{Locale, MerchantId, StaffRole, Timestamp, UserId};

statements! {
    INSERT = "insert into users (id, name, email, email_key, password_hash, email_verified_at, locale, staff_role, created_at) \
              values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict do nothing";
    GET = "select id, name, email, email_key, password_hash, email_verified_at, locale, staff_role, disabled_at, \
           last_merchant_id, last_livemode, created_at from users where id = $1";
    BY_KEY = "select id, name, email, email_key, password_hash, email_verified_at, locale, staff_role, disabled_at, \
              last_merchant_id, last_livemode, created_at from users where email_key = $1";
    VERIFY = "update users set email_verified_at = $2, version = version + 1 where id = $1 and email_verified_at is null";
    REPLACE_UNVERIFIED = "update users set name = $2, password_hash = $3, locale = $4, version = version + 1 \
                          where id = $1 and email_verified_at is null and staff_role is null and disabled_at is null";
    SET_PASSWORD = "update users set password_hash = $2, version = version + 1 where id = $1";
    REHASH = "update users set password_hash = $3 where id = $1 and password_hash = $2";
    SET_NAME = "update users set name = $2, version = version + 1 where id = $1";
    SET_LOCALE = "update users set locale = $2, version = version + 1 where id = $1";
    SET_LAST = "update users set last_merchant_id = $2, last_livemode = $3 where id = $1";
    STAFF = "select id, name, email, email_key, password_hash, email_verified_at, locale, staff_role, disabled_at, \
             last_merchant_id, last_livemode, created_at from users where staff_role is not null order by name, id";
    ACTIVE_ADMINS = "select count(*) from users where staff_role = 'admin' and disabled_at is null";
    LOCK_ADMINS = "update users set version = version + 1 where staff_role = 'admin'";
    SET_DISABLED = "update users set disabled_at = $2, version = version + 1 where id = $1 and staff_role is not null";
}

/// A user.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
#[allow(missing_docs, reason = "named as the columns are")]
pub struct UserRow {
    pub id: String,
    pub name: String,
    pub email: String,
    pub email_key: String,
    pub password_hash: String,
    pub email_verified_at: Option<i64>,
    pub locale: String,
    pub staff_role: Option<String>,
    pub disabled_at: Option<i64>,
    pub last_merchant_id: Option<String>,
    pub last_livemode: bool,
    pub created_at: i64,
}

/// A user to be.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "named as the columns are")]
pub struct NewUser {
    pub id: UserId,
    pub name: String,
    pub email: String,
    pub email_key: String,
    pub password_hash: String,
    pub email_verified_at: Option<Timestamp>,
    pub locale: Locale,
    pub staff_role: Option<StaffRole>,
    pub created_at: Timestamp,
}

/// Adds a user; false when the address is taken.
///
/// # Errors
/// The database's.
pub async fn insert(tx: &mut Tx, user: &NewUser) -> Result<bool, StoreError> {
    let done = on!(tx, |c| sqlx::query(INSERT)
        .bind(user.id.as_str())
        .bind(&user.name)
        .bind(&user.email)
        .bind(&user.email_key)
        .bind(&user.password_hash)
        .bind(user.email_verified_at.map(Timestamp::millis))
        .bind(user.locale.tag())
        .bind(user.staff_role.map(StaffRole::as_str))
        .bind(user.created_at.millis())
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    changed_one(done)
}

/// A user by id.
///
/// # Errors
/// The database's.
pub async fn get(tx: &mut Tx, id: &UserId) -> Result<Option<UserRow>, StoreError> {
    Ok(on!(tx, |c| sqlx::query_as(GET).bind(id.as_str()).fetch_optional(c).await)?)
}

/// A user by address, in lower case.
///
/// # Errors
/// The database's.
pub async fn by_key(tx: &mut Tx, email_key: &str) -> Result<Option<UserRow>, StoreError> {
    Ok(on!(tx, |c| sqlx::query_as(BY_KEY).bind(email_key).fetch_optional(c).await)?)
}

/// Notes that the address is verified; false when it was already.
///
/// # Errors
/// The database's.
pub async fn verify(tx: &mut Tx, id: &UserId, at: Timestamp) -> Result<bool, StoreError> {
    let done = on!(tx, |c| sqlx::query(VERIFY)
        .bind(id.as_str())
        .bind(at.millis())
        .execute(c)
        .await
        .map(|d| d.rows_affected()))?;
    changed_one(done)
}

/// Replaces what an account that nobody has verified was made with; false when it is verified meanwhile, closed, or staff.
///
/// # Errors
/// The database's.
pub async fn replace_unverified(
    tx: &mut Tx,
    id: &UserId,
    name: &str,
    password_hash: &str,
    locale: Locale,
) -> Result<bool, StoreError> {
    let done = on!(tx, |c| sqlx::query(REPLACE_UNVERIFIED)
        .bind(id.as_str())
        .bind(name)
        .bind(password_hash)
        .bind(locale.tag())
        .execute(c)
        .await
        .map(|d| d.rows_affected()))?;
    changed_one(done)
}

/// Sets the password's hash.
///
/// # Errors
/// The database's.
pub async fn set_password(tx: &mut Tx, id: &UserId, hash: &str) -> Result<bool, StoreError> {
    let done = on!(tx, |c| sqlx::query(SET_PASSWORD)
        .bind(id.as_str())
        .bind(hash)
        .execute(c)
        .await
        .map(|d| d.rows_affected()))?;
    changed_one(done)
}

/// Replaces a hash by one of the same password with today's parameters, unless it changed meanwhile.
///
/// # Errors
/// The database's.
pub async fn rehash(tx: &mut Tx, id: &UserId, old: &str, new: &str) -> Result<bool, StoreError> {
    let done = on!(tx, |c| sqlx::query(REHASH)
        .bind(id.as_str())
        .bind(old)
        .bind(new)
        .execute(c)
        .await
        .map(|d| d.rows_affected()))?;
    changed_one(done)
}

/// Sets the name.
///
/// # Errors
/// The database's.
pub async fn set_name(tx: &mut Tx, id: &UserId, name: &str) -> Result<bool, StoreError> {
    let done =
        on!(tx, |c| sqlx::query(SET_NAME).bind(id.as_str()).bind(name).execute(c).await.map(|d| d.rows_affected()))?;
    changed_one(done)
}

/// Sets the language.
///
/// # Errors
/// The database's.
pub async fn set_locale(tx: &mut Tx, id: &UserId, locale: Locale) -> Result<bool, StoreError> {
    let done = on!(tx, |c| sqlx::query(SET_LOCALE)
        .bind(id.as_str())
        .bind(locale.tag())
        .execute(c)
        .await
        .map(|d| d.rows_affected()))?;
    changed_one(done)
}

/// Remembers the merchant and mode used last.
///
/// # Errors
/// The database's.
pub async fn set_last(tx: &mut Tx, id: &UserId, merchant: &MerchantId, livemode: bool) -> Result<bool, StoreError> {
    let done = on!(tx, |c| sqlx::query(SET_LAST)
        .bind(id.as_str())
        .bind(merchant.as_str())
        .bind(livemode)
        .execute(c)
        .await
        .map(|d| d.rows_affected()))?;
    changed_one(done)
}

/// The operator's staff, by name.
///
/// # Errors
/// The database's.
pub async fn staff(tx: &mut Tx) -> Result<Vec<UserRow>, StoreError> {
    Ok(on!(tx, |c| sqlx::query_as(STAFF).fetch_all(c).await)?)
}

/// How many admins of the operator may log in.
///
/// # Errors
/// The database's.
pub async fn active_admins(tx: &mut Tx) -> Result<i64, StoreError> {
    let (count,): (i64,) = on!(tx, |c| sqlx::query_as(ACTIVE_ADMINS).fetch_one(c).await)?;
    Ok(count)
}

/// Makes units that count admins wait for each other.
///
/// # Errors
/// The database's.
pub async fn lock_admins(tx: &mut Tx) -> Result<(), StoreError> {
    on!(tx, |c| sqlx::query(LOCK_ADMINS).execute(c).await.map(drop))?;
    Ok(())
}

/// Closes (with a time) or opens an account of the operator's staff.
///
/// # Errors
/// The database's.
pub async fn set_disabled(tx: &mut Tx, id: &UserId, at: Option<Timestamp>) -> Result<bool, StoreError> {
    let done = on!(tx, |c| sqlx::query(SET_DISABLED)
        .bind(id.as_str())
        .bind(at.map(Timestamp::millis))
        .execute(c)
        .await
        .map(|d| d.rows_affected()))?;
    changed_one(done)
}
