//! Events: only what was signed, now and for this mode, is believed; and then it only hints.

use super::{
    DISPUTE, Fake, INTENT, REFUND, SESSION, WEBHOOK_SECRET, call, dispute, event, intent, refund, session, setup,
};
use crate::NOW;
use domain::time::MINUTE;
use gateways::{About, Call, Credentials, EventHint, EventRefused, Gateway, Incoming, signature};
use serde_json::{Value, json};

async fn read(call: &Call, header: Option<&str>, body: &[u8]) -> Result<EventHint, EventRefused> {
    let fake = Fake::new().await;
    let headers: Vec<_> = header.map(|value| ("stripe-signature".to_owned(), value.to_owned())).into_iter().collect();
    let incoming = Incoming { headers: &headers, body, url: "https://pay.example/webhooks/x" };
    fake.stripe.events().unwrap().read(call, &incoming).await
}

async fn signed(body: &Value) -> Result<EventHint, EventRefused> {
    let body = body.to_string();
    let header = signature::sign(WEBHOOK_SECRET, NOW, body.as_bytes());
    read(&call("op_9"), Some(&header), body.as_bytes()).await
}

fn of(kind: &str, object: &Value) -> Value {
    event(&json!({ "type": kind, "data": { "object": object } }))
}

#[tokio::test]
async fn what_events_are_about() {
    let charge =
        json!({ "id": "ch_1", "object": "charge", "payment_intent": INTENT, "metadata": { "paydeck_key": "op_1" } });
    let bare = json!({ "id": "ch_1", "object": "charge", "payment_intent": null, "metadata": {} });
    let of_charge = |name: &str| About::Charge { our_key: Some("op_1".into()), gateway_ref: Some(name.into()) };
    let of_refund = || About::Refund {
        our_key: Some("op_2".into()),
        gateway_ref: Some(REFUND.into()),
        charge_ref: Some(INTENT.into()),
    };
    let refunded = About::Refund { our_key: None, gateway_ref: None, charge_ref: Some(INTENT.into()) };
    let by_hand = About::Refund { our_key: None, gateway_ref: Some(REFUND.into()), charge_ref: Some(INTENT.into()) };
    let disputed = || About::Dispute { gateway_ref: DISPUTE.into() };
    let foreign = dispute(&json!({ "payment_intent": null }));
    for (kind, object, about) in [
        ("payment_intent.succeeded", intent(&json!({})), of_charge(INTENT)),
        ("payment_intent.payment_failed", intent(&json!({})), of_charge(INTENT)),
        ("payment_intent.amount_capturable_updated", intent(&json!({})), of_charge(INTENT)),
        ("charge.captured", charge.clone(), of_charge(INTENT)),
        ("charge.succeeded", bare.clone(), About::Other),
        ("charge.refunded", charge, refunded),
        ("charge.refunded", bare, About::Other),
        ("charge.refund.updated", refund(&json!({})), of_refund()),
        ("refund.created", refund(&json!({ "metadata": { "paydeck_key": null } })), by_hand),
        ("refund.failed", refund(&json!({})), of_refund()),
        ("checkout.session.completed", session(&json!({})), of_charge(SESSION)),
        ("checkout.session.expired", session(&json!({})), of_charge(SESSION)),
        ("charge.dispute.created", dispute(&json!({})), disputed()),
        ("charge.dispute.updated", dispute(&json!({ "payment_intent": { "id": INTENT } })), disputed()),
        ("charge.dispute.funds_withdrawn", dispute(&json!({})), disputed()),
        ("charge.dispute.funds_reinstated", dispute(&json!({ "status": "won" })), disputed()),
        ("charge.dispute.closed", dispute(&json!({ "status": "lost" })), disputed()),
        // Of a charge that Paydeck did not make.
        ("charge.dispute.created", foreign, About::Other),
        // Of pages and intents that keep a method, and move no money.
        ("checkout.session.completed", session(&json!({ "mode": "setup" })), About::Other),
        ("setup_intent.succeeded", setup(&json!({})), About::Other),
        ("payout.paid", json!({ "id": "po_1", "object": "payout" }), About::Other),
    ] {
        let hint = signed(&of(kind, &object)).await.unwrap();
        assert_eq!(hint, EventHint { id: "evt_1PabcDEF".into(), kind: kind.into(), about }, "{kind}");
    }
}

#[tokio::test]
async fn signed_and_unreadable() {
    let good = of("payment_intent.succeeded", &intent(&json!({})));
    for (name, wrong) in [("id", Value::Null), ("type", json!(1)), ("livemode", Value::Null), ("data", Value::Null)] {
        let mut body = good.clone();
        body[name] = wrong;
        assert_eq!(signed(&body).await, Err(EventRefused::Unreadable), "{name}");
    }
    let nameless = of("payment_intent.succeeded", &json!({ "object": "payment_intent" }));
    assert_eq!(signed(&nameless).await, Err(EventRefused::Unreadable));
    for id in [Value::Null, json!("../x"), json!("re_1")] {
        let nameless = of("charge.dispute.created", &dispute(&json!({ "id": id })));
        assert_eq!(signed(&nameless).await, Err(EventRefused::Unreadable), "{id}");
    }
    let header = signature::sign(WEBHOOK_SECRET, NOW, b"[");
    assert_eq!(read(&call("op_9"), Some(&header), b"[").await, Err(EventRefused::Unreadable));
}

#[tokio::test]
async fn an_event_of_the_other_mode_is_refused() {
    let mut body = of("payment_intent.succeeded", &intent(&json!({})));
    body["livemode"] = json!(true);
    assert_eq!(signed(&body).await, Err(EventRefused::Signature));
    let text = body.to_string();
    let header = signature::sign(WEBHOOK_SECRET, NOW, text.as_bytes());
    let live = Call { livemode: true, ..call("op_9") };
    assert!(read(&live, Some(&header), text.as_bytes()).await.is_ok());
}

#[tokio::test]
async fn without_a_secret_nothing_is_believed() {
    let body = of("payment_intent.succeeded", &intent(&json!({}))).to_string();
    let header = signature::sign("", NOW, body.as_bytes());
    let mut empty = Credentials::default();
    empty.set("webhook_secret", "");
    for credentials in [Credentials::default(), empty] {
        let call = Call { credentials, ..call("op_9") };
        assert_eq!(read(&call, Some(&header), body.as_bytes()).await, Err(EventRefused::Signature));
    }
    assert_eq!(read(&call("op_9"), None, body.as_bytes()).await, Err(EventRefused::Signature));
}

#[tokio::test]
async fn an_old_event_is_refused() {
    let body = of("payment_intent.succeeded", &intent(&json!({}))).to_string();
    let header = signature::sign(WEBHOOK_SECRET, NOW.plus(-6 * MINUTE), body.as_bytes());
    assert_eq!(read(&call("op_9"), Some(&header), body.as_bytes()).await, Err(EventRefused::Time));
}

#[tokio::test]
async fn no_changed_byte_is_believed() {
    let body = of("payment_intent.succeeded", &intent(&json!({}))).to_string().into_bytes();
    let header = signature::sign(WEBHOOK_SECRET, NOW, &body);
    let fake = Fake::new().await;
    let events = fake.stripe.events().unwrap();
    let call = call("op_9");
    for place in 0..body.len() {
        for change in [1u8, 0x20, 0x80] {
            let mut changed = body.clone();
            changed[place] ^= change;
            let headers = [("stripe-signature".to_owned(), header.clone())];
            let incoming = Incoming { headers: &headers, body: &changed, url: "" };
            assert_eq!(events.read(&call, &incoming).await, Err(EventRefused::Signature), "byte {place}");
        }
    }
    for place in 0..header.len() {
        let mut changed = header.clone().into_bytes();
        changed[place] ^= 1;
        let headers = [("stripe-signature".to_owned(), String::from_utf8(changed).unwrap())];
        let incoming = Incoming { headers: &headers, body: &body, url: "" };
        assert_eq!(events.read(&call, &incoming).await, Err(EventRefused::Signature), "header {place}");
    }
}
