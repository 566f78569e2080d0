//! The connector to the [`super::stub::Stub`]s: it asks over HTTP with the client of the real ones, on connections that stay open.

use async_trait::async_trait;
use axum::http::Method;
use domain::views::{checkout::PayFields, gateway::Provider};
use domain::{ConnectionId, Currency, FieldProblem, Money, Timestamp};
use gateways::http::{Answer, Http};
use gateways::{
    Abandons, Call, Captures, CardFacts, Challenges, ChargeReply, ChargeRequest, ChargeState, Charges, CheckCode,
    ConnectionCheck, Credentials, Disputes, Events, FindsOut, Gateway, GatewayFailure, Listing, Lookup, MethodInput,
    Prepares, RefundReply, Refunds, Saves, Wanted, currencies::Counting,
};
use serde_json::json;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

/// Its key in the registry.
pub const KEY: &str = "stub";

/// The connector; clones are one.
#[derive(Clone)]
pub struct Connector {
    address: SocketAddr,
    elsewhere: Arc<Mutex<HashMap<String, SocketAddr>>>,
    http: Http,
}

impl Connector {
    /// To a gateway at an address.
    pub fn new(address: SocketAddr) -> Self {
        Self { address, elsewhere: Arc::default(), http: Http::new().unwrap() }
    }

    /// From now on a connection's calls go to a gateway of its own.
    pub fn send_elsewhere(&self, connection: &ConnectionId, address: SocketAddr) {
        self.elsewhere.lock().unwrap().insert(connection.to_string(), address);
    }

    fn url(&self, call: &Call, path: &str) -> String {
        let address = self.elsewhere.lock().unwrap().get(&call.account).copied().unwrap_or(self.address);
        format!("http://{address}/{path}")
    }
}

fn charged(answer: &Answer, amount: Money) -> Result<ChargeReply, GatewayFailure> {
    let said = answer.json().filter(|said| answer.is_success() && said["state"] == "succeeded");
    let said = said.ok_or_else(|| GatewayFailure::unknown(format!("status {}", answer.status)))?;
    Ok(ChargeReply {
        gateway_ref: said["id"].as_str().map(str::to_owned),
        state: ChargeState::Succeeded { captured: amount, fee: Some(Money::new(1, amount.currency)) },
        card: None,
        saved: None,
        raw_code: None,
        raw_message: None,
    })
}

#[async_trait]
impl Charges for Connector {
    fn fields(&self, _wanted: &Wanted<'_>, _credentials: &Credentials) -> PayFields {
        PayFields::Typed
    }

    fn accept(&self, _method: &MethodInput, _now: Timestamp) -> Result<Option<CardFacts>, Vec<FieldProblem>> {
        Ok(None)
    }

    async fn charge(&self, call: &Call, request: &ChargeRequest) -> Result<ChargeReply, GatewayFailure> {
        // `…/c/{token}/return`
        let name = request.return_url.rsplit('/').nth(1).unwrap();
        let body = json!({
            "key": call.idempotency_key,
            "name": name,
            "amount": request.amount.minor,
            "currency": request.amount.currency.code(),
        });
        let asked = self.http.request(Method::POST, &self.url(call, "charges"));
        let asked = asked.header("content-type", "application/json").body(body.to_string());
        charged(&self.http.send(asked).await?, request.amount)
    }

    async fn resume(&self, _call: &Call, _gateway_ref: &str) -> Result<ChargeReply, GatewayFailure> {
        Err(GatewayFailure::unknown("nobody is sent away"))
    }
}

#[async_trait]
impl Lookup for Connector {
    async fn find_charge(
        &self,
        call: &Call,
        our_key: &str,
        _gateway_ref: Option<&str>,
    ) -> Result<Option<ChargeReply>, GatewayFailure> {
        let asked = self.http.request(Method::GET, &self.url(call, &format!("charges/{our_key}")));
        match self.http.send(asked).await?.status {
            404 => Ok(None),
            status => Err(GatewayFailure::unknown(format!("status {status}"))),
        }
    }

    async fn find_refund(
        &self,
        _call: &Call,
        _our_key: &str,
        _charge_ref: &str,
        _gateway_ref: Option<&str>,
    ) -> Result<Option<RefundReply>, GatewayFailure> {
        Ok(None)
    }
}

#[async_trait]
impl ConnectionCheck for Connector {
    fn problems(&self, _credentials: &Credentials, _livemode: bool) -> Vec<FieldProblem> {
        Vec::new()
    }

    async fn check(&self, _call: &Call) -> CheckCode {
        CheckCode::Ok
    }
}

impl Gateway for Connector {
    fn key(&self) -> &'static str {
        KEY
    }

    fn describe(&self) -> Provider {
        Provider { key: KEY.to_owned(), methods: vec!["card".to_owned()], fields: Vec::new(), capabilities: Vec::new() }
    }

    fn counts(&self, currency: Currency) -> Option<Counting> {
        Some(Counting::iso(currency))
    }

    fn charges(&self) -> &dyn Charges {
        self
    }

    fn prepares(&self) -> Option<&dyn Prepares> {
        None
    }

    fn abandons(&self) -> Option<&dyn Abandons> {
        None
    }

    fn captures(&self) -> Option<&dyn Captures> {
        None
    }

    fn refunds(&self) -> Option<&dyn Refunds> {
        None
    }

    fn finds_out(&self) -> FindsOut {
        FindsOut::ById
    }

    fn lookup(&self) -> Option<&dyn Lookup> {
        Some(self)
    }

    fn listing(&self) -> Option<&dyn Listing> {
        None
    }

    fn events(&self) -> Option<&dyn Events> {
        None
    }

    fn saves(&self) -> Option<&dyn Saves> {
        None
    }

    fn disputes(&self) -> Option<&dyn Disputes> {
        None
    }

    fn check(&self) -> &dyn ConnectionCheck {
        self
    }

    fn challenges(&self) -> Option<&dyn Challenges> {
        None
    }
}
