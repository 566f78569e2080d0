//! Stripe's connector, against answers in the form that Stripe documents.

mod against_localstripe;
mod asking;
mod captures;
mod charging;
mod check;
mod disputes;
mod errors;
mod events;
mod keeping;
mod listing;
mod page;
mod refunding;
mod saved;
mod setups;

use crate::{eur, with};
use gateways::http::Http;
use gateways::stripe::{Stripe, VERSION};
use gateways::{Call, ChargeRequest, Credentials, Initiator, Keep, MethodInput, SavedMethod};
use serde_json::Value;
use std::collections::BTreeMap;
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

pub const SECRET: &str = "sk_test_abc123";
pub const WEBHOOK_SECRET: &str = "whsec_abc123";
pub const INTENT: &str = "pi_3PabcDEF";
pub const SESSION: &str = "cs_test_a1B2c3";
pub const REFUND: &str = "re_3PabcDEF";
pub const METHOD: &str = "pm_1PabcDEF";
pub const CUSTOMER: &str = "cus_PabcDEF";
pub const SETUP: &str = "seti_1PabcDEF";
pub const DISPUTE: &str = "du_1PabcDEF";
pub const INTENTS: &str = "/v1/payment_intents";
pub const SESSIONS: &str = "/v1/checkout/sessions";
pub const REFUNDS: &str = "/v1/refunds";
pub const CUSTOMERS: &str = "/v1/customers";
pub const SETUPS: &str = "/v1/setup_intents";

/// A place that answers like Stripe, and the connector to it.
pub struct Fake {
    pub server: MockServer,
    pub stripe: Stripe,
}

/// A request as it came.
#[derive(Debug, PartialEq)]
pub struct Asked {
    pub what: String,
    pub key: Option<String>,
    pub query: BTreeMap<String, String>,
    pub form: BTreeMap<String, String>,
}

impl Fake {
    pub async fn new() -> Self {
        let server = MockServer::start().await;
        let stripe = Stripe::new(Http::new().unwrap(), server.uri());
        Self { server, stripe }
    }

    pub async fn answers(&self, verb: &str, at: &str, status: u16, body: &Value) {
        let answer = ResponseTemplate::new(status).set_body_json(body);
        Mock::given(method(verb)).and(path(at)).respond_with(answer).mount(&self.server).await;
    }

    /// The first answer of a key that was used before.
    pub async fn repeats(&self, at: &str, status: u16, body: &Value) {
        let answer = ResponseTemplate::new(status).set_body_json(body).insert_header("idempotent-replayed", "true");
        Mock::given(method("POST")).and(path(at)).respond_with(answer).mount(&self.server).await;
    }

    pub async fn answers_raw(&self, verb: &str, at: &str, status: u16, body: &str) {
        let answer = ResponseTemplate::new(status).set_body_raw(body, "application/json");
        Mock::given(method(verb)).and(path(at)).respond_with(answer).mount(&self.server).await;
    }

    /// Everything that was asked. Each carried the secret and the version, and each that makes or moves something a key.
    pub async fn asked(&self) -> Vec<Asked> {
        self.server.received_requests().await.unwrap().iter().map(asked).collect()
    }
}

fn asked(request: &Request) -> Asked {
    let header = |name: &str| request.headers.get(name).map(|value| value.to_str().unwrap().to_owned());
    assert_eq!(header("authorization").as_deref(), Some(format!("Bearer {SECRET}").as_str()));
    assert_eq!(header("stripe-version").as_deref(), Some(VERSION));
    let key = header("idempotency-key");
    let posts = request.method.as_str() == "POST";
    assert_eq!(key.is_some(), posts);
    assert_eq!(header("content-type").as_deref() == Some("application/x-www-form-urlencoded"), posts);
    let read = |text: &str| serde_urlencoded::from_str(text).unwrap();
    Asked {
        what: format!("{} {}", request.method, request.url.path()),
        key,
        query: read(request.url.query().unwrap_or_default()),
        form: read(std::str::from_utf8(&request.body).unwrap()),
    }
}

pub fn pairs(fields: &[(&str, &str)]) -> BTreeMap<String, String> {
    fields.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect()
}

pub fn credentials() -> Credentials {
    let mut credentials = Credentials::default();
    credentials.set("publishable_key", "pk_test_abc123");
    credentials.set("secret_key", SECRET);
    credentials.set("webhook_secret", WEBHOOK_SECRET);
    credentials
}

pub fn call(key: &str) -> Call {
    Call { credentials: credentials(), ..crate::call(key) }
}

pub fn of_token(token: &str) -> ChargeRequest {
    ChargeRequest { description: Some("Two books".into()), ..with(MethodInput::Token(token.into()), eur(1_099)) }
}

/// A charge of €10.99 with what the page's fields gave, prepared.
pub fn prepared() -> ChargeRequest {
    ChargeRequest { prepared: Some(INTENT.into()), ..of_token("ctoken_1PabcDEF") }
}

/// A charge of €10.99 on Stripe's page.
pub fn on_page() -> ChargeRequest {
    ChargeRequest { method: MethodInput::Page, ..of_token("") }
}

/// A customer who agreed to have the method kept, and whom Stripe does not know yet.
pub fn keep() -> Keep {
    Keep { customer: "cus_ana".into(), gateway_customer: None }
}

/// The method that was kept of them.
pub fn kept() -> SavedMethod {
    SavedMethod { token: METHOD.into(), customer: Some(CUSTOMER.into()) }
}

/// A charge of €10.99 with that method, prepared, asked for by either.
pub fn of_saved(initiator: Initiator) -> ChargeRequest {
    ChargeRequest { method: MethodInput::Saved(kept()), initiator, ..prepared() }
}

/// What a charge that keeps its method has more than others.
pub fn keeps() -> Value {
    serde_json::json!({ "customer": CUSTOMER, "setup_future_usage": "off_session" })
}

fn fixture(text: &str, changes: &Value) -> Value {
    let mut object: Value = serde_json::from_str(text).unwrap();
    merge(&mut object, changes);
    object
}

pub fn merge(into: &mut Value, changes: &Value) {
    match (into, changes) {
        (Value::Object(into), Value::Object(changes)) => {
            for (name, change) in changes {
                merge(into.entry(name.clone()).or_insert(Value::Null), change);
            }
        }
        (into, change) => *into = change.clone(),
    }
}

/// A PaymentIntent of €10.99 that succeeded, with these changes.
pub fn intent(changes: &Value) -> Value {
    fixture(include_str!("fixtures/payment_intent.json"), changes)
}

/// A Checkout Session of €10.99 that is open, with these changes.
pub fn session(changes: &Value) -> Value {
    fixture(include_str!("fixtures/checkout_session.json"), changes)
}

/// A refund of €5.00 that succeeded, with these changes.
pub fn refund(changes: &Value) -> Value {
    fixture(include_str!("fixtures/refund.json"), changes)
}

/// A SetupIntent that succeeded, with these changes.
pub fn setup(changes: &Value) -> Value {
    fixture(include_str!("fixtures/setup_intent.json"), changes)
}

/// A dispute of €10.99 that waits for the merchant's answer, with these changes.
pub fn dispute(changes: &Value) -> Value {
    fixture(include_str!("fixtures/dispute.json"), changes)
}

/// The answer to a card that was declined, with these changes.
pub fn card_declined(changes: &Value) -> Value {
    fixture(include_str!("fixtures/card_declined.json"), changes)
}

/// An event, with these changes.
pub fn event(changes: &Value) -> Value {
    fixture(include_str!("fixtures/event.json"), changes)
}

/// A refusal.
pub fn error(kind: &str, code: Option<&str>, param: Option<&str>) -> Value {
    serde_json::json!({ "error": { "type": kind, "code": code, "param": param, "message": "No." } })
}

pub fn list(objects: &[Value], more: bool) -> Value {
    serde_json::json!({ "object": "list", "data": objects, "has_more": more, "url": "/v1/x" })
}
