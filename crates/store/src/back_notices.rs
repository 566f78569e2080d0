//! Customers who asked to be told when they can pay.

use crate::{StoreError, Tx, payments::scope_of, statements::changed_one};
use domain::{Scope, Timestamp};
use sqlx::FromRow;

statements! {
    /// So many wait for a session at most: whoever has its address can't have mails sent to the whole world.
    ADD = "
        insert into back_notices (merchant_id, livemode, session_id, email, method, locale, country, silent, created_at, look_at)
        select s.merchant_id, s.livemode, s.id, $4, $5, $6, $7, $8, cast($9 as bigint), cast($10 as bigint) from checkout_sessions s
        where s.merchant_id = $1 and s.livemode = $2 and s.id = $3 and s.status = 'open' and (
          select count(*) from back_notices b
          where b.merchant_id = s.merchant_id and b.livemode = s.livemode and b.session_id = s.id) < $11
        on conflict do nothing";
    THERE = "
        select count(*) from back_notices
        where merchant_id = $1 and livemode = $2 and session_id = $3 and email = $4 and method = $5";
    DUE = "
        select b.merchant_id, b.livemode, b.session_id, b.email, b.method, b.locale, b.country, b.silent, b.created_at, s.token, s.amount, s.currency,
               m.name as merchant_name
        from back_notices b
        join checkout_sessions s on s.merchant_id = b.merchant_id and s.livemode = b.livemode and s.id = b.session_id
        join merchants m on m.id = b.merchant_id
        where b.look_at <= $1 order by b.look_at limit $2";
    LATER = "
        update back_notices set look_at = $6
        where merchant_id = $1 and livemode = $2 and session_id = $3 and email = $4 and method = $5";
    DELETE = "
        delete from back_notices
        where merchant_id = $1 and livemode = $2 and session_id = $3 and email = $4 and method = $5";
}

/// How many wait for one session at most.
const MOST: i64 = 5;

/// What a customer asked for.
#[derive(Debug, Clone, Copy)]
pub struct NewNotice<'a> {
    /// The session.
    pub session: &'a str,
    /// Where to write.
    pub email: &'a str,
    /// The method that they wait for; empty for any.
    pub method: &'a str,
    /// In which language.
    pub locale: &'a str,
    /// Where they say that they are; empty where nobody asked.
    pub country: &'a str,
    /// Whether nobody answers, rather than maintenance.
    pub silent: bool,
    /// When it is looked at first.
    pub look_at: Timestamp,
}

/// A customer who waits.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
#[allow(missing_docs, reason = "named as the columns are")]
pub struct NoticeRow {
    pub merchant_id: String,
    pub livemode: bool,
    pub session_id: String,
    pub email: String,
    pub method: String,
    pub locale: String,
    pub country: String,
    pub silent: bool,
    pub created_at: i64,
    pub token: String,
    pub amount: i64,
    pub currency: String,
    pub merchant_name: String,
}

impl NoticeRow {
    /// Whose it is.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`].
    pub fn scope(&self) -> Result<Scope, StoreError> {
        scope_of(&self.merchant_id, self.livemode)
    }
}

/// Writes down that a customer waits, and says whether they do: whoever did already, waits on. Nothing is written where too many do, or the
/// session is over.
///
/// # Errors
/// The database's.
pub async fn add(tx: &mut Tx, scope: &Scope, new: &NewNotice<'_>, at: Timestamp) -> Result<bool, StoreError> {
    on!(tx, |c| sqlx::query(ADD)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(new.session)
        .bind(new.email)
        .bind(new.method)
        .bind(new.locale)
        .bind(new.country)
        .bind(new.silent)
        .bind(at.0)
        .bind(new.look_at.0)
        .bind(MOST)
        .execute(c)
        .await
        .map(drop))?;
    let (there,): (i64,) = on!(tx, |c| sqlx::query_as(THERE)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(new.session)
        .bind(new.email)
        .bind(new.method)
        .fetch_one(c)
        .await)?;
    Ok(there > 0)
}

/// Customers whose page is to be looked at.
///
/// # Errors
/// The database's.
pub async fn due(tx: &mut Tx, now: Timestamp, limit: i64) -> Result<Vec<NoticeRow>, StoreError> {
    Ok(on!(tx, |c| sqlx::query_as(DUE).bind(now.0).bind(limit).fetch_all(c).await)?)
}

/// Looks at it again later.
///
/// # Errors
/// The database's.
pub async fn later(tx: &mut Tx, row: &NoticeRow, at: Timestamp) -> Result<(), StoreError> {
    on!(tx, |c| sqlx::query(LATER)
        .bind(&row.merchant_id)
        .bind(row.livemode)
        .bind(&row.session_id)
        .bind(&row.email)
        .bind(&row.method)
        .bind(at.0)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// Takes it away; false when another was first.
///
/// # Errors
/// The database's.
pub async fn delete(tx: &mut Tx, row: &NoticeRow) -> Result<bool, StoreError> {
    let done = on!(tx, |c| sqlx::query(DELETE)
        .bind(&row.merchant_id)
        .bind(row.livemode)
        .bind(&row.session_id)
        .bind(&row.email)
        .bind(&row.method)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    changed_one(done)
}
