//! Files in chunks: cut and sealed before a unit stores them, put together and checked when they are opened.

use crate::{ServiceError, Services, rows};
use domain::{MerchantId, UserId};
use sha2::{Digest, Sha256};
use store::files::{self, CHUNK, FileRow, NewFile};
use store::{StoreError, Tx};

/// A file that was checked and may be stored.
pub(crate) struct Upload<'a> {
    pub(crate) purpose: &'a str,
    pub(crate) name: String,
    pub(crate) content_type: &'a str,
    pub(crate) bytes: &'a [u8],
    /// Documents are personal and sealed; a logo is public and not.
    pub(crate) sealed: bool,
}

fn place(merchant: &str, file: &str, seq: usize) -> String {
    format!("files/{merchant}/{file}/{seq}")
}

/// Cuts and seals a file.
pub(crate) fn prepare(
    svc: &Services,
    merchant: &MerchantId,
    by: &UserId,
    upload: &Upload<'_>,
) -> Result<NewFile, ServiceError> {
    let id: domain::FileId = svc.new_id();
    let mut chunks = Vec::new();
    for (seq, chunk) in upload.bytes.chunks(CHUNK).enumerate() {
        chunks.push(if upload.sealed {
            svc.sealer()
                .seal(svc.entropy(), &place(merchant.as_str(), id.as_str(), seq), chunk)
                .map_err(|e| ServiceError::Fault(e.to_string()))?
        } else {
            chunk.to_vec()
        });
    }
    Ok(NewFile {
        id,
        purpose: upload.purpose.to_owned(),
        name: upload.name.clone(),
        content_type: upload.content_type.to_owned(),
        size: i64::try_from(upload.bytes.len()).unwrap_or(i64::MAX),
        sha256: hex::encode(Sha256::digest(upload.bytes)),
        sealed: upload.sealed,
        uploaded_by: by.clone(),
        created_at: svc.now(),
        chunks,
    })
}

/// Opens a file that was not removed.
pub(crate) async fn open(
    svc: &Services,
    tx: &mut Tx,
    merchant: &MerchantId,
    id: &str,
) -> Result<Option<(FileRow, Vec<u8>)>, ServiceError> {
    let Some(row) = files::get(tx, merchant, id).await? else { return Ok(None) };
    let mut bytes = Vec::with_capacity(usize::try_from(row.size).unwrap_or(0));
    for (seq, chunk) in files::chunks(tx, merchant, id).await?.into_iter().enumerate() {
        if row.sealed {
            let opened = svc.sealer().open(&place(merchant.as_str(), id, seq), &chunk);
            bytes.extend(opened.map_err(|e| ServiceError::Fault(format!("file {id}: {e}")))?);
        } else {
            bytes.extend(chunk);
        }
    }
    if hex::encode(Sha256::digest(&bytes)) != row.sha256 {
        return Err(StoreError::Corrupt(format!("file {id} is not what was stored")).into());
    }
    Ok(Some((row, bytes)))
}

/// Opens one of a merchant's documents (not its logo).
pub(crate) async fn open_document(
    svc: &Services,
    tx: &mut Tx,
    merchant: &MerchantId,
    id: &domain::FileId,
) -> Result<(domain::views::application::Document, Vec<u8>), ServiceError> {
    match open(svc, tx, merchant, id.as_str()).await? {
        Some((row, bytes)) if row.purpose != LOGO => Ok((rows::document(row)?, bytes)),
        _ => Err(ServiceError::not_found()),
    }
}

/// The purpose of a logo.
pub(crate) const LOGO: &str = "logo";
