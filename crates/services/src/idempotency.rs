//! Requests under a key: done once, answered alike.

use crate::ServiceError;
use domain::{Problem, ProblemKind, Scope, Timestamp, problem::codes, time::HOUR};
use sha2::{Digest, Sha256};
use store::{Tx, idempotency};

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
    if taken.request_hash != request_hash {
        return Err(ServiceError::new(ProblemKind::Conflict, codes::IDEMPOTENCY_MISMATCH));
    }
    match taken.reply {
        Some(reply) => Ok(Claim::Replay(reply)),
        None => {
            let problem = Problem::new(ProblemKind::Conflict, codes::IDEMPOTENCY_IN_PROGRESS);
            Err(Problem { retry_after: Some(1), ..problem }.into())
        }
    }
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
