//! Asking Stripe: forms go out, JSON comes back (<https://docs.stripe.com/api/errors>).

use super::{SECRET_KEY, Stripe, VERSION};
use crate::http::Answer;
use crate::{Call, GatewayFailure};
use serde_json::Value;

/// Fields of a form or a query, nested by brackets.
pub(super) type Fields = Vec<(String, String)>;

/// What is asked for along with every PaymentIntent: the card and the fee.
pub(super) const EXPAND_FEE: &str = "latest_charge.balance_transaction";

/// The code of an object that Stripe does not know.
pub(super) const MISSING: &str = "resource_missing";

/// Why an answer is none, when it came and is no object.
pub(super) const UNREADABLE: &str = "the answer can't be read";

/// A field.
pub(super) fn field(name: &str, value: impl Into<String>) -> (String, String) {
    (name.to_owned(), value.into())
}

/// An object that Stripe answered.
#[derive(Debug)]
pub(super) struct Object {
    /// The object.
    pub(super) value: Value,
    /// Whether it is the answer of an earlier call under the same key, and as old as that.
    pub(super) replayed: bool,
}

/// A request that Stripe refused, definitely and before it did anything, apart from asking a bank that said no.
#[derive(Debug, Default)]
pub(super) struct Refused {
    /// HTTP status: 400 to 404.
    pub(super) status: u16,
    /// Error code.
    pub(super) code: Option<String>,
    /// The bank's reason.
    pub(super) decline_code: Option<String>,
    /// Which parameter is meant.
    pub(super) param: Option<String>,
    /// Stripe's words.
    pub(super) message: Option<String>,
    /// The PaymentIntent or SetupIntent as it stands after the refusal, where Stripe tells it.
    pub(super) intent: Option<Value>,
}

impl Refused {
    /// Whether it has this code.
    pub(super) fn is(&self, code: &str) -> bool {
        self.code.as_deref() == Some(code)
    }

    /// Whether it is about this parameter.
    pub(super) fn is_about(&self, param: &str) -> bool {
        self.param.as_deref() == Some(param)
    }

    /// Whether Stripe refuses the key itself, or what it asks for.
    pub(super) const fn is_about_the_key(&self) -> bool {
        matches!(self.status, 401 | 403)
    }

    /// The most exact code.
    pub(super) fn raw_code(&self) -> Option<String> {
        self.decline_code.clone().or_else(|| self.code.clone())
    }

    /// For logs: codes alone, since Stripe's words may repeat what a person typed.
    pub(super) fn reason(&self) -> String {
        let code = self.raw_code().unwrap_or_else(|| "no code".to_owned());
        match &self.param {
            Some(param) => format!("status {}: {code} ({param})", self.status),
            None => format!("status {}: {code}", self.status),
        }
    }
}

/// What became of a request: what was asked for, a refusal, or nothing that can be relied on.
pub(super) type Heard<T = Object> = Result<Result<T, Refused>, GatewayFailure>;

/// What a question brought. A refused question leaves what was asked about as doubtful as it was.
pub(super) fn answered<T>(heard: Heard<T>) -> Result<T, GatewayFailure> {
    heard?.map_err(|refused| GatewayFailure::unknown(refused.reason()))
}

impl Stripe {
    /// Sends what may make or move something.
    pub(super) async fn post(&self, call: &Call, path: &str, key: &str, form: &Fields) -> Heard {
        let secret = secret(call)?;
        let body = encoded(form)?;
        let request = self
            .http
            .request(reqwest::Method::POST, &format!("{}{path}", self.base))
            .header("content-type", "application/x-www-form-urlencoded")
            .header("idempotency-key", key)
            .header("stripe-version", VERSION)
            .bearer_auth(secret)
            .body(body);
        heard(&self.http.send(request).await?, secret)
    }

    /// Asks what moves nothing. Without an answer it is unknown how things stand, never certain that there is nothing.
    pub(super) async fn get(&self, call: &Call, path: &str, query: &Fields) -> Heard {
        let secret = secret(call).map_err(unknown)?;
        let query = encoded(query).map_err(unknown)?;
        let mark = if query.is_empty() { "" } else { "?" };
        let request = self
            .http
            .request(reqwest::Method::GET, &format!("{}{path}{mark}{query}", self.base))
            .header("stripe-version", VERSION)
            .bearer_auth(secret);
        heard(&self.http.send(request).await.map_err(unknown)?, secret).map_err(unknown)
    }

    /// Asks for an object that must be there.
    pub(super) async fn object(&self, call: &Call, path: &str, query: &Fields) -> Result<Value, GatewayFailure> {
        answered(self.get(call, path, query).await).map(|object| object.value)
    }
}

/// A failure while asking: what was asked about stays as doubtful as it was.
pub(super) fn unknown(failure: GatewayFailure) -> GatewayFailure {
    match failure {
        GatewayFailure::NotSent { reason } => GatewayFailure::unknown(reason),
        failure @ GatewayFailure::Unknown { .. } => failure,
    }
}

/// A failure of a call that moves nothing, before the one that does.
pub(super) fn not_sent(failure: GatewayFailure) -> GatewayFailure {
    match failure {
        GatewayFailure::Unknown { reason } => GatewayFailure::not_sent(reason),
        failure @ GatewayFailure::NotSent { .. } => failure,
    }
}

fn secret(call: &Call) -> Result<&str, GatewayFailure> {
    call.credentials.get(SECRET_KEY).ok_or_else(|| GatewayFailure::not_sent("no secret key"))
}

fn encoded(fields: &Fields) -> Result<String, GatewayFailure> {
    serde_urlencoded::to_string(fields).map_err(|error| GatewayFailure::not_sent(error.to_string()))
}

fn heard(answer: &Answer, secret: &str) -> Heard {
    let status = answer.status;
    let object = answer.json().filter(Value::is_object);
    if answer.is_success() {
        let value = object.ok_or_else(|| GatewayFailure::unknown(UNREADABLE))?;
        return Ok(Ok(Object { value, replayed: answer.header("idempotent-replayed") == Some("true") }));
    }
    let error = object.as_ref().and_then(|object| object.get("error")).filter(|error| error.is_object());
    let kind = error.and_then(|error| text(error, "type"));
    let code = error.and_then(|error| text(error, "code"));
    if status == 429 || (status == 400 && code == Some("rate_limit")) {
        return Err(GatewayFailure::not_sent("too many requests"));
    }
    match error {
        // A used key with another content: what was done under it is not what is asked now.
        Some(_) if kind == Some("idempotency_error") => Err(GatewayFailure::unknown("the key was used otherwise")),
        Some(error) if matches!(status, 400..=404) => Ok(Err(Refused {
            status,
            code: code.map(str::to_owned),
            decline_code: owned(error, "decline_code"),
            param: owned(error, "param"),
            // Stripe masks keys in its words; one that is not masked stays out of our books.
            message: owned(error, "message").filter(|message| !message.contains(secret)),
            intent: ["payment_intent", "setup_intent"].into_iter().find_map(|name| object_of(error, name)).cloned(),
        })),
        _ => Err(GatewayFailure::unknown(format!("status {status}"))),
    }
}

/// A text of an object.
pub(super) fn text<'a>(object: &'a Value, field: &str) -> Option<&'a str> {
    object.get(field).and_then(Value::as_str)
}

/// The same, for keeping.
pub(super) fn owned(object: &Value, field: &str) -> Option<String> {
    text(object, field).map(str::to_owned)
}

/// An object within an object.
pub(super) fn object_of<'a>(object: &'a Value, field: &str) -> Option<&'a Value> {
    object.get(field).filter(|inner| inner.is_object())
}

/// A note of ours in an object's metadata.
pub(super) fn note<'a>(object: &'a Value, name: &str) -> Option<&'a str> {
    text(object.get("metadata")?, name)
}

/// The name of an object that may stand there itself (expanded), by its name, or not at all.
pub(super) fn name_of(object: &Value, field: &str) -> Option<String> {
    match object.get(field)? {
        Value::String(name) => Some(name.clone()),
        expanded => owned(expanded, "id"),
    }
}

/// Our key in an object's metadata.
pub(super) fn our_key(object: &Value) -> Option<String> {
    owned(object.get("metadata")?, super::META_KEY)
}

/// Whether a text is a name of Stripe's with this prefix: it goes into addresses.
pub(super) fn is_name(text: &str, prefix: &str) -> bool {
    text.len() <= 255
        && text.strip_prefix(prefix).is_some_and(|rest| {
            !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_go_into_addresses() {
        assert!(is_name("pi_3PabcDEF", "pi_"));
        assert!(is_name("cs_test_a1B2", "cs_"));
        for wrong in ["", "pi_", "pi_/../x", "pi_a?b", "pi_a b", "cs_1", "pi_é", &format!("pi_{}", "a".repeat(253))] {
            assert!(!is_name(wrong, "pi_"), "{wrong}");
        }
    }

    #[test]
    fn a_secret_in_words_is_left_out() {
        let body = br#"{"error":{"type":"invalid_request_error","message":"Invalid key sk_test_1"}}"#.to_vec();
        let answer = Answer { status: 401, headers: Vec::new(), body };
        assert_eq!(heard(&answer, "sk_test_1").unwrap().unwrap_err().message, None);
        assert!(heard(&answer, "sk_test_2").unwrap().unwrap_err().message.is_some());
    }
}
