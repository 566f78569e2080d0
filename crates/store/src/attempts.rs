//! Attempts to pay: at most one per payment may charge, which a partial unique index decides.

use crate::{Batch, StoreError, Tx, changed_one};
use domain::{AttemptId, ConnectionId, PaymentId, Scope, SessionId, Timestamp, states::AttemptStatus};
use sqlx::FromRow;

/// An attempt's insert: the payment's id, the attempt's number, how the payment is joined, and what else has to hold.
macro_rules! charge {
    ($payment:literal, $seq:literal, $join:literal, $rest:literal) => {
        concat!(
            "insert into attempts (merchant_id, livemode, id, payment_id, seq, connection_id, provider, status, amount, currency,
                              method, card_brand, card_last4, card_exp_month, card_exp_year, card_country, form_key,
                              created_at, updated_at, form_hash, routing, payment_method_id, keeps, initiator)
             select s.merchant_id, s.livemode, $4, ",
            $payment,
            ", ",
            $seq,
            ", c.id, c.provider, 'created', s.amount, s.currency, $6, $7, $8, $9, $10, $11, $12, $13, $13, $14, $15, $16, $17, $18
             from checkout_sessions s ",
            $join,
            " join merchants m on m.id = s.merchant_id
             join connections c on c.merchant_id = s.merchant_id and c.livemode = s.livemode and c.id = $5
             where s.merchant_id = $1 and s.livemode = $2 and s.id = $3
               and s.status = 'open' and s.expires_at > $13
               and (m.status = 'active' or (not s.livemode and m.status <> 'closed'))
               and c.status = 'active' ",
            $rest
        )
    };
}

statements! {
    /// The right to charge is decided here and nowhere earlier: a session that is open and in time, a merchant that may
    /// charge in this mode, an active connection, a payment that waits for a method. Of several at once the partial unique
    /// index lets one through; a form's key is used once.
    INSERT = charge!(
        "p.id",
        "(select coalesce(max(a.seq), 0) + 1 from attempts a
          where a.merchant_id = p.merchant_id and a.livemode = p.livemode and a.payment_id = p.id)",
        "join payments p on p.merchant_id = s.merchant_id and p.livemode = s.livemode and p.session_id = s.id",
        "and p.status = 'requires_payment_method'
        on conflict do nothing
        returning payment_id, seq"
    );
    /// The same for a payment that is made with it.
    INSERT_FIRST = charge!("cast($19 as text)", "1", "", "");
    BY_FORM_KEY = "
        select a.id, a.status, a.decline_code, a.form_hash
        from attempts a
        join payments p on p.merchant_id = a.merchant_id and p.livemode = a.livemode and p.id = a.payment_id
        where p.merchant_id = $1 and p.livemode = $2 and p.session_id = $3 and a.form_key = $4";
    SETTLE = "
        update attempts
        set status = $6, gateway_ref = coalesce($7, gateway_ref), decline_code = $8, decline_class = $9, raw_code = $10,
            raw_message = $11, fee = $12, action_url = $13, surplus = $14,
            card_brand = coalesce(card_brand, $15), card_last4 = coalesce(card_last4, $16),
            updated_at = $17, captured = $18, authorized_at = coalesce(authorized_at, $19), fee_pending = $20, version = version + 1
        where merchant_id = $1 and livemode = $2 and id = $3 and status = $4 and version = $5";
    MARK_LATE = "
        update attempts set late_at = $4, late_rule = $5
        where merchant_id = $1 and livemode = $2 and id = $3 and late_at is null";
    RULED = "
        select a.id, a.payment_id, a.connection_id, a.captured, a.currency, a.surplus
        from attempts a
        where a.merchant_id = $1 and a.livemode = $2 and a.id = $3 and a.status = 'succeeded' and a.late_rule = 'refund'";
    /// Connections that were asked for a payment and could not take it; whether the customer's bank might have said more elsewhere.
    FAILED = "
        select a.connection_id, a.decline_class
        from attempts a
        where a.merchant_id = $1 and a.livemode = $2 and a.payment_id = $3 and a.status = 'failed'
          and a.decline_class in ('technical', 'configuration', 'soft')
        order by a.seq";
    /// An attempt gets the name that the gateway gave to what is prepared for it, before anything is confirmed.
    PREPARED = "
        update attempts set gateway_ref = $4, updated_at = $5
        where merchant_id = $1 and livemode = $2 and id = $3 and status = 'created' and gateway_ref is null";
    /// The fee of a captured attempt becomes known, once.
    FEE = "
        update attempts set fee = $4, fee_pending = false, updated_at = $5, version = version + 1
        where merchant_id = $1 and livemode = $2 and id = $3 and fee_pending and status = 'succeeded' and not surplus";
    OTHER_LIVE = "
        select a.id, a.status, a.decline_code
        from attempts a
        where a.merchant_id = $1 and a.livemode = $2 and a.payment_id = $3 and a.id <> $4
          and a.status in ('created', 'processing', 'requires_action', 'unknown', 'authorized', 'succeeded')
          and not a.surplus";
    /// What a refund is asked of: the attempt that took the money.
    CHARGED = "
        select a.id, a.gateway_ref, a.connection_id, a.provider, a.currency, c.credentials
        from attempts a
        join connections c on c.merchant_id = a.merchant_id and c.livemode = a.livemode and c.id = a.connection_id
        where a.merchant_id = $1 and a.livemode = $2 and a.payment_id = $3 and a.status = 'succeeded' and not a.surplus";
}

/// An attempt to be.
#[derive(Debug, Clone)]
pub struct NewAttempt<'a> {
    /// Its id.
    pub id: &'a AttemptId,
    /// The session that is paid.
    pub session: &'a SessionId,
    /// Through which connection.
    pub connection: &'a ConnectionId,
    /// `card` …
    pub method: &'a str,
    /// What may be kept of the card.
    pub card: Option<&'a CardSummary>,
    /// The key of the form that was posted.
    pub form_key: &'a str,
    /// The hash of what the form says, card fields left out.
    pub form_hash: &'a str,
    /// Why it goes there, a JSON object.
    pub routing: Option<&'a str>,
    /// The saved method that it charges; or the one that it keeps.
    pub payment_method: Option<&'a str>,
    /// Whether it keeps that.
    pub keeps: bool,
    /// `customer` or `merchant`: who asks for it.
    pub initiator: &'a str,
    /// Now.
    pub at: Timestamp,
}

/// All that is ever kept of a card.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CardSummary {
    /// Brand.
    pub brand: String,
    /// Last four digits.
    pub last4: String,
    /// Month of expiry.
    pub exp_month: Option<i64>,
    /// Year of expiry.
    pub exp_year: Option<i64>,
    /// Country of the issuer.
    pub country: Option<String>,
}

/// What an attempt's insert tells.
#[derive(Debug, Clone, FromRow)]
pub struct Inserted {
    /// The payment.
    pub payment_id: String,
    /// The attempt's number within the payment.
    pub seq: i64,
}

/// Makes an attempt if it may be made now. None says that it may not; the caller finds out why, for the answer only.
///
/// # Errors
/// The database's.
pub async fn insert(tx: &mut Tx, scope: &Scope, new: &NewAttempt<'_>) -> Result<Option<Inserted>, StoreError> {
    Ok(on!(tx, |c| sqlx::query_as(INSERT)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(new.session.as_str())
        .bind(new.id.as_str())
        .bind(new.connection.as_str())
        .bind(new.method)
        .bind(new.card.map(|card| card.brand.as_str()))
        .bind(new.card.map(|card| card.last4.as_str()))
        .bind(new.card.and_then(|card| card.exp_month))
        .bind(new.card.and_then(|card| card.exp_year))
        .bind(new.card.and_then(|card| card.country.as_deref()))
        .bind(new.form_key)
        .bind(new.at.0)
        .bind(new.form_hash)
        .bind(new.routing)
        .bind(new.payment_method)
        .bind(new.keeps)
        .bind(new.initiator)
        .fetch_optional(c)
        .await)?)
}

/// Makes the first attempt together with its payment, if it may be made now.
pub fn insert_first(batch: &mut Batch, scope: &Scope, payment: &PaymentId, new: &NewAttempt<'_>) {
    batch
        .one("attempt", INSERT_FIRST)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(new.session.as_str())
        .bind(new.id.as_str())
        .bind(new.connection.as_str())
        .bind(new.method)
        .bind(new.card.map(|card| card.brand.as_str()))
        .bind(new.card.map(|card| card.last4.as_str()))
        .bind(new.card.and_then(|card| card.exp_month))
        .bind(new.card.and_then(|card| card.exp_year))
        .bind(new.card.and_then(|card| card.country.as_deref()))
        .bind(new.form_key)
        .bind(new.at.0)
        .bind(new.form_hash)
        .bind(new.routing)
        .bind(new.payment_method)
        .bind(new.keeps)
        .bind(new.initiator)
        .bind(payment.as_str());
}

/// The attempt that a form made.
#[derive(Debug, Clone, FromRow)]
pub struct Posted {
    /// Its id.
    pub id: String,
    /// Its state, by name.
    pub status: String,
    /// Why it was declined.
    pub decline_code: Option<String>,
    /// The hash of what the form said; empty when none was kept.
    pub form_hash: String,
}

/// A payment's other attempt.
#[derive(Debug, Clone, FromRow)]
pub struct Known {
    /// Its id.
    pub id: String,
    /// Its state, by name.
    pub status: String,
    /// Why it was declined.
    pub decline_code: Option<String>,
}

/// The attempt that a form's key made, if it made one.
///
/// # Errors
/// The database's.
pub async fn by_form_key(
    tx: &mut Tx,
    scope: &Scope,
    session: &SessionId,
    form_key: &str,
) -> Result<Option<Posted>, StoreError> {
    Ok(on!(tx, |c| sqlx::query_as(BY_FORM_KEY)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(session.as_str())
        .bind(form_key)
        .fetch_optional(c)
        .await)?)
}

/// The payment's attempt that may charge or has charged, other than this one.
///
/// # Errors
/// The database's.
pub async fn other_live(tx: &mut Tx, scope: &Scope, payment: &str, attempt: &str) -> Result<Option<Known>, StoreError> {
    Ok(on!(tx, |c| sqlx::query_as(OTHER_LIVE)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(payment)
        .bind(attempt)
        .fetch_optional(c)
        .await)?)
}

/// Connections that were asked for a payment and gave a no that another may turn round, with the kind of no, in order.
///
/// # Errors
/// The database's.
pub async fn failed(tx: &mut Tx, scope: &Scope, payment: &PaymentId) -> Result<Vec<(String, String)>, StoreError> {
    Ok(on!(tx, |c| sqlx::query_as(FAILED)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(payment.as_str())
        .fetch_all(c)
        .await)?)
}

/// Notes what the gateway has prepared for an attempt that was not sent yet. False: it was settled meanwhile.
///
/// # Errors
/// The database's.
pub async fn prepared(
    tx: &mut Tx,
    scope: &Scope,
    id: &str,
    gateway_ref: &str,
    at: Timestamp,
) -> Result<bool, StoreError> {
    let done = on!(tx, |c| sqlx::query(PREPARED)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(id)
        .bind(gateway_ref)
        .bind(at.0)
        .execute(c)
        .await
        .map(|r| r.rows_affected()))?;
    changed_one(done)
}

/// An attempt's new state.
#[derive(Debug, Clone)]
pub struct AttemptChange<'a> {
    /// The state and version that it is in.
    pub from: (&'a str, i64),
    /// The new state.
    pub to: AttemptStatus,
    /// The gateway's own name for the charge; none keeps what is stored.
    pub gateway_ref: Option<&'a str>,
    /// Why it was declined.
    pub decline_code: Option<&'a str>,
    /// What kind of no.
    pub decline_class: Option<&'a str>,
    /// The gateway's own code.
    pub raw_code: Option<&'a str>,
    /// The gateway's own words.
    pub raw_message: Option<&'a str>,
    /// What was captured.
    pub captured: i64,
    /// When its amount was held on the card; none keeps what is stored.
    pub authorized_at: Option<Timestamp>,
    /// What the gateway took.
    pub fee: i64,
    /// Whether the gateway has not said yet what it took.
    pub fee_pending: bool,
    /// Where the customer's bank wants them.
    pub action_url: Option<&'a str>,
    /// Whether it took money beside another attempt that had taken it.
    pub surplus: bool,
    /// Brand of the card, if the gateway alone knows it.
    pub card_brand: Option<&'a str>,
    /// Last four digits, if the gateway alone knows them.
    pub card_last4: Option<&'a str>,
    /// Now.
    pub at: Timestamp,
}

/// Notes the fee of a captured attempt, if it is not known yet.
pub fn tell_fee(batch: &mut Batch, scope: &Scope, id: &str, fee: i64, at: Timestamp) {
    batch.one("attempt", FEE).bind(scope.merchant.as_str()).bind(scope.mode.is_live()).bind(id).bind(fee).bind(at.0);
}

/// Moves an attempt, if it is still in the state and version that it is moved from.
pub fn settle(batch: &mut Batch, scope: &Scope, id: &str, change: &AttemptChange<'_>) {
    batch
        .one("attempt", SETTLE)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(id)
        .bind(change.from.0)
        .bind(change.from.1)
        .bind(change.to.as_str())
        .bind(change.gateway_ref)
        .bind(change.decline_code)
        .bind(change.decline_class)
        .bind(change.raw_code)
        .bind(change.raw_message)
        .bind(change.fee)
        .bind(change.action_url)
        .bind(change.surplus)
        .bind(change.card_brand)
        .bind(change.card_last4)
        .bind(change.at.0)
        .bind(change.captured)
        .bind(change.authorized_at.map(|at| at.0))
        .bind(change.fee_pending);
}

/// The charge that a refund is asked of.
#[derive(Debug, Clone, FromRow)]
pub struct Charged {
    /// The attempt.
    pub id: String,
    /// The gateway's own name for the charge.
    pub gateway_ref: Option<String>,
    /// Through which connection.
    pub connection_id: String,
    /// Its provider.
    pub provider: String,
    /// Currency.
    pub currency: String,
    /// The connection's credentials, sealed.
    pub credentials: Option<Vec<u8>>,
}

/// The attempt that took a payment's money.
///
/// # Errors
/// The database's.
pub async fn charged(tx: &mut Tx, scope: &Scope, payment: &str) -> Result<Option<Charged>, StoreError> {
    Ok(on!(tx, |c| sqlx::query_as(CHARGED)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(payment)
        .fetch_optional(c)
        .await)?)
}

/// Notes that an attempt's money came late, and by which rule (`accept`, `refund`) it is dealt with.
///
/// # Errors
/// The database's.
pub async fn mark_late(tx: &mut Tx, scope: &Scope, id: &str, at: Timestamp, rule: &str) -> Result<bool, StoreError> {
    let done = on!(tx, |c| sqlx::query(MARK_LATE)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(id)
        .bind(at.0)
        .bind(rule)
        .execute(c)
        .await
        .map(|r| r.rows_affected()))?;
    changed_one(done)
}

/// Late money that a rule gives back.
#[derive(Debug, Clone, FromRow)]
pub struct Ruled {
    /// The attempt.
    pub id: String,
    /// Its payment.
    pub payment_id: String,
    /// Through which connection.
    pub connection_id: String,
    /// How much it took.
    pub captured: i64,
    /// Of which currency.
    pub currency: String,
    /// Whether it came beside another's.
    pub surplus: bool,
}

/// The attempt whose late money a rule gives back; none when no rule does.
///
/// # Errors
/// The database's.
pub async fn ruled(tx: &mut Tx, scope: &Scope, id: &str) -> Result<Option<Ruled>, StoreError> {
    Ok(on!(tx, |c| sqlx::query_as(RULED)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(id)
        .fetch_optional(c)
        .await)?)
}
