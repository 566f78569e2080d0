//! Calling Square's API.

use super::errors::{Refusal, Verdict};
use super::wire::Body;
use super::{ACCESS_TOKEN, LOCATION_ID, Square};
use crate::http::Answer;
use crate::{Call, GatewayFailure};
use reqwest::Method;
use serde_json::Value;
use std::time::Duration;

/// The version of the API that this connector was written against
/// (<https://developer.squareup.com/docs/changelog/connect-logs/2026-05-20>).
pub(super) const VERSION: &str = "2026-05-20";

/// An answer: read, or a refusal.
pub(super) type Said = Result<Body, Refusal>;

impl Square {
    /// Sends a call and reads the whole answer, whatever its status.
    ///
    /// # Errors
    /// [`GatewayFailure`]: no connection, or no answer.
    pub(super) async fn send(
        &self,
        call: &Call,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Answer, GatewayFailure> {
        self.send_within(call, (method, path, None), body).await
    }

    /// The same with the time that it may take, where that is less than the client's own.
    async fn send_within(
        &self,
        call: &Call,
        (method, path, limit): (Method, &str, Option<Duration>),
        body: Option<&Value>,
    ) -> Result<Answer, GatewayFailure> {
        let token = credential(call, ACCESS_TOKEN)?;
        let url = format!("{}{path}", self.base(call.livemode));
        let mut request = self
            .http
            .request(method, &url)
            .bearer_auth(token)
            .header("square-version", VERSION)
            .header("accept", "application/json");
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        if let Some(limit) = limit {
            request = request.timeout(limit);
        }
        self.http.send(request).await
    }

    /// Sends a call and reads what is in the answer.
    ///
    /// # Errors
    /// As [`Square::send`], and for a success that can't be read.
    pub(super) async fn ask(
        &self,
        call: &Call,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Said, GatewayFailure> {
        self.ask_within(call, (method, path, None), body).await
    }

    /// The same with the time that it may take, where that is less than the client's own.
    ///
    /// # Errors
    /// As [`Square::ask`].
    pub(super) async fn ask_within(
        &self,
        call: &Call,
        to: (Method, &str, Option<Duration>),
        body: Option<&Value>,
    ) -> Result<Said, GatewayFailure> {
        read(&self.send_within(call, to, body).await?)
    }

    /// Reads something; none when Square says that there is no such thing.
    ///
    /// # Errors
    /// [`GatewayFailure`]: no usable answer.
    pub(super) async fn get(&self, call: &Call, path: &str) -> Result<Option<Body>, GatewayFailure> {
        match self.ask(call, Method::GET, path, None).await? {
            Ok(body) => Ok(Some(body)),
            Err(refusal) if refusal.verdict == Verdict::Missing => Ok(None),
            Err(refusal) => Err(unanswered(&refusal)),
        }
    }
}

/// Reads what is in an answer.
///
/// # Errors
/// [`GatewayFailure::Unknown`] for a success that can't be read.
pub(super) fn read(answer: &Answer) -> Result<Said, GatewayFailure> {
    if !answer.is_success() {
        return Ok(Err(Refusal::of(answer)));
    }
    // Whatever is no object is no answer of Square's; read as one, `[]` would say that there is nothing.
    if answer.body.trim_ascii_start().first() != Some(&b'{') {
        return Err(GatewayFailure::unknown("the answer can't be read: no object"));
    }
    // The reason says what kind of fault it is, and nothing of what stands in the answer.
    let body: Body = serde_json::from_slice(&answer.body)
        .map_err(|error| GatewayFailure::unknown(format!("the answer can't be read: {:?}", error.classify())))?;
    // A success that names errors is neither.
    Ok(if body.errors.is_empty() { Ok(body) } else { Err(Refusal::of(answer)) })
}

/// A refusal of a call that is no decline, as a failure.
pub(super) fn unanswered(refusal: &Refusal) -> GatewayFailure {
    match refusal.verdict {
        Verdict::Doubtful => GatewayFailure::unknown(refusal.reason.clone()),
        _ => GatewayFailure::not_sent(refusal.reason.clone()),
    }
}

/// A question that came to nothing after the call itself had been sent: whatever became of the question, the call may have
/// been carried out.
pub(super) fn after_the_call(failure: GatewayFailure) -> GatewayFailure {
    match failure {
        GatewayFailure::NotSent { reason } | GatewayFailure::Unknown { reason } => GatewayFailure::unknown(reason),
    }
}

/// What a call can't do without.
///
/// # Errors
/// [`GatewayFailure::NotSent`] when the connection lacks it.
pub(super) fn credential<'a>(call: &'a Call, name: &str) -> Result<&'a str, GatewayFailure> {
    let found = call.credentials.get(name).filter(|value| !value.is_empty());
    found.ok_or_else(|| GatewayFailure::not_sent(format!("no {name}")))
}

/// The connection's location.
///
/// # Errors
/// As [`credential`].
pub(super) fn location(call: &Call) -> Result<&str, GatewayFailure> {
    credential(call, LOCATION_ID)
}

/// An answer of success without what was asked for.
pub(super) fn lacks(what: &str) -> GatewayFailure {
    GatewayFailure::unknown(format!("the answer has no {what}"))
}
