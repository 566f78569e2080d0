//! Refunds.

use super::{Fake, INTENT, REFUND, REFUNDS, SESSION, call, error, list, pairs, refund, session};
use crate::eur;
use gateways::{Gateway, GatewayFailure, RefundReply, RefundRequest, RefundState};
use serde_json::{Value, json};

const PAGE: &str = "/v1/checkout/sessions/cs_test_a1B2c3";

fn request(charge_ref: &str, reason: &str) -> RefundRequest {
    RefundRequest { charge_ref: charge_ref.into(), amount: eur(500), reason: reason.into() }
}

#[tokio::test]
async fn a_part_is_given_back() {
    for (name, reason, sent) in [
        (INTENT, "requested_by_customer", true),
        (INTENT, "duplicate", true),
        (INTENT, "fraudulent", true),
        (INTENT, "other", false),
        (SESSION, "other", false),
    ] {
        let fake = Fake::new().await;
        fake.answers("GET", PAGE, 200, &session(&json!({ "status": "complete", "payment_intent": INTENT }))).await;
        fake.answers("GET", REFUNDS, 200, &list(&[refund(&json!({ "metadata": { "paydeck_key": "op_1" } }))], false))
            .await;
        fake.answers("POST", REFUNDS, 200, &refund(&json!({}))).await;
        let reply = fake.stripe.refunds().unwrap().refund(&call("op_2"), &request(name, reason)).await.unwrap();
        let done = RefundReply {
            gateway_ref: Some(REFUND.into()),
            amount: eur(500),
            state: RefundState::Succeeded,
            raw_code: None,
            raw_message: None,
        };
        assert_eq!(reply, done);
        let asked = fake.asked().await;
        let last = asked.last().unwrap();
        assert_eq!((last.what.as_str(), last.key.as_deref()), ("POST /v1/refunds", Some("op_2")));
        let mut form = pairs(&[("payment_intent", INTENT), ("amount", "500"), ("metadata[paydeck_key]", "op_2")]);
        if sent {
            form.insert("reason".into(), reason.into());
        }
        assert_eq!(last.form, form);
        let looked = &asked[asked.len() - 2];
        assert_eq!(looked.query, pairs(&[("payment_intent", INTENT), ("limit", "100")]));
    }
}

#[tokio::test]
async fn a_key_refunds_once_however_old_it_is() {
    // Stripe has forgotten the key, and would refund again.
    let fake = Fake::new().await;
    fake.answers("GET", REFUNDS, 200, &list(&[refund(&json!({ "status": "pending" }))], false)).await;
    let refunds = fake.stripe.refunds().unwrap();
    let reply = refunds.refund(&call("op_2"), &request(INTENT, "other")).await.unwrap();
    assert_eq!((reply.gateway_ref.as_deref(), reply.state), (Some(REFUND), RefundState::Pending));
    assert_eq!(fake.asked().await.len(), 1);
    // Under the same key with another amount.
    let other = RefundRequest { amount: eur(501), ..request(INTENT, "other") };
    let failure = refunds.refund(&call("op_2"), &other).await.unwrap_err();
    assert!(matches!(failure, GatewayFailure::Unknown { .. }));
    // Where that can't be found out, nothing is sent.
    for (status, body) in [(500, json!({})), (429, error("x", None, None)), (200, json!({}))] {
        let fake = Fake::new().await;
        fake.answers("GET", REFUNDS, status, &body).await;
        let failure =
            fake.stripe.refunds().unwrap().refund(&call("op_2"), &request(INTENT, "other")).await.unwrap_err();
        assert!(matches!(failure, GatewayFailure::NotSent { .. }), "{status}");
        assert_eq!(fake.asked().await.len(), 1);
    }
}

#[tokio::test]
async fn a_repeated_answer_is_asked_again() {
    let fake = Fake::new().await;
    fake.answers("GET", REFUNDS, 200, &list(&[], false)).await;
    fake.repeats(REFUNDS, 200, &refund(&json!({ "status": "pending" }))).await;
    fake.answers("GET", "/v1/refunds/re_3PabcDEF", 200, &refund(&json!({}))).await;
    let reply = fake.stripe.refunds().unwrap().refund(&call("op_2"), &request(INTENT, "other")).await.unwrap();
    assert_eq!(reply.state, RefundState::Succeeded);
}

#[tokio::test]
async fn what_was_not_paid_is_not_given_back() {
    let fake = Fake::new().await;
    fake.answers("GET", PAGE, 200, &session(&json!({}))).await;
    let refunds = fake.stripe.refunds().unwrap();
    let reply = refunds.refund(&call("op_2"), &request(SESSION, "other")).await.unwrap();
    assert_eq!(reply.state, RefundState::Failed { code: "charge_not_refundable" });
    assert!(refunds.refund(&call("op_2"), &request("../x", "other")).await.is_err());
    let fake = Fake::new().await;
    fake.answers("GET", PAGE, 401, &error("invalid_request_error", None, None)).await;
    let reply = fake.stripe.refunds().unwrap().refund(&call("op_2"), &request(SESSION, "other")).await.unwrap();
    assert_eq!(reply.state, RefundState::Failed { code: "gateway_misconfigured" });
}

#[tokio::test]
async fn where_a_refund_stands() {
    let failed = |code| RefundState::Failed { code };
    for (status, reason, state) in [
        ("succeeded", Value::Null, RefundState::Succeeded),
        ("pending", Value::Null, RefundState::Pending),
        ("requires_action", Value::Null, RefundState::Pending),
        ("canceled", Value::Null, failed("other")),
        ("failed", json!("lost_or_stolen_card"), failed("bank_returned")),
        ("failed", json!("expired_or_canceled_card"), failed("bank_returned")),
        ("failed", json!("declined"), failed("bank_returned")),
        ("failed", json!("charge_for_pending_refund_disputed"), failed("charge_not_refundable")),
        ("failed", json!("insufficient_funds"), failed("other")),
        ("failed", json!("merchant_request"), failed("other")),
        ("failed", json!("unknown"), failed("other")),
    ] {
        let fake = Fake::new().await;
        let body = refund(&json!({ "status": status, "failure_reason": reason }));
        fake.answers("GET", "/v1/refunds/re_3PabcDEF", 200, &body).await;
        let lookup = fake.stripe.lookup().unwrap();
        let reply = lookup.find_refund(&call("op_9"), "op_2", crate::CHARGE, Some(REFUND)).await.unwrap().unwrap();
        assert_eq!(reply.state, state, "{body}");
        assert_eq!(reply.raw_code.as_deref(), reason.as_str());
    }
}
