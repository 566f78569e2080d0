//! The connector to the tests' scriptable gateway, which is asked over a real connection. Only builds with the feature `scripted`
//! have it: test-support asks for that, nothing that is shipped does.

pub mod wire;

use crate::{
    Abandons, About, Call, Captures, CardFacts, Challenges, ChargeReply, ChargeRequest, ChargeState, Charges,
    CheckCode, ConnectionCheck, Credentials, Disputes, EventHint, EventRefused, Events, FindsOut, Gateway,
    GatewayFailure, Incoming, Listing, Lookup, MethodInput, Prepares, RefundReply, RefundRequest, RefundState, Refunds,
    Saves, Wanted, currencies::Counting, signature,
};
use async_trait::async_trait;
use domain::{
    Currency, FieldProblem, Money, Timestamp,
    decline::DeclineCode,
    views::{checkout::PayFields, gateway::Provider},
};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use wire::{Lost, Message};

/// Its key in the registry and in `connections.provider`.
pub const KEY: &str = "scripted";
/// Where its address stands.
pub const ADDRESS: &str = "PAYDECK_TEST_GATEWAY";
/// The header of its events' signatures.
pub const SIGNATURE: &str = "x-gateway-signature";
/// What it signs its events with.
pub const SECRET: &str = "whsec_of_the_scripted_gateway";

/// The connector.
#[derive(Debug, Clone)]
pub struct Scripted {
    address: String,
    elsewhere: Arc<Mutex<BTreeMap<String, String>>>,
}

impl Scripted {
    /// To a gateway at `host:port`.
    #[must_use]
    pub fn new(address: impl Into<String>) -> Self {
        Self { address: address.into(), elsewhere: Arc::default() }
    }

    /// From now on a connection's calls go to a gateway of its own, at `host:port`.
    pub fn send_elsewhere(&self, connection: &str, address: &str) {
        let mut elsewhere = self.elsewhere.lock().unwrap_or_else(PoisonError::into_inner);
        elsewhere.insert(connection.to_owned(), address.to_owned());
    }

    fn address_of(&self, call: &Call) -> String {
        let elsewhere = self.elsewhere.lock().unwrap_or_else(PoisonError::into_inner);
        elsewhere.get(&call.account).unwrap_or(&self.address).clone()
    }

    /// To the gateway that the environment names.
    #[must_use]
    pub fn from_environment() -> Option<Self> {
        std::env::var(ADDRESS).ok().filter(|address| !address.is_empty()).map(Self::new)
    }

    async fn ask(&self, call: &Call, start: &str, body: &Value) -> Result<Message, GatewayFailure> {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        match wire::send(&self.address_of(call), start, &[("content-type", "application/json")], body.as_bytes()).await
        {
            Ok(message) => Ok(message),
            Err(Lost::NotSent(error)) => Err(GatewayFailure::not_sent(error.to_string())),
            Err(Lost::Halfway(error)) => Err(GatewayFailure::unknown(error.to_string())),
        }
    }

    /// Sends what may move money. Too many requests and a refused one did nothing; whatever else is no whole answer may have.
    async fn act(&self, call: &Call, start: &str, body: &Value) -> Result<Value, GatewayFailure> {
        let message = self.ask(call, start, body).await?;
        match message.status() {
            200 => read(&message),
            status @ (400 | 404 | 429) => Err(GatewayFailure::not_sent(format!("status {status}"))),
            status => Err(GatewayFailure::unknown(format!("status {status}"))),
        }
    }

    /// Asks what moves nothing.
    async fn find(
        &self,
        call: &Call,
        what: &str,
        our_key: &str,
        gateway_ref: Option<&str>,
    ) -> Result<Option<Value>, GatewayFailure> {
        let start = format!("GET /{what}?key={our_key}&id={}", gateway_ref.unwrap_or_default());
        let message = self.ask(call, &start, &Value::Null).await.map_err(|failure| match failure {
            GatewayFailure::NotSent { reason } => GatewayFailure::unknown(reason),
            failure @ GatewayFailure::Unknown { .. } => failure,
        })?;
        match message.status() {
            200 => read(&message).map(Some),
            404 => Ok(None),
            status => Err(GatewayFailure::unknown(format!("status {status}"))),
        }
    }
}

fn read(message: &Message) -> Result<Value, GatewayFailure> {
    serde_json::from_slice(&message.body).map_err(|error| GatewayFailure::unknown(error.to_string()))
}

fn text(value: &Value, field: &str) -> Option<String> {
    value.get(field).and_then(Value::as_str).map(str::to_owned)
}

fn money(value: &Value, field: &str) -> Result<Money, GatewayFailure> {
    let minor = value.get(field).and_then(Value::as_i64);
    let currency = text(value, "currency").and_then(|code| code.parse::<Currency>().ok());
    let found = minor.zip(currency).map(|(minor, currency)| Money::new(minor, currency));
    found.ok_or_else(|| GatewayFailure::unknown(format!("no {field}")))
}

fn charge_reply(value: &Value) -> Result<ChargeReply, GatewayFailure> {
    let state = match text(value, "state").as_deref() {
        Some("succeeded") => {
            ChargeState::Succeeded { captured: money(value, "amount")?, fee: Some(money(value, "fee")?) }
        }
        Some("processing") => ChargeState::Processing,
        Some("declined") => ChargeState::Declined(DeclineCode::GenericDecline),
        other => return Err(GatewayFailure::unknown(format!("state {other:?}"))),
    };
    Ok(ChargeReply {
        gateway_ref: text(value, "id"),
        state,
        card: None,
        saved: None,
        raw_code: text(value, "state"),
        raw_message: None,
    })
}

fn refund_reply(value: &Value) -> Result<RefundReply, GatewayFailure> {
    let state = match text(value, "state").as_deref() {
        Some("succeeded") => RefundState::Succeeded,
        Some("pending") => RefundState::Pending,
        Some("failed") => RefundState::Failed { code: "other" },
        other => return Err(GatewayFailure::unknown(format!("state {other:?}"))),
    };
    let amount = money(value, "amount")?;
    Ok(RefundReply { gateway_ref: text(value, "id"), amount, state, raw_code: text(value, "state"), raw_message: None })
}

impl Gateway for Scripted {
    fn key(&self) -> &'static str {
        KEY
    }

    fn describe(&self) -> Provider {
        let capabilities = vec!["refund".to_owned(), "partial_refund".to_owned(), "events".to_owned()];
        Provider { key: KEY.to_owned(), methods: vec!["card".to_owned()], fields: Vec::new(), capabilities }
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
        Some(self)
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
        Some(self)
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

#[async_trait]
impl Charges for Scripted {
    fn fields(&self, _wanted: &Wanted<'_>, _credentials: &Credentials) -> PayFields {
        PayFields::Typed
    }

    fn accept(&self, _method: &MethodInput, _now: Timestamp) -> Result<Option<CardFacts>, Vec<FieldProblem>> {
        Ok(None)
    }

    async fn charge(&self, call: &Call, request: &ChargeRequest) -> Result<ChargeReply, GatewayFailure> {
        let body = json!({
            "key": call.idempotency_key,
            "account": call.account,
            "amount": request.amount.minor,
            "currency": request.amount.currency.code(),
            "return_url": request.return_url,
        });
        charge_reply(&self.act(call, "POST /charges", &body).await?)
    }

    async fn resume(&self, call: &Call, gateway_ref: &str) -> Result<ChargeReply, GatewayFailure> {
        let found = self.find(call, "charges", &call.idempotency_key, Some(gateway_ref)).await?;
        found.as_ref().map(charge_reply).transpose()?.ok_or_else(|| GatewayFailure::unknown("no such charge"))
    }
}

#[async_trait]
impl Refunds for Scripted {
    async fn refund(&self, call: &Call, request: &RefundRequest) -> Result<RefundReply, GatewayFailure> {
        let body = json!({
            "key": call.idempotency_key,
            "charge": request.charge_ref,
            "amount": request.amount.minor,
            "currency": request.amount.currency.code(),
        });
        refund_reply(&self.act(call, "POST /refunds", &body).await?)
    }
}

#[async_trait]
impl Lookup for Scripted {
    async fn find_charge(
        &self,
        call: &Call,
        our_key: &str,
        gateway_ref: Option<&str>,
    ) -> Result<Option<ChargeReply>, GatewayFailure> {
        self.find(call, "charges", our_key, gateway_ref).await?.as_ref().map(charge_reply).transpose()
    }

    async fn find_refund(
        &self,
        call: &Call,
        our_key: &str,
        _charge_ref: &str,
        gateway_ref: Option<&str>,
    ) -> Result<Option<RefundReply>, GatewayFailure> {
        self.find(call, "refunds", our_key, gateway_ref).await?.as_ref().map(refund_reply).transpose()
    }
}

#[async_trait]
impl Events for Scripted {
    async fn read(&self, call: &Call, incoming: &Incoming<'_>) -> Result<EventHint, EventRefused> {
        read_event(call.now, incoming)
    }
}

/// Reads an event of the tests' gateways: `{"id", "type", "charge": {"key", "id"}}`, the same with `refund` and its `charge`, or
/// with `dispute` and its `id` alone.
///
/// # Errors
/// [`EventRefused`].
pub fn read_event(now: Timestamp, incoming: &Incoming<'_>) -> Result<EventHint, EventRefused> {
    signature::verify(SECRET, incoming.header(SIGNATURE), incoming.body, now)?;
    let event: Value = serde_json::from_slice(incoming.body).map_err(|_| EventRefused::Unreadable)?;
    let names = |of: &Value| (text(of, "key"), text(of, "id"));
    let about = match (event.get("charge"), event.get("refund")) {
        (None, None) if let Some(dispute) = event.get("dispute") => {
            About::Dispute { gateway_ref: text(dispute, "id").ok_or(EventRefused::Unreadable)? }
        }
        (_, Some(refund)) => {
            let (our_key, gateway_ref) = names(refund);
            About::Refund { our_key, gateway_ref, charge_ref: text(refund, "charge") }
        }
        (Some(charge), None) => {
            let (our_key, gateway_ref) = names(charge);
            About::Charge { our_key, gateway_ref }
        }
        (None, None) => About::Other,
    };
    let id = text(&event, "id").ok_or(EventRefused::Unreadable)?;
    Ok(EventHint { id, kind: text(&event, "type").ok_or(EventRefused::Unreadable)?, about })
}

#[async_trait]
impl ConnectionCheck for Scripted {
    fn problems(&self, _credentials: &Credentials, _livemode: bool) -> Vec<FieldProblem> {
        Vec::new()
    }

    async fn check(&self, _call: &Call) -> CheckCode {
        CheckCode::Ok
    }
}
