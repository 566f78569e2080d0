//! Payment links and their stock.

use crate::{StoreError, Tx, changed_one};
use domain::{CaptureMethod, LinkId, Scope, Timestamp, views::Cursor};

statements! {
    INSERT = "insert into payment_links (merchant_id, livemode, id, token, title, description, currency, amount, min_amount, \
              max_amount, max_quantity, stock, success_url, created_by, created_at, updated_at, capture_method) \
              values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $15, $16)";
    GET = "select id, token, title, description, currency, amount, min_amount, max_amount, max_quantity, stock, sold, active, \
           success_url, capture_method, created_at, version from payment_links where merchant_id = $1 and livemode = $2 and id = $3";
    PAGE = "select l.merchant_id, l.livemode, l.id, l.token, l.title, l.description, l.currency, l.amount, l.min_amount, \
            l.max_amount, l.max_quantity, l.stock, l.sold, l.active, l.success_url, l.capture_method, l.created_at, l.version, \
            m.name as merchant_name, m.status as merchant_status, m.statement_name, m.support_email, m.support_url, \
            m.brand_color, m.logo_file_id \
            from payment_links l join merchants m on m.id = l.merchant_id where l.token = $1";
    OLDER = "select id, token, title, description, currency, amount, min_amount, max_amount, max_quantity, stock, sold, active, \
             success_url, capture_method, created_at, version from payment_links \
             where merchant_id = $1 and livemode = $2 and (created_at, id) < ($3, $4) order by created_at desc, id desc limit $5";
    NEWER = "select id, token, title, description, currency, amount, min_amount, max_amount, max_quantity, stock, sold, active, \
             success_url, capture_method, created_at, version from payment_links \
             where merchant_id = $1 and livemode = $2 and (created_at, id) > ($3, $4) order by created_at, id limit $5";
    // Stock never goes below what is sold, whoever sells meanwhile.
    UPDATE = "update payment_links set title = $4, description = $5, currency = $6, amount = $7, min_amount = $8, \
              max_amount = $9, max_quantity = $10, stock = $11, success_url = $12, updated_at = $13, capture_method = $15, \
              version = version + 1 \
              where merchant_id = $1 and livemode = $2 and id = $3 and version = $14 \
              and (cast($11 as bigint) is null or sold <= $11)";
    SET_ACTIVE = "update payment_links set active = $4, updated_at = $5, version = version + 1 \
                  where merchant_id = $1 and livemode = $2 and id = $3 and active <> $4";
    TAKE = "update payment_links set sold = sold + $4 \
            where merchant_id = $1 and livemode = $2 and id = $3 and active and (stock is null or sold + $4 <= stock)";
    GIVE_BACK = "update payment_links set sold = sold - $4 \
                 where merchant_id = $1 and livemode = $2 and id = $3 and sold >= $4";
}

/// A payment link.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
#[allow(missing_docs, reason = "named as the columns are")]
pub struct LinkRow {
    pub id: String,
    pub token: String,
    pub title: String,
    pub description: Option<String>,
    pub currency: String,
    pub amount: Option<i64>,
    pub min_amount: Option<i64>,
    pub max_amount: Option<i64>,
    pub max_quantity: i64,
    pub stock: Option<i64>,
    pub sold: i64,
    pub active: bool,
    pub success_url: Option<String>,
    pub capture_method: String,
    pub created_at: i64,
    pub version: i64,
}

/// What customers see of a merchant.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
#[allow(missing_docs, reason = "named as the columns are")]
pub struct SellerRow {
    pub merchant_name: String,
    pub merchant_status: String,
    pub statement_name: Option<String>,
    pub support_email: Option<String>,
    pub support_url: Option<String>,
    pub brand_color: Option<String>,
    pub logo_file_id: Option<String>,
}

/// A link with its merchant, for its public page.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
#[allow(missing_docs, reason = "named as the columns are")]
pub struct LinkPageRow {
    pub merchant_id: String,
    pub livemode: bool,
    #[sqlx(flatten)]
    pub link: LinkRow,
    #[sqlx(flatten)]
    pub seller: SellerRow,
}

/// What a link says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkContent {
    /// Title.
    pub title: String,
    /// Description.
    pub description: Option<String>,
    /// Currency code.
    pub currency: String,
    /// Fixed price; none when the customer chooses.
    pub amount: Option<i64>,
    /// Least that a customer may choose.
    pub min_amount: Option<i64>,
    /// Most that a customer may choose.
    pub max_amount: Option<i64>,
    /// Most pieces for one customer.
    pub max_quantity: i64,
    /// Stock limit.
    pub stock: Option<i64>,
    /// Where the customer goes after paying.
    pub success_url: Option<String>,
    /// When money is taken.
    pub capture_method: CaptureMethod,
}

/// Writes a link, active.
///
/// # Errors
/// The database's.
pub async fn insert(
    tx: &mut Tx,
    scope: &Scope,
    id: &LinkId,
    token: &str,
    content: &LinkContent,
    created_by: &str,
    at: Timestamp,
) -> Result<(), StoreError> {
    on!(tx, |c| sqlx::query(INSERT)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(id.as_str())
        .bind(token)
        .bind(&content.title)
        .bind(&content.description)
        .bind(&content.currency)
        .bind(content.amount)
        .bind(content.min_amount)
        .bind(content.max_amount)
        .bind(content.max_quantity)
        .bind(content.stock)
        .bind(&content.success_url)
        .bind(created_by)
        .bind(at.0)
        .bind(content.capture_method.as_str())
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// One link.
///
/// # Errors
/// The database's.
pub async fn get(tx: &mut Tx, scope: &Scope, id: &LinkId) -> Result<Option<LinkRow>, StoreError> {
    Ok(on!(tx, |c| sqlx::query_as(GET)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(id.as_str())
        .fetch_optional(c)
        .await)?)
}

/// The link behind a public token, with its merchant.
///
/// # Errors
/// The database's.
pub async fn page(tx: &mut Tx, token: &str) -> Result<Option<LinkPageRow>, StoreError> {
    Ok(on!(tx, |c| sqlx::query_as(PAGE).bind(token).fetch_optional(c).await)?)
}

/// Links older than a place, newest first.
///
/// # Errors
/// The database's.
pub async fn older(tx: &mut Tx, scope: &Scope, than: &Cursor, limit: i64) -> Result<Vec<LinkRow>, StoreError> {
    Ok(on!(tx, |c| sqlx::query_as(OLDER)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(than.at.0)
        .bind(&than.id)
        .bind(limit)
        .fetch_all(c)
        .await)?)
}

/// Links newer than a place, oldest first.
///
/// # Errors
/// The database's.
pub async fn newer(tx: &mut Tx, scope: &Scope, than: &Cursor, limit: i64) -> Result<Vec<LinkRow>, StoreError> {
    Ok(on!(tx, |c| sqlx::query_as(NEWER)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(than.at.0)
        .bind(&than.id)
        .bind(limit)
        .fetch_all(c)
        .await)?)
}

/// Changes a link that still has this version, unless more is sold than the new stock; false otherwise.
///
/// # Errors
/// The database's.
pub async fn update(
    tx: &mut Tx,
    scope: &Scope,
    id: &LinkId,
    content: &LinkContent,
    at: Timestamp,
    version: i64,
) -> Result<bool, StoreError> {
    let done = on!(tx, |c| sqlx::query(UPDATE)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(id.as_str())
        .bind(&content.title)
        .bind(&content.description)
        .bind(&content.currency)
        .bind(content.amount)
        .bind(content.min_amount)
        .bind(content.max_amount)
        .bind(content.max_quantity)
        .bind(content.stock)
        .bind(&content.success_url)
        .bind(at.0)
        .bind(version)
        .bind(content.capture_method.as_str())
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    changed_one(done)
}

/// Switches a link on or off; false when it stands so already.
///
/// # Errors
/// The database's.
pub async fn set_active(
    tx: &mut Tx,
    scope: &Scope,
    id: &LinkId,
    active: bool,
    at: Timestamp,
) -> Result<bool, StoreError> {
    let done = on!(tx, |c| sqlx::query(SET_ACTIVE)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(id.as_str())
        .bind(active)
        .bind(at.0)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    changed_one(done)
}

/// Takes pieces of an active link's stock; false when there are not so many left or the link is off. One statement: as many
/// buyers as come, nobody takes what is not there.
///
/// # Errors
/// The database's.
pub async fn take_stock(tx: &mut Tx, scope: &Scope, id: &str, quantity: i64) -> Result<bool, StoreError> {
    move_stock(tx, TAKE, scope, id, quantity).await
}

/// Gives pieces back; false when fewer are counted as sold.
///
/// # Errors
/// The database's.
pub async fn give_stock_back(tx: &mut Tx, scope: &Scope, id: &str, quantity: i64) -> Result<bool, StoreError> {
    move_stock(tx, GIVE_BACK, scope, id, quantity).await
}

async fn move_stock(
    tx: &mut Tx,
    sql: &'static str,
    scope: &Scope,
    id: &str,
    quantity: i64,
) -> Result<bool, StoreError> {
    let done = on!(tx, |c| sqlx::query(sql)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(id)
        .bind(quantity)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    changed_one(done)
}
