//! Testing a connection.

use super::*;
use gateways::{CheckCode, Gateway};

const LOCATION: &str = "/v2/locations/L88917AVBK2S5";

fn location() -> Value {
    fixture(include_str!("fixtures/location.json"), "k")
}

async fn found(status: u16, answer: &Value) -> CheckCode {
    let server = MockServer::start().await;
    answers(&server, "GET", LOCATION, status, answer).await;
    answers(&server, "GET", "/v2/payments", 200, &json!({})).await;
    connector(&server).check().check(&call("x")).await
}

#[tokio::test]
async fn an_active_location_that_charges_is_ok() {
    assert_eq!(found(200, &location()).await, CheckCode::Ok);
    let changed = |field: &str, value: Value| {
        let mut answer = location();
        answer["location"][field] = value;
        answer
    };
    for answer in [
        changed("status", "INACTIVE".into()),
        changed("status", Value::Null),
        changed("capabilities", json!(["AUTOMATIC_TRANSFERS"])),
        changed("capabilities", Value::Null),
    ] {
        assert_eq!(found(200, &answer).await, CheckCode::AccountRestricted);
    }
    assert_eq!(found(200, &changed("id", "ANOTHER".into())).await, CheckCode::Unreadable);
}

#[tokio::test]
async fn each_refusal_is_a_finding() {
    for (status, answer, code) in [
        (401, error("AUTHENTICATION_ERROR", "UNAUTHORIZED", None), CheckCode::WrongCredentials),
        (403, error("AUTHENTICATION_ERROR", "INSUFFICIENT_SCOPES", None), CheckCode::MissingPermission),
        (404, error("INVALID_REQUEST_ERROR", "NOT_FOUND", None), CheckCode::WrongCredentials),
        (400, error("INVALID_REQUEST_ERROR", "INVALID_VALUE", Some("location_id")), CheckCode::WrongCredentials),
        (429, json!({}), CheckCode::Unreachable),
        (503, json!({}), CheckCode::Unreachable),
        (404, json!({}), CheckCode::Unreadable),
        (200, json!({}), CheckCode::Unreadable),
        (200, json!("hello"), CheckCode::Unreadable),
    ] {
        assert_eq!(found(status, &answer).await, code, "{status} {answer}");
    }
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let closed = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    assert_eq!(at(&closed).check().check(&call("x")).await, CheckCode::Unreachable);
}

#[tokio::test]
async fn the_right_to_read_payments_is_tested_too() {
    let server = MockServer::start().await;
    answers(&server, "GET", LOCATION, 200, &location()).await;
    let refusal = error("AUTHENTICATION_ERROR", "INSUFFICIENT_SCOPES", None);
    answers(&server, "GET", "/v2/payments", 403, &refusal).await;
    assert_eq!(connector(&server).check().check(&call("x")).await, CheckCode::MissingPermission);
    request(&server, "GET", LOCATION).await;
}

#[tokio::test]
async fn the_application_has_to_fit_the_mode() {
    let server = MockServer::start().await;
    let live = Call { livemode: true, ..call("x") };
    assert_eq!(connector(&server).check().check(&live).await, CheckCode::WrongMode);
    let mut bare = call("x");
    bare.credentials.remove("access_token");
    assert_eq!(connector(&server).check().check(&bare).await, CheckCode::WrongCredentials);
    assert!(sent(&server).await.is_empty());
}

#[tokio::test]
async fn forms_are_judged_without_asking() {
    let square = at("https://square.invalid");
    let problems = |credentials: &Credentials, livemode| {
        let found = square.check().problems(credentials, livemode);
        found.into_iter().map(|problem| (problem.field, problem.code)).collect::<Vec<_>>()
    };
    let one = |field: &str, code: &str| vec![(field.to_owned(), code.to_owned())];
    assert_eq!(problems(&credentials(), false), []);
    assert_eq!(problems(&credentials(), true), one("application_id", "key_of_other_mode"));
    let with = |field: &str, value: &str| {
        let mut changed = credentials();
        changed.set(field, value);
        changed
    };
    assert_eq!(problems(&with("application_id", "sq0idp-AbCdEf"), true), []);
    assert_eq!(problems(&with("application_id", "sq0idp-AbCdEf"), false), one("application_id", "key_of_other_mode"));
    assert_eq!(problems(&with("webhook_signature_key", ""), false), []);
    for field in ["application_id", "access_token", "location_id"] {
        assert_eq!(problems(&with(field, ""), false), one(field, "required"), "{field}");
    }
    assert_eq!(problems(&with("access_token", "EAAA token"), false), one("access_token", "bad_characters"));
    assert_eq!(problems(&with("access_token", &"x".repeat(256)), false), one("access_token", "too_long"));
    assert_eq!(problems(&with("location_id", "../x"), false), one("location_id", "bad_key"));
    assert_eq!(problems(&Credentials::default(), false).len(), 3);
}
