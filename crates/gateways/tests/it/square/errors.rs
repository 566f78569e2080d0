//! Every kind of refusal and of silence, met by a charge.

use super::*;
use domain::decline::DeclineCode;
use gateways::{ChargeReply, ChargeState, Gateway};
use std::io::{Read, Write};
use std::net::TcpListener;

async fn charged(status: u16, answer: &Value) -> Result<ChargeReply, GatewayFailure> {
    let server = MockServer::start().await;
    answers(&server, "POST", "/v2/payments", status, answer).await;
    connector(&server).charges().charge(&call("k"), &token_request()).await
}

#[tokio::test]
async fn declines_say_why_and_name_the_failed_payment() {
    for (status, category, code, field, expected) in [
        (400, "PAYMENT_METHOD_ERROR", "CVV_FAILURE", None, DeclineCode::IncorrectCvc),
        (400, "PAYMENT_METHOD_ERROR", "INSUFFICIENT_FUNDS", None, DeclineCode::InsufficientFunds),
        (402, "PAYMENT_METHOD_ERROR", "CARD_DECLINED", None, DeclineCode::GenericDecline),
        (402, "PAYMENT_METHOD_ERROR", "SOMETHING_NEW", None, DeclineCode::GenericDecline),
        (400, "PAYMENT_METHOD_ERROR", "INVALID_CARD", None, DeclineCode::IncorrectNumber),
        (400, "PAYMENT_METHOD_ERROR", "CARD_EXPIRED", None, DeclineCode::ExpiredCard),
        (400, "PAYMENT_METHOD_ERROR", "CARD_DECLINED_VERIFICATION_REQUIRED", None, DeclineCode::AuthenticationRequired),
        (400, "INVALID_REQUEST_ERROR", "CARD_TOKEN_USED", Some("source_id"), DeclineCode::TryAgainLater),
        (404, "INVALID_REQUEST_ERROR", "NOT_FOUND", Some("source_id"), DeclineCode::TryAgainLater),
        (
            400,
            "INVALID_REQUEST_ERROR",
            "INVALID_VALUE",
            Some("amount_money.currency"),
            DeclineCode::CurrencyNotSupported,
        ),
        (401, "AUTHENTICATION_ERROR", "UNAUTHORIZED", None, DeclineCode::GatewayMisconfigured),
        (403, "AUTHENTICATION_ERROR", "INSUFFICIENT_SCOPES", None, DeclineCode::GatewayMisconfigured),
        (400, "INVALID_REQUEST_ERROR", "CARD_PROCESSING_NOT_ENABLED", None, DeclineCode::GatewayMisconfigured),
    ] {
        let reply = charged(status, &error(category, code, field)).await.unwrap();
        assert_eq!(reply.state, ChargeState::Declined(expected), "{code}");
        assert_eq!(reply.raw_code.as_deref(), Some(code));
        assert_eq!(reply.raw_message, Some(format!("the detail of {code}")));
        assert_eq!(reply.gateway_ref, None);
    }
    let mut with_payment = error("PAYMENT_METHOD_ERROR", "GENERIC_DECLINE", None);
    with_payment["payment"] = payment_in("k", "FAILED")["payment"].clone();
    let reply = charged(402, &with_payment).await.unwrap();
    assert_eq!(reply.gateway_ref.as_deref(), Some(PAYMENT));
    assert_eq!(reply.card.map(|card| card.last4).as_deref(), Some("1111"));
    // An error beside a payment that did not fail is no decline.
    with_payment["payment"]["status"] = "COMPLETED".into();
    unknown(charged(402, &with_payment).await);
}

#[tokio::test]
async fn refusals_before_anything_happened_are_not_sent() {
    for (status, category, code, field) in [
        (400, "INVALID_REQUEST_ERROR", "MISSING_REQUIRED_PARAMETER", Some("source_id")),
        (400, "INVALID_REQUEST_ERROR", "INVALID_EMAIL_ADDRESS", Some("buyer_email_address")),
        (400, "INVALID_REQUEST_ERROR", "VALUE_TOO_LOW", Some("amount_money.amount")),
        (404, "INVALID_REQUEST_ERROR", "NOT_FOUND", Some("location_id")),
        (429, "RATE_LIMIT_ERROR", "RATE_LIMITED", None),
    ] {
        let reason = not_sent(charged(status, &error(category, code, field)).await);
        assert!(reason.contains(code) && !reason.contains("detail"), "{reason}");
    }
    not_sent(charged(429, &json!("slow down")).await);
}

#[tokio::test]
async fn whatever_may_have_charged_is_unknown() {
    let unclear = error("API_ERROR", "INTERNAL_SERVER_ERROR", None);
    for status in [500, 502, 503, 504, 408, 409, 302] {
        unknown(charged(status, &unclear).await);
        unknown(charged(status, &json!({})).await);
    }
    let declined = error("PAYMENT_METHOD_ERROR", "GENERIC_DECLINE", None);
    unknown(charged(500, &declined).await);
    unknown(charged(200, &declined).await);
    for code in ["IDEMPOTENCY_KEY_REUSED", "TEMPORARY_ERROR", "CONFLICT"] {
        unknown(charged(400, &error("INVALID_REQUEST_ERROR", code, Some("idempotency_key"))).await);
    }
    unknown(charged(400, &error("", "", None)).await);
    unknown(charged(400, &json!({ "errors": [] })).await);
    for answer in [json!({}), json!([]), json!("ok"), json!({ "payment": {} }), json!({ "payment": null })] {
        unknown(charged(200, &answer).await);
    }
}

#[tokio::test]
async fn bodies_that_are_no_json_are_unknown() {
    for (status, text) in [(200, "<html>"), (200, ""), (200, "{\"payment\":{\"id\""), (404, "<html>"), (400, "")] {
        let server = MockServer::start().await;
        let template = ResponseTemplate::new(status).set_body_raw(text, "text/html");
        Mock::given(method("POST")).respond_with(template).mount(&server).await;
        unknown(connector(&server).charges().charge(&call("k"), &token_request()).await);
    }
    for status in [401, 403] {
        let server = MockServer::start().await;
        let template = ResponseTemplate::new(status).set_body_raw("<html>", "text/html");
        Mock::given(method("POST")).respond_with(template).mount(&server).await;
        let reply = connector(&server).charges().charge(&call("k"), &token_request()).await.unwrap();
        assert_eq!(reply.state, ChargeState::Declined(DeclineCode::GatewayMisconfigured));
    }
}

/// A server that reads one request, says this much and closes.
fn says(text: &'static [u8]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut buffer = [0u8; 4096];
        let _ = stream.read(&mut buffer);
        let _ = stream.write_all(text);
    });
    format!("http://{address}")
}

#[tokio::test]
async fn connections_that_fail_or_break_are_told_apart() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let closed = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let reason = not_sent(at(&closed).charges().charge(&call("k"), &token_request()).await);
    assert!(!reason.contains("EAAAtoken"), "{reason}");
    for cut in [
        b"".as_slice(),
        b"HTTP/1.1 200 OK\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 500\r\ncontent-type: application/json\r\n\r\n{\"payment\":",
    ] {
        let reason = unknown(at(&says(cut)).charges().charge(&call("k"), &token_request()).await);
        assert!(!reason.contains("EAAAtoken") && !reason.contains("cnon:"), "{reason}");
    }
}
