//! Behind the requests: leases, events' numbers, statistics, stock, and what a payment costs the database.

use domain::{
    EventId, JobId, Locale, StaffRole,
    time::{DAY, HOUR, MINUTE},
    views::admin::JobFilter,
    views::checkout::{CheckoutStage, LinkForm},
};
use futures::future::join_all;
use serde_json::json;
use services::{StaffActor, admin, jobs, links, mail};
use std::sync::atomic::{AtomicUsize, Ordering};
use store::{Batch, StoreError, events, jobs::Lease, stats};
use test_support::{TestDb, TestServices, db::block_on, for_each_engine};

const GOOD: &str = "4242424242424242";

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

async fn lease(t: &TestServices, owner: &str, limit: i64) -> Vec<(String, i64)> {
    let now = t.now();
    let leased: Result<Vec<store::jobs::Job>, StoreError> = t
        .db()
        .write(&owner, |tx, owner| {
            Box::pin(async move { store::jobs::lease(tx, owner, now, now.plus(MINUTE), limit).await })
        })
        .await;
    leased.unwrap().into_iter().map(|job| (job.id, job.lease_number)).collect()
}

async fn finish(t: &TestServices, owner: &str, (job, number): &(String, i64)) -> bool {
    let lease = Lease { job, owner, number: *number };
    let done: Result<bool, StoreError> =
        t.db().write(&lease, |tx, &lease| Box::pin(async move { store::jobs::finish(tx, lease).await })).await;
    done.unwrap()
}

for_each_engine!(a_job_is_leased_to_one_worker_at_a_time, |db| async {
    let t = TestServices::new(&db);
    enqueue(&t, 40).await;
    let shares = join_all(["a", "b", "c", "d"].map(|owner| lease(&t, owner, 15))).await;
    let mut all: Vec<(String, i64)> = shares.into_iter().flatten().collect();
    let taken = all.len();
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), taken, "a job was leased twice");
    all.extend(lease(&t, "e", 100).await);
    assert_eq!(all.len(), 40);
    assert!(lease(&t, "f", 100).await.is_empty());
    // A worker that was paused for ten minutes wakes late: its leases are another's.
    t.clock.advance(10 * MINUTE);
    let taken_over = lease(&t, "late", 1).await.remove(0);
    for owner in ["a", "b", "c", "d", "e"] {
        assert!(!finish(&t, owner, &taken_over).await);
    }
    assert!(finish(&t, "late", &taken_over).await);
});

for_each_engine!(a_job_that_never_works_is_laid_aside, |db| async {
    let t = TestServices::new(&db);
    enqueue(&t, 1).await;
    for _ in 0..40 {
        jobs::run_due(&t, "a", 10).await.unwrap();
        t.clock.advance(2 * HOUR);
    }
    assert_eq!(t.texts("select status from jobs").await, ["dead"]);
    assert_eq!(t.number("select attempts from jobs").await, 12);
});

for_each_engine!(events_are_numbered_in_the_order_of_commits, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    t.connection(&m, "fake").await;
    for _ in 0..5 {
        t.paid(&m, 100, "EUR").await;
    }
    join_all((0..4).map(|_| jobs::number_events(&t, 2))).await.into_iter().for_each(|n| assert!(n.is_ok()));
    jobs::number_events(&t, 100).await.unwrap();
    // Committed later, though its id and time are earlier than the rest's.
    let early = EventId::from_parts(1, [0; 10]);
    let scope = m.scope().clone();
    let done: Result<(), StoreError> = t
        .db()
        .write(&(&scope, &early), |tx, &(scope, early)| {
            Box::pin(async move {
                let event = events::NewEvent {
                    id: early,
                    kind: "test",
                    object: "x",
                    payload: "{}",
                    api_version: "1",
                    at: domain::Timestamp(1),
                };
                let mut batch = Batch::new();
                events::insert(&mut batch, scope, &event);
                batch.run(tx).await.map(drop)
            })
        })
        .await;
    done.unwrap();
    jobs::number_events(&t, 100).await.unwrap();
    let numbers = t.texts("select cast(number as text) from events order by number").await;
    assert_eq!(numbers, ["1", "2", "3", "4", "5", "6"]);
    assert_eq!(t.texts("select kind from events order by number desc limit 1").await, ["test"]);
});

for_each_engine!(each_delta_counts_once_whoever_folds, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    t.connection(&m, "fake").await;
    for _ in 0..12 {
        t.paid(&m, 100, "EUR").await;
        t.clock.advance(20 * MINUTE);
    }
    let read = || async {
        let mut tx = t.db().read().await.unwrap();
        stats::hours(&mut tx, m.scope(), 0, i64::MAX).await.unwrap()
    };
    let before = read().await;
    assert_eq!(before.iter().map(|h| h.volume).sum::<i64>(), 1_200);
    assert!(before.len() >= 4);
    join_all((0..4).map(|_| jobs::fold_stats(&t, 5))).await.into_iter().for_each(|n| assert!(n.is_ok()));
    assert_eq!(read().await, before);
    t.run_due().await;
    assert_eq!(read().await, before);
    assert_eq!(t.number("select cast(count(*) as bigint) from stat_deltas").await, 0);
    t.assert_sound().await;
});

for_each_engine!(stock_is_held_while_a_session_may_be_paid_and_given_back_after, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    t.connection(&m, "sandbox").await;
    let form = LinkForm {
        title: "A print".to_owned(),
        currency: "EUR".to_owned(),
        pricing: "fixed".to_owned(),
        amount: "12.50".to_owned(),
        max_quantity: "3".to_owned(),
        stock: "3".to_owned(),
        ..LinkForm::default()
    };
    links::create(&t, &m.actor, &form).await.unwrap();
    let link = t.texts("select token from payment_links").await.remove(0);
    let sold = || t.number("select sold from payment_links");
    let open = |n: &'static str| {
        let (svc, link) = (t.svc.clone(), link.clone());
        async move { links::open_session(&svc, &link, "", n, Locale::En).await }
    };
    let session = |token: String| test_support::TestSession { id: t.new_id(), token, scope: m.scope().clone() };
    let (one, two) = (session(open("1").await.unwrap()), session(open("2").await.unwrap()));
    assert!(open("1").await.is_err(), "sold out");
    // A declined payment holds its piece; money on its way holds it past the session's end.
    t.pay(&one, "4000000000000002").await;
    assert_eq!(sold().await, 3);
    assert!(matches!(t.pay(&two, "4000009900000012").await, CheckoutStage::Pending { unknown: true, .. }));
    t.clock.advance(30 * DAY);
    jobs::expire_sessions(&t, 100).await.unwrap();
    assert_eq!(sold().await, 2);
    assert_eq!(
        t.texts("select object_id from events where kind = 'payment.canceled'").await,
        [t.payment_of(&one).await.id]
    );
    t.assert_sound().await;
    t.run_due().await;
    t.later(DAY).await;
    assert_eq!(sold().await, 2);
    assert!(matches!(t.pay(&two, GOOD).await, CheckoutStage::Paid { .. }));
    assert_eq!(t.pay(&one, GOOD).await, CheckoutStage::Expired);
    t.assert_sound().await;
});

/// Counts what sqlx logs of each statement that it sends.
struct Counter;

static STATEMENTS: AtomicUsize = AtomicUsize::new(0);

impl tracing::Subscriber for Counter {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        metadata.target() == "sqlx::query"
    }
    fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        tracing::span::Id::from_u64(1)
    }
    fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}
    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}
    fn event(&self, _: &tracing::Event<'_>) {
        STATEMENTS.fetch_add(1, Ordering::SeqCst);
    }
    fn enter(&self, _: &tracing::span::Id) {}
    fn exit(&self, _: &tracing::span::Id) {}
}

#[test]
fn a_payment_costs_few_statements() {
    // Other tests of this process may be counted too, so the least of many counts.
    drop(tracing::subscriber::set_global_default(Counter));
    block_on(async {
        let db = TestDb::sqlite().await;
        let t = TestServices::new(&db);
        let m = t.merchant().await;
        t.connection(&m, "fake").await;
        let mut least = usize::MAX;
        for _ in 0..30 {
            let s = t.session(&m, 100, "EUR").await;
            let form = t.pay_form(GOOD);
            let before = STATEMENTS.load(Ordering::SeqCst);
            t.try_pay(&s, form).await.unwrap();
            least = least.min(STATEMENTS.load(Ordering::SeqCst) - before);
        }
        // One reading; payment, attempt and operation together; all that the outcome changes together; and for each of the
        // two units its beginning and its COMMIT.
        assert!((4..=7).contains(&least), "{least} statements");
    });
}

fn staff(t: &TestServices, role: StaffRole) -> StaffActor {
    StaffActor { user_id: t.new_id(), role, origin: services::Origin::default() }
}

async fn bury(t: &TestServices, n: usize) {
    enqueue(t, n).await;
    for _ in 0..40 {
        jobs::run_due(t, "a", 10).await.unwrap();
        t.clock.advance(2 * HOUR);
    }
}

for_each_engine!(the_operator_sees_retries_and_discards_what_was_laid_aside, |db| async {
    let t = TestServices::new(&db);
    bury(&t, 3).await;
    let (admin, auditor) = (staff(&t, StaffRole::Admin), staff(&t, StaffRole::Auditor));
    let dead = || async { admin::jobs(&t, &auditor, &JobFilter::default()).await.unwrap() };
    let view = dead().await;
    assert_eq!((view.page.items.len(), view.may_act), (3, false));
    assert_eq!(view.kinds, [("test".to_owned(), 3)]);
    let row = &view.page.items[0];
    assert_eq!((row.kind.as_str(), row.tries), ("test", 12));
    assert!(row.error.as_deref().unwrap_or_default().contains("no handler") && row.failed_at < t.now());
    assert!(admin::retry_job(&t, &auditor, &row.id).await.is_err());
    assert!(admin::discard_job(&t, &auditor, &row.id, "no").await.is_err());

    admin::retry_job(&t, &admin, &row.id).await.unwrap();
    assert!(admin::retry_job(&t, &admin, &row.id).await.is_err(), "it waits for nobody");
    assert_eq!(dead().await.page.items.len(), 2);
    jobs::run_due(&t, "a", 10).await.unwrap();
    assert_eq!(t.number("select attempts from jobs where status = 'ready'").await, 1);

    let other = &view.page.items[1];
    assert!(admin::discard_job(&t, &admin, &other.id, "  ").await.is_err(), "a reason is asked for");
    admin::discard_job(&t, &admin, &other.id, "a test").await.unwrap();
    let filter = JobFilter { status: Some("discarded".to_owned()), ..JobFilter::default() };
    let gone = admin::jobs(&t, &admin, &filter).await.unwrap();
    assert_eq!(gone.page.items[0].discard_reason.as_deref(), Some("a test"));
    assert_eq!(admin::retry_kind(&t, &admin, "test").await.unwrap(), 1);
    assert!(dead().await.page.items.is_empty());
    let told = t.texts("select action from audit_entries where chain = 'operator' order by seq").await;
    assert_eq!(told, ["job.retry", "job.discard", "job.retry_kind"]);
    t.assert_sound().await;
});

for_each_engine!(what_failed_together_is_not_tried_again_together, |db| async {
    let t = TestServices::new(&db);
    enqueue(&t, 20).await;
    for _ in 0..4 {
        jobs::run_due(&t, "a", 100).await.unwrap();
    }
    let mut due = t.texts("select distinct cast(run_at as text) from jobs").await;
    due.sort_unstable();
    assert!(due.len() > 10, "{due:?}");
});

for_each_engine!(a_mail_that_was_given_up_is_sent_when_the_operator_says_so, |db| async {
    let t = TestServices::new(&db);
    let draft = mail::MailDraft::new(mail::Template::ResetPassword, "a@example.com", Locale::En);
    let (id, now): (domain::MailId, _) = (t.new_id(), t.now());
    let done: Result<(), StoreError> = t
        .db()
        .write(&(&id, &draft), |tx, &(id, draft)| Box::pin(async move { mail::enqueue(tx, id, now, draft).await }))
        .await;
    done.unwrap();
    for _ in 0..40 {
        for due in mail::due(&t, 10).await.unwrap() {
            mail::failed(&t, &due.id, "no server").await.unwrap();
        }
        t.clock.advance(HOUR);
    }
    assert_eq!(t.texts("select status from mails").await, ["failed"]);
    let admin = staff(&t, StaffRole::Admin);
    assert!(admin::retry_mail(&t, &staff(&t, StaffRole::Reviewer), &id).await.is_err());
    admin::retry_mail(&t, &admin, &id).await.unwrap();
    assert!(admin::retry_mail(&t, &admin, &id).await.is_err());
    let due = mail::due(&t, 10).await.unwrap();
    assert_eq!(due.len(), 1);
    // It is tried for a day again.
    mail::failed(&t, &due[0].id, "no server").await.unwrap();
    assert_eq!(t.texts("select status from mails").await, ["queued"]);
});
