//! Keeping cards without a charge, and forgetting them.

use super::*;
use domain::decline::DeclineCode;
use gateways::{CardFacts, Gateway, SavedMethod, SetUpReply, SetUpRequest, SetUpState};

fn request(method: MethodInput) -> SetUpRequest {
    SetUpRequest {
        method,
        keep: keep(None),
        email: Some("ada@example.com".into()),
        return_url: "https://pay.example/c/x".into(),
        locale: domain::Locale::En,
    }
}

fn token() -> SetUpRequest {
    request(token_request().method)
}

async fn set_up(server: &MockServer, request: &SetUpRequest) -> Result<SetUpReply, GatewayFailure> {
    connector(server).saves().unwrap().set_up(&call("op_1"), request).await
}

async fn finish(server: &MockServer, name: &str) -> Result<SetUpReply, GatewayFailure> {
    connector(server).saves().unwrap().finish_set_up(&call("x"), name).await
}

async fn forget(server: &MockServer, token: &str) -> Result<(), GatewayFailure> {
    let saved = SavedMethod { token: token.into(), customer: Some(CUSTOMER.into()) };
    connector(server).saves().unwrap().forget(&call("x"), &saved).await
}

/// A server that has no card yet, and whose calls answer so.
async fn server_with(customers: (u16, &Value), cards: (u16, &Value)) -> MockServer {
    let server = MockServer::start().await;
    answers(&server, "GET", "/v2/cards", 200, &json!({})).await;
    answers(&server, "POST", "/v2/customers/search", 200, &json!({})).await;
    answers(&server, "POST", "/v2/customers", customers.0, customers.1).await;
    answers(&server, "POST", "/v2/cards", cards.0, cards.1).await;
    server
}

#[tokio::test]
async fn a_token_is_kept() {
    let server = server_with((200, &customer()), (200, &kept_card("op_1"))).await;
    let reply = set_up(&server, &token()).await.unwrap();
    assert_eq!((reply.gateway_ref.as_deref(), reply.state), (Some(CARD), SetUpState::Saved(saved())));
    let visa = CardFacts {
        brand: "visa".into(),
        last4: "1111".into(),
        exp_month: Some(11),
        exp_year: Some(2030),
        country: None,
    };
    assert_eq!(reply.card, Some(visa));
    let card = body(&server, "POST", "/v2/cards").await;
    assert_eq!(card["source_id"], json!("cnon:card-nonce-ok"));
    assert_eq!(card["card"], json!({ "customer_id": CUSTOMER, "reference_id": "op_1" }));
    assert!(card["idempotency_key"].as_str().is_some_and(|key| (1..=45).contains(&key.len())));
    let customer = body(&server, "POST", "/v2/customers").await;
    assert_eq!((&customer["reference_id"], &customer["email_address"]), (&json!("cus_1"), &json!("ada@example.com")));
}

#[tokio::test]
async fn under_the_same_key_it_is_said_where_it_stands() {
    for (enabled, state) in [(true, SetUpState::Saved(saved())), (false, SetUpState::Canceled)] {
        let server = MockServer::start().await;
        let mut card = kept_card("op_1");
        card["card"]["enabled"] = enabled.into();
        answers(&server, "GET", "/v2/cards", 200, &json!({ "cards": [card["card"]] })).await;
        assert_eq!(set_up(&server, &token()).await.unwrap().state, state);
        assert_eq!(sent(&server).await, ["GET /v2/cards"]);
        let asked = super::request(&server, "GET", "/v2/cards").await;
        assert_eq!(asked.url.query(), Some("reference_id=op_1&include_disabled=true"));
    }
}

#[tokio::test]
async fn a_no_is_a_no_and_says_why() {
    for (status, category, code, field, expected) in [
        (400, "INVALID_REQUEST_ERROR", "INVALID_CARD_DATA", Some("source_id"), DeclineCode::IncorrectNumber),
        (400, "PAYMENT_METHOD_ERROR", "CARD_DECLINED_VERIFICATION_REQUIRED", None, DeclineCode::AuthenticationRequired),
        (400, "INVALID_REQUEST_ERROR", "SOURCE_USED", Some("source_id"), DeclineCode::TryAgainLater),
        (400, "INVALID_REQUEST_ERROR", "SOURCE_EXPIRED", Some("source_id"), DeclineCode::TryAgainLater),
        (404, "INVALID_REQUEST_ERROR", "NOT_FOUND", Some("source_id"), DeclineCode::TryAgainLater),
        (400, "INVALID_REQUEST_ERROR", "CARD_PROCESSING_NOT_ENABLED", None, DeclineCode::GatewayMisconfigured),
        (401, "AUTHENTICATION_ERROR", "UNAUTHORIZED", None, DeclineCode::GatewayMisconfigured),
        (403, "AUTHENTICATION_ERROR", "INSUFFICIENT_SCOPES", None, DeclineCode::GatewayMisconfigured),
    ] {
        let server = server_with((200, &customer()), (status, &error(category, code, field))).await;
        let reply = set_up(&server, &token()).await.unwrap();
        assert_eq!(reply.state, SetUpState::Declined(expected), "{code}");
        assert_eq!((reply.raw_code.as_deref(), reply.gateway_ref), (Some(code), None));
        assert_eq!(reply.raw_message, Some(format!("the detail of {code}")));
    }
}

#[tokio::test]
async fn what_is_no_answer_is_told_apart() {
    let made = customer();
    for (status, answer) in [
        (408, json!({})),
        (409, json!({})),
        (500, json!({})),
        (200, json!({})),
        (200, json!([])),
        (200, json!({ "card": { "id": CARD, "customer_id": CUSTOMER } })),
        (200, json!({ "card": { "id": CARD, "customer_id": "SOMEBODYELSE", "enabled": true } })),
        (400, error("INVALID_REQUEST_ERROR", "IDEMPOTENCY_KEY_REUSED", None)),
    ] {
        unknown(set_up(&server_with((200, &made), (status, &answer)).await, &token()).await);
    }
    for (status, answer) in [(429, json!({})), (400, error("INVALID_REQUEST_ERROR", "VALUE_TOO_LONG", Some("card")))] {
        let reason = not_sent(set_up(&server_with((200, &made), (status, &answer)).await, &token()).await);
        assert!(!reason.contains("detail"), "{reason}");
    }
    // The customer comes before the card: nothing is kept without one.
    let card = kept_card("op_1");
    for (status, answer) in [(500, json!({})), (200, json!({})), (200, json!({ "customer": { "id": "a/b" } }))] {
        let server = server_with((status, &answer), (200, &card)).await;
        unknown(set_up(&server, &token()).await);
        assert!(!sent(&server).await.contains(&"POST /v2/cards".to_owned()));
    }
    let refused = error("AUTHENTICATION_ERROR", "INSUFFICIENT_SCOPES", None);
    let reply = set_up(&server_with((403, &refused), (200, &card)).await, &token()).await.unwrap();
    assert_eq!(reply.state, SetUpState::Declined(DeclineCode::GatewayMisconfigured));
    // Whether there is a card already is not known.
    for status in [401, 429, 500] {
        let server = MockServer::start().await;
        answers(&server, "GET", "/v2/cards", status, &json!({})).await;
        assert!(set_up(&server, &token()).await.is_err());
        assert_eq!(sent(&server).await, ["GET /v2/cards"]);
    }
}

#[tokio::test]
async fn what_square_can_not_keep_is_not_sent() {
    let server = MockServer::start().await;
    for method in [
        MethodInput::Page,
        MethodInput::Saved(saved()),
        MethodInput::Token("ccof:abc".into()),
        crate::card("4242424242424242"),
    ] {
        let reply = set_up(&server, &request(method)).await.unwrap();
        assert_eq!(reply.state, SetUpState::Declined(DeclineCode::CardNotSupported));
    }
    let mut odd = token();
    odd.keep.customer = "cus 1".into();
    not_sent(set_up(&server, &odd).await);
    assert!(sent(&server).await.is_empty());
}

#[tokio::test]
async fn where_it_stands_the_card_says() {
    let path = format!("/v2/cards/{CARD}");
    for (status, enabled, state) in
        [(200, true, SetUpState::Saved(saved())), (200, false, SetUpState::Canceled), (404, true, SetUpState::Canceled)]
    {
        let server = MockServer::start().await;
        let mut card = kept_card("op_1");
        card["card"]["enabled"] = enabled.into();
        let missing = error("INVALID_REQUEST_ERROR", "NOT_FOUND", None);
        answers(&server, "GET", &path, status, if status == 200 { &card } else { &missing }).await;
        let reply = finish(&server, CARD).await.unwrap();
        assert_eq!((reply.gateway_ref.as_deref(), reply.state), (Some(CARD), state));
    }
    for (status, answer) in [(500, json!({})), (200, json!({})), (200, json!({ "card": {} }))] {
        let server = MockServer::start().await;
        answers(&server, "GET", &path, status, &answer).await;
        unknown(finish(&server, CARD).await);
    }
    let server = MockServer::start().await;
    assert_eq!(finish(&server, "../payments").await.unwrap().state, SetUpState::Canceled);
    assert!(sent(&server).await.is_empty());
}

#[tokio::test]
async fn a_card_is_forgotten_once_and_for_all() {
    let path = format!("/v2/cards/{CARD}/disable");
    let mut disabled = kept_card("op_1");
    disabled["card"]["enabled"] = false.into();
    let missing = error("INVALID_REQUEST_ERROR", "NOT_FOUND", Some("card_id"));
    // Square disables what is disabled, and says so.
    for (status, answer) in [(200, &disabled), (404, &missing)] {
        let server = MockServer::start().await;
        answers(&server, "POST", &path, status, answer).await;
        assert_eq!(forget(&server, CARD).await, Ok(()));
        assert_eq!(body(&server, "POST", &path).await, json!({}));
    }
    for (status, answer) in
        [(500, json!({})), (409, json!({})), (200, json!({})), (200, kept_card("op_1")), (404, json!({}))]
    {
        let server = MockServer::start().await;
        answers(&server, "POST", &path, status, &answer).await;
        unknown(forget(&server, CARD).await);
    }
    for (status, code) in [(401, "UNAUTHORIZED"), (403, "INSUFFICIENT_SCOPES"), (429, "RATE_LIMITED")] {
        let server = MockServer::start().await;
        answers(&server, "POST", &path, status, &error("", code, None)).await;
        not_sent(forget(&server, CARD).await);
    }
    // What Square can't know.
    let server = MockServer::start().await;
    assert_eq!(forget(&server, "pm_1/x").await, Ok(()));
    assert!(sent(&server).await.is_empty());
}
