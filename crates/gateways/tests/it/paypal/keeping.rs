//! Keeping the payer's wallet with a charge.

use super::*;
use domain::decline::DeclineCode::GatewayMisconfigured;
use gateways::{ChargeState, Keep};

const CAPTURE: &str = "/v2/checkout/orders/5O190127TN364715T/capture";

fn paid() -> ChargeState {
    ChargeState::Succeeded { captured: eur(1_000), fee: Some(eur(69)) }
}

fn keep(gateway_customer: Option<&str>) -> ChargeRequest {
    let keep = Keep { customer: "cus_1".into(), gateway_customer: gateway_customer.map(str::to_owned) };
    ChargeRequest { keep: Some(keep), ..page() }
}

#[tokio::test]
async fn a_charge_that_keeps_asks_for_it_and_names_the_customer() {
    for (known, customer) in [
        (None, json!({ "merchant_customer_id": "cus_1" })),
        (Some("208743798"), json!({ "id": "208743798", "merchant_customer_id": "cus_1" })),
        (Some("no/name"), json!({ "merchant_customer_id": "cus_1" })),
    ] {
        let played = Played::start().await;
        played.answer("POST", ORDERS, 201, &fixture("order_created")).await;
        let reply = played.paypal.charges().charge(&call("op_charge_1"), &keep(known)).await.unwrap();
        assert!(matches!(reply.state, ChargeState::RequiresAction { .. }));
        assert_eq!(reply.saved, None);
        let [sent] = &played.seen("POST", ORDERS).await[..] else { panic!("one order") };
        let vault =
            json!({ "store_in_vault": "ON_SUCCESS", "usage_type": "MERCHANT", "permit_multiple_payment_tokens": true });
        let attributes = json!({ "vault": vault, "customer": customer });
        assert_eq!(body(sent)["payment_source"]["paypal"]["attributes"], attributes);
        assert_eq!(header(sent, "paypal-request-id"), "op_charge_1");
    }
    let played = Played::start().await;
    played.answer("POST", ORDERS, 201, &fixture("order_created")).await;
    played.paypal.charges().charge(&call("op_charge_1"), &page()).await.unwrap();
    let sent = body(&played.seen("POST", ORDERS).await[0]);
    assert_eq!(sent.pointer("/payment_source/paypal/attributes"), None);
}

#[tokio::test]
async fn every_answer_about_a_charge_tells_what_is_kept() {
    let order = kept(order_captured());
    let played = Played::start().await;
    played.answer_once("GET", ORDER_PATH, 200, &fixture("order_approved")).await;
    played.answer("GET", ORDER_PATH, 200, &order).await;
    played.answer("POST", CAPTURE, 201, &order).await;
    played.answer("POST", ORDERS, 200, &order).await;
    let (charges, lookup) = (played.paypal.charges(), played.paypal.lookup().unwrap());
    for reply in [
        charges.resume(&call("k"), ORDER).await.unwrap(),
        charges.resume(&call("k"), ORDER).await.unwrap(),
        charges.charge(&call("k"), &keep(None)).await.unwrap(),
        lookup.find_charge(&call("x"), "k", Some(ORDER)).await.unwrap().unwrap(),
        played.paypal.abandons().unwrap().abandon(&call("a"), ORDER).await.unwrap(),
    ] {
        assert_eq!((reply.state, reply.saved), (paid(), Some(saved())));
    }
    assert_eq!(played.seen("POST", CAPTURE).await.len(), 1);

    // Authorised, then captured or released.
    let played = Played::start().await;
    played.answer("GET", ORDER_PATH, 200, &kept(order_authorized())).await;
    played.answer("POST", "/v2/payments/authorizations/0VF52814937998046/capture", 201, &fixture("capture")).await;
    let void = ResponseTemplate::new(204);
    played.respond("POST", "/v2/payments/authorizations/0VF52814937998046/void", void).await;
    let captures = played.paypal.captures().unwrap();
    assert_eq!(played.paypal.charges().resume(&call("k"), ORDER).await.unwrap().saved, Some(saved()));
    assert_eq!(captures.capture(&call("c"), ORDER, eur(1_000)).await.unwrap().saved, Some(saved()));
    assert_eq!(captures.void(&call("v"), ORDER).await.unwrap().saved, Some(saved()));
}

#[tokio::test]
async fn what_is_not_kept_yet_or_can_not_be_read_never_harms_the_charge() {
    for vault in [
        json!({ "status": "APPROVED", "links": [] }),
        json!({ "status": "APPROVED", "id": "5C991763VB2781612" }),
        json!({ "status": "VAULTED" }),
        json!({ "status": "VAULTED", "id": "../x" }),
        json!({ "id": 7 }),
        json!("x"),
    ] {
        let mut order = order_captured();
        order["payment_source"]["paypal"]["attributes"] = json!({ "vault": vault });
        let played = Played::start().await;
        played.answer("GET", ORDER_PATH, 200, &fixture("order_approved")).await;
        played.answer("POST", CAPTURE, 201, &order).await;
        let reply = played.paypal.charges().resume(&call("k"), ORDER).await.unwrap();
        assert_eq!((reply.state, reply.saved), (paid(), None));
    }
}

#[tokio::test]
async fn an_order_that_may_not_keep_is_made_without() {
    let mut about = error("UNPROCESSABLE_ENTITY", "SOMETHING_NEW");
    about["details"][0]["field"] = "/payment_source/paypal/attributes/customer/id".into();
    for refusal in [error("UNPROCESSABLE_ENTITY", "NOT_ENABLED_TO_VAULT_PAYMENT_SOURCE"), about] {
        let played = Played::start().await;
        played.answer_once("POST", ORDERS, 422, &refusal).await;
        played.answer("POST", ORDERS, 201, &fixture("order_created")).await;
        let reply = played.paypal.charges().charge(&call("op_charge_1"), &keep(None)).await.unwrap();
        assert!(matches!(reply.state, ChargeState::RequiresAction { .. }), "{refusal}");
        let [_, plain] = &played.seen("POST", ORDERS).await[..] else { panic!("two orders") };
        assert_eq!(header(plain, "paypal-request-id"), "op_charge_1-plain");
        assert_eq!(body(plain).pointer("/payment_source/paypal/attributes"), None);
        assert_eq!(body(plain)["purchase_units"][0]["custom_id"], "op_charge_1");
    }
    // Any other no is a no, and a charge that was to keep nothing is not made twice.
    for (request, issue) in [(keep(None), "PAYEE_ACCOUNT_RESTRICTED"), (page(), "NOT_ENABLED_TO_VAULT_PAYMENT_SOURCE")]
    {
        let played = Played::start().await;
        played.answer("POST", ORDERS, 422, &error("UNPROCESSABLE_ENTITY", issue)).await;
        let reply = played.paypal.charges().charge(&call("op_charge_1"), &request).await.unwrap();
        assert_eq!(reply.state, ChargeState::Declined(GatewayMisconfigured), "{issue}");
        assert_eq!(played.seen("POST", ORDERS).await.len(), 1);
    }
}
