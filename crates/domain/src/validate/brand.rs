//! Colours and names on statements.

use super::Wrong;
use crate::problem::{accounts, codes};

/// `#rrggbb` in small letters; `#rgb` is widened; may be empty.
///
/// # Errors
/// [`accounts::BAD_COLOR`].
pub fn color(typed: &str) -> Result<Option<String>, Wrong> {
    let typed = typed.trim();
    if typed.is_empty() {
        return Ok(None);
    }
    let hex = typed.strip_prefix('#').unwrap_or(typed);
    if !matches!(hex.len(), 3 | 6) || !hex.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err(Wrong::new(accounts::BAD_COLOR));
    }
    let hex = hex.to_ascii_lowercase();
    Ok(Some(if hex.len() == 3 {
        format!("#{}", hex.chars().flat_map(|c| [c, c]).collect::<String>())
    } else {
        format!("#{hex}")
    }))
}

/// What card networks print: 5 to 22 letters, digits and a few signs of ASCII, with a letter among them; may be empty.
///
/// # Errors
/// [`accounts::BAD_STATEMENT_NAME`], [`codes::TOO_LONG`].
pub fn statement_name(typed: &str) -> Result<Option<String>, Wrong> {
    let typed = typed.trim();
    if typed.is_empty() {
        return Ok(None);
    }
    if typed.chars().count() > 22 {
        return Err(Wrong::new(codes::TOO_LONG).with("max", 22));
    }
    let fits = typed.len() >= 5
        && typed.bytes().all(|b| b.is_ascii_alphanumeric() || b" .-&/+".contains(&b))
        && typed.bytes().any(|b| b.is_ascii_alphabetic());
    if fits { Ok(Some(typed.to_owned())) } else { Err(Wrong::new(accounts::BAD_STATEMENT_NAME)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn colours_and_names() {
        assert_eq!(color("#1A2").unwrap().unwrap(), "#11aa22");
        assert_eq!(color("1a2b3C").unwrap().unwrap(), "#1a2b3c");
        for bad in ["red", "#12", "#12345g", "#1234567", "#fff;x:y", "ééé"] {
            assert!(color(bad).is_err(), "{bad}");
        }
        assert!(statement_name("PAYDECK *SHOP").is_err() && statement_name("BLUE SHOP AB").is_ok());
        assert!(statement_name("12345").is_err() && statement_name("Å-shop").is_err());
    }

    proptest! {
        #[test]
        fn never_panics(text in "\\PC{0,30}") { let _ = (color(&text), statement_name(&text)); }
    }
}
