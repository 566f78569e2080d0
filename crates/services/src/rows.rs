//! Stored text as the types of `domain`.

use crate::ServiceError;
use domain::{Locale, views::application::Document};
use std::str::FromStr;
use store::{StoreError, files::FileRow};

/// Reads a stored name, id or state; what does not read is damage.
pub(crate) fn read<T: FromStr>(text: &str) -> Result<T, ServiceError> {
    text.parse().map_err(|_| StoreError::Corrupt(format!("{text:?} is no {}", std::any::type_name::<T>())).into())
}

/// The same for a value that may be missing.
pub(crate) fn read_some<T: FromStr>(text: Option<&str>) -> Result<Option<T>, ServiceError> {
    text.map(read).transpose()
}

/// A language; one that is gone becomes the first.
pub(crate) fn locale(text: &str) -> Locale {
    text.parse().unwrap_or_default()
}

/// A document for people.
pub(crate) fn document(row: FileRow) -> Result<Document, ServiceError> {
    Ok(Document {
        id: read(&row.id)?,
        purpose: row.purpose,
        name: row.name,
        content_type: row.content_type,
        size: row.size,
        created_at: domain::Timestamp(row.created_at),
    })
}

/// A pattern for `lower(…) like … escape '!'` that finds a part of a name; none for an empty text.
pub(crate) fn like(typed: Option<&str>) -> Option<String> {
    let text: String = typed?.trim().to_lowercase().chars().take(100).collect();
    (!text.is_empty())
        .then(|| format!("%{}%", text.replace('!', "!!").replace('%', "!%").replace('_', "!_").replace('\0', "")))
}

/// A filter's value; empty text is none.
pub(crate) fn given(typed: Option<&str>) -> Option<String> {
    typed.map(str::trim).filter(|t| !t.is_empty() && !t.contains('\0')).map(|t| t.chars().take(100).collect())
}
