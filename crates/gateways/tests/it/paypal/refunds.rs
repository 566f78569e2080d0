//! Refunds, and finding them.

use super::*;
use domain::{Currency, Money};
use gateways::{GatewayFailure, RefundReply, RefundRequest, RefundState};

const REFUND: &str = "/v2/payments/captures/3C679366HH908993F/refund";
const REFUNDED: &str = "/v2/payments/refunds/1JU08902781691411";
const LIST: &str = "/v1/reporting/transactions";

async fn back(played: &Played, amount: Money) -> Result<RefundReply, GatewayFailure> {
    let request = RefundRequest { charge_ref: ORDER.into(), amount, reason: "requested_by_customer".into() };
    played.paypal.refunds().unwrap().refund(&call("op_refund_1"), &request).await
}

async fn captured() -> Played {
    let played = Played::start().await;
    played.answer("GET", ORDER_PATH, 200, &order_captured()).await;
    played
}

#[tokio::test]
async fn part_of_a_capture_is_given_back_under_our_key() {
    let played = captured().await;
    played.answer("POST", REFUND, 201, &fixture("refund")).await;
    let reply = back(&played, eur(400)).await.unwrap();
    assert_eq!((reply.state, reply.amount), (RefundState::Succeeded, eur(400)));
    assert_eq!(reply.gateway_ref.as_deref(), Some("1JU08902781691411"));
    let [sent] = &played.seen("POST", REFUND).await[..] else { panic!("one refund") };
    assert_eq!(header(sent, "paypal-request-id"), "op_refund_1");
    let amount = json!({ "currency_code": "EUR", "value": "4.00" });
    assert_eq!(body(sent), json!({ "amount": amount, "custom_id": "op_refund_1" }));
}

#[tokio::test]
async fn a_refund_that_was_made_is_not_made_again() {
    let played = Played::start().await;
    let payments = json!({ "captures": [fixture("capture")], "refunds": [fixture("refund")] });
    played.answer("GET", ORDER_PATH, 200, &order_with("COMPLETED", payments)).await;
    let reply = back(&played, eur(400)).await.unwrap();
    assert_eq!(reply.gateway_ref.as_deref(), Some("1JU08902781691411"));
    assert!(matches!(back(&played, eur(500)).await, Err(GatewayFailure::Unknown { .. })));
    assert!(played.seen("POST", REFUND).await.is_empty());
}

#[tokio::test]
async fn refunds_stand_as_paypal_says() {
    for (status, state) in [
        ("PENDING", RefundState::Pending),
        ("FAILED", RefundState::Failed { code: "bank_returned" }),
        ("CANCELLED", RefundState::Failed { code: "other" }),
    ] {
        let refund = changed(fixture("refund"), "/status", status.into());
        let played = captured().await;
        played.answer("POST", REFUND, 201, &refund).await;
        played.answer("GET", REFUNDED, 200, &refund).await;
        assert_eq!(back(&played, eur(400)).await.unwrap().state, state);
        let lookup = played.paypal.lookup().unwrap();
        let found = lookup
            .find_refund(&call("x"), "op_refund_1", crate::CHARGE, Some("1JU08902781691411"))
            .await
            .unwrap()
            .unwrap();
        assert_eq!((found.state, found.amount), (state, eur(400)));
    }
    for answer in [
        changed(fixture("refund"), "/status", "NEW".into()),
        changed(fixture("refund"), "/amount/value", "4.01".into()),
        changed(fixture("refund"), "/amount/currency_code", "USD".into()),
        changed(fixture("refund"), "/id", "".into()),
        json!({}),
    ] {
        let played = captured().await;
        played.answer("POST", REFUND, 201, &answer).await;
        assert!(matches!(back(&played, eur(400)).await, Err(GatewayFailure::Unknown { .. })), "{answer}");
    }
}

#[tokio::test]
async fn refused_refunds_have_failed() {
    for (status, issue, code) in [
        (422, "REFUND_AMOUNT_EXCEEDED", "amount_too_large"),
        (422, "CAPTURE_FULLY_REFUNDED", "amount_too_large"),
        (422, "REFUND_TIME_LIMIT_EXCEEDED", "charge_not_refundable"),
        (422, "REFUND_FAILED_INSUFFICIENT_FUNDS", "other"),
        (422, "PAYEE_ACCOUNT_RESTRICTED", "gateway_misconfigured"),
        (403, "PERMISSION_DENIED", "gateway_misconfigured"),
        (404, "INVALID_RESOURCE_ID", "charge_not_refundable"),
    ] {
        let played = captured().await;
        played.answer("POST", REFUND, status, &error("UNPROCESSABLE_ENTITY", issue)).await;
        let reply = back(&played, eur(400)).await.unwrap();
        assert_eq!((reply.state, reply.gateway_ref), (RefundState::Failed { code }, None), "{issue}");
        assert_eq!(reply.raw_code.as_deref(), Some(issue));
    }
}

#[tokio::test]
async fn what_was_not_captured_is_not_refunded() {
    let declined = changed(fixture("capture"), "/status", "DECLINED".into());
    for (status, order, amount) in [
        (200, fixture("order_approved"), eur(400)),
        (200, order_authorized(), eur(400)),
        (200, order_with("COMPLETED", json!({ "captures": [declined] })), eur(400)),
        (200, order_captured(), Money::new(400, Currency::KWD)),
        (404, error("RESOURCE_NOT_FOUND", "INVALID_RESOURCE_ID"), eur(400)),
    ] {
        let played = Played::start().await;
        played.answer("GET", ORDER_PATH, status, &order).await;
        let reply = back(&played, amount).await.unwrap();
        assert_eq!(reply.state, RefundState::Failed { code: "charge_not_refundable" });
        assert_eq!(played.calls().await.len(), 1);
    }
}

#[tokio::test]
async fn a_refund_without_a_known_id_is_found_in_its_order_at_once() {
    for (status, state) in [("COMPLETED", RefundState::Succeeded), ("PENDING", RefundState::Pending)] {
        let other = changed(fixture("refund"), "/custom_id", "op_refund_0".into());
        let ours = changed(changed(fixture("refund"), "/status", status.into()), "/id", "2KU08902781691412".into());
        let payments = json!({ "captures": [fixture("capture")], "refunds": [other, ours] });
        let played = Played::start().await;
        played.answer("GET", ORDER_PATH, 200, &order_with("COMPLETED", payments)).await;
        let lookup = played.paypal.lookup().unwrap();
        let found = lookup.find_refund(&call("x"), "op_refund_1", ORDER, None).await.unwrap().unwrap();
        assert_eq!((found.state, found.amount), (state, eur(400)));
        assert_eq!(found.gateway_ref.as_deref(), Some("2KU08902781691412"));
        assert_eq!(played.calls().await, [format!("GET {ORDER_PATH}")]);
    }
}

#[tokio::test]
async fn an_order_that_does_not_show_a_refund_does_not_prove_that_there_is_none() {
    let played = Played::start().await;
    played.answer("GET", ORDER_PATH, 200, &order_captured()).await;
    played.answer("GET", LIST, 200, &json!({ "transaction_details": [], "total_pages": 0 })).await;
    let lookup = played.paypal.lookup().unwrap();
    let missing = lookup.find_refund(&call("x"), "op_refund_1", ORDER, None).await;
    assert!(matches!(missing, Err(GatewayFailure::Unknown { .. })));
    assert_eq!(played.calls().await, [format!("GET {ORDER_PATH}"), format!("GET {LIST}")]);

    // The list may show it where the order is gone.
    let played = Played::start().await;
    played.answer("GET", ORDER_PATH, 404, &error("RESOURCE_NOT_FOUND", "INVALID_RESOURCE_ID")).await;
    played.answer("GET", LIST, 200, &fixture("refund_transactions")).await;
    played.answer("GET", REFUNDED, 200, &fixture("refund")).await;
    let found = played.paypal.lookup().unwrap().find_refund(&call("x"), "op_refund_1", ORDER, None).await.unwrap();
    assert_eq!(found.unwrap().state, RefundState::Succeeded);

    // Without an answer nothing is asked further.
    for (status, answer) in [(500, json!({})), (403, error("NOT_AUTHORIZED", "PERMISSION_DENIED")), (200, json!({}))] {
        let played = Played::start().await;
        played.answer("GET", ORDER_PATH, status, &answer).await;
        let unheard = played.paypal.lookup().unwrap().find_refund(&call("x"), "op_refund_1", ORDER, None).await;
        assert!(matches!(unheard, Err(GatewayFailure::Unknown { .. })), "{status}");
        assert_eq!(played.calls().await.len(), 1);
    }
}

#[tokio::test]
async fn a_refund_that_no_order_shows_is_found_in_the_list_or_stays_unknown() {
    let played = Played::start().await;
    played.answer("GET", LIST, 200, &fixture("refund_transactions")).await;
    played.answer("GET", REFUNDED, 200, &fixture("refund")).await;
    let lookup = played.paypal.lookup().unwrap();
    let found = lookup.find_refund(&call("x"), "op_refund_1", crate::CHARGE, None).await.unwrap().unwrap();
    assert_eq!((found.state, found.amount), (RefundState::Succeeded, eur(400)));
    let asked: Vec<_> = played.seen("GET", LIST).await[0].url.query_pairs().into_owned().collect();
    for (name, value) in [
        ("transaction_type", "T1107"),
        ("start_date", "2026-10-22T00:00:00Z"),
        ("end_date", "2026-11-21T23:59:59Z"),
        ("page_size", "500"),
    ] {
        assert!(asked.contains(&(name.into(), value.into())), "{name}");
    }
    // It comes into the list hours late: not to see it says nothing.
    let missing = lookup.find_refund(&call("x"), "op_refund_2", crate::CHARGE, None).await;
    assert!(matches!(missing, Err(GatewayFailure::Unknown { .. })));
    let played = Played::start().await;
    played.answer("GET", LIST, 403, &error("NOT_AUTHORIZED", "PERMISSION_DENIED")).await;
    let forbidden = played.paypal.lookup().unwrap().find_refund(&call("x"), "op_refund_1", crate::CHARGE, None).await;
    assert!(matches!(forbidden, Err(GatewayFailure::Unknown { .. })));
}

#[tokio::test]
async fn a_refund_that_paypal_does_not_know_is_none() {
    let played = Played::start().await;
    played.answer("GET", REFUNDED, 404, &error("RESOURCE_NOT_FOUND", "INVALID_RESOURCE_ID")).await;
    let found =
        played.paypal.lookup().unwrap().find_refund(&call("x"), "k", crate::CHARGE, Some("1JU08902781691411")).await;
    assert_eq!(found.unwrap(), None);
}
