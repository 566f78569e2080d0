//! Writing, where SQLite's group commit is concerned. A gate holds the writing connection while the others queue,
//! so that they are one group for certain: a future takes its place in the queue when it is first polled.

use futures::FutureExt;
use futures::future::{BoxFuture, join_all};
use std::sync::atomic::{AtomicUsize, Ordering};
use store::{Db, StoreError, Tx};
use test_support::TestDb;
use tokio::sync::Semaphore;

use crate::writing::{add, insert, prepare, run, written};

type Done = Result<(), StoreError>;

/// Runs all futures as one group, in this order, after a unit that writes 1000.
async fn as_one_group(db: &Db, units: Vec<BoxFuture<'_, Done>>) -> Vec<Done> {
    let (entered, gate) = (Semaphore::new(0), Semaphore::new(0));
    let shared = (&entered, &gate);
    let gatekeeper = db.write(&shared, |tx, &(entered, gate)| {
        Box::pin(async move {
            entered.add_permits(1);
            let _opened = gate.acquire().await;
            add(tx, 1000).await
        })
    });
    let queued = async {
        let _inside = entered.acquire().await;
        let mut units = units;
        for unit in &mut units {
            assert!(unit.now_or_never().is_none(), "it is in the queue");
        }
        gate.add_permits(1);
        join_all(units).await
    };
    let (first, others) = tokio::join!(gatekeeper, queued);
    first.unwrap();
    others
}

#[tokio::test]
async fn a_commit_waits_for_the_disk() {
    // `make crash` kills processes, not machines: a weaker setting would pass it and lose payments with the power.
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("durable.db").display());
    let db = Db::connect(&url, store::DbOptions::default()).await.unwrap();
    let asked: Result<[Vec<String>; 2], StoreError> = db
        .write(&(), |tx, ()| {
            Box::pin(async move {
                let level =
                    store::raw::read_texts(tx, "select cast(synchronous as text) from pragma_synchronous").await?;
                let journal = store::raw::read_texts(tx, "select journal_mode from pragma_journal_mode").await?;
                Ok([level, journal])
            })
        })
        .await;
    // FULL is 2: https://www.sqlite.org/pragma.html#pragma_synchronous
    assert_eq!(asked.unwrap(), [["2"], ["wal"]]);
}

fn inserted(db: &Db, n: i64) -> BoxFuture<'_, Done> {
    insert(db, n).boxed()
}

/// A unit of these statements after its number.
fn statements<'a>(db: &'a Db, n: i64, sql: &'static [&'static str]) -> BoxFuture<'a, Done> {
    async move {
        db.write(&(n, sql), |tx: &mut Tx, &(n, sql)| {
            Box::pin(async move {
                add(tx, n).await?;
                for sql in sql {
                    run(tx, sql).await?;
                }
                Ok(())
            })
        })
        .await
    }
    .boxed()
}

#[tokio::test]
async fn writers_take_turns_in_the_order_in_which_they_came() {
    let db = TestDb::sqlite().await;
    prepare(&db).await;
    let done = as_one_group(&db, (0..50).rev().map(|n| inserted(&db, n)).collect()).await;
    assert!(done.iter().all(Result::is_ok));
    let order: Vec<i64> = std::iter::once(1000).chain((0..50).rev()).collect();
    assert_eq!(written(&db).await, (order, 51));
}

#[tokio::test]
async fn a_failing_unit_leaves_its_group_alone() {
    let db = TestDb::sqlite().await;
    prepare(&db).await;
    let done = as_one_group(&db, [1, 2, 1, 3].map(|n| inserted(&db, n)).into()).await;
    assert!(matches!(done[2], Err(StoreError::Conflict { .. })));
    assert_eq!(done.iter().filter(|done| done.is_ok()).count(), 3);
    assert_eq!(written(&db).await, (vec![1000, 1, 2, 3], 4));
}

#[tokio::test]
async fn a_unit_dropped_inside_a_group_leaves_nothing_of_itself_alone() {
    let db = TestDb::sqlite().await;
    prepare(&db).await;
    let dropped = async {
        // Its turn comes, it writes, and then it is gone.
        let inside = Semaphore::new(0);
        let unit = db.write(&inside, |tx, inside| {
            Box::pin(async move {
                add(tx, 2).await?;
                inside.add_permits(1);
                std::future::pending().await
            })
        });
        tokio::select! {
            done = unit => done,
            _ = inside.acquire() => Err(StoreError::Aborted),
        }
    };
    let done = as_one_group(&db, vec![inserted(&db, 1), dropped.boxed(), inserted(&db, 3)]).await;
    assert!(done[0].is_ok() && done[2].is_ok());
    assert_eq!(written(&db).await, (vec![1000, 1, 3], 3));
}

#[tokio::test]
async fn a_transaction_that_vanishes_takes_only_its_culprit_down() {
    let db = TestDb::sqlite().await;
    prepare(&db).await;
    // What a full disk does to a unit that swallows the error: everything is rolled back under it, and it goes on.
    let culprit = statements(&db, 2, &["rollback"]);
    let done = as_one_group(&db, vec![inserted(&db, 1), culprit, inserted(&db, 3)]).await;
    assert!(matches!(done[1], Err(StoreError::Aborted)), "{:?}", done[1]);
    assert!(done[0].is_ok() && done[2].is_ok());
    let (mut numbers, counter) = written(&db).await;
    numbers.sort_unstable();
    assert_eq!((numbers, counter), (vec![1, 3, 1000], 3));
}

#[tokio::test]
async fn what_is_written_after_the_transaction_vanished_is_not_kept() {
    let db = TestDb::sqlite().await;
    prepare(&db).await;
    let done = statements(&db, 1, &["rollback", "insert into numbers (n) values (2)"]).await;
    assert!(done.is_err());
    let done = statements(&db, 3, &["commit"]).await;
    assert!(done.is_err(), "a unit can't commit by itself");
    assert_eq!(written(&db).await, (vec![], 0));
    insert(&db, 4).await.unwrap();
    assert_eq!(written(&db).await, (vec![4], 1));
}

#[tokio::test]
async fn a_full_disk_fails_the_unit_that_fills_it() {
    let db = TestDb::sqlite().await;
    prepare(&db).await;
    let filler = statements(
        &db,
        2,
        &[
            "create table heap (x blob)",
            "pragma max_page_count = 1",
            "insert into heap (x) values (zeroblob(50000000))",
        ],
    );
    let unlimited = statements(&db, 3, &["pragma max_page_count = 1000000"]);
    let done = as_one_group(&db, vec![inserted(&db, 1), filler, unlimited]).await;
    assert!(matches!(&done[1], Err(StoreError::Database(error)) if error.to_string().contains("full")), "{done:?}");
    assert!(done[0].is_ok() && done[2].is_ok());
    let (mut numbers, counter) = written(&db).await;
    numbers.sort_unstable();
    assert_eq!((numbers, counter), (vec![1, 3, 1000], 3));
}

#[tokio::test]
async fn a_commit_that_fails_fails_everybody() {
    let db = TestDb::sqlite().await;
    prepare(&db).await;
    statements(&db, 1, &["create table parts (n integer references numbers (n))"]).await.unwrap();
    // A deferred foreign key, which we never use, is the simplest way to a COMMIT that is refused.
    let (entered, gate) = (Semaphore::new(0), Semaphore::new(0));
    let shared = (&entered, &gate);
    let culprit = db.write(&shared, |tx, &(entered, gate)| {
        Box::pin(async move {
            entered.add_permits(1);
            let _opened = gate.acquire().await;
            run(tx, "pragma defer_foreign_keys = on").await?;
            run(tx, "insert into parts (n) values (99)").await
        })
    });
    let queued = async {
        let _inside = entered.acquire().await;
        let mut other = inserted(&db, 2);
        assert!((&mut other).now_or_never().is_none());
        gate.add_permits(1);
        other.await
    };
    let (culprit, other): (Done, Done) = tokio::join!(culprit, queued);
    assert!(culprit.is_err() && other.is_err(), "{culprit:?} {other:?}");
    insert(&db, 3).await.unwrap();
    assert_eq!(written(&db).await, (vec![1, 3], 2));
}

#[tokio::test]
async fn a_unit_that_always_loses_its_group_is_given_up() {
    let db = TestDb::sqlite().await;
    prepare(&db).await;
    let runs = AtomicUsize::new(0);
    let shared = (&*db, &runs);
    // Each run of the victim is followed by a culprit in the same group, which is queued from inside the victim.
    let (tell, mut told) = tokio::sync::mpsc::unbounded_channel::<tokio::sync::oneshot::Sender<()>>();
    let tell = &tell;
    let victim = async {
        let done: Done = db
            .write(&(shared, tell), |tx, &((_, runs), tell)| {
                Box::pin(async move {
                    runs.fetch_add(1, Ordering::SeqCst);
                    add(tx, 1).await?;
                    let (queued, is_queued) = tokio::sync::oneshot::channel();
                    let _ = tell.send(queued);
                    let _ = is_queued.await;
                    Ok(())
                })
            })
            .await;
        done
    };
    let culprits = async {
        let mut culprits = futures::stream::FuturesUnordered::new();
        loop {
            tokio::select! {
                asked = told.recv() => {
                    let Some(asked) = asked else { break };
                    let mut culprit = statements(&db, 2, &["rollback"]);
                    assert!((&mut culprit).now_or_never().is_none());
                    culprits.push(culprit);
                    let _ = asked.send(());
                }
                Some(done) = futures::StreamExt::next(&mut culprits) => assert!(matches!(done, Err(StoreError::Aborted))),
            }
        }
    };
    let done = tokio::select! { done = victim => done, () = culprits => Ok(()) };
    assert!(matches!(done, Err(StoreError::Aborted)), "{done:?}");
    assert_eq!(runs.load(Ordering::SeqCst), 8);
    insert(&db, 3).await.unwrap();
    assert_eq!(written(&db).await, (vec![3], 1));
}

#[tokio::test]
async fn too_many_writers_are_told_so() {
    let db = TestDb::sqlite().await;
    prepare(&db).await;
    // The gatekeeper is one of 4096.
    let units: Vec<_> = (0..4096).map(|n| inserted(&db, n)).collect();
    let done = {
        let (entered, gate) = (Semaphore::new(0), Semaphore::new(0));
        let shared = (&entered, &gate);
        let gatekeeper = db.write(&shared, |tx, &(entered, gate)| {
            Box::pin(async move {
                entered.add_permits(1);
                let _opened = gate.acquire().await;
                add(tx, -1).await
            })
        });
        let queued = async {
            let _inside = entered.acquire().await;
            let mut units = units;
            let refused = units.iter_mut().filter_map(|unit| unit.now_or_never()).collect::<Vec<_>>();
            gate.add_permits(1);
            refused
        };
        let (first, refused): (Done, Vec<Done>) = tokio::join!(gatekeeper, queued);
        first.unwrap();
        refused
    };
    assert!(matches!(done[..], [Err(StoreError::Busy)]), "{done:?}");
    insert(&db, 5000).await.unwrap();
}

#[test]
fn a_runtime_that_ends_does_not_strand_the_next() {
    let first = tokio::runtime::Runtime::new().unwrap();
    let db = first.block_on(async {
        let db = TestDb::sqlite().await;
        prepare(&db).await;
        // Dropped somewhere on its way, with a committer that may never come to it.
        let mut unit = inserted(&db, 1);
        for _ in 0..3 {
            if (&mut unit).now_or_never().is_some() {
                break;
            }
            tokio::task::yield_now().await;
        }
        drop(unit);
        db
    });
    drop(first);
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        insert(&db, 2).await.unwrap();
        let (numbers, counter) = written(&db).await;
        assert_eq!(i64::try_from(numbers.len()).unwrap(), counter);
        assert!(numbers.contains(&2));
    });
}

/// What a database that somebody else holds may take until it is said.
const SOON: std::time::Duration = std::time::Duration::from_secs(6);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[expect(clippy::disallowed_methods, reason = "measures how long a refusal takes")]
async fn a_file_that_another_process_holds_is_busy_soon_and_free_again_later() {
    let db = TestDb::sqlite().await;
    prepare(&db).await;
    let mut other = <sqlx::SqliteConnection as sqlx::Connection>::connect(db.url()).await.unwrap();
    sqlx::raw_sql("begin immediate").execute(&mut other).await.unwrap();
    let started = std::time::Instant::now();
    for refused in join_all((0..8).map(|n| insert(&db, n))).await {
        assert!(matches!(refused, Err(StoreError::Busy)), "{refused:?}");
    }
    assert!(started.elapsed() < SOON, "{:?}", started.elapsed());
    sqlx::raw_sql("rollback").execute(&mut other).await.unwrap();
    insert(&db, 100).await.unwrap();
    assert_eq!(written(&db).await.0, [100]);
    assert!(db.write_stats().units >= 1);
}
