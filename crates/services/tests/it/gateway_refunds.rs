//! Refunds that a gateway made by itself, taken in from its events: booked once, by its word, and never as another's.

use domain::{
    Currency, Money, PaymentId,
    states::PaymentStatus,
    time::{DAY, MINUTE},
};
use gateways::{RefundState, scripted, signature};
use serde_json::{Value, json};
use services::{
    fault::{Act, Point},
    payments, webhooks,
    webhooks::Received,
};
use test_support::{
    TestMerchant, TestServices,
    builders::assert_status,
    for_each_engine,
    gateway::{RefundScript, Script},
};

const EUR: Currency = Currency::EUR;

const fn eur(minor: i64) -> Money {
    Money::new(minor, EUR)
}

/// An event as the gateway sends it.
pub async fn deliver(t: &TestServices, connection: &str, id: &str, what: &Value) -> Received {
    let mut body = json!({ "id": id, "type": "something.happened" });
    for (name, value) in what.as_object().unwrap() {
        body[name] = value.clone();
    }
    let body = body.to_string().into_bytes();
    let header = signature::sign(scripted::SECRET, t.now(), &body);
    let headers = vec![(scripted::SIGNATURE.to_owned(), header)];
    webhooks::receive(t, "fake", connection, &headers, &body).await.unwrap()
}

pub async fn look(t: &TestServices) {
    while webhooks::process(t, 100).await.unwrap() > 0 {}
}

/// The gateway's name for a payment's charge.
pub async fn charge_of(t: &TestServices, payment: &str) -> String {
    t.texts(&format!("select gateway_ref from attempts where payment_id = '{payment}'")).await.remove(0)
}

fn refund(name: &str, charge: &str) -> Value {
    json!({ "refund": { "id": name, "charge": charge } })
}

/// Status, note and what was changed, of the events in the order in which they came.
async fn inbox(t: &TestServices) -> Vec<String> {
    t.texts(
        "select status || ' ' || coalesce(note, '-') || ' ' || coalesce(changed || ' ' || changed_from || ' ' || changed_to, '-')
         from gateway_events order by event_id",
    )
    .await
}

async fn refunds(t: &TestServices) -> Vec<String> {
    t.texts("select origin || ' ' || status || ' ' || amount from refunds order by origin, amount").await
}

async fn refunded(t: &TestServices, m: &TestMerchant, payment: &PaymentId) -> (i64, i64) {
    let row = t.payment(m, payment).await;
    assert_status(&row, PaymentStatus::Succeeded);
    (row.refunded, row.refund_reserved)
}

for_each_engine!(a_refund_made_at_the_gateway_is_booked_and_told, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    let connection = t.connection(&m, "fake").await;
    let p = t.paid(&m, 1_000, "EUR").await;
    let charge = charge_of(&t, p.as_str()).await;
    for (name, minor) in [("re_1", 300), ("re_2", 200)] {
        t.gateway.refund_there(name, &charge, eur(minor), &RefundState::Succeeded);
        for repeat in 0..3 {
            let heard = deliver(&t, connection.as_str(), &format!("evt_{name}"), &refund(name, &charge)).await;
            assert_eq!(heard, if repeat == 0 { Received::New } else { Received::Repeat });
        }
        look(&t).await;
    }
    assert_eq!(refunded(&t, &m, &p).await, (500, 0));
    assert_eq!(refunds(&t).await, ["gateway succeeded 200", "gateway succeeded 300"]);
    assert_eq!(inbox(&t).await, ["done - refund none succeeded", "done - refund none succeeded"]);
    assert_eq!(t.number("select cast(count(*) as bigint) from mails where template = 'refund'").await, 2);
    let page = payments::detail(&t, &m.actor, &p).await.unwrap();
    assert_eq!(page.timeline.iter().filter(|item| item.kind == "refund.made_at_gateway").count(), 2);
    assert!(page.timeline.iter().all(|item| item.kind != "refund.created"));
    assert_eq!(page.refundable, eur(500));
    // A bank returns one of them later.
    t.gateway.set_refund("there/re_1", &RefundState::Failed { code: "bank_returned" });
    deliver(&t, connection.as_str(), "evt_returned", &refund("re_1", &charge)).await;
    look(&t).await;
    assert_eq!(refunded(&t, &m, &p).await, (200, 0));
    assert!(inbox(&t).await.contains(&"done - refund succeeded failed".to_owned()));
    t.later(DAY).await;
    assert_eq!(refunded(&t, &m, &p).await, (200, 0));
    t.assert_sound().await;
});

for_each_engine!(the_events_of_such_a_refund_in_every_order_end_in_one_truth, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    let connection = t.connection(&m, "fake").await;
    let failed = RefundState::Failed { code: "bank_returned" };
    let lives = [
        [RefundState::Pending, RefundState::Pending, RefundState::Succeeded],
        [RefundState::Pending, RefundState::Succeeded, failed.clone()],
        [RefundState::Pending, failed.clone(), failed],
    ];
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        for (n, life) in lives.iter().enumerate() {
            let p = t.paid(&m, 700, "EUR").await;
            let (charge, name) = (charge_of(&t, p.as_str()).await, format!("re_{p}"));
            for (step, event) in order.iter().enumerate() {
                // The truth goes its own way while its events overtake each other.
                t.gateway.refund_there(&name, &charge, eur(700), &life[step]);
                for _ in 0..2 {
                    deliver(&t, connection.as_str(), &format!("{p}-{event}"), &refund(&name, &charge)).await;
                }
                look(&t).await;
            }
            let row = t.payment(&m, &p).await;
            assert_eq!((row.refunded, row.refund_reserved), (if n == 0 { 700 } else { 0 }, 0), "{order:?} {n}");
            assert_eq!(t.refund_states(&m, &p).await.len(), 1);
        }
    }
    assert_eq!(t.texts("select distinct status from gateway_events").await, ["done"]);
    t.assert_sound().await;
});

for_each_engine!(what_does_not_fit_is_not_booked, |db| async {
    let t = TestServices::new(&db);
    let (m, n) = (t.merchant().await, t.merchant().await);
    let (mine, theirs) = (t.connection(&m, "fake").await, t.connection(&n, "fake").await);
    let p = t.paid(&m, 1_000, "EUR").await;
    t.refund(&m, &p, 400, EUR).await.unwrap();
    let other = t.connection(&m, "fake").await;
    let charge = charge_of(&t, p.as_str()).await;
    let say = |name: &'static str, money: Money| t.gateway.refund_there(name, &charge, money, &RefundState::Succeeded);
    say("re_more", eur(601));
    say("re_usd", Money::new(100, Currency::USD));
    say("re_fits", eur(100));
    t.gateway.refund_there("re_failed", &charge, eur(50), &RefundState::Failed { code: "other" });
    let events = [
        ("evt_1", &mine, refund("re_more", &charge), "done mismatch -"),
        ("evt_2", &mine, refund("re_usd", &charge), "done mismatch -"),
        ("evt_3", &mine, refund("re_fits", "ch_of_nobody"), "ignored - -"),
        ("evt_4", &theirs, refund("re_fits", &charge), "ignored mismatch -"),
        ("evt_5", &other, refund("re_fits", &charge), "ignored other_connection -"),
        ("evt_6", &mine, refund("re_failed", &charge), "done - -"),
        ("evt_7", &mine, json!({ "refund": { "id": "re_fits" } }), "ignored - -"),
        ("evt_8", &mine, refund("re_unheard_of", &charge), "queued - -"),
    ];
    for (id, connection, what, _) in &events {
        assert_eq!(deliver(&t, connection.as_str(), id, what).await, Received::New);
    }
    look(&t).await;
    assert_eq!(inbox(&t).await, events.map(|(_, _, _, end)| end.to_owned()));
    assert_eq!(refunds(&t).await, ["merchant succeeded 400"]);
    assert_eq!(refunded(&t, &m, &p).await, (400, 0));
    t.assert_sound().await;
});

for_each_engine!(our_own_refund_without_a_name_is_known_by_our_key, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    let connection = t.connection(&m, "fake").await;
    let p = t.paid(&m, 1_000, "EUR").await;
    let charge = charge_of(&t, p.as_str()).await;
    t.gateway.script_refunds([RefundScript::RefundThenLose]);
    t.refund(&m, &p, 300, EUR).await.unwrap();
    let name = t.gateway.refunds().into_values().next().unwrap().id;
    // The event names it only as the gateway does, and another one of the same amount was made there.
    t.gateway.refund_there("re_there", &charge, eur(300), &RefundState::Succeeded);
    deliver(&t, connection.as_str(), "evt_1", &refund(&name, &charge)).await;
    deliver(&t, connection.as_str(), "evt_2", &refund("re_there", &charge)).await;
    look(&t).await;
    t.later(10 * MINUTE).await;
    assert_eq!(refunds(&t).await.len(), 2);
    assert_eq!(
        t.texts("select status || origin from refunds order by origin").await,
        ["succeededgateway", "succeededmerchant"]
    );
    assert_eq!(refunded(&t, &m, &p).await, (600, 0));
    assert_eq!(t.texts("select distinct status from gateway_events").await, ["done"]);
    t.assert_sound().await;
});

for_each_engine!(while_ours_may_be_it_nothing_is_booked, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    let connection = t.connection(&m, "fake").await;
    let p = t.paid(&m, 1_000, "EUR").await;
    let charge = charge_of(&t, p.as_str()).await;
    // Ours never arrives, and one of the same amount is made there meanwhile.
    t.gateway.script_refunds([RefundScript::Lose]);
    t.refund(&m, &p, 300, EUR).await.unwrap();
    t.gateway.refund_there("re_there", &charge, eur(300), &RefundState::Succeeded);
    deliver(&t, connection.as_str(), "evt_1", &refund("re_there", &charge)).await;
    look(&t).await;
    assert_eq!(inbox(&t).await, ["queued - -"]);
    assert_eq!(refunded(&t, &m, &p).await, (0, 300));
    for _ in 0..6 {
        t.later(3 * MINUTE).await;
    }
    assert_eq!(refunds(&t).await, ["gateway succeeded 300", "merchant failed 300"]);
    assert_eq!(refunded(&t, &m, &p).await, (300, 0));
    t.assert_sound().await;
});

for_each_engine!(what_only_our_reservation_leaves_no_place_for_waits_for_ours_to_end, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    let connection = t.connection(&m, "fake").await;
    let p = t.paid(&m, 1_000, "EUR").await;
    let charge = charge_of(&t, p.as_str()).await;
    // All of it is given back there, while a part of it is asked for here and never arrives.
    t.gateway.script_refunds([RefundScript::Lose]);
    t.refund(&m, &p, 600, EUR).await.unwrap();
    t.gateway.refund_there("re_there", &charge, eur(1_000), &RefundState::Succeeded);
    deliver(&t, connection.as_str(), "evt_1", &refund("re_there", &charge)).await;
    look(&t).await;
    assert_eq!(inbox(&t).await, ["queued - -"]);
    for _ in 0..6 {
        t.later(3 * MINUTE).await;
    }
    assert_eq!(refunds(&t).await, ["gateway succeeded 1000", "merchant failed 600"]);
    assert_eq!(refunded(&t, &m, &p).await, (1_000, 0));
    t.assert_sound().await;
});

for_each_engine!(a_refund_that_overtakes_its_charge_waits_for_it, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    let connection = t.connection(&m, "fake").await;
    t.gateway.script([Script::ChargeThenLose]);
    let s = t.session(&m, 700, "EUR").await;
    t.pay(&s, "4242424242424242").await;
    let charge = t.gateway.charges().into_values().next().unwrap().id;
    t.sql(&format!("update operations set gateway_ref = '{charge}'")).await;
    t.gateway.refund_there("re_1", &charge, eur(700), &RefundState::Succeeded);
    deliver(&t, connection.as_str(), "evt_1", &refund("re_1", &charge)).await;
    look(&t).await;
    assert_eq!(inbox(&t).await, ["queued - -"]);
    t.later(2 * MINUTE).await;
    t.later(2 * MINUTE).await;
    let p: PaymentId = t.payment_of(&s).await.id.parse().unwrap();
    assert_eq!(refunded(&t, &m, &p).await, (700, 0));
    t.assert_sound().await;
});

for_each_engine!(a_worker_that_dies_over_such_a_refund_leaves_it_to_the_next, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    let connection = t.connection(&m, "fake").await;
    for (n, point) in
        [Point::EventClaimed, Point::RefundHeard, Point::RefundSettled, Point::EventDone].into_iter().enumerate()
    {
        let p = t.paid(&m, 700, "EUR").await;
        let (charge, name) = (charge_of(&t, p.as_str()).await, format!("re_{n}"));
        t.gateway.refund_there(&name, &charge, eur(200), &RefundState::Succeeded);
        deliver(&t, connection.as_str(), &format!("evt_{n}"), &refund(&name, &charge)).await;
        t.faults().arm(point, Act::Stop);
        let svc = t.svc.clone();
        let dying = tokio::spawn(async move { webhooks::process(&svc, 10).await });
        while t.faults().left() > 0 {
            tokio::task::yield_now().await;
        }
        dying.abort();
        drop(dying.await);
        t.later(3 * MINUTE).await;
        assert_eq!(refunded(&t, &m, &p).await, (200, 0), "{point:?}");
    }
    assert_eq!(refunds(&t).await.len(), 4);
    t.assert_sound().await;
});
