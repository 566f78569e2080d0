//! A migrated database of its own for each test, on either engine.

use std::fs;
use std::future::Future;
use std::ops::Deref;
use std::path::{Path, PathBuf};

use store::{Db, DbOptions, Engine, schema_fingerprint};
use tempfile::TempDir;

use crate::postgres;

/// Makes two tests of one body, `name::sqlite` and `name::postgres`, each with a fresh migrated [`TestDb`].
///
/// ```ignore
/// use test_support::for_each_engine;
///
/// for_each_engine!(a_customer_is_found_again, |db| async {
///     let scope = …;
///     db.write(&scope, |tx, scope| Box::pin(async move { customers::insert(tx, scope, …).await })).await.unwrap();
///     let mut tx = db.read().await.unwrap();
///     assert!(customers::get(&mut tx, &scope, "cus_1").await.unwrap().is_some());
/// });
/// ```
///
/// `db` derefs to [`store::Db`]; `db.url()` is its address for whoever connects on his own. The body is an `async`
/// block without a result: use `unwrap`, and `drop` a reader before code that needs many. It runs on a runtime of
/// two threads, so no `#[tokio::test]` is needed.
#[macro_export]
macro_rules! for_each_engine {
    ($(#[$meta:meta])* $name:ident, |$db:ident| $body:expr) => {
        mod $name {
            #[allow(unused_imports)]
            use super::*;

            $(#[$meta])*
            #[test]
            fn sqlite() {
                $crate::db::block_on(async {
                    let $db = $crate::TestDb::sqlite().await;
                    $body.await;
                });
            }

            $(#[$meta])*
            #[test]
            fn postgres() {
                $crate::db::block_on(async {
                    let $db = $crate::TestDb::postgres().await;
                    $body.await;
                });
            }
        }
    };
}

/// Runs a test's future on a runtime of two threads.
///
/// # Panics
/// When the future does.
pub fn block_on<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime")
        .block_on(future)
}

/// A database that is removed with this value. It derefs to [`Db`].
#[derive(Debug)]
pub struct TestDb {
    db: Db,
    url: String,
    keep: Keep,
}

/// What to remove.
#[derive(Debug)]
enum Keep {
    Folder(TempDir),
    Database(String),
    /// Somebody else's.
    Nothing,
}

impl TestDb {
    /// A migrated SQLite file in a temporary folder; it does not wait for the disk.
    ///
    /// # Panics
    /// When it can't be made.
    pub async fn sqlite() -> Self {
        let template = sqlite_template().await;
        let this = Self::sqlite_file(Some(&template)).await;
        debug_assert!(this.is_migrated().await.is_ok_and(|yes| yes));
        this
    }

    /// A SQLite file without tables.
    ///
    /// # Panics
    /// When it can't be made.
    pub async fn empty_sqlite() -> Self {
        Self::sqlite_file(None).await
    }

    /// A migrated database on the tests' PostgreSQL.
    ///
    /// # Panics
    /// When it can't be made.
    pub async fn postgres() -> Self {
        Self::postgres_database(postgres::create_migrated().await, "").await
    }

    /// Like [`TestDb::postgres`], with settings for each connection, such as
    /// `options[default_transaction_isolation]=serializable`.
    ///
    /// # Panics
    /// When it can't be made.
    pub async fn postgres_with(parameters: &str) -> Self {
        Self::postgres_database(postgres::create_migrated().await, parameters).await
    }

    /// A database without tables on the tests' PostgreSQL.
    ///
    /// # Panics
    /// When it can't be made.
    pub async fn empty_postgres() -> Self {
        Self::postgres_database(postgres::create_empty(), "").await
    }

    /// The database at an address that the test looks after itself, migrated.
    ///
    /// # Panics
    /// When it can't be opened.
    pub async fn at(url: &str) -> Self {
        let options = DbOptions { max_readers: 4, ..DbOptions::default() };
        let db = Db::connect(url, options).await.expect("the address");
        db.migrate().await.expect("it migrates");
        Self { db, url: url.to_owned(), keep: Keep::Nothing }
    }

    /// Its address.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// SQLite's file.
    #[must_use]
    pub fn path(&self) -> Option<PathBuf> {
        match &self.keep {
            Keep::Folder(folder) => Some(file_in(folder.path())),
            Keep::Database(_) | Keep::Nothing => None,
        }
    }

    /// A backup of this database as a database of its own, made while this one is in use: by the store's own copy on SQLite, by
    /// `pg_dump` on PostgreSQL.
    ///
    /// # Panics
    /// When it can't be made.
    pub async fn backup(&self) -> Self {
        match &self.keep {
            Keep::Folder(_) => {
                let folder = tempfile::Builder::new().prefix("paydeck-db-").tempdir().expect("a temporary folder");
                let file = file_in(folder.path());
                self.db.copy_into(&file).await.expect("the database is copied");
                assert!(store::backup::faults(&file).await.expect("the copy is read").is_empty());
                let url = format!("sqlite:{}", file.display());
                let options = DbOptions { fsync: false, ..DbOptions::default() };
                let db = Db::connect(&url, options).await.expect("SQLite opens");
                Self { db, url, keep: Keep::Folder(folder) }
            }
            Keep::Database(name) => Self::postgres_database(postgres::dump_and_restore(name), "").await,
            Keep::Nothing => panic!("not this test's database"),
        }
    }

    async fn sqlite_file(template: Option<&Path>) -> Self {
        let folder = tempfile::Builder::new().prefix("paydeck-db-").tempdir().expect("a temporary folder");
        let file = file_in(folder.path());
        if let Some(template) = template {
            fs::copy(template, &file).expect("the template is copied");
        }
        let url = format!("sqlite:{}", file.display());
        let db = Db::connect(&url, DbOptions { fsync: false, ..DbOptions::default() }).await.expect("SQLite opens");
        Self { db, url, keep: Keep::Folder(folder) }
    }

    async fn postgres_database(name: String, parameters: &str) -> Self {
        let url = format!("{}&{parameters}", postgres::url_of(&name));
        let url = url.trim_end_matches('&').to_owned();
        let options = DbOptions { max_readers: 4, ..DbOptions::default() };
        let db = Db::connect(&url, options).await.expect("PostgreSQL's address");
        Self { db, url, keep: Keep::Database(name) }
    }
}

impl Deref for TestDb {
    type Target = Db;

    fn deref(&self) -> &Db {
        &self.db
    }
}

impl Drop for TestDb {
    fn drop(&mut self) {
        if let Keep::Database(name) = &self.keep {
            postgres::drop_later(name);
        }
    }
}

fn file_in(folder: &Path) -> PathBuf {
    folder.join("test.db")
}

/// A migrated file to copy, made once per schema: it gets its name when it is whole.
async fn sqlite_template() -> PathBuf {
    let template = std::env::temp_dir().join(format!("paydeck-template-{}.db", schema_fingerprint(Engine::Sqlite)));
    if !template.exists() {
        let fresh = TestDb::sqlite_file(None).await;
        fresh.migrate().await.expect("the template migrates");
        fresh.close().await.expect("the template closes");
        let unnamed = template.with_extension(std::process::id().to_string());
        fs::copy(fresh.path().expect("SQLite's file"), &unnamed).expect("the template is copied");
        fs::rename(&unnamed, &template).expect("the template gets its name");
    }
    template
}
