//! The lists of the portal: transfers that wait, files that were brought.

use super::money_of;
use crate::{
    MerchantActor, ServiceError, Services,
    connections::manage,
    paging::{Asked, Side},
};
use domain::{
    Permission, Scope, StatementId, Timestamp,
    states::ConnectionStatus,
    views::{
        Cursor, Page,
        bank::{BankStatement, StatementProblem, StatementView, TransferConnection, TransfersHead, WaitingTransfer},
        page::PageQuery,
    },
};
use gateways::bank_transfer::statement::StatementError;
use gateways::bank_transfer::{KEY, Reference};
use store::{
    bank_statements::{self, StatementRow},
    bank_transfers::{self, TransferRow},
    connections,
    payments::parse,
};

/// Transfers with too much money that are shown.
const MOST_OVERPAID: i64 = 20;

/// What stands above the lists.
///
/// # Errors
/// Forbidden; the database's.
pub async fn head(svc: &Services, actor: &MerchantActor) -> Result<TransfersHead, ServiceError> {
    actor.require(Permission::ViewGateways)?;
    let mut tx = svc.db().read().await?;
    let rows = connections::list(&mut tx, &actor.scope).await?;
    let overpaid = bank_transfers::overpaid(&mut tx, &actor.scope, MOST_OVERPAID).await?;
    drop(tx);
    let of = rows.into_iter().filter(|row| row.provider == KEY && row.status != ConnectionStatus::Archived.as_str());
    let connections = of
        .map(|row| Ok(TransferConnection { id: parse(&row.id)?, name: row.name }))
        .collect::<Result<_, ServiceError>>()?;
    Ok(TransfersHead {
        connections,
        may_manage: actor.role.may(manage(actor.scope.mode)),
        overpaid: overpaid.iter().map(|row| transfer(row, svc.now())).collect::<Result<_, _>>()?,
    })
}

/// Transfers that wait, the latest first.
///
/// # Errors
/// Forbidden; a cursor that is none; the database's.
pub async fn waiting(
    svc: &Services,
    actor: &MerchantActor,
    query: &PageQuery,
) -> Result<Page<WaitingTransfer>, ServiceError> {
    actor.require(Permission::ViewGateways)?;
    let asked = Asked::of(query)?;
    let (place, newer) = side(&asked);
    let rows = bank_transfers::waiting(&mut svc.db().read().await?, &actor.scope, place, newer, asked.rows()).await?;
    let page = asked.page(rows, |row| Cursor { at: Timestamp(row.created_at), id: row.id.clone() });
    let items = page.items.iter().map(|row| transfer(row, svc.now())).collect::<Result<_, _>>()?;
    Ok(Page { items, next: page.next, previous: page.previous })
}

fn side(asked: &Asked) -> (&Cursor, bool) {
    match &asked.side {
        Side::Older(place) => (place, false),
        Side::Newer(place) => (place, true),
    }
}

fn transfer(row: &TransferRow, now: Timestamp) -> Result<WaitingTransfer, ServiceError> {
    let (amount, received) = money_of(row)?;
    let reference: Option<Reference> = row.reference.parse().ok();
    Ok(WaitingTransfer {
        id: parse(&row.id)?,
        payment: parse(&row.payment_id)?,
        reference: reference.map_or_else(|| row.reference.clone(), |reference| reference.grouped()),
        amount,
        received,
        customer_email: row.customer_email.clone(),
        connection_name: row.connection_name.clone(),
        created_at: Timestamp(row.created_at),
        due_at: Timestamp(row.due_at),
        overdue: Timestamp(row.due_at) < now,
    })
}

/// Files that were brought, the latest first.
///
/// # Errors
/// Forbidden; a cursor that is none; the database's.
pub async fn statements(
    svc: &Services,
    actor: &MerchantActor,
    query: &PageQuery,
) -> Result<Page<BankStatement>, ServiceError> {
    actor.require(Permission::ViewGateways)?;
    let asked = Asked::of(query)?;
    let (place, newer) = side(&asked);
    let rows = bank_statements::list(&mut svc.db().read().await?, &actor.scope, place, newer, asked.rows()).await?;
    let page = asked.page(rows, |row| Cursor { at: Timestamp(row.created_at), id: row.id.clone() });
    let mut items = Vec::new();
    for row in &page.items {
        items.push(file(svc, &actor.scope, row).await?);
    }
    Ok(Page { items, next: page.next, previous: page.previous })
}

/// A file, with what its columns may be while they are to be said.
///
/// # Errors
/// Forbidden; not found; the database's.
pub async fn statement(svc: &Services, actor: &MerchantActor, id: &StatementId) -> Result<StatementView, ServiceError> {
    actor.require(Permission::ViewGateways)?;
    let row = bank_statements::get(&mut svc.db().read().await?, &actor.scope, id.as_str()).await?;
    let row = row.ok_or_else(ServiceError::not_found)?;
    Ok(StatementView {
        statement: file(svc, &actor.scope, &row).await?,
        columns: super::columns(svc, actor, id).await?,
        may_manage: actor.role.may(manage(actor.scope.mode)),
    })
}

async fn file(svc: &Services, scope: &Scope, row: &StatementRow) -> Result<BankStatement, ServiceError> {
    let counts = bank_statements::counts(&mut svc.db().read().await?, scope, &row.id).await?;
    let count = |status: &str| counts.iter().find(|(name, _)| name == status).map_or(0, |(_, n)| *n);
    let problems: Vec<StatementError> = serde_json::from_str(&row.problems)
        .map_err(|error| ServiceError::Fault(format!("problems of statement {}: {error}", row.id)))?;
    let problem = |problem: StatementError| StatementProblem {
        code: problem.code.as_str().to_owned(),
        line: problem.line,
        field: problem.field,
    };
    Ok(BankStatement {
        id: parse(&row.id)?,
        connection_name: row.connection_name.clone(),
        name: row.name.clone(),
        format: row.format.clone(),
        read: row.status == "read",
        entries: row.entries,
        known: row.known,
        pending: row.pending,
        matched: count("matched"),
        doubtful: count("doubtful"),
        ignored: count("ignored"),
        problems: problems.into_iter().map(problem).collect(),
        problem_count: row.problem_count,
        created_at: Timestamp(row.created_at),
    })
}
