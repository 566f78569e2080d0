//! Copies of a SQLite database: made while it is served, whole, and on the disk before they have their name.

use crate::db::Backend;
use crate::{Db, StoreError};
use sqlx::{ConnectOptions, Connection, SqliteConnection, sqlite::SqliteConnectOptions};
use std::fs::{self, File, OpenOptions};
use std::path::{Path, PathBuf};

impl Db {
    /// Writes a copy of this database, as it is at one moment, to a file that is not there yet or is empty. Writers go on meanwhile.
    ///
    /// # Errors
    /// [`StoreError::Address`] on PostgreSQL, which has tools of its own; the database's; the disk's.
    pub async fn copy_into(&self, file: &Path) -> Result<(), StoreError> {
        let Backend::Sqlite(sqlite) = self.backend() else {
            return Err(StoreError::Address("PostgreSQL is copied by its own tools".to_owned()));
        };
        let mut connection = sqlite.own_connection().await?;
        let copied = sqlx::query("vacuum into $1").bind(text(file)?).execute(&mut connection).await;
        connection.close().await?;
        copied?;
        File::open(file)?.sync_all()?;
        Ok(())
    }
}

fn text(file: &Path) -> Result<&str, StoreError> {
    file.to_str().ok_or_else(|| StoreError::Address(format!("{} is no text", file.display())))
}

async fn reader(file: &Path) -> Result<SqliteConnection, StoreError> {
    Ok(SqliteConnectOptions::new().filename(file).create_if_missing(false).connect().await?)
}

/// What SQLite finds wrong with a file: its pages, its indexes and its foreign keys. Nothing: it is whole.
///
/// # Errors
/// When it is no database at all.
pub async fn faults(file: &Path) -> Result<Vec<String>, StoreError> {
    let mut connection = reader(file).await?;
    let mut faults: Vec<String> = sqlx::query_scalar("pragma integrity_check(20)").fetch_all(&mut connection).await?;
    faults.retain(|line| line != "ok");
    let orphans: Vec<(String,)> =
        sqlx::query_as("select \"table\" from pragma_foreign_key_check limit 20").fetch_all(&mut connection).await?;
    faults.extend(orphans.into_iter().map(|(table,)| format!("a row of {table} refers to one that is not there")));
    connection.close().await?;
    Ok(faults)
}

/// Makes an empty file that only its owner can read; fails when there is one.
///
/// # Errors
/// The disk's.
pub fn create_private(file: &Path) -> Result<(), StoreError> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(file)?;
    Ok(())
}

/// Gives a finished file its name, so that it is there whole or not at all whenever the machine stops.
///
/// # Errors
/// The disk's.
pub fn put(from: &Path, to: &Path) -> Result<(), StoreError> {
    File::open(from)?.sync_all()?;
    fs::rename(from, to)?;
    let folder = to.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()?;
    Ok(())
}

/// The files that SQLite keeps beside a database.
#[must_use]
pub fn companions(database: &Path) -> [PathBuf; 2] {
    ["-wal", "-shm"].map(|end| {
        let mut name = database.as_os_str().to_owned();
        name.push(end);
        PathBuf::from(name)
    })
}
