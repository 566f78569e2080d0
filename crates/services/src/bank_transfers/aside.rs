//! Entries that a person has set aside, and bringing one back to those that wait for a decision.

use super::doubtful::{page, view};
use crate::{MerchantActor, ServiceError, Services, audit, connections::manage};
use domain::{
    BankEntryId, Permission, ProblemKind, Timestamp,
    problem::codes,
    views::{Page, bank::SetAsideEntry, page::PageQuery},
};
use store::bank_entries::{self, Shown};

/// A page of entries that a person has set aside, the latest first.
///
/// # Errors
/// Forbidden; a cursor that is none; the database's.
pub async fn aside(
    svc: &Services,
    actor: &MerchantActor,
    query: &PageQuery,
) -> Result<Page<SetAsideEntry>, ServiceError> {
    actor.require(Permission::ViewGateways)?;
    let rows = page(svc, &actor.scope, Shown::Aside, query).await?;
    let may = actor.role.may(manage(actor.scope.mode));
    let mut items = Vec::new();
    for row in &rows.items {
        let at = Timestamp(row.decided_at.unwrap_or(row.created_at));
        items.push(SetAsideEntry { entry: view(svc, row, Vec::new(), may)?, at });
    }
    Ok(Page { items, next: rows.next, previous: rows.previous })
}

/// Brings back an entry that a person had set aside: it waits for a decision again. One that waits already is left as it is.
///
/// # Errors
/// Forbidden; not found; [`codes::STALE`] when it was not set aside; the database's.
pub async fn bring_back(svc: &Services, actor: &MerchantActor, id: &BankEntryId) -> Result<(), ServiceError> {
    actor.require(manage(actor.scope.mode))?;
    let scope = &actor.scope;
    let row = bank_entries::get(&mut svc.db().read().await?, scope, id.as_str()).await?;
    let row = row.ok_or_else(ServiceError::not_found)?;
    if row.status == "doubtful" {
        return Ok(());
    }
    let entry = audit::Entry::by_member(actor, svc.now(), "bank_entry.bring_back").on(id);
    svc.db()
        .write(&(scope, id, row.version, &entry), |tx, &(scope, id, version, entry)| {
            Box::pin(async move {
                if !bank_entries::bring_back(tx, scope, id.as_str(), version).await? {
                    return Err(ServiceError::new(ProblemKind::Conflict, codes::STALE));
                }
                audit::append(tx, entry).await?;
                Ok(())
            })
        })
        .await
}
