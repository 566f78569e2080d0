//! Captures, releases, and charges that are given up.

use super::{Fake, INTENT, SESSION, call, error, intent, list, pairs, session};
use crate::eur;
use domain::{Currency, Money, decline::DeclineCode};
use gateways::{ChargeState, Gateway, GatewayFailure};
use serde_json::{Value, json};

const ONE: &str = "/v1/payment_intents/pi_3PabcDEF";
const CAPTURE: &str = "/v1/payment_intents/pi_3PabcDEF/capture";
const CANCEL: &str = "/v1/payment_intents/pi_3PabcDEF/cancel";
const PAGE: &str = "/v1/checkout/sessions/cs_test_a1B2c3";

fn held() -> Value {
    intent(
        &json!({ "status": "requires_capture", "amount_received": 0, "latest_charge": { "balance_transaction": null } }),
    )
}

fn canceled() -> Value {
    intent(&json!({ "status": "canceled", "amount_received": 0, "cancellation_reason": "abandoned" }))
}

fn past() -> Value {
    error("invalid_request_error", Some("payment_intent_unexpected_state"), None)
}

#[tokio::test]
async fn a_part_is_captured() {
    for (name, asks) in [(INTENT, 1), (SESSION, 2)] {
        let fake = Fake::new().await;
        fake.answers("GET", PAGE, 200, &session(&json!({ "status": "complete", "payment_intent": INTENT }))).await;
        let body =
            intent(&json!({ "amount_received": 700, "latest_charge": { "balance_transaction": { "fee": 45 } } }));
        fake.answers("POST", CAPTURE, 200, &body).await;
        let reply = fake.stripe.captures().unwrap().capture(&call("op_2"), name, eur(700)).await.unwrap();
        assert_eq!(reply.state, ChargeState::Succeeded { captured: eur(700), fee: Some(eur(45)) });
        assert_eq!(reply.gateway_ref.as_deref(), Some(INTENT));
        let asked = fake.asked().await;
        assert_eq!(asked.len(), asks);
        let last = asked.last().unwrap();
        assert_eq!((last.what.as_str(), last.key.as_deref()), (format!("POST {CAPTURE}").as_str(), Some("op_2")));
        let form = [("amount_to_capture", "700"), ("expand[]", "latest_charge.balance_transaction")];
        assert_eq!(last.form, pairs(&form));
    }
}

#[tokio::test]
async fn a_refused_capture_tells_what_became_of_the_hold() {
    let declined = |code| Ok(ChargeState::Declined(code));
    let taken = Ok(ChargeState::Succeeded { captured: eur(1_099), fee: Some(eur(62)) });
    let invalid = |code, param| error("invalid_request_error", code, param);
    for (status, body, stands, expected) in [
        (400, past(), intent(&json!({})), taken),
        (400, past(), canceled(), Ok(ChargeState::Canceled)),
        (400, invalid(Some("charge_expired_for_capture"), None), canceled(), Ok(ChargeState::Canceled)),
        (400, invalid(Some("charge_expired_for_capture"), None), held(), declined(DeclineCode::GenericDecline)),
        (
            400,
            invalid(Some("amount_too_large"), Some("amount_to_capture")),
            held(),
            declined(DeclineCode::GenericDecline),
        ),
        (400, invalid(None, Some("amount_to_capture")), held(), declined(DeclineCode::GenericDecline)),
        (402, error("card_error", Some("card_declined"), None), held(), declined(DeclineCode::GenericDecline)),
        (401, invalid(None, None), held(), declined(DeclineCode::GatewayMisconfigured)),
        (429, invalid(None, None), held(), Err(true)),
        (409, invalid(None, None), held(), Err(false)),
        (500, json!({}), held(), Err(false)),
        (200, json!({}), held(), Err(false)),
    ] {
        let fake = Fake::new().await;
        fake.answers("POST", CAPTURE, status, &body).await;
        // An empty answer is about something else, so that it is asked again: and that fails too.
        let asked_again = if status == 200 { 500 } else { 200 };
        fake.answers("GET", ONE, asked_again, &stands).await;
        let found = fake.stripe.captures().unwrap().capture(&call("op_2"), INTENT, eur(1_099)).await;
        let found = found.map(|reply| reply.state).map_err(|failure| matches!(failure, GatewayFailure::NotSent { .. }));
        assert_eq!(found, expected, "{status} {body}");
    }
    let fake = Fake::new().await;
    let reply = fake.stripe.captures().unwrap().capture(&call("op_2"), INTENT, Money::new(1, Currency::KWD)).await;
    assert_eq!(reply.unwrap().state, ChargeState::Declined(DeclineCode::CurrencyNotSupported));
    let nobody_paid = fake.stripe.captures().unwrap().capture(&call("op_2"), "ch_1", eur(1)).await;
    assert!(matches!(nobody_paid, Err(GatewayFailure::NotSent { .. })));
    assert_eq!(fake.asked().await, []);
}

#[tokio::test]
async fn a_repeated_capture_is_asked_again() {
    let fake = Fake::new().await;
    fake.repeats(CAPTURE, 200, &intent(&json!({ "latest_charge": { "balance_transaction": null } }))).await;
    fake.answers("GET", ONE, 200, &intent(&json!({}))).await;
    let reply = fake.stripe.captures().unwrap().capture(&call("op_2"), INTENT, eur(1_099)).await.unwrap();
    assert_eq!(reply.state, ChargeState::Succeeded { captured: eur(1_099), fee: Some(eur(62)) });
}

#[tokio::test]
async fn a_hold_is_released_or_its_fate_told() {
    for (status, body, stands, expected) in [
        (200, canceled(), Value::Null, Ok(ChargeState::Canceled)),
        (400, past(), intent(&json!({})), Ok(ChargeState::Succeeded { captured: eur(1_099), fee: Some(eur(62)) })),
        (400, past(), canceled(), Ok(ChargeState::Canceled)),
        // A no would read as if nothing were held: nothing was done.
        (401, error("invalid_request_error", None, None), Value::Null, Err(true)),
        (403, error("invalid_request_error", None, None), Value::Null, Err(true)),
        (500, json!({}), Value::Null, Err(false)),
        (200, json!({ "id": INTENT }), Value::Null, Err(false)),
    ] {
        let fake = Fake::new().await;
        fake.answers("POST", CANCEL, status, &body).await;
        fake.answers("GET", ONE, 200, &stands).await;
        let found = fake.stripe.captures().unwrap().void(&call("op_3"), INTENT).await;
        let found = found.map(|reply| reply.state).map_err(|failure| matches!(failure, GatewayFailure::NotSent { .. }));
        assert_eq!(found, expected, "{status} {body}");
        assert_eq!(fake.asked().await[0].key.as_deref(), Some("op_3"));
    }
}

#[tokio::test]
async fn giving_up_cancels_what_waits_and_nothing_else() {
    let waits = intent(&json!({
        "status": "requires_action", "latest_charge": null,
        "next_action": { "redirect_to_url": { "url": "https://hooks.stripe.com/3d" } },
    }));
    let never_confirmed = intent(&json!({ "status": "requires_payment_method", "latest_charge": null }));
    for stands in [waits, never_confirmed] {
        let fake = Fake::new().await;
        fake.answers("GET", ONE, 200, &stands).await;
        fake.answers("POST", CANCEL, 200, &canceled()).await;
        let reply = fake.stripe.abandons().unwrap().abandon(&call("op_1"), INTENT).await.unwrap();
        assert_eq!(reply.state, ChargeState::Canceled);
        assert_eq!(fake.asked().await[1].key.as_deref(), Some("op_1-abandon"));
    }
    // The customer was faster: what is held or taken is not let go of.
    for stands in [intent(&json!({})), held(), canceled(), intent(&json!({ "status": "processing" }))] {
        let fake = Fake::new().await;
        fake.answers("GET", ONE, 200, &stands).await;
        let reply = fake.stripe.abandons().unwrap().abandon(&call("op_1"), INTENT).await.unwrap();
        assert!(!matches!(reply.state, ChargeState::RequiresAction { .. }));
        assert_eq!(fake.asked().await.len(), 1, "{stands}");
    }
}

#[tokio::test]
async fn a_card_that_was_declined_on_a_page_does_not_end_the_page() {
    let declined = intent(&json!({
        "status": "requires_payment_method", "latest_charge": null, "amount_received": 0,
        "last_payment_error": { "code": "card_declined" }, "metadata": { "paydeck_page": "1" },
    }));
    let fake = Fake::new().await;
    fake.answers("GET", ONE, 200, &declined).await;
    fake.answers("GET", "/v1/checkout/sessions", 200, &list(&[session(&json!({}))], false)).await;
    fake.answers("GET", PAGE, 200, &session(&json!({}))).await;
    fake.answers("POST", &format!("{PAGE}/expire"), 200, &session(&json!({ "status": "expired" }))).await;
    let reply = fake.stripe.charges().resume(&call("op_1"), INTENT).await.unwrap();
    assert_eq!(reply.gateway_ref.as_deref(), Some(SESSION));
    assert!(matches!(reply.state, ChargeState::RequiresAction { .. }));
    assert_eq!(fake.asked().await[1].query.get("payment_intent").map(String::as_str), Some(INTENT));
    // Given up, it is the page that ends.
    let reply = fake.stripe.abandons().unwrap().abandon(&call("op_1"), INTENT).await.unwrap();
    assert_eq!(reply.state, ChargeState::Canceled);
    assert_eq!(fake.asked().await.last().unwrap().what, format!("POST {PAGE}/expire"));
}
