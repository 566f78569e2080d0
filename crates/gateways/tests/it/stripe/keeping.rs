//! Charges that keep their method: whose it is at Stripe, what is asked, and what the answers say of it.

use super::{
    Asked, CUSTOMER, CUSTOMERS, Fake, INTENT, INTENTS, SESSIONS, call, error, intent, keep, keeps, kept, list,
    of_token, on_page, pairs, prepared, session,
};
use gateways::{ChargeReply, ChargeRequest, ChargeState, Gateway, GatewayFailure, Keep, ListPage, SavedMethod, Window};
use serde_json::{Value, json};

const SEARCH: &str = "/v1/customers/search";
const ONE: &str = "/v1/payment_intents/pi_3PabcDEF";
const CONFIRM: &str = "/v1/payment_intents/pi_3PabcDEF/confirm";

fn keeping() -> ChargeRequest {
    ChargeRequest { keep: Some(keep()), email: Some("ana@example.com".into()), ..of_token("ctoken_1PabcDEF") }
}

/// A customer as Stripe tells of one.
fn customer(changes: &Value) -> Value {
    let mut customer = json!({
        "id": CUSTOMER, "object": "customer", "created": 1_795_305_600, "email": "ana@example.com", "livemode": false,
        "metadata": { "paydeck_customer": "cus_ana" },
    });
    super::merge(&mut customer, changes);
    customer
}

fn made() -> Value {
    intent(&json!({ "status": "requires_payment_method", "amount_received": 0, "latest_charge": null }))
}

async fn prepare(fake: &Fake, request: &ChargeRequest) -> Vec<Asked> {
    let found = fake.stripe.prepares().unwrap().prepare(&call("op_1"), request).await;
    assert_eq!(found, Ok(Ok(Some(INTENT.to_owned()))));
    fake.asked().await
}

fn sent<'a>(asked: &'a Asked, name: &str) -> Option<&'a str> {
    asked.form.get(name).map(String::as_str)
}

#[tokio::test]
async fn a_customer_is_made_and_the_charge_is_theirs() {
    let fake = Fake::new().await;
    fake.answers("GET", SEARCH, 200, &list(&[], false)).await;
    fake.answers("POST", CUSTOMERS, 200, &customer(&json!({}))).await;
    fake.answers("POST", INTENTS, 200, &made()).await;
    let asked = prepare(&fake, &keeping()).await;
    let what: Vec<_> = asked.iter().map(|asked| asked.what.as_str()).collect();
    assert_eq!(what, ["GET /v1/customers/search", "POST /v1/customers", "POST /v1/payment_intents"]);
    assert_eq!(asked[0].query, pairs(&[("query", "metadata['paydeck_customer']:'cus_ana'")]));
    assert_eq!(asked[1].form, pairs(&[("metadata[paydeck_customer]", "cus_ana"), ("email", "ana@example.com")]));
    assert_eq!(asked[2].key.as_deref(), Some("op_1-create"));
    assert_eq!(
        asked[2].form,
        pairs(&[
            ("amount", "1099"),
            ("currency", "eur"),
            ("capture_method", "automatic"),
            ("payment_method_types[]", "card"),
            ("customer", CUSTOMER),
            ("setup_future_usage", "off_session"),
            ("description", "Two books"),
            ("metadata[paydeck_key]", "op_1"),
            ("metadata[paydeck_payment]", "pi_1"),
        ])
    );
    // Another operation makes the same customer: search may be late, the key is not.
    let again = fake.stripe.prepares().unwrap().prepare(&call("op_2"), &keeping()).await;
    assert_eq!(again, Ok(Ok(Some(INTENT.to_owned()))));
    let second = &fake.asked().await[4];
    assert_eq!((second.what.as_str(), &second.key), ("POST /v1/customers", &asked[1].key));
    assert!(!second.key.as_deref().unwrap().contains("example"));
}

#[tokio::test]
async fn a_customer_who_is_known_is_not_made_again() {
    // By Stripe's name.
    let fake = Fake::new().await;
    fake.answers("GET", &format!("{CUSTOMERS}/{CUSTOMER}"), 200, &customer(&json!({}))).await;
    fake.answers("POST", INTENTS, 200, &made()).await;
    let named = Keep { gateway_customer: Some(CUSTOMER.into()), ..keep() };
    let asked = prepare(&fake, &ChargeRequest { keep: Some(named.clone()), ..keeping() }).await;
    assert_eq!((asked.len(), sent(&asked[1], "customer")), (2, Some(CUSTOMER)));
    // Nobody knows whether there is one of that name: it stays.
    let fake = Fake::new().await;
    fake.answers("POST", INTENTS, 200, &made()).await;
    let asked = prepare(&fake, &ChargeRequest { keep: Some(named), ..keeping() }).await;
    assert_eq!((asked.len(), sent(&asked[1], "customer")), (2, Some(CUSTOMER)));
    // By ours: somebody else's and deleted ones do not count.
    let fake = Fake::new().await;
    let other = customer(&json!({ "id": "cus_other", "metadata": { "paydeck_customer": "cus_bob" } }));
    let gone = customer(&json!({ "id": "cus_gone", "deleted": true }));
    fake.answers("GET", SEARCH, 200, &list(&[other, gone, customer(&json!({}))], false)).await;
    fake.answers("POST", INTENTS, 200, &made()).await;
    let asked = prepare(&fake, &keeping()).await;
    assert_eq!((asked.len(), sent(&asked[1], "customer")), (2, Some(CUSTOMER)));
}

#[tokio::test]
async fn a_customer_who_is_gone_is_made_again() {
    for (status, body) in [
        (200, json!({ "id": "cus_old", "object": "customer", "deleted": true })),
        (404, error("invalid_request_error", Some("resource_missing"), Some("id"))),
    ] {
        let fake = Fake::new().await;
        fake.answers("GET", "/v1/customers/cus_old", status, &body).await;
        fake.answers("GET", SEARCH, 200, &list(&[], false)).await;
        fake.answers("POST", CUSTOMERS, 200, &customer(&json!({}))).await;
        fake.answers("POST", INTENTS, 200, &made()).await;
        let old = Keep { gateway_customer: Some("cus_old".into()), ..keep() };
        let asked = prepare(&fake, &ChargeRequest { keep: Some(old), ..keeping() }).await;
        assert_eq!(sent(asked.last().unwrap(), "customer"), Some(CUSTOMER), "{body}");
    }
}

#[tokio::test]
async fn what_can_not_be_kept_is_charged_all_the_same() {
    // No customer can be made.
    for (status, body) in [
        (403, error("invalid_request_error", None, None)),
        (400, error("invalid_request_error", Some("email_invalid"), Some("email"))),
        (400, error("idempotency_error", None, None)),
        (429, error("invalid_request_error", Some("rate_limit"), None)),
        (500, json!({})),
        (200, json!({})),
        (200, json!({ "id": "cus_/../x" })),
    ] {
        let fake = Fake::new().await;
        fake.answers("GET", SEARCH, 403, &error("invalid_request_error", None, None)).await;
        fake.answers("POST", CUSTOMERS, status, &body).await;
        fake.answers("POST", INTENTS, 200, &made()).await;
        let asked = prepare(&fake, &keeping()).await;
        let last = asked.last().unwrap();
        assert_eq!((sent(last, "customer"), sent(last, "setup_future_usage")), (None, None), "{body}");
        // Another request than the one that would have kept it.
        assert_eq!(last.key.as_deref(), Some("op_1-create-unkept"), "{body}");
    }
    // Stripe does not take the customer, or does not keep this for the account.
    for param in ["customer", "setup_future_usage"] {
        let fake = Fake::new().await;
        fake.answers("GET", SEARCH, 200, &list(&[customer(&json!({}))], false)).await;
        let refused = error("invalid_request_error", Some("resource_missing"), Some(param));
        let keeps = wiremock::matchers::body_string_contains("setup_future_usage");
        wiremock::Mock::given(keeps)
            .respond_with(wiremock::ResponseTemplate::new(400).set_body_json(refused))
            .with_priority(1)
            .mount(&fake.server)
            .await;
        fake.answers("POST", INTENTS, 200, &made()).await;
        let asked = prepare(&fake, &keeping()).await;
        assert_eq!(asked.len(), 3, "{param}");
        assert_eq!(sent(&asked[2], "customer"), None, "{param}");
    }
    // What is refused for another reason is refused.
    let fake = Fake::new().await;
    fake.answers("GET", SEARCH, 200, &list(&[customer(&json!({}))], false)).await;
    fake.answers("POST", INTENTS, 400, &error("invalid_request_error", Some("parameter_unknown"), Some("x"))).await;
    let found = fake.stripe.prepares().unwrap().prepare(&call("op_1"), &keeping()).await;
    assert!(matches!(found, Err(GatewayFailure::NotSent { .. })));
    assert_eq!(fake.asked().await.len(), 2);
}

#[tokio::test]
async fn the_page_keeps_as_well() {
    let fake = Fake::new().await;
    fake.answers("GET", SEARCH, 200, &list(&[customer(&json!({}))], false)).await;
    fake.answers("POST", SESSIONS, 200, &session(&json!({}))).await;
    let request = ChargeRequest { keep: Some(keep()), email: Some("ana@example.com".into()), ..on_page() };
    let reply = fake.stripe.charges().charge(&call("op_1"), &request).await.unwrap();
    assert!(matches!(reply.state, ChargeState::RequiresAction { .. }));
    assert_eq!(reply.saved, None);
    let asked = fake.asked().await;
    assert_eq!(asked[1].key.as_deref(), Some("op_1-page"));
    assert_eq!(sent(&asked[1], "customer"), Some(CUSTOMER));
    assert_eq!(sent(&asked[1], "payment_intent_data[setup_future_usage]"), Some("off_session"));
    // Stripe refuses both of them together.
    assert_eq!(sent(&asked[1], "customer_email"), None);
    // Once it is paid.
    let fake = Fake::new().await;
    let complete = session(
        &json!({ "status": "complete", "url": null, "customer": CUSTOMER, "payment_intent": intent(&keeps()) }),
    );
    fake.answers("GET", "/v1/checkout/sessions/cs_test_a1B2c3", 200, &complete).await;
    let reply = fake.stripe.charges().resume(&call("op_1"), super::SESSION).await.unwrap();
    assert_eq!((reply.gateway_ref.as_deref(), reply.saved), (Some(INTENT), Some(kept())));
    // Not to be kept: to be paid.
    let fake = Fake::new().await;
    fake.answers("POST", CUSTOMERS, 500, &json!({})).await;
    fake.answers("POST", SESSIONS, 200, &session(&json!({}))).await;
    let reply = fake.stripe.charges().charge(&call("op_1"), &request).await.unwrap();
    assert!(matches!(reply.state, ChargeState::RequiresAction { .. }));
    let asked = fake.asked().await;
    let last = asked.last().unwrap();
    assert_eq!(last.key.as_deref(), Some("op_1-page-unkept"));
    assert_eq!((sent(last, "customer"), sent(last, "customer_email")), (None, Some("ana@example.com")));
}

/// Every answer about a charge that stands so.
async fn answers(charge: &Value) -> Vec<ChargeReply> {
    let fake = Fake::new().await;
    fake.answers("POST", CONFIRM, 200, charge).await;
    fake.answers("GET", ONE, 200, charge).await;
    fake.answers("GET", SESSIONS, 200, &list(&[], false)).await;
    fake.answers("GET", INTENTS, 200, &list(std::slice::from_ref(charge), false)).await;
    let (charges, lookup) = (fake.stripe.charges(), fake.stripe.lookup().unwrap());
    let window = Window { from: crate::NOW, to: crate::NOW.plus(1_000) };
    let ListPage { charges: listed, .. } =
        fake.stripe.listing().unwrap().list_charges(&call("op_9"), window, None).await.unwrap();
    let request = ChargeRequest { keep: Some(keep()), ..prepared() };
    let mut replies = vec![
        charges.charge(&call("op_1"), &request).await.unwrap(),
        charges.resume(&call("op_1"), INTENT).await.unwrap(),
        lookup.find_charge(&call("op_9"), "op_1", Some(INTENT)).await.unwrap().unwrap(),
        lookup.find_charge(&call("op_9"), "op_1", None).await.unwrap().unwrap(),
    ];
    replies.extend(listed.into_iter().map(|listed| listed.reply));
    assert_eq!(replies.len(), 5);
    replies
}

fn keeping_intent(changes: &Value) -> Value {
    let mut charge = intent(&keeps());
    super::merge(&mut charge, changes);
    charge
}

#[tokio::test]
async fn every_answer_says_what_was_kept() {
    let saved = || -> Option<SavedMethod> { Some(kept()) };
    let voided = json!({ "status": "canceled", "latest_charge": { "status": "succeeded", "captured": false } });
    for (changes, expected) in [
        (json!({}), saved()),
        (json!({ "payment_method": { "id": super::METHOD }, "customer": { "id": CUSTOMER } }), saved()),
        (json!({ "status": "requires_capture", "latest_charge": { "balance_transaction": null } }), saved()),
        (voided, saved()),
        // Not yet, or never.
        (json!({ "status": "processing", "latest_charge": { "balance_transaction": null } }), None),
        (json!({ "status": "canceled", "latest_charge": null }), None),
        (
            json!({ "status": "requires_action", "latest_charge": null,
                "next_action": { "redirect_to_url": { "url": "https://hooks.stripe.com/3d" } } }),
            None,
        ),
        (
            json!({ "status": "requires_payment_method", "latest_charge": null,
                "last_payment_error": { "code": "card_declined" } }),
            None,
        ),
        // Not for what is charged in the customer's absence, or without names: the charge is what it is.
        (json!({ "setup_future_usage": "on_session" }), None),
        (json!({ "setup_future_usage": null }), None),
        (json!({ "customer": null }), None),
        (json!({ "customer": "../x" }), None),
        (json!({ "payment_method": null }), None),
        (json!({ "payment_method": 1 }), None),
    ] {
        let replies = answers(&keeping_intent(&changes)).await;
        for reply in &replies {
            assert_eq!(reply.saved, expected, "{changes}");
            assert_eq!(reply.state, replies[0].state, "{changes}");
        }
    }
    // Whoever did not ask for it keeps nothing, though there is a customer.
    let replies = answers(&intent(&json!({ "customer": CUSTOMER }))).await;
    assert!(replies.iter().all(|reply| reply.saved.is_none()));
}

#[tokio::test]
async fn what_was_captured_or_released_says_it_too() {
    let fake = Fake::new().await;
    fake.answers("POST", &format!("{ONE}/capture"), 200, &intent(&keeps())).await;
    let voided = json!({ "status": "canceled", "latest_charge": { "status": "succeeded", "captured": false } });
    fake.answers("POST", &format!("{ONE}/cancel"), 200, &keeping_intent(&voided)).await;
    let captures = fake.stripe.captures().unwrap();
    assert_eq!(captures.capture(&call("op_2"), INTENT, crate::eur(1_099)).await.unwrap().saved, Some(kept()));
    let reply = captures.void(&call("op_3"), INTENT).await.unwrap();
    assert_eq!((reply.state, reply.saved), (ChargeState::Canceled, Some(kept())));
}
