//! After a backup was restored: first every gateway is asked what happened since, then work goes on.
//!
//! While a restore is open, no mail leaves, no job runs and nothing moves money by itself ([`holds`]). Customers may pay all the
//! while. Charges and refunds that gateways made after the backup become payments and refunds, marked `found_after_restore`;
//! nobody is told of them again. What can't be asked waits for a person, who may go on without.

mod book;
mod step;

pub use step::run;

use crate::{ServiceError, Services, audit};
use domain::{JobId, Timestamp, time::MINUTE};
use store::{StoreError, Tx, restores};

/// The chain of what concerns no merchant.
const OPERATOR: &str = "operator";

/// How far before the backup listings begin: gateways' clocks differ from ours, and calls were under way.
const SLACK: i64 = 15 * MINUTE;

/// A connection, as the operator sees how far its listing has come.
pub use store::restores::RestoreConnection as Line;

/// Marks this database as restored from a backup that lacks everything from `since` on. It comes before the first server.
///
/// # Errors
/// The database's.
pub async fn begin(svc: &Services, since: Timestamp) -> Result<(), ServiceError> {
    let (id, at): (JobId, _) = (svc.new_id(), svc.now());
    let id = id.as_str().replacen("job_", "restore_", 1);
    let entry = audit::Entry::by_system(OPERATOR, at, "backup.restore").with("since", since.0);
    svc.db()
        .write(&(&id, since, at, &entry), |tx, &(id, since, at, entry)| {
            Box::pin(async move {
                restores::begin(tx, id, since, since.plus(-SLACK), at).await?;
                audit::append(tx, entry).await?;
                Ok::<_, ServiceError>(())
            })
        })
        .await
}

/// Whether whatever notifies or moves money by itself has to wait.
///
/// # Errors
/// The database's.
pub async fn holds(tx: &mut Tx) -> Result<bool, StoreError> {
    Ok(restores::open(tx).await?.is_some())
}

/// How far it has come: the connections of open restores. Nothing: none is open.
///
/// # Errors
/// The database's.
pub async fn lines(svc: &Services) -> Result<Vec<Line>, ServiceError> {
    Ok(restores::list(&mut svc.db().read().await?).await?)
}

/// A person goes on without a connection (or without `all` that are left); how many that were.
///
/// # Errors
/// The database's.
pub async fn go_on(svc: &Services, connection: &str) -> Result<u64, ServiceError> {
    let at = svc.now();
    let entry = audit::Entry::by_system(OPERATOR, at, "backup.go_on").with("connection", connection);
    svc.db()
        .write(&(connection, at, &entry), |tx, &(connection, at, entry)| {
            Box::pin(async move {
                let accepted = restores::accept(tx, connection).await?;
                restores::finish(tx, at).await?;
                if accepted > 0 {
                    audit::append(tx, entry).await?;
                }
                Ok::<_, ServiceError>(accepted)
            })
        })
        .await
}
