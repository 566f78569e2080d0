//! Stopped half-way: at every fail point a command fails, panics, or goes no further, as when its process is killed. Nothing is
//! lost, nothing happens twice, and the worker brings it to one true end.

use domain::{Currency, states::PaymentStatus, time::MINUTE};
use services::{
    Origin, checkout,
    fault::{Act, Point},
    jobs, payments,
};
use test_support::{
    TestMerchant, TestServices, TestSession, builders::assert_status, for_each_engine, gateway::Script,
};

const GOOD: &str = "4242424242424242";
const ACTS: [Act; 3] = [Act::Fail, Act::Panic, Act::Stop];

/// Waits for what is expected to happen on another task.
async fn until(happened: impl Fn() -> bool) {
    while !happened() {
        tokio::task::yield_now().await;
    }
}

/// Posts a form and gives up on it as soon as the fail point was reached.
async fn pay_and_stop(t: &TestServices, s: &TestSession) {
    let (svc, token, form) = (t.svc.clone(), s.token.clone(), t.pay_form(GOOD));
    let task = tokio::spawn(async move { checkout::pay(&svc, &token, form, &Origin::default()).await });
    until(|| t.faults().left() == 0).await;
    task.abort();
    drop(task.await);
}

async fn refund_and_stop(t: &TestServices, m: &TestMerchant, p: &domain::PaymentId) {
    let (svc, actor, p, form) = (t.svc.clone(), m.actor.clone(), p.clone(), t.refund_form("0.30"));
    let task = tokio::spawn(async move { payments::refund(&svc, &actor, &p, form).await });
    until(|| t.faults().left() == 0).await;
    task.abort();
    drop(task.await);
}

/// Runs what is due by a worker that dies at an armed point; the point has been reached when this returns.
async fn work_and_stop(t: &TestServices) {
    let svc = t.svc.clone();
    let task = tokio::spawn(async move { jobs::run_due(&svc, "dying", 100).await });
    until(|| t.faults().left() == 0).await;
    task.abort();
    drop(task.await);
}

for_each_engine!(a_charge_that_was_stopped_anywhere_is_found_out, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    t.connection(&m, "fake").await;
    for act in ACTS {
        for (point, charged) in
            [(Point::ChargeWritten, false), (Point::ChargeHeard, true), (Point::ChargeSettled, true)]
        {
            let s = t.session(&m, 700, "EUR").await;
            let before = t.gateway.charges().len();
            t.faults().arm(point, act);
            pay_and_stop(&t, &s).await;
            // The customer's other tab charges nothing meanwhile, and the books hold as they are.
            t.pay(&s, GOOD).await;
            assert_eq!(t.gateway.charges().len(), before + usize::from(charged), "{point:?} {act:?}");
            t.assert_sound().await;
            t.later(2 * MINUTE).await;
            let status = if charged { PaymentStatus::Succeeded } else { PaymentStatus::RequiresPaymentMethod };
            assert_status(&t.payment_of(&s).await, status);
            // What was certainly not charged can be paid now, once.
            t.pay(&s, GOOD).await;
            assert_status(&t.payment_of(&s).await, PaymentStatus::Succeeded);
            assert_eq!(t.gateway.charges().len(), before + 1, "{point:?} {act:?}");
            t.assert_sound().await;
        }
    }
});

for_each_engine!(a_refund_that_was_stopped_anywhere_is_found_out, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    t.connection(&m, "fake").await;
    for act in ACTS {
        for (point, given) in [(Point::RefundWritten, 0), (Point::RefundHeard, 30), (Point::RefundSettled, 30)] {
            let p = t.paid(&m, 100, "EUR").await;
            t.faults().arm(point, act);
            refund_and_stop(&t, &m, &p).await;
            t.assert_sound().await;
            // Until it is known, nobody else may have its money.
            assert!(t.refund(&m, &p, 71, Currency::EUR).await.is_err(), "{point:?} {act:?}");
            t.later(2 * MINUTE).await;
            let row = t.payment(&m, &p).await;
            assert_eq!((row.refunded, row.refund_reserved), (given, 0), "{point:?} {act:?}");
            t.assert_sound().await;
        }
    }
    let given: i64 = t.gateway.refunds().values().map(|refund| refund.amount.minor).sum();
    assert_eq!(given, t.number("select cast(sum(refunded) as bigint) from payments").await);
});

for_each_engine!(a_worker_that_dies_leaves_its_work_to_the_next, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    t.connection(&m, "fake").await;
    for act in ACTS {
        for point in [Point::OperationClaimed, Point::ChargeHeard, Point::ChargeSettled] {
            t.gateway.script([Script::ChargeThenLose]);
            let s = t.session(&m, 700, "EUR").await;
            t.pay(&s, GOOD).await;
            t.clock.advance(2 * MINUTE);
            t.faults().arm(point, act);
            work_and_stop(&t).await;
            t.assert_sound().await;
            // Its claim runs out, and another one asks.
            t.later(3 * MINUTE).await;
            assert_status(&t.payment_of(&s).await, PaymentStatus::Succeeded);
            t.assert_sound().await;
        }
        for point in [Point::RefundHeard, Point::RefundSettled] {
            let p = t.paid(&m, 100, "EUR").await;
            t.gateway.script_refunds([test_support::gateway::RefundScript::RefundThenLose]);
            t.refund(&m, &p, 30, Currency::EUR).await.unwrap();
            t.clock.advance(2 * MINUTE);
            t.faults().arm(point, act);
            work_and_stop(&t).await;
            t.assert_sound().await;
            t.later(3 * MINUTE).await;
            let row = t.payment(&m, &p).await;
            assert_eq!((row.refunded, row.refund_reserved), (30, 0), "{point:?} {act:?}");
            t.assert_sound().await;
        }
    }
    assert_eq!(t.gateway.charges().len(), t.gateway.calls());
});
