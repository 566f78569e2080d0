//! Payments: what checkout reads, and every change of a payment's row.

use crate::{Batch, StoreError, Tx};
use domain::{
    CaptureMethod, ConnectionId, Currency, MerchantId, Mode, Money, PaymentId, Scope, SessionId, Timestamp,
    states::PaymentStatus,
};
use sqlx::FromRow;

pub use crate::payment_money::{RefundMove, move_disputed, move_refund, reserve_found, reserve_refund};

statements! {
    /// One row per connection that is not archived, in the merchant's own order; one row without a connection when there is none.
    FOR_CHECKOUT = "
        select s.merchant_id, s.livemode, s.id as session_id, s.status as session_status, s.currency, s.amount,
               s.description, s.customer_email, s.locale, s.link_id, s.quantity, s.payment_id as session_payment_id,
               s.expires_at, s.capture_method, m.name as merchant_name, m.status as merchant_status,
               p.id as payment_id, p.status as payment_status, p.receipt_token, p.decline_code,
               a.id as attempt_id, a.status as attempt_status, a.action_url, a.provider as attempt_provider,
               c.id as connection_id, c.provider, c.methods, c.currencies, c.credentials, c.status as connection_status,
               c.maintenance_from, c.maintenance_until, s.metadata,
               (select max(r.version) from routing_versions r
                where r.merchant_id = s.merchant_id and r.livemode = s.livemode) as routing_version
        from checkout_sessions s
        join merchants m on m.id = s.merchant_id
        left join payments p on p.merchant_id = s.merchant_id and p.livemode = s.livemode and p.session_id = s.id
        left join attempts a on a.merchant_id = p.merchant_id and a.livemode = p.livemode and a.payment_id = p.id
          and a.status in ('created', 'processing', 'requires_action', 'unknown', 'authorized', 'succeeded')
          and not a.surplus
        left join connections c on c.merchant_id = s.merchant_id and c.livemode = s.livemode and c.status <> 'archived'
        where s.token = $1
        order by c.priority, c.id";
    INSERT = "
        insert into payments (merchant_id, livemode, id, session_id, status, currency, amount, description,
                              customer_email, reference, metadata, receipt_token, created_at, updated_at)
        select s.merchant_id, s.livemode, $4, s.id, 'requires_payment_method', s.currency, s.amount, s.description,
               $5, s.client_reference, s.metadata, $6, $7, $7
        from checkout_sessions s
        where s.merchant_id = $1 and s.livemode = $2 and s.id = $3";
    GET = "
        select merchant_id, livemode, id, session_id, status, currency, amount, authorized, captured, refunded, refund_reserved, disputed, fee,
               description, customer_email, receipt_token, decline_code, attempts, version
        from payments where merchant_id = $1 and livemode = $2 and id = $3";
    SETTLE = "
        update payments
        set status = $6, captured = $7, fee = $8, decline_code = $9, connection_id = $10, provider = $11, method = $12,
            card_brand = $13, card_last4 = $14, captured_at = $15,
            customer_email = coalesce($16, customer_email),
            attempts = case when attempts < $17 then $17 else attempts end,
            updated_at = $18, authorized = $19, capture_before = coalesce($20, capture_before),
            capture_check_at = coalesce($21, capture_check_at), cancellation = $22, version = version + 1
        where merchant_id = $1 and livemode = $2 and id = $3 and status = $4 and captured = $5";
    FEE = "
        update payments set fee = fee + $4, updated_at = $5, version = version + 1
        where merchant_id = $1 and livemode = $2 and id = $3 and status = 'succeeded'";
}

/// What checkout decides by: a session, its merchant, its payment if somebody tried, and the connections to choose from.
#[derive(Debug, Clone)]
pub struct ForCheckout {
    /// Whose, and which world.
    pub scope: Scope,
    /// The session.
    pub session_id: SessionId,
    /// A session's state, by name.
    pub session_status: String,
    /// What is asked.
    pub amount: Money,
    /// What is bought.
    pub description: Option<String>,
    /// The customer's address, when the merchant gave it.
    pub customer_email: Option<String>,
    /// The language that the merchant asked for.
    pub locale: Option<String>,
    /// The link that the session came from, and the pieces of it that the session holds.
    pub link_id: Option<String>,
    /// Pieces.
    pub quantity: i64,
    /// Whether the session names its payment already.
    pub session_names_payment: bool,
    /// The session's end.
    pub expires_at: Timestamp,
    /// When money is taken.
    pub capture_method: CaptureMethod,
    /// The merchant's name.
    pub merchant_name: String,
    /// The merchant's state, by name.
    pub merchant_status: String,
    /// The payment, once somebody tried.
    pub payment: Option<CheckoutPayment>,
    /// Connections that are not archived, in the merchant's own order.
    pub routes: Vec<Route>,
    /// A JSON object of texts.
    pub metadata: String,
    /// The version of the merchant's routing rules; none when there are none.
    pub routing_version: Option<i64>,
}

/// The payment of a session.
#[derive(Debug, Clone)]
pub struct CheckoutPayment {
    /// Its id.
    pub id: PaymentId,
    /// Its state.
    pub status: PaymentStatus,
    /// Opens the receipt.
    pub receipt_token: String,
    /// Why the last attempt was declined.
    pub decline_code: Option<String>,
    /// The state of the attempt that may charge or has charged, by name.
    pub live_attempt: Option<String>,
    /// Where the customer's bank wants them.
    pub action_url: Option<String>,
    /// The provider of that attempt.
    pub live_provider: Option<String>,
}

/// A connection that may take a payment.
#[derive(Debug, Clone)]
pub struct Route {
    /// The connection.
    pub connection_id: ConnectionId,
    /// Its provider.
    pub provider: String,
    /// Accepted methods, a JSON array.
    pub methods: String,
    /// Accepted currencies, a JSON array; empty means all.
    pub currencies: String,
    /// Credentials, sealed.
    pub credentials: Option<Vec<u8>>,
    /// Its state, by name.
    pub status: String,
    /// From when it takes no new payments, if a window was entered.
    pub maintenance_from: Option<i64>,
    /// Until when.
    pub maintenance_until: Option<i64>,
}

#[derive(FromRow)]
struct CheckoutRow {
    merchant_id: String,
    livemode: bool,
    session_id: String,
    session_status: String,
    currency: String,
    amount: i64,
    description: Option<String>,
    customer_email: Option<String>,
    locale: Option<String>,
    link_id: Option<String>,
    quantity: i64,
    session_payment_id: Option<String>,
    expires_at: i64,
    capture_method: String,
    merchant_name: String,
    merchant_status: String,
    payment_id: Option<String>,
    payment_status: Option<String>,
    receipt_token: Option<String>,
    decline_code: Option<String>,
    attempt_status: Option<String>,
    action_url: Option<String>,
    attempt_provider: Option<String>,
    connection_id: Option<String>,
    provider: Option<String>,
    methods: Option<String>,
    currencies: Option<String>,
    credentials: Option<Vec<u8>>,
    connection_status: Option<String>,
    maintenance_from: Option<i64>,
    maintenance_until: Option<i64>,
    metadata: String,
    routing_version: Option<i64>,
}

/// Reads text of the database as one of our types.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn parse<T: std::str::FromStr>(text: &str) -> Result<T, StoreError> {
    text.parse().map_err(|_| StoreError::Corrupt(format!("{text:?} is no {}", std::any::type_name::<T>())))
}

/// The scope of a row.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub(crate) fn scope_of(merchant: &str, livemode: bool) -> Result<Scope, StoreError> {
    Ok(Scope { merchant: parse::<MerchantId>(merchant)?, mode: Mode::from_live(livemode) })
}

impl CheckoutRow {
    fn route(&mut self) -> Result<Option<Route>, StoreError> {
        let (Some(id), Some(provider), Some(methods), Some(currencies)) =
            (&self.connection_id, self.provider.take(), self.methods.take(), self.currencies.take())
        else {
            return Ok(None);
        };
        let credentials = self.credentials.take();
        Ok(Some(Route {
            connection_id: parse(id)?,
            provider,
            methods,
            currencies,
            credentials,
            status: self.connection_status.take().unwrap_or_default(),
            maintenance_from: self.maintenance_from,
            maintenance_until: self.maintenance_until,
        }))
    }

    fn payment(&mut self) -> Result<Option<CheckoutPayment>, StoreError> {
        let (Some(id), Some(status), Some(receipt_token)) =
            (&self.payment_id, &self.payment_status, self.receipt_token.take())
        else {
            return Ok(None);
        };
        Ok(Some(CheckoutPayment {
            id: parse(id)?,
            status: parse(status)?,
            receipt_token,
            decline_code: self.decline_code.take(),
            live_attempt: self.attempt_status.take(),
            action_url: self.action_url.take(),
            live_provider: self.attempt_provider.take(),
        }))
    }
}

/// What checkout decides by, by the session's token; none when there is no such session.
///
/// # Errors
/// The database's.
pub async fn for_checkout(tx: &mut Tx, token: &str) -> Result<Option<ForCheckout>, StoreError> {
    let rows: Vec<CheckoutRow> = on!(tx, |c| sqlx::query_as(FOR_CHECKOUT).bind(token).fetch_all(c).await)?;
    let mut rows = rows.into_iter();
    let Some(mut first) = rows.next() else { return Ok(None) };
    let mut routes = Vec::new();
    routes.extend(first.route()?);
    for mut row in rows {
        routes.extend(row.route()?);
    }
    let payment = first.payment()?;
    Ok(Some(ForCheckout {
        scope: scope_of(&first.merchant_id, first.livemode)?,
        session_id: parse(&first.session_id)?,
        session_status: first.session_status,
        amount: Money::new(first.amount, parse(&first.currency)?),
        description: first.description,
        customer_email: first.customer_email,
        locale: first.locale,
        link_id: first.link_id,
        quantity: first.quantity,
        session_names_payment: first.session_payment_id.is_some(),
        expires_at: Timestamp(first.expires_at),
        capture_method: parse(&first.capture_method)?,
        merchant_name: first.merchant_name,
        merchant_status: first.merchant_status,
        payment,
        routes,
        metadata: first.metadata,
        routing_version: first.routing_version,
    }))
}

/// Makes a session's payment. That there is one already is a conflict.
pub fn insert(
    batch: &mut Batch,
    scope: &Scope,
    id: &PaymentId,
    session: &SessionId,
    email: Option<&str>,
    receipt_token: &str,
    at: Timestamp,
) {
    batch
        .one("payment", INSERT)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(session.as_str())
        .bind(id.as_str())
        .bind(email)
        .bind(receipt_token)
        .bind(at.0);
}

/// A payment's row, as far as commands decide by it.
#[derive(Debug, Clone, FromRow)]
pub struct PaymentRow {
    /// Whose.
    pub merchant_id: String,
    /// Which world.
    pub livemode: bool,
    /// Its id.
    pub id: String,
    /// The session.
    pub session_id: Option<String>,
    /// State, by name.
    pub status: String,
    /// Currency.
    #[sqlx(try_from = "String")]
    pub currency: Currency,
    /// Asked.
    pub amount: i64,
    /// Held on the card before it was captured or released.
    pub authorized: i64,
    /// Captured.
    pub captured: i64,
    /// Given back.
    pub refunded: i64,
    /// Reserved for refunds under way.
    pub refund_reserved: i64,
    /// Taken by disputes.
    pub disputed: i64,
    /// What the gateway took.
    pub fee: i64,
    /// What was bought.
    pub description: Option<String>,
    /// The customer's address.
    pub customer_email: Option<String>,
    /// Opens the receipt.
    pub receipt_token: String,
    /// Why the last attempt was declined.
    pub decline_code: Option<String>,
    /// How many attempts.
    pub attempts: i64,
    /// Version.
    pub version: i64,
}

/// A payment.
///
/// # Errors
/// The database's.
pub async fn get(tx: &mut Tx, scope: &Scope, id: &PaymentId) -> Result<Option<PaymentRow>, StoreError> {
    Ok(on!(tx, |c| sqlx::query_as(GET)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(id.as_str())
        .fetch_optional(c)
        .await)?)
}

/// A payment's new state, after one of its attempts moved.
#[derive(Debug, Clone)]
pub struct PaymentChange<'a> {
    /// The state that it is in.
    pub from: &'a str,
    /// What is captured now.
    pub captured_before: i64,
    /// The new state.
    pub to: PaymentStatus,
    /// What is captured then.
    pub captured: i64,
    /// What is held, or was before it was captured or released.
    pub authorized: i64,
    /// When the gateway lets go of it; none keeps what is stored.
    pub capture_before: Option<Timestamp>,
    /// When the worker looks at it next; none keeps what is stored.
    pub capture_check_at: Option<Timestamp>,
    /// Why it ended without money.
    pub cancellation: Option<&'a str>,
    /// What the gateway took.
    pub fee: i64,
    /// Why the attempt was declined.
    pub decline_code: Option<&'a str>,
    /// The attempt's connection.
    pub connection_id: &'a str,
    /// Its provider.
    pub provider: &'a str,
    /// Its method.
    pub method: &'a str,
    /// Brand of its card.
    pub card_brand: Option<&'a str>,
    /// Last four digits.
    pub card_last4: Option<&'a str>,
    /// When it was captured.
    pub captured_at: Option<Timestamp>,
    /// The address that the customer gave with this attempt; none keeps what is stored.
    pub email: Option<&'a str>,
    /// The attempt's number.
    pub seq: i64,
    /// Now.
    pub at: Timestamp,
}

/// Moves a payment, if it is still in the state that it is moved from.
pub fn settle(batch: &mut Batch, scope: &Scope, id: &str, change: &PaymentChange<'_>) {
    batch
        .one("payment", SETTLE)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(id)
        .bind(change.from)
        .bind(change.captured_before)
        .bind(change.to.as_str())
        .bind(change.captured)
        .bind(change.fee)
        .bind(change.decline_code)
        .bind(change.connection_id)
        .bind(change.provider)
        .bind(change.method)
        .bind(change.card_brand)
        .bind(change.card_last4)
        .bind(change.captured_at.map(|at| at.0))
        .bind(change.email)
        .bind(change.seq)
        .bind(change.at.0)
        .bind(change.authorized)
        .bind(change.capture_before.map(|at| at.0))
        .bind(change.capture_check_at.map(|at| at.0))
        .bind(change.cancellation);
}

/// Adds a fee that became known after the capture.
pub fn tell_fee(batch: &mut Batch, scope: &Scope, id: &str, fee: i64, at: Timestamp) {
    batch.one("payment", FEE).bind(scope.merchant.as_str()).bind(scope.mode.is_live()).bind(id).bind(fee).bind(at.0);
}
