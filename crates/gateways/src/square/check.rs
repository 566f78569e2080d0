//! Testing a connection (<https://developer.squareup.com/reference/square/locations-api/retrieve-location>).

use super::api::location;
use super::errors::{Refusal, Verdict};
use super::wire::Body;
use super::{ACCESS_TOKEN, APPLICATION_ID, LOCATION_ID, SIGNATURE_KEY, Square, api, listing, names};
use crate::{Call, CheckCode, ConnectionCheck, Credentials, Window};
use async_trait::async_trait;
use domain::{
    FieldProblem,
    problem::{codes, money},
    time::HOUR,
};
use reqwest::Method;

/// What application ids begin with in test mode and in live mode.
const TEST_APPLICATION: &str = "sandbox-sq0idb-";
const LIVE_APPLICATION: &str = "sq0idp-";
/// The longest field that is kept.
const LONGEST: usize = 255;

#[async_trait]
impl ConnectionCheck for Square {
    fn problems(&self, credentials: &Credentials, livemode: bool) -> Vec<FieldProblem> {
        let mut problems = Vec::new();
        for (name, required) in
            [(APPLICATION_ID, true), (ACCESS_TOKEN, true), (LOCATION_ID, true), (SIGNATURE_KEY, false)]
        {
            let value = credentials.get(name).unwrap_or_default();
            let fits = value.bytes().all(|byte| byte.is_ascii_graphic());
            if value.is_empty() && required {
                problems.push(FieldProblem::new(name, codes::REQUIRED));
            } else if value.len() > LONGEST {
                problems.push(FieldProblem::new(name, codes::TOO_LONG).with("max", LONGEST));
            } else if !fits {
                problems.push(FieldProblem::new(name, codes::BAD_CHARACTERS));
            } else if name == APPLICATION_ID && !fits_mode(value, livemode) {
                let other = fits_mode(value, !livemode);
                problems.push(FieldProblem::new(name, if other { money::KEY_OF_OTHER_MODE } else { money::BAD_KEY }));
            } else if name == LOCATION_ID && !names::is_id(value) {
                problems.push(FieldProblem::new(name, money::BAD_KEY));
            }
        }
        problems
    }

    async fn check(&self, call: &Call) -> CheckCode {
        let application = call.credentials.get(APPLICATION_ID).unwrap_or_default();
        if !fits_mode(application, call.livemode) {
            return CheckCode::WrongMode;
        }
        let Ok(id) = location(call) else { return CheckCode::WrongCredentials };
        if !names::is_id(id) || call.credentials.get(ACCESS_TOKEN).is_none_or(str::is_empty) {
            return CheckCode::WrongCredentials;
        }
        match self.location_code(call, id).await {
            CheckCode::Ok => self.rights_code(call).await,
            code => code,
        }
    }
}

impl Square {
    /// Whether the location is the account's own and can charge.
    async fn location_code(&self, call: &Call, id: &str) -> CheckCode {
        let said = match self.question(call, &format!("/v2/locations/{id}")).await {
            Ok(said) => said,
            Err(code) => return code,
        };
        match said.location {
            Some(location) if location.id == id => {
                let active = location.status.as_deref() == Some("ACTIVE");
                let charges = location.capabilities.iter().any(|can| can == "CREDIT_CARD_PROCESSING");
                if active && charges { CheckCode::Ok } else { CheckCode::AccountRestricted }
            }
            _ => CheckCode::Unreadable,
        }
    }

    /// Whether payments may be read: the location itself needs another right.
    async fn rights_code(&self, call: &Call) -> CheckCode {
        let window = Window { from: call.now.plus(-HOUR), to: call.now };
        let Ok(path) = listing::path(call, "payments", window, None) else { return CheckCode::WrongCredentials };
        self.question(call, &path).await.err().unwrap_or(CheckCode::Ok)
    }

    async fn question(&self, call: &Call, path: &str) -> Result<Body, CheckCode> {
        let answer = self.send(call, Method::GET, path, None).await.map_err(|_| CheckCode::Unreachable)?;
        match api::read(&answer) {
            Ok(Ok(said)) => Ok(said),
            Ok(Err(refusal)) => Err(code(answer.status, &refusal)),
            Err(_) => Err(CheckCode::Unreadable),
        }
    }
}

/// What a refusal says about the connection. A location that Square does not know is a wrong one.
fn code(status: u16, refusal: &Refusal) -> CheckCode {
    match (status, refusal.verdict) {
        (401, _) => CheckCode::WrongCredentials,
        (403, _) => CheckCode::MissingPermission,
        (429 | 500.., _) => CheckCode::Unreachable,
        (400..=499, Verdict::Missing | Verdict::Refused | Verdict::Account) => CheckCode::WrongCredentials,
        _ => CheckCode::Unreadable,
    }
}

fn fits_mode(application: &str, livemode: bool) -> bool {
    application.starts_with(if livemode { LIVE_APPLICATION } else { TEST_APPLICATION })
}
