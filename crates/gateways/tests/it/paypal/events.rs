//! Webhooks with certificates of the tests' own.

use super::*;
use base64::{Engine, engine::general_purpose::STANDARD};
use domain::time::{DAY, HOUR, MINUTE};
use gateways::{About, EventHint, EventRefused, Events, Incoming};
use proptest::prelude::*;
use rcgen::{CertificateParams, KeyPair, PKCS_RSA_SHA256, SigningKey};

const CERT_PATH: &str = "/v1/notifications/certs/CERT-360caa42-fca2a594-a5cafa77";
const SENT: &str = "2026-11-22T00:00:00Z";
const ID: &str = "69cd13f0-d67a-11e5-baa3-778b53f4ae55";

fn key(name: &str) -> KeyPair {
    let path = format!("{}/tests/it/paypal/fixtures/{name}.pem", env!("CARGO_MANIFEST_DIR"));
    KeyPair::from_pkcs8_pem_and_sign_algo(&std::fs::read_to_string(path).unwrap(), &PKCS_RSA_SHA256).unwrap()
}

fn certificate(key: &KeyPair) -> String {
    let params = CertificateParams::new(vec!["messageverificationcerts.sandbox.paypal.com".to_owned()]).unwrap();
    params.self_signed(key).unwrap().pem()
}

/// CRC-32 by its table of 256, another way than the connector's.
fn crc32(bytes: &[u8]) -> u32 {
    let table: Vec<u32> = (0..256u32)
        .map(|byte| (0..8).fold(byte, |c, _| if c & 1 == 1 { 0xEDB8_8320 ^ (c >> 1) } else { c >> 1 }))
        .collect();
    !bytes.iter().fold(!0u32, |crc, byte| table[((crc ^ u32::from(*byte)) & 0xff) as usize] ^ (crc >> 8))
}

/// The headers with which PayPal would send this body.
fn headers(base: &str, key: &KeyPair, body: &[u8], sent: &str) -> Vec<(String, String)> {
    let message = format!("{ID}|{sent}|{WEBHOOK_ID}|{}", crc32(body));
    let signature = STANDARD.encode(key.sign(message.as_bytes()).unwrap());
    [
        ("content-type", "application/json"),
        ("paypal-transmission-id", ID),
        ("paypal-transmission-time", sent),
        ("paypal-transmission-sig", &signature),
        ("paypal-cert-url", &format!("{base}{CERT_PATH}")),
        ("paypal-auth-algo", "SHA256withRSA"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .to_vec()
}

async fn read(
    paypal: &PayPal,
    call: &Call,
    headers: &[(String, String)],
    body: &[u8],
) -> Result<EventHint, EventRefused> {
    let incoming = Incoming { headers, body, url: "https://pay.example/hooks/paypal" };
    paypal.events().unwrap().read(call, &incoming).await
}

/// A server with the certificate of the fixtures' key.
async fn signing() -> (Played, KeyPair) {
    let (played, key) = (Played::start().await, key("webhook_key"));
    played.respond("GET", CERT_PATH, ResponseTemplate::new(200).set_body_string(certificate(&key))).await;
    (played, key)
}

fn bytes(event: &Value) -> Vec<u8> {
    serde_json::to_vec(event).unwrap()
}

#[tokio::test]
async fn a_signed_event_is_a_hint() {
    let (played, key) = signing().await;
    let body = bytes(&fixture("event_capture_completed"));
    let headers = headers(&played.server.uri(), &key, &body, SENT);
    for _ in 0..3 {
        let hint = read(&played.paypal, &call("x"), &headers, &body).await.unwrap();
        assert_eq!(hint.id, "WH-58D329510W468432D-8HN650336L201105X");
        assert_eq!(hint.kind, "PAYMENT.CAPTURE.COMPLETED");
        let about = About::Charge { our_key: Some("op_charge_1".into()), gateway_ref: Some(ORDER.into()) };
        assert_eq!(hint.about, about);
    }
    // The certificate is fetched once a day.
    assert_eq!(played.calls().await, [format!("GET {CERT_PATH}")]);
    let later = Call { now: NOW.plus(DAY), ..call("x") };
    read(&played.paypal, &later, &headers, &body).await.unwrap();
    assert_eq!(played.calls().await.len(), 2);
}

#[tokio::test]
async fn events_name_what_they_are_about() {
    let (played, key) = signing().await;
    let charge =
        |our_key: Option<&str>| About::Charge { our_key: our_key.map(str::to_owned), gateway_ref: Some(ORDER.into()) };
    let event = |kind: &str, resource_type: &str, resource: Value| json!({ "id": "WH-1", "event_type": kind, "resource_type": resource_type, "resource": resource });
    let mut linked = fixture("capture");
    linked.as_object_mut().unwrap().remove("supplementary_data");
    let mut refund = fixture("refund");
    refund["supplementary_data"] = json!({ "related_ids": { "order_id": ORDER } });
    let refunded = About::Refund {
        our_key: Some("op_refund_1".into()),
        gateway_ref: Some("1JU08902781691411".into()),
        charge_ref: Some(ORDER.into()),
    };
    let dispute = json!({ "dispute_id": "PP-D-27803", "status": "OPEN" });
    let disputed = About::Dispute { gateway_ref: "PP-D-27803".into() };
    let token = json!({ "id": "3nqvjt3n", "metadata": { "order_id": ORDER }, "customer": { "id": "208743798" } });
    for (event, about) in [
        (event("CHECKOUT.ORDER.APPROVED", "checkout-order", fixture("order_approved")), charge(Some("op_charge_1"))),
        (event("CHECKOUT.ORDER.COMPLETED", "checkout-order", order_captured()), charge(Some("op_charge_1"))),
        (event("PAYMENT.CAPTURE.DENIED", "capture", linked), charge(Some("op_charge_1"))),
        (event("PAYMENT.CAPTURE.PENDING", "capture", fixture("capture")), charge(Some("op_charge_1"))),
        (event("PAYMENT.AUTHORIZATION.VOIDED", "authorization", fixture("authorization")), charge(Some("op_charge_1"))),
        (event("PAYMENT.CAPTURE.REVERSED", "refund", refund.clone()), refunded.clone()),
        (event("PAYMENT.REFUND.FAILED", "refund", refund), refunded),
        (event("CUSTOMER.DISPUTE.CREATED", "dispute", dispute.clone()), disputed.clone()),
        (event("CUSTOMER.DISPUTE.UPDATED", "dispute", dispute.clone()), disputed.clone()),
        (event("CUSTOMER.DISPUTE.RESOLVED", "dispute", dispute), disputed),
        (event("CUSTOMER.DISPUTE.RESOLVED", "dispute", json!({ "dispute_id": "../x" })), About::Other),
        (event("VAULT.PAYMENT-TOKEN.CREATED", "payment_token", token.clone()), charge(None)),
        (event("VAULT.PAYMENT-TOKEN.CREATED", "payment_token", json!({ "id": "3nqvjt3n" })), About::Other),
        (event("VAULT.PAYMENT-TOKEN.DELETED", "payment_token", token), About::Other),
        (event("BILLING.SUBSCRIPTION.CREATED", "subscription", json!({ "id": "I-1" })), About::Other),
        (json!({ "id": "WH-1", "event_type": "PAYMENT.CAPTURE.COMPLETED" }), About::Other),
        (event("PAYMENT.CAPTURE.COMPLETED", "capture", json!({ "id": "3C679366HH908993F" })), About::Other),
    ] {
        let body = bytes(&event);
        let headers = headers(&played.server.uri(), &key, &body, SENT);
        let hint = read(&played.paypal, &call("x"), &headers, &body).await.unwrap();
        assert_eq!((hint.id.as_str(), hint.about), ("WH-1", about), "{event}");
    }
}

#[tokio::test]
async fn the_order_of_a_refund_is_asked_for() {
    let (played, key) = signing().await;
    let capture = "/v2/payments/captures/3C679366HH908993F";
    played.answer_once("GET", capture, 500, &json!({})).await;
    played.answer("GET", capture, 200, &fixture("capture")).await;
    let body = bytes(&fixture("event_refunded"));
    let headers = headers(&played.server.uri(), &key, &body, SENT);
    // Without an answer PayPal is told to send it again.
    assert_eq!(read(&played.paypal, &call("x"), &headers, &body).await, Err(EventRefused::NotNow));
    let hint = read(&played.paypal, &call("x"), &headers, &body).await.unwrap();
    let About::Refund { our_key, charge_ref, .. } = hint.about else { panic!("a refund") };
    assert_eq!((our_key.as_deref(), charge_ref.as_deref()), (Some("op_refund_1"), Some(ORDER)));
}

#[tokio::test]
async fn old_and_early_deliveries_are_refused() {
    let (played, key) = signing().await;
    let body = bytes(&fixture("event_capture_completed"));
    let signed = headers(&played.server.uri(), &key, &body, SENT);
    let oldest = 3 * DAY + HOUR;
    for (shift, fits) in [(oldest, true), (oldest + 1, false), (-5 * MINUTE, true), (-5 * MINUTE - 1, false)] {
        let call = Call { now: NOW.plus(shift), ..call("x") };
        let answer = read(&played.paypal, &call, &signed, &body).await.map(|_| ());
        assert_eq!(answer, if fits { Ok(()) } else { Err(EventRefused::Time) }, "{shift}");
    }
    let unreadable = headers(&played.server.uri(), &key, &body, "yesterday");
    assert_eq!(read(&played.paypal, &call("x"), &unreadable, &body).await, Err(EventRefused::Time));
}

#[tokio::test]
async fn what_is_signed_and_no_event_is_unreadable() {
    let (played, key) = signing().await;
    for body in ["", "{}", "[]", "{\"id\":\"WH-1\"}", "{\"event_type\":\"A\"}", "{\"id\":1,\"event_type\":\"A\"}", "{"]
    {
        let headers = headers(&played.server.uri(), &key, body.as_bytes(), SENT);
        let answer = read(&played.paypal, &call("x"), &headers, body.as_bytes()).await;
        assert_eq!(answer, Err(EventRefused::Unreadable), "{body}");
    }
}

#[tokio::test]
async fn certificates_that_can_not_be_had() {
    let pem = certificate(&key("webhook_key"));
    for response in [
        ResponseTemplate::new(404),
        ResponseTemplate::new(500).set_body_string(pem.clone()),
        ResponseTemplate::new(302).insert_header("location", "https://example.com/cert.pem"),
        ResponseTemplate::new(200).set_body_string("no certificate"),
        ResponseTemplate::new(200).set_body_string(" ".repeat(100_000) + &pem),
    ] {
        let (played, key) = (Played::start().await, key("webhook_key"));
        played.respond("GET", CERT_PATH, response).await;
        let headers = headers(&played.server.uri(), &key, b"{}", SENT);
        assert_eq!(read(&played.paypal, &call("x"), &headers, b"{}").await, Err(EventRefused::NotNow));
    }
    let key = key("webhook_key");
    let headers = headers("http://127.0.0.1:1", &key, b"{}", SENT);
    assert_eq!(read(&at("http://127.0.0.1:1"), &call("x"), &headers, b"{}").await, Err(EventRefused::NotNow));
}

#[tokio::test]
async fn no_certificate_is_fetched_from_elsewhere() {
    let (played, key) = signing().await;
    let body = bytes(&fixture("event_capture_completed"));
    let elsewhere = MockServer::start().await;
    let signed = headers(&elsewhere.uri(), &key, &body, SENT);
    assert_eq!(read(&played.paypal, &call("x"), &signed, &body).await, Err(EventRefused::Signature));
    // PayPal's own addresses take no other either.
    let paypal = PayPal::new(Http::new().unwrap(), None);
    assert_eq!(read(&paypal, &call("x"), &signed, &body).await, Err(EventRefused::Signature));
    assert!(elsewhere.received_requests().await.unwrap().is_empty());
    assert!(played.server.received_requests().await.unwrap().is_empty());
}

#[tokio::test]
async fn another_key_webhook_or_algorithm_proves_nothing() {
    let (played, key_of_paypal) = signing().await;
    let body = bytes(&fixture("event_capture_completed"));
    let base = played.server.uri();
    let good = headers(&base, &key_of_paypal, &body, SENT);
    let refused = Err(EventRefused::Signature);

    let forged = headers(&base, &key("other_key"), &body, SENT);
    assert_eq!(read(&played.paypal, &call("x"), &forged, &body).await, refused);

    let mut other = call("x");
    other.credentials.set("webhook_id", "1AA00000AA000000A");
    assert_eq!(read(&played.paypal, &other, &good, &body).await, refused);
    for none in ["", "a|b"] {
        other.credentials.set("webhook_id", none);
        assert_eq!(read(&played.paypal, &other, &good, &body).await, refused);
    }
    other.credentials.remove("webhook_id");
    assert_eq!(read(&played.paypal, &other, &good, &body).await, refused);

    for algorithm in ["SHA1withRSA", "none", ""] {
        let mut changed = good.clone();
        changed[5].1 = algorithm.into();
        assert_eq!(read(&played.paypal, &call("x"), &changed, &body).await, refused, "{algorithm}");
    }
    for missing in 1..good.len() {
        let mut changed = good.clone();
        changed.remove(missing);
        assert_eq!(read(&played.paypal, &call("x"), &changed, &body).await, refused, "{missing}");
        let mut twice = good.clone();
        twice.push(good[missing].clone());
        assert_eq!(read(&played.paypal, &call("x"), &twice, &body).await, refused, "{missing}");
    }
    // What was signed for one place of the message does not fit another.
    let mut moved = good.clone();
    moved[1].1 = format!("{ID}|{SENT}");
    moved[2].1 = WEBHOOK_ID.into();
    assert_eq!(read(&played.paypal, &call("x"), &moved, &body).await, refused);
    assert!(read(&played.paypal, &call("x"), &good, &body).await.is_ok());
}

#[tokio::test]
async fn no_changed_byte_of_a_body_is_believed() {
    let (played, key) = signing().await;
    let body = bytes(&fixture("event_capture_completed"));
    let headers = headers(&played.server.uri(), &key, &body, SENT);
    let (mut tried, mut believed) = (0, 0);
    for at in 0..body.len() {
        for flip in [1u8, 2, 4, 0x20, 0x80, 0xff] {
            let mut changed = body.clone();
            changed[at] ^= flip;
            tried += 1;
            believed += usize::from(read(&played.paypal, &call("x"), &headers, &changed).await.is_ok());
        }
        let cut = read(&played.paypal, &call("x"), &headers, &body[..at]).await;
        let longer = [&body[..at], b" ", &body[at..]].concat();
        let longer = read(&played.paypal, &call("x"), &headers, &longer).await;
        believed += usize::from(cut.is_ok()) + usize::from(longer.is_ok());
        tried += 2;
    }
    assert!(tried > 5_000, "{tried}");
    assert_eq!(believed, 0);
}

#[tokio::test]
async fn no_changed_byte_of_a_header_is_believed() {
    let (played, key) = signing().await;
    let body = bytes(&fixture("event_capture_completed"));
    let good = headers(&played.server.uri(), &key, &body, SENT);
    let (mut tried, mut believed) = (0, 0);
    // The id, the time and the signature. The address of the certificate and the algorithm are not signed: they are bounded.
    for header in 1..=3 {
        for at in 0..good[header].1.len() {
            for other in ['0', 'A', 'z', '|', '=', ' ', '+'] {
                let mut changed = good.clone();
                changed[header].1.replace_range(at..=at, &other.to_string());
                if changed[header] != good[header] {
                    tried += 1;
                    believed += usize::from(read(&played.paypal, &call("x"), &changed, &body).await.is_ok());
                }
            }
            let mut cut = good.clone();
            cut[header].1.truncate(at);
            tried += 1;
            believed += usize::from(read(&played.paypal, &call("x"), &cut, &body).await.is_ok());
        }
    }
    assert!(tried > 2_000, "{tried}");
    assert_eq!(believed, 0);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_comes_nothing_panics_and_nothing_is_believed(
        values in proptest::collection::vec("\\PC{0,60}", 5),
        body in proptest::collection::vec(any::<u8>(), 0..200),
    ) {
        let paypal = at("http://127.0.0.1:1");
        let names = ["transmission-id", "transmission-time", "transmission-sig", "cert-url", "auth-algo"];
        let mut headers: Vec<_> = names.iter().zip(&values).map(|(n, v)| (format!("paypal-{n}"), v.clone())).collect();
        headers[4].1 = "SHA256withRSA".into();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let incoming = Incoming { headers: &headers, body: &body, url: "" };
        prop_assert!(runtime.block_on(Events::read(&paypal, &call("x"), &incoming)).is_err());
    }
}
