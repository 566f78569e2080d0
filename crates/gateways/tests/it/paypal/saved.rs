//! Charging a wallet that PayPal keeps.

use super::*;
use domain::decline::DeclineClass;
use domain::decline::DeclineCode::{self, *};
use domain::{Currency, Money};
use gateways::{ChargeReply, ChargeState, GatewayFailure, Initiator};

const CAPTURE: &str = "/v2/checkout/orders/5O190127TN364715T/capture";
const AUTHORIZE: &str = "/v2/checkout/orders/5O190127TN364715T/authorize";

fn paid() -> ChargeState {
    ChargeState::Succeeded { captured: eur(1_000), fee: Some(eur(69)) }
}

/// A charge of what is kept, prepared.
fn again(initiator: Initiator) -> ChargeRequest {
    let method = MethodInput::Saved(saved());
    ChargeRequest { initiator, prepared: Some(ORDER.into()), ..with(method, eur(1_000)) }
}

fn prepared(initiator: Initiator) -> Value {
    off_session(fixture("order_prepared"), initiator)
}

fn off_session(order: Value, initiator: Initiator) -> Value {
    match initiator {
        Initiator::Customer => order,
        Initiator::Merchant => changed(order, "/purchase_units/0/reference_id", "pi_1~off-session".into()),
    }
}

async fn played(initiator: Initiator) -> Played {
    let played = Played::start().await;
    played.answer("GET", ORDER_PATH, 200, &prepared(initiator)).await;
    played
}

async fn charged(played: &Played, initiator: Initiator) -> Result<ChargeReply, GatewayFailure> {
    played.paypal.charges().charge(&call("op_charge_1"), &again(initiator)).await
}

const BOTH: [Initiator; 2] = [Initiator::Customer, Initiator::Merchant];

#[tokio::test]
async fn an_order_is_prepared_that_nobody_can_pay_yet() {
    for initiator in BOTH {
        for (capture, intent) in [(true, "CAPTURE"), (false, "AUTHORIZE")] {
            let played = Played::start().await;
            played.answer("POST", ORDERS, 201, &prepared(initiator)).await;
            let request = ChargeRequest { capture, prepared: None, ..again(initiator) };
            let prepares = played.paypal.prepares().unwrap();
            let named = prepares.prepare(&call("op_charge_1"), &request).await.unwrap();
            assert_eq!(named, Ok(Some(ORDER.to_owned())));
            let [sent] = &played.seen("POST", ORDERS).await[..] else { panic!("one order") };
            assert_eq!(header(sent, "paypal-request-id"), "op_charge_1-create");
            let reference = if initiator == Initiator::Merchant { "pi_1~off-session" } else { "pi_1" };
            let unit = json!({
                "reference_id": reference,
                "custom_id": "op_charge_1",
                "amount": { "currency_code": "EUR", "value": "10.00" },
            });
            assert_eq!(body(sent), json!({ "intent": intent, "purchase_units": [unit] }));
        }
    }
}

#[tokio::test]
async fn only_saved_methods_are_prepared() {
    let played = Played::start().await;
    let prepares = played.paypal.prepares().unwrap();
    assert_eq!(prepares.prepare(&call("k"), &page()).await, Ok(Ok(None)));
    let odd = SavedMethod { token: "../x".into(), customer: None };
    let kwd = ChargeRequest { amount: Money::new(1_000, Currency::KWD), ..again(Initiator::Merchant) };
    for (request, code) in [
        (with(crate::card("4242424242424242"), eur(1_000)), CardNotSupported),
        (with(MethodInput::Token(ORDER.into()), eur(1_000)), CardNotSupported),
        (with(MethodInput::Saved(odd.clone()), eur(1_000)), SavedMethodGone),
        (kwd, CurrencyNotSupported),
    ] {
        let refused = prepares.prepare(&call("k"), &request).await.unwrap().unwrap_err();
        assert_eq!(refused.state, ChargeState::Declined(code));
    }
    let charges = played.paypal.charges();
    let request = ChargeRequest { prepared: Some(ORDER.into()), ..with(MethodInput::Saved(odd), eur(1_000)) };
    let reply = charges.charge(&call("k"), &request).await.unwrap();
    assert_eq!(reply.state, ChargeState::Declined(SavedMethodGone));
    // What was not prepared could not be found again.
    let request = ChargeRequest { prepared: None, ..again(Initiator::Merchant) };
    assert!(matches!(charges.charge(&call("k"), &request).await, Err(GatewayFailure::NotSent { .. })));
    assert!(played.server.received_requests().await.unwrap().is_empty());
}

#[tokio::test]
async fn preparing_takes_nothing_whatever_happens() {
    for response in [
        ResponseTemplate::new(500),
        ResponseTemplate::new(429).set_body_json(error("RATE_LIMIT_REACHED", "")),
        ResponseTemplate::new(201).set_body_string("{\"id\":\"5O19"),
        ResponseTemplate::new(201).set_body_json(json!({ "id": ORDER })),
        ResponseTemplate::new(201).set_body_json(json!([])),
    ] {
        let played = Played::start().await;
        played.respond("POST", ORDERS, response.clone()).await;
        let answer = played.paypal.prepares().unwrap().prepare(&call("k"), &again(Initiator::Merchant)).await;
        assert!(matches!(answer, Err(GatewayFailure::NotSent { .. })), "{response:?}");
    }
    for (status, issue, code) in
        [(403, "PERMISSION_DENIED", GatewayMisconfigured), (422, "CURRENCY_NOT_SUPPORTED", CurrencyNotSupported)]
    {
        let played = Played::start().await;
        played.answer("POST", ORDERS, status, &error("NOT_AUTHORIZED", issue)).await;
        let answer = played.paypal.prepares().unwrap().prepare(&call("k"), &again(Initiator::Merchant)).await;
        assert_eq!(answer.unwrap().unwrap_err().state, ChargeState::Declined(code));
    }
}

#[tokio::test]
async fn a_saved_method_is_charged_by_the_prepared_order() {
    for initiator in BOTH {
        let played = played(initiator).await;
        played.answer("POST", CAPTURE, 201, &off_session(order_captured(), initiator)).await;
        let reply = charged(&played, initiator).await.unwrap();
        assert_eq!((reply.state, reply.gateway_ref.as_deref(), reply.saved), (paid(), Some(ORDER), None));
        let [sent] = &played.seen("POST", CAPTURE).await[..] else { panic!("one capture") };
        assert_eq!(header(sent, "paypal-request-id"), "5O190127TN364715T-capture-saved");
        let credential =
            |who: &str| json!({ "payment_initiator": who, "usage": "SUBSEQUENT", "usage_pattern": "IMMEDIATE" });
        let wallet = match initiator {
            Initiator::Merchant => json!({ "vault_id": "3nqvjt3n", "stored_credential": credential("MERCHANT") }),
            Initiator::Customer => json!({
                "vault_id": "3nqvjt3n",
                "stored_credential": credential("CUSTOMER"),
                "experience_context": {
                    "return_url": "https://pay.example/c/x",
                    "cancel_url": "https://pay.example/c/x",
                    "user_action": "PAY_NOW",
                    "shipping_preference": "NO_SHIPPING",
                    "payment_method_preference": "IMMEDIATE_PAYMENT_REQUIRED",
                    "locale": "en-US",
                },
            }),
        };
        assert_eq!(body(sent), json!({ "payment_source": { "paypal": wallet } }));
    }
}

#[tokio::test]
async fn a_saved_method_is_authorised_by_the_prepared_order() {
    let played = Played::start().await;
    let order = changed(prepared(Initiator::Merchant), "/intent", "AUTHORIZE".into());
    played.answer("GET", ORDER_PATH, 200, &order).await;
    played.answer("POST", AUTHORIZE, 201, &off_session(order_authorized(), Initiator::Merchant)).await;
    let request = ChargeRequest { capture: false, ..again(Initiator::Merchant) };
    let reply = played.paypal.charges().charge(&call("op_charge_1"), &request).await.unwrap();
    assert!(matches!(reply.state, ChargeState::Authorized { capture_before: Some(_) }));
    let sent = &played.seen("POST", AUTHORIZE).await[0];
    assert_eq!(header(sent, "paypal-request-id"), "5O190127TN364715T-authorize-saved");
    assert_eq!(body(sent)["payment_source"]["paypal"]["vault_id"], "3nqvjt3n");
}

#[tokio::test]
async fn an_order_of_another_charge_is_not_charged() {
    for (pointer, other) in [
        ("/purchase_units/0/amount/value", "10.01"),
        ("/purchase_units/0/amount/currency_code", "USD"),
        ("/purchase_units/0/custom_id", "op_charge_2"),
        ("/purchase_units/0/reference_id", "pi_1"),
        ("/intent", "AUTHORIZE"),
        ("/id", "0AA00000AA000000A"),
    ] {
        let played = Played::start().await;
        let order = changed(prepared(Initiator::Merchant), pointer, other.into());
        played.answer("GET", ORDER_PATH, 200, &order).await;
        let answer = charged(&played, Initiator::Merchant).await;
        assert!(matches!(answer, Err(GatewayFailure::Unknown { .. })), "{pointer}");
        assert!(played.seen("POST", CAPTURE).await.is_empty());
    }
}

#[tokio::test]
async fn the_same_charge_again_tells_where_it_stands() {
    let waiting = |status: &str| changed(fixture("order_created"), "/status", status.into());
    for (order, initiator, state) in [
        (order_captured(), Initiator::Customer, Some(paid())),
        (order_captured(), Initiator::Merchant, Some(paid())),
        (waiting("PAYER_ACTION_REQUIRED"), Initiator::Customer, None),
        (waiting("PAYER_ACTION_REQUIRED"), Initiator::Merchant, Some(ChargeState::Declined(AuthenticationRequired))),
        (waiting("APPROVED"), Initiator::Merchant, Some(ChargeState::Declined(AuthenticationRequired))),
    ] {
        let played = Played::start().await;
        played.answer("GET", ORDER_PATH, 200, &off_session(order.clone(), initiator)).await;
        let told = charged(&played, initiator).await.unwrap().state;
        match state {
            Some(state) => assert_eq!(told, state, "{order}"),
            None => assert!(matches!(told, ChargeState::RequiresAction { .. }), "{told:?}"),
        }
        assert_eq!(played.calls().await, [format!("GET {ORDER_PATH}")]);
    }
}

#[tokio::test]
async fn a_payer_who_is_wanted_comes_when_they_are_here_and_is_a_no_when_not() {
    let href = "https://www.sandbox.paypal.com/checkoutnow?token=5O190127TN364715T&sca=1";
    for issue in ["PAYER_ACTION_REQUIRED", "ORDER_NOT_APPROVED"] {
        let mut refusal = error("UNPROCESSABLE_ENTITY", issue);
        refusal["links"] = json!([{ "href": href, "rel": "payer-action", "method": "GET" }]);
        for (initiator, state) in [
            (Initiator::Customer, ChargeState::RequiresAction { url: href.into() }),
            (Initiator::Merchant, ChargeState::Declined(AuthenticationRequired)),
        ] {
            let played = played(initiator).await;
            played.answer("POST", CAPTURE, 422, &refusal).await;
            let reply = charged(&played, initiator).await.unwrap();
            assert_eq!((reply.state, reply.gateway_ref.as_deref()), (state, Some(ORDER)), "{issue}");
        }
    }
    // The same in an answer that is no error; with a short one the marker is not told again.
    let mut answer = fixture("order_created");
    answer["links"][1]["href"] = href.into();
    for (initiator, state) in [
        (Initiator::Customer, ChargeState::RequiresAction { url: href.into() }),
        (Initiator::Merchant, ChargeState::Declined(AuthenticationRequired)),
    ] {
        let played = played(initiator).await;
        played.answer("POST", CAPTURE, 200, &answer).await;
        assert_eq!(charged(&played, initiator).await.unwrap().state, state);
    }
}

#[tokio::test]
async fn what_waits_off_session_is_never_taken_later() {
    for status in ["CREATED", "PAYER_ACTION_REQUIRED", "APPROVED"] {
        let played = Played::start().await;
        let order = changed(prepared(Initiator::Merchant), "/status", status.into());
        played.answer("GET", ORDER_PATH, 200, &order).await;
        let nothing_taken = |state: &ChargeState| match status {
            "CREATED" => *state == ChargeState::Canceled,
            _ => *state == ChargeState::Declined(AuthenticationRequired),
        };
        let resumed = played.paypal.charges().resume(&call("k"), ORDER).await.unwrap();
        let abandoned = played.paypal.abandons().unwrap().abandon(&call("k"), ORDER).await.unwrap();
        assert!(nothing_taken(&resumed.state) && nothing_taken(&abandoned.state), "{status}");
        let found = played.paypal.lookup().unwrap().find_charge(&call("x"), "k", Some(ORDER)).await.unwrap();
        // Prepared, and no trace of a charge: the services know from when on that is certain.
        assert_eq!(found.map(|found| found.state), (status != "CREATED").then_some(resumed.state), "{status}");
        assert!(played.calls().await.iter().all(|call| call.starts_with("GET ")));
    }
    // With the customer here, PayPal's page can still be led to.
    let played = played(Initiator::Customer).await;
    let found = played.paypal.lookup().unwrap().find_charge(&call("x"), "k", Some(ORDER)).await.unwrap();
    assert!(matches!(found.unwrap().state, ChargeState::RequiresAction { .. }));
}

#[tokio::test]
async fn a_customer_who_approved_after_all_is_resumed_under_another_key() {
    let played = Played::start().await;
    let order = changed(prepared(Initiator::Customer), "/status", "APPROVED".into());
    played.answer("GET", ORDER_PATH, 200, &order).await;
    played.answer("POST", CAPTURE, 201, &order_captured()).await;
    assert_eq!(played.paypal.charges().resume(&call("k"), ORDER).await.unwrap().state, paid());
    let sent = &played.seen("POST", CAPTURE).await[0];
    assert_eq!(header(sent, "paypal-request-id"), "5O190127TN364715T-capture");
    assert_eq!(body(sent), json!({}));
}

#[tokio::test]
async fn refused_charges_are_declines() {
    let declines: [(u16, &str, DeclineCode); 10] = [
        (422, "TOKEN_ID_NOT_FOUND", SavedMethodGone),
        (422, "TOKEN_EXPIRED", SavedMethodGone),
        (422, "AGREEMENT_ALREADY_CANCELLED", SavedMethodGone),
        (422, "BILLING_AGREEMENT_NOT_FOUND", SavedMethodGone),
        (404, "INVALID_RESOURCE_ID", SavedMethodGone),
        (422, "MISMATCHED_VAULT_ID_TO_PAYMENT_SOURCE", CardNotSupported),
        (422, "INSTRUMENT_DECLINED", GenericDecline),
        (422, "PAYER_ACCOUNT_RESTRICTED", DoNotHonor),
        (403, "NOT_ELIGIBLE_FOR_TOKEN_PROCESSING", GatewayMisconfigured),
        (401, "INVALID_ACCOUNT_STATUS", GatewayMisconfigured),
    ];
    for initiator in BOTH {
        for (status, issue, code) in declines {
            let played = played(initiator).await;
            played.answer("POST", CAPTURE, status, &error("UNPROCESSABLE_ENTITY", issue)).await;
            let reply = charged(&played, initiator).await.unwrap();
            assert_eq!(reply.state, ChargeState::Declined(code), "{issue}");
            assert_eq!((reply.gateway_ref.as_deref(), reply.raw_code.as_deref()), (Some(ORDER), Some(issue)));
        }
    }
    assert_eq!(SavedMethodGone.class(), DeclineClass::Hard);
    for (status, code) in [(404, ProcessingError), (403, GatewayMisconfigured)] {
        let played = Played::start().await;
        played.answer("GET", ORDER_PATH, status, &error("RESOURCE_NOT_FOUND", "INVALID_RESOURCE_ID")).await;
        let reply = charged(&played, Initiator::Merchant).await.unwrap();
        assert_eq!(reply.state, ChargeState::Declined(code), "{status}");
    }
}

#[tokio::test]
async fn a_charge_without_a_usable_answer_is_unknown_and_found_by_its_name() {
    let other = changed(order_captured(), "/purchase_units/0/amount/value", "10.01".into());
    let dollars = json!({ "currency_code": "USD", "value": "10.00" });
    let mut other_currency = changed(fixture("capture"), "/amount", dollars.clone());
    other_currency["seller_receivable_breakdown"]["gross_amount"] = dollars;
    for (response, failure) in [
        (ResponseTemplate::new(500), "unknown"),
        (ResponseTemplate::new(409).set_body_json(error("RESOURCE_CONFLICT", "X")), "unknown"),
        (ResponseTemplate::new(404).set_body_string("not here"), "unknown"),
        (ResponseTemplate::new(201).set_body_string("{\"id\":\"5O190127"), "unknown"),
        (ResponseTemplate::new(201).set_body_json(other), "unknown"),
        (
            ResponseTemplate::new(201).set_body_json(order_with("COMPLETED", json!({ "captures": [other_currency] }))),
            "unknown",
        ),
        (
            ResponseTemplate::new(201).set_body_json(json!({ "id": "0AA00000AA000000A", "status": "COMPLETED" })),
            "unknown",
        ),
        (ResponseTemplate::new(429).set_body_json(error("RATE_LIMIT_REACHED", "")), "not sent"),
    ] {
        for initiator in BOTH {
            let played = played(initiator).await;
            played.respond("POST", CAPTURE, response.clone()).await;
            let told = charged(&played, initiator).await.unwrap_err().to_string();
            assert!(told.starts_with(failure), "{told} {response:?}");
        }
    }
    // Captured all the same: the order's name was known before.
    let played = Played::start().await;
    played.answer("GET", ORDER_PATH, 200, &off_session(order_captured(), Initiator::Merchant)).await;
    let found = played.paypal.lookup().unwrap().find_charge(&call("x"), "op_charge_1", Some(ORDER)).await.unwrap();
    assert_eq!(found.unwrap().state, paid());
}

#[tokio::test]
async fn an_order_that_was_charged_meanwhile_is_asked_about() {
    for initiator in BOTH {
        let refusal = error("UNPROCESSABLE_ENTITY", "ORDER_ALREADY_CAPTURED");
        let twice = Played::start().await;
        twice.answer_once("GET", ORDER_PATH, 200, &prepared(initiator)).await;
        twice.answer("GET", ORDER_PATH, 200, &off_session(order_captured(), initiator)).await;
        twice.answer("POST", CAPTURE, 422, &refusal).await;
        assert_eq!(charged(&twice, initiator).await.unwrap().state, paid());
        // While PayPal does not show it yet, it is not taken for unpaid.
        let unseen = played(initiator).await;
        unseen.answer("POST", CAPTURE, 422, &refusal).await;
        assert!(matches!(charged(&unseen, initiator).await, Err(GatewayFailure::Unknown { .. })));
    }
}
