//! Customers: whoever has a method kept, by their address.

use crate::{Batch, StoreError, Tx};
use domain::{CustomerId, Scope, Timestamp, views::Cursor};
use sqlx::FromRow;

/// What [`CustomerRow`] is read from; statements add their condition.
macro_rules! customers {
    // Of whoever agreed and whose payment came to nothing, nothing was kept: they are in no list.
    (listed $condition:literal) => {
        customers!(concat!(
            "and exists (select 1 from payment_methods k
              where k.merchant_id = u.merchant_id and k.livemode = u.livemode and k.customer_id = u.id
                and k.status in ('active', 'detaching', 'detached')) ",
            $condition
        ))
    };
    ($condition:expr) => {
        concat!(
            "select u.id, u.email, u.created_at,
                    (select count(*) from payment_methods k
                     where k.merchant_id = u.merchant_id and k.livemode = u.livemode and k.customer_id = u.id
                       and k.status = 'active') as methods
             from customers u where u.merchant_id = $1 and u.livemode = $2 ",
            $condition
        )
    };
}

statements! {
    /// Of two who make a customer with an address that the merchant gave at once, one does.
    INSERT = "
        insert into customers (merchant_id, livemode, id, email, vouched, created_at) values ($1, $2, $3, $4, $5, $6)
        on conflict do nothing";
    GET = customers!("and u.id = $3");
    VOUCHED = customers!("and u.email = $3 and u.vouched");
    /// Whoever keeps a method from this browser with this address.
    OF_DEVICE = customers!(
        "and u.email = $3 and exists (
           select 1 from payment_methods k
           where k.merchant_id = u.merchant_id and k.livemode = u.livemode and k.device = $4 and k.customer_id = u.id
             and k.status in ('active', 'detaching', 'detached'))
         order by u.created_at, u.id limit 1");
    BY_EMAIL = customers!(listed "and u.email = $3 order by u.created_at desc, u.id desc limit $4");
    OLDER = customers!(listed "and (u.created_at, u.id) < ($3, $4) order by u.created_at desc, u.id desc limit $5");
    NEWER = customers!(listed "and (u.created_at, u.id) > ($3, $4) order by u.created_at, u.id limit $5");
}

/// A customer.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
#[allow(missing_docs, reason = "named as the columns are")]
pub struct CustomerRow {
    pub id: String,
    pub email: String,
    pub created_at: i64,
    /// Methods that are kept for them now.
    pub methods: i64,
}

/// Makes a customer; not where the merchant gave the address and there is one by it.
pub fn insert(batch: &mut Batch, scope: &Scope, id: &CustomerId, email: &str, vouched: bool, at: Timestamp) {
    batch
        .add(INSERT)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(id.as_str())
        .bind(email)
        .bind(vouched)
        .bind(at.0);
}

/// A customer by id.
///
/// # Errors
/// The database's.
pub async fn get(tx: &mut Tx, scope: &Scope, id: &str) -> Result<Option<CustomerRow>, StoreError> {
    one(tx, GET, scope, id).await
}

/// The customer by an address that the merchant gave.
///
/// # Errors
/// The database's.
pub async fn vouched(tx: &mut Tx, scope: &Scope, email: &str) -> Result<Option<CustomerRow>, StoreError> {
    one(tx, VOUCHED, scope, email).await
}

/// The customer who has kept a method from this browser with this address.
///
/// # Errors
/// The database's.
pub async fn of_device(
    tx: &mut Tx,
    scope: &Scope,
    email: &str,
    device: &str,
) -> Result<Option<CustomerRow>, StoreError> {
    Ok(on!(tx, |c| sqlx::query_as(OF_DEVICE)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(email)
        .bind(device)
        .fetch_optional(c)
        .await)?)
}

/// Customers with an address, the latest first.
///
/// # Errors
/// The database's.
pub async fn by_email(tx: &mut Tx, scope: &Scope, email: &str, limit: i64) -> Result<Vec<CustomerRow>, StoreError> {
    Ok(on!(tx, |c| sqlx::query_as(BY_EMAIL)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(email)
        .bind(limit)
        .fetch_all(c)
        .await)?)
}

async fn one(tx: &mut Tx, sql: &'static str, scope: &Scope, by: &str) -> Result<Option<CustomerRow>, StoreError> {
    Ok(on!(tx, |c| sqlx::query_as(sql)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(by)
        .fetch_optional(c)
        .await)?)
}

/// Customers made before a row, the latest first.
///
/// # Errors
/// The database's.
pub async fn older(tx: &mut Tx, scope: &Scope, than: &Cursor, limit: i64) -> Result<Vec<CustomerRow>, StoreError> {
    page(tx, OLDER, scope, than, limit).await
}

/// Customers made after a row, the earliest first.
///
/// # Errors
/// The database's.
pub async fn newer(tx: &mut Tx, scope: &Scope, than: &Cursor, limit: i64) -> Result<Vec<CustomerRow>, StoreError> {
    page(tx, NEWER, scope, than, limit).await
}

async fn page(
    tx: &mut Tx,
    sql: &'static str,
    scope: &Scope,
    than: &Cursor,
    limit: i64,
) -> Result<Vec<CustomerRow>, StoreError> {
    Ok(on!(tx, |c| sqlx::query_as(sql)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(than.at.0)
        .bind(than.id.as_str())
        .bind(limit)
        .fetch_all(c)
        .await)?)
}
