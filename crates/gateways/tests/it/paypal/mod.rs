//! PayPal, played by a server of the tests.

mod captures;
mod charges;
mod connection;
mod disputes;
mod events;
mod failures;
mod keeping;
mod listing;
mod refunds;
mod resume;
mod saved;
mod tokens;
mod vault;

use crate::{NOW, eur, with};
use gateways::http::Http;
use gateways::paypal::PayPal;
use gateways::{Call, ChargeRequest, Credentials, Gateway, MethodInput, SavedMethod};
use serde_json::{Value, json};
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

/// The order of the fixtures.
pub const ORDER: &str = "5O190127TN364715T";
pub const ORDERS: &str = "/v2/checkout/orders";
pub const ORDER_PATH: &str = "/v2/checkout/orders/5O190127TN364715T";
pub const TOKEN_PATH: &str = "/v1/oauth2/token";
pub const WEBHOOK_ID: &str = "0EH40505U7160970P";

/// A server that gives tokens, and PayPal's connector to it.
pub struct Played {
    pub server: MockServer,
    pub paypal: PayPal,
}

impl Played {
    pub async fn start() -> Self {
        let played = Self::without_token().await;
        played.answer("POST", TOKEN_PATH, 200, &token("A21AA-first", 32_400)).await;
        played
    }

    pub async fn without_token() -> Self {
        let server = MockServer::start().await;
        let paypal = at(&server.uri());
        Self { server, paypal }
    }

    pub async fn answer(&self, verb: &str, at: &str, status: u16, body: &Value) {
        self.respond(verb, at, ResponseTemplate::new(status).set_body_json(body)).await;
    }

    pub async fn respond(&self, verb: &str, at: &str, response: ResponseTemplate) {
        Mock::given(method(verb)).and(path(at)).respond_with(response).mount(&self.server).await;
    }

    /// The same once; what is mounted after it answers from then on.
    pub async fn answer_once(&self, verb: &str, at: &str, status: u16, body: &Value) {
        let response = ResponseTemplate::new(status).set_body_json(body);
        let mock = Mock::given(method(verb)).and(path(at)).respond_with(response);
        mock.up_to_n_times(1).mount(&self.server).await;
    }

    /// The requests to a path, by method.
    pub async fn seen(&self, verb: &str, at: &str) -> Vec<Request> {
        let all = self.server.received_requests().await.unwrap();
        all.into_iter().filter(|request| request.method.as_str() == verb && request.url.path() == at).collect()
    }

    /// Everything but tokens, as `POST /path`.
    pub async fn calls(&self) -> Vec<String> {
        let all = self.server.received_requests().await.unwrap();
        let named = all.iter().map(|request| format!("{} {}", request.method, request.url.path()));
        named.filter(|name| !name.ends_with(TOKEN_PATH)).collect()
    }
}

pub fn at(base: &str) -> PayPal {
    PayPal::new(Http::new().unwrap(), Some(base.to_owned()))
}

pub fn call(key: &str) -> Call {
    let mut credentials = Credentials::default();
    credentials.set("client_id", "AbCdEf-client");
    credentials.set("client_secret", "EFGH-secret");
    credentials.set("webhook_id", WEBHOOK_ID);
    Call { account: "gwc_paypal".into(), credentials, idempotency_key: key.into(), now: NOW, livemode: false }
}

pub fn token(text: &str, seconds: i64) -> Value {
    json!({
        "scope": "https://uri.paypal.com/services/payments/payment/authcapture https://uri.paypal.com/services/payments/refund",
        "access_token": text,
        "token_type": "Bearer",
        "app_id": "APP-80W284485P519543T",
        "expires_in": seconds,
        "nonce": "2026-11-22T00:00:00Zabc",
    })
}

/// 10.00 EUR, captured at once, on PayPal's page.
pub fn page() -> ChargeRequest {
    with(MethodInput::Page, eur(1_000))
}

pub fn fixture(name: &str) -> Value {
    let path = format!("{}/tests/it/paypal/fixtures/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// The approved order with these payments in it.
pub fn order_with(status: &str, payments: Value) -> Value {
    let mut order = fixture("order_approved");
    order["status"] = status.into();
    order["purchase_units"][0]["payments"] = payments;
    order
}

pub fn order_captured() -> Value {
    order_with("COMPLETED", json!({ "captures": [fixture("capture")] }))
}

pub fn order_authorized() -> Value {
    let mut order = order_with("COMPLETED", json!({ "authorizations": [fixture("authorization")] }));
    order["intent"] = "AUTHORIZE".into();
    order
}

/// An order whose payer's wallet PayPal keeps.
pub fn kept(mut order: Value) -> Value {
    order["payment_source"]["paypal"]["attributes"] = json!({ "vault": fixture("vault") });
    order
}

/// What PayPal keeps then.
pub fn saved() -> SavedMethod {
    SavedMethod { token: "3nqvjt3n".into(), customer: Some("208743798".into()) }
}

/// A fixture with one place changed.
pub fn changed(mut value: Value, pointer: &str, to: Value) -> Value {
    *value.pointer_mut(pointer).unwrap() = to;
    value
}

/// An error as PayPal writes it.
pub fn error(name: &str, issue: &str) -> Value {
    json!({
        "name": name,
        "details": [{ "issue": issue, "description": format!("About {issue}.") }],
        "message": "The requested action could not be performed, semantically incorrect, or failed business validation.",
        "debug_id": "90957fca61718",
        "links": [{ "href": "https://developer.paypal.com/docs/api/orders/v2/#error", "rel": "information_link" }],
    })
}

pub fn header<'a>(request: &'a Request, name: &str) -> &'a str {
    request.headers.get(name).map_or("", |value| value.to_str().unwrap())
}

pub fn body(request: &Request) -> Value {
    serde_json::from_slice(&request.body).unwrap()
}

#[test]
fn it_says_what_it_can_do() {
    let paypal = PayPal::new(Http::new().unwrap(), None);
    let provider = paypal.describe();
    assert_eq!((provider.key.as_str(), provider.methods.as_slice()), ("paypal", ["paypal".to_owned()].as_slice()));
    let fields: Vec<_> = provider.fields.iter().map(|f| (f.name.as_str(), f.secret, f.required)).collect();
    assert_eq!(fields, [("client_id", false, true), ("client_secret", true, true), ("webhook_id", false, false)]);
    for (capability, has) in [
        ("refund", paypal.refunds().is_some()),
        ("capture", paypal.captures().is_some()),
        ("void", paypal.captures().is_some()),
        ("list", paypal.listing().is_some()),
        ("events", paypal.events().is_some()),
        ("challenge", paypal.challenges().is_some()),
        ("save", paypal.saves().is_some()),
        ("disputes", paypal.disputes().is_some()),
    ] {
        assert_eq!(provider.capabilities.iter().any(|known| known == capability), has, "{capability}");
    }
    assert!(paypal.prepares().is_some() && paypal.abandons().is_some() && paypal.lookup().is_some());
    // Nothing of a connection shows when it is printed.
    assert_eq!(format!("{paypal:?}"), "PayPal { base: None, .. }");
}
