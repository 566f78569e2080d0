//! Writing, where PostgreSQL alone is concerned.

use std::sync::atomic::{AtomicUsize, Ordering};

use store::{StoreError, on};
use test_support::TestDb;
use tokio::sync::Barrier;

use crate::writing::{add, prepare, run, written};

#[tokio::test]
async fn a_serialisation_failure_is_run_again() {
    let db = TestDb::postgres_with("options[default_transaction_isolation]=serializable").await;
    prepare(&db).await;
    let (runs, both_have_read) = (AtomicUsize::new(0), Barrier::new(2));
    // Each reads what the other is about to change: one order of them must be undone.
    let unit = |n: i64| {
        let (db, shared) = (&db, (&runs, &both_have_read, n));
        async move {
            db.write(&shared, |tx, &(runs, both_have_read, n)| {
                Box::pin(async move {
                    let count: i64 =
                        on!(tx, |c| sqlx::query_scalar("select count(*) from numbers").fetch_one(c).await)?;
                    if runs.fetch_add(1, Ordering::SeqCst) < 2 {
                        both_have_read.wait().await;
                    }
                    const INSERT: &str = "insert into numbers (n, place) values ($1, $2)";
                    on!(tx, |c| sqlx::query(INSERT).bind(n).bind(count).execute(c).await.map(drop))?;
                    Ok::<_, StoreError>(count)
                })
            })
            .await
        }
    };
    let (first, second) = tokio::join!(unit(1), unit(2));
    let mut counts = [first.unwrap(), second.unwrap()];
    counts.sort_unstable();
    assert_eq!(counts, [0, 1], "as if one had come after the other");
    assert!(runs.load(Ordering::SeqCst) >= 3);
}

#[tokio::test]
async fn a_failure_that_never_ends_is_given_up() {
    let db = TestDb::postgres().await;
    prepare(&db).await;
    let runs = AtomicUsize::new(0);
    let done: Result<(), StoreError> = db
        .write(&runs, |tx, runs| {
            Box::pin(async move {
                runs.fetch_add(1, Ordering::SeqCst);
                add(tx, 1).await?;
                run(tx, "do $$ begin raise exception 'again' using errcode = '40001'; end $$").await
            })
        })
        .await;
    assert!(done.is_err_and(|error| error.is_retryable()));
    assert_eq!(runs.load(Ordering::SeqCst), 8);
    assert_eq!(written(&db).await, (vec![], 0));
}

#[tokio::test]
async fn a_swallowed_error_is_not_reported_as_a_success() {
    let db = TestDb::postgres().await;
    prepare(&db).await;
    let done: Result<(), StoreError> = db
        .write(&(), |tx, ()| {
            Box::pin(async move {
                add(tx, 1).await?;
                let swallowed = run(tx, "insert into numbers (n) values (1)").await;
                assert!(swallowed.is_err());
                Ok(())
            })
        })
        .await;
    assert!(matches!(done, Err(StoreError::Aborted)), "{done:?}");
    assert_eq!(written(&db).await, (vec![], 0));
    // The connection is fit for the next.
    crate::writing::insert(&db, 2).await.unwrap();
    assert_eq!(written(&db).await, (vec![2], 1));
}
