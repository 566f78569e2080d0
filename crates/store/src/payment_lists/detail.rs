//! What stands on a payment's page.

use super::{ListedPayment, ListedRefund, payment_columns, refund_columns};
use crate::{StoreError, Tx, payments::parse};
use domain::{
    AttemptId, Cancellation, ConnectionId, Currency, Money, PaymentId, Scope, SessionId, Timestamp,
    views::payment::{Attempt, LedgerLine, PaymentRow, Refund},
};
use sqlx::FromRow;

statements! {
    PAYMENT = concat!(
        "select ", payment_columns!(), ", p.authorized, p.capture_before, p.capture_warned_at, p.cancellation, p.fee, p.disputed, p.exceeded_at, p.session_id, p.metadata, p.receipt_token, p.captured_at, \
         p.updated_at, m.status as merchant_status \
         from payments p join merchants m on m.id = p.merchant_id \
         where p.merchant_id = $1 and p.livemode = $2 and p.id = $3");
    ATTEMPTS = "
        select a.id, a.status, a.amount, a.currency, a.connection_id, c.name as connection_name, a.provider, a.method,
               a.card_brand, a.card_last4, a.card_exp_month, a.card_exp_year, a.card_country, a.gateway_ref, a.decline_code,
               a.decline_class, a.raw_code, a.raw_message, a.fee, a.fee_pending, a.captured, a.authorized_at, a.surplus, a.late_at, a.late_rule, a.routing,
               a.created_at, a.updated_at
        from attempts a
        join connections c on c.merchant_id = a.merchant_id and c.livemode = a.livemode and c.id = a.connection_id
        where a.merchant_id = $1 and a.livemode = $2 and a.payment_id = $3
        order by a.seq";
    REFUNDS = concat!(
        "select ", refund_columns!(), " from refunds r \
         join payments p on p.merchant_id = r.merchant_id and p.livemode = r.livemode and p.id = r.payment_id \
         left join users u on u.id = r.created_by \
         where r.merchant_id = $1 and r.livemode = $2 and r.payment_id = $3 order by r.created_at, r.id");
    LEDGER = "
        select j.id as journal_id, j.kind, j.source_id, j.at, e.account, e.currency, e.amount
        from journals j
        join entries e on e.merchant_id = j.merchant_id and e.livemode = j.livemode and e.journal_id = j.id
        where j.merchant_id = $1 and j.livemode = $2 and j.payment_id = $3
        order by j.at, j.id, e.line";
    MAILS = "
        select m.template, m.recipient, m.status, m.created_at, m.sent_at
        from mails m where m.object_id = $3 and m.merchant_id = $1
        union all
        select m.template, m.recipient, m.status, m.created_at, m.sent_at
        from refunds r join mails m on m.object_id = r.id and m.merchant_id = r.merchant_id
        where r.merchant_id = $1 and r.livemode = $2 and r.payment_id = $3";
}

/// A payment with what its page adds to the list's row.
#[derive(Debug, Clone)]
pub struct DetailRow {
    /// The list's row.
    pub row: PaymentRow,
    /// Held on the card before it was captured or released.
    pub authorized: Money,
    /// When the gateway lets go of it.
    pub capture_before: Option<Timestamp>,
    /// When the merchant was warned of it.
    pub capture_warned_at: Option<Timestamp>,
    /// Why it ended without money.
    pub cancellation: Option<Cancellation>,
    /// What the gateway took.
    pub fee: Money,
    /// What disputes took of what was captured.
    pub disputed: Money,
    /// Since when refunds and disputes together take more than was captured.
    pub exceeded_at: Option<Timestamp>,
    /// Its checkout session.
    pub session_id: Option<SessionId>,
    /// Metadata, a JSON object.
    pub metadata: String,
    /// Opens the receipt.
    pub receipt_token: String,
    /// Captured at.
    pub captured_at: Option<Timestamp>,
    /// Changed.
    pub updated_at: Timestamp,
    /// The merchant's state, by name.
    pub merchant_status: String,
}

#[derive(FromRow)]
struct StoredDetail {
    #[sqlx(flatten)]
    row: ListedPayment,
    authorized: i64,
    capture_before: Option<i64>,
    capture_warned_at: Option<i64>,
    cancellation: Option<String>,
    fee: i64,
    disputed: i64,
    exceeded_at: Option<i64>,
    session_id: Option<String>,
    metadata: String,
    receipt_token: String,
    captured_at: Option<i64>,
    updated_at: i64,
    merchant_status: String,
}

/// An attempt, and whether its money came beside another's.
#[derive(Debug, Clone)]
pub struct AttemptRow {
    /// The attempt.
    pub attempt: Attempt,
    /// It took money beside another attempt that had taken it: owed to the customer.
    pub surplus: bool,
    /// When its money came, if it came after a failure or a cancellation had been recorded.
    pub late_at: Option<Timestamp>,
    /// What becomes of late money by rule: `accept` or `refund`.
    pub late_rule: Option<String>,
}

#[derive(FromRow)]
struct StoredAttempt {
    #[sqlx(try_from = "String")]
    id: AttemptId,
    status: String,
    amount: i64,
    #[sqlx(try_from = "String")]
    currency: Currency,
    #[sqlx(try_from = "String")]
    connection_id: ConnectionId,
    connection_name: String,
    provider: String,
    method: String,
    card_brand: Option<String>,
    card_last4: Option<String>,
    card_exp_month: Option<i64>,
    card_exp_year: Option<i64>,
    card_country: Option<String>,
    gateway_ref: Option<String>,
    decline_code: Option<String>,
    decline_class: Option<String>,
    raw_code: Option<String>,
    raw_message: Option<String>,
    fee: i64,
    fee_pending: bool,
    captured: i64,
    authorized_at: Option<i64>,
    surplus: bool,
    late_at: Option<i64>,
    late_rule: Option<String>,
    routing: Option<String>,
    created_at: i64,
    updated_at: i64,
}

impl StoredAttempt {
    fn view(self) -> Result<AttemptRow, StoreError> {
        let attempt = Attempt {
            status: parse(&self.status)?,
            decline_class: self.decline_class.as_deref().map(parse).transpose()?,
            amount: Money::new(self.amount, self.currency),
            fee: Money::new(self.fee, self.currency),
            fee_pending: self.fee_pending,
            captured: Money::new(self.captured, self.currency),
            authorized_at: self.authorized_at.map(Timestamp),
            id: self.id,
            connection_id: self.connection_id,
            connection_name: self.connection_name,
            provider: self.provider,
            method: self.method,
            card_brand: self.card_brand,
            card_last4: self.card_last4,
            card_exp_month: self.card_exp_month,
            card_exp_year: self.card_exp_year,
            card_country: self.card_country,
            gateway_ref: self.gateway_ref,
            decline_code: self.decline_code,
            raw_code: self.raw_code,
            raw_message: self.raw_message,
            routing: self.routing.as_deref().and_then(|json| serde_json::from_str(json).ok()),
            created_at: Timestamp(self.created_at),
            updated_at: Timestamp(self.updated_at),
        };
        Ok(AttemptRow {
            attempt,
            surplus: self.surplus,
            late_at: self.late_at.map(Timestamp),
            late_rule: self.late_rule,
        })
    }
}

/// An entry of the ledger, and what its journal books.
#[derive(Debug, Clone)]
pub struct EntryRow {
    /// The entry.
    pub line: LedgerLine,
    /// An attempt's, a refund's or a dispute's id.
    pub source_id: String,
}

#[derive(FromRow)]
struct StoredEntry {
    journal_id: String,
    kind: String,
    source_id: String,
    at: i64,
    account: String,
    #[sqlx(try_from = "String")]
    currency: Currency,
    amount: i64,
}

/// A mail about the payment or one of its refunds.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct MailRow {
    /// Its text, by name.
    pub template: String,
    /// To whom.
    pub recipient: String,
    /// `queued`, `sent`, `kept` or `failed`.
    pub status: String,
    /// Written.
    pub created_at: i64,
    /// Left.
    pub sent_at: Option<i64>,
}

macro_rules! all_of {
    ($tx:ident, $sql:ident, $scope:ident, $id:ident) => {
        on!($tx, |c| sqlx::query_as($sql)
            .bind($scope.merchant.as_str())
            .bind($scope.mode.is_live())
            .bind($id.as_str())
            .fetch_all(c)
            .await)
    };
}

/// A payment.
///
/// # Errors
/// The database's.
pub async fn payment(tx: &mut Tx, scope: &Scope, id: &PaymentId) -> Result<Option<DetailRow>, StoreError> {
    let found: Option<StoredDetail> = on!(tx, |c| sqlx::query_as(PAYMENT)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(id.as_str())
        .fetch_optional(c)
        .await)?;
    let Some(found) = found else { return Ok(None) };
    let row = found.row.view()?;
    let money = |minor| Money::new(minor, row.amount.currency);
    Ok(Some(DetailRow {
        authorized: money(found.authorized),
        capture_before: found.capture_before.map(Timestamp),
        capture_warned_at: found.capture_warned_at.map(Timestamp),
        cancellation: found.cancellation.as_deref().map(parse).transpose()?,
        fee: money(found.fee),
        disputed: money(found.disputed),
        exceeded_at: found.exceeded_at.map(Timestamp),
        session_id: found.session_id.as_deref().map(parse).transpose()?,
        metadata: found.metadata,
        receipt_token: found.receipt_token,
        captured_at: found.captured_at.map(Timestamp),
        updated_at: Timestamp(found.updated_at),
        merchant_status: found.merchant_status,
        row,
    }))
}

/// Its attempts, oldest first.
///
/// # Errors
/// The database's.
pub async fn attempts(tx: &mut Tx, scope: &Scope, id: &PaymentId) -> Result<Vec<AttemptRow>, StoreError> {
    let rows: Vec<StoredAttempt> = all_of!(tx, ATTEMPTS, scope, id)?;
    rows.into_iter().map(StoredAttempt::view).collect()
}

/// Its refunds with their authors' names, oldest first.
///
/// # Errors
/// The database's.
pub async fn refunds(tx: &mut Tx, scope: &Scope, id: &PaymentId) -> Result<Vec<Refund>, StoreError> {
    let rows: Vec<ListedRefund> = all_of!(tx, REFUNDS, scope, id)?;
    rows.into_iter().map(ListedRefund::view).collect()
}

/// Its entries, in the order of booking.
///
/// # Errors
/// The database's.
pub async fn ledger(tx: &mut Tx, scope: &Scope, id: &PaymentId) -> Result<Vec<EntryRow>, StoreError> {
    let rows: Vec<StoredEntry> = all_of!(tx, LEDGER, scope, id)?;
    let entry = |row: StoredEntry| EntryRow {
        line: LedgerLine {
            journal_id: row.journal_id,
            kind: row.kind,
            account: row.account,
            amount: Money::new(row.amount, row.currency),
            at: Timestamp(row.at),
        },
        source_id: row.source_id,
    };
    Ok(rows.into_iter().map(entry).collect())
}

/// Mails about it and about its refunds.
///
/// # Errors
/// The database's.
pub async fn mails(tx: &mut Tx, scope: &Scope, id: &PaymentId) -> Result<Vec<MailRow>, StoreError> {
    Ok(all_of!(tx, MAILS, scope, id)?)
}
