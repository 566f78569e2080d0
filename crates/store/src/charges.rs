//! Charges and refunds by the names that gateways give them.

use crate::{StoreError, Tx, gateway_events::KeyOwner};
use domain::Scope;
use sqlx::FromRow;

statements! {
    /// The attempt behind a gateway's name, by what was asked of the gateway under it.
    BY_REF = "
        select a.id, a.payment_id, a.currency, a.status, a.surplus
        from operations o
        join attempts a on a.merchant_id = o.merchant_id and a.livemode = o.livemode and a.id = o.attempt_id
        where o.merchant_id = $1 and o.livemode = $2 and a.connection_id = $3 and o.gateway_ref = $4 and o.kind <> 'refund'
        order by o.created_at, o.id limit 1";
    /// Whose a gateway's name is, wherever; the asker's own mode before others.
    OWNER = "
        select o.merchant_id, o.livemode, a.connection_id
        from operations o
        join attempts a on a.merchant_id = o.merchant_id and a.livemode = o.livemode and a.id = o.attempt_id
        where o.gateway_ref = $1 and a.provider = $2 and o.kind <> 'refund'
        order by case when o.merchant_id = $3 and o.livemode = $4 then 0 else 1 end, o.created_at, o.id limit 1";
    REFUND_NAMED = "
        select o.id
        from operations o
        join attempts a on a.merchant_id = o.merchant_id and a.livemode = o.livemode and a.id = o.attempt_id
        where o.merchant_id = $1 and o.livemode = $2 and a.connection_id = $3 and o.gateway_ref = $4 and o.kind = 'refund'
        order by o.created_at, o.id limit 1";
    /// Refunds of ours that have no name yet: what was asked for before it had an answer.
    REFUNDS_UNNAMED = "
        select o.id, o.status, o.idempotency_key from operations o
        where o.merchant_id = $1 and o.livemode = $2 and o.payment_id = $3 and o.attempt_id = $4 and o.kind = 'refund'
          and o.gateway_ref is null and o.amount = $5
        order by o.created_at, o.id";
    NAME = "
        update operations set gateway_ref = $4
        where merchant_id = $1 and livemode = $2 and id = $3 and gateway_ref is null";
}

/// An attempt by the gateway's own name for it.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Charge {
    /// The attempt.
    pub id: String,
    /// Its payment.
    pub payment_id: String,
    /// Its currency.
    pub currency: String,
    /// Its state, by name.
    pub status: String,
    /// Whether it took money beside another.
    pub surplus: bool,
}

/// A refund that was asked for and has no name of the gateway's yet.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Unnamed {
    /// The operation.
    pub id: String,
    /// Its state, by name.
    pub status: String,
    /// Our key for it.
    pub idempotency_key: String,
}

/// The attempt that a connection's gateway calls so.
///
/// # Errors
/// The database's.
pub async fn by_ref(
    tx: &mut Tx,
    scope: &Scope,
    connection: &str,
    gateway_ref: &str,
) -> Result<Option<Charge>, StoreError> {
    Ok(on!(tx, |c| sqlx::query_as(BY_REF)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(connection)
        .bind(gateway_ref)
        .fetch_optional(c)
        .await)?)
}

/// Whose charge a provider calls so, of all merchants. For telling that an event is about somebody else's payment, and for nothing
/// else.
///
/// # Errors
/// The database's.
pub async fn owner(
    tx: &mut Tx,
    scope: &Scope,
    provider: &str,
    gateway_ref: &str,
) -> Result<Option<KeyOwner>, StoreError> {
    Ok(on!(tx, |c| sqlx::query_as(OWNER)
        .bind(gateway_ref)
        .bind(provider)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .fetch_optional(c)
        .await)?)
}

/// The operation of a refund that a connection's gateway calls so.
///
/// # Errors
/// The database's.
pub async fn refund_named(
    tx: &mut Tx,
    scope: &Scope,
    connection: &str,
    gateway_ref: &str,
) -> Result<Option<String>, StoreError> {
    Ok(on!(tx, |c| sqlx::query_scalar(REFUND_NAMED)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(connection)
        .bind(gateway_ref)
        .fetch_optional(c)
        .await)?)
}

/// Refunds of an attempt, of an amount, that have no name of the gateway's yet, oldest first.
///
/// # Errors
/// The database's.
pub async fn refunds_unnamed(
    tx: &mut Tx,
    scope: &Scope,
    charge: &Charge,
    amount: i64,
) -> Result<Vec<Unnamed>, StoreError> {
    Ok(on!(tx, |c| sqlx::query_as(REFUNDS_UNNAMED)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(&charge.payment_id)
        .bind(&charge.id)
        .bind(amount)
        .fetch_all(c)
        .await)?)
}

/// Gives an operation the gateway's name, if it has none.
///
/// # Errors
/// The database's.
pub async fn name(tx: &mut Tx, scope: &Scope, operation: &str, gateway_ref: &str) -> Result<(), StoreError> {
    on!(tx, |c| sqlx::query(NAME)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(operation)
        .bind(gateway_ref)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}
