//! The fields of a message: `:61:` and what follows, up to the next field.

use crate::bank_transfer::statement::MAX_ENTRIES;

/// A field with its lines.
pub(super) struct Field {
    /// The tag without its colons.
    pub(super) tag: String,
    /// The line of the file, from 1.
    pub(super) line: u32,
    /// Its lines; the first stands behind the tag.
    pub(super) lines: Vec<String>,
}

/// The most lines that are kept of one field; the standard allows seven.
const MAX_LINES: usize = 60;

/// The most fields of one file: an entry has two, a statement about five more.
const MAX_FIELDS: usize = 4 * MAX_ENTRIES;

/// Splits a file into fields, unless there are too many. What is no field, such as SWIFT's envelope, is left out.
pub(super) fn fields(text: &str) -> Option<Vec<Field>> {
    let mut fields: Vec<Field> = Vec::new();
    let mut open = false;
    for (number, line) in text.lines().enumerate() {
        let line = line.trim_end();
        if let Some((tag, rest)) = tagged(line.trim_start()) {
            if fields.len() >= MAX_FIELDS {
                return None;
            }
            let number = u32::try_from(number + 1).unwrap_or(u32::MAX);
            fields.push(Field { tag: tag.to_owned(), line: number, lines: vec![rest.to_owned()] });
            open = true;
        } else if line == "-" || line.starts_with("-}") || line.starts_with("{1:") {
            open = false;
        } else if let Some(field) = fields.last_mut().filter(|f| open && f.lines.len() < MAX_LINES) {
            field.lines.push(line.to_owned());
        }
    }
    Some(fields)
}

/// `:86:text`: two digits and perhaps a letter between colons.
fn tagged(line: &str) -> Option<(&str, &str)> {
    let (tag, rest) = line.strip_prefix(':')?.split_once(':')?;
    let fits = match tag.as_bytes() {
        [a, b] => a.is_ascii_digit() && b.is_ascii_digit(),
        [a, b, c] => a.is_ascii_digit() && b.is_ascii_digit() && c.is_ascii_uppercase(),
        _ => false,
    };
    fits.then_some((tag, rest))
}
