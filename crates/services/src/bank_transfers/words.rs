//! What entries say: names, accounts and texts of people, most of them none of our merchant's customers. It lies sealed, and is forgotten
//! when it belongs to nothing here.

use crate::{ServiceError, Services};
use domain::time::DAY;
use gateways::bank_transfer::StatementEntry;
use store::{
    StoreError,
    bank_entries::{self, EntryRow},
};

/// How long the words of an entry are kept that belongs to nothing here and that nobody has decided.
const KEPT: i64 = 90 * DAY;
/// Entries from before they were sealed that are sealed in one round.
const SEALED_AT_ONCE: i64 = 500;
/// Entries that are forgotten in one round.
const FORGOTTEN_AT_ONCE: i64 = 1_000;

/// Where an entry lies, for the sealer.
fn place(id: &str) -> String {
    format!("bank_entries/{id}/sealed")
}

/// JSON of an entry, sealed for its row.
///
/// # Errors
/// A fault: it can't be sealed.
pub(super) fn sealed(svc: &Services, id: &str, json: &str) -> Result<Vec<u8>, ServiceError> {
    let sealed = svc.sealer().seal(svc.entropy(), &place(id), json.as_bytes());
    sealed.map_err(|error| ServiceError::Fault(format!("entry {id}: {error}")))
}

/// The entry of a row. Older rows hold it in clear until [`tidy`] was there.
///
/// # Errors
/// A fault: it can't be opened or read, or it was forgotten.
pub(super) fn entry_of(svc: &Services, row: &EntryRow) -> Result<StatementEntry, ServiceError> {
    let fault = |error: &dyn std::fmt::Display| ServiceError::Fault(format!("entry {}: {error}", row.id));
    let read = match &row.sealed {
        Some(sealed) => {
            let json = svc.sealer().open(&place(&row.id), sealed).map_err(|error| fault(&error))?;
            serde_json::from_slice(&json)
        }
        None => serde_json::from_str(&row.entry),
    };
    read.map_err(|error| fault(&error))
}

/// Seals what lies in clear from before, and forgets what old entries say that belong to nothing here; how many.
///
/// # Errors
/// The database's.
pub async fn tidy(svc: &Services) -> Result<u64, ServiceError> {
    let sealed = seal_older(svc).await?;
    let before = svc.now().plus(-KEPT);
    let forgotten: Result<u64, StoreError> = svc
        .db()
        .write(&before, |tx, &before| {
            Box::pin(async move { bank_entries::forget(tx, before, FORGOTTEN_AT_ONCE).await })
        })
        .await;
    Ok(sealed + forgotten?)
}

async fn seal_older(svc: &Services) -> Result<u64, ServiceError> {
    let rows = bank_entries::clear(&mut svc.db().read().await?, SEALED_AT_ONCE).await?;
    if rows.is_empty() {
        return Ok(0);
    }
    let mut all = Vec::new();
    for row in rows {
        let sealed = sealed(svc, &row.id, &row.entry)?;
        all.push((row, sealed));
    }
    let done: Result<u64, StoreError> = svc
        .db()
        .write(&all, |tx, all| {
            Box::pin(async move {
                let mut done = 0;
                for (row, sealed) in all {
                    done += u64::from(bank_entries::seal(tx, row, sealed).await?);
                }
                Ok(done)
            })
        })
        .await;
    Ok(done?)
}
