//! Charging tokens: what is sent, and what each state of a payment comes to.

use super::*;
use domain::decline::DeclineCode;
use domain::views::checkout::PayFields;
use gateways::{CardFacts, ChargeState, FindsOut, Gateway};

fn visa() -> CardFacts {
    CardFacts { brand: "visa".into(), last4: "1111".into(), exp_month: Some(11), exp_year: Some(2030), country: None }
}

#[tokio::test]
async fn a_token_is_charged_with_our_key_in_every_place() {
    let server = MockServer::start().await;
    let key = key_of(NOW);
    answers(&server, "POST", "/v2/payments", 200, &payment(&key)).await;
    let request = ChargeRequest {
        description: Some("Two coffees, to go".into()),
        email: Some("ada@example.com".into()),
        ..token_request()
    };
    let reply = connector(&server).charges().charge(&call(&key), &request).await.unwrap();
    assert_eq!(reply.gateway_ref.as_deref(), Some(PAYMENT));
    assert_eq!(reply.state, ChargeState::Succeeded { captured: usd(1_000), fee: None });
    assert_eq!((reply.card, reply.raw_code.as_deref()), (Some(visa()), Some("COMPLETED")));
    let expected = json!({
        "source_id": "cnon:card-nonce-ok",
        "idempotency_key": key,
        "amount_money": { "amount": 1_000, "currency": "USD" },
        "autocomplete": true,
        "accept_partial_authorization": false,
        "location_id": "L88917AVBK2S5",
        "reference_id": key,
        "note": format!("pi_1 paydeck:{key}"),
        "buyer_email_address": "ada@example.com",
        "statement_description_identifier": "Two coffees to go",
    });
    assert_eq!(body(&server, "POST", "/v2/payments").await, expected);
}

#[tokio::test]
async fn a_long_key_is_digested_and_still_readable_from_the_note() {
    let server = MockServer::start().await;
    let key = "k".repeat(60);
    answers(&server, "POST", "/v2/payments", 200, &payment(&key)).await;
    connector(&server).charges().charge(&call(&key), &token_request()).await.unwrap();
    let sent = body(&server, "POST", "/v2/payments").await;
    let short = sent["idempotency_key"].as_str().unwrap();
    assert!(short.len() <= 45 && short != &key[..45]);
    assert_eq!((sent.get("reference_id"), &sent["note"]), (None, &json!(format!("pi_1 paydeck:{key}"))));
}

#[tokio::test]
async fn an_authorisation_says_until_when_it_stands() {
    let server = MockServer::start().await;
    let key = key_of(NOW);
    answers(&server, "POST", "/v2/payments", 200, &hold_in(&key, "APPROVED")).await;
    let request = ChargeRequest { capture: false, ..token_request() };
    let reply = connector(&server).charges().charge(&call(&key), &request).await.unwrap();
    let until = NOW.plus(7 * 86_400_000 + 1_577);
    assert_eq!(reply.state, ChargeState::Authorized { capture_before: Some(until) });
    let sent = body(&server, "POST", "/v2/payments").await;
    assert_eq!(sent["autocomplete"], json!(false));
    assert_eq!(sent["note"], json!(format!("pi_1 paydeck-hold:{key}")));
}

#[tokio::test]
async fn the_fee_is_told_once_square_tells_it() {
    let server = MockServer::start().await;
    let mut answer = payment("k");
    answer["payment"]["processing_fee"] = json!([
        { "effective_at": "2026-11-22T02:00:00.000Z", "type": "INITIAL", "amount_money": { "amount": 59, "currency": "USD" } }
    ]);
    answers(&server, "GET", &format!("/v2/payments/{PAYMENT}"), 200, &answer).await;
    let square = connector(&server);
    let found = square.lookup().unwrap().find_charge(&call("x"), "k", Some(PAYMENT)).await.unwrap().unwrap();
    assert_eq!(found.state, ChargeState::Succeeded { captured: usd(1_000), fee: Some(usd(59)) });
}

#[tokio::test]
async fn each_state_has_one_meaning() {
    let mut failed = payment_in("k", "FAILED");
    failed["payment"]["card_details"]["errors"] =
        error("PAYMENT_METHOD_ERROR", "INSUFFICIENT_FUNDS", None)["errors"].clone();
    for (answer, state, raw) in [
        (payment_in("k", "APPROVED"), ChargeState::Processing, "APPROVED"),
        (payment_in("k", "PENDING"), ChargeState::Processing, "PENDING"),
        (payment_in("k", "CANCELED"), ChargeState::Canceled, "CANCELED"),
        (payment_in("k", "FAILED"), ChargeState::Declined(DeclineCode::GenericDecline), "FAILED"),
        (failed, ChargeState::Declined(DeclineCode::InsufficientFunds), "INSUFFICIENT_FUNDS"),
    ] {
        let server = MockServer::start().await;
        answers(&server, "POST", "/v2/payments", 200, &answer).await;
        let reply = connector(&server).charges().charge(&call("k"), &token_request()).await.unwrap();
        assert_eq!((reply.state, reply.raw_code.as_deref()), (state, Some(raw)));
    }
}

#[tokio::test]
async fn amounts_that_were_not_asked_for_are_never_passed_off() {
    let changed = |status: &str, amount: Value| {
        let mut answer = payment_in("k", status);
        answer["payment"]["total_money"] = amount;
        answer
    };
    let dollars = |amount: i64| json!({ "amount": amount, "currency": "USD" });
    for (capture, answer) in [
        (true, changed("COMPLETED", json!({ "amount": 1_000, "currency": "EUR" }))),
        (true, changed("COMPLETED", json!({ "amount": 1_000, "currency": "XTS" }))),
        (true, changed("COMPLETED", json!({ "amount": 10.5, "currency": "USD" }))),
        (true, changed("COMPLETED", json!({ "currency": "USD" }))),
        (false, changed("APPROVED", dollars(900))),
        (true, changed("NEVER_HEARD_OF", dollars(1_000))),
    ] {
        let server = MockServer::start().await;
        answers(&server, "POST", "/v2/payments", 200, &answer).await;
        let request = ChargeRequest { capture, ..token_request() };
        unknown(connector(&server).charges().charge(&call("k"), &request).await);
    }
    // Another amount of the same currency was captured: that is what is told.
    let server = MockServer::start().await;
    answers(&server, "POST", "/v2/payments", 200, &changed("COMPLETED", dollars(900))).await;
    let reply = connector(&server).charges().charge(&call("k"), &token_request()).await.unwrap();
    assert_eq!(reply.state, ChargeState::Succeeded { captured: usd(900), fee: None });
}

#[tokio::test]
async fn what_square_can_not_do_is_not_sent() {
    let server = MockServer::start().await;
    let square = connector(&server);
    let charges = square.charges();
    let declined = |reply: gateways::ChargeReply| match reply.state {
        ChargeState::Declined(code) => code,
        state => panic!("{state:?}"),
    };
    let card = crate::with(crate::card("4242424242424242"), usd(1_000));
    assert_eq!(declined(charges.charge(&call("k"), &card).await.unwrap()), DeclineCode::CardNotSupported);
    let page = ChargeRequest { capture: false, ..crate::with(MethodInput::Page, usd(1_000)) };
    assert_eq!(declined(charges.charge(&call("k"), &page).await.unwrap()), DeclineCode::CardNotSupported);
    let dinars = crate::with(token_request().method, Money::new(1_000, Currency::KWD));
    assert_eq!(declined(charges.charge(&call("k"), &dinars).await.unwrap()), DeclineCode::CurrencyNotSupported);
    for minor in [0, -1, i64::MAX, i64::MIN] {
        not_sent(charges.charge(&call("k"), &crate::with(token_request().method, usd(minor))).await);
    }
    let bare = Call { credentials: Credentials::default(), ..call("k") };
    not_sent(charges.charge(&bare, &token_request()).await);
    assert!(sent(&server).await.is_empty());
}

#[tokio::test]
async fn what_square_says_of_itself() {
    let square = at("https://square.invalid/");
    assert_eq!((square.key(), square.finds_out()), ("square", FindsOut::ByCancellingKey));
    let described = square.describe();
    assert_eq!((described.key.as_str(), described.methods), ("square", vec!["card".to_owned()]));
    let fields: Vec<_> = described.fields.iter().map(|f| (f.name.as_str(), f.secret, f.required)).collect();
    assert_eq!(
        fields,
        [
            ("application_id", false, true),
            ("access_token", true, true),
            ("location_id", false, true),
            ("webhook_signature_key", true, false)
        ]
    );
    assert!(square.prepares().is_none() && square.challenges().is_none());
    assert!(square.saves().is_some() && square.disputes().is_some());
    for word in ["save", "disputes"] {
        assert!(described.capabilities.iter().any(|can| can == word), "{word}");
    }
    assert!(square.captures().is_some() && square.refunds().is_some() && square.abandons().is_some());
    let charges = square.charges();
    assert!(matches!(charges.fields(&crate::wanted("card", crate::eur(1_000)), &credentials()), PayFields::Script(_)));
    assert_eq!(charges.accept(&MethodInput::Page, NOW), Ok(None));
    assert_eq!(charges.accept(&token_request().method, NOW), Ok(None));
    for refused in [crate::card("4242424242424242"), crate::token("visa"), MethodInput::Token("CASH".into())] {
        assert_eq!(charges.accept(&refused, NOW).unwrap_err().len(), 1);
    }
}

#[tokio::test]
async fn an_answer_that_repeats_an_earlier_one_is_asked_after() {
    let server = MockServer::start().await;
    answers(&server, "POST", "/v2/payments", 200, &hold_in("k", "APPROVED")).await;
    answers(&server, "GET", &format!("/v2/payments/{PAYMENT}"), 200, &hold_in("k", "CANCELED")).await;
    let request = ChargeRequest { capture: false, ..token_request() };
    let square = connector(&server);
    let reply = square.charges().charge(&later("k"), &request).await.unwrap();
    assert_eq!((reply.gateway_ref.as_deref(), reply.state), (Some(PAYMENT), ChargeState::Canceled));
    // Where it stands now can't be told: neither is what was said then. The charge was sent, whatever became of the question.
    for status in [401, 404, 429, 500] {
        let server = MockServer::start().await;
        answers(&server, "POST", "/v2/payments", 200, &payment("k")).await;
        let refusal = error("INVALID_REQUEST_ERROR", "NOT_FOUND", None);
        answers(&server, "GET", &format!("/v2/payments/{PAYMENT}"), status, &refusal).await;
        unknown(connector(&server).charges().charge(&later("k"), &token_request()).await);
    }
}
