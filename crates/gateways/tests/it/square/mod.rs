//! The connector to Square, against a server that answers as Square's documentation shows.

mod captures;
mod charges;
mod check;
mod disputes;
mod errors;
mod events;
mod keeping;
mod kept_later;
mod links;
mod listing;
mod lookup;
mod refunds;
mod saved;
mod setup;

use crate::NOW;
use domain::{Currency, Money, OperationId, Timestamp};
use gateways::http::Http;
use gateways::square::Square;
use gateways::{Call, ChargeRequest, Credentials, GatewayFailure, Keep, MethodInput, SavedMethod};
use serde_json::{Value, json};
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

pub const PAYMENT: &str = "R2B3Z8WMVt3EAmzYWLZvz7Y69EbZY";
pub const CARD: &str = "ccof:uIbfJXhXETSP197M3GB";
pub const CUSTOMER: &str = "JDKYHBWT1D4F8MFH63DBMEN8Y4";
pub const LINK: &str = "plink:PKVT6XGJZXYUP3NZ:o4b7saqp4HzhNttf5AJxC0Srjd4F";
pub const ORDER_PATH: &str = "/v2/orders/o4b7saqp4HzhNttf5AJxC0Srjd4F";
pub const LINK_PATH: &str = "/v2/online-checkout/payment-links/PKVT6XGJZXYUP3NZ";

/// The key of an operation that began at a time.
pub fn key_of(at: Timestamp) -> String {
    OperationId::from_parts(u64::try_from(at.0).unwrap(), [7; 10]).to_string()
}

pub fn connector(server: &MockServer) -> Square {
    at(&server.uri())
}

pub fn at(base: &str) -> Square {
    Square::new(Http::new().unwrap(), Some(base.to_owned()))
}

pub fn credentials() -> Credentials {
    let mut credentials = Credentials::default();
    credentials.set("application_id", "sandbox-sq0idb-AbCdEf");
    credentials.set("access_token", "EAAAtoken");
    credentials.set("location_id", "L88917AVBK2S5");
    credentials.set("webhook_signature_key", "whk-1");
    credentials
}

pub fn call(key: &str) -> Call {
    Call { credentials: credentials(), ..crate::call(key) }
}

pub fn usd(minor: i64) -> Money {
    Money::new(minor, Currency::USD)
}

pub fn token_request() -> ChargeRequest {
    crate::with(MethodInput::Token("cnon:card-nonce-ok".into()), usd(1_000))
}

/// A fixture with `KEY` replaced by a key.
pub fn fixture(text: &str, key: &str) -> Value {
    serde_json::from_str(&text.replace("KEY", key)).unwrap()
}

pub fn payment(key: &str) -> Value {
    fixture(include_str!("fixtures/payment.json"), key)
}

/// A payment in a state.
pub fn payment_in(key: &str, status: &str) -> Value {
    let mut payment = payment(key);
    payment["payment"]["status"] = status.into();
    payment
}

/// A payment that was made to be captured later, in a state.
pub fn hold_in(key: &str, status: &str) -> Value {
    let mut payment = payment_in(key, status);
    payment["payment"]["note"] = format!("pi_1 paydeck-hold:{key}").into();
    payment
}

/// A payment whose card is to be kept, in a state.
pub fn kept_payment(key: &str, status: &str) -> Value {
    let mut payment = payment_in(key, status);
    payment["payment"]["note"] = format!("pi_1 paydeck:{key}+cus_1").into();
    payment["payment"]["buyer_email_address"] = "ada@example.com".into();
    payment
}

/// A card that Square keeps for a key.
pub fn kept_card(key: &str) -> Value {
    fixture(include_str!("fixtures/card.json"), key)
}

pub fn customer() -> Value {
    fixture(include_str!("fixtures/customer.json"), "")
}

/// Whose card is to be kept.
pub fn keep(gateway_customer: Option<&str>) -> Keep {
    Keep { customer: "cus_1".into(), gateway_customer: gateway_customer.map(str::to_owned) }
}

/// What [`kept_card`] is to us.
pub fn saved() -> SavedMethod {
    SavedMethod { token: CARD.into(), customer: Some(CUSTOMER.into()) }
}

pub fn refund(key: &str) -> Value {
    fixture(include_str!("fixtures/refund.json"), key)
}

pub fn order(key: &str, state: &str, tenders: &[&str]) -> Value {
    let mut order = fixture(include_str!("fixtures/order.json"), key);
    order["order"]["state"] = state.into();
    if !tenders.is_empty() {
        let tender = |id: &&str| json!({ "id": id, "type": "CARD", "payment_id": id });
        order["order"]["tenders"] = tenders.iter().map(tender).collect();
    }
    order
}

pub fn error(category: &str, code: &str, field: Option<&str>) -> Value {
    let mut error = json!({ "category": category, "code": code, "detail": format!("the detail of {code}") });
    if let Some(field) = field {
        error["field"] = field.into();
    }
    json!({ "errors": [error] })
}

/// Answers a call with JSON.
pub async fn answers(server: &MockServer, verb: &str, to: &str, status: u16, body: &Value) {
    let template = ResponseTemplate::new(status).set_body_json(body);
    Mock::given(method(verb)).and(path(to)).respond_with(template).mount(server).await;
}

/// The same once only: what is mounted after it answers from then on.
pub async fn answers_once(server: &MockServer, verb: &str, to: &str, status: u16, body: &Value) {
    let template = ResponseTemplate::new(status).set_body_json(body);
    Mock::given(method(verb)).and(path(to)).respond_with(template).up_to_n_times(1).mount(server).await;
}

/// What was sent, as `POST /v2/payments`.
pub async fn sent(server: &MockServer) -> Vec<String> {
    let requests = server.received_requests().await.unwrap();
    requests.iter().map(|request| format!("{} {}", request.method, request.url.path())).collect()
}

/// The only request of a kind, with the headers that every one has.
pub async fn request(server: &MockServer, verb: &str, to: &str) -> Request {
    let requests = server.received_requests().await.unwrap();
    let mut fitting = requests.into_iter().filter(|r| r.method.as_str() == verb && r.url.path() == to);
    let request = fitting.next().expect("no such request");
    assert!(fitting.next().is_none(), "more than one {verb} {to}");
    let header = |name: &str| request.headers.get(name).map(|value| value.to_str().unwrap().to_owned());
    assert_eq!(header("authorization").as_deref(), Some("Bearer EAAAtoken"));
    assert_eq!(header("square-version").as_deref(), Some("2026-05-20"));
    if !request.body.is_empty() {
        assert_eq!(header("content-type").as_deref(), Some("application/json"));
    }
    request
}

pub async fn body(server: &MockServer, verb: &str, to: &str) -> Value {
    serde_json::from_slice(&request(server, verb, to).await.body).unwrap()
}

#[track_caller]
pub fn unknown<T: std::fmt::Debug>(result: Result<T, GatewayFailure>) -> String {
    match result {
        Err(GatewayFailure::Unknown { reason }) => reason,
        other => panic!("not unknown: {other:?}"),
    }
}

#[track_caller]
pub fn not_sent<T: std::fmt::Debug>(result: Result<T, GatewayFailure>) -> String {
    match result {
        Err(GatewayFailure::NotSent { reason }) => reason,
        other => panic!("sent: {other:?}"),
    }
}

/// 90 seconds after an operation began at [`NOW`]: its key may be cancelled.
pub fn later(key: &str) -> Call {
    Call { now: NOW.plus(90_000), ..call(key) }
}
