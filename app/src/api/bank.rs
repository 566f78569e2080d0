//! Bank transfers and the statements that tell of them.

use super::ApiError;
use domain::views::Page;
use domain::views::bank::{
    BankStatement, DoubtfulEntry, EntryForm, MappingForm, SetAsideEntry, StatementView, TransfersHead, WaitingTransfer,
};
use domain::views::page::PageQuery;
use domain::{BankEntryId, OperationId, Scope, StatementId};
use leptos::prelude::*;
use leptos::server_fn::codec::Json;

/// What stands above the lists.
#[server(prefix = "/api", endpoint = "bank/head", input = Json)]
pub async fn load_transfers_head(scope: Scope) -> Result<TransfersHead, ApiError> {
    let (svc, actor) = super::merchant_actor(&scope).await?;
    Ok(services::bank_transfers::head(&svc, &actor).await?)
}

/// Transfers that wait.
#[server(prefix = "/api", endpoint = "bank/waiting", input = Json)]
pub async fn list_waiting_transfers(scope: Scope, query: PageQuery) -> Result<Page<WaitingTransfer>, ApiError> {
    let (svc, actor) = super::merchant_actor(&scope).await?;
    Ok(services::bank_transfers::waiting(&svc, &actor, &query).await?)
}

/// Files that were brought.
#[server(prefix = "/api", endpoint = "bank/statements", input = Json)]
pub async fn list_statements(scope: Scope, query: PageQuery) -> Result<Page<BankStatement>, ApiError> {
    let (svc, actor) = super::merchant_actor(&scope).await?;
    Ok(services::bank_transfers::statements(&svc, &actor, &query).await?)
}

/// A file.
#[server(prefix = "/api", endpoint = "bank/statement", input = Json)]
pub async fn load_statement(scope: Scope, id: String) -> Result<StatementView, ApiError> {
    let (svc, actor) = super::merchant_actor(&scope).await?;
    let id: StatementId = super::server::parse_id(&id)?;
    Ok(services::bank_transfers::statement(&svc, &actor, &id).await?)
}

/// Reads a file by what its columns are said to be.
#[server(prefix = "/api", endpoint = "bank/read")]
pub async fn read_statement(scope: Scope, id: StatementId, form: MappingForm) -> Result<(), ApiError> {
    let (svc, actor) = super::merchant_actor(&scope).await?;
    Ok(services::bank_transfers::read_with(&svc, &actor, &id, &form).await?)
}

/// Entries that a person has to look at.
#[server(prefix = "/api", endpoint = "bank/doubtful", input = Json)]
pub async fn list_doubtful(scope: Scope, query: PageQuery) -> Result<Page<DoubtfulEntry>, ApiError> {
    let (svc, actor) = super::merchant_actor(&scope).await?;
    Ok(services::bank_transfers::doubtful(&svc, &actor, &query).await?)
}

/// Says what an entry is.
#[server(prefix = "/api", endpoint = "bank/decide")]
pub async fn decide_entry(scope: Scope, id: BankEntryId, form: EntryForm) -> Result<(), ApiError> {
    let (svc, actor) = super::merchant_actor(&scope).await?;
    Ok(services::bank_transfers::decide(&svc, &actor, &id, &form).await?)
}

/// Entries that a person has set aside.
#[server(prefix = "/api", endpoint = "bank/aside", input = Json)]
pub async fn list_set_aside(scope: Scope, query: PageQuery) -> Result<Page<SetAsideEntry>, ApiError> {
    let (svc, actor) = super::merchant_actor(&scope).await?;
    Ok(services::bank_transfers::aside(&svc, &actor, &query).await?)
}

/// Brings one of them back to those that wait for a decision.
#[server(prefix = "/api", endpoint = "bank/bring-back", input = Json)]
pub async fn bring_entry_back(scope: Scope, id: BankEntryId) -> Result<(), ApiError> {
    let (svc, actor) = super::merchant_actor(&scope).await?;
    Ok(services::bank_transfers::bring_back(&svc, &actor, &id).await?)
}

/// Says that what came too much for a transfer was paid back.
#[server(prefix = "/api", endpoint = "bank/mark-returned", input = Json)]
pub async fn mark_surplus_returned(scope: Scope, id: OperationId, minor: i64) -> Result<(), ApiError> {
    let (svc, actor) = super::merchant_actor(&scope).await?;
    Ok(services::bank_transfers::mark_returned(&svc, &actor, &id, minor).await?)
}
