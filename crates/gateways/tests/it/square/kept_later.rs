//! Later answers about charges whose cards were to be kept.

use super::*;
use gateways::{ChargeReply, ChargeState, Gateway, SavedMethod, Window};

/// A server that has a payment, and these cards.
async fn server_with(payment: &Value, cards: &Value) -> MockServer {
    let server = MockServer::start().await;
    answers(&server, "GET", &format!("/v2/payments/{PAYMENT}"), 200, payment).await;
    answers(&server, "GET", "/v2/cards", 200, cards).await;
    server
}

/// The same where a card could be made.
async fn that_makes_cards(server: &MockServer) {
    answers(server, "POST", "/v2/customers/search", 200, &json!({ "customers": [customer()["customer"]] })).await;
    answers(server, "POST", "/v2/cards", 200, &kept_card("op_1")).await;
}

async fn found(server: &MockServer, call: &Call) -> ChargeReply {
    let square = connector(server);
    square.lookup().unwrap().find_charge(call, "op_1", Some(PAYMENT)).await.unwrap().unwrap()
}

fn listed(card: Value) -> Value {
    json!({ "cards": [card["card"]] })
}

#[tokio::test]
async fn the_card_is_found_by_our_key() {
    let mut stranger = kept_card("op_2");
    stranger["card"]["id"] = "ccof:other".into();
    let mut disabled = kept_card("op_1");
    disabled["card"]["enabled"] = false.into();
    disabled["card"]["id"] = "ccof:first".into();
    let cards = json!({ "cards": [stranger["card"], disabled["card"], kept_card("op_1")["card"]] });
    let server = server_with(&kept_payment("op_1", "COMPLETED"), &cards).await;
    let reply = found(&server, &call("x")).await;
    assert_eq!(reply.state, ChargeState::Succeeded { captured: usd(1_000), fee: None });
    assert_eq!(reply.saved, Some(saved()));
    let asked = request(&server, "GET", "/v2/cards").await;
    assert_eq!(asked.url.query(), Some("reference_id=op_1&include_disabled=true"));
    assert_eq!(sent(&server).await, [format!("GET /v2/payments/{PAYMENT}"), "GET /v2/cards".to_owned()]);
}

#[tokio::test]
async fn every_answer_about_the_charge_says_it() {
    let key = "op_1";
    let completed = kept_payment(key, "COMPLETED");
    let server = server_with(&completed, &listed(kept_card(key))).await;
    let square = connector(&server);
    let resumed = square.charges().resume(&call("x"), PAYMENT).await.unwrap();
    assert_eq!(resumed.saved, Some(saved()));
    let captured = square.captures().unwrap().capture(&call("x"), PAYMENT, usd(1_000)).await.unwrap();
    assert_eq!(captured.saved, Some(saved()));
    let refused = error("INVALID_REQUEST_ERROR", "BAD_REQUEST", None);
    answers(&server, "POST", &format!("/v2/payments/{PAYMENT}/cancel"), 400, &refused).await;
    let kept = square.captures().unwrap().void(&call("x"), PAYMENT).await.unwrap();
    assert_eq!(kept.saved, Some(saved()));
    // By cancelling the key.
    answers(&server, "POST", "/v2/payments/cancel", 200, &json!({})).await;
    answers(&server, "GET", "/v2/payments", 200, &json!({ "payments": [completed["payment"]] })).await;
    let found = square.lookup().unwrap().find_charge(&call("x"), key, None).await.unwrap().unwrap();
    assert_eq!(found.saved, Some(saved()));
    // In the list.
    let window = Window { from: NOW, to: NOW.plus(60_000) };
    let page = square.listing().unwrap().list_charges(&call("x"), window, None).await.unwrap();
    assert_eq!((page.charges[0].our_key.as_deref(), &page.charges[0].reply.saved), (Some(key), &Some(saved())));
    assert!(!sent(&server).await.contains(&"POST /v2/cards".to_owned()));
}

#[tokio::test]
async fn a_capture_and_a_release_say_it_too() {
    let hold = |status: &str| {
        let mut hold = kept_payment("op_1", status);
        hold["payment"]["note"] = "pi_1 paydeck-hold:op_1+cus_1".into();
        hold
    };
    let server = server_with(&hold("APPROVED"), &listed(kept_card("op_1"))).await;
    answers(&server, "POST", &format!("/v2/payments/{PAYMENT}/complete"), 200, &hold("COMPLETED")).await;
    answers(&server, "POST", &format!("/v2/payments/{PAYMENT}/cancel"), 200, &hold("CANCELED")).await;
    let square = connector(&server);
    let captured = square.captures().unwrap().capture(&call("op_2"), PAYMENT, usd(1_000)).await.unwrap();
    assert_eq!(captured.state, ChargeState::Succeeded { captured: usd(1_000), fee: None });
    assert_eq!(captured.saved, Some(saved()));
    let released = square.captures().unwrap().void(&call("op_3"), PAYMENT).await.unwrap();
    assert_eq!((released.state, released.saved), (ChargeState::Canceled, Some(saved())));
}

#[tokio::test]
async fn what_was_broken_off_is_finished() {
    let server = server_with(&kept_payment("op_1", "COMPLETED"), &json!({})).await;
    that_makes_cards(&server).await;
    assert_eq!(found(&server, &call("x")).await.saved, Some(saved()));
    let card = body(&server, "POST", "/v2/cards").await;
    assert_eq!(card["source_id"], json!(PAYMENT));
    assert_eq!(card["card"], json!({ "customer_id": CUSTOMER, "reference_id": "op_1" }));
    // The key is the charge's own, and not the question's.
    let again = server_with(&kept_payment("op_1", "COMPLETED"), &json!({})).await;
    that_makes_cards(&again).await;
    found(&again, &call("y")).await;
    assert_eq!(body(&again, "POST", "/v2/cards").await["idempotency_key"], card["idempotency_key"]);
}

#[tokio::test]
async fn a_card_is_made_only_while_square_makes_one_and_never_twice() {
    let mut disabled = kept_card("op_1");
    disabled["card"]["enabled"] = false.into();
    let made = NOW.plus(1_577);
    let day = 86_400_000;
    for (payment, cards, at, makes) in [
        (kept_payment("op_1", "COMPLETED"), json!({}), made.plus(day - 1), true),
        (kept_payment("op_1", "COMPLETED"), json!({}), made.plus(day), false),
        // Forgotten meanwhile.
        (kept_payment("op_1", "COMPLETED"), listed(disabled), NOW, false),
        // Nothing was taken.
        (kept_payment("op_1", "CANCELED"), json!({}), NOW, false),
        (kept_payment("op_1", "FAILED"), json!({}), NOW, false),
        (kept_payment("op_1", "PENDING"), json!({}), NOW, false),
    ] {
        let server = server_with(&payment, &cards).await;
        that_makes_cards(&server).await;
        let reply = found(&server, &Call { now: at, ..call("x") }).await;
        assert_eq!(reply.saved, makes.then(saved), "{payment} {cards}");
        assert_eq!(sent(&server).await.contains(&"POST /v2/cards".to_owned()), makes);
    }
}

#[tokio::test]
async fn a_question_about_the_card_that_fails_spoils_no_answer() {
    for (status, answer) in [
        (401, error("AUTHENTICATION_ERROR", "UNAUTHORIZED", None)),
        (429, json!({})),
        (500, json!({})),
        (200, json!([])),
        (200, json!({ "cards": [{ "id": 5 }] })),
    ] {
        let server = MockServer::start().await;
        let payment = kept_payment("op_1", "COMPLETED");
        answers(&server, "GET", &format!("/v2/payments/{PAYMENT}"), 200, &payment).await;
        answers(&server, "GET", "/v2/cards", status, &answer).await;
        let reply = found(&server, &call("x")).await;
        assert_eq!(reply.state, ChargeState::Succeeded { captured: usd(1_000), fee: None });
        assert_eq!(reply.saved, None);
        // Nobody knows whether there is a card: none is made.
        assert_eq!(sent(&server).await.last().map(String::as_str), Some("GET /v2/cards"), "{status}");
    }
}

#[tokio::test]
async fn an_answer_that_repeats_an_earlier_one_looks_before_it_keeps() {
    let server = server_with(&kept_payment("op_1", "COMPLETED"), &listed(kept_card("op_1"))).await;
    answers(&server, "POST", "/v2/payments", 200, &kept_payment("op_1", "COMPLETED")).await;
    let request = ChargeRequest { keep: Some(keep(None)), ..token_request() };
    let reply = connector(&server).charges().charge(&later("op_1"), &request).await.unwrap();
    assert_eq!(reply.saved, Some(saved()));
    assert!(!sent(&server).await.contains(&"POST /v2/cards".to_owned()));
}

#[tokio::test]
async fn the_card_of_a_paid_link_is_kept() {
    let server = server_with(&kept_payment("op_1", "COMPLETED"), &json!({})).await;
    that_makes_cards(&server).await;
    let link = fixture(include_str!("fixtures/link.json"), "op_1");
    answers(&server, "POST", "/v2/online-checkout/payment-links", 200, &link).await;
    answers(&server, "GET", ORDER_PATH, 200, &order("op_1", "COMPLETED", &[PAYMENT])).await;
    let square = connector(&server);
    let page = ChargeRequest { keep: Some(keep(None)), ..crate::with(MethodInput::Page, usd(1_000)) };
    let waits = square.charges().charge(&call("op_1"), &page).await.unwrap();
    assert!(matches!(waits.state, ChargeState::RequiresAction { .. }) && waits.saved.is_none());
    let asked = body(&server, "POST", "/v2/online-checkout/payment-links").await;
    assert_eq!(asked["payment_note"], json!("pi_1 paydeck:op_1+cus_1"));
    let paid = square.charges().resume(&call("op_1"), LINK).await.unwrap();
    assert_eq!((paid.gateway_ref.as_deref(), paid.saved), (Some(PAYMENT), Some(saved())));
}

#[tokio::test]
async fn a_list_asks_for_kept_cards_until_one_question_fails() {
    let entry = |key: &str, kept: bool| {
        let payment = if kept { kept_payment(key, "COMPLETED") } else { payment(key) };
        payment["payment"].clone()
    };
    let payments = json!({ "payments": [entry("k0", false), entry("k1", true), entry("k2", true), entry("k3", true)] });
    let server = MockServer::start().await;
    answers(&server, "GET", "/v2/payments", 200, &payments).await;
    answers_once(&server, "GET", "/v2/cards", 200, &listed(kept_card("k1"))).await;
    answers(&server, "GET", "/v2/cards", 500, &json!({})).await;
    let window = Window { from: NOW, to: NOW.plus(60_000) };
    let page = connector(&server).listing().unwrap().list_charges(&call("x"), window, None).await.unwrap();
    let saved_of: Vec<Option<SavedMethod>> = page.charges.into_iter().map(|charge| charge.reply.saved).collect();
    assert_eq!(saved_of, [None, Some(saved()), None, None]);
    assert_eq!(sent(&server).await, ["GET /v2/payments", "GET /v2/cards", "GET /v2/cards"]);
}
