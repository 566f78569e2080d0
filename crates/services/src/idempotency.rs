//! Requests under a key: done once, answered alike.

use crate::{ServiceError, Services};
use domain::{Problem, ProblemKind, Scope, Timestamp, problem::codes, time::HOUR};
use sha2::{Digest, Sha256};
use std::str::FromStr;
use store::{StoreError, Tx, idempotency, payments::parse};

pub use store::idempotency::Key;

/// How long a key is kept.
pub const KEPT: i64 = 72 * HOUR;

/// The owner of a merchant's keys: test and live never meet.
#[must_use]
pub fn owner(scope: &Scope) -> String {
    format!("{}/{}", scope.merchant, scope.mode.as_str())
}

/// The hash of a request: of parts that are each preceded by their length, so that no two requests share one. Card fields
/// never go in.
#[must_use]
pub fn hash(parts: &[&str]) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part.len().to_string());
        hasher.update(":");
        hasher.update(part);
    }
    hex::encode(hasher.finalize())
}

/// A key that could be claimed, or the reply of whoever had it before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// Ours: do the work.
    Ours,
    /// Done before, with this reply.
    Replay(Vec<u8>),
}

/// Claims a key inside the unit that does the work, with the reply if it is known already.
///
/// # Errors
/// [`codes::IDEMPOTENCY_MISMATCH`] for another request under the same key, [`codes::IDEMPOTENCY_IN_PROGRESS`] while the
/// first is being worked on.
pub async fn claim(
    tx: &mut Tx,
    key: Key<'_>,
    request_hash: &str,
    reply: Option<&[u8]>,
    at: Timestamp,
) -> Result<Claim, ServiceError> {
    let Some(taken) = idempotency::claim(tx, key, request_hash, reply, at, at.plus(KEPT)).await? else {
        return Ok(Claim::Ours);
    };
    reply_of(taken, request_hash).map(Claim::Replay)
}

/// The id that was given as the reply under a key, if there is one.
///
/// # Errors
/// As [`claim`].
pub async fn known<T: FromStr>(tx: &mut Tx, key: Key<'_>, request_hash: &str) -> Result<Option<T>, ServiceError> {
    let Some(taken) = idempotency::get(tx, key).await? else { return Ok(None) };
    id_in(&reply_of(taken, request_hash)?).map(Some)
}

/// The id that a stored reply consists of.
///
/// # Errors
/// A fault when it is none.
pub fn id_in<T: FromStr>(reply: &[u8]) -> Result<T, ServiceError> {
    let id = std::str::from_utf8(reply).map_err(|error| StoreError::Corrupt(error.to_string()))?;
    Ok(parse(id)?)
}

fn reply_of(taken: idempotency::Taken, request_hash: &str) -> Result<Vec<u8>, ServiceError> {
    if taken.request_hash != request_hash {
        return Err(ServiceError::new(ProblemKind::Conflict, codes::IDEMPOTENCY_MISMATCH));
    }
    taken.reply.ok_or_else(|| {
        let problem = Problem::new(ProblemKind::Conflict, codes::IDEMPOTENCY_IN_PROGRESS);
        Problem { retry_after: Some(1), ..problem }.into()
    })
}

/// Where a sealed reply lies, for the sealer: it can't be moved to another key.
fn place(key: Key<'_>) -> String {
    format!("idempotency_keys/{}/{}/{}", key.owner, key.endpoint, key.key)
}

/// Seals a reply that shows a secret, so that it is stored unreadable. Give the result to [`claim`].
///
/// # Errors
/// A fault for a reply beyond the cipher's bounds.
pub fn seal(svc: &Services, key: Key<'_>, reply: &[u8]) -> Result<Vec<u8>, ServiceError> {
    let sealed = svc.sealer().seal(svc.entropy(), &place(key), reply);
    sealed.map_err(|error| ServiceError::Fault(format!("a reply to store: {error}")))
}

/// Opens a reply that was sealed by [`seal`], byte for byte as it was.
///
/// # Errors
/// A fault when it was sealed under another key of the installation or changed meanwhile.
pub fn open(svc: &Services, key: Key<'_>, sealed: &[u8]) -> Result<Vec<u8>, ServiceError> {
    svc.sealer().open(&place(key), sealed).map_err(|error| ServiceError::Fault(format!("a stored reply: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_do_not_run_into_each_other() {
        assert_ne!(hash(&["ab", "c"]), hash(&["a", "bc"]));
        assert_ne!(hash(&["ab"]), hash(&["ab", ""]));
    }
}
