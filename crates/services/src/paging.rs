//! Pages of lists sorted by time and id, newest first, in both directions.

use crate::ServiceError;
use domain::{
    FieldProblem, Timestamp,
    problem::codes,
    views::{Cursor, Page, page::PageQuery},
};

/// Which way a page lies from a place.
pub(crate) enum Side {
    /// After it: older rows, which the store gives newest first.
    Older(Cursor),
    /// Before it: newer rows, which the store gives oldest first.
    Newer(Cursor),
}

/// A page that is asked for; ask the store for `limit() + 1` rows.
pub(crate) struct Asked {
    /// Where it lies.
    pub(crate) side: Side,
    limit: usize,
    first: bool,
}

impl Asked {
    /// Reads the query part of a URL.
    ///
    /// # Errors
    /// A cursor that is none is a problem of its field.
    pub(crate) fn of(query: &PageQuery) -> Result<Self, ServiceError> {
        let read = |field: &str, text: &Option<String>| match text.as_deref().filter(|text| !text.is_empty()) {
            None => Ok(None),
            Some(text) => match Cursor::decode(text) {
                Some(cursor) => Ok(Some(cursor)),
                None => Err(ServiceError::fields(vec![FieldProblem::new(field, codes::BAD_CHOICE)])),
            },
        };
        let (after, before) = (read("after", &query.after)?, read("before", &query.before)?);
        let first = after.is_none() && before.is_none();
        let start = Cursor { at: Timestamp(i64::MAX), id: String::new() };
        let side = match (after, before) {
            (Some(after), _) => Side::Older(after),
            (None, Some(before)) => Side::Newer(before),
            (None, None) => Side::Older(start),
        };
        Ok(Self { side, limit: usize::try_from(query.limit()).unwrap_or(50), first })
    }

    /// How many rows to ask the store for: one more than the page shows tells whether there is another page.
    pub(crate) fn rows(&self) -> i64 {
        i64::try_from(self.limit).unwrap_or(50) + 1
    }

    /// The page of what the store gave.
    pub(crate) fn page<T>(&self, mut rows: Vec<T>, place: impl Fn(&T) -> Cursor) -> Page<T> {
        let more = rows.len() > self.limit;
        rows.truncate(self.limit);
        let newer = matches!(self.side, Side::Newer(_));
        if newer {
            rows.reverse();
        }
        let (older_exist, newer_exist) = if newer { (true, more) } else { (more, !self.first) };
        let next = rows.last().filter(|_| older_exist).map(|row| place(row).encode());
        let previous = rows.first().filter(|_| newer_exist).map(|row| place(row).encode());
        Page { items: rows, next, previous }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(n: &i64) -> Cursor {
        Cursor { at: Timestamp(*n), id: format!("id{n}") }
    }

    /// The rows 1 to 5 as a store.
    fn read(query: &PageQuery) -> Page<i64> {
        let asked = Asked::of(query).unwrap();
        let rows = usize::try_from(asked.rows()).unwrap();
        let found: Vec<i64> = match &asked.side {
            Side::Older(than) => (1..=5).rev().filter(|n| *n < than.at.0).take(rows).collect(),
            Side::Newer(than) => (1..=5).filter(|n| *n > than.at.0).take(rows).collect(),
        };
        asked.page(found, place)
    }

    #[test]
    fn pages_lead_forth_and_back() {
        let two = |after, before| PageQuery { after, before, limit: Some(2) };
        let first = read(&two(None, None));
        assert_eq!((first.items.as_slice(), first.previous.is_some()), (&[5, 4][..], false));
        let second = read(&two(first.next, None));
        assert_eq!(second.items, [3, 2]);
        let last = read(&two(second.next, None));
        assert_eq!((last.items.as_slice(), last.next.is_some()), (&[1][..], false));
        let back = read(&two(None, last.previous));
        assert_eq!(back.items, [3, 2]);
        let first_again = read(&two(None, back.previous));
        assert_eq!((first_again.items.as_slice(), first_again.previous), (&[5, 4][..], None));
    }

    #[test]
    fn what_is_no_cursor_is_told() {
        assert!(Asked::of(&PageQuery { after: Some("<x>".into()), ..PageQuery::default() }).is_err());
        assert!(Asked::of(&PageQuery { after: Some(String::new()), ..PageQuery::default() }).is_ok());
    }
}
