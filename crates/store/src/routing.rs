//! Routing rules, version by version, and what is needed to route stored payments again.

use crate::{StoreError, Tx, changed_one};
use domain::{Scope, Timestamp};
use sqlx::FromRow;

statements! {
    RULES = "select rules from routing_versions where merchant_id = $1 and livemode = $2 and version = $3";
    VERSIONS = "
        select r.version, r.rule_count, r.note, r.reverted_to, r.created_at, u.name as created_by
        from routing_versions r left join users u on u.id = r.created_by
        where r.merchant_id = $1 and r.livemode = $2
        order by r.version desc limit 100";
    INSERT = "
        insert into routing_versions (merchant_id, livemode, version, rules, rule_count, note, reverted_to, created_by, created_at)
        select cast($1 as text), cast($2 as boolean), cast($3 as bigint), cast($4 as text), cast($5 as bigint), cast($6 as text),
               cast($7 as bigint), cast($8 as text), cast($9 as bigint)
        where coalesce((select max(r.version) from routing_versions r where r.merchant_id = $1 and r.livemode = $2), 0) = $3 - 1
        on conflict do nothing";
    PAID_BEFORE = "
        select cast(1 as bigint) from payments
        where merchant_id = $1 and livemode = $2 and customer_email_key = $3 and status = 'succeeded' limit 1";
    /// Payments with their first attempt, the latest first.
    REPLAYED = "
        select p.session_id, p.currency, p.amount, p.metadata, a.connection_id, a.status, a.method, a.card_brand, a.card_country,
               a.captured, a.fee, a.routing, coalesce(s.capture_method, 'automatic') as capture_method
        from payments p
        join attempts a on a.merchant_id = p.merchant_id and a.livemode = p.livemode and a.payment_id = p.id and a.seq = 1
        left join checkout_sessions s on s.merchant_id = p.merchant_id and s.livemode = p.livemode and s.id = p.session_id
        where p.merchant_id = $1 and p.livemode = $2 and p.created_at >= $3
        order by p.created_at desc, p.id desc limit $4";
    /// How the first attempts of the latest payments ended (who is asked second gets what another has refused), added up by kind: approved, or refused for what another gateway might have turned
    /// round. What is the card's or the customer's own, or not known yet, is neither.
    ENDED = "
        select a.connection_id, a.currency, a.method, a.card_brand, a.card_country,
               cast(sum(case when a.status in ('succeeded', 'authorized') or a.authorized_at is not null then 1 else 0 end) as bigint) as successes,
               cast(sum(case when a.status = 'failed' and a.authorized_at is null then 1 else 0 end) as bigint) as failures
        from (select p.merchant_id, p.livemode, p.id from payments p
              where p.merchant_id = $1 and p.livemode = $2 and p.created_at >= $3
              order by p.created_at desc, p.id desc limit $4) recent
        join attempts a on a.merchant_id = recent.merchant_id and a.livemode = recent.livemode and a.payment_id = recent.id and a.seq = 1
        where a.status in ('succeeded', 'authorized') or a.authorized_at is not null
           or (a.status = 'failed' and a.decline_class in ('soft', 'technical', 'configuration'))
        group by a.connection_id, a.currency, a.method, a.card_brand, a.card_country";
}

/// A version, without its rules.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
#[allow(missing_docs, reason = "named as the columns are")]
pub struct VersionRow {
    pub version: i64,
    pub rule_count: i64,
    pub note: Option<String>,
    pub reverted_to: Option<i64>,
    pub created_at: i64,
    pub created_by: Option<String>,
}

/// A version to be.
#[derive(Debug, Clone)]
pub struct NewVersion<'a> {
    /// Its number: one more than the newest.
    pub version: i64,
    /// The rules, as JSON.
    pub rules: &'a str,
    /// How many there are.
    pub rule_count: i64,
    /// Why.
    pub note: Option<&'a str>,
    /// The version that it brings back.
    pub reverted_to: Option<i64>,
    /// Who.
    pub by: &'a str,
    /// When.
    pub at: Timestamp,
}

/// A payment that was made, for routing it again.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
#[allow(missing_docs, reason = "named as the columns are")]
pub struct ReplayedRow {
    pub session_id: Option<String>,
    pub currency: String,
    pub amount: i64,
    pub metadata: String,
    pub connection_id: String,
    pub status: String,
    pub method: String,
    pub card_brand: Option<String>,
    pub card_country: Option<String>,
    pub captured: i64,
    pub fee: i64,
    pub routing: Option<String>,
    pub capture_method: String,
}

/// Attempts of one kind at one connection, and how they ended.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
#[allow(missing_docs, reason = "named as the columns are")]
pub struct EndedRow {
    pub connection_id: String,
    pub currency: String,
    pub method: String,
    pub card_brand: Option<String>,
    pub card_country: Option<String>,
    pub successes: i64,
    pub failures: i64,
}

/// The rules of a version, as JSON.
///
/// # Errors
/// The database's.
pub async fn rules(tx: &mut Tx, scope: &Scope, version: i64) -> Result<Option<String>, StoreError> {
    Ok(on!(tx, |c| sqlx::query_scalar(RULES)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(version)
        .fetch_optional(c)
        .await)?)
}

/// The versions, the newest first; a hundred of them.
///
/// # Errors
/// The database's.
pub async fn versions(tx: &mut Tx, scope: &Scope) -> Result<Vec<VersionRow>, StoreError> {
    Ok(on!(tx, |c| sqlx::query_as(VERSIONS)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .fetch_all(c)
        .await)?)
}

/// Makes a version, if it is the next one. False: somebody else made one meanwhile.
///
/// # Errors
/// The database's.
pub async fn insert(tx: &mut Tx, scope: &Scope, new: &NewVersion<'_>) -> Result<bool, StoreError> {
    let done = on!(tx, |c| sqlx::query(INSERT)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(new.version)
        .bind(new.rules)
        .bind(new.rule_count)
        .bind(new.note)
        .bind(new.reverted_to)
        .bind(new.by)
        .bind(new.at.0)
        .execute(c)
        .await
        .map(|r| r.rows_affected()))?;
    changed_one(done)
}

/// Whether a customer with this address has paid this merchant before.
///
/// # Errors
/// The database's.
pub async fn paid_before(tx: &mut Tx, scope: &Scope, email: &str) -> Result<bool, StoreError> {
    let found: Option<i64> = on!(tx, |c| sqlx::query_scalar(PAID_BEFORE)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(email.to_lowercase())
        .fetch_optional(c)
        .await)?;
    Ok(found.is_some())
}

/// The latest payments since a moment, at most `limit`.
///
/// # Errors
/// The database's.
pub async fn replayed(
    tx: &mut Tx,
    scope: &Scope,
    since: Timestamp,
    limit: i64,
) -> Result<Vec<ReplayedRow>, StoreError> {
    Ok(on!(tx, |c| sqlx::query_as(REPLAYED)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(since.0)
        .bind(limit)
        .fetch_all(c)
        .await)?)
}

/// How the attempts of the latest payments since a moment ended, by kind; of at most `limit` payments.
///
/// # Errors
/// The database's.
pub async fn ended(tx: &mut Tx, scope: &Scope, since: Timestamp, limit: i64) -> Result<Vec<EndedRow>, StoreError> {
    Ok(on!(tx, |c| sqlx::query_as(ENDED)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(since.0)
        .bind(limit)
        .fetch_all(c)
        .await)?)
}
