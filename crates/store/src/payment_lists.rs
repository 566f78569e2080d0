//! Lists of payments and refunds: keyset pages, newest first, and [`detail`], what stands on one payment's page.
//!
//! Their SQL is put together of the filters in use, so that each list walks the index that fits it; values are bound, never
//! written into the text.

pub mod detail;

use crate::{StoreError, Tx, payments::parse};
use domain::{
    Currency, Money, PaymentId, RefundId, Scope, Timestamp,
    states::{PaymentStatus, RefundStatus},
    views::{
        page::Cursor,
        payment::{PaymentRow, Refund},
    },
};
use sqlx::{Database, Encode, FromRow, QueryBuilder, Type};

statements! {
    TIMEZONE = "select timezone from merchants where id = $1";
}

/// The columns of [`ListedPayment`].
macro_rules! payment_columns {
    () => {
        "p.id, p.status, p.currency, p.amount, p.captured, p.refunded, p.refund_reserved, p.card_brand, p.card_last4, p.method, p.provider, \
         p.customer_email, p.reference, p.description, p.decline_code, p.created_at"
    };
}
use payment_columns;

/// The columns of [`ListedRefund`].
macro_rules! refund_columns {
    () => {
        "r.id, r.payment_id, r.status, r.amount, r.currency, r.reason, r.note, r.failure_code, \
         coalesce(u.name, r.created_by) as created_by, r.origin, p.customer_email, r.created_at, r.updated_at"
    };
}
use refund_columns;

const PAYMENTS: &str = concat!("select ", payment_columns!(), " from payments p where p.merchant_id = ");
const REFUNDS: &str = concat!(
    "select ",
    refund_columns!(),
    " from refunds r \
     join payments p on p.merchant_id = r.merchant_id and p.livemode = r.livemode and p.id = r.payment_id \
     left join users u on u.id = r.created_by where r.merchant_id = "
);

/// Which part of a list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Place {
    /// Its beginning: the newest rows.
    #[default]
    First,
    /// The rows that follow one (older).
    After(Cursor),
    /// The rows before one (newer), those next to it.
    Before(Cursor),
}

/// A state as the list names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatusIs {
    /// A payment's state.
    State(PaymentStatus),
    /// All of it was given back.
    Refunded,
    /// Some of it was given back.
    PartlyRefunded,
    /// Declined, waiting for another try.
    Failed,
}

impl StatusIs {
    const fn state(self) -> PaymentStatus {
        match self {
            Self::State(status) => status,
            Self::Refunded | Self::PartlyRefunded => PaymentStatus::Succeeded,
            Self::Failed => PaymentStatus::RequiresPaymentMethod,
        }
    }

    /// What it asks beyond the state.
    const fn more(self) -> &'static str {
        match self {
            Self::State(_) => "",
            Self::Refunded => " and p.refunded > 0 and p.refunded = p.captured",
            Self::PartlyRefunded => " and p.refunded > 0 and p.refunded < p.captured",
            Self::Failed => " and p.decline_code is not null",
        }
    }
}

/// What a list of payments shows; all conditions hold together.
#[derive(Debug, Clone, Default)]
pub struct PaymentQuery {
    /// State.
    pub status: Option<StatusIs>,
    /// Made then or later.
    pub from: Option<Timestamp>,
    /// Made before.
    pub until: Option<Timestamp>,
    /// Least amount, minor units.
    pub min: Option<i64>,
    /// Greatest amount, minor units.
    pub max: Option<i64>,
    /// Currency.
    pub currency: Option<Currency>,
    /// Method.
    pub method: Option<String>,
    /// Last four digits of the card.
    pub last4: Option<String>,
    /// The customer's address, in any capitals.
    pub email: Option<String>,
    /// The merchant's reference.
    pub reference: Option<String>,
    /// Which part.
    pub place: Place,
}

/// The condition that the walked index is entered by: the rarest of those in use. The others are written so that they choose no
/// index, because without statistics a database can't tell which of them is rare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lead {
    Reference,
    Email,
    Last4,
    Amount,
    Status,
    Currency,
    None,
}

impl PaymentQuery {
    fn lead(&self) -> Lead {
        // Nearly every payment has succeeded: that tells less than any currency.
        let rare_status = self.status.is_some_and(|status| status.state() != PaymentStatus::Succeeded);
        match self {
            Self { reference: Some(_), .. } => Lead::Reference,
            Self { email: Some(_), .. } => Lead::Email,
            Self { last4: Some(_), .. } => Lead::Last4,
            Self { min: Some(min), max: Some(max), .. } if min == max => Lead::Amount,
            _ if rare_status => Lead::Status,
            Self { currency: Some(_), .. } => Lead::Currency,
            Self { status: Some(_), .. } => Lead::Status,
            _ => Lead::None,
        }
    }
}

/// A row of the list of payments, as stored.
#[derive(Debug, Clone, FromRow)]
pub(crate) struct ListedPayment {
    #[sqlx(try_from = "String")]
    id: PaymentId,
    status: String,
    #[sqlx(try_from = "String")]
    currency: Currency,
    amount: i64,
    captured: i64,
    refunded: i64,
    refund_reserved: i64,
    card_brand: Option<String>,
    card_last4: Option<String>,
    method: Option<String>,
    provider: Option<String>,
    customer_email: Option<String>,
    reference: Option<String>,
    description: Option<String>,
    decline_code: Option<String>,
    created_at: i64,
}

impl ListedPayment {
    fn view(self) -> Result<PaymentRow, StoreError> {
        let money = |minor| Money::new(minor, self.currency);
        Ok(PaymentRow {
            status: parse(&self.status)?,
            amount: money(self.amount),
            captured: money(self.captured),
            refunded: money(self.refunded),
            refund_pending: money(self.refund_reserved),
            id: self.id,
            card_brand: self.card_brand,
            card_last4: self.card_last4,
            method: self.method,
            provider: self.provider,
            customer_email: self.customer_email,
            reference: self.reference,
            description: self.description,
            decline_code: self.decline_code,
            created_at: Timestamp(self.created_at),
        })
    }
}

/// A row of the list of refunds, as stored.
#[derive(Debug, Clone, FromRow)]
pub(crate) struct ListedRefund {
    #[sqlx(try_from = "String")]
    id: RefundId,
    #[sqlx(try_from = "String")]
    payment_id: PaymentId,
    status: String,
    amount: i64,
    #[sqlx(try_from = "String")]
    currency: Currency,
    reason: String,
    note: Option<String>,
    failure_code: Option<String>,
    created_by: Option<String>,
    origin: String,
    customer_email: Option<String>,
    created_at: i64,
    updated_at: i64,
}

impl ListedRefund {
    fn view(self) -> Result<Refund, StoreError> {
        Ok(Refund {
            status: parse(&self.status)?,
            id: self.id,
            payment_id: self.payment_id,
            amount: Money::new(self.amount, self.currency),
            reason: self.reason,
            note: self.note,
            failure_code: self.failure_code,
            created_by: self.created_by,
            origin: self.origin,
            customer_email: self.customer_email,
            created_at: Timestamp(self.created_at),
            updated_at: Timestamp(self.updated_at),
        })
    }
}

fn equals<DB>(query: &mut QueryBuilder<DB>, column: &str, value: &str)
where
    DB: Database,
    String: for<'q> Encode<'q, DB> + Type<DB>,
{
    query.push(" and ").push(column).push(" = ").push_bind(value.to_owned());
}

/// Bounds by time and place, the order, and the limit. Of a day's bound and a cursor on the same side only the narrower is
/// written: an index is entered by one of them, and the other would be walked through row by row.
fn bounded<DB>(
    query: &mut QueryBuilder<DB>,
    table: &str,
    (from, until): (Option<Timestamp>, Option<Timestamp>),
    place: &Place,
    limit: i64,
) where
    DB: Database,
    String: for<'q> Encode<'q, DB> + Type<DB>,
    i64: for<'q> Encode<'q, DB> + Type<DB>,
{
    let cursor = |query: &mut QueryBuilder<DB>, sign: &str, at: &Cursor| {
        query.push(format_args!(" and ({table}.created_at, {table}.id) {sign} (")).push_bind(at.at.0);
        query.push(", ").push_bind(at.id.clone()).push(")");
    };
    match (place, from) {
        (Place::Before(at), from) if from.is_none_or(|from| at.at >= from) => cursor(query, ">", at),
        (_, Some(from)) => {
            query.push(format_args!(" and {table}.created_at >= ")).push_bind(from.0);
        }
        _ => {}
    }
    match (place, until) {
        (Place::After(at), until) if until.is_none_or(|until| at.at < until) => cursor(query, "<", at),
        (_, Some(until)) => {
            query.push(format_args!(" and {table}.created_at < ")).push_bind(until.0);
        }
        _ => {}
    }
    let way = if matches!(place, Place::Before(_)) { "asc" } else { "desc" };
    query.push(format_args!(" order by {table}.created_at {way}, {table}.id {way} limit ")).push_bind(limit);
}

fn payments_sql<DB>(scope: &Scope, wanted: &PaymentQuery, limit: i64) -> QueryBuilder<DB>
where
    DB: Database,
    String: for<'q> Encode<'q, DB> + Type<DB>,
    i64: for<'q> Encode<'q, DB> + Type<DB>,
    bool: for<'q> Encode<'q, DB> + Type<DB>,
{
    let mut query = QueryBuilder::new(PAYMENTS);
    query.push_bind(scope.merchant.as_str().to_owned()).push(" and p.livemode = ").push_bind(scope.mode.is_live());
    let lead = wanted.lead();
    let status = wanted.status.map(|status| status.state().as_str().to_owned());
    let currency = wanted.currency.map(String::from);
    let texts = [
        (Lead::Reference, "p.reference", &wanted.reference),
        (Lead::Last4, "p.card_last4", &wanted.last4),
        (Lead::Status, "p.status", &status),
        (Lead::Currency, "p.currency", &currency),
    ];
    for (own, column, value) in texts {
        let Some(value) = value else { continue };
        if lead == own {
            equals(&mut query, column, value);
        } else {
            equals(&mut query, &["coalesce(", column, ", '')"].concat(), value);
        }
    }
    if let Some(email) = &wanted.email {
        let column = if lead == Lead::Email { "p.customer_email_key" } else { "coalesce(p.customer_email_key, '')" };
        query.push(" and ").push(column).push(" = lower(").push_bind(email.clone()).push(")");
    }
    query.push(wanted.status.map_or("", StatusIs::more));
    // No index: there are few methods, and nearly every payment has the same.
    if let Some(method) = &wanted.method {
        equals(&mut query, "p.method", method);
    }
    match (wanted.min, wanted.max) {
        (Some(amount), Some(_)) if lead == Lead::Amount => {
            query.push(" and p.amount = ").push_bind(amount);
        }
        (min, max) => {
            for (condition, value) in [(" and p.amount + 0 >= ", min), (" and p.amount + 0 <= ", max)] {
                if let Some(value) = value {
                    query.push(condition).push_bind(value);
                }
            }
        }
    }
    bounded(&mut query, "p", (wanted.from, wanted.until), &wanted.place, limit);
    query
}

/// Payments, at most `limit`, in the order of walking: newest first, but from the place backwards for [`Place::Before`].
///
/// # Errors
/// The database's.
pub async fn payments(
    tx: &mut Tx,
    scope: &Scope,
    wanted: &PaymentQuery,
    limit: i64,
) -> Result<Vec<PaymentRow>, StoreError> {
    let rows: Vec<ListedPayment> = on!(tx, |c| payments_sql(scope, wanted, limit).build_query_as().fetch_all(c).await)?;
    rows.into_iter().map(ListedPayment::view).collect()
}

/// The text of [`payments`]' statement on SQLite, for tests of its plan.
#[doc(hidden)]
#[must_use]
pub fn payments_text(scope: &Scope, wanted: &PaymentQuery) -> String {
    payments_sql::<sqlx::Sqlite>(scope, wanted, 51).into_string()
}

fn refunds_sql<DB>(scope: &Scope, status: Option<RefundStatus>, place: &Place, limit: i64) -> QueryBuilder<DB>
where
    DB: Database,
    String: for<'q> Encode<'q, DB> + Type<DB>,
    i64: for<'q> Encode<'q, DB> + Type<DB>,
    bool: for<'q> Encode<'q, DB> + Type<DB>,
{
    let mut query = QueryBuilder::new(REFUNDS);
    query.push_bind(scope.merchant.as_str().to_owned()).push(" and r.livemode = ").push_bind(scope.mode.is_live());
    if let Some(status) = status {
        equals(&mut query, "r.status", status.as_str());
    }
    bounded(&mut query, "r", (None, None), place, limit);
    query
}

/// Refunds with their authors' names, at most `limit`, in the order of [`payments`].
///
/// # Errors
/// The database's.
pub async fn refunds(
    tx: &mut Tx,
    scope: &Scope,
    status: Option<RefundStatus>,
    place: &Place,
    limit: i64,
) -> Result<Vec<Refund>, StoreError> {
    let rows: Vec<ListedRefund> =
        on!(tx, |c| refunds_sql(scope, status, place, limit).build_query_as().fetch_all(c).await)?;
    rows.into_iter().map(ListedRefund::view).collect()
}

/// The text of [`refunds`]' statement on SQLite, for tests of its plan.
#[doc(hidden)]
#[must_use]
pub fn refunds_text(scope: &Scope, status: Option<RefundStatus>, place: &Place) -> String {
    refunds_sql::<sqlx::Sqlite>(scope, status, place, 51).into_string()
}

/// The time zone by which a merchant's days are cut; none when there is no such merchant.
///
/// # Errors
/// The database's.
pub async fn timezone(tx: &mut Tx, scope: &Scope) -> Result<Option<String>, StoreError> {
    Ok(on!(tx, |c| sqlx::query_scalar(TIMEZONE).bind(scope.merchant.as_str()).fetch_optional(c).await)?)
}
