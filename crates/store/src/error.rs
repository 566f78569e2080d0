//! What may go wrong below the services.

use std::sync::Arc;

use sqlx::error::ErrorKind;

use crate::dialect;

/// An error of the store. Cheap to clone, since everybody of a commit group is told the same.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The database or the way to it failed.
    #[error("database: {0}")]
    Database(#[source] Arc<sqlx::Error>),
    /// Too many writers wait, or another process holds the database; nothing was done.
    #[error("the database is busy")]
    Busy,
    /// `db.write` or `db.read` was called inside a unit of work, which would wait for itself; nothing was done.
    #[error("a unit of work may not open another")]
    Nested,
    /// The unit was rolled back, through somebody else's fault or an error that it swallowed, more often than it
    /// is tried again.
    #[error("the unit of work was rolled back")]
    Aborted,
    /// Another process serves this database.
    #[error("another process serves this database")]
    Locked,
    /// A unique key is taken. `constraint` is the driver's word for it: PostgreSQL's constraint name, SQLite's
    /// `table.column, table.column`.
    #[error("already there: {constraint}")]
    Conflict {
        /// What the driver calls the key.
        constraint: String,
    },
    /// A row refers to one that is not there.
    #[error("refers to a row that does not exist")]
    ForeignKey,
    /// A stored value does not parse, or a statement for one row hit several.
    #[error("stored data is not what it should be: {0}")]
    Corrupt(String),
    /// The schema could not be brought up to date.
    #[error("migration: {0}")]
    Migration(#[source] Arc<sqlx::migrate::MigrateError>),
    /// The database's address can't be used.
    #[error("database address: {0}")]
    Address(String),
    /// A file beside the database could not be opened.
    #[error("file: {0}")]
    File(#[source] Arc<std::io::Error>),
}

impl StoreError {
    /// Whether nothing was done and the same unit may succeed if it is run again.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Busy | Self::Aborted => true,
            Self::Database(error) => matches!(**error, sqlx::Error::PoolTimedOut) || dialect::demands_rerun(error),
            _ => false,
        }
    }

    /// Whether the database could not be reached or is held by another process: it may answer again by itself.
    #[must_use]
    pub fn is_away(&self) -> bool {
        match self {
            Self::Busy => true,
            Self::Database(error) => is_away(error),
            Self::Migration(error) => {
                matches!(&**error, sqlx::migrate::MigrateError::Execute(error) if is_away(error))
            }
            _ => false,
        }
    }

    /// Whether PostgreSQL asked for the unit to be run again (40001, 40P01).
    pub(crate) fn demands_rerun(&self) -> bool {
        matches!(self, Self::Database(error) if dialect::demands_rerun(error))
    }
}

fn is_away(error: &sqlx::Error) -> bool {
    matches!(error, sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut) || dialect::is_starting(error)
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        if let sqlx::Error::Database(database) = &error {
            match database.kind() {
                ErrorKind::UniqueViolation => {
                    return Self::Conflict { constraint: dialect::constraint(database.as_ref()) };
                }
                ErrorKind::ForeignKeyViolation => return Self::ForeignKey,
                _ if dialect::is_busy(database.as_ref()) => return Self::Busy,
                _ => {}
            }
        }
        Self::Database(Arc::new(error))
    }
}

impl From<sqlx::migrate::MigrateError> for StoreError {
    fn from(error: sqlx::migrate::MigrateError) -> Self {
        Self::Migration(Arc::new(error))
    }
}

impl From<std::io::Error> for StoreError {
    fn from(error: std::io::Error) -> Self {
        Self::File(Arc::new(error))
    }
}

/// What a unit of work may fail with: any error that can carry the store's own, so that [`crate::Db::write`] can
/// report its faults through it and tell when the database asks for another run.
pub trait UnitError: From<StoreError> + Send {
    /// The store's error inside, if this is one.
    fn store_error(&self) -> Option<&StoreError>;
}

impl UnitError for StoreError {
    fn store_error(&self) -> Option<&StoreError> {
        Some(self)
    }
}
