//! Events of gateways: proved, kept once, and only ever a hint. Whatever their order and number, what is true in the end is what
//! the gateway says when it is asked.

use domain::{
    Currency, Money,
    decline::DeclineCode,
    states::PaymentStatus,
    time::{DAY, MINUTE},
    views::checkout::CheckoutStage,
};
use futures::future::join_all;
use gateways::{ChargeState, EventRefused, RefundState, scripted, signature};
use serde_json::json;
use services::{
    fault::{Act, Point},
    jobs, webhooks,
    webhooks::Received,
};
use test_support::{
    TestServices, TestSession,
    builders::assert_status,
    for_each_engine,
    gateway::{RefundScript, Script, declined, succeeded},
};

const GOOD: &str = "4242424242424242";

/// The events of a charge's life, in the order in which they happen.
const CHARGE: [&str; 4] = ["charge.created", "charge.requires_action", "charge.processing", "charge.succeeded"];

/// The events of a payment's life with a refund at its end.
const LIFE: [&str; 6] = [
    "charge.created",
    "charge.requires_action",
    "charge.processing",
    "charge.succeeded",
    "refund.created",
    "refund.ended",
];

/// Orders are gone through so many at once, each with a payment of its own.
const AT_ONCE: usize = 8;

/// A delivery as the gateway would send it.
fn delivery(t: &TestServices, id: &str, kind: &str, key: &str) -> (Vec<(String, String)>, Vec<u8>) {
    let what = if kind.starts_with("refund") { "refund" } else { "charge" };
    let body = json!({ "id": id, "type": kind, what: { "key": key } }).to_string().into_bytes();
    let header = signature::sign(scripted::SECRET, t.now(), &body);
    (vec![(scripted::SIGNATURE.to_owned(), header)], body)
}

async fn deliver(t: &TestServices, connection: &str, id: &str, kind: &str, key: &str) -> Received {
    let (headers, body) = delivery(t, id, kind, key);
    webhooks::receive(t, "fake", connection, &headers, &body).await.unwrap()
}

/// A payment's operation of a kind: our key at the gateway.
async fn key_of(t: &TestServices, s: &TestSession, kind: &str) -> String {
    let payment = t.payment_of(s).await.id;
    let sql = format!("select idempotency_key from operations where payment_id = '{payment}' and kind = '{kind}'");
    t.texts(&sql).await.remove(0)
}

/// Every order of `0..n`, by Heap's algorithm.
fn orders(n: usize) -> Vec<Vec<usize>> {
    fn go(k: usize, of: &mut Vec<usize>, all: &mut Vec<Vec<usize>>) {
        if k <= 1 {
            all.push(of.clone());
            return;
        }
        for i in 0..k {
            go(k - 1, of, all);
            let other = if k.is_multiple_of(2) { i } else { 0 };
            of.swap(other, k - 1);
        }
    }
    let mut all = Vec::new();
    go(n, &mut (0..n).collect(), &mut all);
    all.sort_unstable();
    all.dedup();
    all
}

/// What is true at the gateway after each of [`CHARGE`].
fn truth(step: usize) -> ChargeState {
    match step {
        0 | 1 => ChargeState::RequiresAction { url: "https://bank.example/".to_owned() },
        2 => ChargeState::Processing,
        _ => succeeded(Money::new(700, Currency::EUR)),
    }
}

/// Delivers an event three times at once: it is kept once.
async fn thrice(t: &TestServices, connection: &str, id: &str, kind: &str, key: &str) {
    let heard = join_all((0..3).map(|_| deliver(t, connection, id, kind, key))).await;
    assert_eq!(heard.iter().filter(|r| **r == Received::New).count(), 1, "{heard:?}");
    assert_eq!(heard.iter().filter(|r| **r == Received::Repeat).count(), 2, "{heard:?}");
}

async fn look(t: &TestServices) {
    while webhooks::process(t, 100).await.unwrap() > 0 {}
}

for_each_engine!(the_events_of_a_charge_in_every_order_end_in_one_state, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    let connection = t.connection(&m, "fake").await;
    for order in orders(CHARGE.len()) {
        let s = t.session(&m, 700, "EUR").await;
        t.gateway.script([Script::Reply(truth(0))]);
        assert!(matches!(t.pay(&s, GOOD).await, CheckoutStage::Action { .. }));
        let key = key_of(&t, &s, "sale").await;
        for (step, event) in order.iter().enumerate() {
            // The truth goes its own way while its events overtake each other.
            t.gateway.set_charge(&key, &truth(step));
            thrice(&t, connection.as_str(), &format!("{key}-{event}"), CHARGE[*event], &key).await;
            look(&t).await;
            let known = match step {
                0 | 1 => PaymentStatus::RequiresAction,
                2 => PaymentStatus::Processing,
                _ => PaymentStatus::Succeeded,
            };
            assert_status(&t.payment_of(&s).await, known);
        }
        // And all of them once more, backwards: repeats of repeats.
        for event in order.iter().rev() {
            let again = deliver(&t, connection.as_str(), &format!("{key}-{event}"), CHARGE[*event], &key).await;
            assert_eq!(again, Received::Repeat);
        }
    }
    assert_eq!(t.number("select cast(count(*) as bigint) from journals").await, 24);
    assert_eq!(t.number("select cast(count(*) as bigint) from mails").await, 24);
    t.assert_sound().await;
});

for_each_engine!(the_events_of_a_life_with_a_refund_in_every_order_end_in_one_state, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    let connection = t.connection(&m, "fake").await;
    let orders = orders(LIFE.len());
    assert_eq!(orders.len(), 720);
    for some in orders.chunks(AT_ONCE) {
        let mut lives = Vec::new();
        for (place, order) in some.iter().enumerate() {
            let payment = t.paid(&m, 700, "EUR").await;
            t.gateway.script_refunds([RefundScript::Reply(RefundState::Pending)]);
            t.refund(&m, &payment, 300, Currency::EUR).await.unwrap();
            let sql =
                format!("select idempotency_key from operations where payment_id = '{payment}' order by kind desc");
            let keys = t.texts(&sql).await;
            // Half of the refunds come to nothing.
            let fails = place % 2 == 1;
            let end = if fails { RefundState::Failed { code: "other" } } else { RefundState::Succeeded };
            t.gateway.set_refund(&keys[1], &end);
            lives.push((payment, order.clone(), keys, fails));
        }
        for step in 0..LIFE.len() {
            join_all(lives.iter().map(|(payment, order, keys, _)| {
                let kind = LIFE[order[step]];
                let key = &keys[usize::from(kind.starts_with("refund"))];
                let (t, connection) = (&t, connection.as_str());
                async move { thrice(t, connection, &format!("{payment}-{kind}"), kind, key).await }
            }))
            .await;
            look(&t).await;
        }
        for (payment, order, _, fails) in &lives {
            let row = t.payment(&m, payment).await;
            assert_status(&row, PaymentStatus::Succeeded);
            let refunded = if *fails { 0 } else { 300 };
            assert_eq!((row.captured, row.refunded, row.refund_reserved), (700, refunded, 0), "{order:?}");
        }
    }
    assert_eq!(t.number("select cast(count(*) as bigint) from journals").await, 720 + 360);
    assert_eq!(t.texts("select distinct status from gateway_events").await, ["done"]);
    t.assert_sound().await;
});

for_each_engine!(only_what_its_gateway_has_signed_now_is_kept, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    let connection = t.connection(&m, "fake").await;
    let (headers, body) = delivery(&t, "evt_1", "charge.succeeded", "op_x");
    let receive = |provider: &'static str, headers: Vec<(String, String)>, body: Vec<u8>| {
        let (svc, connection) = (t.svc.clone(), connection.clone());
        async move { webhooks::receive(&svc, provider, connection.as_str(), &headers, &body).await.unwrap() }
    };
    let mut other = body.clone();
    other.push(b' ');
    let refused = Received::Refused(EventRefused::Signature);
    assert_eq!(receive("fake", headers.clone(), other).await, refused);
    assert_eq!(receive("fake", Vec::new(), body.clone()).await, refused);
    assert_eq!(receive("sandbox", headers.clone(), body.clone()).await, Received::Nowhere);
    assert_eq!(receive("nobody", headers.clone(), body.clone()).await, Received::Nowhere);
    t.connection(&m, "sandbox").await;
    t.clock.advance(6 * MINUTE);
    assert_eq!(receive("fake", headers, body).await, Received::Refused(EventRefused::Time));
    let unreadable = b"{}".to_vec();
    let header = signature::sign(scripted::SECRET, t.now(), &unreadable);
    let headers = vec![(scripted::SIGNATURE.to_owned(), header)];
    assert_eq!(receive("fake", headers, unreadable).await, Received::Refused(EventRefused::Unreadable));
    let long = "x".repeat(300);
    assert_eq!(
        deliver(&t, connection.as_str(), &long, "charge.created", "op_x").await,
        Received::Refused(EventRefused::Unreadable)
    );
    assert_eq!(t.number("select cast(count(*) as bigint) from gateway_events").await, 0);
});

for_each_engine!(an_event_about_somebody_elses_charge_changes_nothing, |db| async {
    let t = TestServices::new(&db);
    let (m, n) = (t.merchant().await, t.merchant().await);
    let (mine, theirs) = (t.connection(&m, "fake").await, t.connection(&n, "fake").await);
    let other = t.connection(&m, "fake").await;
    t.gateway.script([Script::ChargeThenLose]);
    let s = t.session(&m, 700, "EUR").await;
    t.pay(&s, GOOD).await;
    let key = key_of(&t, &s, "sale").await;
    for (id, connection) in [("evt_1", &theirs), ("evt_2", &other)] {
        assert_eq!(deliver(&t, connection.as_str(), id, "charge.succeeded", &key).await, Received::New);
    }
    assert_eq!(deliver(&t, mine.as_str(), "evt_1", "refund.succeeded", &key).await, Received::New);
    look(&t).await;
    assert_eq!(t.texts("select distinct status from gateway_events").await, ["ignored"]);
    assert_status(&t.payment_of(&s).await, PaymentStatus::Unknown);
    // The same name of another connection's event is another event.
    assert_eq!(deliver(&t, mine.as_str(), "evt_2", "charge.succeeded", &key).await, Received::New);
    look(&t).await;
    assert_status(&t.payment_of(&s).await, PaymentStatus::Succeeded);
    t.assert_sound().await;
});

for_each_engine!(an_event_says_nothing_that_the_gateway_does_not, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    let connection = t.connection(&m, "fake").await;
    // "Succeeded", and the gateway has something else when it is asked: another amount, a no.
    t.gateway.script([Script::ChargeThenLose]);
    let s = t.session(&m, 700, "EUR").await;
    t.pay(&s, GOOD).await;
    let key = key_of(&t, &s, "sale").await;
    t.gateway.set_charge(&key, &succeeded(Money::new(701, Currency::EUR)));
    deliver(&t, connection.as_str(), "evt_1", "charge.succeeded", &key).await;
    look(&t).await;
    assert_status(&t.payment_of(&s).await, PaymentStatus::Unknown);
    t.gateway.set_charge(&key, &succeeded(Money::new(700, Currency::USD)));
    deliver(&t, connection.as_str(), "evt_2", "charge.succeeded", &key).await;
    look(&t).await;
    assert_status(&t.payment_of(&s).await, PaymentStatus::Unknown);
    t.gateway.set_charge(&key, &ChargeState::Declined(DeclineCode::GenericDecline));
    deliver(&t, connection.as_str(), "evt_3", "charge.succeeded", &key).await;
    look(&t).await;
    assert_status(&t.payment_of(&s).await, PaymentStatus::RequiresPaymentMethod);
    t.assert_sound().await;
});

for_each_engine!(an_event_waits_while_its_gateway_is_silent, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    let connection = t.connection(&m, "fake").await;
    t.gateway.script([Script::ChargeThenLose]);
    let s = t.session(&m, 700, "EUR").await;
    t.pay(&s, GOOD).await;
    let key = key_of(&t, &s, "sale").await;
    t.gateway.set_deaf(true);
    deliver(&t, connection.as_str(), "evt_1", "charge.succeeded", &key).await;
    look(&t).await;
    assert_eq!(t.texts("select status from gateway_events").await, ["queued"]);
    t.gateway.set_deaf(false);
    t.clock.advance(MINUTE);
    look(&t).await;
    assert_eq!(t.texts("select status from gateway_events").await, ["done"]);
    assert_status(&t.payment_of(&s).await, PaymentStatus::Succeeded);
    t.clock.advance(31 * DAY);
    assert_eq!(webhooks::delete_old(&t).await.unwrap(), 1);
    t.assert_sound().await;
});

for_each_engine!(a_worker_that_dies_over_an_event_leaves_it_to_the_next, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    let connection = t.connection(&m, "fake").await;
    for (n, point) in [Point::EventClaimed, Point::ChargeHeard, Point::EventDone].into_iter().enumerate() {
        t.gateway.script([Script::ChargeThenLose]);
        let s = t.session(&m, 700, "EUR").await;
        t.pay(&s, GOOD).await;
        let key = key_of(&t, &s, "sale").await;
        deliver(&t, connection.as_str(), &format!("evt_{n}"), "charge.succeeded", &key).await;
        t.faults().arm(point, Act::Stop);
        let svc = t.svc.clone();
        let dying = tokio::spawn(async move { webhooks::process(&svc, 10).await });
        while t.faults().left() > 0 {
            tokio::task::yield_now().await;
        }
        dying.abort();
        drop(dying.await);
        t.later(3 * MINUTE).await;
        assert_status(&t.payment_of(&s).await, PaymentStatus::Succeeded);
    }
    assert_eq!(t.texts("select distinct status from gateway_events").await, ["done"]);
    assert_eq!(t.number("select cast(count(*) as bigint) from journals").await, 3);
    t.assert_sound().await;
});

for_each_engine!(money_that_an_event_tells_of_after_a_recorded_no_is_booked_and_told, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    let connection = t.connection(&m, "fake").await;
    t.gateway.script([declined(DeclineCode::GenericDecline)]);
    let s = t.session(&m, 700, "EUR").await;
    t.pay(&s, GOOD).await;
    t.later(3 * DAY).await;
    assert_status(&t.payment_of(&s).await, PaymentStatus::Canceled);
    let key = key_of(&t, &s, "sale").await;
    t.gateway.set_charge(&key, &succeeded(Money::new(700, Currency::EUR)));
    thrice(&t, connection.as_str(), "evt_late", "charge.succeeded", &key).await;
    jobs::run_due(&t, "test", 100).await.unwrap();
    assert_status(&t.payment_of(&s).await, PaymentStatus::Succeeded);
    assert_eq!(t.texts("select kind from events where kind = 'payment.late_success'").await.len(), 1);
    t.assert_sound().await;
});
