//! Methods that gateways keep for customers.
//!
//! A customer agrees to it beside the pay button; the words that they saw are kept. What the gateway calls the method lies sealed, under
//! the connection that alone can charge it. A browser from which one was kept is offered it again: it has a token of its own, so
//! that nobody is offered another person's card by typing their address.

mod detach;
mod keep;
mod offer;

pub(crate) use detach::{KIND, forget};
pub use detach::{detach_by_member, detach_by_receipt};
pub(crate) use keep::{Keeping, Kept, begin, note};
pub(crate) use offer::{Found, find, of_browser, view};

use crate::{ServiceError, Services, tokens};
use domain::Scope;
use gateways::SavedMethod;
use serde::{Deserialize, Serialize};
use store::payment_methods::NameRow;

/// What is stored of a browser's token: another text for each merchant and mode, so that nobody's customers can be told by another's.
pub(crate) fn device_of(scope: &Scope, token: &str) -> Option<String> {
    (!token.is_empty()).then(|| tokens::hash(&format!("{}/{}/{token}", scope.merchant, scope.mode.as_str())))
}

/// A gateway's names as they lie sealed.
#[derive(Serialize, Deserialize)]
struct Names {
    token: String,
    customer: Option<String>,
}

fn place(attempt: &str) -> String {
    format!("payment_method_tokens/{attempt}")
}

fn seal(svc: &Services, attempt: &str, saved: &SavedMethod) -> Result<Vec<u8>, ServiceError> {
    let names = Names { token: saved.token.clone(), customer: saved.customer.clone() };
    let plain = serde_json::to_vec(&names).map_err(|error| ServiceError::Fault(error.to_string()))?;
    svc.sealer().seal(svc.entropy(), &place(attempt), &plain).map_err(|error| ServiceError::Fault(error.to_string()))
}

/// What the gateway calls it.
///
/// # Errors
/// A fault: it can't be opened with this master key.
pub(crate) fn open(svc: &Services, row: &NameRow) -> Result<SavedMethod, ServiceError> {
    let plain = svc
        .sealer()
        .open(&place(&row.attempt_id), &row.token)
        .map_err(|error| ServiceError::Fault(error.to_string()))?;
    let names: Names = serde_json::from_slice(&plain).map_err(|error| ServiceError::Fault(error.to_string()))?;
    Ok(SavedMethod { token: names.token, customer: names.customer })
}
