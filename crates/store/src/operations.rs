//! Calls to gateways: each has its row, committed before it is sent, and its own key.

use crate::{Batch, StoreError, Tx, changed_one, dialect, payments::scope_of};
use domain::{
    AttemptId, OperationId, RefundId, Scope, Timestamp,
    states::{OperationKind, OperationStatus},
};
use sqlx::FromRow;

/// What [`Work`] is read from; statements add their condition.
macro_rules! work {
    ($condition:literal) => {
        concat!(
            "select o.merchant_id, o.livemode, o.id, o.kind, o.status, o.version, o.idempotency_key, o.amount, o.currency,
                    o.gateway_ref, o.checks, o.created_at, o.created_by,
                    a.id as attempt_id, a.status as attempt_status, a.version as attempt_version, a.seq, a.method,
                    a.amount as attempt_amount, a.captured as attempt_captured, a.authorized_at,
                    a.card_brand, a.card_last4, a.gateway_ref as charge_ref, a.fee as attempt_fee, a.fee_pending, a.surplus,
                    a.connection_id, a.provider, a.payment_method_id, a.keeps, c.credentials,
                    p.id as payment_id, p.status as payment_status, p.amount as payment_amount,
                    p.captured as payment_captured, p.authorized as payment_authorized, p.capture_before,
                    p.fee as payment_fee, p.receipt_token, p.customer_email, p.description,
                    s.id as session_id, s.status as session_status, s.expires_at as session_expires_at, s.locale, s.link_id, s.quantity,
                    s.payment_id as session_payment_id, m.name as merchant_name,
                    r.id as refund_id, r.status as refund_status, r.version as refund_version, r.reason,
                    r.origin as refund_origin, r.counts as refund_counts, o.decision, o.decided_at
             from operations o
             join attempts a on a.merchant_id = o.merchant_id and a.livemode = o.livemode and a.id = o.attempt_id
             join connections c on c.merchant_id = a.merchant_id and c.livemode = a.livemode and c.id = a.connection_id
             join payments p on p.merchant_id = o.merchant_id and p.livemode = o.livemode and p.id = o.payment_id
             join merchants m on m.id = o.merchant_id
             left join checkout_sessions s
               on s.merchant_id = p.merchant_id and s.livemode = p.livemode and s.id = p.session_id
             left join refunds r on r.merchant_id = o.merchant_id and r.livemode = o.livemode and r.id = o.refund_id
             ",
            $condition
        )
    };
}

statements! {
    INSERT = "
        insert into operations (merchant_id, livemode, id, payment_id, attempt_id, refund_id, kind, status,
                                idempotency_key, amount, currency, next_check_at, created_at, sent_at, created_by)
        values ($1, $2, $3, $4, $5, $6, $7, 'sent', $8, $9, $10, $11, $12, $12, $13)";
    SETTLE = "
        update operations
        set status = $6, gateway_ref = coalesce($7, gateway_ref), raw_code = $8, raw_message = $9, next_check_at = $10,
            finished_at = $11, held_until = null, version = version + 1,
            -- A day after it was sent at the latest, what is unknown comes before a person.
            review_at = case when cast($6 as text) = 'unknown' then coalesce(review_at, created_at + 86400000) end
        where merchant_id = $1 and livemode = $2 and id = $3 and status = $4 and version = $5";
    POSTPONE = "
        update operations
        set next_check_at = $4, version = version + 1,
            -- When nobody can be asked (again), a person is asked at once.
            review_at = case when status = 'unknown' and cast($4 as bigint) is null then created_at else review_at end
        where merchant_id = $1 and livemode = $2 and id = $3 and version = $5";
    /// Of two who want to act on what waits for the customer, one may.
    HOLD = "
        update operations set held_until = $5, version = version + 1
        where merchant_id = $1 and livemode = $2 and id = $3 and version = $4 and status = 'requires_action'
          and (held_until is null or held_until <= $6)";
    LET_GO = "
        update operations set held_until = null
        where merchant_id = $1 and livemode = $2 and id = $3 and version = $4";
    HURRY = "
        update operations set next_check_at = $1, version = version + 1
        where status = 'sent' and next_check_at > $1";
    WORK = work!("where o.merchant_id = $1 and o.livemode = $2 and o.id = $3");
    /// The open sale of a session whose customer comes back.
    WORK_OF_SESSION = work!("
        where s.token = $1 and o.kind in ('sale', 'authorize')
          and o.status in ('sent', 'processing', 'requires_action', 'unknown')
        order by o.created_at desc limit 1");
}

/// Everything that the outcome of an operation changes: the operation, its attempt, its payment, the session, and the
/// refund if it is one.
#[derive(Debug, Clone, FromRow)]
pub struct Work {
    /// Whose.
    pub merchant_id: String,
    /// Which world.
    pub livemode: bool,
    /// The operation.
    pub id: String,
    /// An [`OperationKind`] by name.
    pub kind: String,
    /// An [`OperationStatus`] by name.
    pub status: String,
    /// The operation's version.
    pub version: i64,
    /// Our key at the gateway.
    pub idempotency_key: String,
    /// How much it asks for.
    pub amount: i64,
    /// Currency of everything here.
    pub currency: String,
    /// The gateway's own name for what the operation made.
    pub gateway_ref: Option<String>,
    /// How often the reconciler has asked.
    pub checks: i64,
    /// When it was sent.
    pub created_at: i64,
    /// Who asked for it; none when nobody did but the customer or Paydeck itself.
    pub created_by: Option<String>,
    /// The attempt.
    pub attempt_id: String,
    /// Its state, by name.
    pub attempt_status: String,
    /// Its version.
    pub attempt_version: i64,
    /// Its number within the payment.
    pub seq: i64,
    /// What it asks for.
    pub attempt_amount: i64,
    /// What it captured.
    pub attempt_captured: i64,
    /// When its amount was held on the card, if it ever was.
    pub authorized_at: Option<i64>,
    /// Method.
    pub method: String,
    /// Brand of the card.
    pub card_brand: Option<String>,
    /// Last four digits.
    pub card_last4: Option<String>,
    /// The gateway's own name for the charge.
    pub charge_ref: Option<String>,
    /// What the gateway took of the attempt.
    pub attempt_fee: i64,
    /// Whether the gateway has not said yet what it took.
    pub fee_pending: bool,
    /// Whether the attempt took money beside another.
    pub surplus: bool,
    /// The connection.
    pub connection_id: String,
    /// Its provider.
    pub provider: String,
    /// The saved method that is charged; or the one that is kept.
    pub payment_method_id: Option<String>,
    /// Whether one is kept.
    pub keeps: bool,
    /// Its credentials, sealed.
    pub credentials: Option<Vec<u8>>,
    /// The payment.
    pub payment_id: String,
    /// Its state, by name.
    pub payment_status: String,
    /// What it asks for.
    pub payment_amount: i64,
    /// What is captured.
    pub payment_captured: i64,
    /// What was held on the card.
    pub payment_authorized: i64,
    /// When the gateway lets go of what is held.
    pub capture_before: Option<i64>,
    /// What gateways took of it.
    pub payment_fee: i64,
    /// Opens the receipt.
    pub receipt_token: String,
    /// The customer's address.
    pub customer_email: Option<String>,
    /// What was bought.
    pub description: Option<String>,
    /// The session, if it came from one.
    pub session_id: Option<String>,
    /// Its state, by name.
    pub session_status: Option<String>,
    /// When its time is over.
    pub session_expires_at: Option<i64>,
    /// The customer's language.
    pub locale: Option<String>,
    /// The link that the session came from.
    pub link_id: Option<String>,
    /// Pieces of the link's stock.
    pub quantity: Option<i64>,
    /// Whether the session names its payment.
    pub session_payment_id: Option<String>,
    /// The merchant's name.
    pub merchant_name: String,
    /// The refund, if the operation is one.
    pub refund_id: Option<String>,
    /// Its state, by name.
    pub refund_status: Option<String>,
    /// Its version.
    pub refund_version: Option<i64>,
    /// Why it was made.
    pub reason: Option<String>,
    /// Who asked for it: `merchant`, a rule, `gateway`, or `late_failure`.
    pub refund_origin: Option<String>,
    /// Whether it counts against what the payment captured.
    pub refund_counts: Option<bool>,
    /// What a person decided about the operation: `happened` or `not_happened`.
    pub decision: Option<String>,
    /// When.
    pub decided_at: Option<i64>,
}

impl Work {
    /// Whose, and which world.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`].
    pub fn scope(&self) -> Result<Scope, StoreError> {
        scope_of(&self.merchant_id, self.livemode)
    }
}

/// An operation to be: about to be sent, as soon as its row is committed.
#[derive(Debug, Clone)]
pub struct NewOperation<'a> {
    /// Its id.
    pub id: &'a OperationId,
    /// The payment.
    pub payment: &'a str,
    /// The attempt.
    pub attempt: &'a AttemptId,
    /// The refund, if it is one.
    pub refund: Option<&'a RefundId>,
    /// What it asks of the gateway.
    pub kind: OperationKind,
    /// Our key for the gateway.
    pub key: &'a str,
    /// How much.
    pub amount: i64,
    /// Of which currency.
    pub currency: &'a str,
    /// When the reconciler asks if nothing is heard of it.
    pub next_check_at: Timestamp,
    /// The member of the merchant's team who asked for it; none when the customer or Paydeck itself did, and for refunds, which say it
    /// themselves.
    pub created_by: Option<&'a str>,
    /// Now.
    pub at: Timestamp,
}

/// Writes an operation down before it is sent.
pub fn insert(batch: &mut Batch, scope: &Scope, new: &NewOperation<'_>) {
    batch
        .add(INSERT)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(new.id.as_str())
        .bind(new.payment)
        .bind(new.attempt.as_str())
        .bind(new.refund.map(RefundId::as_str))
        .bind(new.kind.as_str())
        .bind(new.key)
        .bind(new.amount)
        .bind(new.currency)
        .bind(new.next_check_at.0)
        .bind(new.at.0)
        .bind(new.created_by);
}

/// An operation's new state.
#[derive(Debug, Clone)]
pub struct OperationChange<'a> {
    /// The state and version that it is in.
    pub from: (&'a str, i64),
    /// The new state.
    pub to: OperationStatus,
    /// The gateway's own name for what it made; none keeps what is stored.
    pub gateway_ref: Option<&'a str>,
    /// The gateway's own code.
    pub raw_code: Option<&'a str>,
    /// The gateway's own words.
    pub raw_message: Option<&'a str>,
    /// When the reconciler asks next; none when there is nothing to ask.
    pub next_check_at: Option<Timestamp>,
    /// When it ended, if it did.
    pub finished_at: Option<Timestamp>,
}

/// Moves an operation, if it is still in the state and version that it is moved from.
pub fn settle(batch: &mut Batch, scope: &Scope, id: &str, change: &OperationChange<'_>) {
    batch
        .one("operation", SETTLE)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(id)
        .bind(change.from.0)
        .bind(change.from.1)
        .bind(change.to.as_str())
        .bind(change.gateway_ref)
        .bind(change.raw_code)
        .bind(change.raw_message)
        .bind(change.next_check_at.map(|at| at.0))
        .bind(change.finished_at.map(|at| at.0));
}

/// Takes the right to act on an operation that waits for the customer, until a moment. Its version is one higher then.
///
/// # Errors
/// The database's.
pub async fn hold(
    tx: &mut Tx,
    scope: &Scope,
    id: &str,
    version: i64,
    until: Timestamp,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let done = on!(tx, |c| sqlx::query(HOLD)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(id)
        .bind(version)
        .bind(until.0)
        .bind(now.0)
        .execute(c)
        .await
        .map(|r| r.rows_affected()))?;
    changed_one(done)
}

/// Gives that right back, when nothing came of it.
///
/// # Errors
/// The database's.
pub async fn let_go(tx: &mut Tx, scope: &Scope, id: &str, version: i64) -> Result<bool, StoreError> {
    let done = on!(tx, |c| sqlx::query(LET_GO)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(id)
        .bind(version)
        .execute(c)
        .await
        .map(|r| r.rows_affected()))?;
    changed_one(done)
}

/// Sets when the reconciler asks next; none when it need not ask again.
///
/// # Errors
/// The database's.
pub async fn postpone(
    tx: &mut Tx,
    scope: &Scope,
    id: &str,
    version: i64,
    next: Option<Timestamp>,
) -> Result<bool, StoreError> {
    let done = on!(tx, |c| sqlx::query(POSTPONE)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(id)
        .bind(next.map(|at| at.0))
        .bind(version)
        .execute(c)
        .await
        .map(|r| r.rows_affected()))?;
    changed_one(done)
}

/// An operation with everything that its outcome changes.
///
/// # Errors
/// The database's.
pub async fn work(tx: &mut Tx, scope: &Scope, id: &str) -> Result<Option<Work>, StoreError> {
    Ok(on!(tx, |c| sqlx::query_as(WORK)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(id)
        .fetch_optional(c)
        .await)?)
}

/// The open operation of a session, by the session's token.
///
/// # Errors
/// The database's.
pub async fn work_of_session(tx: &mut Tx, token: &str) -> Result<Option<Work>, StoreError> {
    Ok(on!(tx, |c| sqlx::query_as(WORK_OF_SESSION).bind(token).fetch_optional(c).await)?)
}

/// An operation that is due to be asked about.
#[derive(Debug, Clone, FromRow)]
pub struct Due {
    /// Whose.
    pub merchant_id: String,
    /// Which world.
    pub livemode: bool,
    /// The operation.
    pub id: String,
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

/// Takes operations that are due and puts their next check off until `until`, so that no other worker asks meanwhile.
///
/// # Errors
/// The database's.
pub async fn claim_due(tx: &mut Tx, now: Timestamp, until: Timestamp, limit: i64) -> Result<Vec<Due>, StoreError> {
    let sql = dialect::CLAIM_OPERATIONS.text(tx);
    Ok(on!(tx, |c| sqlx::query_as(sql).bind(now.0).bind(until.0).bind(limit).fetch_all(c).await)?)
}

/// Lets the reconciler ask at once about every call whose answer nobody waits for any more, because the process that sent it
/// is gone; how many.
///
/// # Errors
/// The database's.
pub async fn hurry(tx: &mut Tx, now: Timestamp) -> Result<u64, StoreError> {
    Ok(on!(tx, |c| sqlx::query(HURRY).bind(now.0).execute(c).await.map(|r| r.rows_affected()))?)
}
