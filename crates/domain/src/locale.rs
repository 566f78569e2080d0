//! Languages that Paydeck speaks.

use serde::{Deserialize, Serialize};
use std::str::FromStr;

/// A language of the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Default)]
#[serde(rename_all = "lowercase")]
pub enum Locale {
    /// English.
    #[default]
    En,
    /// Persian, written from right to left.
    Fa,
}

impl Locale {
    /// All languages, in the order in which a chooser lists them.
    pub const ALL: [Self; 2] = [Self::En, Self::Fa];

    /// The BCP 47 tag for `lang`.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Fa => "fa",
        }
    }

    /// The direction for `dir`.
    #[must_use]
    pub const fn dir(self) -> &'static str {
        match self {
            Self::En => "ltr",
            Self::Fa => "rtl",
        }
    }

    /// The language's own name.
    #[must_use]
    pub const fn own_name(self) -> &'static str {
        match self {
            Self::En => "English",
            Self::Fa => "فارسی",
        }
    }

    /// The first language of an `Accept-Language` header (RFC 9110, 12.5.4) that Paydeck speaks; weights are read.
    #[must_use]
    pub fn negotiate(header: &str) -> Option<Self> {
        let mut wanted: Vec<(u32, Self)> = Vec::new();
        for item in header.split(',').take(32) {
            let mut parts = item.trim().split(';');
            let tag = parts.next().unwrap_or("").split('-').next().unwrap_or("");
            let weight = parts.find_map(|p| p.trim().strip_prefix("q=")).map_or(1_000, parse_weight);
            if let (Ok(locale), true) = (tag.parse(), weight > 0) {
                wanted.push((weight, locale));
            }
        }
        wanted.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
        wanted.first().map(|(_, locale)| *locale)
    }
}

/// Thousandths of `0`, `1`, `0.8`, `0.805`; 0 when unreadable.
fn parse_weight(text: &str) -> u32 {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let padded: String = part.chars().chain("000".chars()).take(3).collect();
    whole.parse::<u32>().unwrap_or(0).min(1) * 1_000 + padded.parse::<u32>().unwrap_or(0)
}

impl FromStr for Locale {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|l| l.tag().eq_ignore_ascii_case(text)).ok_or(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_negotiated_by_weight() {
        assert_eq!(Locale::negotiate("fa-IR,en;q=0.8"), Some(Locale::Fa));
        assert_eq!(Locale::negotiate("de, fa;q=0.3, en;q=0.7"), Some(Locale::En));
        assert_eq!(Locale::negotiate("fa;q=0"), None);
        assert_eq!(Locale::negotiate("xx"), None);
        assert_eq!(Locale::negotiate(";;;,,q=9"), None);
    }
}
