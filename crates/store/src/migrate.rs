//! The schema: migrations embedded at compile time, one folder per engine with the same file names.

use std::collections::HashMap;

use sqlx::migrate::Migrator;

use crate::db::Backend;
use crate::{Db, Engine, StoreError, dialect};

static SQLITE: Migrator = sqlx::migrate!("../../migrations/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("../../migrations/postgres");

const APPLIED: &str = "select version, checksum from _sqlx_migrations where success";

fn migrator(engine: Engine) -> &'static Migrator {
    match engine {
        Engine::Sqlite => &SQLITE,
        Engine::Postgres => &POSTGRES,
    }
}

impl Db {
    /// Brings the schema up to date. Several servers may call it at once.
    ///
    /// # Errors
    /// [`StoreError::Migration`] when a migration fails, or when the database knows one that this program does not.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        let migrator = migrator(self.engine());
        match self.backend() {
            Backend::Sqlite(sqlite) => sqlite.migrate(migrator).await,
            Backend::Postgres(postgres) => postgres.migrate(migrator).await,
        }
    }

    /// Whether every migration that this program knows is applied, as this program knows it.
    ///
    /// # Errors
    /// When the database can't be asked.
    pub async fn is_migrated(&self) -> Result<bool, StoreError> {
        let mut tx = self.read().await?;
        let applied: Vec<(i64, Vec<u8>)> = match on!(&mut tx, |c| sqlx::query_as(APPLIED).fetch_all(c).await) {
            Ok(rows) => rows,
            Err(error) if dialect::is_missing_table(&error) => return Ok(false),
            Err(error) => return Err(error.into()),
        };
        let applied: HashMap<i64, Vec<u8>> = applied.into_iter().collect();
        Ok(migrator(self.engine()).iter().all(|migration| {
            applied.get(&migration.version).is_some_and(|checksum| checksum[..] == migration.checksum[..])
        }))
    }
}

/// A short fingerprint of the schema of `engine`: tests keep one migrated template per fingerprint.
#[must_use]
pub fn schema_fingerprint(engine: Engine) -> String {
    // FNV-1a over the checksums: equal schemas share a name, and nobody attacks a template's name.
    let hash = migrator(engine)
        .iter()
        .flat_map(|migration| migration.checksum.iter())
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3));
    format!("{hash:016x}")
}
