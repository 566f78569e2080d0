//! Keeping a method without a charge, and forgetting it.

use super::{
    CUSTOMER, CUSTOMERS, Fake, METHOD, SESSION, SESSIONS, SETUP, SETUPS, call, error, keep, kept, list, pairs, session,
    setup,
};
use crate::card;
use domain::{Locale, decline::DeclineCode};
use gateways::http::Http;
use gateways::stripe::Stripe;
use gateways::{
    CardFacts, ChargeRequest, Gateway, GatewayFailure, Initiator, MethodInput, SavedMethod, SetUpReply, SetUpRequest,
    SetUpState,
};
use serde_json::{Value, json};

const PAGE_URL: &str = "https://checkout.stripe.com/c/pay/cs_test_a1B2c3#fid";
const DETACH: &str = "/v1/payment_methods/pm_1PabcDEF/detach";

fn request(method: MethodInput) -> SetUpRequest {
    SetUpRequest {
        method,
        keep: keep(),
        email: Some("ana@example.com".into()),
        return_url: "https://pay.example/m/x".into(),
        locale: Locale::En,
    }
}

fn of_fields() -> SetUpRequest {
    request(MethodInput::Token("ctoken_1PabcDEF".into()))
}

/// A page that keeps a method, with these changes.
fn page(changes: &Value) -> Value {
    let mut page = session(&json!({ "mode": "setup", "amount_total": null, "currency": null, "setup_intent": SETUP }));
    super::merge(&mut page, changes);
    page
}

/// A Stripe that knows the customer.
async fn fake() -> Fake {
    let fake = Fake::new().await;
    let known = json!({ "id": CUSTOMER, "object": "customer", "metadata": { "paydeck_customer": "cus_ana" } });
    fake.answers("GET", "/v1/customers/search", 200, &list(&[known], false)).await;
    fake
}

async fn set_up(fake: &Fake, request: &SetUpRequest) -> Result<SetUpReply, GatewayFailure> {
    fake.stripe.saves().unwrap().set_up(&call("op_1"), request).await
}

fn saved() -> SetUpReply {
    SetUpReply {
        gateway_ref: Some(SETUP.into()),
        state: SetUpState::Saved(kept()),
        card: Some(CardFacts {
            brand: "visa".into(),
            last4: "4242".into(),
            exp_month: Some(8),
            exp_year: Some(2030),
            country: Some("DE".into()),
        }),
        raw_code: None,
        raw_message: None,
    }
}

#[tokio::test]
async fn with_what_the_fields_gave() {
    let fake = fake().await;
    fake.answers("POST", SETUPS, 200, &setup(&json!({}))).await;
    assert_eq!(set_up(&fake, &of_fields()).await, Ok(saved()));
    let asked = fake.asked().await;
    assert_eq!((asked.len(), asked[1].what.as_str()), (2, "POST /v1/setup_intents"));
    assert_eq!(asked[1].key.as_deref(), Some("op_1-setup"));
    assert_eq!(
        asked[1].form,
        pairs(&[
            ("customer", CUSTOMER),
            ("usage", "off_session"),
            ("payment_method_types[]", "card"),
            ("confirmation_token", "ctoken_1PabcDEF"),
            ("confirm", "true"),
            ("return_url", "https://pay.example/m/x"),
            ("use_stripe_sdk", "false"),
            ("expand[]", "payment_method"),
            ("metadata[paydeck_key]", "op_1"),
            ("metadata[paydeck_customer]", "cus_ana"),
        ])
    );
}

#[tokio::test]
async fn a_repeated_answer_is_asked_again() {
    let waits = json!({ "status": "requires_action",
        "next_action": { "redirect_to_url": { "url": "https://hooks.stripe.com/3d" } } });
    let fake = fake().await;
    fake.repeats(SETUPS, 200, &setup(&waits)).await;
    fake.answers("GET", &format!("{SETUPS}/{SETUP}"), 200, &setup(&json!({}))).await;
    assert_eq!(set_up(&fake, &of_fields()).await, Ok(saved()));
    assert_eq!(fake.asked().await[2].query, pairs(&[("expand[]", "payment_method")]));
}

#[tokio::test]
async fn on_stripes_page() {
    let fake = fake().await;
    fake.answers("POST", SESSIONS, 200, &page(&json!({}))).await;
    let reply = set_up(&fake, &request(MethodInput::Page)).await.unwrap();
    assert_eq!(reply.gateway_ref.as_deref(), Some(SESSION));
    assert_eq!(reply.state, SetUpState::RequiresAction { url: PAGE_URL.into() });
    let asked = fake.asked().await;
    assert_eq!(
        (asked[1].what.as_str(), asked[1].key.as_deref()),
        ("POST /v1/checkout/sessions", Some("op_1-setup-page"))
    );
    assert_eq!(
        asked[1].form,
        pairs(&[
            ("mode", "setup"),
            ("payment_method_types[]", "card"),
            ("customer", CUSTOMER),
            ("success_url", "https://pay.example/m/x"),
            ("cancel_url", "https://pay.example/m/x"),
            ("locale", "en"),
            ("metadata[paydeck_key]", "op_1"),
            ("metadata[paydeck_customer]", "cus_ana"),
            ("setup_intent_data[metadata][paydeck_key]", "op_1"),
            ("setup_intent_data[metadata][paydeck_customer]", "cus_ana"),
        ])
    );
}

async fn finish(name: &str, body: &Value) -> Result<SetUpReply, GatewayFailure> {
    let fake = Fake::new().await;
    let list = if name.starts_with("cs_") { SESSIONS } else { SETUPS };
    fake.answers("GET", &format!("{list}/{name}"), 200, body).await;
    let saves = fake.stripe.saves().unwrap();
    let reply = saves.finish_set_up(&call("op_1"), name).await;
    // As often as one likes.
    assert_eq!(saves.finish_set_up(&call("op_2"), name).await, reply);
    reply
}

#[tokio::test]
async fn where_it_stands() {
    let failed = json!({ "status": "requires_payment_method", "payment_method": null, "last_setup_error": {
        "code": "setup_intent_authentication_failure", "message": "Not proved.", "type": "invalid_request_error",
        "payment_method": { "id": METHOD, "card": { "brand": "visa", "last4": "3220" } },
    } });
    let declined = json!({ "status": "requires_payment_method", "payment_method": null,
        "last_setup_error": { "code": "card_declined", "decline_code": "stolen_card" } });
    let bank = json!({ "status": "requires_action",
        "next_action": { "redirect_to_url": { "url": "https://hooks.stripe.com/3d" } } });
    for (changes, state, last4, code) in [
        (json!({}), SetUpState::Saved(kept()), Some("4242"), None),
        (bank, SetUpState::RequiresAction { url: "https://hooks.stripe.com/3d".into() }, Some("4242"), None),
        (
            failed,
            SetUpState::Declined(DeclineCode::AuthenticationFailed),
            Some("3220"),
            Some("setup_intent_authentication_failure"),
        ),
        (declined, SetUpState::Declined(DeclineCode::StolenCard), None, Some("stolen_card")),
        (json!({ "status": "canceled" }), SetUpState::Canceled, Some("4242"), None),
    ] {
        let reply = finish(SETUP, &setup(&changes)).await.unwrap();
        assert_eq!((reply.gateway_ref.as_deref(), reply.state), (Some(SETUP), state), "{changes}");
        assert_eq!(reply.card.as_ref().map(|card| card.last4.as_str()), last4, "{changes}");
        assert_eq!(reply.raw_code.as_deref(), code, "{changes}");
    }
    for changes in [
        json!({ "status": "processing" }),
        json!({ "status": "requires_payment_method" }),
        json!({ "status": "requires_confirmation" }),
        json!({ "status": "brand_new" }),
        json!({ "status": null }),
        json!({ "id": "seti_other" }),
        json!({ "customer": null }),
        json!({ "payment_method": { "id": null } }),
        json!({ "usage": "on_session" }),
        json!({ "status": "requires_action" }),
        json!({ "status": "requires_action", "next_action": { "redirect_to_url": { "url": "http://plain.example" } } }),
    ] {
        let found = finish(SETUP, &setup(&changes)).await;
        assert!(matches!(found, Err(GatewayFailure::Unknown { .. })), "{changes}: {found:?}");
    }
}

#[tokio::test]
async fn where_a_page_stands() {
    let complete = page(&json!({ "status": "complete", "url": null, "setup_intent": setup(&json!({})) }));
    assert_eq!(finish(SESSION, &complete).await, Ok(saved()));
    let open = finish(SESSION, &page(&json!({}))).await.unwrap();
    assert_eq!(open.state, SetUpState::RequiresAction { url: PAGE_URL.into() });
    let expired = finish(SESSION, &page(&json!({ "status": "expired", "url": null }))).await.unwrap();
    assert_eq!((expired.gateway_ref.as_deref(), expired.state), (Some(SESSION), SetUpState::Canceled));
    for changes in [
        json!({ "mode": "payment" }),
        json!({ "status": "complete", "setup_intent": null }),
        json!({ "status": "complete" }),
        json!({ "status": "brand_new" }),
        json!({ "url": "http://plain.example" }),
        json!({ "id": "cs_test_other" }),
    ] {
        let found = finish(SESSION, &page(&changes)).await;
        assert!(matches!(found, Err(GatewayFailure::Unknown { .. })), "{changes}: {found:?}");
    }
    // Names go into addresses.
    let fake = Fake::new().await;
    for name in ["", "seti_", "seti_1/../x", "pi_1", "cs_a?b"] {
        let found = fake.stripe.saves().unwrap().finish_set_up(&call("op_1"), name).await;
        assert!(matches!(found, Err(GatewayFailure::Unknown { .. })), "{name}");
    }
    assert_eq!(fake.asked().await, []);
}

#[tokio::test]
async fn what_is_refused_and_what_is_no_answer() {
    let declined = |code| Ok(SetUpState::Declined(code));
    let told = json!({ "error": { "type": "card_error", "code": "card_declined", "decline_code": "lost_card",
        "setup_intent": setup(&json!({ "status": "requires_payment_method", "payment_method": null,
            "last_setup_error": { "code": "card_declined", "decline_code": "lost_card" } })) } });
    let invalid = |code, param| error("invalid_request_error", code, param);
    for (status, body, means) in [
        (402, told, declined(DeclineCode::LostCard)),
        (402, error("card_error", Some("expired_card"), None), declined(DeclineCode::ExpiredCard)),
        (401, invalid(None, None), declined(DeclineCode::GatewayMisconfigured)),
        (403, invalid(None, None), declined(DeclineCode::GatewayMisconfigured)),
        (400, invalid(Some("parameter_unknown"), Some("x")), Err(true)),
        (404, invalid(Some("resource_missing"), Some("confirmation_token")), Err(true)),
        (429, invalid(Some("rate_limit"), None), Err(true)),
        (409, invalid(Some("idempotency_key_in_use"), None), Err(false)),
        (400, error("idempotency_error", None, None), Err(false)),
        (500, error("api_error", None, None), Err(false)),
        (200, json!({}), Err(false)),
        (200, json!([1]), Err(false)),
    ] {
        let fake = fake().await;
        fake.answers("POST", SETUPS, status, &body).await;
        let found = set_up(&fake, &of_fields()).await;
        let found = found.map(|reply| reply.state).map_err(|failure| matches!(failure, GatewayFailure::NotSent { .. }));
        assert_eq!(found, means, "{status} {body}");
    }
    // No customer, no method of theirs.
    for (status, body, means) in [
        (403, invalid(None, None), declined(DeclineCode::GatewayMisconfigured)),
        (400, invalid(Some("email_invalid"), Some("email")), Err(true)),
        (500, json!({}), Err(false)),
        (200, json!({ "id": "x" }), Err(false)),
    ] {
        let fake = Fake::new().await;
        fake.answers("POST", CUSTOMERS, status, &body).await;
        let found = set_up(&fake, &of_fields()).await;
        let found = found.map(|reply| reply.state).map_err(|failure| matches!(failure, GatewayFailure::NotSent { .. }));
        assert_eq!(found, means, "{status} {body}");
        assert!(fake.asked().await.iter().all(|asked| asked.what != format!("POST {SETUPS}")));
    }
}

#[tokio::test]
async fn nobody_answers() {
    let address = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let stripe = Stripe::new(Http::new().unwrap(), format!("http://{address}"));
    let saves = stripe.saves().unwrap();
    for method in [MethodInput::Token("ctoken_1PabcDEF".into()), MethodInput::Page] {
        let found = saves.set_up(&call("op_1"), &request(method)).await;
        assert!(matches!(found, Err(GatewayFailure::NotSent { .. })), "{found:?}");
    }
    for name in [SETUP, SESSION] {
        let found = saves.finish_set_up(&call("op_1"), name).await;
        assert!(matches!(found, Err(GatewayFailure::Unknown { .. })), "{found:?}");
    }
    assert!(matches!(saves.forget(&call("op_5"), &kept()).await, Err(GatewayFailure::NotSent { .. })));
    let dispute = stripe.disputes().unwrap().find_dispute(&call("op_9"), super::DISPUTE).await;
    assert!(matches!(dispute, Err(GatewayFailure::Unknown { .. })), "{dispute:?}");
    // Neither a charge that keeps its method nor one with a kept method was sent.
    for wanted in [super::of_saved(Initiator::Merchant), super::of_saved(Initiator::Customer)] {
        let found = stripe.charges().charge(&call("op_1"), &wanted).await;
        assert!(matches!(found, Err(GatewayFailure::NotSent { .. })), "{found:?}");
    }
    let keeps = ChargeRequest { keep: Some(keep()), ..super::on_page() };
    let found = stripe.charges().charge(&call("op_1"), &keeps).await;
    assert!(matches!(found, Err(GatewayFailure::NotSent { .. })), "{found:?}");
}

#[tokio::test]
async fn answers_that_are_no_json() {
    for (status, body) in [(200, "<html>ok</html>"), (200, ""), (200, "{\"id\":"), (402, "<html>"), (401, "no")] {
        let fake = fake().await;
        fake.answers_raw("POST", SETUPS, status, body).await;
        fake.answers_raw("POST", DETACH, status, body).await;
        fake.answers_raw("GET", "/v1/disputes/du_1PabcDEF", status, body).await;
        let unknown = |failure: &GatewayFailure| matches!(failure, GatewayFailure::Unknown { .. });
        assert!(set_up(&fake, &of_fields()).await.is_err_and(|failure| unknown(&failure)), "{status} {body}");
        let forgotten = fake.stripe.saves().unwrap().forget(&call("op_5"), &kept()).await;
        assert!(forgotten.is_err_and(|failure| unknown(&failure)), "{status} {body}");
        let dispute = fake.stripe.disputes().unwrap().find_dispute(&call("op_9"), super::DISPUTE).await;
        assert!(dispute.is_err_and(|failure| unknown(&failure)), "{status} {body}");
    }
}

#[tokio::test]
async fn card_numbers_and_strange_tokens_go_nowhere() {
    let fake = Fake::new().await;
    for method in [
        card("4242424242424242"),
        MethodInput::Token("tok_visa".into()),
        MethodInput::Token("ctoken_1&usage=x".into()),
        MethodInput::Saved(kept()),
    ] {
        let reply = set_up(&fake, &request(method)).await.unwrap();
        assert_eq!(reply.state, SetUpState::Declined(DeclineCode::CardNotSupported));
    }
    assert_eq!(fake.asked().await, []);
}

async fn forget(status: u16, body: &Value, method: Option<(u16, Value)>) -> Result<(), GatewayFailure> {
    let fake = Fake::new().await;
    fake.answers("POST", DETACH, status, body).await;
    if let Some((status, body)) = method {
        fake.answers("GET", "/v1/payment_methods/pm_1PabcDEF", status, &body).await;
    }
    let found = fake.stripe.saves().unwrap().forget(&call("op_5"), &kept()).await;
    let asked = &fake.asked().await[0];
    assert_eq!((asked.what.as_str(), asked.key.as_deref()), (format!("POST {DETACH}").as_str(), Some("op_5")));
    assert_eq!(asked.form, pairs(&[]));
    found
}

#[tokio::test]
async fn a_method_is_forgotten() {
    let of = |customer: Value| json!({ "id": METHOD, "object": "payment_method", "customer": customer });
    let plain = error("invalid_request_error", None, None);
    assert_eq!(forget(200, &of(Value::Null), None).await, Ok(()));
    // Stripe does not know it, or it is nobody's already.
    let missing = error("invalid_request_error", Some("resource_missing"), Some("payment_method"));
    assert_eq!(forget(404, &missing, None).await, Ok(()));
    assert_eq!(forget(400, &plain, Some((200, of(Value::Null)))).await, Ok(()));
    // It may still be kept.
    for (status, body, method) in [
        (400, plain.clone(), Some((200, of(json!(CUSTOMER))))),
        (400, plain.clone(), Some((200, json!({ "id": METHOD })))),
        (400, plain.clone(), Some((500, json!({})))),
        (401, plain.clone(), Some((200, of(Value::Null)))),
        (403, plain.clone(), None),
        (404, error("invalid_request_error", None, None), None),
        (429, plain, None),
        (500, json!({}), None),
        (200, json!({}), None),
        (200, json!({ "id": "pm_other", "customer": null }), None),
        (200, of(json!(CUSTOMER)), None),
    ] {
        assert!(forget(status, &body, method.clone()).await.is_err(), "{status} {body} {method:?}");
    }
    let fake = Fake::new().await;
    for token in ["", "pm_", "../x", "ctoken_1"] {
        let strange = SavedMethod { token: token.into(), ..kept() };
        assert!(fake.stripe.saves().unwrap().forget(&call("op_5"), &strange).await.is_err(), "{token}");
    }
    assert_eq!(fake.asked().await, []);
}
