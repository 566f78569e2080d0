//! Methods that gateways keep for customers, and by what names.

use crate::{Batch, StoreError, Tx, changed_one, payments::scope_of};
use domain::{CustomerId, PaymentMethodId, Scope, Timestamp};
use sqlx::FromRow;

/// What [`MethodRow`] is read from; statements add their condition.
macro_rules! methods {
    ($condition:literal) => {
        concat!(
            "select k.id, k.customer_id, u.email, k.status, k.method, k.card_brand, k.card_last4, k.card_exp_month,
                    k.card_exp_year, k.card_country, k.consent, k.consented_at, k.device, k.created_at, k.last_used_at, k.version
             from payment_methods k
             join customers u on u.merchant_id = k.merchant_id and u.livemode = k.livemode and u.id = k.customer_id
             where k.merchant_id = $1 and k.livemode = $2 ",
            $condition
        )
    };
}

statements! {
    KEEP = "
        insert into payment_methods (merchant_id, livemode, id, customer_id, status, method, consent, consented_at, device,
                                     attempt_id, created_at)
        values ($1, $2, $3, $4, 'pending', $5, $6, $7, $8, $9, $7)";
    /// Whoever charges it must find it active; of a detachment at the same moment one is first.
    USE = "
        update payment_methods set last_used_at = $4, version = version + 1
        where merchant_id = $1 and livemode = $2 and id = $3 and status = 'active'";
    ACTIVATE = "
        update payment_methods
        set status = 'active', card_brand = $4, card_last4 = $5, card_exp_month = $6, card_exp_year = $7, card_country = $8,
            version = version + 1
        where merchant_id = $1 and livemode = $2 and id = $3 and status in ('pending', 'failed')";
    MERGE = "
        update payment_methods set status = 'merged', merged_into = $4, version = version + 1
        where merchant_id = $1 and livemode = $2 and id = $3 and status in ('pending', 'failed')";
    /// Of several who heard that it is kept, one goes on; what comes after a failure was recorded is kept all the same.
    CLAIM = "
        update payment_methods set version = version + 1
        where merchant_id = $1 and livemode = $2 and id = $3 and status in ('pending', 'failed')";
    FAIL = "
        update payment_methods set status = 'failed', version = version + 1
        where merchant_id = $1 and livemode = $2 and id = $3 and status = 'pending'";
    DETACH = "
        update payment_methods set status = 'detaching', detached_at = $4, detached_by = $5, version = version + 1
        where merchant_id = $1 and livemode = $2 and id = $3 and status = 'active'";
    DETACHED = "
        update payment_methods set status = 'detached', version = version + 1
        where merchant_id = $1 and livemode = $2 and id = $3 and status = 'detaching'";
    GET = methods!("and k.id = $3");
    OF_CUSTOMER = methods!("and k.customer_id = $3 and k.status = 'active' order by k.created_at desc, k.id desc limit $4");
    OF_DEVICE = methods!("and k.device = $3 and k.status = 'active' order by k.created_at desc, k.id desc limit $4");
    OF_ATTEMPT = methods!("and k.attempt_id = $3");
    /// What is kept with a payment, or pays it, and still is kept; for whoever has its receipt.
    OF_RECEIPT = "
        select k.merchant_id, k.livemode, k.id, k.customer_id, u.email, k.status, k.method, k.card_brand, k.card_last4,
               k.card_exp_month, k.card_exp_year, k.card_country, k.consent, k.consented_at, k.device, k.created_at,
               k.last_used_at, k.version
        from payments p
        join attempts a on a.merchant_id = p.merchant_id and a.livemode = p.livemode and a.payment_id = p.id
          and a.status in ('authorized', 'processing', 'succeeded') and not a.surplus
        join payment_methods j on j.merchant_id = a.merchant_id and j.livemode = a.livemode and j.id = a.payment_method_id
        join payment_methods k on k.merchant_id = j.merchant_id and k.livemode = j.livemode
          and k.id = coalesce(j.merged_into, j.id)
        join customers u on u.merchant_id = k.merchant_id and u.livemode = k.livemode and u.id = k.customer_id
        where p.receipt_token = $1 and k.status = 'active'";
    /// The same card, kept from the same browser before.
    SAME = methods!(
        "and k.device = $3 and k.status = 'active' and k.customer_id = $4 and k.method = $5 and k.card_brand = $6
           and k.card_last4 = $7 and k.card_exp_month = $8 and k.card_exp_year = $9 and k.id <> $10
         order by k.created_at, k.id limit 1");
    /// A connection has one name for a method, and none for one that is taken away: then it is not written. A name that was forgotten
    /// is replaced.
    NAME = "
        insert into payment_method_tokens (merchant_id, livemode, payment_method_id, connection_id, provider, token, attempt_id,
                                           created_at)
        select k.merchant_id, k.livemode, k.id, a.connection_id, a.provider, $5, a.id, cast($6 as bigint)
        from payment_methods k
        join attempts a on a.merchant_id = k.merchant_id and a.livemode = k.livemode and a.id = $4
        where k.merchant_id = $1 and k.livemode = $2 and k.id = $3 and k.status in ('active', 'merged')
        on conflict (merchant_id, livemode, payment_method_id, connection_id) do update
        set token = excluded.token, attempt_id = excluded.attempt_id, created_at = excluded.created_at, forgotten_at = null
        where payment_method_tokens.token is null";
    NAMES = "
        select n.payment_method_id, n.connection_id, n.provider, n.token, n.attempt_id, n.created_at, c.name as connection_name,
               c.credentials
        from payment_method_tokens n
        join connections c on c.merchant_id = n.merchant_id and c.livemode = n.livemode and c.id = n.connection_id
        where n.merchant_id = $1 and n.livemode = $2 and n.payment_method_id = $3 and n.token is not null
        order by n.created_at, n.connection_id";
    /// What a gateway calls the customer, in the latest of the names that it gave to their methods.
    NAME_OF_CUSTOMER = "
        select n.payment_method_id, n.connection_id, n.provider, n.token, n.attempt_id, n.created_at, c.name as connection_name,
               c.credentials
        from payment_methods k
        join payment_method_tokens n
          on n.merchant_id = k.merchant_id and n.livemode = k.livemode and n.payment_method_id = k.id
        join connections c on c.merchant_id = n.merchant_id and c.livemode = n.livemode and c.id = n.connection_id
        where k.merchant_id = $1 and k.livemode = $2 and k.customer_id = $3 and n.connection_id = $4 and n.token is not null
        order by n.created_at desc limit 1";
    /// No gateway knows it any more: it is there for nobody.
    ABANDON = "
        update payment_methods set status = 'detached', detached_at = $4, version = version + 1
        where merchant_id = $1 and livemode = $2 and id = $3 and status = 'active' and not exists (
          select 1 from payment_method_tokens n
          where n.merchant_id = $1 and n.livemode = $2 and n.payment_method_id = $3 and n.token is not null)";
    CARD = "
        select a.card_brand, a.card_last4, a.card_exp_month, a.card_exp_year, a.card_country from attempts a
        where a.merchant_id = $1 and a.livemode = $2 and a.id = $3";
    FORGOTTEN = "
        update payment_method_tokens set token = null, forgotten_at = $5
        where merchant_id = $1 and livemode = $2 and payment_method_id = $3 and connection_id = $4 and token is not null";
}

/// A method that gateways keep.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
#[allow(missing_docs, reason = "named as the columns are")]
pub struct MethodRow {
    pub id: String,
    pub customer_id: String,
    /// The customer's address.
    pub email: String,
    pub status: String,
    pub method: String,
    pub card_brand: Option<String>,
    pub card_last4: Option<String>,
    pub card_exp_month: Option<i64>,
    pub card_exp_year: Option<i64>,
    pub card_country: Option<String>,
    pub consent: String,
    pub consented_at: i64,
    pub device: String,
    pub created_at: i64,
    pub last_used_at: Option<i64>,
    pub version: i64,
}

/// A method with whose it is.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct OwnedRow {
    merchant_id: String,
    livemode: bool,
    /// The method.
    #[sqlx(flatten)]
    pub row: MethodRow,
}

impl OwnedRow {
    /// Whose it is.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`].
    pub fn scope(&self) -> Result<Scope, StoreError> {
        scope_of(&self.merchant_id, self.livemode)
    }
}

/// What a connection calls a method.
#[derive(Debug, Clone, FromRow)]
#[allow(missing_docs, reason = "named as the columns are")]
pub struct NameRow {
    pub payment_method_id: String,
    pub connection_id: String,
    pub provider: String,
    /// Sealed.
    pub token: Vec<u8>,
    /// The attempt that it comes from.
    pub attempt_id: String,
    pub created_at: i64,
    pub connection_name: String,
    /// The connection's credentials, sealed.
    pub credentials: Option<Vec<u8>>,
}

/// A method to be, kept with an attempt.
#[derive(Debug, Clone, Copy)]
#[allow(missing_docs, reason = "named as the columns are")]
pub struct NewMethod<'a> {
    pub id: &'a PaymentMethodId,
    pub customer: &'a CustomerId,
    pub method: &'a str,
    pub consent: &'a str,
    pub device: &'a str,
    pub attempt: &'a str,
    pub at: Timestamp,
}

/// What is known of a card, as a method keeps it.
#[derive(Debug, Clone, Default, PartialEq, Eq, FromRow)]
#[allow(missing_docs, reason = "named as the columns are")]
pub struct Facts {
    pub card_brand: Option<String>,
    pub card_last4: Option<String>,
    pub card_exp_month: Option<i64>,
    pub card_exp_year: Option<i64>,
    pub card_country: Option<String>,
}

/// Notes what a customer agrees to, before anything is asked of a gateway.
pub fn keep(batch: &mut Batch, scope: &Scope, new: NewMethod<'_>) {
    batch
        .add(KEEP)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(new.id.as_str())
        .bind(new.customer.as_str())
        .bind(new.method)
        .bind(new.consent)
        .bind(new.at.0)
        .bind(new.device)
        .bind(new.attempt);
}

/// Takes the right to charge a saved method: the unit stands only if it is active.
pub fn take(batch: &mut Batch, scope: &Scope, id: &str, at: Timestamp) {
    batch.one("payment method", USE).bind(scope.merchant.as_str()).bind(scope.mode.is_live()).bind(id).bind(at.0);
}

/// Moves a method by its state alone; false when it was in another.
async fn step(tx: &mut Tx, sql: &'static str, scope: &Scope, id: &str) -> Result<bool, StoreError> {
    let done = on!(tx, |c| sqlx::query(sql)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(id)
        .execute(c)
        .await
        .map(|r| r.rows_affected()))?;
    changed_one(done)
}

/// Takes the right to write down what a gateway keeps. False: somebody else has, or it was taken away.
///
/// # Errors
/// The database's.
pub async fn claim(tx: &mut Tx, scope: &Scope, id: &str) -> Result<bool, StoreError> {
    step(tx, CLAIM, scope, id).await
}

/// A gateway keeps it: it can be charged from now on. False: it is not waited for any more.
///
/// # Errors
/// The database's.
pub async fn activate(tx: &mut Tx, scope: &Scope, id: &str, facts: &Facts) -> Result<bool, StoreError> {
    let done = on!(tx, |c| sqlx::query(ACTIVATE)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(id)
        .bind(facts.card_brand.as_deref())
        .bind(facts.card_last4.as_deref())
        .bind(facts.card_exp_month)
        .bind(facts.card_exp_year)
        .bind(facts.card_country.as_deref())
        .execute(c)
        .await
        .map(|r| r.rows_affected()))?;
    changed_one(done)
}

/// It was kept before, as another. False: it is not waited for any more.
///
/// # Errors
/// The database's.
pub async fn merge(tx: &mut Tx, scope: &Scope, id: &str, into: &str) -> Result<bool, StoreError> {
    let done = on!(tx, |c| sqlx::query(MERGE)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(id)
        .bind(into)
        .execute(c)
        .await
        .map(|r| r.rows_affected()))?;
    changed_one(done)
}

/// Nothing was kept, if that was waited for.
pub fn fail(batch: &mut Batch, scope: &Scope, id: &str) {
    batch.add(FAIL).bind(scope.merchant.as_str()).bind(scope.mode.is_live()).bind(id);
}

/// Nobody charges it any more. False: it was not active.
///
/// # Errors
/// The database's.
pub async fn detach(tx: &mut Tx, scope: &Scope, id: &str, by: Option<&str>, at: Timestamp) -> Result<bool, StoreError> {
    let done = on!(tx, |c| sqlx::query(DETACH)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(id)
        .bind(at.0)
        .bind(by)
        .execute(c)
        .await
        .map(|r| r.rows_affected()))?;
    changed_one(done)
}

/// Every gateway has forgotten it.
///
/// # Errors
/// The database's.
pub async fn detached(tx: &mut Tx, scope: &Scope, id: &str) -> Result<bool, StoreError> {
    step(tx, DETACHED, scope, id).await
}

/// A method by id, whatever its state.
///
/// # Errors
/// The database's.
pub async fn get(tx: &mut Tx, scope: &Scope, id: &str) -> Result<Option<MethodRow>, StoreError> {
    one(tx, GET, scope, id).await
}

/// The method that was to be kept with an attempt, whatever its state.
///
/// # Errors
/// The database's.
pub async fn of_attempt(tx: &mut Tx, scope: &Scope, attempt: &str) -> Result<Option<MethodRow>, StoreError> {
    one(tx, OF_ATTEMPT, scope, attempt).await
}

/// The active method that was kept with a payment, or paid it, by the payment's receipt.
///
/// # Errors
/// The database's.
pub async fn of_receipt(tx: &mut Tx, receipt: &str) -> Result<Option<OwnedRow>, StoreError> {
    Ok(on!(tx, |c| sqlx::query_as(OF_RECEIPT).bind(receipt).fetch_optional(c).await)?)
}

async fn one(tx: &mut Tx, sql: &'static str, scope: &Scope, by: &str) -> Result<Option<MethodRow>, StoreError> {
    Ok(on!(tx, |c| sqlx::query_as(sql)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(by)
        .fetch_optional(c)
        .await)?)
}

/// A customer's active methods, the latest first.
///
/// # Errors
/// The database's.
pub async fn of_customer(tx: &mut Tx, scope: &Scope, customer: &str, limit: i64) -> Result<Vec<MethodRow>, StoreError> {
    list(tx, OF_CUSTOMER, scope, customer, limit).await
}

/// Active methods that were kept from a browser, the latest first.
///
/// # Errors
/// The database's.
pub async fn of_device(tx: &mut Tx, scope: &Scope, device: &str, limit: i64) -> Result<Vec<MethodRow>, StoreError> {
    list(tx, OF_DEVICE, scope, device, limit).await
}

async fn list(
    tx: &mut Tx,
    sql: &'static str,
    scope: &Scope,
    by: &str,
    limit: i64,
) -> Result<Vec<MethodRow>, StoreError> {
    Ok(on!(tx, |c| sqlx::query_as(sql)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(by)
        .bind(limit)
        .fetch_all(c)
        .await)?)
}

/// The active method of the same customer and browser with the same card, if all of the card is known.
///
/// # Errors
/// The database's.
pub async fn same(
    tx: &mut Tx,
    scope: &Scope,
    pending: &MethodRow,
    facts: &Facts,
) -> Result<Option<MethodRow>, StoreError> {
    Ok(on!(tx, |c| sqlx::query_as(SAME)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(pending.device.as_str())
        .bind(pending.customer_id.as_str())
        .bind(pending.method.as_str())
        .bind(facts.card_brand.as_deref())
        .bind(facts.card_last4.as_deref())
        .bind(facts.card_exp_month)
        .bind(facts.card_exp_year)
        .bind(pending.id.as_str())
        .fetch_optional(c)
        .await)?)
}

/// What an attempt knows of its card.
///
/// # Errors
/// The database's.
pub async fn card(tx: &mut Tx, scope: &Scope, attempt: &str) -> Result<Option<Facts>, StoreError> {
    Ok(on!(tx, |c| sqlx::query_as(CARD)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(attempt)
        .fetch_optional(c)
        .await)?)
}

/// Notes what the attempt's connection calls a method; false when it has a name for it already.
///
/// # Errors
/// The database's.
pub async fn name(
    tx: &mut Tx,
    scope: &Scope,
    id: &str,
    attempt: &str,
    token: &[u8],
    at: Timestamp,
) -> Result<bool, StoreError> {
    let done = on!(tx, |c| sqlx::query(NAME)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(id)
        .bind(attempt)
        .bind(token)
        .bind(at.0)
        .execute(c)
        .await
        .map(|r| r.rows_affected()))?;
    changed_one(done)
}

/// The names of a method that gateways still know.
///
/// # Errors
/// The database's.
pub async fn names(tx: &mut Tx, scope: &Scope, id: &str) -> Result<Vec<NameRow>, StoreError> {
    Ok(on!(tx, |c| sqlx::query_as(NAMES)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(id)
        .fetch_all(c)
        .await)?)
}

/// The latest name that a connection gave to a method of a customer's.
///
/// # Errors
/// The database's.
pub async fn name_of_customer(
    tx: &mut Tx,
    scope: &Scope,
    customer: &str,
    connection: &str,
) -> Result<Option<NameRow>, StoreError> {
    Ok(on!(tx, |c| sqlx::query_as(NAME_OF_CUSTOMER)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(customer)
        .bind(connection)
        .fetch_optional(c)
        .await)?)
}

/// A gateway has forgotten a method.
///
/// # Errors
/// The database's.
pub async fn forgotten(
    tx: &mut Tx,
    scope: &Scope,
    id: &str,
    connection: &str,
    at: Timestamp,
) -> Result<bool, StoreError> {
    let done = on!(tx, |c| sqlx::query(FORGOTTEN)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(id)
        .bind(connection)
        .bind(at.0)
        .execute(c)
        .await
        .map(|r| r.rows_affected()))?;
    changed_one(done)
}

/// A gateway says that it does not know a method (any more); when none is left that does, the method is gone.
///
/// # Errors
/// The database's.
pub async fn gone(tx: &mut Tx, scope: &Scope, id: &str, connection: &str, at: Timestamp) -> Result<(), StoreError> {
    if forgotten(tx, scope, id, connection, at).await? {
        on!(tx, |c| sqlx::query(ABANDON)
            .bind(scope.merchant.as_str())
            .bind(scope.mode.is_live())
            .bind(id)
            .bind(at.0)
            .execute(c)
            .await
            .map(drop))?;
    }
    Ok(())
}
