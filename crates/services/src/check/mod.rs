//! `paydeck check`: reads a database and names every broken invariant.

use crate::{ServiceError, audit};
use store::{Db, check};

/// A broken invariant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Its name.
    pub invariant: &'static str,
    /// Which row, and how.
    pub detail: String,
}

/// The invariant of audit chains, which needs more than one statement.
const AUDIT_CHAIN: &str = "audit_chain";

/// The names of all invariants.
#[must_use]
pub fn invariants() -> Vec<&'static str> {
    check::names().chain([AUDIT_CHAIN]).collect()
}

/// Reads the database, in one state of it, and names what is broken. It writes nothing and may run beside a server.
///
/// # Errors
/// The database's.
pub async fn run(db: &Db) -> Result<Vec<Violation>, ServiceError> {
    let mut tx = db.snapshot().await?;
    let broken = check::run(&mut tx).await?;
    let mut found: Vec<Violation> =
        broken.into_iter().map(|row| Violation { invariant: row.invariant, detail: row.detail }).collect();
    for chain in store::audit::chains(&mut tx).await? {
        if let Err(broken) = audit::verify(&mut tx, &chain).await? {
            let detail = format!("{chain} entry {}: {}", broken.seq, broken.what);
            found.push(Violation { invariant: AUDIT_CHAIN, detail });
        }
    }
    Ok(found)
}
