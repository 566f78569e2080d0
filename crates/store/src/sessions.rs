//! Checkout sessions, and what the customer's pages read.

use crate::links::{self, SellerRow};
use crate::session_ends::{CanceledPayment, cancel_payment};
use crate::{StoreError, Tx};
use domain::{CaptureMethod, Scope, SessionId, Timestamp, states::SessionStatus, views::Cursor};

statements! {
    INSERT = "insert into checkout_sessions (merchant_id, livemode, id, token, status, currency, amount, line_items, \
              description, customer_email, client_reference, metadata, success_url, cancel_url, locale, link_id, quantity, \
              expires_at, created_at, capture_method) \
              values ($1, $2, $3, $4, 'open', $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)";
    GET = "select s.id, s.token, s.status, s.currency, s.amount, s.line_items, s.customer_email, s.client_reference, s.link_id, \
           s.quantity, s.capture_method, s.created_at, s.expires_at, s.version, p.id as payment_id from checkout_sessions s \
           left join payments p on p.merchant_id = s.merchant_id and p.livemode = s.livemode and p.session_id = s.id \
           where s.merchant_id = $1 and s.livemode = $2 and s.id = $3";
    OLDER = "select s.id, s.token, s.status, s.currency, s.amount, s.line_items, s.customer_email, s.client_reference, \
             s.link_id, s.quantity, s.capture_method, s.created_at, s.expires_at, s.version, p.id as payment_id from checkout_sessions s \
             left join payments p on p.merchant_id = s.merchant_id and p.livemode = s.livemode and p.session_id = s.id \
             where s.merchant_id = $1 and s.livemode = $2 and (s.created_at, s.id) < ($3, $4) \
             order by s.created_at desc, s.id desc limit $5";
    NEWER = "select s.id, s.token, s.status, s.currency, s.amount, s.line_items, s.customer_email, s.client_reference, \
             s.link_id, s.quantity, s.capture_method, s.created_at, s.expires_at, s.version, p.id as payment_id from checkout_sessions s \
             left join payments p on p.merchant_id = s.merchant_id and p.livemode = s.livemode and p.session_id = s.id \
             where s.merchant_id = $1 and s.livemode = $2 and (s.created_at, s.id) > ($3, $4) \
             order by s.created_at, s.id limit $5";
    // Everything that the customer's page says, in one statement: a row for each active connection, at least one. The list of
    // the attempt's states is that of the index `attempts_one_live`, so that it finds the one attempt that may charge.
    CHECKOUT = "select s.merchant_id, s.livemode, s.id, s.status, s.currency, s.amount, s.line_items, s.description, \
                s.customer_email, s.success_url, s.cancel_url, s.locale, s.expires_at, s.capture_method, \
                m.name as merchant_name, m.status as merchant_status, m.statement_name, m.support_email, m.support_url, \
                m.brand_color, m.logo_file_id, \
                s.metadata, p.id as payment_id, p.status as payment_status, p.decline_code, p.receipt_token, \
                a.status as attempt_status, a.action_url, a.provider as attempt_provider, c.id as connection_id, c.provider, c.methods, c.currencies, \
                c.credentials, c.status as connection_status, c.maintenance_from, c.maintenance_until, \
                (select max(r.version) from routing_versions r where r.merchant_id = s.merchant_id \
                and r.livemode = s.livemode) as routing_version \
                from checkout_sessions s join merchants m on m.id = s.merchant_id \
                left join payments p on p.merchant_id = s.merchant_id and p.livemode = s.livemode and p.session_id = s.id \
                left join attempts a on a.merchant_id = p.merchant_id and a.livemode = p.livemode and a.payment_id = p.id \
                and a.status in ('created', 'processing', 'requires_action', 'unknown', 'authorized', 'succeeded') \
                and not a.surplus \
                left join connections c on c.merchant_id = s.merchant_id and c.livemode = s.livemode and c.status <> 'archived' \
                where s.token = $1 order by c.priority, c.id";
    RECEIPT = "select p.livemode, p.merchant_id, p.id, p.status, p.currency, p.amount, p.captured, p.authorized, \
               p.cancellation, p.refunded, p.card_brand, p.card_last4, \
               p.description, p.customer_email, p.captured_at, s.line_items, s.success_url, \
               m.name as merchant_name, m.status as merchant_status, m.statement_name, m.support_email, m.support_url, \
               m.brand_color, m.logo_file_id \
               from payments p join merchants m on m.id = p.merchant_id \
               left join checkout_sessions s on s.merchant_id = p.merchant_id and s.livemode = p.livemode and s.id = p.session_id \
               where p.receipt_token = $1";
    BY_OPERATION = "select s.token, s.livemode, m.name as merchant_name from operations o \
                    join payments p on p.merchant_id = o.merchant_id and p.livemode = o.livemode and p.id = o.payment_id \
                    join checkout_sessions s on s.merchant_id = p.merchant_id and s.livemode = p.livemode and s.id = p.session_id \
                    join merchants m on m.id = s.merchant_id where o.idempotency_key = $1";
    // A session whose payment may still come to money holds its stock.
    END = "update checkout_sessions set status = $4, version = version + 1 \
           where merchant_id = $1 and livemode = $2 and id = $3 and status = 'open' and not exists ( \
           select 1 from payments p where p.merchant_id = $1 and p.livemode = $2 and p.session_id = $3 and ( \
           p.status in ('requires_action', 'processing', 'unknown', 'requires_capture', 'succeeded') or exists ( \
           select 1 from attempts a where a.merchant_id = $1 and a.livemode = $2 and a.payment_id = p.id and a.status in \
           ('created', 'processing', 'requires_action', 'unknown', 'authorized', 'succeeded')))) \
           returning link_id, quantity";
    RETURN_ORIGINS = "select return_origins from merchants where id = $1";
}

/// A session as the portal reads it.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
#[allow(missing_docs, reason = "named as the columns are")]
pub struct SessionRow {
    pub id: String,
    pub token: String,
    pub status: String,
    pub currency: String,
    pub amount: i64,
    pub line_items: String,
    pub customer_email: Option<String>,
    pub client_reference: Option<String>,
    pub link_id: Option<String>,
    pub quantity: i64,
    pub capture_method: String,
    pub created_at: i64,
    pub expires_at: i64,
    pub version: i64,
    pub payment_id: Option<String>,
}

/// A session as the customer's page reads it, once for each connection that is not archived.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
#[allow(missing_docs, reason = "named as the columns are")]
pub struct CheckoutRow {
    pub merchant_id: String,
    pub livemode: bool,
    pub id: String,
    pub status: String,
    pub currency: String,
    pub amount: i64,
    pub line_items: String,
    pub description: Option<String>,
    pub customer_email: Option<String>,
    pub success_url: Option<String>,
    pub cancel_url: Option<String>,
    pub locale: Option<String>,
    pub expires_at: i64,
    pub capture_method: String,
    #[sqlx(flatten)]
    pub seller: SellerRow,
    pub payment_id: Option<String>,
    pub payment_status: Option<String>,
    pub decline_code: Option<String>,
    pub receipt_token: Option<String>,
    pub attempt_status: Option<String>,
    pub action_url: Option<String>,
    pub attempt_provider: Option<String>,
    pub connection_id: Option<String>,
    pub provider: Option<String>,
    pub methods: Option<String>,
    pub currencies: Option<String>,
    pub credentials: Option<Vec<u8>>,
    pub connection_status: Option<String>,
    pub maintenance_from: Option<i64>,
    pub maintenance_until: Option<i64>,
    pub metadata: String,
    pub routing_version: Option<i64>,
}

/// A payment as its receipt reads it.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
#[allow(missing_docs, reason = "named as the columns are")]
pub struct ReceiptRow {
    pub livemode: bool,
    pub merchant_id: String,
    pub id: String,
    pub status: String,
    pub currency: String,
    pub amount: i64,
    pub captured: i64,
    pub authorized: i64,
    pub cancellation: Option<String>,
    pub refunded: i64,
    pub card_brand: Option<String>,
    pub card_last4: Option<String>,
    pub description: Option<String>,
    pub customer_email: Option<String>,
    pub captured_at: Option<i64>,
    pub line_items: Option<String>,
    pub success_url: Option<String>,
    #[sqlx(flatten)]
    pub seller: SellerRow,
}

/// The session behind a challenge.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
#[allow(missing_docs, reason = "named as the columns are")]
pub struct ChallengeRow {
    pub token: String,
    pub livemode: bool,
    pub merchant_name: String,
}

/// A session to be written.
#[derive(Debug, Clone)]
pub struct NewSession {
    /// Its id.
    pub id: SessionId,
    /// Random; whoever has it may pay.
    pub token: String,
    /// Currency code.
    pub currency: String,
    /// Total, minor units.
    pub amount: i64,
    /// JSON array of lines.
    pub line_items: String,
    /// Description.
    pub description: Option<String>,
    /// The customer's address.
    pub customer_email: Option<String>,
    /// The merchant's own reference.
    pub client_reference: Option<String>,
    /// JSON object of texts.
    pub metadata: String,
    /// Where to go after paying.
    pub success_url: Option<String>,
    /// Where to go back.
    pub cancel_url: Option<String>,
    /// Language that was asked for.
    pub locale: Option<&'static str>,
    /// The link that it came from.
    pub link_id: Option<String>,
    /// Pieces of the link's stock that it holds.
    pub quantity: i64,
    /// Ends.
    pub expires_at: Timestamp,
    /// Made.
    pub created_at: Timestamp,
    /// When money is taken.
    pub capture_method: CaptureMethod,
}

/// Writes a session, open: one statement.
///
/// # Errors
/// The database's.
pub async fn insert(tx: &mut Tx, scope: &Scope, new: &NewSession) -> Result<(), StoreError> {
    on!(tx, |c| sqlx::query(INSERT)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(new.id.as_str())
        .bind(&new.token)
        .bind(&new.currency)
        .bind(new.amount)
        .bind(&new.line_items)
        .bind(&new.description)
        .bind(&new.customer_email)
        .bind(&new.client_reference)
        .bind(&new.metadata)
        .bind(&new.success_url)
        .bind(&new.cancel_url)
        .bind(new.locale)
        .bind(&new.link_id)
        .bind(new.quantity)
        .bind(new.expires_at.0)
        .bind(new.created_at.0)
        .bind(new.capture_method.as_str())
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// One session.
///
/// # Errors
/// The database's.
pub async fn get(tx: &mut Tx, scope: &Scope, id: &SessionId) -> Result<Option<SessionRow>, StoreError> {
    Ok(on!(tx, |c| sqlx::query_as(GET)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(id.as_str())
        .fetch_optional(c)
        .await)?)
}

/// Sessions older than a place, newest first.
///
/// # Errors
/// The database's.
pub async fn older(tx: &mut Tx, scope: &Scope, than: &Cursor, limit: i64) -> Result<Vec<SessionRow>, StoreError> {
    Ok(on!(tx, |c| sqlx::query_as(OLDER)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(than.at.0)
        .bind(&than.id)
        .bind(limit)
        .fetch_all(c)
        .await)?)
}

/// Sessions newer than a place, oldest first.
///
/// # Errors
/// The database's.
pub async fn newer(tx: &mut Tx, scope: &Scope, than: &Cursor, limit: i64) -> Result<Vec<SessionRow>, StoreError> {
    Ok(on!(tx, |c| sqlx::query_as(NEWER)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(than.at.0)
        .bind(&than.id)
        .bind(limit)
        .fetch_all(c)
        .await)?)
}

/// What the customer's page says: none when there is no such token, else a row for each active connection, in the order of
/// preference, or one without a connection.
///
/// # Errors
/// The database's.
pub async fn checkout(tx: &mut Tx, token: &str) -> Result<Vec<CheckoutRow>, StoreError> {
    Ok(on!(tx, |c| sqlx::query_as(CHECKOUT).bind(token).fetch_all(c).await)?)
}

/// The payment behind a receipt's token.
///
/// # Errors
/// The database's.
pub async fn receipt(tx: &mut Tx, token: &str) -> Result<Option<ReceiptRow>, StoreError> {
    Ok(on!(tx, |c| sqlx::query_as(RECEIPT).bind(token).fetch_optional(c).await)?)
}

/// The session whose payment an operation belongs to, by our key for the gateway.
///
/// # Errors
/// The database's.
pub async fn by_operation(tx: &mut Tx, idempotency_key: &str) -> Result<Option<ChallengeRow>, StoreError> {
    Ok(on!(tx, |c| sqlx::query_as(BY_OPERATION).bind(idempotency_key).fetch_optional(c).await)?)
}

/// What [`cancel`] did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Canceled {
    /// Nothing: it was not open, or may not end.
    Refused,
    /// The session has ended, and with it its unpaid payment, if there was one.
    Ended(Option<CanceledPayment>),
}

/// Ends an open session on the merchant's wish, cancels its unpaid payment and gives its stock back; unless an attempt is under
/// way or money was taken. ([`crate::session_ends`] completes sessions and ends those whose time is over.)
///
/// # Errors
/// The database's; [`StoreError::Corrupt`] when the link counts fewer pieces than the session holds.
pub async fn cancel(tx: &mut Tx, scope: &Scope, id: &SessionId, at: Timestamp) -> Result<Canceled, StoreError> {
    let ended: Option<(Option<String>, i64)> = on!(tx, |c| sqlx::query_as(END)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(id.as_str())
        .bind(SessionStatus::Canceled.as_str())
        .fetch_optional(c)
        .await)?;
    let Some((link, quantity)) = ended else { return Ok(Canceled::Refused) };
    let payment = cancel_payment(tx, scope, id.as_str(), at).await?;
    if let Some(link) = &link
        && !links::give_stock_back(tx, scope, link, quantity).await?
    {
        return Err(StoreError::Corrupt(format!("{link} counts fewer pieces than its sessions hold")));
    }
    Ok(Canceled::Ended(payment))
}

/// The origins to which checkout may send a merchant's customers back: a JSON array. None when there is no such merchant.
///
/// # Errors
/// The database's.
pub async fn return_origins(tx: &mut Tx, scope: &Scope) -> Result<Option<String>, StoreError> {
    let row: Option<(String,)> =
        on!(tx, |c| sqlx::query_as(RETURN_ORIGINS).bind(scope.merchant.as_str()).fetch_optional(c).await)?;
    Ok(row.map(|row| row.0))
}
