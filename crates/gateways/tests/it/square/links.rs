//! Square's own page: made, waited for, paid, given up.

use super::*;
use domain::decline::DeclineCode;
use gateways::{ChargeReply, ChargeState, Gateway};

const URL: &str = "https://square.link/u/EXAMPLE";

fn page() -> ChargeRequest {
    crate::with(MethodInput::Page, usd(1_000))
}

fn link() -> Value {
    fixture(include_str!("fixtures/link.json"), "k")
}

fn waits() -> ChargeState {
    ChargeState::RequiresAction { url: URL.into() }
}

async fn stands(server: &MockServer) -> Result<ChargeReply, GatewayFailure> {
    connector(server).charges().resume(&call("k"), LINK).await
}

#[tokio::test]
async fn a_link_is_made_for_exactly_what_is_asked() {
    let server = MockServer::start().await;
    let key = key_of(NOW);
    answers(&server, "POST", "/v2/online-checkout/payment-links", 200, &link()).await;
    let request = ChargeRequest { email: Some("ada@example.com".into()), ..page() };
    let reply = connector(&server).charges().charge(&call(&key), &request).await.unwrap();
    assert_eq!((reply.gateway_ref.as_deref(), reply.state), (Some(LINK), waits()));
    let expected = json!({
        "idempotency_key": key,
        "order": {
            "location_id": "L88917AVBK2S5",
            "reference_id": key,
            "line_items": [
                { "name": "pi_1", "quantity": "1", "base_price_money": { "amount": 1_000, "currency": "USD" } }
            ],
        },
        "checkout_options": {
            "redirect_url": "https://pay.example/c/x",
            "allow_tipping": false,
            "ask_for_shipping_address": false,
            "enable_coupon": false,
            "enable_loyalty": false,
            "accepted_payment_methods": {
                "apple_pay": true, "google_pay": true, "cash_app_pay": false, "afterpay_clearpay": false
            },
        },
        "pre_populated_data": { "buyer_email": "ada@example.com" },
        "payment_note": format!("pi_1 paydeck:{key}"),
    });
    assert_eq!(body(&server, "POST", "/v2/online-checkout/payment-links").await, expected);
}

#[tokio::test]
async fn links_that_can_not_be_used_are_no_success() {
    let changed = |change: &dyn Fn(&mut Value)| {
        let mut answer = link();
        change(&mut answer);
        answer
    };
    for answer in [
        changed(&|link| link["related_resources"]["orders"][0]["total_money"]["amount"] = 1_080.into()),
        changed(&|link| link["related_resources"]["orders"][0]["total_money"]["currency"] = "EUR".into()),
        changed(&|link| link["payment_link"]["url"] = "http://square.link/u/EXAMPLE".into()),
        changed(&|link| link["payment_link"]["url"] = Value::Null),
        changed(&|link| link["payment_link"]["order_id"] = Value::Null),
        changed(&|link| link["payment_link"]["id"] = "../x".into()),
        json!({}),
    ] {
        let server = MockServer::start().await;
        answers(&server, "POST", "/v2/online-checkout/payment-links", 200, &answer).await;
        unknown(connector(&server).charges().charge(&call("k"), &page()).await);
    }
    let server = MockServer::start().await;
    let refusal = error("AUTHENTICATION_ERROR", "INSUFFICIENT_SCOPES", None);
    answers(&server, "POST", "/v2/online-checkout/payment-links", 403, &refusal).await;
    let reply = connector(&server).charges().charge(&call("k"), &page()).await.unwrap();
    assert_eq!(reply.state, ChargeState::Declined(DeclineCode::GatewayMisconfigured));
}

#[tokio::test]
async fn an_unpaid_link_leads_there_again() {
    let server = MockServer::start().await;
    answers(&server, "GET", LINK_PATH, 200, &link()).await;
    answers_once(&server, "GET", ORDER_PATH, 200, &order("k", "DRAFT", &[])).await;
    let reply = stands(&server).await.unwrap();
    assert_eq!((reply.gateway_ref.as_deref(), reply.state), (Some(LINK), waits()));
    // A card that was declined leaves it open.
    answers(&server, "GET", ORDER_PATH, 200, &order("k", "OPEN", &["failed1"])).await;
    answers(&server, "GET", "/v2/payments/failed1", 200, &payment_in("k", "FAILED")).await;
    assert_eq!(stands(&server).await.unwrap().state, waits());
    // Without the link itself nobody knows where to lead.
    let server = MockServer::start().await;
    answers(&server, "GET", ORDER_PATH, 200, &order("k", "OPEN", &[])).await;
    answers(&server, "GET", LINK_PATH, 404, &error("INVALID_REQUEST_ERROR", "NOT_FOUND", None)).await;
    unknown(stands(&server).await);
}

#[tokio::test]
async fn a_paid_link_is_its_payment() {
    for (status, state) in [
        ("COMPLETED", ChargeState::Succeeded { captured: usd(1_000), fee: None }),
        ("APPROVED", ChargeState::Processing),
        ("PENDING", ChargeState::Processing),
    ] {
        let server = MockServer::start().await;
        answers(&server, "GET", ORDER_PATH, 200, &order("k", "OPEN", &["failed1", PAYMENT])).await;
        answers(&server, "GET", "/v2/payments/failed1", 200, &payment_in("k", "FAILED")).await;
        answers(&server, "GET", &format!("/v2/payments/{PAYMENT}"), 200, &payment_in("k", status)).await;
        let reply = stands(&server).await.unwrap();
        assert_eq!((reply.gateway_ref.as_deref(), reply.state), (Some(PAYMENT), state), "{status}");
    }
}

#[tokio::test]
async fn orders_that_nobody_can_explain_are_unknown() {
    // Two payments at once: no single one stands for it.
    let server = MockServer::start().await;
    answers(&server, "GET", ORDER_PATH, 200, &order("k", "COMPLETED", &["p1", "p2"])).await;
    for id in ["p1", "p2"] {
        answers(&server, "GET", &format!("/v2/payments/{id}"), 200, &payment("k")).await;
    }
    unknown(stands(&server).await);
    // A payment that is not there yet, an order that is paid by nothing, too many tries.
    let many: Vec<String> = (0..26).map(|n| format!("p{n}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    for order in [order("k", "OPEN", &["gone"]), order("k", "COMPLETED", &[]), order("k", "OPEN", &many)] {
        let server = MockServer::start().await;
        answers(&server, "GET", ORDER_PATH, 200, &order).await;
        let missing = error("INVALID_REQUEST_ERROR", "NOT_FOUND", None);
        answers(&server, "GET", "/v2/payments/gone", 404, &missing).await;
        unknown(stands(&server).await);
    }
    // No order at all.
    let server = MockServer::start().await;
    answers(&server, "GET", ORDER_PATH, 404, &error("INVALID_REQUEST_ERROR", "NOT_FOUND", None)).await;
    assert_eq!(connector(&server).lookup().unwrap().find_charge(&call("k"), "k", Some(LINK)).await, Ok(None));
    unknown(stands(&server).await);
}

#[tokio::test]
async fn giving_up_counts_when_the_order_is_cancelled() {
    let server = MockServer::start().await;
    let deleted = json!({ "id": "PKVT6XGJZXYUP3NZ", "cancelled_order_id": "o4b7saqp4HzhNttf5AJxC0Srjd4F" });
    answers(&server, "DELETE", LINK_PATH, 200, &deleted).await;
    answers(&server, "GET", ORDER_PATH, 200, &order("k", "CANCELED", &[])).await;
    let square = connector(&server);
    let reply = square.abandons().unwrap().abandon(&call("k"), LINK).await.unwrap();
    assert_eq!((reply.gateway_ref.as_deref(), reply.state), (Some(LINK), ChargeState::Canceled));
    assert_eq!(sent(&server).await, [format!("DELETE {LINK_PATH}"), format!("GET {ORDER_PATH}")]);
    // Deleted before: it is gone, and the order says the rest.
    let server = MockServer::start().await;
    answers(&server, "DELETE", LINK_PATH, 404, &error("INVALID_REQUEST_ERROR", "NOT_FOUND", None)).await;
    answers(&server, "GET", ORDER_PATH, 200, &order("k", "CANCELED", &[])).await;
    let square = connector(&server);
    assert_eq!(square.captures().unwrap().void(&call("k"), LINK).await.unwrap().state, ChargeState::Canceled);
}

#[tokio::test]
async fn an_order_that_stays_open_is_cancelled_by_itself() {
    let server = MockServer::start().await;
    let key = key_of(NOW);
    answers(&server, "DELETE", LINK_PATH, 200, &json!({ "id": "PKVT6XGJZXYUP3NZ" })).await;
    answers_once(&server, "GET", ORDER_PATH, 200, &order("k", "OPEN", &["failed1"])).await;
    answers(&server, "GET", "/v2/payments/failed1", 200, &payment_in("k", "FAILED")).await;
    answers(&server, "PUT", ORDER_PATH, 200, &order("k", "CANCELED", &["failed1"])).await;
    answers(&server, "GET", ORDER_PATH, 200, &order("k", "CANCELED", &["failed1"])).await;
    let square = connector(&server);
    let reply = square.abandons().unwrap().abandon(&call(&key), LINK).await.unwrap();
    assert_eq!(reply.state, ChargeState::Canceled);
    let expected = json!({
        "idempotency_key": format!("{key}-order"),
        "order": { "location_id": "L88917AVBK2S5", "version": 4, "state": "CANCELED" },
    });
    assert_eq!(body(&server, "PUT", ORDER_PATH).await, expected);
}

#[tokio::test]
async fn a_link_that_may_still_be_paid_is_not_given_up() {
    // The deletion fails.
    let server = MockServer::start().await;
    answers(&server, "DELETE", LINK_PATH, 500, &json!({})).await;
    unknown(connector(&server).abandons().unwrap().abandon(&call("k"), LINK).await);
    assert_eq!(sent(&server).await, [format!("DELETE {LINK_PATH}")]);
    // The order stays open.
    let server = MockServer::start().await;
    answers(&server, "DELETE", LINK_PATH, 200, &json!({ "id": "PKVT6XGJZXYUP3NZ" })).await;
    answers(&server, "GET", ORDER_PATH, 200, &order("k", "OPEN", &[])).await;
    answers(&server, "PUT", ORDER_PATH, 400, &error("INVALID_REQUEST_ERROR", "BAD_REQUEST", None)).await;
    unknown(connector(&server).abandons().unwrap().abandon(&call("k"), LINK).await);
    // It was paid while we gave it up: the version made our change fail, and the payment is told.
    let server = MockServer::start().await;
    answers(&server, "DELETE", LINK_PATH, 200, &json!({ "id": "PKVT6XGJZXYUP3NZ" })).await;
    answers_once(&server, "GET", ORDER_PATH, 200, &order("k", "OPEN", &[])).await;
    answers(&server, "PUT", ORDER_PATH, 400, &error("INVALID_REQUEST_ERROR", "VERSION_MISMATCH", None)).await;
    answers(&server, "GET", ORDER_PATH, 200, &order("k", "OPEN", &[PAYMENT])).await;
    answers(&server, "GET", &format!("/v2/payments/{PAYMENT}"), 200, &payment("k")).await;
    let reply = connector(&server).abandons().unwrap().abandon(&call("k"), LINK).await.unwrap();
    assert_eq!(reply.state, ChargeState::Succeeded { captured: usd(1_000), fee: None });
    assert_eq!(reply.gateway_ref.as_deref(), Some(PAYMENT));
}

#[tokio::test]
async fn a_link_that_was_made_before_says_where_it_stands() {
    let server = MockServer::start().await;
    answers(&server, "POST", "/v2/online-checkout/payment-links", 200, &link()).await;
    answers(&server, "GET", ORDER_PATH, 200, &order("k", "OPEN", &[PAYMENT])).await;
    answers(&server, "GET", &format!("/v2/payments/{PAYMENT}"), 200, &payment("k")).await;
    let reply = connector(&server).charges().charge(&later("k"), &page()).await.unwrap();
    assert_eq!(reply.gateway_ref.as_deref(), Some(PAYMENT));
    assert_eq!(reply.state, ChargeState::Succeeded { captured: usd(1_000), fee: None });
}
