//! One serving process per SQLite file.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;

use crate::StoreError;

/// The right to serve a database; given back when dropped, or by the system when the process ends in any way.
#[derive(Debug)]
pub struct ServingLock {
    _file: Option<File>,
}

impl ServingLock {
    /// Where any number of processes may serve.
    pub(super) fn none() -> Self {
        Self { _file: None }
    }

    /// The right to put a SQLite file in place that is perhaps not there yet.
    ///
    /// # Errors
    /// [`StoreError::Locked`] when a process serves it.
    pub fn of_file(database: &Path) -> Result<Self, StoreError> {
        Self::file(database)
    }

    /// Locks `<database>.lock`, a file of its own: SQLite's own locks lie on the database's file, and closing any
    /// handle on that would release them.
    pub(super) fn file(database: &Path) -> Result<Self, StoreError> {
        let mut path = database.as_os_str().to_owned();
        path.push(".lock");
        let file = OpenOptions::new().create(true).append(true).open(path)?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: Some(file) }),
            Err(TryLockError::WouldBlock) => Err(StoreError::Locked),
            Err(TryLockError::Error(error)) => Err(error.into()),
        }
    }
}
