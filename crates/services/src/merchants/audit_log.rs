//! The merchant's audit log.

use crate::{
    MerchantActor, ServiceError, Services,
    paging::{Asked, Side},
};
use domain::{
    Permission, Timestamp,
    views::{Cursor, Page, account::AuditLine, page::PageQuery},
};
use store::audit::{self, LineRow};

/// The merchant's audit log, newest first. What the operator's staff did is told without their names.
///
/// # Errors
/// Forbidden; a bad cursor; the database's.
pub async fn audit(svc: &Services, actor: &MerchantActor, query: &PageQuery) -> Result<Page<AuditLine>, ServiceError> {
    actor.require(Permission::ViewAudit)?;
    let asked = Asked::of(query)?;
    let chain = actor.scope.merchant.as_str();
    let mut tx = svc.db().read().await?;
    let rows = match &asked.side {
        Side::Older(from) => {
            let before = if from.id.is_empty() { i64::MAX } else { from.id.parse().unwrap_or(0) };
            audit::older(&mut tx, chain, before, asked.rows()).await?
        }
        Side::Newer(from) => audit::newer(&mut tx, chain, from.id.parse().unwrap_or(i64::MAX), asked.rows()).await?,
    };
    let page = asked.page(rows, |row| Cursor { at: Timestamp(row.at), id: row.seq.to_string() });
    Ok(page.map(line))
}

fn line(row: LineRow) -> AuditLine {
    let staff = row.actor_kind == "staff";
    let detail = row.detail.and_then(|text| serde_json::from_str::<serde_json::Value>(&text).ok());
    let ip = detail.and_then(|d| d.get("ip").and_then(|ip| ip.as_str()).map(str::to_owned));
    AuditLine {
        seq: row.seq,
        at: Timestamp(row.at),
        actor: row.actor_name.filter(|_| !staff),
        actor_kind: row.actor_kind,
        action: row.action,
        object_id: row.object_id,
        ip: ip.filter(|_| !staff),
    }
}
