//! Testing a connection.

use super::*;
use gateways::CheckCode;

const NO_ORDER: &str = "/v2/checkout/orders/0AA00000AA000000A";

#[tokio::test]
async fn credentials_are_tried_and_nothing_is_made() {
    for (status, answer, code) in [
        (404, error("RESOURCE_NOT_FOUND", "INVALID_RESOURCE_ID"), CheckCode::Ok),
        (403, error("NOT_AUTHORIZED", "PERMISSION_DENIED"), CheckCode::MissingPermission),
        (401, error("AUTHENTICATION_FAILURE", "INVALID_ACCOUNT_STATUS"), CheckCode::AccountRestricted),
        (401, json!({ "error": "invalid_token" }), CheckCode::WrongCredentials),
        (500, json!({}), CheckCode::Unreachable),
    ] {
        let played = Played::start().await;
        played.answer("GET", NO_ORDER, status, &answer).await;
        assert_eq!(played.paypal.check().check(&call("x")).await, code, "{status}");
        assert!(played.calls().await.iter().all(|name| name.starts_with("GET ")));
    }
    for (status, answer, code) in [
        (401, json!({ "error": "invalid_client" }), CheckCode::WrongCredentials),
        (400, json!({ "error": "unauthorized_client" }), CheckCode::WrongCredentials),
        (503, json!({}), CheckCode::Unreachable),
        (200, json!({ "html": "no" }), CheckCode::Unreadable),
    ] {
        let played = Played::without_token().await;
        played.answer("POST", TOKEN_PATH, status, &answer).await;
        assert_eq!(played.paypal.check().check(&call("x")).await, code, "{status}");
    }
}

#[test]
fn credentials_have_a_form() {
    let paypal = at("http://127.0.0.1:1");
    let problems = |fields: &[(&str, &str)]| -> Vec<String> {
        let mut credentials = Credentials::default();
        for (name, value) in fields {
            credentials.set(*name, (*value).to_owned());
        }
        let found = paypal.check().problems(&credentials, false);
        found.into_iter().map(|problem| format!("{}={}", problem.field, problem.code)).collect()
    };
    assert_eq!(problems(&[("client_id", "A_b-1"), ("client_secret", "E")]), Vec::<String>::new());
    assert_eq!(problems(&[("client_id", "A"), ("client_secret", "E"), ("webhook_id", "0EH4")]), Vec::<String>::new());
    assert_eq!(problems(&[]), ["client_id=required", "client_secret=required"]);
    let long = "x".repeat(201);
    let odd = [("client_id", "a b"), ("client_secret", long.as_str()), ("webhook_id", "a|b")];
    assert_eq!(problems(&odd), ["client_id=bad_characters", "client_secret=too_long", "webhook_id=bad_characters"]);
}
