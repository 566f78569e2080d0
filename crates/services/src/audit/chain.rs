//! Appends to a chain and verifies one.

use super::Entry;
use domain::Timestamp;
use sha2::{Digest, Sha256};
use store::audit::{self, EntryRow};
use store::{StoreError, Tx};

/// What the first entry of a chain has for a predecessor.
const START: &str = "";

/// Where a chain does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// Number of the first entry that is wrong or missing.
    pub seq: i64,
    /// `missing`, `edited`, `detail`.
    pub what: &'static str,
}

/// Appends to a chain inside the unit that it tells of. Whoever appends to the same chain waits for the unit's end.
///
/// # Errors
/// The database's.
pub async fn append(tx: &mut Tx, entry: &Entry) -> Result<(), StoreError> {
    let detail = serde_json::to_string(&entry.detail).map_err(|e| StoreError::Corrupt(e.to_string()))?;
    audit::lock(tx, &entry.chain).await?;
    let last = audit::last(tx, &entry.chain).await?;
    let (seq, prev_hash) = last.map_or((1, START.to_owned()), |(seq, hash)| (seq + 1, hash));
    let mut row = EntryRow {
        chain: entry.chain.clone(),
        seq,
        at: entry.at.millis(),
        actor_kind: entry.actor_kind.to_owned(),
        actor_id: entry.actor_id.clone(),
        action: entry.action.to_owned(),
        object_id: entry.object_id.clone(),
        detail_hash: hex::encode(Sha256::digest(detail.as_bytes())),
        prev_hash,
        hash: String::new(),
    };
    row.hash = hash_of(&row);
    audit::insert(tx, &row).await?;
    audit::insert_detail(tx, &row.chain, row.seq, &detail).await
}

/// Walks a chain from its beginning. `Ok(Ok(n))` is a whole chain of `n` entries. An erased detail is no break; one that was
/// changed is.
///
/// # Errors
/// The database's.
pub async fn verify(tx: &mut Tx, chain: &str) -> Result<Result<i64, Broken>, StoreError> {
    let (mut seq, mut prev) = (0, START.to_owned());
    loop {
        let rows = audit::after(tx, chain, seq, 500).await?;
        if rows.is_empty() {
            return Ok(Ok(seq));
        }
        for (row, detail) in rows {
            seq += 1;
            if row.seq != seq {
                return Ok(Err(Broken { seq, what: "missing" }));
            }
            if row.prev_hash != prev || row.hash != hash_of(&row) {
                return Ok(Err(Broken { seq, what: "edited" }));
            }
            if detail.is_some_and(|d| hex::encode(Sha256::digest(d.as_bytes())) != row.detail_hash) {
                return Ok(Err(Broken { seq, what: "detail" }));
            }
            prev = row.hash;
        }
    }
}

/// SHA-256 over a text in which every part is preceded by its length, so that no two rows share one.
fn hash_of(row: &EntryRow) -> String {
    let (seq, at) = (row.seq.to_string(), Timestamp(row.at).millis().to_string());
    let parts = [
        Some(row.chain.as_str()),
        Some(&seq),
        Some(&at),
        Some(&row.actor_kind),
        row.actor_id.as_deref(),
        Some(&row.action),
        row.object_id.as_deref(),
        Some(&row.detail_hash),
        Some(&row.prev_hash),
    ];
    let mut hasher = Sha256::new();
    for part in parts {
        match part {
            Some(text) => hasher.update(format!("{}:{text};", text.len())),
            None => hasher.update("-;"),
        }
    }
    hex::encode(hasher.finalize())
}
