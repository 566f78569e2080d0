//! Disputes.

use super::*;
use domain::Timestamp;
use domain::dispute::{DisputeReason, DisputeStatus};
use gateways::{DisputeReply, Gateway};

const DISPUTE: &str = "XDgyFu7yo1E2S5lQGGpYn";
const PATH: &str = "/v2/disputes/XDgyFu7yo1E2S5lQGGpYn";

fn dispute() -> Value {
    fixture(include_str!("fixtures/dispute.json"), "")
}

async fn found(status: u16, answer: &Value) -> Result<Option<DisputeReply>, GatewayFailure> {
    let server = MockServer::start().await;
    answers(&server, "GET", PATH, status, answer).await;
    let reply = connector(&server).disputes().unwrap().find_dispute(&call("x"), DISPUTE).await;
    request(&server, "GET", PATH).await;
    reply
}

#[tokio::test]
async fn a_dispute_is_told_with_the_payment_that_it_is_about() {
    let reply = found(200, &dispute()).await.unwrap().unwrap();
    let expected = DisputeReply {
        gateway_ref: DISPUTE.into(),
        charge_ref: PAYMENT.into(),
        amount: usd(1_000),
        taken: Some(usd(1_000)),
        fee: None,
        reason: DisputeReason::Fraudulent,
        status: DisputeStatus::NeedsResponse,
        respond_by: Some(Timestamp(NOW.0 + 13 * 86_400_000)),
        opened_at: Timestamp(NOW.0 - (5 * 3_600 + 14 * 60 + 37) * 1_000 - 735),
        raw_code: Some("NO_KNOWLEDGE".into()),
    };
    assert_eq!(reply, expected);
    // A charge is asked about by the same name.
    let server = MockServer::start().await;
    answers(&server, "GET", &format!("/v2/payments/{PAYMENT}"), 200, &payment("op_1")).await;
    let square = connector(&server);
    let charge = square.lookup().unwrap().find_charge(&call("x"), "op_1", Some(&reply.charge_ref)).await.unwrap();
    assert_eq!(charge.unwrap().gateway_ref, Some(reply.charge_ref));
}

#[tokio::test]
async fn a_won_dispute_leaves_the_money_and_another_currency_is_carried() {
    let mut won = dispute();
    won["dispute"]["state"] = "WON".into();
    won["dispute"]["amount_money"] = json!({ "amount": 950, "currency": "EUR" });
    let reply = found(200, &won).await.unwrap().unwrap();
    assert_eq!((reply.status, reply.respond_by), (DisputeStatus::Won, None));
    assert_eq!((reply.amount, reply.taken), (crate::eur(950), Some(crate::eur(0))));
}

#[tokio::test]
async fn an_older_dispute_has_its_name_elsewhere() {
    let mut older = dispute();
    older["dispute"]["dispute_id"] = older["dispute"]["id"].take();
    assert_eq!(found(200, &older).await.unwrap().unwrap().gateway_ref, DISPUTE);
}

#[tokio::test]
async fn a_dispute_that_square_has_not_is_none() {
    assert_eq!(found(404, &error("INVALID_REQUEST_ERROR", "NOT_FOUND", None)).await, Ok(None));
    let server = MockServer::start().await;
    for odd in ["", "a/b", "../payments", "a?b"] {
        assert_eq!(connector(&server).disputes().unwrap().find_dispute(&call("x"), odd).await, Ok(None));
    }
    assert!(sent(&server).await.is_empty());
}

#[tokio::test]
async fn what_is_no_answer_is_none_either() {
    for (status, code) in [(401, "UNAUTHORIZED"), (403, "INSUFFICIENT_SCOPES"), (429, "RATE_LIMITED")] {
        not_sent(found(status, &error("", code, None)).await);
    }
    for status in [404, 408, 500, 503] {
        unknown(found(status, &json!({})).await);
    }
    let changed = |field: &str, odd: Value| {
        let mut dispute = dispute();
        dispute["dispute"][field] = odd;
        dispute
    };
    for answer in [
        json!({}),
        json!([]),
        json!("nonsense"),
        json!({ "dispute": {} }),
        changed("id", json!("another")),
        changed("state", json!("SOMETHING_NEW")),
        changed("state", json!(5)),
        changed("amount_money", json!({ "amount": 10.5, "currency": "USD" })),
        changed("amount_money", json!({ "amount": 1_000, "currency": "XTS" })),
        changed("disputed_payment", json!({})),
        changed("created_at", json!("long ago")),
        changed("due_at", json!("soon")),
    ] {
        unknown(found(200, &answer).await);
    }
}
