//! Pages of lists, by key.

use crate::Timestamp;
use serde::{Deserialize, Serialize};

/// A place in a list sorted by time and id, newest first: the list goes on after it (or ends before it).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// The row's time.
    pub at: Timestamp,
    /// The row's id.
    pub id: String,
}

impl Cursor {
    /// As text for a URL: `<millis>~<id>`.
    #[must_use]
    pub fn encode(&self) -> String {
        format!("{}~{}", self.at.0, self.id)
    }

    /// Reads [`Cursor::encode`]'s text; anything else is no cursor.
    #[must_use]
    pub fn decode(text: &str) -> Option<Self> {
        let (at, id) = text.split_once('~')?;
        let sane = !id.is_empty() && id.len() <= 64 && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        sane.then_some(Self { at: Timestamp(at.parse().ok()?), id: id.to_owned() })
    }
}

/// A page of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page<T> {
    /// The rows, newest first.
    pub items: Vec<T>,
    /// Where the next (older) page begins, when there is one.
    pub next: Option<String>,
    /// Where the previous (newer) page ends, when there is one.
    pub previous: Option<String>,
}

impl<T> Page<T> {
    /// The same page with each row mapped.
    pub fn map<U>(self, f: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(f).collect(), next: self.next, previous: self.previous }
    }
}

/// Which page of a list is wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageQuery {
    /// Rows after this cursor (older).
    #[serde(default)]
    pub after: Option<String>,
    /// Rows before this cursor (newer).
    #[serde(default)]
    pub before: Option<String>,
    /// Rows a page, 1 to 100; 50 when absent.
    #[serde(default)]
    pub limit: Option<u16>,
}

impl PageQuery {
    /// Rows a page, within 1 to 100.
    #[must_use]
    pub fn limit(&self) -> i64 {
        i64::from(self.limit.unwrap_or(50).clamp(1, 100))
    }
}
