//! What waits for its customer at a gateway when its session's time is over: given up there, or paid at the last moment.

use crate::gateway_ways::sent_away;
use domain::{
    Currency, Money,
    states::PaymentStatus,
    time::{DAY, HOUR, MINUTE},
    views::checkout::CheckoutStage,
};
use gateways::ChargeState;
use services::{checkout, jobs};
use test_support::{
    TestServices,
    builders::{TestMerchant, TestSession, assert_status},
    for_each_engine,
    gateway::{Script, succeeded},
};

/// A minute past a session's end, with what servers' clocks may differ by.
const OVER: i64 = DAY + 2 * MINUTE;

async fn waiting(t: &TestServices) -> (TestMerchant, TestSession) {
    let m = t.merchant().await;
    t.connection(&m, "fake").await;
    let s = sent_away(t, &m).await;
    (m, s)
}

async fn session_is(t: &TestServices, status: &str) {
    assert_eq!(t.texts("select status from checkout_sessions").await, [status]);
}

for_each_engine!(what_waits_is_given_up_when_its_session_is_over, |db| async {
    let t = TestServices::new(&db);
    let (_, s) = waiting(&t).await;
    t.later(DAY - MINUTE).await;
    assert_status(&t.payment_of(&s).await, PaymentStatus::RequiresAction);
    assert!(t.gateway.abandoned().is_empty());
    // Two workers come at once.
    t.clock.advance(OVER - DAY + MINUTE);
    let (one, two) = tokio::join!(jobs::run_due(&t.svc, "one", 100), jobs::run_due(&t.svc, "two", 100));
    one.unwrap();
    two.unwrap();
    t.run_due().await;
    assert_eq!(t.gateway.abandoned().len(), 1);
    assert_status(&t.payment_of(&s).await, PaymentStatus::Canceled);
    assert_eq!(t.texts("select status from attempts").await, ["canceled"]);
    session_is(&t, "expired").await;
    let told = "select kind from events where kind in ('payment.failed', 'payment.canceled') order by kind";
    assert_eq!(t.texts(told).await, ["payment.canceled", "payment.failed"]);
    // Nothing waits any more: nobody gives up again, and who comes back goes on with nothing.
    t.later(DAY).await;
    assert_eq!((t.gateway.abandoned().len(), t.gateway.resumed()), (1, 0));
    assert_eq!(checkout::returned(&t.svc, &s.token).await.unwrap(), CheckoutStage::Expired);
    assert_eq!(t.number("select cast(count(*) as bigint) from journals").await, 0);
    t.assert_sound().await;
});

for_each_engine!(what_was_paid_at_the_last_moment_is_taken_in, |db| async {
    let t = TestServices::new(&db);
    let (_, s) = waiting(&t).await;
    t.gateway.settle_all(&succeeded(Money::new(700, Currency::EUR)));
    t.later(OVER).await;
    assert_status(&t.payment_of(&s).await, PaymentStatus::Succeeded);
    assert_eq!((t.payment_of(&s).await.captured, t.gateway.abandoned().len()), (700, 1));
    session_is(&t, "complete").await;
    // The session had not ended: the money is not late.
    assert!(t.texts("select late_rule from attempts where late_rule is not null").await.is_empty());
    assert_eq!(t.texts("select kind from journals").await, ["payment"]);
    t.later(DAY).await;
    assert_eq!(t.gateway.abandoned().len(), 1);
    t.assert_sound().await;
});

for_each_engine!(without_the_gateways_word_it_keeps_waiting_and_is_tried_again, |db| async {
    let t = TestServices::new(&db);
    let (_, s) = waiting(&t).await;
    t.gateway.set_deaf(true);
    for _ in 0..3 {
        t.later(OVER).await;
        assert_status(&t.payment_of(&s).await, PaymentStatus::RequiresAction);
        session_is(&t, "open").await;
        // Whoever comes back may still go on with it.
        assert_eq!(t.number("select cast(count(*) as bigint) from operations where held_until is not null").await, 0);
    }
    t.assert_sound().await;
    t.gateway.set_deaf(false);
    t.later(6 * HOUR).await;
    assert_eq!(t.gateway.abandoned().len(), 1);
    assert_status(&t.payment_of(&s).await, PaymentStatus::Canceled);
    session_is(&t, "expired").await;
    t.assert_sound().await;
});

for_each_engine!(what_somebody_goes_on_with_is_not_given_up, |db| async {
    let t = TestServices::new(&db);
    let (_, s) = waiting(&t).await;
    let until = t.now().plus(OVER + MINUTE).0;
    t.sql(&format!("update operations set held_until = {until}")).await;
    t.later(OVER).await;
    assert!(t.gateway.abandoned().is_empty());
    assert_status(&t.payment_of(&s).await, PaymentStatus::RequiresAction);
    // They stopped half-way.
    t.later(HOUR).await;
    assert_eq!(t.gateway.abandoned().len(), 1);
    assert_status(&t.payment_of(&s).await, PaymentStatus::Canceled);
    t.assert_sound().await;
});

for_each_engine!(a_call_in_doubt_is_not_given_up, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    t.connection(&m, "fake").await;
    let s = t.session(&m, 700, "EUR").await;
    t.gateway.script([Script::ChargeThenLose]);
    t.pay(&s, "4242424242424242").await;
    t.gateway.set_deaf(true);
    t.later(OVER).await;
    assert_status(&t.payment_of(&s).await, PaymentStatus::Unknown);
    t.gateway.set_deaf(false);
    t.later(DAY).await;
    assert_status(&t.payment_of(&s).await, PaymentStatus::Succeeded);
    assert!(t.gateway.abandoned().is_empty());
    t.assert_sound().await;
});

// A hold that the customer approved at the last moment is a hold.
for_each_engine!(what_was_approved_at_the_last_moment_is_held, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    t.connection(&m, "fake").await;
    let s = t.manual_session(&m, 700, "EUR").await;
    t.gateway.script([Script::Reply(ChargeState::RequiresAction { url: "/there".to_owned() })]);
    t.pay(&s, "4242424242424242").await;
    t.gateway.settle_all(&ChargeState::Authorized { capture_before: None });
    t.later(OVER).await;
    assert_status(&t.payment_of(&s).await, PaymentStatus::RequiresCapture);
    session_is(&t, "complete").await;
    t.assert_sound().await;
});
