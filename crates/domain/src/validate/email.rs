//! E-mail addresses: pragmatic bounds of RFC 5321, internationalised domains allowed.

use super::{Wrong, text};
use crate::problem::codes;

/// Longest address that SMTP carries (RFC 5321, 4.5.3.1.3, less the angle brackets).
pub const MAX: usize = 254;

/// An address to keep as typed, and the key that uniqueness and login go by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Email {
    /// As typed, trimmed.
    pub address: String,
    /// In lower case.
    pub key: String,
}

/// The key of an address, without any check.
#[must_use]
pub fn key(address: &str) -> String {
    address.trim().to_lowercase()
}

/// An address, filled in.
///
/// # Errors
/// [`codes::REQUIRED`], [`codes::TOO_LONG`], [`codes::BAD_EMAIL`].
pub fn required(text: &str) -> Result<Email, Wrong> {
    optional(text)?.ok_or_else(|| Wrong::new(codes::REQUIRED))
}

/// An address that may be empty.
///
/// # Errors
/// As [`required`].
pub fn optional(text: &str) -> Result<Option<Email>, Wrong> {
    let bad = || Wrong::new(codes::BAD_EMAIL);
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    if text.len() > MAX {
        return Err(Wrong::new(codes::TOO_LONG).with("max", MAX));
    }
    if text.chars().any(|c| text::is_unsafe(c) || c.is_whitespace()) {
        return Err(bad());
    }
    let (local, domain) = text.rsplit_once('@').ok_or_else(bad)?;
    if !is_local(local) || !is_domain(domain) {
        return Err(bad());
    }
    Ok(Some(Email { address: text.to_owned(), key: key(text) }))
}

fn is_local(local: &str) -> bool {
    let atom = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c);
    (1..=64).contains(&local.len())
        && local.chars().all(atom)
        && !local.starts_with('.')
        && !local.ends_with('.')
        && !local.contains("..")
}

/// Whether this is a host name with at least one dot and a top-level domain that is no number.
#[must_use]
pub(super) fn is_domain(domain: &str) -> bool {
    let label = |l: &str| {
        (1..=63).contains(&l.len())
            && !l.starts_with('-')
            && !l.ends_with('-')
            && l.chars().all(|c| c == '-' || (if c.is_ascii() { c.is_ascii_alphanumeric() } else { is_idn(c) }))
    };
    let last = domain.rsplit('.').next().unwrap_or("");
    domain.len() <= 253
        && domain.contains('.')
        && domain.split('.').all(label)
        && last.chars().count() >= 2
        && !last.chars().all(|c| c.is_ascii_digit())
}

/// Letters, digits and combining marks of other scripts. (`alphanumeric` leaves marks out; the joiners that Persian needs in
/// domains are allowed by IDNA 2008 in context.)
fn is_idn(c: char) -> bool {
    c.is_alphanumeric()
        || matches!(c, '\u{300}'..='\u{36f}' | '\u{900}'..='\u{dff}' | '\u{e00}'..='\u{e7f}' | '\u{200c}' | '\u{200d}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn addresses() {
        for good in ["a@b.se", "o'neil+x@shop.example.com", "a.b@bücher.example", "x@نمونه.ایران", "A@B.Co"]
        {
            assert!(required(good).is_ok(), "{good}");
        }
        let long = format!("{}@b.se", "a".repeat(65));
        for bad in [
            "a",
            "@b.se",
            "a@",
            "a@b",
            "a@@b.se",
            "a b@c.se",
            ".a@b.se",
            "a.@b.se",
            "a..b@c.se",
            "a@-b.se",
            "a@b-.se",
            "a@b..se",
            "a@1.2.3.4",
            "a@[1.2.3.4]",
            "\"a b\"@c.se",
            "a@b.se\nBcc: x@y.se",
            "a\u{202e}@b.se",
            "<a@b.se>",
            "a@b.s",
            &long,
        ] {
            assert_eq!(required(bad).unwrap_err().code, codes::BAD_EMAIL, "{bad}");
        }
        assert_eq!(required(" Ann@Shop.Example ").unwrap().key, "ann@shop.example");
        assert_eq!(required(&format!("a@{}.se", "b".repeat(300))).unwrap_err().code, codes::TOO_LONG);
    }

    proptest! {
        #[test]
        fn never_panics(text in "\\PC{0,80}") { let _ = required(&text); }
    }
}
