//! Access tokens (OAuth 2.0, client credentials): <https://developer.paypal.com/api/rest/authentication/>.
//!
//! A token is kept in memory only, for one connection and the credentials that it was given for. One caller at a time fetches it;
//! the others wait for that one.

use super::{CLIENT_ID, CLIENT_SECRET, PayPal, api::Refusal};
use crate::{Call, GatewayFailure};
use base64::{Engine, engine::general_purpose::STANDARD};
use domain::{
    Timestamp,
    time::{MINUTE, SECOND},
};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// A token is not used any more when this much of its time is left.
const MARGIN: i64 = 5 * MINUTE;
/// More connections than this at once begin with no token again: those of credentials that are no longer used go with them.
const MOST: usize = 1_024;

/// The tokens of all connections.
#[derive(Default)]
pub(super) struct Tokens(Mutex<HashMap<[u8; 32], Arc<Slot>>>);

/// A connection's token, when it has one. The lock is held while one is fetched.
type Slot = tokio::sync::Mutex<Option<Token>>;

#[derive(Clone)]
struct Token {
    text: SecretString,
    until: Timestamp,
}

/// Why there is no token.
pub(super) enum NoToken {
    /// PayPal refuses the credentials.
    Refused(Refusal),
    /// No answer, or none of use, for this reason.
    Lost(String),
    /// An answer that can't be read.
    Unreadable,
}

impl Tokens {
    fn slot(&self, call: &Call) -> Arc<Slot> {
        let mut hash = Sha256::new();
        for part in [
            call.account.as_str(),
            if call.livemode { "live" } else { "test" },
            call.credentials.get(CLIENT_ID).unwrap_or_default(),
            call.credentials.get(CLIENT_SECRET).unwrap_or_default(),
        ] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        let mut slots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let key = hash.finalize().into();
        if slots.len() >= MOST && !slots.contains_key(&key) {
            slots.clear();
        }
        slots.entry(key).or_default().clone()
    }
}

impl PayPal {
    /// A token that stands at `call.now`. One that PayPal has just refused is named in `refused` and not given again.
    ///
    /// # Errors
    /// [`NoToken`]. Whichever it is, nothing can have been charged without a token.
    pub(super) async fn token(&self, call: &Call, refused: Option<&SecretString>) -> Result<SecretString, NoToken> {
        let slot = self.tokens.slot(call);
        let mut kept = slot.lock().await;
        if let Some(token) = kept.as_ref() {
            let is_refused = refused.is_some_and(|text| text.expose_secret() == token.text.expose_secret());
            if !is_refused && call.now < token.until {
                return Ok(token.text.clone());
            }
        }
        *kept = None;
        let token = self.fetch_token(call).await?;
        Ok(kept.insert(token).text.clone())
    }

    async fn fetch_token(&self, call: &Call) -> Result<Token, NoToken> {
        let id = call.credentials.get(CLIENT_ID).unwrap_or_default();
        let secret = call.credentials.get(CLIENT_SECRET).unwrap_or_default();
        let url = format!("{}/v1/oauth2/token", self.base(call.livemode));
        let request = self
            .http
            .request(reqwest::Method::POST, &url)
            .header("accept", "application/json")
            .header("authorization", format!("Basic {}", STANDARD.encode(format!("{id}:{secret}"))))
            .header("content-type", "application/x-www-form-urlencoded")
            .body("grant_type=client_credentials");
        let answer = self.http.send(request).await.map_err(|failure| {
            let (GatewayFailure::NotSent { reason } | GatewayFailure::Unknown { reason }) = failure;
            NoToken::Lost(reason)
        })?;
        match answer.status {
            200 => {}
            // `invalid_client` comes as 401; `unauthorized_client` and the like as 400 or 403.
            400 | 401 | 403 => return Err(NoToken::Refused(Refusal::of_token(&answer))),
            status => return Err(NoToken::Lost(format!("PayPal answered {status}"))),
        }
        answer.json().as_ref().and_then(|body| read_token(body, call.now)).ok_or(NoToken::Unreadable)
    }
}

fn read_token(body: &Value, now: Timestamp) -> Option<Token> {
    let text = body.get("access_token")?.as_str().filter(|text| !text.is_empty())?;
    let lasts = body.get("expires_in")?.as_i64()?.checked_mul(SECOND).filter(|lasts| *lasts > 0)?;
    // A short one is used for its first half.
    let until = now.plus(lasts - MARGIN.min(lasts / 2));
    Some(Token { text: SecretString::from(text), until })
}
