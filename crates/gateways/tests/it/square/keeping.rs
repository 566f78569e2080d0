//! Keeping the cards of charges, with the charge itself: what is sent, and that nothing of it touches the charge.

use super::*;
use gateways::{ChargeReply, ChargeState, Gateway, Keep};

fn request(gateway_customer: Option<&str>) -> ChargeRequest {
    let email = Some("ada@example.com".to_owned());
    ChargeRequest { keep: Some(keep(gateway_customer)), email, ..token_request() }
}

async fn charge(server: &MockServer, key: &str, request: &ChargeRequest) -> ChargeReply {
    connector(server).charges().charge(&call(key), request).await.unwrap()
}

async fn bodies(server: &MockServer, to: &str) -> Vec<Value> {
    let requests = server.received_requests().await.unwrap();
    let fitting = requests.iter().filter(|request| request.url.path() == to);
    fitting.map(|request| serde_json::from_slice(&request.body).unwrap()).collect()
}

#[tokio::test]
async fn the_card_is_kept_after_the_payment_and_of_it() {
    let server = MockServer::start().await;
    let key = key_of(NOW);
    answers(&server, "POST", "/v2/payments", 200, &kept_payment(&key, "COMPLETED")).await;
    answers(&server, "POST", "/v2/customers/search", 200, &json!({})).await;
    answers(&server, "POST", "/v2/customers", 200, &customer()).await;
    answers(&server, "POST", "/v2/cards", 200, &kept_card(&key)).await;
    let reply = charge(&server, &key, &request(None)).await;
    assert_eq!(reply.state, ChargeState::Succeeded { captured: usd(1_000), fee: None });
    assert_eq!(reply.saved, Some(saved()));
    let order = ["POST /v2/payments", "POST /v2/customers/search", "POST /v2/customers", "POST /v2/cards"];
    assert_eq!(sent(&server).await, order);
    let payment = body(&server, "POST", "/v2/payments").await;
    assert_eq!(payment["note"], json!(format!("pi_1 paydeck:{key}+cus_1")));
    // Neither a customer nor a card can spoil the payment.
    assert_eq!((payment.get("customer_id"), payment.get("customer_details")), (None, None));
    let search = json!({ "query": {
        "filter": { "reference_id": { "exact": "cus_1" } },
        "sort": { "field": "CREATED_AT", "order": "ASC" },
    } });
    assert_eq!(body(&server, "POST", "/v2/customers/search").await, search);
    let made = body(&server, "POST", "/v2/customers").await;
    assert_eq!((&made["reference_id"], &made["email_address"]), (&json!("cus_1"), &json!("ada@example.com")));
    assert_eq!(made.get("given_name"), None);
    let card = body(&server, "POST", "/v2/cards").await;
    assert_eq!(card["source_id"], json!(PAYMENT));
    assert_eq!(card["card"], json!({ "customer_id": CUSTOMER, "reference_id": key }));
    for asked in [&made, &card] {
        let asked = asked["idempotency_key"].as_str().unwrap();
        assert!(asked.len() <= 45 && asked != key, "{asked}");
    }
}

#[tokio::test]
async fn a_customer_is_made_with_one_key_whatever_the_operation() {
    let mut keys = Vec::new();
    for (key, email) in [("op_1", Some("ada@example.com")), ("op_2", Some("ada@example.com")), ("op_3", None)] {
        let server = MockServer::start().await;
        let mut payment = kept_payment(key, "COMPLETED");
        payment["payment"]["buyer_email_address"] = email.into();
        answers(&server, "POST", "/v2/payments", 200, &payment).await;
        answers(&server, "POST", "/v2/customers/search", 200, &json!({ "customers": [] })).await;
        answers(&server, "POST", "/v2/customers", 200, &customer()).await;
        answers(&server, "POST", "/v2/cards", 200, &kept_card(key)).await;
        assert_eq!(charge(&server, key, &request(None)).await.saved, Some(saved()));
        let made = body(&server, "POST", "/v2/customers").await;
        // Square wants a name or an address.
        assert_eq!(made.get("given_name"), email.is_none().then(|| json!("cus_1")).as_ref());
        keys.push(made["idempotency_key"].as_str().unwrap().to_owned());
    }
    assert!(keys[0] == keys[1] && keys[0] != keys[2]);
}

#[tokio::test]
async fn an_address_that_square_refuses_is_left_out() {
    let server = MockServer::start().await;
    answers(&server, "POST", "/v2/payments", 200, &kept_payment("op_1", "COMPLETED")).await;
    answers(&server, "POST", "/v2/customers/search", 200, &json!({})).await;
    let refused = error("INVALID_REQUEST_ERROR", "INVALID_EMAIL_ADDRESS", Some("email_address"));
    answers_once(&server, "POST", "/v2/customers", 400, &refused).await;
    answers(&server, "POST", "/v2/customers", 200, &customer()).await;
    answers(&server, "POST", "/v2/cards", 200, &kept_card("op_1")).await;
    assert_eq!(charge(&server, "op_1", &request(None)).await.saved, Some(saved()));
    let made = bodies(&server, "/v2/customers").await;
    assert_eq!((made[1].get("email_address"), &made[1]["given_name"]), (None, &json!("cus_1")));
    assert_ne!(made[0]["idempotency_key"], made[1]["idempotency_key"]);
}

#[tokio::test]
async fn a_customer_whom_square_has_is_not_made_again() {
    let server = MockServer::start().await;
    answers(&server, "POST", "/v2/payments", 200, &kept_payment("op_1", "COMPLETED")).await;
    let found = json!({ "customers": [
        { "id": "CAPITALS", "reference_id": "CUS_1" },
        { "id": "NOBODY" },
        customer()["customer"],
        { "id": "YOUNGER", "reference_id": "cus_1" },
    ] });
    answers(&server, "POST", "/v2/customers/search", 200, &found).await;
    answers(&server, "POST", "/v2/cards", 200, &kept_card("op_1")).await;
    assert_eq!(charge(&server, "op_1", &request(None)).await.saved, Some(saved()));
    assert_eq!(sent(&server).await, ["POST /v2/payments", "POST /v2/customers/search", "POST /v2/cards"]);
}

#[tokio::test]
async fn a_customer_who_is_known_is_not_looked_for() {
    let server = MockServer::start().await;
    answers(&server, "POST", "/v2/payments", 200, &kept_payment("op_1", "COMPLETED")).await;
    answers(&server, "POST", "/v2/cards", 200, &kept_card("op_1")).await;
    assert_eq!(charge(&server, "op_1", &request(Some(CUSTOMER))).await.saved, Some(saved()));
    assert_eq!(sent(&server).await, ["POST /v2/payments", "POST /v2/cards"]);
    // The same under one key, whatever is known of the customer.
    assert_eq!(body(&server, "POST", "/v2/payments").await["note"], json!("pi_1 paydeck:op_1+cus_1"));
}

#[tokio::test]
async fn a_customer_whom_square_knows_no_more_is_replaced() {
    for (code, field) in [("CUSTOMER_NOT_FOUND", None), ("NOT_FOUND", Some("card.customer_id"))] {
        let server = MockServer::start().await;
        answers(&server, "POST", "/v2/payments", 200, &kept_payment("op_1", "COMPLETED")).await;
        answers_once(&server, "POST", "/v2/cards", 404, &error("INVALID_REQUEST_ERROR", code, field)).await;
        answers(&server, "POST", "/v2/customers/search", 200, &json!({})).await;
        answers(&server, "POST", "/v2/customers", 200, &customer()).await;
        answers(&server, "POST", "/v2/cards", 200, &kept_card("op_1")).await;
        assert_eq!(charge(&server, "op_1", &request(Some("GONE"))).await.saved, Some(saved()));
        let cards = bodies(&server, "/v2/cards").await;
        assert_eq!(
            (&cards[0]["card"]["customer_id"], &cards[1]["card"]["customer_id"]),
            (&json!("GONE"), &json!(CUSTOMER))
        );
        assert_ne!(cards[0]["idempotency_key"], cards[1]["idempotency_key"]);
    }
}

#[tokio::test]
async fn whatever_becomes_of_the_card_the_charge_is_what_it_is() {
    let refused = |code: &str| error("INVALID_REQUEST_ERROR", code, Some("source_id"));
    let faults = [
        (400, refused("INVALID_CARD_DATA")),
        (400, refused("SOURCE_USED")),
        (400, error("PAYMENT_METHOD_ERROR", "CARD_DECLINED_VERIFICATION_REQUIRED", None)),
        (401, error("AUTHENTICATION_ERROR", "UNAUTHORIZED", None)),
        (403, error("AUTHENTICATION_ERROR", "INSUFFICIENT_SCOPES", None)),
        (404, error("INVALID_REQUEST_ERROR", "NOT_FOUND", None)),
        (409, json!({})),
        (429, error("RATE_LIMIT_ERROR", "RATE_LIMITED", None)),
        (500, error("API_ERROR", "INTERNAL_SERVER_ERROR", None)),
        (200, json!("nonsense")),
        (200, json!({ "customers": 5, "customer": { "id": "a/b" }, "card": {} })),
        (200, refused("INVALID_CARD_DATA")),
    ];
    for (status, fault) in faults {
        for broken in ["/v2/customers/search", "/v2/customers", "/v2/cards"] {
            let server = MockServer::start().await;
            answers(&server, "POST", "/v2/payments", 200, &kept_payment("op_1", "COMPLETED")).await;
            answers(&server, "POST", broken, status, &fault).await;
            answers(&server, "POST", "/v2/customers/search", 200, &json!({})).await;
            answers(&server, "POST", "/v2/customers", 200, &customer()).await;
            answers(&server, "POST", "/v2/cards", 200, &kept_card("op_1")).await;
            let reply = charge(&server, "op_1", &request(None)).await;
            assert_eq!(reply.state, ChargeState::Succeeded { captured: usd(1_000), fee: None });
            assert_eq!((reply.saved, reply.raw_code.as_deref()), (None, Some("COMPLETED")), "{broken} {status}");
            // The first that fails is the last.
            assert_eq!(sent(&server).await.last(), Some(&format!("POST {broken}")), "{status}");
        }
    }
}

#[tokio::test]
async fn a_card_that_can_not_be_charged_again_is_not_told() {
    for (field, odd) in [
        ("customer_id", json!("SOMEBODYELSE")),
        ("customer_id", json!(null)),
        ("id", json!(null)),
        ("id", json!("ccof:a/b")),
        ("enabled", json!(false)),
        ("enabled", json!(null)),
    ] {
        let server = MockServer::start().await;
        let mut card = kept_card("op_1");
        card["card"][field] = odd.clone();
        answers(&server, "POST", "/v2/payments", 200, &kept_payment("op_1", "COMPLETED")).await;
        answers(&server, "POST", "/v2/customers/search", 200, &json!({ "customers": [customer()["customer"]] })).await;
        answers(&server, "POST", "/v2/cards", 200, &card).await;
        assert_eq!(charge(&server, "op_1", &request(None)).await.saved, None, "{field}: {odd}");
    }
}

#[tokio::test]
async fn nothing_is_kept_that_nobody_asked_for_or_that_did_not_succeed() {
    // Not asked for.
    let server = MockServer::start().await;
    answers(&server, "POST", "/v2/payments", 200, &payment("op_1")).await;
    assert_eq!(charge(&server, "op_1", &token_request()).await.saved, None);
    assert_eq!(sent(&server).await, ["POST /v2/payments"]);
    // Not taken, or not yet.
    for status in ["FAILED", "CANCELED", "PENDING", "APPROVED"] {
        let server = MockServer::start().await;
        answers(&server, "POST", "/v2/payments", 200, &kept_payment("op_1", status)).await;
        assert_eq!(charge(&server, "op_1", &request(None)).await.saved, None);
        assert_eq!(sent(&server).await, ["POST /v2/payments"], "{status}");
    }
    let server = MockServer::start().await;
    let declined = error("PAYMENT_METHOD_ERROR", "INSUFFICIENT_FUNDS", None);
    answers(&server, "POST", "/v2/payments", 402, &declined).await;
    assert_eq!(charge(&server, "op_1", &request(None)).await.saved, None);
    assert_eq!(sent(&server).await, ["POST /v2/payments"]);
    // A name that Square could not give back.
    let server = MockServer::start().await;
    answers(&server, "POST", "/v2/payments", 200, &payment("op_1")).await;
    let odd = Keep { customer: "cus 1+x".into(), gateway_customer: None };
    charge(&server, "op_1", &ChargeRequest { keep: Some(odd), ..token_request() }).await;
    assert_eq!(body(&server, "POST", "/v2/payments").await["note"], json!("pi_1 paydeck:op_1"));
}

#[tokio::test]
async fn the_card_of_an_authorisation_is_kept_too() {
    let server = MockServer::start().await;
    let mut hold = kept_payment("op_1", "APPROVED");
    hold["payment"]["note"] = "pi_1 paydeck-hold:op_1+cus_1".into();
    answers(&server, "POST", "/v2/payments", 200, &hold).await;
    answers(&server, "POST", "/v2/customers/search", 200, &json!({ "customers": [customer()["customer"]] })).await;
    answers(&server, "POST", "/v2/cards", 200, &kept_card("op_1")).await;
    let reply = charge(&server, "op_1", &ChargeRequest { capture: false, ..request(None) }).await;
    assert!(matches!(reply.state, ChargeState::Authorized { .. }));
    assert_eq!(reply.saved, Some(saved()));
    assert_eq!(body(&server, "POST", "/v2/payments").await["note"], hold["payment"]["note"]);
}
