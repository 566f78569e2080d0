//! Events: signed for this address, of this time, and of what they are.

use super::*;
use base64::{Engine, engine::general_purpose::STANDARD};
use gateways::signature::hmac_sha256;
use gateways::{About, EventHint, EventRefused, Gateway, Incoming};

const URL: &str = "https://pay.example/webhooks/square/gwc_1";
const PAYMENT_UPDATED: &[u8] = include_bytes!("fixtures/payment_updated.json");
const DISPUTE_UPDATED: &[u8] = include_bytes!("fixtures/dispute_updated.json");
const REFUND_UPDATED: &[u8] = include_bytes!("fixtures/refund_updated.json");

fn signed(key: &str, url: &str, body: &[u8]) -> String {
    STANDARD.encode(hmac_sha256(key.as_bytes(), &[url.as_bytes(), body]))
}

async fn read_at(call: &Call, signature: &str, url: &str, body: &[u8]) -> Result<EventHint, EventRefused> {
    let headers = [("x-square-hmacsha256-signature".to_owned(), signature.to_owned())];
    let square = at("https://square.invalid");
    square.events().unwrap().read(call, &Incoming { headers: &headers, body, url }).await
}

async fn read(body: &[u8]) -> Result<EventHint, EventRefused> {
    read_at(&later("x"), &signed("whk-1", URL, body), URL, body).await
}

fn event(kind: &str, object: &Value) -> Vec<u8> {
    let event = json!({
        "merchant_id": "6SSW7HV8K2ST5", "type": kind, "event_id": "e1", "created_at": "2026-11-22T00:00:00Z",
        "data": { "type": "x", "id": "y", "object": object },
    });
    event.to_string().into_bytes()
}

#[tokio::test]
async fn payments_and_refunds_are_named() {
    let hint = read(PAYMENT_UPDATED).await.unwrap();
    assert_eq!((hint.id.as_str(), hint.kind.as_str()), ("6a8f5f28-54a1-4eb0-a98a-3111513fd4fc", "payment.updated"));
    let about =
        About::Charge { our_key: Some("op_1".into()), gateway_ref: Some("hYy9pRFVxpDsO1FB05SunFWUe9JZY".into()) };
    assert_eq!(hint.about, about);
    let hint = read(REFUND_UPDATED).await.unwrap();
    let about = About::Refund {
        our_key: Some("op_2".into()),
        gateway_ref: Some("KkAkhdMsgzn59SM8A89WgKwekxLZY_ptNBVqHYxt5gAdfcobBe4u1AZsXhoz06KTtuq9Ls24P".into()),
        charge_ref: Some("KkAkhdMsgzn59SM8A89WgKwekxLZY".into()),
    };
    assert_eq!((hint.kind.as_str(), hint.about), ("refund.updated", about));
}

#[tokio::test]
async fn disputes_are_named() {
    let hint = read(DISPUTE_UPDATED).await.unwrap();
    assert_eq!(
        (hint.id.as_str(), hint.kind.as_str()),
        ("73ecd468-0aba-424f-b862-583d44efe7c8", "dispute.state.updated")
    );
    assert_eq!(hint.about, About::Dispute { gateway_ref: "ORSEVtZAJxb37RA1EiGw".into() });
    for kind in ["dispute.created", "dispute.state.changed", "dispute.state.updated"] {
        for name in ["id", "dispute_id"] {
            let hint = read(&event(kind, &json!({ "dispute": { (name): "d1" } }))).await.unwrap();
            assert_eq!(hint.about, About::Dispute { gateway_ref: "d1".into() }, "{kind} {name}");
        }
        for broken in [json!({}), json!({ "dispute": {} }), json!({ "dispute": { "id": 5 } }), json!(null)] {
            assert_eq!(read(&event(kind, &broken)).await, Err(EventRefused::Unreadable), "{kind} {broken}");
        }
    }
}

#[tokio::test]
async fn a_dispute_is_not_believed_unsigned() {
    let header = signed("whk-1", URL, DISPUTE_UPDATED);
    for place in 0..DISPUTE_UPDATED.len() * 8 {
        let mut body = DISPUTE_UPDATED.to_vec();
        body[place / 8] ^= 1 << (place % 8);
        assert_eq!(read_at(&later("x"), &header, URL, &body).await, Err(EventRefused::Signature), "bit {place}");
    }
}

#[tokio::test]
async fn other_kinds_are_other_and_broken_ones_unreadable() {
    for kind in ["order.updated", "dispute.evidence.created", "card.updated", "payout.sent", "anything"] {
        let hint = read(&event(kind, &json!({ "dispute": {} }))).await.unwrap();
        assert_eq!((hint.kind.as_str(), hint.about), (kind, About::Other));
    }
    let foreign = event("payment.created", &json!({ "payment": { "id": "p1", "status": "COMPLETED" } }));
    let about = About::Charge { our_key: None, gateway_ref: Some("p1".into()) };
    assert_eq!(read(&foreign).await.unwrap().about, about);
    for body in [
        event("payment.updated", &json!({})),
        event("payment.updated", &json!({ "payment": { "status": "COMPLETED" } })),
        event("refund.updated", &json!({ "payment": {} })),
        b"{}".to_vec(),
        b"not json".to_vec(),
        Vec::new(),
    ] {
        assert_eq!(read(&body).await, Err(EventRefused::Unreadable));
    }
}

#[tokio::test]
async fn only_events_of_these_days_are_read() {
    let body = event("payment.created", &json!({ "payment": { "id": "p1", "status": "COMPLETED" } }));
    let header = signed("whk-1", URL, &body);
    let hours = 3_600_000;
    for (after, fits) in [
        (0, true),
        (24 * hours, true),
        (73 * hours, true),
        (73 * hours + 1, false),
        (-300_000, true),
        (-300_001, false),
    ] {
        let call = Call { now: NOW.plus(after), ..call("x") };
        let read = read_at(&call, &header, URL, &body).await;
        assert_eq!(read.is_ok(), fits, "{after}");
        assert!(fits || read == Err(EventRefused::Time));
    }
}

#[tokio::test]
async fn nothing_but_the_signed_bytes_is_believed() {
    let header = signed("whk-1", URL, PAYMENT_UPDATED);
    let refused = Err(EventRefused::Signature);
    assert!(read_at(&later("x"), &header, URL, PAYMENT_UPDATED).await.is_ok());
    // Another address, another key, no key, no header.
    assert_eq!(
        read_at(&later("x"), &header, "https://pay.example/webhooks/square/gwc_2", PAYMENT_UPDATED).await,
        refused
    );
    assert_eq!(read_at(&later("x"), &signed("whk-2", URL, PAYMENT_UPDATED), URL, PAYMENT_UPDATED).await, refused);
    let mut bare = later("x");
    bare.credentials.remove("webhook_signature_key");
    assert_eq!(read_at(&bare, &signed("", URL, PAYMENT_UPDATED), URL, PAYMENT_UPDATED).await, refused);
    let incoming = Incoming { headers: &[], body: PAYMENT_UPDATED, url: URL };
    assert_eq!(at("https://square.invalid").events().unwrap().read(&later("x"), &incoming).await, refused);
    // Every bit of the body, and every character of the signature.
    for place in 0..PAYMENT_UPDATED.len() * 8 {
        let mut body = PAYMENT_UPDATED.to_vec();
        body[place / 8] ^= 1 << (place % 8);
        assert_eq!(read_at(&later("x"), &header, URL, &body).await, refused, "bit {place}");
    }
    for place in 0..header.len() {
        for other in "ABCabc019+/= ".chars().filter(|c| header.chars().nth(place) != Some(*c)) {
            let mut changed: Vec<char> = header.chars().collect();
            changed[place] = other;
            let changed: String = changed.into_iter().collect();
            assert_eq!(read_at(&later("x"), &changed, URL, PAYMENT_UPDATED).await, refused, "{changed}");
        }
        assert_eq!(read_at(&later("x"), &header[..place], URL, PAYMENT_UPDATED).await, refused);
    }
    assert_eq!(read_at(&later("x"), &format!("{header}="), URL, PAYMENT_UPDATED).await, refused);
}
