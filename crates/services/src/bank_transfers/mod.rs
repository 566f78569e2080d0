//! Bank transfers: what customers were told, the statements that merchants bring, and what of them pays what.
//!
//! Whether a transfer is paid is decided in this book alone ([`apply`]); the payment then follows through the one settlement, which asks
//! the connector, which asks the book. What comes in is first written down as it is, each entry once, and only then looked at, so that two
//! imports at once, or one that is cut off, book nothing twice and lose nothing.

mod apply;
mod aside;
mod book;
mod columns;
mod decide;
mod doubtful;
mod import;
mod lists;
mod surplus;
mod told;
mod words;

pub use aside::{aside, bring_back};
pub use book::TransferLedger;
pub use columns::columns;
pub use decide::decide;
pub use doubtful::doubtful;
pub use import::{MAX_STATEMENT, bring, read_with};
pub use lists::{head, statement, statements, waiting};
pub use surplus::mark_returned;
pub use words::tidy;

pub(crate) use apply::left_behind;
pub(crate) use surplus::shown as surplus;
pub(crate) use told::{letter, told};
use words::entry_of;

use crate::ServiceError;
use domain::{Currency, Money};
use gateways::bank_transfer::matching::Candidate;
use store::{StoreError, bank_entries::EntryRow, bank_transfers::TransferRow, payments::parse};

/// The amount of a transfer, and what came for it.
fn money_of(row: &TransferRow) -> Result<(Money, Money), StoreError> {
    let currency: Currency = parse(&row.currency)?;
    Ok((Money::new(row.amount, currency), Money::new(row.received, currency)))
}

/// The candidates of a row.
fn candidates_of(row: &EntryRow) -> Result<Vec<Candidate>, ServiceError> {
    serde_json::from_str(&row.candidates).map_err(|error| ServiceError::Fault(format!("entry {}: {error}", row.id)))
}

/// As JSON, to be stored.
fn json<T: serde::Serialize>(value: &T) -> Result<String, ServiceError> {
    serde_json::to_string(value).map_err(|error| ServiceError::Fault(error.to_string()))
}
