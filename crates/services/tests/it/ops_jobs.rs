//! Leases: a long job keeps its own, whoever wakes late changes nothing, and what a worker leaves is taken over.

use domain::{JobId, time::MINUTE};
use futures::future::join_all;
use serde_json::json;
use services::jobs::{self, Leasing, run_with};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use store::{StoreError, jobs::Lease};
use test_support::{TestServices, for_each_engine};
use tokio::sync::Notify;

/// Renewed so often that a test need not wait.
const QUICK: Leasing = Leasing { lasts: MINUTE, heartbeat: Duration::from_millis(2), at_once: 8 };
/// Never renewed: a holder that is paused.
const PAUSED: Leasing = Leasing { lasts: MINUTE, heartbeat: Duration::from_secs(3_600), at_once: 8 };

async fn enqueue(t: &TestServices, n: usize) {
    let ids: Vec<JobId> = (0..n).map(|_| t.new_id()).collect();
    let now = t.now();
    let done: Result<(), StoreError> = t
        .db()
        .write(&ids, |tx, ids| {
            Box::pin(async move {
                for id in ids {
                    jobs::enqueue(tx, id, "test", &json!({}), now, now).await?;
                }
                Ok(())
            })
        })
        .await;
    done.unwrap();
}

/// A worker in a task of its own, whose jobs tell that they have begun and wait until they may end.
struct Slow {
    begun: Arc<Notify>,
    may_end: Arc<Notify>,
    task: tokio::task::JoinHandle<usize>,
}

fn slow(t: &TestServices, owner: &'static str, leasing: Leasing, outcome: Result<(), String>) -> Slow {
    let (begun, may_end) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (svc, began, end) = (t.svc.clone(), begun.clone(), may_end.clone());
    let task = tokio::spawn(async move {
        let handler = |_| {
            let (began, end, outcome) = (began.clone(), end.clone(), outcome.clone());
            async move {
                began.notify_one();
                end.notified().await;
                outcome
            }
        };
        run_with(&svc, owner, 1, leasing, handler).await.unwrap()
    });
    Slow { begun, may_end, task }
}

async fn quick(t: &TestServices, owner: &str, outcome: Result<(), String>) -> usize {
    let outcome = &outcome;
    run_with(t, owner, 10, PAUSED, |_| async move { outcome.clone() }).await.unwrap()
}

async fn jobs_left(t: &TestServices) -> i64 {
    t.number("select cast(count(*) as bigint) from jobs").await
}

for_each_engine!(a_long_job_keeps_its_lease, |db| async {
    let t = TestServices::new(&db);
    enqueue(&t, 1).await;
    let a = slow(&t, "a", QUICK, Ok(()));
    a.begun.notified().await;
    for _ in 0..5 {
        let held_until = t.number("select lease_until from jobs").await;
        t.clock.advance(MINUTE - 1);
        while t.number("select lease_until from jobs").await == held_until {
            tokio::task::yield_now().await;
        }
        assert_eq!(quick(&t, "b", Ok(())).await, 0, "the lease is a's");
    }
    a.may_end.notify_one();
    assert_eq!(a.task.await.unwrap(), 1);
    assert_eq!(jobs_left(&t).await, 0);
});

for_each_engine!(a_holder_that_wakes_after_ten_minutes_changes_nothing, |db| async {
    let t = TestServices::new(&db);
    for (late, now) in [(Ok(()), Err("not yet".to_owned())), (Err("late".to_owned()), Err("not yet".to_owned()))] {
        enqueue(&t, 1).await;
        let paused = slow(&t, "a", PAUSED, late);
        paused.begun.notified().await;
        t.clock.advance(10 * MINUTE);
        // Whoever takes it over may even have the same name: the number of the lease tells them apart.
        assert_eq!(quick(&t, "a", now).await, 1);
        let before = t.texts("select last_error || run_at || attempts || lease_number from jobs").await;
        paused.may_end.notify_one();
        paused.task.await.unwrap();
        let after = t.texts("select last_error || run_at || attempts || lease_number from jobs").await;
        assert_eq!((after.len(), &after), (1, &before));
        t.sql("delete from jobs").await;
    }
});

for_each_engine!(a_worker_that_loses_its_lease_stops, |db| async {
    let t = TestServices::new(&db);
    enqueue(&t, 1).await;
    let a = slow(&t, "a", QUICK, Ok(()));
    a.begun.notified().await;
    t.sql("update jobs set lease_owner = 'b', lease_number = lease_number + 1").await;
    // It is never told that it may end: the heartbeat notices.
    assert_eq!(a.task.await.unwrap(), 1);
    assert_eq!(t.texts("select lease_owner from jobs").await, ["b"]);
});

for_each_engine!(a_worker_that_stops_hands_its_leases_back, |db| async {
    let t = TestServices::new(&db);
    enqueue(&t, 3).await;
    let a = slow(&t, "a", PAUSED, Ok(()));
    a.begun.notified().await;
    assert_eq!(jobs::hand_back(&t, "b").await.unwrap(), 0, "another's are left alone");
    assert_eq!(jobs::hand_back(&t, "a").await.unwrap(), 1);
    assert_eq!(t.number("select max(attempts) from jobs").await, 0, "what was not done is no try");
    assert_eq!(quick(&t, "b", Ok(())).await, 3);
    a.may_end.notify_one();
    a.task.await.unwrap();
    assert_eq!(jobs_left(&t).await, 0);
});

for_each_engine!(leases_of_the_dead_are_recovered, |db| async {
    let t = TestServices::new(&db);
    enqueue(&t, 2).await;
    let a = slow(&t, "a", PAUSED, Ok(()));
    a.begun.notified().await;
    a.task.abort();
    // Beside others, only what has run out is known to be nobody's.
    assert_eq!(jobs::recover(&t, false).await.unwrap(), 0);
    assert_eq!(jobs::recover(&t, true).await.unwrap(), 1);
    assert_eq!(quick(&t, "b", Err("again".to_owned())).await, 2);
    t.clock.advance(10 * MINUTE);
    let c = slow(&t, "c", PAUSED, Ok(()));
    c.begun.notified().await;
    c.task.abort();
    t.clock.advance(MINUTE);
    assert_eq!(jobs::recover(&t, false).await.unwrap(), 1);
});

for_each_engine!(many_workers_do_each_job_once, |db| async {
    let t = TestServices::new(&db);
    enqueue(&t, 200).await;
    let done = AtomicUsize::new(0);
    let worker = async |owner: String| {
        let count = |_| async {
            tokio::task::yield_now().await;
            done.fetch_add(1, Ordering::SeqCst);
            Ok(())
        };
        while run_with(&t, &owner, 100, PAUSED, count).await.unwrap() > 0 {}
    };
    join_all((0..6).map(|n| worker(format!("w{n}")))).await;
    // A worker that found nothing may have met the others' leases; nothing is left, and nothing was done twice.
    assert_eq!((done.load(Ordering::SeqCst), jobs_left(&t).await), (200, 0));
    let nobody = Lease { job: "job_x", owner: "w", number: 1 };
    let done: Result<bool, StoreError> =
        t.db().write(&nobody, |tx, &lease| Box::pin(async move { store::jobs::finish(tx, lease).await })).await;
    assert!(!done.unwrap());
});
