//! Charges with methods that Stripe keeps: with the customer there, who may be sent to their bank, and without them.

use super::{
    Fake, INTENT, INTENTS, METHOD, call, card_declined, error, intent, kept, of_saved, of_token, on_page, pairs,
};
use crate::{card, eur};
use domain::decline::{DeclineClass, DeclineCode};
use gateways::Initiator::{Customer, Merchant};
use gateways::{ChargeReply, ChargeRequest, ChargeState, Gateway, GatewayFailure, MethodInput, SavedMethod};
use serde_json::{Value, json};

const ONE: &str = "/v1/payment_intents/pi_3PabcDEF";
const CONFIRM: &str = "/v1/payment_intents/pi_3PabcDEF/confirm";
const CANCEL: &str = "/v1/payment_intents/pi_3PabcDEF/cancel";

fn paid() -> ChargeState {
    ChargeState::Succeeded { captured: eur(1_099), fee: Some(eur(62)) }
}

/// A PaymentIntent that is charged in the customer's absence, with these changes.
fn absent(changes: &Value) -> Value {
    let mut object = intent(&json!({ "metadata": { "paydeck_absent": "1" } }));
    super::merge(&mut object, changes);
    object
}

fn at_the_bank() -> Value {
    json!({
        "status": "requires_action", "amount_received": 0, "latest_charge": null,
        "next_action": { "type": "redirect_to_url", "redirect_to_url": { "url": "https://hooks.stripe.com/3d" } },
    })
}

fn closed() -> Value {
    json!({
        "status": "canceled", "amount_received": 0, "latest_charge": null, "cancellation_reason": "abandoned",
        "next_action": null,
    })
}

/// The answer of a bank that wants the customer.
fn wants_the_customer() -> Value {
    let code = "authentication_required";
    card_declined(&json!({ "error": { "code": code, "decline_code": code, "payment_intent": {
        "last_payment_error": { "code": code, "decline_code": code },
    } } }))
}

async fn charge(fake: &Fake, request: &ChargeRequest) -> Result<ChargeReply, GatewayFailure> {
    fake.stripe.charges().charge(&call("op_1"), request).await
}

#[tokio::test]
async fn preparing_names_the_customer() {
    for (initiator, note) in [(Customer, None), (Merchant, Some("1"))] {
        let fake = Fake::new().await;
        let made = intent(&json!({ "status": "requires_payment_method", "amount_received": 0, "latest_charge": null }));
        fake.answers("POST", INTENTS, 200, &made).await;
        let request = of_saved(initiator);
        let found = fake.stripe.prepares().unwrap().prepare(&call("op_1"), &request).await;
        assert_eq!(found, Ok(Ok(Some(INTENT.to_owned()))));
        let mut form = pairs(&[
            ("amount", "1099"),
            ("currency", "eur"),
            ("capture_method", "automatic"),
            ("payment_method_types[]", "card"),
            ("customer", super::CUSTOMER),
            ("description", "Two books"),
            ("metadata[paydeck_key]", "op_1"),
            ("metadata[paydeck_payment]", "pi_1"),
        ]);
        form.extend(note.map(|note| ("metadata[paydeck_absent]".to_owned(), note.to_owned())));
        let asked = fake.asked().await;
        assert_eq!((asked.len(), &asked[0].form), (1, &form));
        assert_eq!(asked[0].key.as_deref(), Some("op_1-create"));
    }
}

#[tokio::test]
async fn with_the_customer_there() {
    let fake = Fake::new().await;
    fake.answers("POST", CONFIRM, 200, &intent(&json!({ "customer": super::CUSTOMER }))).await;
    let reply = charge(&fake, &of_saved(Customer)).await.unwrap();
    assert_eq!((reply.gateway_ref.as_deref(), reply.state, reply.saved), (Some(INTENT), paid(), None));
    let asked = fake.asked().await;
    assert_eq!((asked.len(), asked[0].key.as_deref()), (1, Some("op_1-confirm")));
    assert_eq!(
        asked[0].form,
        pairs(&[
            ("payment_method", METHOD),
            ("return_url", "https://pay.example/c/x"),
            ("use_stripe_sdk", "false"),
            ("expand[]", "latest_charge.balance_transaction"),
        ])
    );
    // Their bank may want to see them.
    let fake = Fake::new().await;
    fake.answers("POST", CONFIRM, 200, &intent(&at_the_bank())).await;
    let reply = charge(&fake, &of_saved(Customer)).await.unwrap();
    assert_eq!(reply.state, ChargeState::RequiresAction { url: "https://hooks.stripe.com/3d".into() });
    // A no leaves what another card may be tried with.
    let fake = Fake::new().await;
    fake.answers("POST", CONFIRM, 402, &card_declined(&json!({}))).await;
    let reply = charge(&fake, &of_saved(Customer)).await.unwrap();
    assert_eq!(reply.state, ChargeState::Declined(DeclineCode::InsufficientFunds));
    assert_eq!(fake.asked().await.len(), 1);
}

#[tokio::test]
async fn without_the_customer() {
    let fake = Fake::new().await;
    fake.answers("POST", CONFIRM, 200, &absent(&json!({}))).await;
    let reply = charge(&fake, &of_saved(Merchant)).await.unwrap();
    assert_eq!((reply.gateway_ref.as_deref(), reply.state), (Some(INTENT), paid()));
    let asked = fake.asked().await;
    assert_eq!((asked.len(), asked[0].key.as_deref()), (1, Some("op_1-confirm")));
    assert_eq!(
        asked[0].form,
        pairs(&[
            ("payment_method", METHOD),
            ("off_session", "true"),
            ("expand[]", "latest_charge.balance_transaction"),
        ])
    );
    let fake = Fake::new().await;
    let held = json!({ "status": "requires_capture", "latest_charge": { "balance_transaction": null } });
    fake.answers("POST", CONFIRM, 200, &absent(&held)).await;
    let held = charge(&fake, &of_saved(Merchant)).await.unwrap();
    assert_eq!(held.state, ChargeState::Authorized { capture_before: None });
}

#[tokio::test]
async fn a_no_in_their_absence_leaves_nothing_waiting() {
    for (body, code) in [
        (wants_the_customer(), DeclineCode::AuthenticationRequired),
        (card_declined(&json!({})), DeclineCode::InsufficientFunds),
    ] {
        let fake = Fake::new().await;
        fake.answers("POST", CONFIRM, 402, &body).await;
        fake.answers("POST", CANCEL, 200, &absent(&closed())).await;
        let reply = charge(&fake, &of_saved(Merchant)).await.unwrap();
        assert_eq!((reply.gateway_ref.as_deref(), reply.state), (Some(INTENT), ChargeState::Declined(code)));
        assert_eq!(reply.raw_code.as_deref(), Some(code.as_str()));
        let asked = fake.asked().await;
        assert_eq!((asked.len(), asked[1].what.as_str()), (2, format!("POST {CANCEL}").as_str()));
        assert_eq!(asked[1].key.as_deref(), Some("pi_3PabcDEF-close"));
        assert_eq!(
            asked[1].form,
            pairs(&[("expand[]", "latest_charge.balance_transaction"), ("cancellation_reason", "abandoned")])
        );
        // A no is a no, whether that could be canceled or not: only we could confirm it again.
        for status in [400, 401, 404, 429, 500] {
            let fake = Fake::new().await;
            fake.answers("POST", CONFIRM, 402, &body).await;
            fake.answers("POST", CANCEL, status, &error("invalid_request_error", None, None)).await;
            assert_eq!(charge(&fake, &of_saved(Merchant)).await.unwrap().state, ChargeState::Declined(code));
        }
    }
    // It was charged meanwhile: money counts.
    let fake = Fake::new().await;
    fake.answers("POST", CONFIRM, 402, &wants_the_customer()).await;
    let past = error("invalid_request_error", Some("payment_intent_unexpected_state"), None);
    fake.answers("POST", CANCEL, 400, &past).await;
    fake.answers("GET", ONE, 200, &absent(&json!({}))).await;
    assert_eq!(charge(&fake, &of_saved(Merchant)).await.unwrap().state, paid());
}

#[tokio::test]
async fn what_waits_for_an_absent_customer_is_closed() {
    let no = ChargeState::Declined(DeclineCode::AuthenticationRequired);
    for action in [at_the_bank(), json!({ "status": "requires_action", "next_action": { "type": "use_stripe_sdk" } })] {
        let fake = Fake::new().await;
        fake.answers("POST", CONFIRM, 200, &absent(&action)).await;
        fake.answers("GET", ONE, 200, &absent(&action)).await;
        fake.answers("POST", CANCEL, 200, &absent(&closed())).await;
        assert_eq!(charge(&fake, &of_saved(Merchant)).await.unwrap().state, no);
    }
    // Or later, when the answer to the confirmation was lost.
    let fake = Fake::new().await;
    fake.answers("GET", ONE, 200, &absent(&at_the_bank())).await;
    fake.answers("POST", CANCEL, 200, &absent(&closed())).await;
    let lookup = fake.stripe.lookup().unwrap();
    let found = lookup.find_charge(&call("op_9"), "op_1", Some(INTENT)).await.unwrap().unwrap();
    assert_eq!(found.state, no);
    assert_eq!(fake.stripe.charges().resume(&call("op_1"), INTENT).await.unwrap().state, no);
    let asked = fake.asked().await;
    assert!(asked.iter().filter_map(|asked| asked.key.as_deref()).all(|key| key == "pi_3PabcDEF-close"));
    // As long as that is not certain, it is unknown.
    let waits = absent(&at_the_bank());
    for (status, body) in
        [(500, json!({})), (200, json!({})), (401, error("x", None, None)), (429, error("x", None, None))]
    {
        let fake = Fake::new().await;
        fake.answers("POST", CONFIRM, 200, &waits).await;
        fake.answers("GET", ONE, 200, &waits).await;
        fake.answers("POST", CANCEL, status, &body).await;
        let failure = charge(&fake, &of_saved(Merchant)).await.unwrap_err();
        assert!(matches!(failure, GatewayFailure::Unknown { .. }), "{status} {body}: {failure}");
        let found = fake.stripe.lookup().unwrap().find_charge(&call("op_9"), "op_1", Some(INTENT)).await;
        assert!(matches!(found, Err(GatewayFailure::Unknown { .. })), "{status} {body}");
    }
    // A list does not close it: whoever reads it asks again.
    let fake = Fake::new().await;
    fake.answers("GET", INTENTS, 200, &super::list(std::slice::from_ref(&waits), false)).await;
    let window = gateways::Window { from: crate::NOW, to: crate::NOW.plus(1_000) };
    let page = fake.stripe.listing().unwrap().list_charges(&call("op_9"), window, None).await.unwrap();
    assert_eq!(page.charges[0].reply.state, ChargeState::Processing);
    // It was paid after all.
    let fake = Fake::new().await;
    fake.answers("POST", CONFIRM, 200, &waits).await;
    fake.answers("GET", ONE, 200, &absent(&json!({}))).await;
    assert_eq!(charge(&fake, &of_saved(Merchant)).await.unwrap().state, paid());
}

#[tokio::test]
async fn what_was_closed_says_why_it_was_declined() {
    let told = |error: Value| {
        let mut changes = closed();
        changes["last_payment_error"] = error;
        changes
    };
    let required = json!({ "code": "authentication_required", "decline_code": "authentication_required" });
    let stolen = json!({ "code": "card_declined", "decline_code": "stolen_card", "message": "No." });
    for (changes, state, code) in [
        (told(required), ChargeState::Declined(DeclineCode::AuthenticationRequired), Some("authentication_required")),
        (told(stolen), ChargeState::Declined(DeclineCode::StolenCard), Some("stolen_card")),
        (told(Value::Null), ChargeState::Declined(DeclineCode::AuthenticationRequired), None),
        // Released, which is no decline.
        (json!({ "status": "canceled", "latest_charge": { "status": "succeeded" } }), ChargeState::Canceled, None),
    ] {
        let fake = Fake::new().await;
        fake.answers("GET", ONE, 200, &absent(&changes)).await;
        let found = fake.stripe.lookup().unwrap().find_charge(&call("op_9"), "op_1", Some(INTENT)).await;
        let found = found.unwrap().unwrap();
        assert_eq!((found.state, found.raw_code.as_deref()), (state, code), "{changes}");
        assert_eq!(fake.asked().await.len(), 1);
    }
}

#[tokio::test]
async fn a_method_that_is_gone_is_a_hard_no() {
    assert_eq!(DeclineCode::SavedMethodGone.class(), DeclineClass::Hard);
    let no = ChargeState::Declined(DeclineCode::SavedMethodGone);
    let missing = |param| error("invalid_request_error", Some("resource_missing"), Some(param));
    let plain = error("invalid_request_error", None, None);
    let method = format!("/v1/payment_methods/{METHOD}");
    let of = |customer: Value| json!({ "id": METHOD, "object": "payment_method", "customer": customer });
    for (status, refused, asked) in [
        (404, missing("payment_method"), None),
        (400, missing("payment_method"), None),
        (400, missing("customer"), None),
        // Words alone: Stripe is asked whose it is.
        (400, plain.clone(), Some((200, of(Value::Null)))),
        (400, plain.clone(), Some((200, of(json!("cus_other"))))),
        (400, plain.clone(), Some((404, missing("payment_method")))),
    ] {
        for initiator in [Customer, Merchant] {
            let fake = Fake::new().await;
            fake.answers("POST", CONFIRM, status, &refused).await;
            if let Some((status, body)) = &asked {
                fake.answers("GET", &method, *status, body).await;
            }
            let reply = charge(&fake, &of_saved(initiator)).await.unwrap();
            assert_eq!((reply.gateway_ref.as_deref(), reply.state), (Some(INTENT), no.clone()), "{refused} {asked:?}");
        }
    }
    // It is there, or nobody knows: a request that was not right did nothing, and is no decline.
    for (status, body) in [(200, of(json!(super::CUSTOMER))), (403, plain.clone()), (500, json!({}))] {
        let fake = Fake::new().await;
        fake.answers("POST", CONFIRM, 400, &plain).await;
        fake.answers("GET", &method, status, &body).await;
        let failure = charge(&fake, &of_saved(Merchant)).await.unwrap_err();
        assert!(matches!(failure, GatewayFailure::NotSent { .. }), "{body}: {failure}");
    }
    // It is the PaymentIntent that Stripe does not know.
    let fake = Fake::new().await;
    fake.answers("POST", CONFIRM, 404, &missing("intent")).await;
    assert!(matches!(charge(&fake, &of_saved(Merchant)).await, Err(GatewayFailure::NotSent { .. })));
    // The customer is gone, which shows already when it is prepared.
    let fake = Fake::new().await;
    fake.answers("POST", INTENTS, 400, &missing("customer")).await;
    let reply = fake.stripe.prepares().unwrap().prepare(&call("op_1"), &of_saved(Customer)).await.unwrap();
    assert_eq!(reply.unwrap_err().state, no);
    assert_eq!(fake.asked().await.len(), 1);
}

#[tokio::test]
async fn failures_are_what_they_are_for_any_charge() {
    for (status, body, unknown) in [
        (500, json!({}), true),
        (409, error("invalid_request_error", Some("idempotency_key_in_use"), None), true),
        (200, json!({}), true),
        (200, absent(&json!({ "amount": 1_098 })), true),
        (200, absent(&json!({ "currency": "usd" })), true),
        (429, error("invalid_request_error", Some("rate_limit"), None), false),
    ] {
        let fake = Fake::new().await;
        fake.answers("POST", CONFIRM, status, &body).await;
        let failure = charge(&fake, &of_saved(Merchant)).await.unwrap_err();
        assert_eq!(matches!(failure, GatewayFailure::Unknown { .. }), unknown, "{body}: {failure}");
        // What may have been charged is not canceled.
        assert!(fake.asked().await.iter().all(|asked| asked.what != format!("POST {CANCEL}")), "{body}");
    }
    let fake = Fake::new().await;
    fake.answers("POST", CONFIRM, 401, &error("invalid_request_error", None, None)).await;
    fake.answers("POST", CANCEL, 401, &error("invalid_request_error", None, None)).await;
    let reply = charge(&fake, &of_saved(Merchant)).await.unwrap();
    assert_eq!(reply.state, ChargeState::Declined(DeclineCode::GatewayMisconfigured));
}

#[tokio::test]
async fn nothing_else_is_charged_in_their_absence() {
    let fake = Fake::new().await;
    let no = ChargeState::Declined(DeclineCode::CardNotSupported);
    let nobodys = SavedMethod { customer: None, ..kept() };
    let strange = SavedMethod { token: "../refunds".into(), ..kept() };
    for request in [
        ChargeRequest { initiator: Merchant, ..of_token("ctoken_1PabcDEF") },
        ChargeRequest { initiator: Merchant, ..on_page() },
        ChargeRequest { initiator: Merchant, method: card("4242424242424242"), ..on_page() },
        ChargeRequest { method: MethodInput::Saved(nobodys.clone()), ..of_saved(Merchant) },
        ChargeRequest { method: MethodInput::Saved(nobodys), ..of_saved(Customer) },
        ChargeRequest { method: MethodInput::Saved(strange), ..of_saved(Customer) },
    ] {
        let prepared = fake.stripe.prepares().unwrap().prepare(&call("op_1"), &request).await.unwrap();
        assert_eq!(prepared.unwrap_err().state, no);
        assert_eq!(charge(&fake, &request).await.unwrap().state, no);
    }
    assert_eq!(fake.asked().await, []);
}
