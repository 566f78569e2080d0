//! The application's documents.

use super::{common, view::begun};
use crate::{
    MerchantActor, ServiceError, Services,
    audit::{self, Entry},
    files::{self, Upload},
    rows,
};
use domain::{
    FileId, Permission, Timestamp,
    problem::accounts,
    validate::{Problems, Wrong, application, file},
    views::application::Document,
};
use store::files::{self as stored, NewFile};
use store::{Tx, applications};

/// Stores a document: PDF, PNG or JPEG by its content, at most 10 MB and 20 of them.
///
/// # Errors
/// Forbidden; fields `purpose` and `file`; not editable; the database's.
pub async fn upload(
    svc: &Services,
    actor: &MerchantActor,
    purpose: &str,
    file_name: &str,
    bytes: &[u8],
) -> Result<Document, ServiceError> {
    actor.require(Permission::ManageApplication)?;
    let mut problems = Problems::new();
    let purpose = problems.take("purpose", application::purpose(purpose));
    let content_type = problems.take("file", file::document(bytes));
    let (Some(purpose), Some(content_type)) = (purpose, content_type) else {
        return Err(ServiceError::fields(problems.into_vec()));
    };
    begun(svc, &actor.scope.merchant).await?;
    let name = file::clean_name(file_name, content_type);
    let upload = Upload { purpose, name, content_type, bytes, sealed: true };
    let new = files::prepare(svc, &actor.scope.merchant, &actor.user_id, &upload)?;
    let input = (actor, new);
    svc.db().write(&input, |tx, (actor, new)| Box::pin(store(tx, actor, new))).await?;
    let new = input.1;
    Ok(Document {
        id: new.id,
        purpose: new.purpose,
        name: new.name,
        content_type: new.content_type,
        size: new.size,
        created_at: new.created_at,
    })
}

async fn store(tx: &mut Tx, actor: &MerchantActor, new: &NewFile) -> Result<(), ServiceError> {
    let merchant = &actor.scope.merchant;
    if !applications::touch_editable(tx, merchant, new.created_at).await? {
        return Err(common::not_editable());
    }
    if stored::documents(tx, merchant).await?.len() >= file::MAX_DOCUMENTS {
        let wrong = Wrong::new(accounts::TOO_MANY_FILES).with("max", file::MAX_DOCUMENTS);
        return Err(ServiceError::fields(vec![wrong.at("file")]));
    }
    stored::insert(tx, merchant, new).await?;
    let entry =
        Entry::by_member(actor, new.created_at, "document.upload").on(&new.id).with("purpose", new.purpose.as_str());
    Ok(audit::append(tx, &entry).await?)
}

/// Removes a document: its bytes are deleted.
///
/// # Errors
/// Forbidden; not found; not editable; the database's.
pub async fn remove_document(svc: &Services, actor: &MerchantActor, id: &FileId) -> Result<(), ServiceError> {
    actor.require(Permission::ManageApplication)?;
    let input = (actor, id, svc.now());
    svc.db().write(&input, |tx, (actor, id, now)| Box::pin(unstore(tx, actor, id, *now))).await
}

async fn unstore(tx: &mut Tx, actor: &MerchantActor, id: &FileId, now: Timestamp) -> Result<(), ServiceError> {
    let merchant = &actor.scope.merchant;
    if !applications::touch_editable(tx, merchant, now).await? {
        return Err(common::not_editable());
    }
    let row = stored::get(tx, merchant, id.as_str()).await?.filter(|row| row.purpose != files::LOGO);
    let row = rows::document(row.ok_or_else(ServiceError::not_found)?)?;
    stored::remove(tx, merchant, id.as_str(), now).await?;
    let entry = Entry::by_member(actor, now, "document.remove").on(id).with("purpose", row.purpose);
    Ok(audit::append(tx, &entry).await?)
}

/// Opens one of the merchant's own documents.
///
/// # Errors
/// Forbidden; not found; the database's.
pub async fn document(svc: &Services, actor: &MerchantActor, id: &FileId) -> Result<(Document, Vec<u8>), ServiceError> {
    actor.require(Permission::ManageApplication)?;
    let mut tx = svc.db().read().await?;
    files::open_document(svc, &mut tx, &actor.scope.merchant, id).await
}
