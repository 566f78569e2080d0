//! Keeping a wallet without a charge, and forgetting it.

use super::*;
use domain::Locale;
use domain::decline::DeclineCode::{self, *};
use gateways::{GatewayFailure, Keep, SetUpReply, SetUpRequest, SetUpState};

const SETUP: &str = "4G4976650J0948357";
const SETUPS: &str = "/v3/vault/setup-tokens";
const SETUP_PATH: &str = "/v3/vault/setup-tokens/4G4976650J0948357";
const TOKENS: &str = "/v3/vault/payment-tokens";
const TOKEN: &str = "/v3/vault/payment-tokens/3nqvjt3n";
const APPROVE: &str = "https://www.sandbox.paypal.com/agreements/approve?approval_session_id=4G4976650J0948357";

fn request(method: MethodInput) -> SetUpRequest {
    SetUpRequest {
        method,
        keep: Keep { customer: "cus_1".into(), gateway_customer: None },
        email: Some("buyer@example.com".into()),
        return_url: "https://pay.example/s/x".into(),
        locale: Locale::En,
    }
}

async fn set_up(played: &Played) -> Result<SetUpReply, GatewayFailure> {
    played.paypal.saves().unwrap().set_up(&call("op_setup_1"), &request(MethodInput::Page)).await
}

async fn finished(played: &Played) -> Result<SetUpReply, GatewayFailure> {
    played.paypal.saves().unwrap().finish_set_up(&call("k"), SETUP).await
}

async fn forgotten(played: &Played) -> Result<(), GatewayFailure> {
    played.paypal.saves().unwrap().forget(&call("k"), &saved()).await
}

fn setup(status: &str) -> Value {
    changed(fixture("setup_token"), "/status", status.into())
}

async fn approved() -> Played {
    let played = Played::start().await;
    played.answer("GET", SETUP_PATH, 200, &setup("APPROVED")).await;
    played
}

#[tokio::test]
async fn a_setup_token_leads_to_paypals_page() {
    let played = Played::start().await;
    played.answer("POST", SETUPS, 201, &fixture("setup_token")).await;
    let reply = set_up(&played).await.unwrap();
    assert_eq!(reply.state, SetUpState::RequiresAction { url: APPROVE.into() });
    assert_eq!(reply.gateway_ref.as_deref(), Some(SETUP));
    let [sent] = &played.seen("POST", SETUPS).await[..] else { panic!("one setup token") };
    assert_eq!(header(sent, "paypal-request-id"), "op_setup_1");
    assert_eq!(header(sent, "authorization"), "Bearer A21AA-first");
    let expected = json!({
        "customer": { "merchant_customer_id": "cus_1" },
        "payment_source": { "paypal": {
            "usage_type": "MERCHANT",
            "permit_multiple_payment_tokens": true,
            "experience_context": {
                "return_url": "https://pay.example/s/x",
                "cancel_url": "https://pay.example/s/x",
                "shipping_preference": "NO_SHIPPING",
                "locale": "en-US",
            },
        }},
    });
    assert_eq!(body(sent), expected);

    let keep = Keep { customer: "cus_1".into(), gateway_customer: Some("208743798".into()) };
    let known = SetUpRequest { keep, locale: Locale::Fa, ..request(MethodInput::Page) };
    played.paypal.saves().unwrap().set_up(&call("op_setup_2"), &known).await.unwrap();
    let sent = body(&played.seen("POST", SETUPS).await[1]);
    assert_eq!(sent["customer"], json!({ "id": "208743798", "merchant_customer_id": "cus_1" }));
    assert_eq!(sent.pointer("/payment_source/paypal/experience_context/locale"), None);
}

#[tokio::test]
async fn only_paypals_page_sets_up() {
    let played = Played::start().await;
    for method in [crate::card("4242424242424242"), MethodInput::Token("x".into()), MethodInput::Saved(saved())] {
        let reply = played.paypal.saves().unwrap().set_up(&call("k"), &request(method)).await.unwrap();
        assert_eq!((reply.state, reply.gateway_ref), (SetUpState::Declined(CardNotSupported), None));
    }
    assert!(played.server.received_requests().await.unwrap().is_empty());
}

#[tokio::test]
async fn refused_set_ups_are_declines() {
    for (status, issue, code) in [
        (422, "NOT_ENABLED_TO_VAULT_PAYMENT_SOURCE", GatewayMisconfigured),
        (403, "PERMISSION_DENIED", GatewayMisconfigured),
        (400, "INVALID_PARAMETER_SYNTAX", ProcessingError),
        (422, "NEVER_SEEN", GenericDecline),
    ] as [(u16, &str, DeclineCode); 4]
    {
        let played = Played::start().await;
        played.answer("POST", SETUPS, status, &error("UNPROCESSABLE_ENTITY", issue)).await;
        let reply = set_up(&played).await.unwrap();
        assert_eq!((reply.state, reply.raw_code.as_deref()), (SetUpState::Declined(code), Some(issue)));
        let played = approved().await;
        played.answer("POST", TOKENS, status, &error("UNPROCESSABLE_ENTITY", issue)).await;
        let reply = finished(&played).await.unwrap();
        assert_eq!((reply.state, reply.gateway_ref.as_deref()), (SetUpState::Declined(code), Some(SETUP)));
    }
}

#[tokio::test]
async fn an_approved_setup_token_becomes_a_payment_token() {
    for status in ["APPROVED", "VAULTED", "TOKENIZED"] {
        let played = Played::start().await;
        played.answer("GET", SETUP_PATH, 200, &setup(status)).await;
        played.answer("POST", TOKENS, 201, &fixture("payment_token")).await;
        for _ in 0..2 {
            let reply = finished(&played).await.unwrap();
            assert_eq!((reply.state, reply.gateway_ref.as_deref()), (SetUpState::Saved(saved()), Some(SETUP)));
        }
        for sent in played.seen("POST", TOKENS).await {
            assert_eq!(header(&sent, "paypal-request-id"), "4G4976650J0948357-token");
            let token = json!({ "id": SETUP, "type": "SETUP_TOKEN" });
            assert_eq!(body(&sent), json!({ "payment_source": { "token": token } }));
        }
    }
    // Under the same key, the answer to making it may come after the payer's approval.
    let played = Played::start().await;
    played.answer("POST", SETUPS, 200, &setup("APPROVED")).await;
    played.answer("POST", TOKENS, 200, &fixture("payment_token")).await;
    assert_eq!(set_up(&played).await.unwrap().state, SetUpState::Saved(saved()));
}

#[tokio::test]
async fn a_setup_token_that_waits_or_is_gone() {
    for status in ["CREATED", "PAYER_ACTION_REQUIRED"] {
        let played = Played::start().await;
        played.answer("GET", SETUP_PATH, 200, &setup(status)).await;
        let waiting = SetUpState::RequiresAction { url: APPROVE.into() };
        assert_eq!(finished(&played).await.unwrap().state, waiting);
        assert!(played.seen("POST", TOKENS).await.is_empty());
    }
    let played = approved().await;
    played.answer("POST", TOKENS, 422, &error("UNPROCESSABLE_ENTITY", "PAYER_ACTION_REQUIRED")).await;
    assert!(matches!(finished(&played).await.unwrap().state, SetUpState::RequiresAction { .. }));

    let gone = error("RESOURCE_NOT_FOUND", "INVALID_RESOURCE_ID");
    let played = Played::start().await;
    played.answer("GET", SETUP_PATH, 404, &gone).await;
    assert_eq!(finished(&played).await.unwrap().state, SetUpState::Canceled);
    let played = approved().await;
    played.answer("POST", TOKENS, 404, &gone).await;
    assert_eq!(finished(&played).await.unwrap().state, SetUpState::Canceled);
}

#[tokio::test]
async fn a_payment_token_whose_answer_was_lost_is_found_when_it_is_the_only_one() {
    let one = fixture("payment_token");
    let card = json!({ "id": "8kk8451t", "payment_source": { "card": { "last_digits": "1111" } } });
    let other = changed(one.clone(), "/customer/id", "1".into());
    for (tokens, pages, state) in [
        (json!([one]), 1, Some(SetUpState::Saved(saved()))),
        (json!([one]), 2, None),
        (json!([one, one]), 1, None),
        (json!([card]), 1, None),
        (json!([other]), 1, None),
        (json!([]), 1, None),
        (json!("x"), 1, None),
    ] {
        let played = approved().await;
        played.answer("POST", TOKENS, 422, &error("UNPROCESSABLE_ENTITY", "SETUP_TOKEN_ALREADY_TOKENIZED")).await;
        let list = json!({ "customer": { "id": "208743798" }, "payment_tokens": tokens, "total_pages": pages });
        played.answer("GET", TOKENS, 200, &list).await;
        let answer = finished(&played).await;
        match state {
            Some(state) => assert_eq!(answer.unwrap().state, state),
            None => assert!(matches!(answer, Err(GatewayFailure::Unknown { .. })), "{list}"),
        }
        assert_eq!(played.seen("GET", TOKENS).await[0].url.query(), Some("customer_id=208743798"));
    }
}

#[tokio::test]
async fn answers_that_say_nothing_leave_it_open() {
    for answer in [
        setup("NEW"),
        changed(fixture("setup_token"), "/id", "../x".into()),
        changed(fixture("setup_token"), "/links/1/href", "javascript:alert(1)".into()),
        changed(fixture("setup_token"), "/links", json!([])),
        json!({}),
        json!([]),
    ] {
        let played = Played::start().await;
        played.answer("POST", SETUPS, 201, &answer).await;
        played.answer("GET", SETUP_PATH, 200, &answer).await;
        assert!(matches!(set_up(&played).await, Err(GatewayFailure::Unknown { .. })), "{answer}");
        assert!(matches!(finished(&played).await, Err(GatewayFailure::Unknown { .. })), "{answer}");
    }
    for token in [json!({}), json!({ "id": "../x" }), json!([])] {
        let played = approved().await;
        played.answer("POST", TOKENS, 201, &token).await;
        assert!(matches!(finished(&played).await, Err(GatewayFailure::Unknown { .. })), "{token}");
    }
    // Another setup token than was asked for.
    let played = Played::start().await;
    played.answer("GET", SETUP_PATH, 200, &changed(setup("APPROVED"), "/id", "OTHER".into())).await;
    assert!(matches!(finished(&played).await, Err(GatewayFailure::Unknown { .. })));
    // What can't be a name is not asked for.
    let odd = played.paypal.saves().unwrap().finish_set_up(&call("k"), "../x").await;
    assert!(matches!(odd, Err(GatewayFailure::NotSent { .. })));
    assert_eq!(played.calls().await.len(), 1);
}

#[tokio::test]
async fn faults_of_every_kind() {
    for (response, failure) in [
        (ResponseTemplate::new(500).set_body_json(error("INTERNAL_SERVER_ERROR", "X")), "unknown"),
        (ResponseTemplate::new(404).set_body_string("not here"), "unknown"),
        (ResponseTemplate::new(409).set_body_json(error("RESOURCE_CONFLICT", "X")), "unknown"),
        (ResponseTemplate::new(200).set_body_string("<html>"), "unknown"),
        (ResponseTemplate::new(302).insert_header("location", "https://example.com/"), "unknown"),
        (ResponseTemplate::new(429).set_body_json(error("RATE_LIMIT_REACHED", "")), "not sent"),
    ] {
        let played = Played::start().await;
        Mock::given(wiremock::matchers::any()).respond_with(response.clone()).mount(&played.server).await;
        let turning = approved().await;
        turning.respond("POST", TOKENS, response.clone()).await;
        for told in [
            set_up(&played).await.unwrap_err(),
            finished(&played).await.unwrap_err(),
            finished(&turning).await.unwrap_err(),
            forgotten(&played).await.unwrap_err(),
        ] {
            assert!(told.to_string().starts_with(failure), "{told} {response:?}");
        }
    }
    let nobody = at("http://127.0.0.1:1");
    let saves = nobody.saves().unwrap();
    let listened = [
        saves.set_up(&call("k"), &request(MethodInput::Page)).await.map(drop),
        saves.finish_set_up(&call("k"), SETUP).await.map(drop),
        saves.forget(&call("k"), &saved()).await,
    ];
    assert!(listened.iter().all(|told| matches!(told, Err(GatewayFailure::NotSent { .. }))), "{listened:?}");
    let played = Played::start().await;
    played.answer("GET", SETUP_PATH, 403, &error("NOT_AUTHORIZED", "PERMISSION_DENIED")).await;
    assert!(matches!(finished(&played).await, Err(GatewayFailure::NotSent { .. })));
}

#[tokio::test]
async fn a_wallet_is_forgotten() {
    let played = Played::start().await;
    played.respond("DELETE", TOKEN, ResponseTemplate::new(204)).await;
    forgotten(&played).await.unwrap();
    assert_eq!(played.calls().await, [format!("DELETE {TOKEN}")]);

    for (status, issue) in [(404, "INVALID_RESOURCE_ID"), (422, "TOKEN_ID_NOT_FOUND")] {
        let played = Played::start().await;
        played.answer("DELETE", TOKEN, status, &error("RESOURCE_NOT_FOUND", issue)).await;
        forgotten(&played).await.unwrap();
    }
    for (status, issue) in [(403, "PERMISSION_DENIED"), (400, "INVALID_REQUEST")] {
        let played = Played::start().await;
        played.answer("DELETE", TOKEN, status, &error("NOT_AUTHORIZED", issue)).await;
        assert!(forgotten(&played).await.is_err(), "{issue}");
    }
    let played = Played::start().await;
    let odd = SavedMethod { token: "../../v2/checkout/orders".into(), customer: None };
    played.paypal.saves().unwrap().forget(&call("k"), &odd).await.unwrap();
    assert!(played.server.received_requests().await.unwrap().is_empty());
}
