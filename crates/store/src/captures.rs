//! Authorisations: captured or released once, warned of and ended in time.

use crate::{StoreError, Tx, changed_one, dialect, payments::scope_of};
use domain::{OperationId, PaymentId, Scope, Timestamp, states::OperationKind};
use sqlx::FromRow;

statements! {
    /// The right to capture is decided here: an authorisation that stands, a merchant that may charge in this mode, no more than
    /// what was authorised. Of several at once the partial unique index lets one through.
    CAPTURE = "
        insert into operations (merchant_id, livemode, id, payment_id, attempt_id, kind, status, idempotency_key, amount,
                                currency, next_check_at, created_at, sent_at, created_by)
        select p.merchant_id, p.livemode, $4, p.id, a.id, 'capture', 'sent', $4, cast($5 as bigint), p.currency, $6, $7, $7, $8
        from payments p
        join attempts a on a.merchant_id = p.merchant_id and a.livemode = p.livemode and a.payment_id = p.id
          and a.status = 'authorized' and not a.surplus
        join merchants m on m.id = p.merchant_id
        where p.merchant_id = $1 and p.livemode = $2 and p.id = $3 and p.status = 'requires_capture'
          and cast($5 as bigint) > 0 and cast($5 as bigint) <= a.amount
          and (m.status = 'active' or (not p.livemode and m.status <> 'closed'))
        on conflict do nothing
        returning attempt_id";
    /// Releasing needs an authorisation that stands, and nothing else: it takes no money.
    VOID = "
        insert into operations (merchant_id, livemode, id, payment_id, attempt_id, kind, status, idempotency_key, amount,
                                currency, next_check_at, created_at, sent_at, created_by)
        select p.merchant_id, p.livemode, $4, p.id, a.id, 'void', 'sent', $4, a.amount, p.currency, $5, $6, $6, $7
        from payments p
        join attempts a on a.merchant_id = p.merchant_id and a.livemode = p.livemode and a.payment_id = p.id
          and a.status = 'authorized' and not a.surplus
        where p.merchant_id = $1 and p.livemode = $2 and p.id = $3 and p.status = 'requires_capture'
        on conflict do nothing
        returning attempt_id";
    /// Captures and releases of a payment, oldest first, with their authors' names.
    OF_PAYMENT = "
        select o.id, o.kind, o.status, o.amount, coalesce(u.name, o.created_by) as created_by, o.created_at, o.finished_at
        from operations o
        left join users u on u.id = o.created_by
        where o.merchant_id = $1 and o.livemode = $2 and o.payment_id = $3 and o.kind in ('capture', 'void')
        order by o.created_at, o.id";
    /// Through which connection an amount is held.
    HOLDER = "
        select a.connection_id from attempts a
        where a.merchant_id = $1 and a.livemode = $2 and a.payment_id = $3 and a.status = 'authorized' and not a.surplus";
    /// Other captures and releases of the same attempt that did not fail.
    OTHERS = "
        select o.status from operations o
        where o.merchant_id = $1 and o.livemode = $2 and o.attempt_id = $3 and o.id <> $4
          and o.kind in ('capture', 'void') and o.status <> 'failed'";
    /// Once: whoever comes second finds that it was done.
    WARN = "
        update payments
        set capture_warned_at = $4, capture_check_at = capture_before, updated_at = $4, version = version + 1
        where merchant_id = $1 and livemode = $2 and id = $3 and status = 'requires_capture'
          and capture_warned_at is null and capture_before > $4";
    WAIT = "
        update payments set capture_check_at = capture_before
        where merchant_id = $1 and livemode = $2 and id = $3 and status = 'requires_capture'";
    /// Who is told about a merchant's money: owners and admins whose accounts are open.
    TOLD = "
        select u.name, u.email, u.locale
        from members m join users u on u.id = m.user_id
        where m.merchant_id = $1 and m.role in ('owner', 'admin') and u.disabled_at is null
        order by m.created_at, m.user_id";
}

/// A capture to be.
#[derive(Debug, Clone)]
pub struct NewCapture<'a> {
    /// The payment.
    pub payment: &'a PaymentId,
    /// The operation's id, which is our key for the gateway.
    pub id: &'a OperationId,
    /// How much.
    pub amount: i64,
    /// When the reconciler asks if nothing is heard of it.
    pub next_check_at: Timestamp,
    /// Now.
    pub at: Timestamp,
    /// Who asked for it.
    pub by: Option<&'a str>,
}

/// Writes a capture down before it is sent, if it may be made now; false when it may not.
///
/// # Errors
/// The database's.
pub async fn begin_capture(tx: &mut Tx, scope: &Scope, new: &NewCapture<'_>) -> Result<bool, StoreError> {
    let made: Option<String> = on!(tx, |c| sqlx::query_scalar(CAPTURE)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(new.payment.as_str())
        .bind(new.id.as_str())
        .bind(new.amount)
        .bind(new.next_check_at.0)
        .bind(new.at.0)
        .bind(new.by)
        .fetch_optional(c)
        .await)?;
    Ok(made.is_some())
}

/// Writes a release down before it is sent, if it may be made now; false when it may not. `by` is none when nobody asked for it:
/// the authorisation's time is over.
///
/// # Errors
/// The database's.
pub async fn begin_void(
    tx: &mut Tx,
    scope: &Scope,
    payment: &str,
    id: &OperationId,
    next_check_at: Timestamp,
    at: Timestamp,
    by: Option<&str>,
) -> Result<bool, StoreError> {
    let made: Option<String> = on!(tx, |c| sqlx::query_scalar(VOID)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(payment)
        .bind(id.as_str())
        .bind(next_check_at.0)
        .bind(at.0)
        .bind(by)
        .fetch_optional(c)
        .await)?;
    Ok(made.is_some())
}

/// The connection that holds a payment's authorisation, if one is held.
///
/// # Errors
/// The database's.
pub async fn holder(tx: &mut Tx, scope: &Scope, payment: &str) -> Result<Option<String>, StoreError> {
    Ok(on!(tx, |c| sqlx::query_scalar(HOLDER)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(payment)
        .fetch_optional(c)
        .await)?)
}

/// A capture or a release.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct ReleaseRow {
    /// The operation.
    pub id: String,
    /// An [`OperationKind`] by name.
    pub kind: String,
    /// An [`OperationStatus`](domain::states::OperationStatus) by name.
    pub status: String,
    /// How much.
    pub amount: i64,
    /// Who asked for it; none for Paydeck itself.
    pub created_by: Option<String>,
    /// Sent.
    pub created_at: i64,
    /// Ended.
    pub finished_at: Option<i64>,
}

impl ReleaseRow {
    /// What it is, while it has no outcome.
    #[must_use]
    pub fn under_way(&self) -> Option<OperationKind> {
        if matches!(self.status.as_str(), "succeeded" | "failed") { None } else { self.kind.parse().ok() }
    }
}

/// Captures and releases of a payment, oldest first.
///
/// # Errors
/// The database's.
pub async fn of_payment(tx: &mut Tx, scope: &Scope, payment: &PaymentId) -> Result<Vec<ReleaseRow>, StoreError> {
    Ok(on!(tx, |c| sqlx::query_as(OF_PAYMENT)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(payment.as_str())
        .fetch_all(c)
        .await)?)
}

/// The states, by name, of the attempt's other captures and releases that are under way or were done.
///
/// # Errors
/// The database's.
pub async fn others(tx: &mut Tx, scope: &Scope, attempt: &str, operation: &str) -> Result<Vec<String>, StoreError> {
    Ok(on!(tx, |c| sqlx::query_scalar(OTHERS)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(attempt)
        .bind(operation)
        .fetch_all(c)
        .await)?)
}

/// An authorisation that the worker has to look at.
#[derive(Debug, Clone, FromRow)]
pub struct DueAuthorization {
    /// Whose.
    pub merchant_id: String,
    /// Which world.
    pub livemode: bool,
    /// The payment.
    pub id: String,
    /// What is held.
    pub authorized: i64,
    /// Its currency.
    pub currency: String,
    /// What was bought.
    pub description: Option<String>,
    /// The customer's address.
    pub customer_email: Option<String>,
    /// When the gateway lets go of it.
    pub capture_before: Option<i64>,
    /// When the merchant was warned.
    pub capture_warned_at: Option<i64>,
}

impl DueAuthorization {
    /// Whose, and which world.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`].
    pub fn scope(&self) -> Result<Scope, StoreError> {
        scope_of(&self.merchant_id, self.livemode)
    }
}

/// Takes authorisations that are due and puts their next look off until `until`, so that no other worker looks meanwhile.
///
/// # Errors
/// The database's.
pub async fn claim_due(
    tx: &mut Tx,
    now: Timestamp,
    until: Timestamp,
    limit: i64,
) -> Result<Vec<DueAuthorization>, StoreError> {
    let sql = dialect::CLAIM_AUTHORIZATIONS.text(tx);
    Ok(on!(tx, |c| sqlx::query_as(sql).bind(now.0).bind(until.0).bind(limit).fetch_all(c).await)?)
}

/// Marks that the merchant is warned now; false when that was done before, or nothing stands any more.
///
/// # Errors
/// The database's.
pub async fn warn(tx: &mut Tx, scope: &Scope, payment: &str, at: Timestamp) -> Result<bool, StoreError> {
    let done = on!(tx, |c| sqlx::query(WARN)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(payment)
        .bind(at.0)
        .execute(c)
        .await
        .map(|r| r.rows_affected()))?;
    changed_one(done)
}

/// Looks again when the authorisation ends.
///
/// # Errors
/// The database's.
pub async fn wait_for_end(tx: &mut Tx, scope: &Scope, payment: &str) -> Result<(), StoreError> {
    on!(tx, |c| sqlx::query(WAIT)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(payment)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// Somebody who is told about a merchant's money.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct ToldRow {
    /// Name.
    pub name: String,
    /// Address.
    pub email: String,
    /// Language.
    pub locale: String,
}

/// A merchant's owners and admins.
///
/// # Errors
/// The database's.
pub async fn told(tx: &mut Tx, scope: &Scope) -> Result<Vec<ToldRow>, StoreError> {
    Ok(on!(tx, |c| sqlx::query_as(TOLD).bind(scope.merchant.as_str()).fetch_all(c).await)?)
}
