//! Opening, reading, locking, and what a database that is away looks like.

use store::{Db, DbOptions, StoreError, on};
use test_support::{TestDb, for_each_engine};

for_each_engine!(a_ping_is_answered, |db| async {
    db.ping().await.unwrap();
});

for_each_engine!(a_snapshot_does_not_see_what_comes_after, |db| async {
    async fn count(tx: &mut store::Tx) -> i64 {
        on!(tx, |c| sqlx::query_scalar("select count(*) from numbers").fetch_one(c).await).unwrap()
    }
    crate::writing::prepare(&db).await;
    let mut snapshot = db.snapshot().await.unwrap();
    assert_eq!(count(&mut snapshot).await, 0);
    crate::writing::insert(&db, 1).await.unwrap();
    assert_eq!(count(&mut snapshot).await, 0);
    drop(snapshot);
    assert_eq!(count(&mut db.read().await.unwrap()).await, 1);
});

#[tokio::test]
async fn a_reader_can_not_write_on_sqlite() {
    let db = TestDb::empty_sqlite().await;
    crate::writing::prepare(&db).await;
    let mut tx = db.read().await.unwrap();
    let refused = on!(&mut tx, |c| sqlx::query("insert into numbers (n) values (1)").execute(c).await.map(drop));
    assert!(refused.is_err());
}

#[tokio::test]
async fn one_process_serves_a_file() {
    let db = TestDb::empty_sqlite().await;
    let other = Db::connect(db.url(), DbOptions::default()).await.unwrap();
    let guard = db.lock_for_serving().unwrap();
    assert!(matches!(other.lock_for_serving(), Err(StoreError::Locked)));
    // Whoever only reads or administers is let in.
    other.ping().await.unwrap();
    drop(guard);
    other.lock_for_serving().unwrap();
}

#[tokio::test]
async fn many_servers_share_postgres() {
    let db = TestDb::empty_postgres().await;
    let _one = db.lock_for_serving().unwrap();
    let _another = db.lock_for_serving().unwrap();
}

#[tokio::test]
async fn a_missing_database_is_an_error() {
    let url = test_support::postgres::url_of("no_such_database");
    let db = Db::connect(&url, DbOptions::default()).await.unwrap();
    assert!(matches!(db.ping().await, Err(StoreError::Database(_))));

    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("none.db").display());
    let opts = DbOptions { create: false, ..DbOptions::default() };
    assert!(matches!(Db::connect(&url, opts).await, Err(StoreError::Database(_))));
}

#[tokio::test]
async fn an_address_that_can_not_be_used_says_why() {
    for url in ["", "mysql://localhost/x", "sqlite::memory:", "sqlite://file?mode=memory", "postgres://[", "paydeck.db"]
    {
        let refused = Db::connect(url, DbOptions::default()).await;
        assert!(matches!(refused, Err(StoreError::Address(_))), "{url}: {refused:?}");
    }
}
