//! Stripe's own page: Checkout Sessions.

use super::{Fake, INTENT, SESSION, SESSIONS, call, error, intent, on_page, pairs, session};
use crate::eur;
use domain::{Currency, Locale, Money, decline::DeclineCode};
use gateways::{ChargeReply, ChargeRequest, ChargeState, Gateway, GatewayFailure};
use serde_json::{Value, json};

const ONE: &str = "/v1/checkout/sessions/cs_test_a1B2c3";
const URL: &str = "https://checkout.stripe.com/c/pay/cs_test_a1B2c3#fid";

fn waits() -> ChargeState {
    ChargeState::RequiresAction { url: URL.into() }
}

fn paid() -> ChargeState {
    ChargeState::Succeeded { captured: eur(1_099), fee: Some(eur(62)) }
}

fn complete(intent: Value) -> Value {
    session(&json!({ "status": "complete", "payment_status": "paid", "url": null, "payment_intent": intent }))
}

#[tokio::test]
async fn the_customer_is_led_to_a_page() {
    let fake = Fake::new().await;
    fake.answers("POST", SESSIONS, 200, &session(&json!({}))).await;
    let request = ChargeRequest { email: Some("ana@example.com".into()), ..on_page() };
    assert_eq!(fake.stripe.prepares().unwrap().prepare(&call("op_1"), &request).await, Ok(Ok(None)));
    let reply = fake.stripe.charges().charge(&call("op_1"), &request).await.unwrap();
    assert_eq!((reply.gateway_ref.as_deref(), reply.state), (Some(SESSION), waits()));
    let asked = fake.asked().await;
    assert_eq!(asked.len(), 1);
    assert_eq!((asked[0].what.as_str(), asked[0].key.as_deref()), ("POST /v1/checkout/sessions", Some("op_1-page")));
    assert_eq!(
        asked[0].form,
        pairs(&[
            ("mode", "payment"),
            ("payment_method_types[]", "card"),
            ("success_url", "https://pay.example/c/x"),
            ("cancel_url", "https://pay.example/c/x"),
            ("client_reference_id", "pi_1"),
            ("locale", "en"),
            ("adaptive_pricing[enabled]", "false"),
            ("line_items[0][quantity]", "1"),
            ("line_items[0][price_data][currency]", "eur"),
            ("line_items[0][price_data][unit_amount]", "1099"),
            ("line_items[0][price_data][product_data][name]", "Two books"),
            ("payment_intent_data[capture_method]", "automatic"),
            ("payment_intent_data[description]", "Two books"),
            ("payment_intent_data[metadata][paydeck_key]", "op_1"),
            ("payment_intent_data[metadata][paydeck_payment]", "pi_1"),
            ("payment_intent_data[metadata][paydeck_page]", "1"),
            ("metadata[paydeck_key]", "op_1"),
            ("metadata[paydeck_payment]", "pi_1"),
            ("customer_email", "ana@example.com"),
        ])
    );
}

#[tokio::test]
async fn the_request_is_the_same_at_any_time() {
    // Stripe refuses a key that comes with another content: nothing in it may come from the clock.
    let fake = Fake::new().await;
    fake.answers("POST", SESSIONS, 200, &session(&json!({}))).await;
    let request = ChargeRequest { locale: Locale::Fa, description: None, capture: false, ..on_page() };
    for minutes in [0, 61] {
        let mut call = call("op_1");
        call.now = call.now.plus(minutes * domain::time::MINUTE);
        fake.stripe.charges().charge(&call, &request).await.unwrap();
    }
    let asked = fake.asked().await;
    assert_eq!(asked[0], asked[1]);
    let sent = |name: &str| asked[0].form.get(name).map(String::as_str);
    assert_eq!(sent("locale"), Some("auto"));
    assert_eq!(sent("payment_intent_data[capture_method]"), Some("manual"));
    assert_eq!(sent("line_items[0][price_data][product_data][name]"), Some("pi_1"));
}

#[tokio::test]
async fn a_page_that_is_not_what_was_asked_is_shown_to_nobody() {
    for (status, body, means) in [
        (200, session(&json!({ "amount_total": 1_100 })), Err(false)),
        (200, session(&json!({ "currency": "usd" })), Err(false)),
        (200, session(&json!({ "url": "http://plain.example" })), Err(false)),
        (200, session(&json!({ "url": null })), Err(false)),
        (200, session(&json!({ "id": "x" })), Err(false)),
        (200, json!({}), Err(false)),
        (500, error("api_error", None, None), Err(false)),
        (429, error("invalid_request_error", None, None), Err(true)),
        (400, error("invalid_request_error", Some("email_invalid"), Some("customer_email")), Err(true)),
        (401, error("invalid_request_error", None, None), Ok(DeclineCode::GatewayMisconfigured)),
        (
            400,
            error("invalid_request_error", None, Some("line_items[0][price_data][currency]")),
            Ok(DeclineCode::CurrencyNotSupported),
        ),
    ] {
        let fake = Fake::new().await;
        fake.answers("POST", SESSIONS, status, &body).await;
        let found = fake.stripe.charges().charge(&call("op_1"), &on_page()).await;
        let found = found.map(|reply| reply.state).map_err(|failure| matches!(failure, GatewayFailure::NotSent { .. }));
        assert_eq!(found, means.map(ChargeState::Declined), "{body}");
    }
    let fake = Fake::new().await;
    let request = ChargeRequest { amount: Money::new(1, Currency::KWD), ..on_page() };
    let reply = fake.stripe.charges().charge(&call("op_1"), &request).await.unwrap();
    assert_eq!(reply.state, ChargeState::Declined(DeclineCode::CurrencyNotSupported));
    assert_eq!(fake.asked().await, []);
}

#[tokio::test]
async fn a_repeated_answer_is_asked_again() {
    let fake = Fake::new().await;
    fake.repeats(SESSIONS, 200, &session(&json!({}))).await;
    fake.answers("GET", ONE, 200, &complete(intent(&json!({})))).await;
    let reply = fake.stripe.charges().charge(&call("op_1"), &on_page()).await.unwrap();
    assert_eq!(reply.state, paid());
}

async fn stands(body: &Value) -> Result<ChargeReply, GatewayFailure> {
    let fake = Fake::new().await;
    fake.answers("GET", ONE, 200, body).await;
    let reply = fake.stripe.charges().resume(&call("op_1"), SESSION).await;
    let found = fake.stripe.lookup().unwrap().find_charge(&call("op_9"), "op_1", Some(SESSION)).await;
    assert_eq!(found, reply.clone().map(Some));
    assert!(fake.asked().await.iter().all(|asked| asked.what == format!("GET {ONE}")));
    reply
}

#[tokio::test]
async fn where_a_page_stands() {
    let declined_once = json!({
        "payment_intent": { "id": INTENT, "amount": 1_099, "currency": "eur", "status": "requires_payment_method",
            "last_payment_error": { "code": "card_declined", "decline_code": "lost_card" } },
    });
    let held = intent(
        &json!({ "status": "requires_capture", "amount_received": 0, "latest_charge": { "balance_transaction": null } }),
    );
    let expired = |intent: Value| session(&json!({ "status": "expired", "url": null, "payment_intent": intent }));
    for (body, name, state) in [
        (session(&json!({})), SESSION, waits()),
        // Another card may be tried on the same page.
        (session(&declined_once), SESSION, waits()),
        (complete(intent(&json!({}))), INTENT, paid()),
        (complete(held.clone()), INTENT, ChargeState::Authorized { capture_before: None }),
        (complete(intent(&json!({ "status": "processing" }))), INTENT, ChargeState::Processing),
        (expired(Value::Null), SESSION, ChargeState::Canceled),
        (expired(intent(&json!({ "status": "canceled" }))), SESSION, ChargeState::Canceled),
        // It ended, and money was taken all the same: money counts.
        (expired(intent(&json!({}))), INTENT, paid()),
    ] {
        let reply = stands(&body).await.unwrap();
        assert_eq!((reply.gateway_ref.as_deref(), reply.state), (Some(name), state), "{body}");
    }
    for body in [
        complete(Value::Null),
        complete(json!("pi_3PabcDEF")),
        session(&json!({ "status": "brand_new" })),
        session(&json!({ "id": "cs_test_other" })),
        complete(intent(&json!({ "currency": "zzz" }))),
    ] {
        assert!(matches!(stands(&body).await, Err(GatewayFailure::Unknown { .. })), "{body}");
    }
}

#[tokio::test]
async fn a_page_is_given_up() {
    let expire = format!("{ONE}/expire");
    let fake = Fake::new().await;
    fake.answers("POST", &expire, 200, &session(&json!({ "status": "expired", "url": null }))).await;
    let abandons = fake.stripe.abandons().unwrap();
    let reply = abandons.abandon(&call("op_1"), SESSION).await.unwrap();
    assert_eq!((reply.gateway_ref.as_deref(), reply.state), (Some(SESSION), ChargeState::Canceled));
    assert_eq!(fake.asked().await[0].key.as_deref(), Some("op_1-abandon"));
    // It is paid already: what came of it.
    let fake = Fake::new().await;
    fake.answers("POST", &expire, 400, &error("invalid_request_error", None, None)).await;
    fake.answers("GET", ONE, 200, &complete(intent(&json!({})))).await;
    let reply = fake.stripe.abandons().unwrap().abandon(&call("op_1"), SESSION).await.unwrap();
    assert_eq!((reply.gateway_ref.as_deref(), reply.state), (Some(INTENT), paid()));
    // Nobody knows: it may still be paid.
    for (status, body) in
        [(500, json!({})), (429, error("x", None, None)), (401, error("x", None, None)), (200, json!({}))]
    {
        let fake = Fake::new().await;
        fake.answers("POST", &expire, status, &body).await;
        assert!(fake.stripe.abandons().unwrap().abandon(&call("op_1"), SESSION).await.is_err(), "{status}");
    }
}
