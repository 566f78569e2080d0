//! Giving money back.

use super::*;
use gateways::{Gateway, RefundReply, RefundRequest, RefundState};

fn request(minor: i64) -> RefundRequest {
    RefundRequest { charge_ref: PAYMENT.into(), amount: usd(minor), reason: "requested_by_customer".into() }
}

async fn refunded(status: u16, answer: &Value) -> Result<RefundReply, GatewayFailure> {
    let server = MockServer::start().await;
    answers(&server, "POST", "/v2/refunds", status, answer).await;
    connector(&server).refunds().unwrap().refund(&call("k"), &request(400)).await
}

#[tokio::test]
async fn a_refund_carries_our_key_in_its_reason() {
    let server = MockServer::start().await;
    let key = key_of(NOW);
    answers(&server, "POST", "/v2/refunds", 200, &refund(&key)).await;
    let reply = connector(&server).refunds().unwrap().refund(&call(&key), &request(400)).await.unwrap();
    assert_eq!((reply.state, reply.amount), (RefundState::Pending, usd(400)));
    assert!(reply.gateway_ref.unwrap().starts_with(PAYMENT));
    let expected = json!({
        "idempotency_key": key,
        "payment_id": PAYMENT,
        "amount_money": { "amount": 400, "currency": "USD" },
        "reason": format!("requested_by_customer paydeck:{key}"),
    });
    assert_eq!(body(&server, "POST", "/v2/refunds").await, expected);
}

#[tokio::test]
async fn each_state_has_one_meaning() {
    for (status, state) in [
        ("PENDING", RefundState::Pending),
        ("COMPLETED", RefundState::Succeeded),
        ("REJECTED", RefundState::Failed { code: "other" }),
        ("FAILED", RefundState::Failed { code: "bank_returned" }),
    ] {
        let mut answer = refund("k");
        answer["refund"]["status"] = status.into();
        assert_eq!(refunded(200, &answer).await.unwrap().state, state);
    }
    let mut answer = refund("k");
    answer["refund"]["status"] = "NEW".into();
    unknown(refunded(200, &answer).await);
}

#[tokio::test]
async fn refusals_say_why() {
    for (status, category, code, expected) in [
        (400, "REFUND_ERROR", "REFUND_AMOUNT_INVALID", "amount_too_large"),
        (400, "REFUND_ERROR", "PAYMENT_NOT_REFUNDABLE", "charge_not_refundable"),
        (400, "REFUND_ERROR", "PAYMENT_NOT_REFUNDABLE_DUE_TO_DISPUTE", "charge_not_refundable"),
        (400, "REFUND_ERROR", "REFUND_ERROR_PAYMENT_NEEDS_COMPLETION", "charge_not_refundable"),
        (404, "INVALID_REQUEST_ERROR", "NOT_FOUND", "charge_not_refundable"),
        (400, "REFUND_ERROR", "REFUND_DECLINED", "bank_returned"),
        (400, "REFUND_ERROR", "CARD_PRESENCE_REQUIRED", "not_supported"),
        (401, "AUTHENTICATION_ERROR", "UNAUTHORIZED", "gateway_misconfigured"),
        (403, "REFUND_ERROR", "INSUFFICIENT_PERMISSIONS_FOR_REFUND", "gateway_misconfigured"),
        (400, "PAYMENT_METHOD_ERROR", "SOMETHING_NEW", "other"),
    ] {
        let reply = refunded(status, &error(category, code, None)).await.unwrap();
        assert_eq!(reply.state, RefundState::Failed { code: expected }, "{code}");
        assert_eq!((reply.amount, reply.raw_code.as_deref()), (usd(400), Some(code)));
    }
}

#[tokio::test]
async fn what_may_have_moved_money_is_unknown() {
    let other = |change: &dyn Fn(&mut Value)| {
        let mut answer = refund("k");
        change(&mut answer["refund"]);
        answer
    };
    for (status, answer) in [
        (500, json!({})),
        (409, error("INVALID_REQUEST_ERROR", "CONFLICT", None)),
        (400, error("INVALID_REQUEST_ERROR", "IDEMPOTENCY_KEY_REUSED", None)),
        (400, json!({})),
        (200, json!({})),
        (200, other(&|refund| refund["amount_money"]["amount"] = 399.into())),
        (200, other(&|refund| refund["amount_money"]["currency"] = "EUR".into())),
        (200, other(&|refund| refund["amount_money"] = Value::Null)),
    ] {
        unknown(refunded(status, &answer).await);
    }
    // An error beside a refund that did not fail is no refusal.
    let mut contradiction = error("REFUND_ERROR", "REFUND_DECLINED", None);
    contradiction["refund"] = refund("k")["refund"].clone();
    unknown(refunded(400, &contradiction).await);
    contradiction["refund"]["status"] = "FAILED".into();
    let reply = refunded(400, &contradiction).await.unwrap();
    assert_eq!(reply.state, RefundState::Failed { code: "bank_returned" });
    not_sent(refunded(429, &error("RATE_LIMIT_ERROR", "RATE_LIMITED", None)).await);
    not_sent(refunded(400, &error("INVALID_REQUEST_ERROR", "MISSING_REQUIRED_PARAMETER", None)).await);
}

#[tokio::test]
async fn what_can_not_be_refunded_is_not_sent() {
    let server = MockServer::start().await;
    let square = connector(&server);
    let refunds = square.refunds().unwrap();
    not_sent(refunds.refund(&call("k"), &request(0)).await);
    let dinars = RefundRequest { amount: Money::new(400, Currency::KWD), ..request(1) };
    let reply = refunds.refund(&call("k"), &dinars).await.unwrap();
    assert_eq!(reply.state, RefundState::Failed { code: "not_supported" });
    let nobody = RefundRequest { charge_ref: "no such name".into(), ..request(400) };
    let reply = refunds.refund(&call("k"), &nobody).await.unwrap();
    assert_eq!(reply.state, RefundState::Failed { code: "charge_not_refundable" });
    assert!(sent(&server).await.is_empty());
}

#[tokio::test]
async fn a_link_is_refunded_by_its_payment() {
    let server = MockServer::start().await;
    answers(&server, "GET", ORDER_PATH, 200, &order("k", "OPEN", &[PAYMENT])).await;
    answers(&server, "GET", &format!("/v2/payments/{PAYMENT}"), 200, &payment("k")).await;
    answers(&server, "POST", "/v2/refunds", 200, &refund("k")).await;
    let link = RefundRequest { charge_ref: LINK.into(), ..request(400) };
    let square = connector(&server);
    assert_eq!(square.refunds().unwrap().refund(&call("k"), &link).await.unwrap().state, RefundState::Pending);
    assert_eq!(body(&server, "POST", "/v2/refunds").await["payment_id"], json!(PAYMENT));
    // While its payment can't be found out, nothing is sent.
    let server = MockServer::start().await;
    answers(&server, "GET", ORDER_PATH, 500, &json!({})).await;
    not_sent(connector(&server).refunds().unwrap().refund(&call("k"), &link).await);
}
