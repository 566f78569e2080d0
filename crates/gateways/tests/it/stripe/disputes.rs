//! Disputes, as Stripe tells them.

use super::{DISPUTE, Fake, INTENT, call, dispute, error};
use crate::eur;
use domain::dispute::{DisputeReason, DisputeStatus};
use domain::{Currency, Money, Timestamp};
use gateways::{DisputeReply, Gateway, GatewayFailure};
use serde_json::{Value, json};

const ONE: &str = "/v1/disputes/du_1PabcDEF";

async fn found(status: u16, body: &Value) -> Result<Option<DisputeReply>, GatewayFailure> {
    let fake = Fake::new().await;
    fake.answers("GET", ONE, status, body).await;
    let found = fake.stripe.disputes().unwrap().find_dispute(&call("op_9"), DISPUTE).await;
    let asked = fake.asked().await;
    assert_eq!((asked.len(), asked[0].what.as_str()), (1, "GET /v1/disputes/du_1PabcDEF"));
    found
}

async fn told(changes: &Value) -> DisputeReply {
    found(200, &dispute(changes)).await.unwrap().unwrap()
}

/// What is booked when Stripe gives back what it has withdrawn.
fn back() -> Value {
    let mut booked = dispute(&json!({}))["balance_transactions"].as_array().unwrap().clone();
    let mut second = booked[0].clone();
    second["amount"] = json!(1_099);
    second["fee"] = json!(0);
    second["reporting_category"] = json!("dispute_reversal");
    booked.push(second);
    Value::Array(booked)
}

#[tokio::test]
async fn a_dispute() {
    assert_eq!(
        told(&json!({})).await,
        DisputeReply {
            gateway_ref: DISPUTE.into(),
            charge_ref: INTENT.into(),
            amount: eur(1_099),
            taken: Some(eur(1_099)),
            fee: Some(eur(2_000)),
            reason: DisputeReason::ProductNotReceived,
            status: DisputeStatus::NeedsResponse,
            respond_by: Some(Timestamp(1_796_169_599_000)),
            opened_at: Timestamp(1_795_305_800_000),
            raw_code: Some("13.1".into()),
        }
    );
}

#[tokio::test]
async fn every_documented_status() {
    let until = Some(Timestamp(1_796_169_599_000));
    let nothing = json!([]);
    let withdrawn = dispute(&json!({}))["balance_transactions"].clone();
    for (status, booked, means, taken, respond_by) in [
        ("warning_needs_response", &nothing, DisputeStatus::Inquiry, 0, until),
        ("warning_under_review", &nothing, DisputeStatus::Inquiry, 0, None),
        ("warning_closed", &nothing, DisputeStatus::Closed, 0, None),
        // Not booked yet.
        ("needs_response", &nothing, DisputeStatus::NeedsResponse, 0, until),
        ("needs_response", &withdrawn, DisputeStatus::NeedsResponse, 1_099, until),
        ("under_review", &withdrawn, DisputeStatus::UnderReview, 1_099, None),
        // Given back provisionally.
        ("under_review", &back(), DisputeStatus::UnderReview, 0, None),
        ("won", &back(), DisputeStatus::Won, 0, None),
        // Decided, and not booked yet.
        ("won", &withdrawn, DisputeStatus::Won, 0, None),
        ("lost", &withdrawn, DisputeStatus::Lost, 1_099, None),
        ("prevented", &nothing, DisputeStatus::Closed, 0, None),
        // Settled with the merchant's money.
        ("prevented", &withdrawn, DisputeStatus::Lost, 1_099, None),
    ] {
        let reply = told(&json!({ "status": status, "balance_transactions": booked })).await;
        assert_eq!((reply.status, reply.taken), (means, Some(eur(taken))), "{status} {booked}");
        assert_eq!(reply.respond_by, respond_by, "{status}");
    }
}

#[tokio::test]
async fn what_it_does_not_tell() {
    let reply = told(&json!({ "balance_transactions": [] })).await;
    assert_eq!((reply.taken, reply.fee), (Some(eur(0)), None));
    let reply = told(&json!({ "balance_transactions": null })).await;
    assert_eq!((reply.taken, reply.fee), (None, None));
    let reply = told(&json!({ "balance_transactions": ["txn_1"] })).await;
    assert_eq!((reply.taken, reply.fee), (None, None));
    // No evidence is accepted.
    for due in [json!(0), Value::Null, json!(-1), json!("soon")] {
        assert_eq!(told(&json!({ "evidence_details": { "due_by": due } })).await.respond_by, None, "{due}");
    }
    // No network code: Stripe's own word.
    let reply = told(&json!({ "payment_method_details": null, "reason": "brand_new" })).await;
    assert_eq!((reply.reason, reply.raw_code.as_deref()), (DisputeReason::General, Some("brand_new")));
    let reply = told(&json!({ "payment_method_details": null, "network_reason_code": "4853" })).await;
    assert_eq!(reply.raw_code.as_deref(), Some("4853"));
}

#[tokio::test]
async fn it_is_withdrawn_in_the_currency_of_the_balance() {
    let mut booked = dispute(&json!({}))["balance_transactions"].clone();
    booked[0]["currency"] = json!("usd");
    booked[0]["amount"] = json!(-1_200);
    let reply = told(&json!({ "amount": 500, "currency": "jpy", "balance_transactions": booked })).await;
    let usd = |minor| Some(Money::new(minor, Currency::USD));
    assert_eq!(reply.amount, Money::new(500, Currency::JPY));
    assert_eq!((reply.taken, reply.fee), (usd(1_200), usd(2_000)));
}

#[tokio::test]
async fn the_charge_may_be_told_in_full() {
    let reply = told(&json!({ "payment_intent": { "id": INTENT, "object": "payment_intent" } })).await;
    assert_eq!(reply.charge_ref, INTENT);
}

#[tokio::test]
async fn nonsense_is_no_answer() {
    for changes in [
        json!({ "id": "du_other" }),
        json!({ "amount": null }),
        json!({ "amount": -1 }),
        json!({ "amount": 10.99 }),
        json!({ "currency": "zzz" }),
        json!({ "status": "brand_new" }),
        json!({ "status": null }),
        json!({ "reason": null }),
        json!({ "created": null }),
        json!({ "payment_intent": null }),
        json!({ "payment_intent": "../x" }),
    ] {
        let reply = found(200, &dispute(&changes)).await;
        assert!(matches!(reply, Err(GatewayFailure::Unknown { .. })), "{changes}: {reply:?}");
    }
    for (status, body) in [
        (401, error("invalid_request_error", None, None)),
        (403, error("invalid_request_error", None, None)),
        (404, json!({})),
        (429, error("invalid_request_error", None, None)),
        (500, json!({})),
        (200, json!({})),
        (200, json!([])),
    ] {
        let reply = found(status, &body).await;
        assert!(matches!(reply, Err(GatewayFailure::Unknown { .. })), "{status} {body}: {reply:?}");
    }
}

#[tokio::test]
async fn none_of_that_name() {
    let missing = error("invalid_request_error", Some("resource_missing"), Some("dispute"));
    assert_eq!(found(404, &missing).await, Ok(None));
    // Names go into addresses.
    let fake = Fake::new().await;
    for name in ["", "du_", "du_1/../x", "ch_1", "dp_a?b"] {
        let found = fake.stripe.disputes().unwrap().find_dispute(&call("op_9"), name).await;
        assert!(matches!(found, Err(GatewayFailure::Unknown { .. })), "{name}");
    }
    assert_eq!(fake.asked().await, []);
}
