//! Operations in doubt: what was heard about them, and which of them wait for a person.

use crate::{StoreError, Tx, changed_one};
use domain::{
    Currency, Money, OperationId, PaymentId, RefundId, Scope, Timestamp, UserId,
    states::OperationKind,
    views::{
        Cursor,
        review::{Answer, ReviewEntry},
    },
};
use sqlx::FromRow;

/// Answers that are kept of an operation: the latest.
pub const KEPT: i64 = 40;

/// What [`StoredEntry`] is read from; statements add their condition.
macro_rules! entries {
    ($condition:literal) => {
        concat!(
            "select o.id, o.kind, o.amount, o.currency, o.payment_id, o.refund_id, p.customer_email, p.description,
                    a.card_brand, a.card_last4, c.name as connection_name, a.provider, o.idempotency_key, o.gateway_ref,
                    a.gateway_ref as charge_ref, o.created_at, o.checks, o.next_check_at, o.review_at
             from operations o
             join attempts a on a.merchant_id = o.merchant_id and a.livemode = o.livemode and a.id = o.attempt_id
             join connections c on c.merchant_id = a.merchant_id and c.livemode = a.livemode and c.id = a.connection_id
             join payments p on p.merchant_id = o.merchant_id and p.livemode = o.livemode and p.id = o.payment_id
             where o.merchant_id = $1 and o.livemode = $2 and o.review_at is not null and o.review_at <= $3 ",
            $condition
        )
    };
}

statements! {
    ANSWER = "
        insert into operation_answers (merchant_id, livemode, operation_id, seq, at, source, outcome, detail)
        select o.merchant_id, o.livemode, o.id,
               (select coalesce(max(n.seq), 0) + 1 from operation_answers n
                where n.merchant_id = o.merchant_id and n.livemode = o.livemode and n.operation_id = o.id),
               $4, $5, $6, $7
        from operations o where o.merchant_id = $1 and o.livemode = $2 and o.id = $3
        returning seq";
    FORGET = "
        delete from operation_answers where merchant_id = $1 and livemode = $2 and operation_id = $3 and seq <= $4";
    ANSWERS = "
        select at, source, outcome, detail from operation_answers
        where merchant_id = $1 and livemode = $2 and operation_id = $3 order by seq desc";
    /// The longest waiting first.
    WAITING = entries!("and (o.review_at, o.id) > ($4, $5) order by o.review_at, o.id limit $6");
    WAITING_BEFORE = entries!("and (o.review_at, o.id) < ($4, $5) order by o.review_at desc, o.id desc limit $6");
    IS_DUE = "
        select id from operations
        where merchant_id = $1 and livemode = $2 and id = $3 and review_at is not null and review_at <= $4";
    OF_PAYMENT = "
        select id, kind, status, amount, created_at, review_at, decision, decided_at, contradicted_at,
               (select u.name from users u where u.id = o.decided_by) as decided_by
        from operations o
        where o.merchant_id = $1 and o.livemode = $2 and o.payment_id = $3
          and (o.status = 'unknown' or o.decision is not null)
        order by o.created_at, o.id";
    DECIDE = "
        update operations set decision = $4, decided_by = $5, decided_at = $6
        where merchant_id = $1 and livemode = $2 and id = $3 and decision is null and status in ('succeeded', 'failed')";
    CONTRADICT = "
        update operations set contradicted_at = $5, version = version + 1
        where merchant_id = $1 and livemode = $2 and id = $3 and version = $4 and decision is not null
          and contradicted_at is null";
    /// Takes an operation for one question, as the reconciler does; not while another question may be on its way.
    CLAIM = "
        update operations set next_check_at = $5, checks = checks + 1, version = version + 1
        where merchant_id = $1 and livemode = $2 and id = $3 and status = 'unknown'
          and not exists (select 1 from operation_answers n
            where n.merchant_id = $1 and n.livemode = $2 and n.operation_id = $3 and n.at > $4)";
}

/// Something that was heard.
#[derive(Debug, Clone, Copy)]
pub struct NewAnswer<'a> {
    /// When.
    pub at: Timestamp,
    /// `call`, `ask` or `person`.
    pub source: &'a str,
    /// A state of operations, `no_answer`, `not_found` or `other_amount`.
    pub outcome: &'a str,
    /// In whose words.
    pub detail: Option<&'a str>,
}

/// Writes down what was heard about an operation, and forgets the oldest of many.
///
/// # Errors
/// The database's.
pub async fn answer(tx: &mut Tx, scope: &Scope, operation: &str, new: NewAnswer<'_>) -> Result<(), StoreError> {
    let seq: Option<i64> = on!(tx, |c| sqlx::query_scalar(ANSWER)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(operation)
        .bind(new.at.0)
        .bind(new.source)
        .bind(new.outcome)
        .bind(new.detail)
        .fetch_optional(c)
        .await)?;
    let Some(old) = seq.map(|seq| seq - KEPT).filter(|old| *old > 0) else { return Ok(()) };
    on!(tx, |c| sqlx::query(FORGET)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(operation)
        .bind(old)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

#[derive(FromRow)]
struct StoredAnswer {
    at: i64,
    source: String,
    outcome: String,
    detail: Option<String>,
}

/// What was heard about an operation, the latest first.
///
/// # Errors
/// The database's.
pub async fn answers(tx: &mut Tx, scope: &Scope, operation: &str) -> Result<Vec<Answer>, StoreError> {
    let rows: Vec<StoredAnswer> = on!(tx, |c| sqlx::query_as(ANSWERS)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(operation)
        .fetch_all(c)
        .await)?;
    let view = |row: StoredAnswer| Answer {
        at: Timestamp(row.at),
        source: row.source,
        outcome: row.outcome,
        detail: row.detail,
    };
    Ok(rows.into_iter().map(view).collect())
}

#[derive(FromRow)]
struct StoredEntry {
    #[sqlx(try_from = "String")]
    id: OperationId,
    kind: String,
    amount: i64,
    #[sqlx(try_from = "String")]
    currency: Currency,
    #[sqlx(try_from = "String")]
    payment_id: PaymentId,
    refund_id: Option<String>,
    customer_email: Option<String>,
    description: Option<String>,
    card_brand: Option<String>,
    card_last4: Option<String>,
    connection_name: String,
    provider: String,
    idempotency_key: String,
    gateway_ref: Option<String>,
    charge_ref: Option<String>,
    created_at: i64,
    checks: i64,
    next_check_at: Option<i64>,
    review_at: i64,
}

/// An operation that waits, and since when.
#[derive(Debug, Clone)]
pub struct Waiting {
    /// What a person sees; its answers, its way of asking and rights are for the service to fill in.
    pub entry: ReviewEntry,
    /// Since when it waits for a person.
    pub review_at: Timestamp,
}

impl StoredEntry {
    fn view(self) -> Result<Waiting, StoreError> {
        let entry = ReviewEntry {
            kind: crate::payments::parse::<OperationKind>(&self.kind)?,
            amount: Money::new(self.amount, self.currency),
            operation: self.id,
            payment: self.payment_id,
            refund: self.refund_id.as_deref().map(crate::payments::parse::<RefundId>).transpose()?,
            customer_email: self.customer_email,
            description: self.description,
            card_brand: self.card_brand,
            card_last4: self.card_last4,
            connection_name: self.connection_name,
            provider: self.provider,
            our_key: self.idempotency_key,
            gateway_ref: self.gateway_ref,
            charge_ref: self.charge_ref,
            sent_at: Timestamp(self.created_at),
            asked: self.checks,
            next_ask: self.next_check_at.map(Timestamp),
            finds_out: String::new(),
            answers: Vec::new(),
            may_decide: false,
        };
        Ok(Waiting { entry, review_at: Timestamp(self.review_at) })
    }
}

/// Operations that wait for a person now, after (or before) a place; the longest waiting first (before a place: last).
///
/// # Errors
/// The database's.
pub async fn waiting(
    tx: &mut Tx,
    scope: &Scope,
    now: Timestamp,
    place: &Cursor,
    before: bool,
    limit: i64,
) -> Result<Vec<Waiting>, StoreError> {
    let sql = if before { WAITING_BEFORE } else { WAITING };
    let rows: Vec<StoredEntry> = on!(tx, |c| sqlx::query_as(sql)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(now.0)
        .bind(place.at.0)
        .bind(&place.id)
        .bind(limit)
        .fetch_all(c)
        .await)?;
    rows.into_iter().map(StoredEntry::view).collect()
}

/// An operation of a payment that is in doubt, or that a person decided.
#[derive(Debug, Clone, FromRow)]
pub struct Doubt {
    /// The operation.
    pub id: String,
    /// An [`OperationKind`] by name.
    pub kind: String,
    /// State, by name.
    pub status: String,
    /// How much.
    pub amount: i64,
    /// Sent.
    pub created_at: i64,
    /// When it comes before a person.
    pub review_at: Option<i64>,
    /// `happened` or `not_happened`.
    pub decision: Option<String>,
    /// Decided when.
    pub decided_at: Option<i64>,
    /// When the gateway said otherwise.
    pub contradicted_at: Option<i64>,
    /// Decided by whom.
    pub decided_by: Option<String>,
}

/// The doubts about a payment, oldest first.
///
/// # Errors
/// The database's.
pub async fn of_payment(tx: &mut Tx, scope: &Scope, payment: &PaymentId) -> Result<Vec<Doubt>, StoreError> {
    Ok(on!(tx, |c| sqlx::query_as(OF_PAYMENT)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(payment.as_str())
        .fetch_all(c)
        .await)?)
}

/// Notes what a person decided about an operation that was just settled by it.
///
/// # Errors
/// The database's.
pub async fn decide(
    tx: &mut Tx,
    scope: &Scope,
    operation: &str,
    decision: &str,
    by: &UserId,
    at: Timestamp,
) -> Result<bool, StoreError> {
    let done = on!(tx, |c| sqlx::query(DECIDE)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(operation)
        .bind(decision)
        .bind(by.as_str())
        .bind(at.0)
        .execute(c)
        .await
        .map(|r| r.rows_affected()))?;
    changed_one(done)
}

/// Notes that the gateway said otherwise than a person had decided. False: it was noted before, or the operation moved.
///
/// # Errors
/// The database's.
pub async fn contradict(
    tx: &mut Tx,
    scope: &Scope,
    operation: &str,
    version: i64,
    at: Timestamp,
) -> Result<bool, StoreError> {
    let done = on!(tx, |c| sqlx::query(CONTRADICT)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(operation)
        .bind(version)
        .bind(at.0)
        .execute(c)
        .await
        .map(|r| r.rows_affected()))?;
    changed_one(done)
}

/// Takes an unknown operation for a question asked out of turn, unless something was heard of it after `since`.
///
/// # Errors
/// The database's.
pub async fn claim(
    tx: &mut Tx,
    scope: &Scope,
    operation: &OperationId,
    since: Timestamp,
    until: Timestamp,
) -> Result<bool, StoreError> {
    let done = on!(tx, |c| sqlx::query(CLAIM)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(operation.as_str())
        .bind(since.0)
        .bind(until.0)
        .execute(c)
        .await
        .map(|r| r.rows_affected()))?;
    changed_one(done)
}

/// Whether an operation waits for a person by now.
///
/// # Errors
/// The database's.
pub async fn is_due(tx: &mut Tx, scope: &Scope, operation: &OperationId, now: Timestamp) -> Result<bool, StoreError> {
    let found: Option<String> = on!(tx, |c| sqlx::query_scalar(IS_DUE)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(operation.as_str())
        .bind(now.0)
        .fetch_optional(c)
        .await)?;
    Ok(found.is_some())
}
