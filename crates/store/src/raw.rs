//! A connection of its own that obeys no rule of ours: for tests that set rows up or damage them on purpose, and look at
//! them. The server never calls this.

use crate::{StoreError, Tx};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection};
use std::str::FromStr;

/// Runs SQL inside a unit of work, under all rules of the schema.
///
/// # Errors
/// The database's.
pub async fn run(tx: &mut Tx, sql: &str) -> Result<(), StoreError> {
    on!(tx, |c| sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(c).await.map(drop))?;
    Ok(())
}

/// Runs SQL with foreign keys off, on SQLite check constraints too, and on PostgreSQL triggers.
///
/// # Errors
/// The database's.
pub async fn execute(url: &str, sql: &str) -> Result<(), StoreError> {
    if url.starts_with("sqlite:") {
        let options = SqliteConnectOptions::from_str(url)?.foreign_keys(false);
        let mut connection = options.busy_timeout(std::time::Duration::from_secs(10)).connect().await?;
        sqlx::raw_sql("pragma ignore_check_constraints = on").execute(&mut connection).await?;
        sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut connection).await?;
        connection.close().await?;
    } else {
        let mut connection = PgConnection::connect(url).await?;
        sqlx::raw_sql("set session_replication_role = replica").execute(&mut connection).await?;
        sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut connection).await?;
        connection.close().await?;
    }
    Ok(())
}

/// The single number that a query answers; it must be a `bigint`.
///
/// # Errors
/// The database's.
pub async fn number(url: &str, sql: &str) -> Result<i64, StoreError> {
    Ok(if url.starts_with("sqlite:") {
        let mut connection = SqliteConnectOptions::from_str(url)?.connect().await?;
        sqlx::query_scalar(AssertSqlSafe(sql.to_owned())).fetch_one(&mut connection).await?
    } else {
        let mut connection = PgConnection::connect(url).await?;
        sqlx::query_scalar(AssertSqlSafe(sql.to_owned())).fetch_one(&mut connection).await?
    })
}

/// The single column of texts that a query answers.
///
/// # Errors
/// The database's.
pub async fn texts(url: &str, sql: &str) -> Result<Vec<String>, StoreError> {
    Ok(if url.starts_with("sqlite:") {
        let mut connection = SqliteConnectOptions::from_str(url)?.connect().await?;
        sqlx::query_scalar(AssertSqlSafe(sql.to_owned())).fetch_all(&mut connection).await?
    } else {
        let mut connection = PgConnection::connect(url).await?;
        sqlx::query_scalar(AssertSqlSafe(sql.to_owned())).fetch_all(&mut connection).await?
    })
}

/// Durable commits of one insert each, on a connection of its own, one after another: the baseline of benchmarks.
///
/// # Errors
/// The database's.
pub async fn commits(url: &str, count: i64) -> Result<(), StoreError> {
    const INSERT: &str = "insert into settings (name, value, updated_at) values ($1, 'x', $2)";
    if url.starts_with("sqlite:") {
        let options = SqliteConnectOptions::from_str(url)?;
        let mut connection = options.synchronous(sqlx::sqlite::SqliteSynchronous::Full).connect().await?;
        for i in 0..count {
            sqlx::query(INSERT).bind(format!("raw-{i}")).bind(i).execute(&mut connection).await?;
        }
        connection.close().await?;
    } else {
        let mut connection = PgConnection::connect(url).await?;
        for i in 0..count {
            sqlx::query(INSERT).bind(format!("raw-{i}")).bind(i).execute(&mut connection).await?;
        }
        connection.close().await?;
    }
    Ok(())
}

/// One insert in a unit of work: the baseline of benchmarks.
///
/// # Errors
/// The database's.
pub async fn insert_one(tx: &mut crate::Tx, name: &str) -> Result<(), StoreError> {
    const INSERT: &str = "insert into settings (name, value, updated_at) values ($1, 'x', 0)";
    on!(tx, |c| sqlx::query(INSERT).bind(name).execute(c).await.map(drop))?;
    Ok(())
}

/// The single column of texts that a query answers, by a reader.
///
/// # Errors
/// The database's.
pub async fn read_texts(tx: &mut crate::Tx, sql: &str) -> Result<Vec<String>, StoreError> {
    Ok(on!(tx, |c| sqlx::query_scalar(AssertSqlSafe(sql.to_owned())).fetch_all(c).await)?)
}
