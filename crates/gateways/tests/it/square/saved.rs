//! Charging cards that Square keeps.

use super::*;
use domain::decline::DeclineCode;
use gateways::{ChargeReply, ChargeState, Gateway, Initiator, SavedMethod};

fn request(initiator: Initiator) -> ChargeRequest {
    ChargeRequest { initiator, ..crate::with(MethodInput::Saved(saved()), usd(1_000)) }
}

async fn charged(status: u16, answer: &Value) -> Result<ChargeReply, GatewayFailure> {
    let server = MockServer::start().await;
    answers(&server, "POST", "/v2/payments", status, answer).await;
    let reply = connector(&server).charges().charge(&call("op_1"), &request(Initiator::Merchant)).await;
    assert_eq!(sent(&server).await, ["POST /v2/payments"]);
    reply
}

#[tokio::test]
async fn a_kept_card_is_charged_by_its_name_and_who_asks_is_said() {
    for (initiator, here) in [(Initiator::Merchant, false), (Initiator::Customer, true)] {
        let server = MockServer::start().await;
        let key = key_of(NOW);
        answers(&server, "POST", "/v2/payments", 200, &payment(&key)).await;
        let square = connector(&server);
        // It is kept already: nothing is kept once more.
        let request = ChargeRequest { keep: Some(keep(Some(CUSTOMER))), ..request(initiator) };
        let reply = square.charges().charge(&call(&key), &request).await.unwrap();
        assert_eq!(reply.state, ChargeState::Succeeded { captured: usd(1_000), fee: None });
        assert_eq!((reply.gateway_ref.as_deref(), reply.saved), (Some(PAYMENT), None));
        let expected = json!({
            "source_id": CARD,
            "customer_id": CUSTOMER,
            "customer_details": { "customer_initiated": here, "seller_keyed_in": false },
            "idempotency_key": key,
            "amount_money": { "amount": 1_000, "currency": "USD" },
            "autocomplete": true,
            "accept_partial_authorization": false,
            "location_id": "L88917AVBK2S5",
            "reference_id": key,
            "note": format!("pi_1 paydeck:{key}"),
        });
        assert_eq!(body(&server, "POST", "/v2/payments").await, expected);
        assert_eq!(sent(&server).await, ["POST /v2/payments"]);
    }
}

#[tokio::test]
async fn a_kept_card_can_be_authorised() {
    let server = MockServer::start().await;
    answers(&server, "POST", "/v2/payments", 200, &hold_in("op_1", "APPROVED")).await;
    let request = ChargeRequest { capture: false, ..request(Initiator::Merchant) };
    let reply = connector(&server).charges().charge(&call("op_1"), &request).await.unwrap();
    assert!(matches!(reply.state, ChargeState::Authorized { capture_before: Some(_) }));
    assert_eq!(body(&server, "POST", "/v2/payments").await["autocomplete"], json!(false));
}

#[tokio::test]
async fn a_card_that_square_knows_no_more_is_a_no_for_good() {
    for (status, code, field) in [
        (404, "NOT_FOUND", Some("source_id")),
        (404, "NOT_FOUND", None),
        (404, "NOT_FOUND", Some("customer_id")),
        (400, "CUSTOMER_NOT_FOUND", None),
        (400, "INVALID_VALUE", Some("source_id")),
        (400, "INVALID_VALUE", Some("customer_id")),
        (400, "BAD_REQUEST", Some("source_id")),
    ] {
        let reply = charged(status, &error("INVALID_REQUEST_ERROR", code, field)).await.unwrap();
        let state = ChargeState::Declined(DeclineCode::SavedMethodGone);
        assert_eq!((reply.state, reply.raw_code.as_deref()), (state, Some(code)), "{field:?}");
    }
    // A location that Square does not know says nothing about the card.
    not_sent(charged(404, &error("INVALID_REQUEST_ERROR", "NOT_FOUND", Some("location_id"))).await);
}

#[tokio::test]
async fn declines_of_kept_cards_say_why_and_nothing_waits() {
    for (status, category, code, expected) in [
        (400, "PAYMENT_METHOD_ERROR", "CARD_DECLINED_VERIFICATION_REQUIRED", DeclineCode::AuthenticationRequired),
        (402, "PAYMENT_METHOD_ERROR", "INSUFFICIENT_FUNDS", DeclineCode::InsufficientFunds),
        (402, "PAYMENT_METHOD_ERROR", "CARD_EXPIRED", DeclineCode::ExpiredCard),
        (402, "PAYMENT_METHOD_ERROR", "INVALID_CARD", DeclineCode::IncorrectNumber),
        (402, "PAYMENT_METHOD_ERROR", "GENERIC_DECLINE", DeclineCode::GenericDecline),
        (401, "AUTHENTICATION_ERROR", "UNAUTHORIZED", DeclineCode::GatewayMisconfigured),
        (403, "AUTHENTICATION_ERROR", "INSUFFICIENT_SCOPES", DeclineCode::GatewayMisconfigured),
    ] {
        let reply = charged(status, &error(category, code, None)).await.unwrap();
        assert_eq!(reply.state, ChargeState::Declined(expected), "{code}");
    }
}

#[tokio::test]
async fn doubt_stays_doubt_and_what_did_nothing_did_nothing() {
    for status in [408, 409, 500, 503] {
        unknown(charged(status, &json!({})).await);
    }
    unknown(charged(400, &error("INVALID_REQUEST_ERROR", "IDEMPOTENCY_KEY_REUSED", Some("idempotency_key"))).await);
    unknown(charged(200, &json!({})).await);
    let mut euros = payment("op_1");
    euros["payment"]["total_money"]["currency"] = "EUR".into();
    unknown(charged(200, &euros).await);
    not_sent(charged(429, &json!({})).await);
    not_sent(charged(400, &error("INVALID_REQUEST_ERROR", "INVALID_FEES", None)).await);
}

#[tokio::test]
async fn names_that_square_can_not_have_given_are_not_sent() {
    let server = MockServer::start().await;
    let square = connector(&server);
    for (token, customer) in [
        ("ccof:a b", Some(CUSTOMER)),
        ("cnon:card-nonce-ok", Some(CUSTOMER)),
        ("", Some(CUSTOMER)),
        (CARD, None),
        (CARD, Some("../x")),
    ] {
        let odd = SavedMethod { token: token.into(), customer: customer.map(str::to_owned) };
        let request = crate::with(MethodInput::Saved(odd), usd(1_000));
        let reply = square.charges().charge(&call("op_1"), &request).await.unwrap();
        assert_eq!(reply.state, ChargeState::Declined(DeclineCode::SavedMethodGone), "{token} {customer:?}");
    }
    assert!(sent(&server).await.is_empty());
    assert_eq!(square.charges().accept(&MethodInput::Saved(saved()), NOW), Ok(None));
}
