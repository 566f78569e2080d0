//! Testing a connection.

use super::wire::{EXPAND_FEE, Fields, Heard, field};
use super::{PUBLISHABLE_KEY, SECRET_KEY, Stripe, WEBHOOK_SECRET};
use crate::{Call, CheckCode, ConnectionCheck, Credentials, GatewayFailure};
use async_trait::async_trait;
use domain::{
    FieldProblem,
    problem::{codes, money},
};
use serde_json::Value;

/// Longer than any key of Stripe's.
const LONGEST: usize = 255;

/// Which fields there are, and what their values begin with: `{kind}_{mode}_…` (<https://docs.stripe.com/keys>).
const KEYS: [(&str, &[&str]); 2] = [(PUBLISHABLE_KEY, &["pk"]), (SECRET_KEY, &["sk", "rk"])];

#[async_trait]
impl ConnectionCheck for Stripe {
    fn problems(&self, credentials: &Credentials, livemode: bool) -> Vec<FieldProblem> {
        let mut problems: Vec<FieldProblem> =
            KEYS.iter().filter_map(|(name, kinds)| key_problem(credentials, name, kinds, livemode)).collect();
        // None at first: Stripe makes it when the merchant tells it this connection's address.
        if let Some(secret) = credentials.get(WEBHOOK_SECRET).filter(|secret| !secret.is_empty()) {
            problems.extend(form_problem(WEBHOOK_SECRET, secret, secret.starts_with("whsec_")));
        }
        problems
    }

    /// Restricted keys are asked for everything that Paydeck reads. Rights to write can't be proved without writing.
    async fn check(&self, call: &Call) -> CheckCode {
        if !self.problems(&call.credentials, call.livemode).is_empty() {
            let other = self.problems(&call.credentials, !call.livemode).is_empty();
            return if other { CheckCode::WrongMode } else { CheckCode::WrongCredentials };
        }
        match found(&self.get(call, "/v1/account", &Fields::new()).await) {
            // Test charges need no account that was activated.
            Ok(account) if call.livemode && account.get("charges_enabled").and_then(Value::as_bool) == Some(false) => {
                return CheckCode::AccountRestricted;
            }
            // A restricted key needs no right to read the account: nothing else does.
            Ok(_) | Err(CheckCode::MissingPermission) => {}
            Err(code) => return code,
        }
        let one = |more: Option<&str>| {
            let mut query = vec![field("limit", "1")];
            query.extend(more.map(|path| field("expand[]", path)));
            query
        };
        let fee = format!("data.{EXPAND_FEE}");
        for (path, query) in [
            ("/v1/payment_intents", one(Some(&fee))),
            ("/v1/checkout/sessions", one(None)),
            ("/v1/refunds", one(None)),
            ("/v1/customers", one(None)),
            ("/v1/setup_intents", one(None)),
            ("/v1/disputes", one(None)),
        ] {
            match found(&self.get(call, path, &query).await) {
                Ok(list) if list.get("data").is_some_and(Value::is_array) => {}
                Ok(_) => return CheckCode::Unreadable,
                Err(code) => return code,
            }
        }
        CheckCode::Ok
    }
}

fn key_problem(credentials: &Credentials, name: &str, kinds: &[&str], livemode: bool) -> Option<FieldProblem> {
    let Some(key) = credentials.get(name).filter(|key| !key.is_empty()) else {
        return Some(FieldProblem::new(name, codes::REQUIRED));
    };
    let of_mode = |live: bool| {
        let mode = if live { "live" } else { "test" };
        kinds.iter().any(|kind| key.starts_with(&format!("{kind}_{mode}_")))
    };
    if of_mode(!livemode) {
        return Some(FieldProblem::new(name, money::KEY_OF_OTHER_MODE));
    }
    form_problem(name, key, of_mode(livemode))
}

/// A key is one word of letters, digits and underscores.
fn form_problem(name: &str, key: &str, begins_well: bool) -> Option<FieldProblem> {
    if key.len() > LONGEST {
        return Some(FieldProblem::new(name, codes::TOO_LONG).with("max", LONGEST));
    }
    if !key.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Some(FieldProblem::new(name, codes::BAD_CHARACTERS));
    }
    (!begins_well).then(|| FieldProblem::new(name, money::BAD_KEY))
}

/// What an answer says about the connection when it is not what was asked for.
fn found(heard: &Heard) -> Result<&Value, CheckCode> {
    match heard {
        Ok(Ok(object)) => Ok(&object.value),
        Ok(Err(refused)) => Err(match refused.status {
            401 => CheckCode::WrongCredentials,
            403 => CheckCode::MissingPermission,
            _ => CheckCode::Unreadable,
        }),
        Err(GatewayFailure::Unknown { reason }) if reason == super::wire::UNREADABLE => Err(CheckCode::Unreadable),
        Err(_) => Err(CheckCode::Unreachable),
    }
}
