//! Settings of the whole installation, one row a name.

use crate::{StoreError, Tx};
use domain::Timestamp;

statements! {
    GET = "select value from settings where name = $1";
    SET = "insert into settings (name, value, updated_at) values ($1, $2, $3) \
           on conflict (name) do update set value = excluded.value, updated_at = excluded.updated_at";
    ADD = "insert into settings (name, value, updated_at) values ($1, $2, $3) on conflict do nothing";
}

/// A setting.
///
/// # Errors
/// The database's.
pub async fn get(tx: &mut Tx, name: &str) -> Result<Option<String>, StoreError> {
    let row: Option<(String,)> = on!(tx, |c| sqlx::query_as(GET).bind(name).fetch_optional(c).await)?;
    Ok(row.map(|r| r.0))
}

/// Sets a setting.
///
/// # Errors
/// The database's.
pub async fn set(tx: &mut Tx, name: &str, value: &str, at: Timestamp) -> Result<(), StoreError> {
    on!(tx, |c| sqlx::query(SET).bind(name).bind(value).bind(at.millis()).execute(c).await.map(drop))?;
    Ok(())
}

/// Sets a setting that has no value yet; false when it has one.
///
/// # Errors
/// The database's.
pub async fn add(tx: &mut Tx, name: &str, value: &str, at: Timestamp) -> Result<bool, StoreError> {
    let done = on!(tx, |c| sqlx::query(ADD)
        .bind(name)
        .bind(value)
        .bind(at.millis())
        .execute(c)
        .await
        .map(|d| d.rows_affected()))?;
    crate::changed_one(done)
}
