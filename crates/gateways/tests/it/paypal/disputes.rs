//! Disputes.

use super::*;
use domain::Timestamp;
use domain::dispute::{DisputeReason, DisputeStatus};
use gateways::{DisputeReply, GatewayFailure};

const DISPUTE: &str = "PP-D-27803";
const PATH: &str = "/v1/customer/disputes/PP-D-27803";
const CAPTURE: &str = "/v2/payments/captures/3C679366HH908993F";

async fn found(played: &Played) -> Result<Option<DisputeReply>, GatewayFailure> {
    played.paypal.disputes().unwrap().find_dispute(&call("x"), DISPUTE).await
}

async fn told(dispute: Value) -> DisputeReply {
    let played = Played::start().await;
    played.answer("GET", PATH, 200, &dispute).await;
    played.answer("GET", CAPTURE, 200, &fixture("capture")).await;
    found(&played).await.unwrap().unwrap()
}

fn with(fields: Value) -> Value {
    let mut dispute = fixture("dispute");
    for (name, value) in fields.as_object().unwrap() {
        dispute[name] = value.clone();
    }
    dispute
}

fn quarter_past_eight(month: u8, day: u8) -> Option<Timestamp> {
    Timestamp::from_date(2026, month, day).map(|midnight| midnight.plus(29_700_000))
}

#[tokio::test]
async fn a_dispute_is_told_with_the_order_it_is_about() {
    let reply = told(fixture("dispute")).await;
    let expected = DisputeReply {
        gateway_ref: DISPUTE.into(),
        charge_ref: ORDER.into(),
        amount: eur(1_000),
        taken: None,
        fee: None,
        reason: DisputeReason::ProductNotReceived,
        status: DisputeStatus::NeedsResponse,
        respond_by: quarter_past_eight(12, 2),
        opened_at: quarter_past_eight(11, 22).unwrap(),
        raw_code: Some("MERCHANDISE_OR_SERVICE_NOT_RECEIVED".into()),
    };
    assert_eq!(reply, expected);
}

#[tokio::test]
async fn every_stage_and_outcome() {
    let outcome = |code: &str| json!({ "status": "RESOLVED", "dispute_outcome": { "outcome_code": code } });
    let nothing = Some(eur(0));
    for (fields, status, taken) in [
        (json!({ "status": "OPEN", "dispute_life_cycle_stage": "INQUIRY" }), DisputeStatus::Inquiry, nothing),
        (json!({ "dispute_life_cycle_stage": "INQUIRY" }), DisputeStatus::Inquiry, nothing),
        (json!({ "status": "OPEN" }), DisputeStatus::NeedsResponse, None),
        (json!({ "status": "WAITING_FOR_BUYER_RESPONSE" }), DisputeStatus::UnderReview, None),
        (
            json!({ "status": "UNDER_REVIEW", "dispute_life_cycle_stage": "ARBITRATION" }),
            DisputeStatus::UnderReview,
            None,
        ),
        (json!({ "status": "OTHER" }), DisputeStatus::UnderReview, None),
        (outcome("RESOLVED_BUYER_FAVOUR"), DisputeStatus::Lost, None),
        (outcome("ACCEPTED"), DisputeStatus::Lost, None),
        (outcome("RESOLVED_SELLER_FAVOUR"), DisputeStatus::Won, nothing),
        (outcome("RESOLVED_WITH_PAYOUT"), DisputeStatus::Won, nothing),
        (outcome("DENIED"), DisputeStatus::Won, nothing),
        (outcome("CANCELED_BY_BUYER"), DisputeStatus::Closed, nothing),
        (outcome("NONE"), DisputeStatus::Closed, nothing),
    ] {
        let reply = told(with(fields.clone())).await;
        assert_eq!((reply.status, reply.taken, reply.fee), (status, taken, None), "{fields}");
        assert_eq!(reply.respond_by.is_none(), status.is_over(), "{fields}");
    }
}

#[tokio::test]
async fn what_moved_is_what_was_taken() {
    let movement = |kind: &str, value: &str, reason: &str| {
        json!({
            "affected_party": "SELLER",
            "amount": { "currency_code": "EUR", "value": value },
            "initiated_time": "2026-11-23T00:00:00.000Z",
            "type": kind,
            "reason": reason,
        })
    };
    let lost = json!({
        "status": "RESOLVED",
        "dispute_outcome": { "outcome_code": "RESOLVED_BUYER_FAVOUR" },
        "external_reason_code": "10.4",
        "reason": "UNAUTHORISED",
        "money_movements": [movement("DEBIT", "10.00", "DISPUTE_SETTLEMENT"), movement("DEBIT", "16.00", "CHARGEBACK_FEE")],
    });
    let reply = told(with(lost)).await;
    assert_eq!((reply.taken, reply.fee), (Some(eur(1_000)), Some(eur(1_600))));
    assert_eq!((reply.reason, reply.raw_code.as_deref()), (DisputeReason::Fraudulent, Some("10.4")));
    let held =
        json!({ "status": "UNDER_REVIEW", "money_movements": [movement("DEBIT", "10.00", "DISPUTE_SETTLEMENT")] });
    assert_eq!(told(with(held)).await.taken, Some(eur(1_000)));
}

#[tokio::test]
async fn a_new_reason_is_told_as_it_came() {
    let reply = told(with(json!({ "reason": "SOMETHING_NEW" }))).await;
    assert_eq!((reply.reason, reply.raw_code.as_deref()), (DisputeReason::General, Some("SOMETHING_NEW")));
}

#[tokio::test]
async fn disputes_that_are_not_there() {
    let played = Played::start().await;
    played.answer("GET", PATH, 404, &error("RESOURCE_NOT_FOUND", "INVALID_DISPUTE_ID")).await;
    assert_eq!(found(&played).await, Ok(None));
    let other = played.paypal.disputes().unwrap().find_dispute(&call("x"), "../orders/1").await;
    assert_eq!(other, Ok(None));
    assert_eq!(played.calls().await, [format!("GET {PATH}")]);
}

#[tokio::test]
async fn a_payment_of_no_order_is_named_by_its_transaction() {
    let played = Played::start().await;
    played.answer("GET", PATH, 200, &fixture("dispute")).await;
    played.answer("GET", CAPTURE, 404, &error("RESOURCE_NOT_FOUND", "INVALID_RESOURCE_ID")).await;
    assert_eq!(found(&played).await.unwrap().unwrap().charge_ref, "3C679366HH908993F");
}

#[tokio::test]
async fn what_can_not_be_read_is_unknown() {
    for (pointer, wrong) in [
        ("/dispute_id", json!("PP-D-1")),
        ("/create_time", json!("yesterday")),
        ("/create_time", json!(null)),
        ("/seller_response_due_date", json!("soon")),
        ("/disputed_transactions", json!([])),
        ("/disputed_transactions/0/seller_transaction_id", json!("../x")),
        ("/reason", json!(1)),
        ("/status", json!("NEW")),
        ("/status", json!("RESOLVED")),
        ("/dispute_amount/value", json!("ten")),
        ("/dispute_amount/value", json!("0.00")),
        ("/dispute_amount/currency_code", json!("XXX")),
    ] {
        let played = Played::start().await;
        played.answer("GET", PATH, 200, &changed(fixture("dispute"), pointer, wrong.clone())).await;
        played.answer("GET", CAPTURE, 200, &fixture("capture")).await;
        let failure = found(&played).await.unwrap_err();
        assert!(matches!(failure, GatewayFailure::Unknown { .. }), "{pointer} {wrong}");
    }
    let outcome = json!({ "status": "RESOLVED", "dispute_outcome": { "outcome_code": "NEW" } });
    for dispute in [with(outcome), with(json!({ "money_movements": [{}] })), json!([]), json!("x")] {
        let played = Played::start().await;
        played.answer("GET", PATH, 200, &dispute).await;
        assert!(matches!(found(&played).await, Err(GatewayFailure::Unknown { .. })), "{dispute}");
    }
}

#[tokio::test]
async fn a_capture_that_can_not_be_asked_for_leaves_the_dispute_for_later() {
    for (status, answer) in [(500, json!({})), (403, error("NOT_AUTHORIZED", "PERMISSION_DENIED"))] {
        let played = Played::start().await;
        played.answer("GET", PATH, 200, &fixture("dispute")).await;
        played.answer("GET", CAPTURE, status, &answer).await;
        assert!(matches!(found(&played).await, Err(GatewayFailure::Unknown { .. })), "{status}");
    }
}
