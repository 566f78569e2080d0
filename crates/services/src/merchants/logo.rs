//! A merchant's logo.

use crate::{
    MerchantActor, ServiceError, Services,
    audit::{self, Entry},
    files::{self, LOGO, Upload},
};
use domain::{MerchantId, Permission, Timestamp, validate::file};
use store::files::{self as stored, NewFile};
use store::{Tx, merchants};

/// Stores a logo: PNG, JPEG or WebP by its content, at most 512 KiB.
///
/// # Errors
/// Forbidden; field `logo`; the database's.
pub async fn set_logo(
    svc: &Services,
    actor: &MerchantActor,
    file_name: &str,
    bytes: &[u8],
) -> Result<(), ServiceError> {
    actor.require(Permission::ManageSettings)?;
    let content_type = file::logo(bytes).map_err(|wrong| ServiceError::fields(vec![wrong.at(LOGO)]))?;
    let name = file::clean_name(file_name, content_type);
    let upload = Upload { purpose: LOGO, name, content_type, bytes, sealed: false };
    let new = files::prepare(svc, &actor.scope.merchant, &actor.user_id, &upload)?;
    replace(svc, actor, Some(new)).await
}

/// Removes the logo.
///
/// # Errors
/// Forbidden; the database's.
pub async fn remove_logo(svc: &Services, actor: &MerchantActor) -> Result<(), ServiceError> {
    actor.require(Permission::ManageSettings)?;
    replace(svc, actor, None).await
}

async fn replace(svc: &Services, actor: &MerchantActor, new: Option<NewFile>) -> Result<(), ServiceError> {
    let input = (actor, new, svc.now());
    svc.db().write(&input, |tx, (actor, new, now)| Box::pin(unit(tx, actor, new.as_ref(), *now))).await
}

async fn unit(tx: &mut Tx, actor: &MerchantActor, new: Option<&NewFile>, now: Timestamp) -> Result<(), ServiceError> {
    let merchant = &actor.scope.merchant;
    merchants::lock(tx, merchant).await?;
    let row = merchants::get(tx, merchant).await?.ok_or_else(ServiceError::not_found)?;
    if row.logo_file_id.is_none() && new.is_none() {
        return Ok(());
    }
    if let Some(file) = new {
        stored::insert(tx, merchant, file).await?;
    }
    merchants::set_logo(tx, merchant, new.map(|f| f.id.as_str())).await?;
    if let Some(old) = &row.logo_file_id {
        stored::remove(tx, merchant, old, now).await?;
    }
    let action = if new.is_some() { "settings.set_logo" } else { "settings.remove_logo" };
    let entry = Entry::by_member(actor, now, action).on(merchant);
    Ok(audit::append(tx, &entry).await?)
}

/// The logo for its public address: content type and bytes.
///
/// # Errors
/// The database's.
pub async fn logo(svc: &Services, merchant: &MerchantId) -> Result<Option<(String, Vec<u8>)>, ServiceError> {
    let mut tx = svc.db().read().await?;
    let Some(file) = merchants::get(&mut tx, merchant).await?.and_then(|m| m.logo_file_id) else { return Ok(None) };
    let opened = files::open(svc, &mut tx, merchant, &file).await?;
    Ok(opened.map(|(row, bytes)| (row.content_type, bytes)))
}
