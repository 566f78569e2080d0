//! Charges with what the page's fields gave: make, confirm, and what comes of it.

use super::{Fake, INTENT, INTENTS, call, card_declined, credentials, error, intent, of_token, pairs, prepared};
use crate::{NOW, card, eur, with};
use domain::{Currency, Money, Timestamp, decline::DeclineCode, views::checkout::PayFields};
use gateways::{CardFacts, ChargeReply, ChargeRequest, ChargeState, Gateway, GatewayFailure, MethodInput, stripe};
use serde_json::{Value, json};

const CONFIRM: &str = "/v1/payment_intents/pi_3PabcDEF/confirm";

fn visa() -> CardFacts {
    CardFacts {
        brand: "visa".into(),
        last4: "4242".into(),
        exp_month: Some(8),
        exp_year: Some(2030),
        country: Some("DE".into()),
    }
}

async fn confirmed(status: u16, body: &Value) -> Result<ChargeReply, GatewayFailure> {
    let fake = Fake::new().await;
    fake.answers("POST", CONFIRM, status, body).await;
    fake.stripe.charges().charge(&call("op_1"), &prepared()).await
}

#[tokio::test]
async fn preparing_makes_a_payment_intent_that_takes_nothing() {
    let fake = Fake::new().await;
    let made = intent(&json!({ "status": "requires_payment_method", "amount_received": 0, "latest_charge": null }));
    fake.answers("POST", INTENTS, 200, &made).await;
    let prepares = fake.stripe.prepares().unwrap();
    let request = of_token("ctoken_1PabcDEF");
    assert_eq!(prepares.prepare(&call("op_1"), &request).await, Ok(Ok(Some(INTENT.to_owned()))));
    let held = ChargeRequest { capture: false, description: None, ..request };
    assert_eq!(prepares.prepare(&call("op_1"), &held).await, Ok(Ok(Some(INTENT.to_owned()))));
    let asked = fake.asked().await;
    assert_eq!((asked[0].what.as_str(), asked[0].key.as_deref()), ("POST /v1/payment_intents", Some("op_1-create")));
    let mut form = pairs(&[
        ("amount", "1099"),
        ("currency", "eur"),
        ("capture_method", "automatic"),
        ("payment_method_types[]", "card"),
        ("description", "Two books"),
        ("metadata[paydeck_key]", "op_1"),
        ("metadata[paydeck_payment]", "pi_1"),
    ]);
    assert_eq!(asked[0].form, form);
    form.insert("capture_method".into(), "manual".into());
    form.remove("description");
    assert_eq!(asked[1].form, form);
}

#[tokio::test]
async fn preparing_charges_nothing_whatever_comes_of_it() {
    let declined = |code| Ok(Err(ChargeState::Declined(code)));
    let nothing = Err(());
    for (status, body, expected) in [
        (401, error("invalid_request_error", None, None), declined(DeclineCode::GatewayMisconfigured)),
        (403, error("invalid_request_error", None, None), declined(DeclineCode::GatewayMisconfigured)),
        (400, error("invalid_request_error", None, Some("currency")), declined(DeclineCode::CurrencyNotSupported)),
        (
            400,
            error("invalid_request_error", Some("amount_too_small"), Some("amount")),
            declined(DeclineCode::GenericDecline),
        ),
        (400, error("invalid_request_error", Some("parameter_unknown"), Some("x")), nothing.clone()),
        (400, error("idempotency_error", None, None), nothing.clone()),
        (409, error("invalid_request_error", Some("idempotency_key_in_use"), None), nothing.clone()),
        (429, error("invalid_request_error", Some("rate_limit"), None), nothing.clone()),
        (500, error("api_error", None, None), nothing.clone()),
        (200, json!({ "object": "payment_intent" }), nothing.clone()),
        (200, intent(&json!({ "amount": 1_098 })), nothing.clone()),
        (200, intent(&json!({ "currency": "usd" })), nothing.clone()),
    ] {
        let fake = Fake::new().await;
        fake.answers("POST", INTENTS, status, &body).await;
        let made = fake.stripe.prepares().unwrap().prepare(&call("op_1"), &of_token("ctoken_1")).await;
        if let Err(failure) = &made {
            assert!(matches!(failure, GatewayFailure::NotSent { .. }), "{body}: {failure}");
        }
        assert_eq!(made.map(|made| made.map_err(|reply| reply.state)).map_err(|_| ()), expected, "{body}");
    }
}

#[tokio::test]
async fn confirming_charges() {
    let fake = Fake::new().await;
    fake.answers("POST", CONFIRM, 200, &intent(&json!({}))).await;
    let reply = fake.stripe.charges().charge(&call("op_1"), &prepared()).await.unwrap();
    assert_eq!(
        reply,
        ChargeReply {
            gateway_ref: Some(INTENT.into()),
            state: ChargeState::Succeeded { captured: eur(1_099), fee: Some(eur(62)) },
            card: Some(visa()),
            saved: None,
            raw_code: None,
            raw_message: None,
        }
    );
    let asked = fake.asked().await;
    assert_eq!(asked.len(), 1);
    assert_eq!(
        (asked[0].what.as_str(), asked[0].key.as_deref()),
        (format!("POST {CONFIRM}").as_str(), Some("op_1-confirm"))
    );
    assert_eq!(
        asked[0].form,
        pairs(&[
            ("confirmation_token", "ctoken_1PabcDEF"),
            ("return_url", "https://pay.example/c/x"),
            ("use_stripe_sdk", "false"),
            ("expand[]", "latest_charge.balance_transaction"),
        ])
    );
}

#[tokio::test]
async fn without_a_prepared_name_it_makes_and_confirms() {
    let fake = Fake::new().await;
    let made = intent(&json!({ "status": "requires_payment_method", "amount_received": 0, "latest_charge": null }));
    fake.answers("POST", INTENTS, 200, &made).await;
    fake.answers("POST", CONFIRM, 200, &intent(&json!({}))).await;
    let reply = fake.stripe.charges().charge(&call("op_1"), &of_token("pm_card_visa")).await.unwrap();
    assert_eq!(reply.state, ChargeState::Succeeded { captured: eur(1_099), fee: Some(eur(62)) });
    let asked = fake.asked().await;
    let keys: Vec<_> = asked.iter().map(|asked| asked.key.as_deref().unwrap()).collect();
    assert_eq!(keys, ["op_1-create", "op_1-confirm"]);
    assert_eq!(asked[1].form.get("payment_method").map(String::as_str), Some("pm_card_visa"));
    assert!(!asked[1].form.contains_key("confirmation_token"));
}

#[tokio::test]
async fn where_a_charge_stands() {
    let settling =
        json!({ "status": "processing", "amount_received": 0, "latest_charge": { "balance_transaction": null } });
    let held = json!({
        "status": "requires_capture", "amount_received": 0, "amount_capturable": 1099,
        "latest_charge": { "balance_transaction": null, "payment_method_details": { "card": { "capture_before": 1_795_910_400 } } },
    });
    let held_without_end = json!({ "status": "requires_capture", "latest_charge": { "balance_transaction": null } });
    let bank = json!({
        "status": "requires_action", "latest_charge": null,
        "next_action": { "type": "redirect_to_url", "redirect_to_url": { "url": "https://hooks.stripe.com/3d", "return_url": null } },
    });
    let no_fee_yet = json!({ "latest_charge": { "balance_transaction": null } });
    let foreign_fee = json!({ "latest_charge": { "balance_transaction": { "currency": "usd" } } });
    let succeeded = |fee| ChargeState::Succeeded { captured: eur(1_099), fee };
    for (changes, state) in [
        (settling, ChargeState::Processing),
        (held, ChargeState::Authorized { capture_before: Some(Timestamp(1_795_910_400_000)) }),
        (held_without_end, ChargeState::Authorized { capture_before: None }),
        (bank, ChargeState::RequiresAction { url: "https://hooks.stripe.com/3d".into() }),
        (no_fee_yet, succeeded(None)),
        (foreign_fee, succeeded(None)),
        (json!({ "status": "canceled", "latest_charge": null }), ChargeState::Canceled),
    ] {
        let reply = confirmed(200, &intent(&changes)).await.unwrap();
        assert_eq!((reply.state, reply.gateway_ref.as_deref()), (state, Some(INTENT)), "{changes}");
    }
}

#[tokio::test]
async fn what_does_not_fit_what_was_asked_is_unknown() {
    for changes in [
        json!({ "amount": 1_098 }),
        json!({ "currency": "usd" }),
        json!({ "currency": "zzz" }),
        json!({ "amount": null }),
        json!({ "amount": 10.99 }),
        json!({ "amount_received": null }),
        json!({ "amount_received": -1 }),
        json!({ "status": "brand_new" }),
        json!({ "status": null }),
        json!({ "status": "requires_payment_method" }),
        json!({ "status": "requires_confirmation" }),
        json!({ "status": "requires_action" }),
        json!({ "status": "requires_action", "next_action": { "redirect_to_url": { "url": "http://plain.example" } } }),
        json!({ "status": "requires_action", "next_action": { "type": "use_stripe_sdk", "use_stripe_sdk": {} } }),
    ] {
        let failure = confirmed(200, &intent(&changes)).await.unwrap_err();
        assert!(matches!(failure, GatewayFailure::Unknown { .. }), "{changes}: {failure}");
    }
}

#[tokio::test]
async fn a_declined_card_is_a_reply() {
    let reply = confirmed(402, &card_declined(&json!({}))).await.unwrap();
    assert_eq!(
        reply,
        ChargeReply {
            gateway_ref: Some(INTENT.into()),
            state: ChargeState::Declined(DeclineCode::InsufficientFunds),
            card: Some(CardFacts {
                brand: "mastercard".into(),
                last4: "9995".into(),
                exp_month: Some(1),
                exp_year: Some(2031),
                country: Some("SE".into()),
            }),
            saved: None,
            raw_code: Some("insufficient_funds".into()),
            raw_message: Some("Your card has insufficient funds.".into()),
        }
    );
    for (decline_code, code, expected) in [
        (json!("stolen_card"), "card_declined", DeclineCode::StolenCard),
        (json!("authentication_required"), "authentication_required", DeclineCode::AuthenticationRequired),
        (json!("try_again_later"), "card_declined", DeclineCode::TryAgainLater),
        (json!(null), "expired_card", DeclineCode::ExpiredCard),
        (json!(null), "processing_error", DeclineCode::ProcessingError),
        (json!("brand_new"), "card_declined", DeclineCode::GenericDecline),
    ] {
        let body = card_declined(&json!({ "error": { "decline_code": decline_code, "code": code } }));
        assert_eq!(confirmed(402, &body).await.unwrap().state, ChargeState::Declined(expected), "{body}");
    }
}

#[tokio::test]
async fn a_refusal_does_not_hide_what_was_charged_before() {
    // Stripe tells in the refusal how the PaymentIntent stands: a 402 does not outweigh money that was taken.
    let taken =
        card_declined(&json!({ "error": { "payment_intent": { "status": "succeeded", "amount_received": 1_099 } } }));
    let reply = confirmed(402, &taken).await.unwrap();
    assert_eq!(reply.state, ChargeState::Succeeded { captured: eur(1_099), fee: None });
    // Without it, Stripe is asked.
    let fake = Fake::new().await;
    let past = error("invalid_request_error", Some("payment_intent_unexpected_state"), None);
    fake.answers("POST", CONFIRM, 400, &past).await;
    fake.answers("GET", "/v1/payment_intents/pi_3PabcDEF", 200, &intent(&json!({}))).await;
    let reply = fake.stripe.charges().charge(&call("op_1"), &prepared()).await.unwrap();
    assert_eq!(reply.state, ChargeState::Succeeded { captured: eur(1_099), fee: Some(eur(62)) });
}

#[tokio::test]
async fn a_repeated_answer_is_as_old_as_the_first_one() {
    let fake = Fake::new().await;
    let then = json!({
        "status": "requires_action", "latest_charge": null, "amount_received": 0,
        "next_action": { "redirect_to_url": { "url": "https://hooks.stripe.com/3d" } },
    });
    fake.repeats(CONFIRM, 200, &intent(&then)).await;
    fake.answers("GET", "/v1/payment_intents/pi_3PabcDEF", 200, &intent(&json!({}))).await;
    let reply = fake.stripe.charges().charge(&call("op_1"), &prepared()).await.unwrap();
    assert_eq!(reply.state, ChargeState::Succeeded { captured: eur(1_099), fee: Some(eur(62)) });
}

#[tokio::test]
async fn amounts_go_as_stripe_counts_them() {
    for (code, minor, asked) in [("JPY", 500, "500"), ("ISK", 5, "500"), ("KWD", 5_120, "5120"), ("MGA", 500, "5")] {
        let fake = Fake::new().await;
        let currency: Currency = code.parse().unwrap();
        let made = intent(&json!({
            "amount": asked.parse::<i64>().unwrap(), "currency": code.to_lowercase(), "status": "requires_payment_method",
        }));
        fake.answers("POST", INTENTS, 200, &made).await;
        let request = ChargeRequest { amount: Money::new(minor, currency), ..of_token("ctoken_1") };
        let made = fake.stripe.prepares().unwrap().prepare(&call("op_1"), &request).await;
        assert_eq!(made, Ok(Ok(Some(INTENT.to_owned()))), "{code}");
        assert_eq!(fake.asked().await[0].form.get("amount").map(String::as_str), Some(asked), "{code}");
    }
    // What Stripe can't count is never sent.
    let fake = Fake::new().await;
    let request = ChargeRequest { amount: Money::new(5_124, Currency::KWD), ..of_token("ctoken_1") };
    let reply = fake.stripe.charges().charge(&call("op_1"), &request).await.unwrap();
    assert_eq!(reply.state, ChargeState::Declined(DeclineCode::CurrencyNotSupported));
    assert_eq!(fake.asked().await, []);
}

#[tokio::test]
async fn card_numbers_and_strange_tokens_go_nowhere() {
    let fake = Fake::new().await;
    let charges = fake.stripe.charges();
    let long = format!("ctoken_{}", "a".repeat(300));
    for method in [
        card("4242424242424242"),
        MethodInput::Token("tok_visa".into()),
        MethodInput::Token("ctoken_".into()),
        MethodInput::Token("ctoken_1&amount=1".into()),
        MethodInput::Token(long),
    ] {
        assert!(charges.accept(&method, NOW).is_err(), "{method:?}");
        let request = with(method, eur(1_099));
        let no = ChargeState::Declined(DeclineCode::CardNotSupported);
        assert_eq!(charges.charge(&call("op_1"), &request).await.unwrap().state, no);
        assert_eq!(
            fake.stripe.prepares().unwrap().prepare(&call("op_1"), &request).await.unwrap().unwrap_err().state,
            no
        );
    }
    assert_eq!(charges.accept(&MethodInput::Token("ctoken_1PabcDEF".into()), NOW), Ok(None));
    assert_eq!(charges.accept(&MethodInput::Page, NOW), Ok(None));
    assert_eq!(charges.accept(&MethodInput::Saved(super::kept()), NOW), Ok(None));
    // A prepared name goes into an address: only one of Stripe's does.
    let request = ChargeRequest { prepared: Some("../refunds".into()), ..prepared() };
    assert!(matches!(charges.charge(&call("op_1"), &request).await, Err(GatewayFailure::NotSent { .. })));
    assert_eq!(fake.asked().await, []);
}

#[tokio::test]
async fn the_page_gets_the_script_of_the_same_release() {
    let fake = Fake::new().await;
    let PayFields::Script(fields) =
        fake.stripe.charges().fields(&crate::wanted("card", crate::eur(1_000)), &credentials())
    else {
        panic!("no script");
    };
    let release = stripe::VERSION.split_once('.').unwrap().1;
    assert_eq!(fields.script, format!("https://js.stripe.com/{release}/stripe.js"));
    let told = [("publishable_key", "pk_test_abc123"), ("amount", "1000")];
    assert_eq!(fields.settings, told.map(|(name, value)| (name.to_owned(), value.to_owned())));
    assert!(fields.scripts.contains(&"https://js.stripe.com".to_owned()));
    assert!(!format!("{fields:?}").contains(super::SECRET));
    assert!(!format!("{:?}", fake.stripe).contains(super::SECRET));
}
