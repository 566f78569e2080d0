//! Finding out what became of a call without an answer.

use super::{Fake, INTENT, INTENTS, REFUNDS, SESSION, SESSIONS, call, error, intent, list, refund, session};
use crate::{NOW, eur};
use domain::time::DAY;
use gateways::{ChargeState, FindsOut, Gateway, GatewayFailure, RefundState};
use serde_json::{Value, json};
use wiremock::matchers::{method, path, query_param, query_param_is_missing};
use wiremock::{Mock, ResponseTemplate};

const ONE: &str = "/v1/payment_intents/pi_3PabcDEF";

fn paid() -> ChargeState {
    ChargeState::Succeeded { captured: eur(1_099), fee: Some(eur(62)) }
}

#[tokio::test]
async fn by_its_name() {
    let fake = Fake::new().await;
    assert_eq!(fake.stripe.finds_out(), FindsOut::ById);
    fake.answers("GET", ONE, 200, &intent(&json!({}))).await;
    let found = fake.stripe.lookup().unwrap().find_charge(&call("op_9"), "op_1", Some(INTENT)).await.unwrap().unwrap();
    assert_eq!(found.state, paid());
    let resumed = fake.stripe.charges().resume(&call("op_1"), INTENT).await.unwrap();
    assert_eq!(resumed, found);
    assert_eq!(fake.asked().await[0].query.get("expand[]").unwrap(), "latest_charge.balance_transaction");
}

#[tokio::test]
async fn what_was_never_confirmed_charged_nothing() {
    for status in ["requires_payment_method", "requires_confirmation"] {
        let fake = Fake::new().await;
        fake.answers("GET", ONE, 200, &intent(&json!({ "status": status, "latest_charge": null }))).await;
        let lookup = fake.stripe.lookup().unwrap();
        assert_eq!(lookup.find_charge(&call("op_9"), "op_1", Some(INTENT)).await, Ok(None));
        assert!(fake.stripe.charges().resume(&call("op_1"), INTENT).await.is_err());
    }
    // After the bank's page said no, it was: declined.
    let fake = Fake::new().await;
    let failed = json!({
        "status": "requires_payment_method", "latest_charge": null,
        "last_payment_error": { "code": "payment_intent_authentication_failure", "message": "Not proved." },
    });
    fake.answers("GET", ONE, 200, &intent(&failed)).await;
    let reply = fake.stripe.charges().resume(&call("op_1"), INTENT).await.unwrap();
    assert_eq!(reply.state, ChargeState::Declined(domain::decline::DeclineCode::AuthenticationFailed));
    assert_eq!(reply.raw_code.as_deref(), Some("payment_intent_authentication_failure"));
    assert_eq!(reply.raw_message.as_deref(), Some("Not proved."));
}

#[tokio::test]
async fn no_answer_is_never_an_answer() {
    for (status, body) in [
        (404, error("invalid_request_error", Some("resource_missing"), Some("intent"))),
        (401, error("invalid_request_error", None, None)),
        (403, error("invalid_request_error", None, None)),
        (429, error("invalid_request_error", None, None)),
        (500, json!({})),
        (200, json!({})),
        (200, intent(&json!({ "id": "pi_other" }))),
    ] {
        let fake = Fake::new().await;
        fake.answers("GET", ONE, status, &body).await;
        let found = fake.stripe.lookup().unwrap().find_charge(&call("op_9"), "op_1", Some(INTENT)).await;
        assert!(matches!(found, Err(GatewayFailure::Unknown { .. })), "{status} {body}: {found:?}");
    }
    let fake = Fake::new().await;
    for name in ["", "ch_1", "pi_", "pi_1/../x", "cs_a?b"] {
        let found = fake.stripe.lookup().unwrap().find_charge(&call("op_9"), "op_1", Some(name)).await;
        assert!(matches!(found, Err(GatewayFailure::Unknown { .. })), "{name}");
    }
    assert_eq!(fake.asked().await, []);
}

/// Two pages of a list, which begins with the newest.
async fn two_pages(fake: &Fake, at: &str, first: &[Value], second: &[Value]) {
    let last = first.last().unwrap()["id"].as_str().unwrap();
    let page = |body: Value| ResponseTemplate::new(200).set_body_json(body);
    Mock::given(method("GET"))
        .and(path(at))
        .and(query_param_is_missing("starting_after"))
        .respond_with(page(list(first, true)))
        .mount(&fake.server)
        .await;
    Mock::given(method("GET"))
        .and(path(at))
        .and(query_param("starting_after", last))
        .respond_with(page(list(second, false)))
        .mount(&fake.server)
        .await;
}

#[tokio::test]
async fn without_a_name_by_our_key() {
    let other = session(&json!({ "id": "cs_test_other", "metadata": { "paydeck_key": "op_0" } }));
    // A page, on the list's second page.
    let fake = Fake::new().await;
    two_pages(&fake, SESSIONS, std::slice::from_ref(&other), &[session(&json!({}))]).await;
    fake.answers("GET", "/v1/checkout/sessions/cs_test_a1B2c3", 200, &session(&json!({}))).await;
    let found = fake.stripe.lookup().unwrap().find_charge(&call("op_9"), "op_1", None).await.unwrap().unwrap();
    assert_eq!(found.gateway_ref.as_deref(), Some(SESSION));
    assert!(matches!(found.state, ChargeState::RequiresAction { .. }));
    let since = ((NOW.0 - DAY) / 1_000 - 3_600).to_string();
    assert_eq!(fake.asked().await[0].query.get("created[gte]"), Some(&since));
    // A PaymentIntent.
    let fake = Fake::new().await;
    fake.answers("GET", SESSIONS, 200, &list(&[other], false)).await;
    let foreign = intent(&json!({ "id": "pi_other", "metadata": { "paydeck_key": "op_0" } }));
    two_pages(&fake, INTENTS, std::slice::from_ref(&foreign), &[intent(&json!({}))]).await;
    fake.answers("GET", ONE, 200, &intent(&json!({}))).await;
    let found = fake.stripe.lookup().unwrap().find_charge(&call("op_9"), "op_1", None).await.unwrap().unwrap();
    assert_eq!((found.gateway_ref.as_deref(), found.state), (Some(INTENT), paid()));
    // Neither, and both lists were read to their ends.
    let fake = Fake::new().await;
    fake.answers("GET", SESSIONS, 200, &list(&[], false)).await;
    two_pages(&fake, INTENTS, std::slice::from_ref(&foreign), std::slice::from_ref(&foreign)).await;
    assert_eq!(fake.stripe.lookup().unwrap().find_charge(&call("op_9"), "op_1", None).await, Ok(None));
    assert_eq!(fake.asked().await.len(), 3);
}

#[tokio::test]
async fn a_list_that_can_not_be_read_to_its_end_proves_nothing() {
    let endless = list(&[session(&json!({ "metadata": { "paydeck_key": "op_0" } }))], true);
    for (status, body) in [
        (200, endless),
        (200, list(&[], true)),
        (200, json!({ "data": [] })),
        (200, json!({ "has_more": false })),
        (403, error("invalid_request_error", None, None)),
        (500, json!({})),
    ] {
        let fake = Fake::new().await;
        fake.answers("GET", SESSIONS, status, &body).await;
        fake.answers("GET", REFUNDS, status, &body).await;
        fake.answers("GET", INTENTS, 200, &list(&[], false)).await;
        let lookup = fake.stripe.lookup().unwrap();
        let found = lookup.find_charge(&call("op_9"), "op_1", None).await;
        assert!(matches!(found, Err(GatewayFailure::Unknown { .. })), "{status} {body}: {found:?}");
        let found = lookup.find_refund(&call("op_9"), "op_2", crate::CHARGE, None).await;
        assert!(matches!(found, Err(GatewayFailure::Unknown { .. })), "{status} {body}: {found:?}");
    }
}

#[tokio::test]
async fn a_refund_without_a_name() {
    let other = refund(&json!({ "id": "re_other", "metadata": { "paydeck_key": "op_0" } }));
    let by_hand = refund(&json!({ "id": "re_hand", "metadata": null }));
    let fake = Fake::new().await;
    two_pages(&fake, REFUNDS, &[by_hand, other], &[refund(&json!({ "status": "pending" }))]).await;
    let lookup = fake.stripe.lookup().unwrap();
    let found = lookup.find_refund(&call("op_9"), "op_2", crate::CHARGE, None).await.unwrap().unwrap();
    assert_eq!(found.state, RefundState::Pending);
    assert_eq!(lookup.find_refund(&call("op_9"), "op_3", crate::CHARGE, None).await, Ok(None));
    // By a name that Stripe does not know, or that is none.
    assert!(lookup.find_refund(&call("op_9"), "op_2", crate::CHARGE, Some("re_gone")).await.is_err());
    assert!(lookup.find_refund(&call("op_9"), "op_2", crate::CHARGE, Some("../x")).await.is_err());
}
