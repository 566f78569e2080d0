//! Asking PayPal, and telling answers apart as the contract wants them.
//!
//! Errors: <https://developer.paypal.com/api/rest/responses/>. Their body is `{"name", "message", "debug_id", "details": [{"issue",
//! "description"}], "links"}`.

use super::{PayPal, token::NoToken};
use crate::{Call, GatewayFailure, http::Answer};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

/// What is asked.
pub(super) struct Ask<'a> {
    method: reqwest::Method,
    path: &'a str,
    key: Option<&'a str>,
    body: Option<&'a Value>,
}

impl<'a> Ask<'a> {
    /// A reading call.
    pub(super) fn get(path: &'a str) -> Self {
        Self { method: reqwest::Method::GET, path, key: None, body: None }
    }

    /// A call that makes or moves something, under a key of ours.
    pub(super) fn post(path: &'a str, key: &'a str, body: &'a Value) -> Self {
        Self { method: reqwest::Method::POST, path, key: Some(key), body: Some(body) }
    }

    /// A call that deletes something. PayPal takes no key with it, and it needs none.
    pub(super) fn delete(path: &'a str) -> Self {
        Self { method: reqwest::Method::DELETE, path, key: None, body: None }
    }
}

/// An answer that says something.
pub(super) enum Heard {
    /// 2xx; null where there is no body.
    Done(Value),
    /// A definite no: PayPal did nothing.
    Refused(Refusal),
}

/// A definite no.
#[derive(Debug, Clone, Default)]
pub(super) struct Refusal {
    status: u16,
    name: String,
    issue: Option<String>,
    field: Option<String>,
    text: Option<String>,
    debug_id: Option<String>,
    /// Where the payer has to go, when the refusal says it.
    pub(super) action_url: Option<String>,
}

impl Refusal {
    fn of(answer: &Answer) -> Self {
        let body = answer.json().unwrap_or_default();
        let detail = body.pointer("/details/0").cloned().unwrap_or_default();
        let text = |of: &Value, field: &str| of.get(field).and_then(Value::as_str).map(str::to_owned);
        Self {
            status: answer.status,
            name: text(&body, "name").unwrap_or_default(),
            issue: text(&detail, "issue"),
            field: text(&detail, "field"),
            text: text(&detail, "description").or_else(|| text(&body, "message")),
            debug_id: debug_id(answer, &body),
            action_url: link(&body, &["payer-action", "redirect", "approve"]),
        }
    }

    /// A refused token: `{"error", "error_description"}`.
    pub(super) fn of_token(answer: &Answer) -> Self {
        let body = answer.json().unwrap_or_default();
        let text = |field: &str| body.get(field).and_then(Value::as_str).map(str::to_owned);
        Self {
            status: 401,
            name: text("error").unwrap_or_default(),
            text: text("error_description"),
            debug_id: debug_id(answer, &body),
            ..Self::default()
        }
    }

    /// The issue, or the error's name where there is none.
    pub(super) fn code(&self) -> &str {
        self.issue.as_deref().unwrap_or(&self.name)
    }

    /// Whether it is about a field of the request under this one, as a JSON pointer.
    pub(super) fn is_about(&self, field: &str) -> bool {
        self.field.as_deref().is_some_and(|named| named.trim_start_matches(['#', '/']).starts_with(field))
    }

    /// Whether the credentials, their rights or the account are what is wrong.
    pub(super) fn is_configuration(&self) -> bool {
        matches!(self.status, 401 | 403)
    }

    /// Whether PayPal does not take the credentials at all.
    pub(super) fn is_refused_login(&self) -> bool {
        self.status == 401
    }

    /// Whether what was asked for is not there.
    pub(super) fn is_missing(&self) -> bool {
        self.status == 404
    }

    /// The code as it came.
    pub(super) fn raw_code(&self) -> Option<String> {
        Some(self.code().to_owned()).filter(|code| !code.is_empty())
    }

    /// PayPal's words, with the number that its support asks for.
    pub(super) fn raw_message(&self) -> Option<String> {
        match (&self.text, &self.debug_id) {
            (Some(text), Some(id)) => Some(format!("{text} (PayPal-Debug-Id {id})")),
            (Some(text), None) => Some(text.clone()),
            (None, Some(id)) => Some(format!("PayPal-Debug-Id {id}")),
            (None, None) => None,
        }
    }

    /// For logs: PayPal's own words may name what the merchant typed, so that only codes are told.
    pub(super) fn reason(&self) -> String {
        let id = self.debug_id.as_deref().map(|id| format!(", debug id {id}")).unwrap_or_default();
        format!("PayPal answered {} {}{id}", self.status, self.code())
    }
}

/// The number that PayPal's support finds a call by. It is PayPal's, but it comes in a header: only its own characters are kept.
fn debug_id(answer: &Answer, body: &Value) -> Option<String> {
    let id = answer.header("paypal-debug-id").or_else(|| body.get("debug_id")?.as_str())?;
    Some(id.chars().filter(char::is_ascii_alphanumeric).take(40).collect())
}

/// The first link of one of these relations, in this order.
pub(super) fn link(body: &Value, relations: &[&str]) -> Option<String> {
    let links = body.get("links")?.as_array()?;
    let is = |link: &&Value, rel: &str| link.get("rel").and_then(Value::as_str) == Some(rel);
    let found = relations.iter().find_map(|rel| links.iter().find(|link| is(link, rel)))?;
    found.get("href")?.as_str().map(str::to_owned)
}

impl PayPal {
    /// Asks. A token that PayPal does not take any more is fetched anew, once: a call answered by 401 has done nothing.
    ///
    /// # Errors
    /// [`GatewayFailure::NotSent`] without a token, without a connection or after 429; [`GatewayFailure::Unknown`] for every answer
    /// that does not say what happened.
    pub(super) async fn ask(&self, call: &Call, ask: &Ask<'_>) -> Result<Heard, GatewayFailure> {
        let mut token = match self.token(call, None).await {
            Ok(token) => token,
            Err(none) => return without_token(none),
        };
        let mut answer = self.send(call, ask, &token).await?;
        if answer.status == 401 {
            token = match self.token(call, Some(&token)).await {
                Ok(token) => token,
                Err(none) => return without_token(none),
            };
            answer = self.send(call, ask, &token).await?;
        }
        heard(&answer)
    }

    /// Reads a path.
    ///
    /// # Errors
    /// As [`PayPal::ask`].
    pub(super) async fn get(&self, call: &Call, path: &str) -> Result<Heard, GatewayFailure> {
        self.ask(call, &Ask::get(path)).await
    }

    /// Reads a path where there may be nothing.
    ///
    /// # Errors
    /// As [`PayPal::ask`]; a refusal other than 404 is [`GatewayFailure::Unknown`].
    pub(super) async fn find(&self, call: &Call, path: &str) -> Result<Option<Value>, GatewayFailure> {
        match self.get(call, path).await? {
            Heard::Done(found) => Ok(Some(found)),
            Heard::Refused(refusal) if refusal.is_missing() => Ok(None),
            Heard::Refused(refusal) => Err(GatewayFailure::unknown(refusal.reason())),
        }
    }

    async fn send(&self, call: &Call, ask: &Ask<'_>, token: &SecretString) -> Result<Answer, GatewayFailure> {
        let url = format!("{}{}", self.base(call.livemode), ask.path);
        let mut request = self
            .http
            .request(ask.method.clone(), &url)
            .header("accept", "application/json")
            .header("authorization", format!("Bearer {}", token.expose_secret()));
        if let Some(key) = ask.key {
            request = request.header("paypal-request-id", key);
        }
        if let Some(body) = ask.body {
            // The whole object is asked for: the short answer lacks amounts, fees and what stands in an order.
            request = request.header("prefer", "return=representation");
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        self.http.send(request).await
    }
}

fn without_token(none: NoToken) -> Result<Heard, GatewayFailure> {
    match none {
        NoToken::Refused(refusal) => Ok(Heard::Refused(refusal)),
        NoToken::Lost(reason) => Err(GatewayFailure::not_sent(format!("no access token: {reason}"))),
        NoToken::Unreadable => Err(GatewayFailure::not_sent("no access token: the answer can't be read")),
    }
}

fn heard(answer: &Answer) -> Result<Heard, GatewayFailure> {
    let body = answer.json();
    match answer.status {
        200..=299 if answer.body.is_empty() => Ok(Heard::Done(Value::Null)),
        200..=299 => body.map(Heard::Done).ok_or_else(|| GatewayFailure::unknown("PayPal's answer can't be read")),
        401 | 403 => Ok(Heard::Refused(Refusal::of(answer))),
        429 => Err(GatewayFailure::not_sent(Refusal::of(answer).reason())),
        // 409 says that the same call is under way; 408 that the request did not arrive whole.
        408 | 409 => Err(GatewayFailure::unknown(Refusal::of(answer).reason())),
        // A no is PayPal's only when it is written as PayPal writes it: a proxy's 404 says nothing about a payment.
        400..=499 if body.is_some_and(|body| body.get("name").is_some_and(Value::is_string)) => {
            Ok(Heard::Refused(Refusal::of(answer)))
        }
        status => Err(GatewayFailure::unknown(format!("PayPal answered {status}"))),
    }
}
