//! Finding out what became of a call without an answer.

use super::*;
use gateways::{ChargeReply, ChargeState, Gateway, RefundReply, RefundState};

const CANCEL: &str = "/v2/payments/cancel";
const GET: &str = "/v2/payments/R2B3Z8WMVt3EAmzYWLZvz7Y69EbZY";

fn list(payments: &[Value]) -> Value {
    let payments: Vec<Value> = payments.iter().map(|payment| payment["payment"].clone()).collect();
    json!({ "payments": payments })
}

async fn by_key(server: &MockServer, call: &Call, key: &str) -> Result<Option<ChargeReply>, GatewayFailure> {
    connector(server).lookup().unwrap().find_charge(call, key, None).await
}

async fn refund_by_key(server: &MockServer, call: &Call, key: &str) -> Result<Option<RefundReply>, GatewayFailure> {
    connector(server).lookup().unwrap().find_refund(call, key, crate::CHARGE, None).await
}

#[tokio::test]
async fn squares_own_name_is_asked_and_nothing_is_cancelled() {
    let server = MockServer::start().await;
    answers(&server, "GET", GET, 200, &hold_in("k", "APPROVED")).await;
    let square = connector(&server);
    let lookup = square.lookup().unwrap();
    let found = lookup.find_charge(&call("x"), "k", Some(PAYMENT)).await.unwrap().unwrap();
    assert!(matches!(found.state, ChargeState::Authorized { .. }));
    assert_eq!(sent(&server).await, [format!("GET {GET}")]);
    answers(&server, "GET", "/v2/payments/gone", 404, &error("INVALID_REQUEST_ERROR", "NOT_FOUND", None)).await;
    assert_eq!(lookup.find_charge(&call("x"), "k", Some("gone")).await, Ok(None));
    // A name that Square can't have given never gets into an address.
    assert_eq!(lookup.find_charge(&call("x"), "k", Some("../locations")).await, Ok(None));
    assert_eq!(sent(&server).await.len(), 2);
    // A 404 that is not Square's own says nothing.
    let server = MockServer::start().await;
    unknown(connector(&server).lookup().unwrap().find_charge(&call("x"), "k", Some(PAYMENT)).await);
}

#[tokio::test]
async fn a_key_without_a_payment_is_dead() {
    let server = MockServer::start().await;
    let key = key_of(NOW);
    answers(&server, "POST", CANCEL, 200, &json!({})).await;
    answers(&server, "GET", "/v2/payments", 200, &list(&[payment("another")])).await;
    assert_eq!(by_key(&server, &later("x"), &key).await, Ok(None));
    assert_eq!(body(&server, "POST", CANCEL).await, json!({ "idempotency_key": key }));
    let listed = request(&server, "GET", "/v2/payments").await;
    let query: Vec<_> = listed.url.query_pairs().into_owned().collect();
    let expected = [
        ("begin_time", "2026-11-21T23:55:00.000Z"),
        ("end_time", "2026-11-22T01:05:00.000Z"),
        ("sort_order", "ASC"),
        ("location_id", "L88917AVBK2S5"),
        ("limit", "100"),
    ];
    assert_eq!(query, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
}

#[tokio::test]
async fn a_payment_of_the_key_is_told_as_it_is_now() {
    let key = key_of(NOW);
    for (cancelled, now, state) in [
        (200, "CANCELED", ChargeState::Canceled),
        (200, "COMPLETED", ChargeState::Succeeded { captured: usd(1_000), fee: None }),
        (400, "COMPLETED", ChargeState::Succeeded { captured: usd(1_000), fee: None }),
    ] {
        let server = MockServer::start().await;
        let refusal = error("INVALID_REQUEST_ERROR", "BAD_REQUEST", None);
        let answer = if cancelled == 200 { json!({}) } else { refusal };
        answers(&server, "POST", CANCEL, cancelled, &answer).await;
        // The list still shows it as it was.
        let first = json!({ "payments": [payment("another")["payment"]], "cursor": "page2" });
        answers_once(&server, "GET", "/v2/payments", 200, &first).await;
        answers(&server, "GET", "/v2/payments", 200, &list(&[payment_in(&key, "APPROVED")])).await;
        answers(&server, "GET", GET, 200, &payment_in(&key, now)).await;
        let found = by_key(&server, &later("x"), &key).await.unwrap().unwrap();
        assert_eq!((found.gateway_ref.as_deref(), found.state), (Some(PAYMENT), state), "{cancelled} {now}");
    }
}

#[tokio::test]
async fn of_several_payments_of_a_key_the_living_one_is_told() {
    let key = key_of(NOW);
    let named = |id: &str, status: &str| {
        let mut payment = payment_in(&key, status);
        payment["payment"]["id"] = id.into();
        payment
    };
    let server = MockServer::start().await;
    answers(&server, "POST", CANCEL, 200, &json!({})).await;
    let tries = [named("p1", "FAILED"), named(PAYMENT, "COMPLETED"), named("p2", "FAILED")];
    answers(&server, "GET", "/v2/payments", 200, &list(&tries)).await;
    answers(&server, "GET", GET, 200, &payment(&key)).await;
    let found = by_key(&server, &later("x"), &key).await.unwrap().unwrap();
    assert_eq!(found.gateway_ref.as_deref(), Some(PAYMENT));
    // Two that live are one too many, and one of ours that can't be read is not none.
    let mut unreadable = payment(&key);
    unreadable["payment"]["id"] = 5.into();
    for payments in [list(&[named("p1", "COMPLETED"), named("p2", "COMPLETED")]), list(&[unreadable])] {
        let server = MockServer::start().await;
        answers(&server, "POST", CANCEL, 200, &json!({})).await;
        answers(&server, "GET", "/v2/payments", 200, &payments).await;
        unknown(by_key(&server, &later("x"), &key).await);
    }
    let server = MockServer::start().await;
    let mut odd = refund(&key);
    odd["refund"]["amount_money"] = Value::Null;
    answers(&server, "GET", "/v2/refunds", 200, &json!({ "refunds": [odd["refund"]] })).await;
    unknown(refund_by_key(&server, &Call { now: NOW.plus(86_400_000), ..call("x") }, &key).await);
}

#[tokio::test]
async fn doubt_stays_doubt() {
    let key = key_of(NOW);
    // Too early: the call may still be at work, and nothing is cancelled under it.
    let server = MockServer::start().await;
    let early = Call { now: NOW.plus(59_999), ..call("x") };
    unknown(by_key(&server, &early, &key).await);
    assert!(sent(&server).await.is_empty());
    // No word about the cancellation.
    for status in [500, 401, 403, 429] {
        let server = MockServer::start().await;
        answers(&server, "POST", CANCEL, status, &json!({})).await;
        assert!(by_key(&server, &later("x"), &key).await.is_err(), "{status}");
        assert_eq!(sent(&server).await, [format!("POST {CANCEL}")]);
    }
    // Refused, and no payment is listed: it may be there all the same.
    let server = MockServer::start().await;
    answers(&server, "POST", CANCEL, 400, &error("INVALID_REQUEST_ERROR", "BAD_REQUEST", None)).await;
    answers(&server, "GET", "/v2/payments", 200, &json!({})).await;
    unknown(by_key(&server, &later("x"), &key).await);
    // Cancelled, and the list can't be read, or does not end.
    for answer in [json!("no"), json!({ "payments": [], "cursor": "again" })] {
        let server = MockServer::start().await;
        answers(&server, "POST", CANCEL, 200, &json!({})).await;
        answers(&server, "GET", "/v2/payments", 200, &answer).await;
        unknown(by_key(&server, &later("x"), &key).await);
    }
}

#[tokio::test]
async fn the_key_that_is_cancelled_is_the_one_that_was_sent() {
    let server = MockServer::start().await;
    let long = "k".repeat(60);
    answers(&server, "POST", "/v2/payments", 500, &json!({})).await;
    answers(&server, "POST", CANCEL, 200, &json!({})).await;
    answers(&server, "GET", "/v2/payments", 200, &json!({})).await;
    unknown(connector(&server).charges().charge(&call(&long), &token_request()).await);
    assert_eq!(by_key(&server, &call("x"), &long).await, Ok(None));
    let sent = body(&server, "POST", "/v2/payments").await["idempotency_key"].clone();
    assert_eq!(body(&server, "POST", CANCEL).await, json!({ "idempotency_key": sent }));
}

#[tokio::test]
async fn a_refund_is_found_by_its_name_or_in_the_list() {
    let server = MockServer::start().await;
    let key = key_of(NOW);
    let id = refund(&key)["refund"]["id"].as_str().unwrap().to_owned();
    answers(&server, "GET", &format!("/v2/refunds/{id}"), 200, &refund(&key)).await;
    answers(&server, "GET", "/v2/refunds/gone", 404, &error("INVALID_REQUEST_ERROR", "NOT_FOUND", None)).await;
    let square = connector(&server);
    let lookup = square.lookup().unwrap();
    let found = lookup.find_refund(&call("x"), &key, crate::CHARGE, Some(&id)).await.unwrap().unwrap();
    assert_eq!((found.gateway_ref, found.state, found.amount), (Some(id.clone()), RefundState::Pending, usd(400)));
    assert_eq!(lookup.find_refund(&call("x"), &key, crate::CHARGE, Some("gone")).await, Ok(None));
    assert_eq!(lookup.find_refund(&call("x"), &key, crate::CHARGE, Some("a/b")).await, Ok(None));
    let listed = json!({ "refunds": [refund("another")["refund"], { "id": 5 }, refund(&key)["refund"]] });
    answers(&server, "GET", "/v2/refunds", 200, &listed).await;
    let found = refund_by_key(&server, &later("x"), &key).await.unwrap().unwrap();
    assert_eq!(found.gateway_ref, Some(id));
}

#[tokio::test]
async fn a_refund_that_is_not_listed_is_certain_only_after_a_while() {
    let server = MockServer::start().await;
    let key = key_of(NOW);
    answers(&server, "GET", "/v2/refunds", 200, &json!({})).await;
    unknown(refund_by_key(&server, &Call { now: NOW.plus(599_999), ..call("x") }, &key).await);
    assert_eq!(refund_by_key(&server, &Call { now: NOW.plus(600_000), ..call("x") }, &key).await, Ok(None));
    // A key without a time is never certain.
    unknown(refund_by_key(&server, &Call { now: NOW.plus(86_400_000), ..call("x") }, "k").await);
}
