//! Testing a connection.

use super::{CLIENT_ID, CLIENT_SECRET, PayPal, WEBHOOK_ID, api::Heard, token::NoToken};
use crate::{Call, CheckCode, ConnectionCheck, Credentials};
use async_trait::async_trait;
use domain::{FieldProblem, problem::codes};

/// The greatest length of a client id or secret in characters; PayPal's have 80.
const CREDENTIAL_MAX: usize = 200;
/// The greatest length of a webhook's id: <https://developer.paypal.com/docs/api/webhooks/v1/>.
const WEBHOOK_ID_MAX: usize = 50;
/// An order that there is not.
const NO_ORDER: &str = "/v2/checkout/orders/0AA00000AA000000A";

#[async_trait]
impl ConnectionCheck for PayPal {
    /// By form nothing tells live credentials from those of the sandbox.
    fn problems(&self, credentials: &Credentials, _livemode: bool) -> Vec<FieldProblem> {
        let mut problems = Vec::new();
        for (field, max, required) in [
            (CLIENT_ID, CREDENTIAL_MAX, true),
            (CLIENT_SECRET, CREDENTIAL_MAX, true),
            (WEBHOOK_ID, WEBHOOK_ID_MAX, false),
        ] {
            let value = credentials.get(field).unwrap_or_default();
            let is_plain = value.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
            if value.is_empty() && required {
                problems.push(FieldProblem::new(field, codes::REQUIRED));
            } else if value.len() > max {
                problems.push(FieldProblem::new(field, codes::TOO_LONG).with("max", max));
            } else if !is_plain {
                problems.push(FieldProblem::new(field, codes::BAD_CHARACTERS));
            }
        }
        problems
    }

    /// Gets a token and reads an order that there is not: 404 says that orders may be read. Credentials of the other mode can't be
    /// told from wrong ones, for PayPal answers both alike.
    async fn check(&self, call: &Call) -> CheckCode {
        match self.token(call, None).await {
            Ok(_) => {}
            Err(NoToken::Refused(_)) => return CheckCode::WrongCredentials,
            Err(NoToken::Lost(_)) => return CheckCode::Unreachable,
            Err(NoToken::Unreadable) => return CheckCode::Unreadable,
        }
        match self.get(call, NO_ORDER).await {
            Ok(Heard::Done(_)) => CheckCode::Ok,
            Ok(Heard::Refused(refusal)) if refusal.is_missing() => CheckCode::Ok,
            Ok(Heard::Refused(refusal)) => match refusal.code() {
                "INVALID_ACCOUNT_STATUS" | "PAYEE_ACCOUNT_RESTRICTED" => CheckCode::AccountRestricted,
                _ if refusal.is_refused_login() => CheckCode::WrongCredentials,
                _ if refusal.is_configuration() => CheckCode::MissingPermission,
                _ => CheckCode::Unreadable,
            },
            Err(_) => CheckCode::Unreachable,
        }
    }
}
