//! Phone numbers in international form (E.164).

use super::{Wrong, text};
use crate::problem::codes;

/// A number as `+` and 8 to 15 digits. Spaces, hyphens, dots, slashes and brackets are dropped, `00` becomes `+`, and a `(0)`
/// after the country code is left out.
///
/// # Errors
/// [`codes::REQUIRED`], [`codes::BAD_PHONE`].
pub fn required(typed: &str) -> Result<String, Wrong> {
    let bad = || Wrong::new(codes::BAD_PHONE);
    let typed = typed.trim();
    if typed.is_empty() {
        return Err(Wrong::new(codes::REQUIRED));
    }
    if typed.chars().count() > 40 {
        return Err(bad());
    }
    let ascii = text::ascii_digits(typed).replace("(0)", "");
    let mut digits = String::new();
    let mut international = false;
    for (i, c) in ascii.chars().enumerate() {
        match c {
            '+' if i == 0 => international = true,
            '0'..='9' => digits.push(c),
            ' ' | '-' | '.' | '/' | '(' | ')' | '\u{a0}' | '\u{202f}' | '\u{2010}' | '\u{2011}' | '\u{2013}' => {}
            _ => return Err(bad()),
        }
    }
    let number = match (international, digits.strip_prefix("00")) {
        (true, _) => digits.as_str(),
        (false, Some(rest)) => rest,
        (false, None) => return Err(bad()),
    };
    if (8..=15).contains(&number.len()) && !number.starts_with('0') { Ok(format!("+{number}")) } else { Err(bad()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers() {
        assert_eq!(required("+46 (0)8-123 456 78").unwrap(), "+46812345678");
        assert_eq!(required("0046 8 123 456 78").unwrap(), "+46812345678");
        assert_eq!(required("+۹۸ ۲۱ ۱۲۳۴ ۵۶۷۸").unwrap(), "+982112345678");
        for bad in
            ["08-123456", "+0812345678", "+1234567", "+1234567890123456", "+46 call me", "++46812345678", "+46;ext=1"]
        {
            assert_eq!(required(bad).unwrap_err().code, codes::BAD_PHONE, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(text in "\\PC{0,60}") { let _ = required(&text); }
    }
}
