//! Web addresses and origins.

use super::{Wrong, email::is_domain, text};
use crate::problem::accounts as own;
use crate::problem::codes;

/// Longest address that is kept.
pub const MAX: usize = 2_000;

struct Parts<'a> {
    scheme: &'a str,
    host: &'a str,
    port: Option<&'a str>,
    rest: &'a str,
}

fn split(text: &str) -> Option<Parts<'_>> {
    if text.chars().any(|c| text::is_unsafe(c) || c.is_whitespace() || "\\<>\"`{}|^".contains(c)) {
        return None;
    }
    let (scheme, after) = text.split_once("://")?;
    let end = after.find(['/', '?', '#']).unwrap_or(after.len());
    let (authority, rest) = after.split_at(end);
    if authority.contains('@') {
        return None;
    }
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (authority, None),
    };
    let port_fits = port.is_none_or(|p| {
        p.len() <= 5
            && p.bytes().all(|b| b.is_ascii_digit())
            && p.parse::<u32>().is_ok_and(|n| (1..=65_535).contains(&n))
    });
    port_fits.then_some(Parts { scheme, host, port, rest })
}

/// An address that begins with `https://`, has a public host name, and carries no user name. May be empty.
///
/// # Errors
/// [`codes::TOO_LONG`], [`codes::BAD_URL`].
pub fn optional(text: &str) -> Result<Option<String>, Wrong> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    if text.chars().count() > MAX {
        return Err(Wrong::new(codes::TOO_LONG).with("max", MAX));
    }
    let parts = split(text).ok_or_else(|| Wrong::new(codes::BAD_URL))?;
    if parts.scheme.eq_ignore_ascii_case("https") && is_domain(parts.host) {
        Ok(Some(text.to_owned()))
    } else {
        Err(Wrong::new(codes::BAD_URL))
    }
}

/// The same, filled in.
///
/// # Errors
/// Also [`codes::REQUIRED`].
pub fn required(text: &str) -> Result<String, Wrong> {
    optional(text)?.ok_or_else(|| Wrong::new(codes::REQUIRED))
}

/// An origin: scheme, host and port in lower case, nothing behind them. `https` everywhere; `http` for the developer's own
/// machine only. The default port is left out, so that equal origins are equal texts.
///
/// # Errors
/// [`own::BAD_ORIGIN`].
pub fn origin(text: &str) -> Result<String, Wrong> {
    let bad = || Wrong::new(own::BAD_ORIGIN);
    let text = text.trim();
    if text.len() > 300 {
        return Err(bad());
    }
    let parts = split(text).ok_or_else(bad)?;
    if !matches!(parts.rest, "" | "/") {
        return Err(bad());
    }
    let (scheme, host) = (parts.scheme.to_ascii_lowercase(), parts.host.to_lowercase());
    let local = host == "localhost" || host == "127.0.0.1";
    let default = match (scheme.as_str(), local) {
        ("https", _) if local || is_domain(&host) => "443",
        ("http", true) => "80",
        _ => return Err(bad()),
    };
    // "0443" is 443 as well.
    let port = parts.port.map(|p| p.trim_start_matches('0')).filter(|p| *p != default);
    Ok(port.map_or_else(|| format!("{scheme}://{host}"), |p| format!("{scheme}://{host}:{p}")))
}

/// The origin of a whole address, in the form of [`origin`], to compare with a list of origins.
#[must_use]
pub fn origin_of(address: &str) -> Option<String> {
    let parts = split(address.trim())?;
    let port = parts.port.map_or_else(String::new, |p| format!(":{p}"));
    origin(&format!("{}://{}{port}", parts.scheme, parts.host)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn addresses() {
        for good in ["https://a.se", "https://shop.example:8443/x?y=1#z", "HTTPS://نمونه.ایران/"] {
            assert!(required(good).is_ok(), "{good}");
        }
        for bad in [
            "http://a.se",
            "a.se",
            "https://",
            "https://localhost",
            "https://1.2.3.4",
            "https://[::1]/",
            "https://u:p@a.se",
            "https://a.se\\@b.se",
            "javascript:alert(1)",
            "https://a .se",
            "https://a.se/\u{202e}",
            "https://a.se:99999",
            "https://a.se:",
            "https://a.se/<script>",
            "//a.se",
        ] {
            assert_eq!(required(bad).unwrap_err().code, codes::BAD_URL, "{bad}");
        }
    }

    #[test]
    fn origins_have_one_text() {
        assert_eq!(origin("HTTPS://Shop.Example:443/").unwrap(), "https://shop.example");
        assert_eq!(origin("http://localhost:3001").unwrap(), "http://localhost:3001");
        assert_eq!(origin_of("https://shop.example:0443/thanks?x").unwrap(), "https://shop.example");
        for bad in ["https://a.se/x", "http://a.se", "https://*.a.se", "null", "", "ftp://a.se", "https://a.se?x"] {
            assert!(origin(bad).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(text in "\\PC{0,80}") {
            let _ = (required(&text), origin(&text), origin_of(&text));
            let _ = (required(&format!("https://{text}")), origin_of(&format!("https://{text}")));
        }
    }
}
