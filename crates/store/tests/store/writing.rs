//! The one door for writing, as it behaves on both engines.

use std::sync::Arc;

use futures::future::join_all;
use sqlx::FromRow;
use store::{Db, DbOptions, StoreError, Tx, UnitError, on};
use test_support::for_each_engine;
use tokio::sync::oneshot;

/// A service's own error, for units that fail for their own reasons.
#[derive(Debug)]
pub enum Refusal {
    ByRule,
    Store(StoreError),
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl UnitError for Refusal {
    fn store_error(&self) -> Option<&StoreError> {
        match self {
            Self::ByRule => None,
            Self::Store(error) => Some(error),
        }
    }
}

/// A table to write to, beside the real schema.
pub async fn prepare(db: &Db) {
    db.write(&(), |tx, ()| {
        Box::pin(async move {
            run(tx, "create table numbers (n bigint not null primary key, place bigint)").await?;
            run(tx, "create table counters (id bigint not null primary key, value bigint not null)").await?;
            run(tx, "insert into counters (id, value) values (1, 0)").await
        })
    })
    .await
    .unwrap();
}

pub async fn run(tx: &mut Tx, sql: &'static str) -> Result<(), StoreError> {
    on!(tx, |c| sqlx::query(sql).execute(c).await.map(drop))?;
    Ok(())
}

/// One insert and one update of a row that all share.
pub async fn add(tx: &mut Tx, n: i64) -> Result<(), StoreError> {
    const INSERT: &str = "insert into numbers (n, place) select cast($1 as bigint), count(*) from numbers";
    on!(tx, |c| sqlx::query(INSERT).bind(n).execute(c).await.map(drop))?;
    run(tx, "update counters set value = value + 1 where id = 1").await
}

pub async fn insert(db: &Db, n: i64) -> Result<(), StoreError> {
    db.write(&n, |tx, n| Box::pin(add(tx, *n))).await
}

/// The numbers in the order in which they were written, and the counter.
pub async fn written(db: &Db) -> (Vec<i64>, i64) {
    let mut tx = db.read().await.unwrap();
    let numbers =
        on!(&mut tx, |c| sqlx::query_scalar("select n from numbers order by place, n").fetch_all(c).await).unwrap();
    let counter =
        on!(&mut tx, |c| sqlx::query_scalar("select value from counters where id = 1").fetch_one(c).await).unwrap();
    (numbers, counter)
}

pub async fn written_sorted(db: &Db) -> (Vec<i64>, i64) {
    let (mut numbers, counter) = written(db).await;
    numbers.sort_unstable();
    (numbers, counter)
}

for_each_engine!(many_writers_at_once_are_all_durable, |db| async {
    prepare(&db).await;
    for done in join_all((0..64).map(|n| insert(&db, n))).await {
        done.unwrap();
    }
    // Through a handle of its own, which shares no connection with the writers.
    let other = Db::connect(db.url(), DbOptions::default()).await.unwrap();
    assert_eq!(written_sorted(&other).await, ((0..64).collect(), 64));
});

for_each_engine!(an_error_rolls_back_its_own_unit_only, |db| async {
    prepare(&db).await;
    let units = (0..64).map(|n| {
        let db: &Db = &db;
        async move {
            db.write(&n, |tx, n: &i64| {
                Box::pin(async move {
                    add(tx, *n).await?;
                    if n % 2 == 0 { Ok(*n) } else { Err(Refusal::ByRule) }
                })
            })
            .await
        }
    });
    for (n, done) in (0..).zip(join_all(units).await) {
        match done {
            Ok(value) => assert!(n % 2 == 0 && value == n),
            Err(Refusal::ByRule) => assert!(n % 2 == 1),
            Err(Refusal::Store(error)) => panic!("{n}: {error}"),
        }
    }
    assert_eq!(written_sorted(&db).await, ((0..64).step_by(2).collect(), 32));
});

for_each_engine!(a_taken_key_is_a_conflict_and_harms_nobody_else, |db| async {
    prepare(&db).await;
    insert(&db, 7).await.unwrap();
    let done = join_all([1, 7, 2, 7, 3].map(|n| insert(&db, n))).await;
    for (place, done) in done.into_iter().enumerate() {
        match done {
            Err(StoreError::Conflict { constraint }) => {
                assert!([1, 3].contains(&place) && constraint.contains("numbers"), "{place}: {constraint}");
            }
            done => done.unwrap(),
        }
    }
    assert_eq!(written_sorted(&db).await, (vec![1, 2, 3, 7], 4));
});

for_each_engine!(a_missing_row_that_is_referred_to_is_told, |db| async {
    prepare(&db).await;
    let done: Result<(), StoreError> = db
        .write(&(), |tx, ()| {
            Box::pin(async move {
                run(tx, "create table parts (n bigint not null references numbers (n))").await?;
                run(tx, "insert into parts (n) values (99)").await
            })
        })
        .await;
    assert!(matches!(done, Err(StoreError::ForeignKey)), "{done:?}");
});

for_each_engine!(a_unit_dropped_half_way_leaves_nothing, |db| async {
    prepare(&db).await;
    let (reached, half_way) = oneshot::channel();
    let reached = Arc::new(std::sync::Mutex::new(Some(reached)));
    let handle = Db::clone(&db);
    let task = tokio::spawn(async move {
        handle
            .write(&reached, |tx, reached| {
                Box::pin(async move {
                    add(tx, 1).await?;
                    if let Some(reached) = reached.lock().unwrap().take() {
                        reached.send(()).unwrap();
                    }
                    std::future::pending::<Result<(), StoreError>>().await
                })
            })
            .await
    });
    half_way.await.unwrap();
    task.abort();
    assert!(task.await.unwrap_err().is_cancelled());
    insert(&db, 2).await.unwrap();
    assert_eq!(written(&db).await, (vec![2], 1));
});

for_each_engine!(a_unit_that_panics_leaves_nothing, |db| async {
    prepare(&db).await;
    let handle = Db::clone(&db);
    let task = tokio::spawn(async move {
        handle
            .write(&true, |tx, broken| {
                Box::pin(async move {
                    add(tx, 1).await?;
                    assert!(!*broken, "a unit that panics, on purpose");
                    Ok::<(), StoreError>(())
                })
            })
            .await
    });
    assert!(task.await.unwrap_err().is_panic());
    insert(&db, 2).await.unwrap();
    assert_eq!(written(&db).await, (vec![2], 1));
});

/// Polls a future until it has waited so many times, and then drops it.
async fn drop_after<F: Future>(waits: usize, future: F) -> Option<F::Output> {
    let mut future = Box::pin(future);
    let mut left = waits;
    std::future::poll_fn(move |cx| {
        if left == 0 {
            return std::task::Poll::Ready(None);
        }
        match future.as_mut().poll(cx) {
            std::task::Poll::Ready(output) => std::task::Poll::Ready(Some(output)),
            std::task::Poll::Pending => {
                left -= 1;
                if left == 0 { std::task::Poll::Ready(None) } else { std::task::Poll::Pending }
            }
        }
    })
    .await
}

for_each_engine!(dropped_at_any_point_a_unit_is_whole_or_absent, |db| async {
    prepare(&db).await;
    let mut sure = Vec::new();
    let mut maybe = Vec::new();
    // How often a unit waits is up to the scheduler, so each number of waits is tried twice; behind another
    // writer it waits at least once.
    for round in 0..80_i64 {
        let (before, dropped, after) = (3 * round, 3 * round + 1, 3 * round + 2);
        let (first, done, last) = tokio::join!(
            insert(&db, before),
            drop_after(usize::try_from(round % 40).unwrap(), insert(&db, dropped)),
            insert(&db, after)
        );
        first.unwrap();
        last.unwrap();
        sure.extend([before, after]);
        match done {
            Some(done) => {
                done.unwrap();
                sure.push(dropped);
            }
            None => maybe.push(dropped),
        }
    }
    let (numbers, counter) = written(&db).await;
    assert_eq!(i64::try_from(numbers.len()).unwrap(), counter, "half a unit was kept");
    assert!(sure.iter().all(|n| numbers.contains(n)), "a unit that was confirmed is gone");
    assert!(numbers.iter().all(|n| sure.contains(n) || maybe.contains(n)));
    assert!(maybe.len() > 2 && maybe.len() < 80, "it drops at too few points: {}", maybe.len());
});

for_each_engine!(a_unit_inside_a_unit_is_refused, |db| async {
    prepare(&db).await;
    let handle = Db::clone(&db);
    db.write(&handle, |tx, handle| {
        Box::pin(async move {
            assert!(matches!(insert(handle, 1).await, Err(StoreError::Nested)));
            assert!(matches!(handle.read().await, Err(StoreError::Nested)));
            assert!(matches!(handle.snapshot().await, Err(StoreError::Nested)));
            add(tx, 2).await
        })
    })
    .await
    .unwrap();
    assert_eq!(written(&db).await, (vec![2], 1));
});

#[derive(Debug, PartialEq, FromRow)]
struct Number {
    n: i64,
    place: Option<i64>,
}

// What services write: several inputs by reference, an inline closure, a future that may move between threads.
for_each_engine!(inputs_may_be_a_tuple_of_references, |db| async {
    fn moves_between_threads<F: Future + Send>(future: F) -> F {
        future
    }
    prepare(&db).await;
    let (first, label) = (Number { n: 5, place: None }, String::from("a label"));
    let handle: &Db = &db;
    let read_back = moves_between_threads(async move {
        let second = 6;
        handle
            .write(&(&first, label.as_str(), second), |tx, &(first, label, second)| {
                Box::pin(async move {
                    add(tx, first.n).await?;
                    add(tx, second + i64::try_from(label.len()).unwrap_or(0)).await?;
                    let rows: Vec<Number> =
                        on!(tx, |c| sqlx::query_as("select n, place from numbers order by n").fetch_all(c).await)
                            .map_err(StoreError::from)?;
                    Ok::<_, Refusal>(rows)
                })
            })
            .await
    })
    .await
    .unwrap();
    assert_eq!(read_back, [Number { n: 5, place: Some(0) }, Number { n: 13, place: Some(1) }]);
});
