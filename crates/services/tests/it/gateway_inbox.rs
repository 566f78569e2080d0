//! The inbox of a connection: what is kept of deliveries, who sees it, what an event changed, and looking at one again.

use domain::{
    ConnectionId, Currency, MerchantRole, Money,
    problem::codes,
    states::PaymentStatus,
    time::{DAY, MINUTE},
    views::{
        gateway::ConnectionForm,
        inbox::{Delivery, InboxFilter, InboxView},
    },
};
use gateways::{EventRefused, RefundState, http::Http, paypal::PayPal, scripted, signature};
use serde_json::json;
use services::{
    connections, dashboard,
    webhooks::{self, Received},
};
use std::sync::Arc;
use test_support::{
    TestMerchant, TestServices, TestSession,
    builders::assert_status,
    for_each_engine,
    gateway::{RefundScript, Script, succeeded},
};

use super::gateway_connections::told;

const GOOD: &str = "4242424242424242";

async fn send(t: &TestServices, connection: &ConnectionId, body: &[u8]) -> Received {
    let header = signature::sign(scripted::SECRET, t.now(), body);
    let headers = vec![(scripted::SIGNATURE.to_owned(), header)];
    webhooks::receive(t, "fake", connection.as_str(), &headers, body).await.unwrap()
}

async fn deliver(t: &TestServices, connection: &ConnectionId, id: &str, what: &str, key: &str) -> Received {
    let body = json!({ "id": id, "type": format!("{what}.changed"), what: { "key": key } }).to_string();
    send(t, connection, body.as_bytes()).await
}

async fn forge(t: &TestServices, connection: &ConnectionId, body: &[u8]) {
    let heard = webhooks::receive(t, "fake", connection.as_str(), &[], body).await.unwrap();
    assert_eq!(heard, Received::Refused(EventRefused::Signature));
}

async fn look(t: &TestServices) {
    while webhooks::process(t, 100).await.unwrap() > 0 {}
}

async fn shown(t: &TestServices, m: &TestMerchant, connection: &ConnectionId, status: &str) -> InboxView {
    let filter = InboxFilter { status: Some(status.to_owned()), ..InboxFilter::default() };
    webhooks::inbox(t, &m.actor, connection, &filter, None).await.unwrap()
}

/// The only delivery of a kind.
async fn only(t: &TestServices, m: &TestMerchant, connection: &ConnectionId, status: &str) -> Delivery {
    let mut items = shown(t, m, connection, status).await.page.items;
    assert_eq!(items.len(), 1, "{status}: {items:#?}");
    items.remove(0)
}

async fn key_of(t: &TestServices, s: &TestSession) -> String {
    let payment = t.payment_of(s).await.id;
    t.texts(&format!("select idempotency_key from operations where payment_id = '{payment}'")).await.remove(0)
}

/// A payment whose outcome nobody knows: its session and our key.
async fn in_doubt(t: &TestServices, m: &TestMerchant) -> (TestSession, String) {
    t.gateway.script([Script::ChargeThenLose]);
    let s = t.session(m, 700, "EUR").await;
    t.pay(&s, GOOD).await;
    let key = key_of(t, &s).await;
    (s, key)
}

for_each_engine!(every_delivery_is_there_with_what_became_of_it, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    let connection = t.connection(&m, "fake").await;
    let empty = shown(&t, &m, &connection, "").await;
    assert!(empty.sends_events && empty.may_replay && empty.page.items.is_empty() && empty.chosen.is_none());
    let (s, key) = in_doubt(&t, &m).await;
    assert_eq!(deliver(&t, &connection, "evt_1", "charge", &key).await, Received::New);
    t.clock.advance(1);
    assert_eq!(deliver(&t, &connection, "evt_1", "charge", &key).await, Received::Repeat);
    t.clock.advance(1);
    forge(&t, &connection, b"<script>alert(1)</script>").await;
    let waiting = only(&t, &m, &connection, "queued").await;
    assert_eq!((waiting.verdict.as_str(), waiting.tries, waiting.payment), ("accepted", 0, None));
    look(&t).await;
    let done = only(&t, &m, &connection, "done").await;
    let payment = t.payment_of(&s).await;
    assert_status(&payment, PaymentStatus::Succeeded);
    assert_eq!(done.payment.as_ref().map(ToString::to_string), Some(payment.id));
    let changed = done.changed.unwrap();
    assert_eq!(
        (changed.what.as_str(), changed.from.as_str(), changed.to.as_str()),
        ("payment", "unknown", "succeeded")
    );
    assert_eq!(
        (done.kind.as_deref(), done.about.as_deref(), done.note),
        (Some("charge.changed"), Some("charge"), None)
    );
    assert_eq!(done.finished_at, Some(t.now()));
    let repeat = only(&t, &m, &connection, "repeat").await;
    assert_eq!((repeat.event_id.as_deref(), repeat.status), (Some("evt_1"), None));
    assert_eq!(only(&t, &m, &connection, "refused").await.verdict, "signature");
    let all: Vec<String> = shown(&t, &m, &connection, "").await.page.items.into_iter().map(|d| d.verdict).collect();
    assert_eq!(all, ["signature", "repeat", "accepted"], "newest first");
    // The list of gateways tells what came last.
    let view = connections::view(&t, &m.actor).await.unwrap();
    let events = view.connections[0].events.as_ref().unwrap();
    assert_eq!(events.address, format!("http://paydeck.test/webhooks/fake/{connection}"));
    assert_eq!((events.last_accepted_at, events.last_refused_at), (Some(done.received_at), Some(t.now())));
    assert_eq!((events.last_refused_why.as_deref(), events.secret.as_ref()), (Some("signature"), None));
    t.assert_sound().await;
});

for_each_engine!(an_event_that_changes_nothing_says_so_and_one_about_a_refund_tells_of_it, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    let connection = t.connection(&m, "fake").await;
    let payment = t.paid(&m, 700, "EUR").await;
    t.gateway.script_refunds([RefundScript::Reply(RefundState::Pending)]);
    t.refund(&m, &payment, 300, Currency::EUR).await.unwrap();
    let sql = format!("select idempotency_key from operations where payment_id = '{payment}' order by kind desc");
    let keys = t.texts(&sql).await;
    deliver(&t, &connection, "evt_sale", "charge", &keys[0]).await;
    look(&t).await;
    let sale = only(&t, &m, &connection, "done").await;
    assert_eq!((sale.changed, sale.payment.as_ref()), (None, Some(&payment)));
    t.clock.advance(1);
    t.gateway.settle_all_refunds(&RefundState::Succeeded);
    deliver(&t, &connection, "evt_refund", "refund", &keys[1]).await;
    look(&t).await;
    let refund = shown(&t, &m, &connection, "done").await.page.items.remove(0);
    let changed = refund.changed.unwrap();
    assert_eq!((changed.what.as_str(), changed.from.as_str(), changed.to.as_str()), ("refund", "pending", "succeeded"));
    t.assert_sound().await;
});

for_each_engine!(what_came_is_sealed_bounded_and_gone_in_time, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    let connection = t.connection(&m, "fake").await;
    let body =
        json!({ "id": "evt_1", "type": "x", "note": "ann@customers.example", "long": "y".repeat(70_000) }).to_string();
    assert_eq!(send(&t, &connection, body.as_bytes()).await, Received::New);
    t.clock.advance(1);
    assert_eq!(send(&t, &connection, br#"{"id":"evt_2","type":"x","b":[1]}"#).await, Received::New);
    forge(&t, &connection, &[b'z', 0xff, 0, b'<'].repeat(2_000)).await;
    let detail = async |status: &str| {
        let key = shown(&t, &m, &connection, status).await.page.items.pop().unwrap().key;
        webhooks::detail(&t, &m.actor, &connection, &key).await.unwrap()
    };
    let cut = detail("queued").await;
    assert_eq!((cut.cut, cut.size), (true, i64::try_from(body.len()).ok()));
    assert_eq!(cut.payload.as_deref(), body.get(..64 * 1024));
    assert!(!cut.may_replay, "it waits already");
    let pretty = webhooks::inbox(&t, &m.actor, &connection, &InboxFilter::default(), None).await.unwrap().page.items;
    let small = pretty.iter().find(|d| d.event_id.as_deref() == Some("evt_2")).unwrap();
    let small = webhooks::inbox(&t, &m.actor, &connection, &InboxFilter::default(), Some(&small.key)).await.unwrap();
    let small = small.chosen.unwrap();
    assert!(!small.cut && small.payload.unwrap().contains("\n  \"b\": [\n    1"));
    let forged = detail("refused").await;
    assert_eq!((forged.cut, forged.size), (true, Some(8_000)));
    assert!(forged.payload.is_some_and(|text| text.starts_with("z\u{fffd}\u{fffd}<")));
    // Nobody reads it in the database.
    for table in ["gateway_events", "gateway_deliveries"] {
        let hex = if t.url.starts_with("sqlite") { "hex(payload)" } else { "encode(payload, 'hex')" };
        let sealed = t.texts(&format!("select lower({hex}) from {table}")).await;
        let plain: String = b"customers".iter().map(|byte| format!("{byte:02x}")).collect();
        assert!(!sealed.is_empty() && sealed.iter().all(|payload| !payload.contains(&plain)));
    }
    look(&t).await;
    t.clock.advance(29 * DAY);
    assert_eq!(webhooks::delete_old(&t).await.unwrap(), 0);
    t.clock.advance(2 * DAY);
    assert_eq!(webhooks::delete_old(&t).await.unwrap(), 3);
    assert!(shown(&t, &m, &connection, "").await.page.items.is_empty());
});

for_each_engine!(a_flood_of_forged_deliveries_keeps_to_its_bound_and_to_its_connection, |db| async {
    let t = TestServices::new(&db);
    let m = t.merchant().await;
    let (connection, other) = (t.connection(&m, "fake").await, t.connection(&m, "fake").await);
    forge(&t, &other, b"first").await;
    assert_eq!(send(&t, &connection, br#"{"id":"evt_1","type":"x"}"#).await, Received::New);
    for n in 0..230 {
        if n % 3 == 0 {
            t.clock.advance(1);
        }
        forge(&t, &connection, b"no").await;
    }
    let count = |of: ConnectionId| {
        let sql = format!("select cast(count(*) as bigint) from gateway_deliveries where connection_id = '{of}'");
        let t = &t;
        async move { t.number(&sql).await }
    };
    assert_eq!((count(connection.clone()).await, count(other.clone()).await), (200, 1));
    assert_eq!(only(&t, &m, &connection, "queued").await.event_id.as_deref(), Some("evt_1"));
    // Page by page, forth and back, each delivery once.
    let (mut seen, mut after, mut pages) = (Vec::new(), None, Vec::new());
    loop {
        let filter = InboxFilter { after, limit: Some(70), ..InboxFilter::default() };
        let page = webhooks::inbox(&t, &m.actor, &connection, &filter, None).await.unwrap().page;
        seen.extend(page.items.iter().map(|delivery| (delivery.received_at, delivery.id.to_string())));
        after = page.next.clone();
        pages.push(page);
        if after.is_none() {
            break;
        }
    }
    assert_eq!((seen.len(), pages.len()), (201, 3));
    assert!(seen.is_sorted_by(|a, b| a > b));
    let back = InboxFilter { before: pages[1].previous.clone(), limit: Some(70), ..InboxFilter::default() };
    let back = webhooks::inbox(&t, &m.actor, &connection, &back, None).await.unwrap().page;
    assert_eq!(back.items, pages[0].items);
});

for_each_engine!(what_does_not_fit_books_nothing_and_raises_an_alert, |db| async {
    let t = TestServices::new(&db);
    let (m, n) = (t.merchant().await, t.merchant().await);
    let (mine, theirs) = (t.connection(&m, "fake").await, t.connection(&n, "fake").await);
    let other = t.connection(&m, "fake").await;
    let (s, key) = in_doubt(&t, &m).await;
    let alerts = async |m: &TestMerchant| {
        let home = dashboard::view(&t, &m.actor).await.unwrap().attention;
        home.into_iter().find(|a| a.kind == "event_mismatch").map(|a| (a.count, a.path))
    };
    let of = |connection: &ConnectionId| format!("gateways/{connection}/events?status=mismatch");
    assert_eq!(alerts(&m).await, None);
    // Another amount, then another currency.
    for (count, money) in [(1, Money::new(701, Currency::EUR)), (2, Money::new(700, Currency::USD))] {
        t.gateway.set_charge(&key, &succeeded(money));
        t.clock.advance(1);
        deliver(&t, &mine, &format!("evt_{count}"), "charge", &key).await;
        look(&t).await;
        let delivery = shown(&t, &m, &mine, "mismatch").await.page.items.remove(0);
        assert_eq!((delivery.changed, delivery.note.as_deref()), (None, Some("mismatch")));
        assert_status(&t.payment_of(&s).await, PaymentStatus::Unknown);
        assert_eq!(alerts(&m).await, Some((count, of(&mine))));
    }
    // Another merchant's payment: the one whose gateway sent it is told.
    deliver(&t, &theirs, "evt_1", "charge", &key).await;
    look(&t).await;
    let foreign = only(&t, &n, &theirs, "mismatch").await;
    assert_eq!((foreign.status.as_deref(), foreign.payment), (Some("ignored"), None));
    assert_eq!(alerts(&n).await, Some((1, of(&theirs))));
    // Another connection of one's own is no alarm, nor is a key that nobody has.
    for (id, key) in [("evt_a", key.as_str()), ("evt_b", "nobody's key")] {
        deliver(&t, &other, id, "charge", key).await;
    }
    look(&t).await;
    let mut notes: Vec<_> = shown(&t, &m, &other, "ignored").await.page.items.into_iter().map(|d| d.note).collect();
    notes.sort();
    assert_eq!(notes, [None, Some("other_connection".to_owned())]);
    assert_status(&t.payment_of(&s).await, PaymentStatus::Unknown);
    assert_eq!(t.number("select cast(count(*) as bigint) from journals").await, 0);
    // It was put right at the gateway, and looked at again: the alert of that event goes.
    t.gateway.set_charge(&key, &succeeded(Money::new(700, Currency::EUR)));
    for delivery in shown(&t, &m, &mine, "mismatch").await.page.items {
        webhooks::replay(&t, &m.actor, &mine, &delivery.key).await.unwrap();
    }
    look(&t).await;
    assert_status(&t.payment_of(&s).await, PaymentStatus::Succeeded);
    assert_eq!(alerts(&m).await, None);
    t.clock.advance(8 * DAY);
    assert_eq!(alerts(&n).await, None, "a week later nobody is told any more");
    t.assert_sound().await;
});

for_each_engine!(an_event_is_looked_at_again_once_for_many_clicks, |db| async {
    let t = TestServices::new(&db);
    let (m, stranger) = (t.merchant().await, t.merchant().await);
    let connection = t.connection(&m, "fake").await;
    let (s, key) = in_doubt(&t, &m).await;
    t.gateway.set_deaf(true);
    deliver(&t, &connection, "evt_1", "charge", &key).await;
    for _ in 0..8 {
        look(&t).await;
        t.clock.advance(7 * 60 * MINUTE);
    }
    let failed = only(&t, &m, &connection, "failed").await;
    assert_eq!((failed.tries, failed.last_error.as_deref()), (8, Some("no_answer")));
    let refuse = async |actor: &services::MerchantActor, key: &str| {
        told(webhooks::replay(&t, actor, &connection, key).await.unwrap_err())
    };
    assert_eq!(refuse(&m.as_role(MerchantRole::Viewer).actor, &failed.key).await, [codes::FORBIDDEN]);
    assert_eq!(refuse(&stranger.actor, &failed.key).await, [codes::NOT_FOUND]);
    for nonsense in ["", "1~x", "nonsense"] {
        assert_eq!(refuse(&m.actor, nonsense).await, [codes::NOT_FOUND]);
    }
    forge(&t, &connection, b"no").await;
    let forged = only(&t, &m, &connection, "refused").await;
    assert_eq!(refuse(&m.actor, &forged.key).await, [codes::NOT_FOUND], "what was not believed is no event");
    let click = || webhooks::replay(&t, &m.actor, &connection, &failed.key);
    for clicked in futures::future::join_all([click(), click(), click()]).await {
        clicked.unwrap();
    }
    // Still silent: it has all its tries again.
    look(&t).await;
    assert_eq!(only(&t, &m, &connection, "queued").await.tries, 9);
    t.gateway.set_deaf(false);
    t.clock.advance(7 * 60 * MINUTE);
    look(&t).await;
    let done = only(&t, &m, &connection, "done").await;
    assert_eq!((done.last_error, done.changed.map(|c| c.to)), (None, Some("succeeded".to_owned())));
    // Once more, which changes nothing: what it changed before stays, and nothing is booked twice.
    webhooks::replay(&t, &m.actor, &connection, &failed.key).await.unwrap();
    look(&t).await;
    assert!(only(&t, &m, &connection, "done").await.changed.is_some());
    assert_status(&t.payment_of(&s).await, PaymentStatus::Succeeded);
    assert_eq!(t.number("select cast(count(*) as bigint) from journals").await, 1);
    let audited = "select object_id from audit_entries where action = 'gateway.event_replay'";
    assert_eq!(t.texts(audited).await, [failed.id.as_str(), failed.id.as_str()]);
    t.assert_sound().await;
});

for_each_engine!(an_inbox_is_for_its_merchant_and_mode, |db| async {
    let t = TestServices::new(&db);
    let (m, stranger) = (t.merchant().await, t.merchant().await);
    let (connection, sandbox) = (t.connection(&m, "fake").await, t.connection(&m, "sandbox").await);
    send(&t, &connection, br#"{"id":"evt_1","type":"x"}"#).await;
    let key = only(&t, &m, &connection, "queued").await.key;
    let every = InboxFilter::default();
    for actor in [&stranger.actor, &m.in_mode(domain::Mode::Live).actor] {
        assert_eq!(told(webhooks::inbox(&t, actor, &connection, &every, None).await.unwrap_err()), [codes::NOT_FOUND]);
        assert_eq!(told(webhooks::detail(&t, actor, &connection, &key).await.unwrap_err()), [codes::NOT_FOUND]);
    }
    let elsewhere = webhooks::detail(&t, &m.actor, &sandbox, &key).await.unwrap_err();
    assert_eq!(told(elsewhere), [codes::NOT_FOUND], "another connection's");
    let support = m.as_role(MerchantRole::Support).actor;
    assert_eq!(told(webhooks::inbox(&t, &support, &connection, &every, None).await.unwrap_err()), [codes::FORBIDDEN]);
    let viewer = m.as_role(MerchantRole::Viewer).actor;
    let view = webhooks::inbox(&t, &viewer, &connection, &every, Some(&key)).await.unwrap();
    assert!(!view.may_replay && !view.chosen.unwrap().may_replay);
    let wrong = InboxFilter { status: Some("nonsense".to_owned()), ..InboxFilter::default() };
    assert_eq!(
        told(webhooks::inbox(&t, &m.actor, &connection, &wrong, None).await.unwrap_err()),
        ["status=bad_choice"]
    );
    // The sandbox sends nothing, and its card says nothing of events.
    assert!(!webhooks::inbox(&t, &m.actor, &sandbox, &every, None).await.unwrap().sends_events);
    let view = connections::view(&t, &m.actor).await.unwrap();
    let of = |id: &ConnectionId| view.connections.iter().find(|c| c.id == *id).unwrap();
    assert!(of(&connection).events.is_some() && of(&sandbox).events.is_none());
});

for_each_engine!(a_card_says_whether_what_events_are_checked_with_is_stored, |db| async {
    let paypal = Arc::new(PayPal::new(Http::new().unwrap(), None));
    let t = TestServices::with_gateways(&db, TestServices::settings(), vec![paypal]);
    let m = t.merchant().await;
    let credentials = |names: &[&str]| names.iter().map(|name| ((*name).to_owned(), "abc".to_owned())).collect();
    for names in [&["client_id", "client_secret"][..], &["client_id", "client_secret", "webhook_id"]] {
        let form = ConnectionForm {
            provider: "paypal".to_owned(),
            name: names.len().to_string(),
            methods: vec!["paypal".to_owned()],
            credentials: credentials(names),
            ..ConnectionForm::default()
        };
        let id = connections::add(&t, &m.actor, &form).await.unwrap();
        let view = connections::view(&t, &m.actor).await.unwrap();
        let events = view.connections.into_iter().find(|c| c.id == id).unwrap().events.unwrap();
        assert_eq!(events.secret, Some(("webhook_id".to_owned(), names.len() == 3)));
        assert_eq!((events.last_accepted_at, events.last_refused_at), (None, None));
        assert!(events.address.ends_with(&format!("/webhooks/paypal/{id}")));
    }
});
