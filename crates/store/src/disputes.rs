//! Disputes: what customers' banks want back, as gateways told it last.

use crate::{
    Batch, StoreError, Tx, dialect,
    payments::{parse, scope_of},
};
use domain::{
    Currency, DisputeId, Money, PaymentId, Scope, Timestamp,
    dispute::{DisputeReason, DisputeStatus},
    views::payment::Dispute,
};
use sqlx::FromRow;

statements! {
    GET = "
        select d.id, d.payment_id, d.status, d.amount, d.taken, d.fee, d.reason, d.respond_by, d.raw_code, d.version
        from disputes d
        where d.merchant_id = $1 and d.livemode = $2 and d.connection_id = $3 and d.gateway_ref = $4";
    INSERT = "
        insert into disputes (merchant_id, livemode, id, payment_id, attempt_id, connection_id, gateway_ref, amount, currency,
                              taken, fee, reason, status, respond_by, opened_at, raw_code, next_check_at, created_at, updated_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $18)
        on conflict (merchant_id, livemode, connection_id, gateway_ref) do nothing";
    /// Whoever asked the gateway before another's answer was written asks again.
    SETTLE = "
        update disputes
        set amount = $5, currency = $6, taken = $7, fee = $8, reason = $9, status = $10, respond_by = $11, raw_code = $12,
            next_check_at = $13, updated_at = $14, version = version + 1
        where merchant_id = $1 and livemode = $2 and id = $3 and version = $4";
    POSTPONE = "
        update disputes set next_check_at = $5
        where merchant_id = $1 and livemode = $2 and id = $3 and version = $4";
    OF_PAYMENT = "
        select d.id, d.gateway_ref, d.amount, d.currency, d.taken, d.fee, p.currency as booked_in, d.reason, d.status,
               d.respond_by, d.opened_at, d.raw_code, d.created_at, d.updated_at
        from disputes d
        join payments p on p.merchant_id = d.merchant_id and p.livemode = d.livemode and p.id = d.payment_id
        where d.merchant_id = $1 and d.livemode = $2 and d.payment_id = $3
        order by d.opened_at, d.id";
    TAKEN_OF_ATTEMPT = "
        select cast(coalesce(sum(d.taken), 0) as bigint) from disputes d
        where d.merchant_id = $1 and d.livemode = $2 and d.payment_id = $3 and d.attempt_id = $4";
}

/// A dispute's row, as far as settling decides by it.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct DisputeRow {
    /// Its id.
    pub id: String,
    /// Of which payment.
    pub payment_id: String,
    /// State, by name.
    pub status: String,
    /// What the bank asks, in the payment's currency.
    pub amount: i64,
    /// What is taken.
    pub taken: i64,
    /// What the dispute costs.
    pub fee: i64,
    /// Why, by name.
    pub reason: String,
    /// Until when evidence is accepted.
    pub respond_by: Option<i64>,
    /// The gateway's or network's own code for the reason.
    pub raw_code: Option<String>,
    /// Version.
    pub version: i64,
}

impl DisputeRow {
    /// Whether the gateway says nothing new.
    #[must_use]
    pub fn is_as(&self, change: &DisputeChange<'_>) -> bool {
        (self.amount, self.taken, self.fee) == (change.amount.minor, change.taken, change.fee)
            && self.reason == change.reason.as_str()
            && self.status == change.status.as_str()
            && self.respond_by == change.respond_by.map(|at| at.0)
            && self.raw_code.as_deref() == change.raw_code
    }
}

/// The dispute that a connection's gateway calls so.
///
/// # Errors
/// The database's.
pub async fn get(
    tx: &mut Tx,
    scope: &Scope,
    connection: &str,
    gateway_ref: &str,
) -> Result<Option<DisputeRow>, StoreError> {
    Ok(on!(tx, |c| sqlx::query_as(GET)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(connection)
        .bind(gateway_ref)
        .fetch_optional(c)
        .await)?)
}

/// What is written of a dispute.
#[derive(Debug, Clone)]
pub struct DisputeChange<'a> {
    /// What the bank asks.
    pub amount: Money,
    /// What is taken now.
    pub taken: i64,
    /// What it costs now.
    pub fee: i64,
    /// Why.
    pub reason: DisputeReason,
    /// Where it stands.
    pub status: DisputeStatus,
    /// Until when evidence is accepted.
    pub respond_by: Option<Timestamp>,
    /// The gateway's or network's own code for the reason.
    pub raw_code: Option<&'a str>,
    /// When the gateway is asked again.
    pub next_check_at: Option<Timestamp>,
    /// Now.
    pub at: Timestamp,
}

/// A dispute to be.
#[derive(Debug, Clone)]
pub struct NewDispute<'a> {
    /// Its id.
    pub id: &'a DisputeId,
    /// Of which payment.
    pub payment: &'a str,
    /// Of which attempt.
    pub attempt: &'a str,
    /// Through which connection.
    pub connection: &'a str,
    /// The gateway's own name.
    pub gateway_ref: &'a str,
    /// When it was opened.
    pub opened_at: Timestamp,
}

/// Writes a dispute down, if nobody else has.
pub fn insert(batch: &mut Batch, scope: &Scope, new: &NewDispute<'_>, change: &DisputeChange<'_>) {
    batch
        .one("dispute", INSERT)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(new.id.as_str())
        .bind(new.payment)
        .bind(new.attempt)
        .bind(new.connection)
        .bind(new.gateway_ref)
        .bind(change.amount.minor)
        .bind(change.amount.currency.code())
        .bind(change.taken)
        .bind(change.fee)
        .bind(change.reason.as_str())
        .bind(change.status.as_str())
        .bind(change.respond_by.map(|at| at.0))
        .bind(new.opened_at.0)
        .bind(change.raw_code)
        .bind(change.next_check_at.map(|at| at.0))
        .bind(change.at.0);
}

/// Moves a dispute, if it is still in the version that it is moved from.
pub fn settle(batch: &mut Batch, scope: &Scope, id: &str, version: i64, change: &DisputeChange<'_>) {
    batch
        .one("dispute", SETTLE)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(id)
        .bind(version)
        .bind(change.amount.minor)
        .bind(change.amount.currency.code())
        .bind(change.taken)
        .bind(change.fee)
        .bind(change.reason.as_str())
        .bind(change.status.as_str())
        .bind(change.respond_by.map(|at| at.0))
        .bind(change.raw_code)
        .bind(change.next_check_at.map(|at| at.0))
        .bind(change.at.0);
}

/// Sets when the gateway is asked again, unless somebody has moved the dispute meanwhile.
///
/// # Errors
/// The database's.
pub async fn postpone(
    tx: &mut Tx,
    scope: &Scope,
    id: &str,
    version: i64,
    next: Option<Timestamp>,
) -> Result<(), StoreError> {
    on!(tx, |c| sqlx::query(POSTPONE)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(id)
        .bind(version)
        .bind(next.map(|at| at.0))
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// What disputes have taken of an attempt's money.
///
/// # Errors
/// The database's.
pub async fn taken_of_attempt(tx: &mut Tx, scope: &Scope, payment: &str, attempt: &str) -> Result<i64, StoreError> {
    Ok(on!(tx, |c| sqlx::query_scalar(TAKEN_OF_ATTEMPT)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(payment)
        .bind(attempt)
        .fetch_one(c)
        .await)?)
}

#[derive(FromRow)]
struct Stored {
    #[sqlx(try_from = "String")]
    id: DisputeId,
    gateway_ref: String,
    amount: i64,
    #[sqlx(try_from = "String")]
    currency: Currency,
    taken: i64,
    fee: i64,
    #[sqlx(try_from = "String")]
    booked_in: Currency,
    reason: String,
    status: String,
    respond_by: Option<i64>,
    opened_at: i64,
    raw_code: Option<String>,
    created_at: i64,
    updated_at: i64,
}

/// A payment's disputes, oldest first.
///
/// # Errors
/// The database's.
pub async fn of_payment(tx: &mut Tx, scope: &Scope, payment: &PaymentId) -> Result<Vec<Dispute>, StoreError> {
    let rows: Vec<Stored> = on!(tx, |c| sqlx::query_as(OF_PAYMENT)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(payment.as_str())
        .fetch_all(c)
        .await)?;
    let view = |row: Stored| {
        Ok(Dispute {
            id: row.id,
            gateway_ref: row.gateway_ref,
            amount: Money::new(row.amount, row.currency),
            taken: Money::new(row.taken, row.booked_in),
            fee: Money::new(row.fee, row.booked_in),
            reason: parse(&row.reason)?,
            status: parse(&row.status)?,
            respond_by: row.respond_by.map(Timestamp),
            opened_at: Timestamp(row.opened_at),
            raw_code: row.raw_code,
            created_at: Timestamp(row.created_at),
            updated_at: Timestamp(row.updated_at),
        })
    };
    rows.into_iter().map(view).collect()
}

/// A dispute that is due to be asked about.
#[derive(Debug, Clone, FromRow)]
pub struct Due {
    /// Whose.
    pub merchant_id: String,
    /// Which world.
    pub livemode: bool,
    /// Through which connection.
    pub connection_id: String,
    /// The gateway's own name.
    pub gateway_ref: String,
}

impl Due {
    /// Whose, and which world.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`].
    pub fn scope(&self) -> Result<Scope, StoreError> {
        scope_of(&self.merchant_id, self.livemode)
    }
}

/// Takes disputes that are due and puts their next check off until `until`, so that no other worker asks meanwhile.
///
/// # Errors
/// The database's.
pub async fn claim_due(tx: &mut Tx, now: Timestamp, until: Timestamp, limit: i64) -> Result<Vec<Due>, StoreError> {
    let sql = dialect::CLAIM_DISPUTES.text(tx);
    Ok(on!(tx, |c| sqlx::query_as(sql).bind(now.0).bind(until.0).bind(limit).fetch_all(c).await)?)
}
