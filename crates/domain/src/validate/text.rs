//! Plain text: trimmed, bounded, without characters that fool a reader.

use super::Wrong;
use crate::problem::codes;

/// Whether a character must not stand in text that people read: controls, line and paragraph separators, direction
/// overrides and isolates, interlinear annotation, tags, the byte order mark.
#[must_use]
pub fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
            | '\u{fff9}'..='\u{fffb}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

/// Whether a character shows nothing: text of such alone is empty.
fn is_blank(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{3164}' | '\u{2800}' | '\u{ad}')
}

fn checked(text: &str, max: usize, lines: bool) -> Result<String, Wrong> {
    let text = text.trim();
    if text.chars().any(|c| is_unsafe(c) && !(lines && matches!(c, '\n' | '\r' | '\t'))) {
        return Err(Wrong::new(codes::BAD_CHARACTERS));
    }
    if text.chars().count() > max {
        return Err(Wrong::new(codes::TOO_LONG).with("max", max));
    }
    if text.chars().all(is_blank) {
        return Ok(String::new());
    }
    Ok(if lines { text.replace("\r\n", "\n").replace('\r', "\n") } else { text.to_owned() })
}

/// One line that may be empty, of at most `max` characters.
///
/// # Errors
/// [`codes::BAD_CHARACTERS`], [`codes::TOO_LONG`].
pub fn optional(text: &str, max: usize) -> Result<Option<String>, Wrong> {
    checked(text, max, false).map(|t| (!t.is_empty()).then_some(t))
}

/// One line, filled in.
///
/// # Errors
/// Also [`codes::REQUIRED`].
pub fn required(text: &str, max: usize) -> Result<String, Wrong> {
    optional(text, max)?.ok_or_else(|| Wrong::new(codes::REQUIRED))
}

/// Several lines, filled in.
///
/// # Errors
/// As [`required`].
pub fn paragraph(text: &str, max: usize) -> Result<String, Wrong> {
    let text = checked(text, max, true)?;
    if text.is_empty() { Err(Wrong::new(codes::REQUIRED)) } else { Ok(text) }
}

/// One of a list of names.
///
/// # Errors
/// [`codes::REQUIRED`], [`codes::BAD_CHOICE`].
pub fn choice<'a>(text: &str, choices: &[&'a str]) -> Result<&'a str, Wrong> {
    match text.trim() {
        "" => Err(Wrong::new(codes::REQUIRED)),
        text => choices.iter().find(|c| **c == text).copied().ok_or_else(|| Wrong::new(codes::BAD_CHOICE)),
    }
}

/// Text with Persian and Eastern Arabic digits as ASCII ones.
#[must_use]
pub fn ascii_digits(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '۰'..='۹' => digit(u32::from(c) - u32::from('۰')),
            '٠'..='٩' => digit(u32::from(c) - u32::from('٠')),
            _ => c,
        })
        .collect()
}

fn digit(value: u32) -> char {
    char::from_digit(value, 10).unwrap_or('0')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fools_a_reader_is_refused() {
        for bad in ["a\u{202e}b", "a\u{2066}b", "a\u{0}b", "a\nb", "a\u{9b}b", "a\u{e0041}", "a\u{feff}b"] {
            assert_eq!(required(bad, 50).unwrap_err().code, codes::BAD_CHARACTERS, "{bad:?}");
        }
        // A zero-width non-joiner is everyday Persian spelling.
        assert_eq!(required(" فروشگاه\u{200c}ها ", 50).unwrap(), "فروشگاه\u{200c}ها");
        assert_eq!(required("<b>A & B</b>", 50).unwrap(), "<b>A & B</b>");
    }

    #[test]
    fn length_counts_characters_and_blank_is_empty() {
        assert_eq!(required("ååå", 3).unwrap(), "ååå");
        assert_eq!(required("åååå", 3).unwrap_err(), Wrong::new(codes::TOO_LONG).with("max", 3));
        for blank in ["", "  ", "\u{200b}\u{200b}", "\u{3164}", "\u{a0}"] {
            assert_eq!(required(blank, 3).unwrap_err().code, codes::REQUIRED);
        }
        assert_eq!(paragraph("a\r\nb\n", 10).unwrap(), "a\nb");
    }

    #[test]
    fn digits_of_other_scripts_are_read() {
        assert_eq!(ascii_digits("۱۲۳٤٥x"), "12345x");
    }
}
