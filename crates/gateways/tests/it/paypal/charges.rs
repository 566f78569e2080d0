//! Making orders.

use super::*;
use domain::problem::codes;
use domain::views::checkout::PayFields;
use domain::{Currency, Locale, Money, decline::DeclineCode};
use gateways::{ChargeState, GatewayFailure};

#[tokio::test]
async fn an_order_is_made_with_our_key_and_leads_to_paypals_page() {
    let played = Played::start().await;
    played.answer("POST", ORDERS, 201, &fixture("order_created")).await;
    let request = ChargeRequest {
        description: Some(format!("  {}ü", "Shoes ".repeat(40))),
        email: Some("buyer@example.com".into()),
        ..page()
    };
    let reply = played.paypal.charges().charge(&call("op_charge_1"), &request).await.unwrap();
    assert_eq!(reply.gateway_ref.as_deref(), Some(ORDER));
    let url = "https://www.sandbox.paypal.com/checkoutnow?token=5O190127TN364715T".to_owned();
    assert_eq!(reply.state, ChargeState::RequiresAction { url });

    let [sent] = &played.seen("POST", ORDERS).await[..] else { panic!("one order") };
    assert_eq!(header(sent, "paypal-request-id"), "op_charge_1");
    assert_eq!(header(sent, "authorization"), "Bearer A21AA-first");
    assert_eq!(header(sent, "prefer"), "return=representation");
    assert_eq!(header(sent, "content-type"), "application/json");
    let mut sent = body(sent);
    let description = sent["purchase_units"][0]["description"].take();
    assert_eq!(description.as_str().unwrap().chars().count(), 127);
    assert!(description.as_str().unwrap().starts_with("Shoes Shoes"));
    let expected = json!({
        "intent": "CAPTURE",
        "purchase_units": [{
            "reference_id": "pi_1",
            "custom_id": "op_charge_1",
            "amount": { "currency_code": "EUR", "value": "10.00" },
            "description": null,
        }],
        "payment_source": { "paypal": {
            "email_address": "buyer@example.com",
            "experience_context": {
                "return_url": "https://pay.example/c/x",
                "cancel_url": "https://pay.example/c/x",
                "user_action": "PAY_NOW",
                "shipping_preference": "NO_SHIPPING",
                "payment_method_preference": "IMMEDIATE_PAYMENT_REQUIRED",
                "locale": "en-US",
            },
        }},
    });
    assert_eq!(sent, expected);
}

#[tokio::test]
async fn to_authorise_and_in_persian() {
    let played = Played::start().await;
    played.answer("POST", ORDERS, 201, &fixture("order_created")).await;
    let request = ChargeRequest { capture: false, locale: Locale::Fa, ..page() };
    played.paypal.charges().charge(&call("op_charge_1"), &request).await.unwrap();
    let sent = body(&played.seen("POST", ORDERS).await[0]);
    assert_eq!(sent["intent"], "AUTHORIZE");
    assert_eq!(sent.pointer("/payment_source/paypal/experience_context/locale"), None);
    assert_eq!(sent.pointer("/payment_source/paypal/email_address"), None);
    assert_eq!(sent.pointer("/purchase_units/0/description"), None);
    assert_eq!(sent.pointer("/purchase_units/0/invoice_id"), None);
}

#[tokio::test]
async fn only_an_https_page_is_led_to() {
    for link in ["http://www.paypal.com/checkoutnow?token=x", "javascript:alert(1)", ""] {
        let played = Played::start().await;
        let order = changed(fixture("order_created"), "/links/1/href", link.into());
        played.answer("POST", ORDERS, 201, &order).await;
        let reply = played.paypal.charges().charge(&call("op_charge_1"), &page()).await.unwrap();
        let url = format!("{}/checkoutnow?token={ORDER}", played.server.uri());
        assert_eq!(reply.state, ChargeState::RequiresAction { url }, "{link}");
    }
}

#[tokio::test]
async fn what_paypal_does_not_take_is_not_sent() {
    let played = Played::start().await;
    let charges = played.paypal.charges();
    let forint: Currency = "HUF".parse().unwrap();
    for amount in [Money::new(1_000, Currency::KWD), Money::new(1_050, forint)] {
        let reply = charges.charge(&call("k"), &ChargeRequest { amount, ..page() }).await.unwrap();
        assert_eq!(reply.state, ChargeState::Declined(DeclineCode::CurrencyNotSupported));
    }
    for method in [crate::card("4242424242424242"), MethodInput::Token(ORDER.into())] {
        let problems = charges.accept(&method, NOW).unwrap_err();
        assert_eq!((problems[0].field.as_str(), problems[0].code.as_str()), ("method", codes::BAD_CHOICE));
        let reply = charges.charge(&call("k"), &ChargeRequest { method, ..page() }).await.unwrap();
        assert_eq!(reply.state, ChargeState::Declined(DeclineCode::CardNotSupported));
    }
    assert_eq!(charges.accept(&MethodInput::Page, NOW), Ok(None));
    assert_eq!(charges.accept(&MethodInput::Saved(saved()), NOW), Ok(None));
    assert_eq!(charges.fields(&crate::wanted("paypal", crate::eur(1_000)), &Credentials::default()), PayFields::Page);
    assert!(played.server.received_requests().await.unwrap().is_empty());
}

#[tokio::test]
async fn refusals_are_declines_with_paypals_words() {
    for (status, issue, code) in [
        (422, "CURRENCY_NOT_SUPPORTED", DeclineCode::CurrencyNotSupported),
        (422, "PAYEE_ACCOUNT_RESTRICTED", DeclineCode::GatewayMisconfigured),
        (422, "SOMETHING_NEW", DeclineCode::GenericDecline),
        (400, "INVALID_PARAMETER_SYNTAX", DeclineCode::ProcessingError),
        (403, "PERMISSION_DENIED", DeclineCode::GatewayMisconfigured),
    ] {
        let played = Played::start().await;
        let response = ResponseTemplate::new(status)
            .set_body_json(error("UNPROCESSABLE_ENTITY", issue))
            .insert_header("PayPal-Debug-Id", "f1e2d3c4b5a69");
        played.respond("POST", ORDERS, response).await;
        let reply = played.paypal.charges().charge(&call("k"), &page()).await.unwrap();
        assert_eq!((reply.state, reply.gateway_ref), (ChargeState::Declined(code), None), "{issue}");
        assert_eq!(reply.raw_code.as_deref(), Some(issue));
        assert_eq!(reply.raw_message, Some(format!("About {issue}. (PayPal-Debug-Id f1e2d3c4b5a69)")));
    }
}

#[tokio::test]
async fn the_same_key_again_tells_where_that_charge_stands() {
    let played = Played::start().await;
    played.answer("POST", ORDERS, 200, &order_captured()).await;
    let charges = played.paypal.charges();
    let reply = charges.charge(&call("op_charge_1"), &page()).await.unwrap();
    assert_eq!(reply.state, ChargeState::Succeeded { captured: eur(1_000), fee: Some(eur(69)) });
    for amount in [eur(999), Money::new(1_000, Currency::USD)] {
        let failure = charges.charge(&call("op_charge_1"), &ChargeRequest { amount, ..page() }).await.unwrap_err();
        assert!(matches!(failure, GatewayFailure::Unknown { .. }), "{failure}");
    }
}
