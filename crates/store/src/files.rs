//! Files in bounded chunks. Chunks of documents are sealed; the bytes here are opaque.

use crate::{StoreError, Tx, changed_one};
use domain::{FileId, MerchantId, Timestamp, UserId};

/// Bytes of a chunk before it is sealed.
pub const CHUNK: usize = 256 * 1024;

statements! {
    INSERT = "insert into files (merchant_id, id, purpose, name, content_type, size, sha256, sealed, uploaded_by, created_at) \
              values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    INSERT_CHUNK = "insert into file_chunks (merchant_id, file_id, seq, data) values ($1, $2, $3, $4)";
    GET = "select id, purpose, name, content_type, size, sha256, sealed, created_at from files \
           where merchant_id = $1 and id = $2 and deleted_at is null";
    DOCUMENTS = "select id, purpose, name, content_type, size, sha256, sealed, created_at from files \
                 where merchant_id = $1 and purpose <> 'logo' and deleted_at is null order by created_at, id";
    CHUNKS = "select data from file_chunks where merchant_id = $1 and file_id = $2 order by seq";
    MARK_DELETED = "update files set deleted_at = $3 where merchant_id = $1 and id = $2 and deleted_at is null";
    DELETE_CHUNKS = "delete from file_chunks where merchant_id = $1 and file_id = $2";
}

/// A file.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
#[allow(missing_docs, reason = "named as the columns are")]
pub struct FileRow {
    pub id: String,
    pub purpose: String,
    pub name: String,
    pub content_type: String,
    pub size: i64,
    pub sha256: String,
    pub sealed: bool,
    pub created_at: i64,
}

/// A file to be.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "named as the columns are")]
pub struct NewFile {
    pub id: FileId,
    pub purpose: String,
    pub name: String,
    pub content_type: String,
    pub size: i64,
    pub sha256: String,
    pub sealed: bool,
    pub uploaded_by: UserId,
    pub created_at: Timestamp,
    pub chunks: Vec<Vec<u8>>,
}

/// Adds a file with its chunks.
///
/// # Errors
/// The database's.
pub async fn insert(tx: &mut Tx, merchant: &MerchantId, file: &NewFile) -> Result<(), StoreError> {
    on!(tx, |c| sqlx::query(INSERT)
        .bind(merchant.as_str())
        .bind(file.id.as_str())
        .bind(&file.purpose)
        .bind(&file.name)
        .bind(&file.content_type)
        .bind(file.size)
        .bind(&file.sha256)
        .bind(file.sealed)
        .bind(file.uploaded_by.as_str())
        .bind(file.created_at.millis())
        .execute(c)
        .await
        .map(drop))?;
    for (seq, chunk) in (0i64..).zip(&file.chunks) {
        on!(tx, |c| sqlx::query(INSERT_CHUNK)
            .bind(merchant.as_str())
            .bind(file.id.as_str())
            .bind(seq)
            .bind(chunk.as_slice())
            .execute(c)
            .await
            .map(drop))?;
    }
    Ok(())
}

/// A file that was not removed.
///
/// # Errors
/// The database's.
pub async fn get(tx: &mut Tx, merchant: &MerchantId, id: &str) -> Result<Option<FileRow>, StoreError> {
    Ok(on!(tx, |c| sqlx::query_as(GET).bind(merchant.as_str()).bind(id).fetch_optional(c).await)?)
}

/// A merchant's documents, the oldest first.
///
/// # Errors
/// The database's.
pub async fn documents(tx: &mut Tx, merchant: &MerchantId) -> Result<Vec<FileRow>, StoreError> {
    Ok(on!(tx, |c| sqlx::query_as(DOCUMENTS).bind(merchant.as_str()).fetch_all(c).await)?)
}

/// A file's chunks in order.
///
/// # Errors
/// The database's.
pub async fn chunks(tx: &mut Tx, merchant: &MerchantId, id: &str) -> Result<Vec<Vec<u8>>, StoreError> {
    let rows: Vec<(Vec<u8>,)> =
        on!(tx, |c| sqlx::query_as(CHUNKS).bind(merchant.as_str()).bind(id).fetch_all(c).await)?;
    Ok(rows.into_iter().map(|r| r.0).collect())
}

/// Removes a file: its chunks go, its name stays for the record. False when it was removed already.
///
/// # Errors
/// The database's.
pub async fn remove(tx: &mut Tx, merchant: &MerchantId, id: &str, at: Timestamp) -> Result<bool, StoreError> {
    let done = on!(tx, |c| sqlx::query(MARK_DELETED)
        .bind(merchant.as_str())
        .bind(id)
        .bind(at.millis())
        .execute(c)
        .await
        .map(|d| d.rows_affected()))?;
    on!(tx, |c| sqlx::query(DELETE_CHUNKS).bind(merchant.as_str()).bind(id).execute(c).await.map(drop))?;
    changed_one(done)
}
