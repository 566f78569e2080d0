//! What is no answer: for each kind of failure, whether anything may have happened.

use super::{Fake, call, error, prepared, refund};
use crate::eur;
use domain::decline::DeclineCode;
use gateways::http::Http;
use gateways::stripe::Stripe;
use gateways::{ChargeState, Gateway, GatewayFailure, RefundRequest, RefundState};
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::TcpListener;

const CONFIRM: &str = "/v1/payment_intents/pi_3PabcDEF/confirm";

#[derive(Debug, PartialEq)]
enum Means {
    NotSent,
    Unknown,
    Declined(DeclineCode),
}

async fn charge(stripe: &Stripe) -> Means {
    match stripe.charges().charge(&call("op_1"), &prepared()).await {
        Ok(reply) => match reply.state {
            ChargeState::Declined(code) => Means::Declined(code),
            state => panic!("{state:?}"),
        },
        Err(GatewayFailure::NotSent { .. }) => Means::NotSent,
        Err(GatewayFailure::Unknown { .. }) => Means::Unknown,
    }
}

#[tokio::test]
async fn statuses_of_a_charge() {
    let invalid = |code, param| error("invalid_request_error", code, param);
    for (status, body, means) in [
        (400, invalid(Some("parameter_unknown"), Some("x")), Means::NotSent),
        (404, invalid(Some("resource_missing"), Some("confirmation_token")), Means::NotSent),
        (400, invalid(Some("rate_limit"), None), Means::NotSent),
        (429, invalid(Some("lock_timeout"), None), Means::NotSent),
        (401, invalid(None, None), Means::Declined(DeclineCode::GatewayMisconfigured)),
        (403, invalid(None, None), Means::Declined(DeclineCode::GatewayMisconfigured)),
        (400, invalid(Some("testmode_charges_only"), None), Means::Declined(DeclineCode::GatewayMisconfigured)),
        (402, error("card_error", Some("card_declined"), None), Means::Declined(DeclineCode::GenericDecline)),
        (400, error("idempotency_error", None, None), Means::Unknown),
        (409, invalid(Some("idempotency_key_in_use"), None), Means::Unknown),
        (424, error("api_error", None, None), Means::Unknown),
        (500, error("api_error", None, None), Means::Unknown),
        (502, json!({}), Means::Unknown),
        (503, error("card_error", Some("card_declined"), None), Means::Unknown),
        (302, json!({}), Means::Unknown),
        (400, json!({ "error": "no" }), Means::Unknown),
        (402, json!({ "message": "no" }), Means::Unknown),
        (200, json!({}), Means::Unknown),
        (200, json!([1]), Means::Unknown),
        (204, Value::Null, Means::Unknown),
    ] {
        let fake = Fake::new().await;
        fake.answers("POST", CONFIRM, status, &body).await;
        assert_eq!(charge(&fake.stripe).await, means, "{status} {body}");
    }
}

#[tokio::test]
async fn answers_that_are_no_json() {
    for (status, body) in
        [(200, "<html>ok</html>"), (200, ""), (200, "{\"id\":"), (402, "<html>"), (401, "no"), (500, "")]
    {
        let fake = Fake::new().await;
        fake.answers_raw("POST", CONFIRM, status, body).await;
        assert_eq!(charge(&fake.stripe).await, Means::Unknown, "{status} {body}");
    }
}

/// Answers one request with these bytes, and hangs up.
fn answers_once(bytes: &'static [u8]) -> Stripe {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let _ = stream.read(&mut [0; 65_536]);
        let _ = stream.write_all(bytes);
    });
    Stripe::new(Http::new().unwrap(), format!("http://{address}"))
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_unknown() {
    for bytes in [
        b"".as_slice(),
        b"HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{\"id\":\"pi_3PabcDEF\",",
        b"HTTP/1.1 402 Payment Required\r\ncontent-length: 500\r\n\r\n{\"error\":{}}",
        b"nonsense\r\n\r\n",
    ] {
        assert_eq!(charge(&answers_once(bytes)).await, Means::Unknown, "{}", String::from_utf8_lossy(bytes));
    }
}

#[tokio::test]
async fn without_a_connection_nothing_was_sent() {
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let stripe = Stripe::new(Http::new().unwrap(), format!("http://{address}"));
    assert_eq!(charge(&stripe).await, Means::NotSent);
    // Asked where a charge stands, no answer is no knowledge.
    let lookup = stripe.lookup().unwrap();
    let found = lookup.find_charge(&call("op_1"), "op_1", Some("pi_3PabcDEF")).await;
    assert!(matches!(found, Err(GatewayFailure::Unknown { .. })), "{found:?}");
}

#[tokio::test]
async fn without_credentials_nothing_is_sent() {
    let fake = Fake::new().await;
    let failure = fake.stripe.charges().charge(&crate::call("op_1"), &prepared()).await.unwrap_err();
    assert!(matches!(failure, GatewayFailure::NotSent { .. }));
    assert_eq!(fake.asked().await, []);
}

#[tokio::test]
async fn statuses_of_a_refund() {
    let request = RefundRequest { charge_ref: super::INTENT.into(), amount: eur(500), reason: "other".into() };
    let failed = |code| Ok(RefundState::Failed { code });
    let invalid = |code, param| error("invalid_request_error", code, param);
    let (not_sent, unknown) = (Err(true), Err(false));
    for (status, body, expected) in [
        (200, refund(&json!({})), Ok(RefundState::Succeeded)),
        (400, invalid(Some("charge_already_refunded"), None), failed("charge_not_refundable")),
        (400, invalid(Some("charge_disputed"), None), failed("charge_not_refundable")),
        (400, invalid(None, Some("amount")), failed("amount_too_large")),
        (400, invalid(Some("balance_insufficient"), None), failed("other")),
        (401, invalid(None, None), failed("gateway_misconfigured")),
        (403, invalid(None, None), failed("gateway_misconfigured")),
        (404, invalid(Some("resource_missing"), Some("payment_intent")), failed("charge_not_refundable")),
        (429, invalid(None, None), not_sent.clone()),
        (409, invalid(Some("idempotency_key_in_use"), None), unknown.clone()),
        (400, error("idempotency_error", None, None), unknown.clone()),
        (500, error("api_error", None, None), unknown.clone()),
        (200, json!({}), unknown.clone()),
        (200, refund(&json!({ "amount": 501 })), unknown.clone()),
        (200, refund(&json!({ "currency": "usd" })), unknown.clone()),
        (200, refund(&json!({ "status": "brand_new" })), unknown.clone()),
    ] {
        let fake = Fake::new().await;
        fake.answers("GET", "/v1/refunds", 200, &super::list(&[], false)).await;
        fake.answers("POST", "/v1/refunds", status, &body).await;
        let reply = fake.stripe.refunds().unwrap().refund(&call("op_2"), &request).await;
        let found = reply.map(|reply| reply.state).map_err(|failure| matches!(failure, GatewayFailure::NotSent { .. }));
        assert_eq!(found, expected, "{status} {body}");
    }
}
