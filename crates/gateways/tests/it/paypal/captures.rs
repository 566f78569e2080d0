//! Capturing and voiding authorisations.

use super::*;
use domain::{Currency, Money, decline::DeclineCode};
use gateways::{ChargeReply, ChargeState, GatewayFailure};

const CAPTURE: &str = "/v2/payments/authorizations/0VF52814937998046/capture";
const VOID: &str = "/v2/payments/authorizations/0VF52814937998046/void";

async fn authorized() -> Played {
    let played = Played::start().await;
    played.answer("GET", ORDER_PATH, 200, &order_authorized()).await;
    played
}

async fn captured(played: &Played, amount: Money) -> Result<ChargeReply, GatewayFailure> {
    played.paypal.captures().unwrap().capture(&call("op_capture_1"), ORDER, amount).await
}

async fn voided(played: &Played) -> Result<ChargeReply, GatewayFailure> {
    played.paypal.captures().unwrap().void(&call("op_void_1"), ORDER).await
}

fn capture_of(value: &str) -> Value {
    let mut capture = changed(fixture("capture"), "/amount/value", value.into());
    capture["seller_receivable_breakdown"]["gross_amount"]["value"] = value.into();
    capture
}

#[tokio::test]
async fn part_of_an_authorisation_is_captured_and_the_rest_released() {
    let played = authorized().await;
    played.answer("POST", CAPTURE, 201, &capture_of("6.50")).await;
    let reply = captured(&played, eur(650)).await.unwrap();
    assert_eq!(reply.state, ChargeState::Succeeded { captured: eur(650), fee: Some(eur(69)) });
    assert_eq!(reply.gateway_ref.as_deref(), Some(ORDER));
    let [sent] = &played.seen("POST", CAPTURE).await[..] else { panic!("one capture") };
    assert_eq!(header(sent, "paypal-request-id"), "op_capture_1");
    assert_eq!(header(sent, "prefer"), "return=representation");
    let expected = json!({ "amount": { "currency_code": "EUR", "value": "6.50" }, "final_capture": true });
    assert_eq!(body(sent), expected);
}

#[tokio::test]
async fn what_is_captured_is_not_captured_again() {
    let captures = json!({ "authorizations": [fixture("authorization")], "captures": [fixture("capture")] });
    let played = Played::start().await;
    played.answer("GET", ORDER_PATH, 200, &order_with("COMPLETED", captures)).await;
    let stands = ChargeState::Succeeded { captured: eur(1_000), fee: Some(eur(69)) };
    assert_eq!(captured(&played, eur(400)).await.unwrap().state, stands);
    assert_eq!(voided(&played).await.unwrap().state, stands);
    assert!(played.calls().await.iter().all(|name| name.starts_with("GET ")));
}

#[tokio::test]
async fn a_pending_capture_waits() {
    let pending = changed(fixture("capture"), "/status", "PENDING".into());
    let played = authorized().await;
    played.answer("POST", CAPTURE, 201, &pending).await;
    assert_eq!(captured(&played, eur(1_000)).await.unwrap().state, ChargeState::Processing);
    let played = Played::start().await;
    let payments = json!({ "authorizations": [fixture("authorization")], "captures": [pending] });
    played.answer("GET", ORDER_PATH, 200, &order_with("COMPLETED", payments)).await;
    assert_eq!(captured(&played, eur(1_000)).await.unwrap().state, ChargeState::Processing);
    assert_eq!(played.calls().await.len(), 1);
}

#[tokio::test]
async fn answers_for_another_amount_are_not_believed() {
    for (value, currency) in [("9.99", "EUR"), ("10.00", "USD"), ("", "EUR")] {
        let played = authorized().await;
        let capture = changed(capture_of(value), "/amount/currency_code", currency.into());
        played.answer("POST", CAPTURE, 201, &capture).await;
        let failure = captured(&played, eur(1_000)).await.unwrap_err();
        assert!(matches!(failure, GatewayFailure::Unknown { .. }), "{value} {currency}");
    }
}

#[tokio::test]
async fn refused_captures_are_declines() {
    for (status, issue, code) in [
        (422, "AUTHORIZATION_DENIED", DeclineCode::DoNotHonor),
        (422, "MAX_CAPTURE_AMOUNT_EXCEEDED", DeclineCode::GenericDecline),
        (403, "PERMISSION_DENIED", DeclineCode::GatewayMisconfigured),
        (404, "INVALID_RESOURCE_ID", DeclineCode::GenericDecline),
    ] {
        let played = authorized().await;
        played.answer("POST", CAPTURE, status, &error("UNPROCESSABLE_ENTITY", issue)).await;
        let reply = captured(&played, eur(1_000)).await.unwrap();
        assert_eq!((reply.state, reply.raw_code.as_deref()), (ChargeState::Declined(code), Some(issue)));
    }
    let played = authorized().await;
    let reply = captured(&played, Money::new(1, Currency::KWD)).await.unwrap();
    assert_eq!(reply.state, ChargeState::Declined(DeclineCode::CurrencyNotSupported));
    assert!(played.seen("POST", CAPTURE).await.is_empty());
}

#[tokio::test]
async fn an_authorisation_that_ended_is_asked_about() {
    for issue in ["AUTHORIZATION_ALREADY_CAPTURED", "AUTHORIZATION_VOIDED", "AUTHORIZATION_EXPIRED"] {
        let played = Played::start().await;
        played.answer_once("GET", ORDER_PATH, 200, &order_authorized()).await;
        played.answer("GET", ORDER_PATH, 200, &order_captured()).await;
        played.answer("POST", CAPTURE, 422, &error("UNPROCESSABLE_ENTITY", issue)).await;
        let state = captured(&played, eur(1_000)).await.unwrap().state;
        assert_eq!(state, ChargeState::Succeeded { captured: eur(1_000), fee: Some(eur(69)) }, "{issue}");
    }
}

#[tokio::test]
async fn an_authorisation_is_voided() {
    let void = changed(fixture("authorization"), "/status", "VOIDED".into());
    for response in [ResponseTemplate::new(204), ResponseTemplate::new(200).set_body_json(void)] {
        let played = authorized().await;
        played.respond("POST", VOID, response).await;
        let reply = voided(&played).await.unwrap();
        assert_eq!((reply.state, reply.gateway_ref.as_deref()), (ChargeState::Canceled, Some(ORDER)));
        assert_eq!(header(&played.seen("POST", VOID).await[0], "paypal-request-id"), "op_void_1");
    }
}

#[tokio::test]
async fn an_answer_that_does_not_say_voided_leaves_it_unknown() {
    for answer in [json!({}), fixture("authorization"), json!({ "status": 1 })] {
        let played = authorized().await;
        played.answer("POST", VOID, 200, &answer).await;
        assert!(matches!(voided(&played).await, Err(GatewayFailure::Unknown { .. })), "{answer}");
    }
}

#[tokio::test]
async fn what_can_not_be_voided_tells_where_it_stands() {
    let played = Played::start().await;
    played.answer_once("GET", ORDER_PATH, 200, &order_authorized()).await;
    played.answer("GET", ORDER_PATH, 200, &order_captured()).await;
    played.answer("POST", VOID, 422, &error("UNPROCESSABLE_ENTITY", "PREVIOUSLY_CAPTURED")).await;
    assert!(matches!(voided(&played).await.unwrap().state, ChargeState::Succeeded { .. }));

    let played = authorized().await;
    played.answer("POST", VOID, 422, &error("UNPROCESSABLE_ENTITY", "CANNOT_BE_VOIDED")).await;
    assert!(matches!(voided(&played).await.unwrap().state, ChargeState::Authorized { .. }));

    let played = authorized().await;
    played.answer("POST", VOID, 403, &error("NOT_AUTHORIZED", "PERMISSION_DENIED")).await;
    assert!(matches!(voided(&played).await, Err(GatewayFailure::NotSent { .. })));

    // Never authorised: the order waits for the payer.
    let played = Played::start().await;
    played.answer("GET", ORDER_PATH, 200, &fixture("order_approved")).await;
    assert!(matches!(voided(&played).await.unwrap().state, ChargeState::RequiresAction { .. }));
    assert_eq!(played.calls().await.len(), 1);
}
