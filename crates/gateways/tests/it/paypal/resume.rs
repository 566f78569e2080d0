//! The customer is back: taking the money once, asking, giving up.

use super::*;
use domain::Timestamp;
use domain::decline::DeclineCode::{self, *};
use gateways::{ChargeReply, ChargeState, GatewayFailure};

const CAPTURE: &str = "/v2/checkout/orders/5O190127TN364715T/capture";
const AUTHORIZE: &str = "/v2/checkout/orders/5O190127TN364715T/authorize";

fn paid() -> ChargeState {
    ChargeState::Succeeded { captured: eur(1_000), fee: Some(eur(69)) }
}

async fn resumed(played: &Played) -> Result<ChargeReply, GatewayFailure> {
    played.paypal.charges().resume(&call("op_charge_1"), ORDER).await
}

async fn approved() -> Played {
    let played = Played::start().await;
    played.answer("GET", ORDER_PATH, 200, &fixture("order_approved")).await;
    played
}

#[tokio::test]
async fn an_approved_order_is_captured_under_a_key_of_its_own() {
    let played = approved().await;
    played.answer("POST", CAPTURE, 201, &order_captured()).await;
    for _ in 0..2 {
        let reply = resumed(&played).await.unwrap();
        assert_eq!((reply.state, reply.gateway_ref.as_deref()), (paid(), Some(ORDER)));
    }
    let sent = played.seen("POST", CAPTURE).await;
    for request in &sent {
        assert_eq!(header(request, "paypal-request-id"), "5O190127TN364715T-capture");
        assert_eq!(header(request, "prefer"), "return=representation");
        assert_eq!(body(request), json!({}));
    }
    assert_eq!(sent.len(), 2);
}

#[tokio::test]
async fn an_order_to_authorise_is_authorised() {
    let played = Played::start().await;
    let order = changed(fixture("order_approved"), "/intent", "AUTHORIZE".into());
    played.answer("GET", ORDER_PATH, 200, &order).await;
    played.answer("POST", AUTHORIZE, 201, &order_authorized()).await;
    let reply = resumed(&played).await.unwrap();
    let capture_before = Timestamp::from_date(2026, 12, 21).map(|day| day.plus(300_000));
    assert_eq!(reply.state, ChargeState::Authorized { capture_before });
    assert_eq!(header(&played.seen("POST", AUTHORIZE).await[0], "paypal-request-id"), "5O190127TN364715T-authorize");
}

#[tokio::test]
async fn only_an_approved_order_is_captured() {
    let canceled = ChargeState::Canceled;
    let url = "https://www.sandbox.paypal.com/checkoutnow?token=5O190127TN364715T".to_owned();
    let waiting = ChargeState::RequiresAction { url };
    for (order, state) in [
        (fixture("order_created"), waiting.clone()),
        (changed(fixture("order_created"), "/status", "CREATED".into()), waiting),
        (order_captured(), paid()),
        (changed(fixture("order_approved"), "/status", "VOIDED".into()), canceled),
        // Approved again after a capture that was declined: the capture there is counts.
        (order_with("APPROVED", json!({ "captures": [fixture("capture")] })), paid()),
    ] {
        let played = Played::start().await;
        played.answer("GET", ORDER_PATH, 200, &order).await;
        assert_eq!(resumed(&played).await.unwrap().state, state);
        assert_eq!(played.calls().await, ["GET /v2/checkout/orders/5O190127TN364715T"]);
    }
}

#[tokio::test]
async fn captures_stand_as_paypal_says() {
    let with = |pointer: &str, to: Value| changed(fixture("capture"), pointer, to);
    let mut declined = with("/status", "DECLINED".into());
    declined["processor_response"] = json!({ "response_code": "5120" });
    let mut pending = with("/status", "PENDING".into());
    pending["status_details"] = json!({ "reason": "PENDING_REVIEW" });
    let mut short = fixture("capture");
    short.as_object_mut().unwrap().remove("seller_receivable_breakdown");
    let other_fee = with("/seller_receivable_breakdown/paypal_fee/currency_code", "USD".into());
    let without_fee = ChargeState::Succeeded { captured: eur(1_000), fee: None };
    for (capture, state, raw) in [
        (with("/status", "REFUNDED".into()), paid(), None),
        (with("/status", "PARTIALLY_REFUNDED".into()), paid(), None),
        (declined, ChargeState::Declined(InsufficientFunds), Some("5120")),
        (with("/status", "FAILED".into()), ChargeState::Declined(GenericDecline), Some("FAILED")),
        (pending, ChargeState::Processing, Some("PENDING_REVIEW")),
        (short, without_fee.clone(), None),
        (other_fee, without_fee, None),
    ] {
        let played = approved().await;
        played.answer("POST", CAPTURE, 201, &order_with("COMPLETED", json!({ "captures": [capture] }))).await;
        let reply = resumed(&played).await.unwrap();
        assert_eq!((reply.state, reply.raw_code.as_deref()), (state, raw));
    }
}

#[tokio::test]
async fn answers_that_do_not_say_what_was_taken_leave_it_unknown() {
    let dollars = json!({ "currency_code": "USD", "value": "10.00" });
    let mut other_currency = changed(fixture("capture"), "/amount", dollars.clone());
    other_currency["seller_receivable_breakdown"]["gross_amount"] = dollars;
    let broken = json!({ "currency_code": "EUR", "value": "ten" });
    let mut no_amount = changed(fixture("capture"), "/amount", broken.clone());
    no_amount["seller_receivable_breakdown"]["gross_amount"] = broken;
    for answer in [
        order_with("COMPLETED", json!({ "captures": [other_currency] })),
        order_with("COMPLETED", json!({ "captures": [no_amount] })),
        order_with("COMPLETED", json!({ "captures": [changed(fixture("capture"), "/amount/value", "9.00".into())] })),
        order_with("COMPLETED", json!({ "captures": [changed(fixture("capture"), "/status", "NEW".into())] })),
        changed(order_captured(), "/id", "0AA00000AA000000A".into()),
        changed(order_captured(), "/purchase_units/0/amount/value", "10.01".into()),
        json!({ "status": "COMPLETED" }),
        json!([]),
    ] {
        let played = approved().await;
        played.answer("POST", CAPTURE, 201, &answer).await;
        let failure = resumed(&played).await.unwrap_err();
        assert!(matches!(failure, GatewayFailure::Unknown { .. }), "{answer}: {failure}");
    }
}

#[tokio::test]
async fn a_short_answer_is_looked_up() {
    let played = Played::start().await;
    played.answer_once("GET", ORDER_PATH, 200, &fixture("order_approved")).await;
    played.answer("GET", ORDER_PATH, 200, &order_captured()).await;
    played.answer("POST", CAPTURE, 201, &json!({ "id": ORDER, "status": "COMPLETED" })).await;
    assert_eq!(resumed(&played).await.unwrap().state, paid());
}

#[tokio::test]
async fn an_order_that_was_captured_meanwhile_is_asked_about() {
    for issue in ["ORDER_ALREADY_CAPTURED", "ORDER_ALREADY_AUTHORIZED", "ORDER_COMPLETED_OR_VOIDED"] {
        let played = Played::start().await;
        played.answer_once("GET", ORDER_PATH, 200, &fixture("order_approved")).await;
        played.answer("GET", ORDER_PATH, 200, &order_captured()).await;
        played.answer("POST", CAPTURE, 422, &error("UNPROCESSABLE_ENTITY", issue)).await;
        assert_eq!(resumed(&played).await.unwrap().state, paid(), "{issue}");
        // And while PayPal does not show it yet, it is not taken for unpaid.
        let played = approved().await;
        played.answer("POST", CAPTURE, 422, &error("UNPROCESSABLE_ENTITY", issue)).await;
        assert!(matches!(resumed(&played).await, Err(GatewayFailure::Unknown { .. })), "{issue}");
    }
}

#[tokio::test]
async fn refused_captures_are_declines() {
    let declines: [(u16, &str, DeclineCode); 9] = [
        (422, "INSTRUMENT_DECLINED", GenericDecline),
        (422, "PAYER_ACCOUNT_RESTRICTED", DoNotHonor),
        (422, "TRANSACTION_LIMIT_EXCEEDED", CardVelocityExceeded),
        (422, "PAYEE_BLOCKED_TRANSACTION", Fraudulent),
        (422, "TRANSACTION_RECEIVING_LIMIT_EXCEEDED", GatewayMisconfigured),
        (422, "ORDER_EXPIRED", AuthenticationAbandoned),
        (404, "INVALID_RESOURCE_ID", AuthenticationAbandoned),
        (403, "PERMISSION_DENIED", GatewayMisconfigured),
        (422, "NEVER_SEEN", GenericDecline),
    ];
    for (status, issue, code) in declines {
        let played = approved().await;
        played.answer("POST", CAPTURE, status, &error("UNPROCESSABLE_ENTITY", issue)).await;
        let reply = resumed(&played).await.unwrap();
        assert_eq!(reply.state, ChargeState::Declined(code), "{issue}");
        assert_eq!((reply.gateway_ref.as_deref(), reply.raw_code.as_deref()), (Some(ORDER), Some(issue)));
        assert_eq!(reply.raw_message, Some(format!("About {issue}. (PayPal-Debug-Id 90957fca61718)")));
    }
}

#[tokio::test]
async fn the_payer_is_sent_back_when_paypal_wants_it() {
    for issue in ["PAYER_ACTION_REQUIRED", "ORDER_NOT_APPROVED"] {
        let played = approved().await;
        let mut refusal = error("UNPROCESSABLE_ENTITY", issue);
        let href = "https://www.sandbox.paypal.com/checkoutnow?token=5O190127TN364715T&again=1";
        refusal["links"] = json!([{ "href": href, "rel": "payer-action", "method": "GET" }]);
        played.answer("POST", CAPTURE, 422, &refusal).await;
        let reply = resumed(&played).await.unwrap();
        assert_eq!(reply.state, ChargeState::RequiresAction { url: href.into() }, "{issue}");
    }
}

#[tokio::test]
async fn the_payer_is_sent_back_by_an_answer_too() {
    let played = approved().await;
    let mut order = fixture("order_created");
    order["links"][1]["href"] = "https://www.sandbox.paypal.com/checkoutnow?token=5O190127TN364715T&sca=1".into();
    played.answer("POST", CAPTURE, 200, &order).await;
    let state = resumed(&played).await.unwrap().state;
    let ChargeState::RequiresAction { url } = state else { panic!("{state:?}") };
    assert!(url.ends_with("&sca=1"), "{url}");
    // But an answer that shows the order as it was says nothing about the money.
    let played = approved().await;
    played.answer("POST", CAPTURE, 201, &fixture("order_approved")).await;
    assert!(matches!(resumed(&played).await, Err(GatewayFailure::Unknown { .. })));
}

#[tokio::test]
async fn an_order_that_ran_out_was_abandoned() {
    let played = Played::start().await;
    played.answer("GET", ORDER_PATH, 404, &error("RESOURCE_NOT_FOUND", "INVALID_RESOURCE_ID")).await;
    assert_eq!(resumed(&played).await.unwrap().state, ChargeState::Declined(AuthenticationAbandoned));
    let found = played.paypal.lookup().unwrap().find_charge(&call("x"), "op_charge_1", Some(ORDER)).await.unwrap();
    assert_eq!(found, None);
}

#[tokio::test]
async fn asking_moves_nothing() {
    let played = approved().await;
    let lookup = played.paypal.lookup().unwrap();
    let found = lookup.find_charge(&call("x"), "op_charge_1", Some(ORDER)).await.unwrap().unwrap();
    assert!(matches!(found.state, ChargeState::RequiresAction { .. }));
    assert_eq!(found.gateway_ref.as_deref(), Some(ORDER));
    assert_eq!(played.calls().await, ["GET /v2/checkout/orders/5O190127TN364715T"]);
    // Without the order's id nobody can capture it.
    assert_eq!(lookup.find_charge(&call("x"), "op_charge_1", None).await.unwrap(), None);
    assert_eq!(lookup.find_charge(&call("x"), "op_charge_1", Some("../../x")).await.unwrap(), None);
    assert_eq!(played.calls().await.len(), 1);
}

#[tokio::test]
async fn an_authorisation_is_found_as_it_stands() {
    let with = |status: &str| changed(fixture("authorization"), "/status", status.into());
    let mut denied = with("DENIED");
    denied["processor_response"] = json!({ "response_code": "9500" });
    for (authorization, state) in [
        (with("PENDING"), ChargeState::Processing),
        (with("VOIDED"), ChargeState::Canceled),
        (with("EXPIRED"), ChargeState::Canceled),
        (denied, ChargeState::Declined(Fraudulent)),
    ] {
        let played = Played::start().await;
        played
            .answer("GET", ORDER_PATH, 200, &order_with("COMPLETED", json!({ "authorizations": [authorization] })))
            .await;
        let found = played.paypal.lookup().unwrap().find_charge(&call("x"), "k", Some(ORDER)).await.unwrap().unwrap();
        assert_eq!(found.state, state);
    }
    let played = Played::start().await;
    played
        .answer("GET", ORDER_PATH, 200, &order_with("COMPLETED", json!({ "authorizations": [with("CAPTURED")] })))
        .await;
    let found = played.paypal.lookup().unwrap().find_charge(&call("x"), "k", Some(ORDER)).await;
    assert!(matches!(found, Err(GatewayFailure::Unknown { .. })));
}

#[tokio::test]
async fn captures_made_at_paypals_site_count_together() {
    let played = Played::start().await;
    let captures = json!([fixture("capture"), fixture("capture")]);
    played.answer("GET", ORDER_PATH, 200, &order_with("COMPLETED", json!({ "captures": captures }))).await;
    let found = played.paypal.lookup().unwrap().find_charge(&call("x"), "k", Some(ORDER)).await.unwrap().unwrap();
    assert_eq!(found.state, ChargeState::Succeeded { captured: eur(2_000), fee: Some(eur(138)) });
}

#[tokio::test]
async fn giving_up_asks_and_tells_when_it_is_too_late() {
    for (status, answer, state) in [
        (200, fixture("order_created"), ChargeState::Canceled),
        (200, fixture("order_approved"), ChargeState::Canceled),
        (404, error("RESOURCE_NOT_FOUND", "INVALID_RESOURCE_ID"), ChargeState::Canceled),
        (200, order_captured(), paid()),
    ] {
        let played = Played::start().await;
        played.answer("GET", ORDER_PATH, status, &answer).await;
        let reply = played.paypal.abandons().unwrap().abandon(&call("a"), ORDER).await.unwrap();
        assert_eq!((reply.state, reply.gateway_ref.as_deref()), (state, Some(ORDER)));
        assert_eq!(played.calls().await, ["GET /v2/checkout/orders/5O190127TN364715T"]);
    }
    for (status, answer) in [(403, error("NOT_AUTHORIZED", "PERMISSION_DENIED")), (500, json!({})), (200, json!("x"))] {
        let played = Played::start().await;
        played.answer("GET", ORDER_PATH, status, &answer).await;
        assert!(played.paypal.abandons().unwrap().abandon(&call("a"), ORDER).await.is_err(), "{status}");
    }
}
