//! Invitations to a merchant's team.

use crate::{StoreError, Tx, changed_one};
use domain::{InvitationId, MerchantId, MerchantRole, Timestamp, UserId};

statements! {
    INSERT = "insert into invitations (merchant_id, id, email, email_key, role, token_hash, invited_by, created_at, expires_at) \
              values ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    END_OPEN = "update invitations set revoked_at = $3 where merchant_id = $1 and email_key = $2 and accepted_at is null and revoked_at is null";
    OPEN = "select id, email, role, created_at, expires_at from invitations \
            where merchant_id = $1 and accepted_at is null and revoked_at is null and expires_at > $2 order by created_at, id";
    REVOKE = "update invitations set revoked_at = $3 where merchant_id = $1 and id = $2 and accepted_at is null and revoked_at is null \
              returning email, role";
    PEEK = "select i.merchant_id, i.id, i.email, i.email_key, i.role, m.name as merchant_name from invitations i \
            join merchants m on m.id = i.merchant_id \
            where i.token_hash = $1 and i.accepted_at is null and i.revoked_at is null and i.expires_at > $2";
    CLAIM = "update invitations set accepted_at = $2 \
             where token_hash = $1 and accepted_at is null and revoked_at is null and expires_at > $2";
}

/// An invitation to be.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "named as the columns are")]
pub struct NewInvitation<'a> {
    pub merchant_id: &'a MerchantId,
    pub id: &'a InvitationId,
    pub email: &'a str,
    pub email_key: &'a str,
    pub role: MerchantRole,
    pub token_hash: &'a str,
    pub invited_by: &'a UserId,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
}

/// An open invitation.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
#[allow(missing_docs, reason = "named as the columns are")]
pub struct InvitationRow {
    pub id: String,
    pub email: String,
    pub role: String,
    pub created_at: i64,
    pub expires_at: i64,
}

/// An invitation by its token.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
#[allow(missing_docs, reason = "named as the columns are")]
pub struct OpenedInvitation {
    pub merchant_id: String,
    pub id: String,
    pub email: String,
    pub email_key: String,
    pub role: String,
    pub merchant_name: String,
}

/// Adds an invitation. At most one to an address is open: end the others first.
///
/// # Errors
/// The database's.
pub async fn insert(tx: &mut Tx, i: &NewInvitation<'_>) -> Result<(), StoreError> {
    on!(tx, |c| sqlx::query(INSERT)
        .bind(i.merchant_id.as_str())
        .bind(i.id.as_str())
        .bind(i.email)
        .bind(i.email_key)
        .bind(i.role.as_str())
        .bind(i.token_hash)
        .bind(i.invited_by.as_str())
        .bind(i.created_at.millis())
        .bind(i.expires_at.millis())
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// Ends whatever is open for an address.
///
/// # Errors
/// The database's.
pub async fn end_open(tx: &mut Tx, merchant: &MerchantId, email_key: &str, at: Timestamp) -> Result<(), StoreError> {
    on!(tx, |c| sqlx::query(END_OPEN)
        .bind(merchant.as_str())
        .bind(email_key)
        .bind(at.millis())
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// Open invitations, the oldest first.
///
/// # Errors
/// The database's.
pub async fn open(tx: &mut Tx, merchant: &MerchantId, now: Timestamp) -> Result<Vec<InvitationRow>, StoreError> {
    Ok(on!(tx, |c| sqlx::query_as(OPEN).bind(merchant.as_str()).bind(now.millis()).fetch_all(c).await)?)
}

/// Takes an invitation back; its address and role, or none when it is not open.
///
/// # Errors
/// The database's.
pub async fn revoke(
    tx: &mut Tx,
    merchant: &MerchantId,
    id: &InvitationId,
    at: Timestamp,
) -> Result<Option<(String, String)>, StoreError> {
    let mut rows: Vec<(String, String)> = on!(tx, |c| sqlx::query_as(REVOKE)
        .bind(merchant.as_str())
        .bind(id.as_str())
        .bind(at.millis())
        .fetch_all(c)
        .await)?;
    Ok(rows.pop())
}

/// Looks at an invitation that could be accepted now.
///
/// # Errors
/// The database's.
pub async fn peek(tx: &mut Tx, token_hash: &str, now: Timestamp) -> Result<Option<OpenedInvitation>, StoreError> {
    Ok(on!(tx, |c| sqlx::query_as(PEEK).bind(token_hash).bind(now.millis()).fetch_optional(c).await)?)
}

/// Accepts an invitation: only the first of any number of racing units does.
///
/// # Errors
/// The database's.
pub async fn claim(tx: &mut Tx, token_hash: &str, now: Timestamp) -> Result<bool, StoreError> {
    let done = on!(tx, |c| sqlx::query(CLAIM)
        .bind(token_hash)
        .bind(now.millis())
        .execute(c)
        .await
        .map(|d| d.rows_affected()))?;
    changed_one(done)
}
