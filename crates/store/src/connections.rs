//! Gateway connections. Credentials are read where they are used, and never with a list.

use crate::{StoreError, Tx, changed_one};
use domain::{ConnectionId, Currency, Scope, Timestamp, states::ConnectionStatus};

statements! {
    INSERT = "insert into connections (merchant_id, livemode, id, provider, name, status, methods, currencies, credentials, \
              priority, created_at, updated_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11)";
    LIST = "select id, provider, name, status, methods, currencies, credentials is not null as has_credentials, priority, \
            maintenance_from, maintenance_until, last_test_at, last_test_code, created_at, version from connections where merchant_id = $1 and livemode = $2 \
            order by case status when 'archived' then 1 else 0 end, priority, id limit 200";
    GET = "select id, provider, name, status, methods, currencies, credentials is not null as has_credentials, priority, \
           maintenance_from, maintenance_until, last_test_at, last_test_code, created_at, version from connections \
           where merchant_id = $1 and livemode = $2 and id = $3";
    ACTIVE = "select id, provider, name, methods, currencies, credentials from connections \
              where merchant_id = $1 and livemode = $2 and status = 'active' order by priority, id";
    FOR_CALL = "select id, provider, name, methods, currencies, credentials from connections \
                where merchant_id = $1 and livemode = $2 and id = $3";
    EDIT = "update connections set name = $4, methods = $5, currencies = $6, priority = $7, \
            credentials = case when $8 then $9 else credentials end, updated_at = $10, version = version + 1 \
            where merchant_id = $1 and livemode = $2 and id = $3 and version = $11 and status <> 'archived'";
    MOVE = "update connections set status = $5, updated_at = $6, version = version + 1 \
            where merchant_id = $1 and livemode = $2 and id = $3 and status = $4";
    TESTED = "update connections set last_test_at = $4, last_test_code = $5 \
              where merchant_id = $1 and livemode = $2 and id = $3";
    MAINTAIN = "update connections set maintenance_from = $4, maintenance_until = $5, updated_at = $6 \
                where merchant_id = $1 and livemode = $2 and id = $3 and status <> 'archived'";
    COUNT = "select count(*) from connections where merchant_id = $1 and livemode = $2";
}

/// A connection without its credentials.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
#[allow(missing_docs, reason = "named as the columns are")]
pub struct ConnectionRow {
    pub id: String,
    pub provider: String,
    pub name: String,
    pub status: String,
    pub methods: String,
    pub currencies: String,
    pub has_credentials: bool,
    pub priority: i64,
    pub maintenance_from: Option<i64>,
    pub maintenance_until: Option<i64>,
    pub last_test_at: Option<i64>,
    pub last_test_code: Option<String>,
    pub created_at: i64,
    pub version: i64,
}

/// What a call to the gateway needs.
#[derive(Clone, PartialEq, Eq, sqlx::FromRow)]
#[allow(missing_docs, reason = "named as the columns are")]
pub struct CallRow {
    pub id: String,
    pub provider: String,
    pub name: String,
    pub methods: String,
    pub currencies: String,
    /// Sealed for `connections/<id>/credentials`.
    pub credentials: Option<Vec<u8>>,
}

impl std::fmt::Debug for CallRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CallRow").field("id", &self.id).field("provider", &self.provider).finish_non_exhaustive()
    }
}

/// A connection to be written.
#[derive(Debug, Clone)]
pub struct NewConnection<'a> {
    /// Its id.
    pub id: &'a ConnectionId,
    /// `sandbox` …
    pub provider: &'a str,
    /// The merchant's own name for it.
    pub name: &'a str,
    /// JSON array.
    pub methods: &'a str,
    /// JSON array.
    pub currencies: &'a str,
    /// Sealed.
    pub credentials: Option<&'a [u8]>,
    /// Lower goes first.
    pub priority: i64,
    /// Now.
    pub at: Timestamp,
}

/// What an edit sets.
#[derive(Debug, Clone)]
pub struct ConnectionEdit<'a> {
    /// The merchant's own name for it.
    pub name: &'a str,
    /// JSON array.
    pub methods: &'a str,
    /// JSON array.
    pub currencies: &'a str,
    /// Lower goes first.
    pub priority: i64,
    /// None keeps what is stored; `Some(None)` forgets it.
    pub credentials: Option<Option<&'a [u8]>>,
    /// Now.
    pub at: Timestamp,
    /// The version that the edit was made from.
    pub version: i64,
}

/// Writes a connection, active.
///
/// # Errors
/// The database's.
pub async fn insert(tx: &mut Tx, scope: &Scope, new: &NewConnection<'_>) -> Result<(), StoreError> {
    on!(tx, |c| sqlx::query(INSERT)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(new.id.as_str())
        .bind(new.provider)
        .bind(new.name)
        .bind(ConnectionStatus::Active.as_str())
        .bind(new.methods)
        .bind(new.currencies)
        .bind(new.credentials)
        .bind(new.priority)
        .bind(new.at.0)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// Every connection, by priority, archived ones last; 200 at most.
///
/// # Errors
/// The database's.
pub async fn list(tx: &mut Tx, scope: &Scope) -> Result<Vec<ConnectionRow>, StoreError> {
    Ok(on!(tx, |c| sqlx::query_as(LIST).bind(scope.merchant.as_str()).bind(scope.mode.is_live()).fetch_all(c).await)?)
}

/// How many there are, archived ones included.
///
/// # Errors
/// The database's.
pub async fn count(tx: &mut Tx, scope: &Scope) -> Result<i64, StoreError> {
    let row: (i64,) =
        on!(tx, |c| sqlx::query_as(COUNT).bind(scope.merchant.as_str()).bind(scope.mode.is_live()).fetch_one(c).await)?;
    Ok(row.0)
}

/// One connection.
///
/// # Errors
/// The database's.
pub async fn get(tx: &mut Tx, scope: &Scope, id: &ConnectionId) -> Result<Option<ConnectionRow>, StoreError> {
    Ok(on!(tx, |c| sqlx::query_as(GET)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(id.as_str())
        .fetch_optional(c)
        .await)?)
}

/// The connections that take payments, in the order of preference.
///
/// # Errors
/// The database's.
pub async fn active(tx: &mut Tx, scope: &Scope) -> Result<Vec<CallRow>, StoreError> {
    Ok(on!(tx, |c| sqlx::query_as(ACTIVE).bind(scope.merchant.as_str()).bind(scope.mode.is_live()).fetch_all(c).await)?)
}

/// What a call on an existing connection needs, whatever its status: refunds go on after it was paused or archived.
///
/// # Errors
/// The database's.
pub async fn for_call(tx: &mut Tx, scope: &Scope, id: &ConnectionId) -> Result<Option<CallRow>, StoreError> {
    Ok(on!(tx, |c| sqlx::query_as(FOR_CALL)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(id.as_str())
        .fetch_optional(c)
        .await)?)
}

/// Edits a connection that is not archived and still has this version; false when it is or has not.
///
/// # Errors
/// The database's.
pub async fn edit(
    tx: &mut Tx,
    scope: &Scope,
    id: &ConnectionId,
    edit: &ConnectionEdit<'_>,
) -> Result<bool, StoreError> {
    let done = on!(tx, |c| sqlx::query(EDIT)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(id.as_str())
        .bind(edit.name)
        .bind(edit.methods)
        .bind(edit.currencies)
        .bind(edit.priority)
        .bind(edit.credentials.is_some())
        .bind(edit.credentials.flatten())
        .bind(edit.at.0)
        .bind(edit.version)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    changed_one(done)
}

/// Moves a connection from one status to another; false when it stands elsewhere.
///
/// # Errors
/// The database's.
pub async fn set_status(
    tx: &mut Tx,
    scope: &Scope,
    id: &ConnectionId,
    from: ConnectionStatus,
    to: ConnectionStatus,
    at: Timestamp,
) -> Result<bool, StoreError> {
    let done = on!(tx, |c| sqlx::query(MOVE)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(id.as_str())
        .bind(from.as_str())
        .bind(to.as_str())
        .bind(at.0)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    changed_one(done)
}

/// Notes what a test found.
///
/// # Errors
/// The database's.
pub async fn tested(
    tx: &mut Tx,
    scope: &Scope,
    id: &ConnectionId,
    at: Timestamp,
    code: &str,
) -> Result<bool, StoreError> {
    let done = on!(tx, |c| sqlx::query(TESTED)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(id.as_str())
        .bind(at.0)
        .bind(code)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    changed_one(done)
}

/// Sets or removes a connection's maintenance window; false when it is archived, or not there.
///
/// # Errors
/// The database's.
pub async fn maintain(
    tx: &mut Tx,
    scope: &Scope,
    id: &ConnectionId,
    window: Option<(Timestamp, Timestamp)>,
    at: Timestamp,
) -> Result<bool, StoreError> {
    let done = on!(tx, |c| sqlx::query(MAINTAIN)
        .bind(scope.merchant.as_str())
        .bind(scope.mode.is_live())
        .bind(id.as_str())
        .bind(window.map(|(from, _)| from.0))
        .bind(window.map(|(_, until)| until.0))
        .bind(at.0)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    changed_one(done)
}

/// Whether a stored list of currencies takes this one; an empty list takes all.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn takes(currencies: &str, currency: Currency) -> Result<bool, StoreError> {
    let list = texts(currencies)?;
    Ok(list.is_empty() || list.iter().any(|code| code == currency.code()))
}

/// A stored JSON array of texts.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn texts(json: &str) -> Result<Vec<String>, StoreError> {
    serde_json::from_str(json).map_err(|_| StoreError::Corrupt("a list of texts".to_owned()))
}
