//! Statements that a merchant brings.

use super::{apply::apply, columns, json, words};
use crate::{MerchantActor, ServiceError, Services, audit, connections::manage};
use domain::{
    BankEntryId, ConnectionId, FieldProblem, ProblemKind, Scope, StatementId, Timestamp, problem::codes,
    validate::text, views::bank::MappingForm,
};
use gateways::bank_transfer::statement::StatementCode;
use gateways::bank_transfer::{CsvMapping, Format, Import, KEY, read};
use store::{
    bank_entries::{self, NewEntry},
    bank_statements::{self, NewStatement, Reading},
    connections,
};

/// The largest file that is taken, in bytes.
pub const MAX_STATEMENT: usize = 8 * 1024 * 1024;
/// Entries that are written in one unit.
const CHUNK: usize = 200;
/// Problems of a file that are kept, the first of them.
const KEPT_PROBLEMS: usize = 200;
/// Longest name of a file that is kept.
const MAX_NAME: usize = 120;

/// Where a file lies that waits for its columns, for the sealer.
pub(super) fn place(id: &str) -> String {
    format!("bank_statements/{id}/content")
}

/// The code of a format.
const fn format_code(format: Format) -> &'static str {
    match format {
        Format::Camt053 => "camt053",
        Format::Mt940 => "mt940",
        Format::Csv => "csv",
    }
}

fn refused(code: StatementCode) -> ServiceError {
    ServiceError::fields(vec![FieldProblem::new("file", code.as_str())])
}

/// Brings a statement for a connection. A table whose columns nobody has said yet waits for that ([`read_with`]); all else is read and
/// matched at once.
///
/// # Errors
/// Forbidden; not found; what is wrong with the file; the database's.
pub async fn bring(
    svc: &Services,
    actor: &MerchantActor,
    connection: &ConnectionId,
    name: &str,
    bytes: Vec<u8>,
) -> Result<StatementId, ServiceError> {
    actor.require(manage(actor.scope.mode))?;
    let found = connections::get(&mut svc.db().read().await?, &actor.scope, connection).await?;
    found.filter(|row| row.provider == KEY).ok_or_else(ServiceError::not_found)?;
    if bytes.len() > MAX_STATEMENT {
        return Err(refused(StatementCode::TooLarge));
    }
    let kept = mapping(svc, &actor.scope, connection.as_str()).await?;
    let import = match (read(&bytes, None), kept) {
        (Err(error), Some(kept)) if error.code == StatementCode::MappingNeeded => {
            // A table of another shape than the last one's has its columns said again.
            read(&bytes, Some(&kept)).ok().filter(|import| entries(import) > 0 && import.problems.is_empty())
        }
        (Err(error), None) if error.code == StatementCode::MappingNeeded => None,
        (Err(error), _) => return Err(refused(error.code)),
        (Ok(import), _) => Some(import),
    };
    let name = text::optional(name, MAX_NAME).ok().flatten().unwrap_or_default();
    let format = import.as_ref().map_or(Format::Csv, |import| import.format);
    let (id, at): (StatementId, _) = (svc.new_id(), svc.now());
    let sealed = match &import {
        Some(_) => None,
        None => {
            let sealed = svc.sealer().seal(svc.entropy(), &place(id.as_str()), &bytes);
            Some(sealed.map_err(|error| ServiceError::Fault(error.to_string()))?)
        }
    };
    let new = NewStatement {
        id: id.as_str(),
        connection: connection.as_str(),
        name: &name,
        format: format_code(format),
        content: sealed.as_deref(),
        by: actor.user_id.as_str(),
        at,
    };
    let entry =
        audit::Entry::by_member(actor, at, "bank_statement.bring").on(&id).with("connection", connection.as_str());
    svc.db()
        .write(&(&actor.scope, new, &entry), |tx, &(scope, new, entry)| {
            Box::pin(async move {
                bank_statements::insert(tx, scope, new).await?;
                audit::append(tx, entry).await?;
                Ok::<_, ServiceError>(())
            })
        })
        .await?;
    if let Some(import) = import {
        finish(svc, actor, id.clone(), connection.to_string(), import, None).await?;
    }
    Ok(id)
}

/// Reads a table by what its columns are said to be, and keeps that for the connection's next one.
///
/// # Errors
/// Forbidden; not found, as it is when it was read already; what is wrong with which field; the database's.
pub async fn read_with(
    svc: &Services,
    actor: &MerchantActor,
    id: &StatementId,
    form: &MappingForm,
) -> Result<(), ServiceError> {
    actor.require(manage(actor.scope.mode))?;
    let (row, bytes) = waiting_file(svc, &actor.scope, id).await?.ok_or_else(ServiceError::not_found)?;
    let mapping = columns::checked(form, &bytes)?;
    let import = match read(&bytes, Some(&mapping)) {
        Ok(import) if entries(&import) == 0 && !import.problems.is_empty() => {
            let code = import.problems.first().map_or(StatementCode::BadMapping, |problem| problem.code);
            return Err(ServiceError::fields(vec![FieldProblem::new("date", code.as_str())]));
        }
        Ok(import) => import,
        Err(error) => return Err(ServiceError::fields(vec![FieldProblem::new("date", error.code.as_str())])),
    };
    finish(svc, actor, id.clone(), row.connection_id, import, Some(mapping)).await
}

fn entries(import: &Import) -> usize {
    import.statements.iter().map(|statement| statement.entries.len()).sum()
}

/// The mapping that was kept of a connection's last table.
pub(super) async fn mapping(
    svc: &Services,
    scope: &Scope,
    connection: &str,
) -> Result<Option<CsvMapping>, ServiceError> {
    let kept = bank_statements::mapping(&mut svc.db().read().await?, scope, connection).await?;
    // One of a shape that is known no more is said again.
    Ok(kept.and_then(|text| serde_json::from_str(&text).ok()))
}

/// A file whose columns are to be said, with its bytes.
pub(super) async fn waiting_file(
    svc: &Services,
    scope: &Scope,
    id: &StatementId,
) -> Result<Option<(bank_statements::StatementRow, Vec<u8>)>, ServiceError> {
    let mut tx = svc.db().read().await?;
    let Some(row) = bank_statements::get(&mut tx, scope, id.as_str()).await? else { return Ok(None) };
    let Some(sealed) = bank_statements::content(&mut tx, scope, id.as_str()).await? else { return Ok(None) };
    drop(tx);
    let bytes = svc.sealer().open(&place(id.as_str()), &sealed);
    Ok(Some((row, bytes.map_err(|error| ServiceError::Fault(error.to_string()))?)))
}

/// Writes what a file has, and looks at it. It goes on when whoever asked has left.
async fn finish(
    svc: &Services,
    actor: &MerchantActor,
    id: StatementId,
    connection: String,
    import: Import,
    mapping: Option<CsvMapping>,
) -> Result<(), ServiceError> {
    let (flown, actor) = (svc.clone(), actor.clone());
    svc.flights()
        .carry(async move {
            // The entries first: a file that says that it is read has them, and one that is read again adds none twice.
            store_entries(&flown, &actor.scope, &id, &connection, &import).await?;
            mark_read(&flown, &actor, &id, &connection, &import, mapping.as_ref()).await?;
            apply(&flown, &actor.scope, &connection).await.map(drop)
        })
        .await
}

async fn mark_read(
    svc: &Services,
    actor: &MerchantActor,
    id: &StatementId,
    connection: &str,
    import: &Import,
    mapping: Option<&CsvMapping>,
) -> Result<(), ServiceError> {
    let kept: Vec<_> = import.problems.iter().take(KEPT_PROBLEMS).collect();
    let (problems, at) = (json(&kept)?, svc.now());
    let reading = Reading {
        format: format_code(import.format),
        entries: i64::try_from(entries(import)).unwrap_or(i64::MAX),
        pending: i64::from(import.pending),
        problems: &problems,
        problem_count: i64::try_from(import.problems.len()).unwrap_or(i64::MAX),
    };
    let mapping = mapping.map(json).transpose()?;
    let entry = audit::Entry::by_member(actor, at, "bank_statement.read").on(id).with("entries", reading.entries);
    svc.db()
        .write(&(&actor.scope, id, reading, mapping.as_deref(), connection, &entry, at), |tx, input| {
            let (scope, id, reading, mapping, connection, entry, at) = *input;
            Box::pin(async move {
                if !bank_statements::read(tx, scope, id.as_str(), reading).await? {
                    return Err(ServiceError::new(ProblemKind::Conflict, codes::STALE));
                }
                if let Some(mapping) = mapping {
                    bank_statements::save_mapping(tx, scope, connection, mapping, at).await?;
                }
                audit::append(tx, entry).await?;
                Ok(())
            })
        })
        .await
}

/// Writes entries, each once over all files of the connection.
async fn store_entries(
    svc: &Services,
    scope: &Scope,
    id: &StatementId,
    connection: &str,
    import: &Import,
) -> Result<(), ServiceError> {
    let at = svc.now();
    let mut all = Vec::new();
    for entry in import.statements.iter().flat_map(|statement| &statement.entries) {
        let new: BankEntryId = svc.new_id();
        let sealed = words::sealed(svc, new.as_str(), &json(entry)?)?;
        all.push(NewEntry { id: new.to_string(), fingerprint: entry.fingerprint.clone(), sealed });
    }
    let mut known = 0;
    for chunk in all.chunks(CHUNK) {
        known += add(svc, scope, (connection, id.as_str()), chunk, at).await?;
    }
    svc.db()
        .write(&(scope, id, known), |tx, &(scope, id, known)| {
            Box::pin(async move { bank_statements::set_known(tx, scope, id.as_str(), known).await })
        })
        .await
        .map(drop)
        .map_err(|error: store::StoreError| error.into())
}

/// Adds entries; how many of them were known.
async fn add(
    svc: &Services,
    scope: &Scope,
    of: (&str, &str),
    chunk: &[NewEntry],
    at: Timestamp,
) -> Result<i64, ServiceError> {
    svc.db()
        .write(&(scope, of, chunk, at), |tx, &(scope, of, chunk, at)| {
            Box::pin(async move {
                let mut known = 0;
                for new in chunk {
                    if !bank_entries::add(tx, scope, of, new, at).await? {
                        known += 1;
                    }
                }
                Ok(known)
            })
        })
        .await
        .map_err(|error: store::StoreError| error.into())
}
