//! Capturing all or part of an authorisation, and releasing it.

use super::*;
use domain::decline::DeclineCode;
use gateways::{ChargeReply, ChargeState, Gateway};

const GET: &str = "/v2/payments/R2B3Z8WMVt3EAmzYWLZvz7Y69EbZY";
const COMPLETE: &str = "/v2/payments/R2B3Z8WMVt3EAmzYWLZvz7Y69EbZY/complete";
const CANCEL: &str = "/v2/payments/R2B3Z8WMVt3EAmzYWLZvz7Y69EbZY/cancel";

async fn capture(server: &MockServer, minor: i64) -> Result<ChargeReply, GatewayFailure> {
    connector(server).captures().unwrap().capture(&call("op_c"), PAYMENT, usd(minor)).await
}

async fn void(server: &MockServer) -> Result<ChargeReply, GatewayFailure> {
    connector(server).captures().unwrap().void(&call("op_v"), PAYMENT).await
}

fn of(minor: i64, mut payment: Value) -> Value {
    for field in ["amount_money", "total_money"] {
        payment["payment"][field]["amount"] = minor.into();
    }
    payment
}

fn declined(reply: &ChargeReply) -> DeclineCode {
    match reply.state {
        ChargeState::Declined(code) => code,
        ref state => panic!("{state:?}"),
    }
}

#[tokio::test]
async fn the_whole_is_completed_at_the_version_that_was_read() {
    let server = MockServer::start().await;
    answers(&server, "GET", GET, 200, &hold_in("k", "APPROVED")).await;
    answers(&server, "POST", COMPLETE, 200, &hold_in("k", "COMPLETED")).await;
    let reply = capture(&server, 1_000).await.unwrap();
    assert_eq!(reply.state, ChargeState::Succeeded { captured: usd(1_000), fee: None });
    let version = json!({ "version_token": "TPtNEOBOa6Qq6E3C3IjckSVOM6b3hMbfhjvTxHBQUsB6o" });
    assert_eq!(body(&server, "POST", COMPLETE).await, version);
    assert_eq!(sent(&server).await, [format!("GET {GET}"), format!("POST {COMPLETE}")]);
}

#[tokio::test]
async fn a_part_is_completed_after_the_amount_was_lowered() {
    let server = MockServer::start().await;
    answers(&server, "GET", GET, 200, &hold_in("k", "APPROVED")).await;
    let mut lowered = of(600, hold_in("k", "APPROVED"));
    lowered["payment"]["version_token"] = "v2".into();
    answers(&server, "PUT", GET, 200, &lowered).await;
    answers(&server, "POST", COMPLETE, 200, &of(600, hold_in("k", "COMPLETED"))).await;
    let reply = capture(&server, 600).await.unwrap();
    assert_eq!(reply.state, ChargeState::Succeeded { captured: usd(600), fee: None });
    let expected = json!({
        "idempotency_key": "op_c-update",
        "payment": {
            "amount_money": { "amount": 600, "currency": "USD" },
            "version_token": "TPtNEOBOa6Qq6E3C3IjckSVOM6b3hMbfhjvTxHBQUsB6o",
        },
    });
    assert_eq!(body(&server, "PUT", GET).await, expected);
    assert_eq!(body(&server, "POST", COMPLETE).await, json!({ "version_token": "v2" }));
}

#[tokio::test]
async fn an_amount_that_was_lowered_before_can_be_raised_to_what_the_bank_approved() {
    let server = MockServer::start().await;
    answers(&server, "GET", GET, 200, &of(600, hold_in("k", "APPROVED"))).await;
    answers(&server, "PUT", GET, 200, &hold_in("k", "APPROVED")).await;
    answers(&server, "POST", COMPLETE, 200, &hold_in("k", "COMPLETED")).await;
    let reply = capture(&server, 1_000).await.unwrap();
    assert_eq!(reply.state, ChargeState::Succeeded { captured: usd(1_000), fee: None });
}

#[tokio::test]
async fn captures_that_can_not_be_are_not_tried() {
    let server = MockServer::start().await;
    answers(&server, "GET", GET, 200, &hold_in("k", "APPROVED")).await;
    for minor in [0, -1, 1_001] {
        not_sent(capture(&server, minor).await);
    }
    let captures = connector(&server);
    let captures = captures.captures().unwrap();
    not_sent(captures.capture(&call("op_c"), PAYMENT, crate::eur(1_000)).await);
    not_sent(captures.capture(&call("op_c"), "../refunds", usd(1)).await);
    assert!(sent(&server).await.iter().all(|request| request.starts_with("GET")));
    // A payment whose amount can't be changed, as in Japan.
    let server = MockServer::start().await;
    let mut fixed = hold_in("k", "APPROVED");
    fixed["payment"]["capabilities"] = Value::Null;
    answers(&server, "GET", GET, 200, &fixed).await;
    let reply = capture(&server, 600).await.unwrap();
    assert_eq!((declined(&reply), reply.raw_code.as_deref()), (DeclineCode::ProcessingError, Some("EDIT_AMOUNT_DOWN")));
    assert_eq!(sent(&server).await, [format!("GET {GET}")]);
}

#[tokio::test]
async fn a_capture_sent_again_hears_where_it_stands() {
    for (status, state) in [
        ("COMPLETED", ChargeState::Succeeded { captured: usd(1_000), fee: None }),
        ("CANCELED", ChargeState::Canceled),
        ("PENDING", ChargeState::Processing),
    ] {
        let server = MockServer::start().await;
        answers(&server, "GET", GET, 200, &hold_in("k", status)).await;
        assert_eq!(capture(&server, 1_000).await.unwrap().state, state, "{status}");
        assert_eq!(sent(&server).await, [format!("GET {GET}")]);
    }
}

#[tokio::test]
async fn refused_completions_are_told_apart() {
    let completed = |status: u16, answer: Value, after: &'static str| async move {
        let server = MockServer::start().await;
        answers_once(&server, "GET", GET, 200, &hold_in("k", "APPROVED")).await;
        answers(&server, "GET", GET, 200, &hold_in("k", after)).await;
        answers(&server, "POST", COMPLETE, status, &answer).await;
        capture(&server, 1_000).await
    };
    let expired = || error("PAYMENT_METHOD_ERROR", "DELAYED_TRANSACTION_EXPIRED", None);
    assert_eq!(completed(400, expired(), "CANCELED").await.unwrap().state, ChargeState::Canceled);
    let captured = error("PAYMENT_METHOD_ERROR", "DELAYED_TRANSACTION_CAPTURED", None);
    let state = completed(400, captured, "COMPLETED").await.unwrap().state;
    assert_eq!(state, ChargeState::Succeeded { captured: usd(1_000), fee: None });
    let bad = error("INVALID_REQUEST_ERROR", "BAD_REQUEST", None);
    let reply = completed(400, bad, "APPROVED").await.unwrap();
    assert_eq!((declined(&reply), reply.raw_code.as_deref()), (DeclineCode::ProcessingError, Some("BAD_REQUEST")));
    let forbidden = error("AUTHENTICATION_ERROR", "INSUFFICIENT_SCOPES", None);
    let reply = completed(403, forbidden, "APPROVED").await.unwrap();
    assert_eq!(declined(&reply), DeclineCode::GatewayMisconfigured);
    not_sent(completed(429, error("RATE_LIMIT_ERROR", "RATE_LIMITED", None), "APPROVED").await);
    unknown(completed(500, json!({}), "APPROVED").await);
    unknown(completed(400, error("INVALID_REQUEST_ERROR", "VERSION_MISMATCH", None), "APPROVED").await);
    unknown(completed(200, json!({}), "APPROVED").await);
    let mut euros = hold_in("k", "COMPLETED");
    euros["payment"]["total_money"]["currency"] = "EUR".into();
    unknown(completed(200, euros, "APPROVED").await);
}

#[tokio::test]
async fn nothing_is_completed_when_the_amount_was_not_changed() {
    for (status, answer) in [
        (500, json!({})),
        (200, json!({})),
        (200, hold_in("k", "APPROVED")),
        (400, error("INVALID_REQUEST_ERROR", "VERSION_MISMATCH", None)),
        (429, error("RATE_LIMIT_ERROR", "RATE_LIMITED", None)),
        (400, error("INVALID_REQUEST_ERROR", "BAD_REQUEST", Some("amount_money"))),
        (401, error("AUTHENTICATION_ERROR", "UNAUTHORIZED", None)),
    ] {
        let server = MockServer::start().await;
        answers(&server, "GET", GET, 200, &hold_in("k", "APPROVED")).await;
        answers(&server, "PUT", GET, status, &answer).await;
        let outcome = capture(&server, 600).await;
        assert!(!matches!(outcome, Ok(ChargeReply { state: ChargeState::Succeeded { .. }, .. })), "{outcome:?}");
        assert!(sent(&server).await.contains(&format!("PUT {GET}")));
        assert!(!sent(&server).await.contains(&format!("POST {COMPLETE}")), "{status}");
    }
    // It expired meanwhile: that is what is told.
    let server = MockServer::start().await;
    answers_once(&server, "GET", GET, 200, &hold_in("k", "APPROVED")).await;
    answers(&server, "GET", GET, 200, &hold_in("k", "CANCELED")).await;
    let expired = error("PAYMENT_METHOD_ERROR", "DELAYED_TRANSACTION_EXPIRED", None);
    answers(&server, "PUT", GET, 400, &expired).await;
    assert_eq!(capture(&server, 600).await.unwrap().state, ChargeState::Canceled);
}

#[tokio::test]
async fn an_authorisation_is_released() {
    let server = MockServer::start().await;
    answers(&server, "POST", CANCEL, 200, &hold_in("k", "CANCELED")).await;
    assert_eq!(void(&server).await.unwrap().state, ChargeState::Canceled);
    assert_eq!(body(&server, "POST", CANCEL).await, json!({}));
    // Too late: it says where it stands.
    let server = MockServer::start().await;
    answers(&server, "POST", CANCEL, 400, &error("INVALID_REQUEST_ERROR", "BAD_REQUEST", None)).await;
    answers(&server, "GET", GET, 200, &hold_in("k", "COMPLETED")).await;
    let state = void(&server).await.unwrap().state;
    assert_eq!(state, ChargeState::Succeeded { captured: usd(1_000), fee: None });
    // A no about the account is never taken for a release.
    for status in [401, 403, 429] {
        let server = MockServer::start().await;
        answers(&server, "POST", CANCEL, status, &error("AUTHENTICATION_ERROR", "UNAUTHORIZED", None)).await;
        not_sent(void(&server).await);
    }
    let server = MockServer::start().await;
    answers(&server, "POST", CANCEL, 502, &json!({})).await;
    unknown(void(&server).await);
    not_sent(connector(&server).captures().unwrap().void(&call("op_v"), "a b").await);
}

#[tokio::test]
async fn a_refusal_that_can_not_be_looked_into_is_unknown() {
    let refusal = error("INVALID_REQUEST_ERROR", "BAD_REQUEST", None);
    for status in [401, 404, 429, 500] {
        let server = MockServer::start().await;
        answers_once(&server, "GET", GET, 200, &hold_in("k", "APPROVED")).await;
        let question = error("INVALID_REQUEST_ERROR", "NOT_FOUND", None);
        answers(&server, "GET", GET, status, &question).await;
        answers(&server, "POST", COMPLETE, 400, &refusal).await;
        answers(&server, "POST", CANCEL, 400, &refusal).await;
        unknown(capture(&server, 1_000).await);
        unknown(void(&server).await);
    }
}
