//! Tokens of mailed links, by their hash. Each is taken once, by a conditional update.

use crate::{StoreError, Tx};
use domain::{Timestamp, UserId};

statements! {
    INSERT = "insert into mail_tokens (token_hash, purpose, user_id, email, created_at, expires_at) values ($1, $2, $3, $4, $5, $6)";
    CLAIM = "update mail_tokens set used_at = $3 where token_hash = $1 and purpose = $2 and used_at is null and expires_at > $3 \
             returning user_id, email";
    PEEK = "select user_id, email from mail_tokens where token_hash = $1 and purpose = $2 and used_at is null and expires_at > $3";
    END_OF_USER = "delete from mail_tokens where user_id = $1 and purpose = $2";
    END_OF_PURPOSE = "delete from mail_tokens where purpose = $1";
    DELETE_EXPIRED = "delete from mail_tokens where expires_at <= $1";
}

/// A token to be.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "named as the columns are")]
pub struct NewToken<'a> {
    pub token_hash: &'a str,
    pub purpose: &'a str,
    pub user_id: Option<&'a UserId>,
    pub email: Option<&'a str>,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
}

/// Whom a token is for.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
#[allow(missing_docs, reason = "named as the columns are")]
pub struct TokenRow {
    pub user_id: Option<String>,
    pub email: Option<String>,
}

/// Adds a token.
///
/// # Errors
/// The database's.
pub async fn insert(tx: &mut Tx, token: &NewToken<'_>) -> Result<(), StoreError> {
    on!(tx, |c| sqlx::query(INSERT)
        .bind(token.token_hash)
        .bind(token.purpose)
        .bind(token.user_id.map(UserId::as_str))
        .bind(token.email)
        .bind(token.created_at.millis())
        .bind(token.expires_at.millis())
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// Takes a token: only the first of any number of racing units gets it.
///
/// # Errors
/// The database's.
pub async fn claim(
    tx: &mut Tx,
    token_hash: &str,
    purpose: &str,
    now: Timestamp,
) -> Result<Option<TokenRow>, StoreError> {
    let mut rows: Vec<TokenRow> =
        on!(tx, |c| sqlx::query_as(CLAIM).bind(token_hash).bind(purpose).bind(now.millis()).fetch_all(c).await)?;
    Ok(rows.pop())
}

/// Looks at a token that could be taken now.
///
/// # Errors
/// The database's.
pub async fn peek(
    tx: &mut Tx,
    token_hash: &str,
    purpose: &str,
    now: Timestamp,
) -> Result<Option<TokenRow>, StoreError> {
    Ok(on!(tx, |c| sqlx::query_as(PEEK).bind(token_hash).bind(purpose).bind(now.millis()).fetch_optional(c).await)?)
}

/// Ends somebody's tokens of a purpose.
///
/// # Errors
/// The database's.
pub async fn end_of_user(tx: &mut Tx, user: &UserId, purpose: &str) -> Result<(), StoreError> {
    on!(tx, |c| sqlx::query(END_OF_USER).bind(user.as_str()).bind(purpose).execute(c).await.map(drop))?;
    Ok(())
}

/// Ends every token of a purpose.
///
/// # Errors
/// The database's.
pub async fn end_of_purpose(tx: &mut Tx, purpose: &str) -> Result<(), StoreError> {
    on!(tx, |c| sqlx::query(END_OF_PURPOSE).bind(purpose).execute(c).await.map(drop))?;
    Ok(())
}

/// Deletes tokens that ended. Answers how many.
///
/// # Errors
/// The database's.
pub async fn delete_expired(tx: &mut Tx, now: Timestamp) -> Result<u64, StoreError> {
    Ok(on!(tx, |c| sqlx::query(DELETE_EXPIRED).bind(now.millis()).execute(c).await.map(|d| d.rows_affected()))?)
}
