//! Countries by the two-letter codes of ISO 3166-1.

use super::Wrong;
use crate::problem::accounts::BAD_COUNTRY;
use crate::problem::codes;

/// A code, in capitals.
///
/// # Errors
/// [`codes::REQUIRED`], [`BAD_COUNTRY`].
pub fn required(typed: &str) -> Result<&'static str, Wrong> {
    match typed.trim() {
        "" => Err(Wrong::new(codes::REQUIRED)),
        typed => find(typed).ok_or_else(|| Wrong::new(BAD_COUNTRY)),
    }
}

/// The code of the list, if it is one.
#[must_use]
pub fn find(typed: &str) -> Option<&'static str> {
    CODES.iter().find(|code| code.eq_ignore_ascii_case(typed)).copied()
}

/// The first country that an `Accept-Language` header names as part of a language: `AT` of `de-AT,de;q=0.9`.
#[must_use]
pub fn of_languages(header: &str) -> Option<&'static str> {
    let tags = header.split(',').take(32).filter_map(|item| item.split(';').next());
    tags.flat_map(|tag| tag.trim().split('-').skip(1)).filter(|part| part.len() == 2).find_map(find)
}

/// Every officially assigned code, sorted; the catalogue has `country.<CODE>`.
#[rustfmt::skip]
pub const CODES: &[&str] = &[
    "AD", "AE", "AF", "AG", "AI", "AL", "AM", "AO", "AQ", "AR", "AS", "AT", "AU", "AW", "AX", "AZ", "BA", "BB",
    "BD", "BE", "BF", "BG", "BH", "BI", "BJ", "BL", "BM", "BN", "BO", "BQ", "BR", "BS", "BT", "BV", "BW", "BY",
    "BZ", "CA", "CC", "CD", "CF", "CG", "CH", "CI", "CK", "CL", "CM", "CN", "CO", "CR", "CU", "CV", "CW", "CX",
    "CY", "CZ", "DE", "DJ", "DK", "DM", "DO", "DZ", "EC", "EE", "EG", "EH", "ER", "ES", "ET", "FI", "FJ", "FK",
    "FM", "FO", "FR", "GA", "GB", "GD", "GE", "GF", "GG", "GH", "GI", "GL", "GM", "GN", "GP", "GQ", "GR", "GS",
    "GT", "GU", "GW", "GY", "HK", "HM", "HN", "HR", "HT", "HU", "ID", "IE", "IL", "IM", "IN", "IO", "IQ", "IR",
    "IS", "IT", "JE", "JM", "JO", "JP", "KE", "KG", "KH", "KI", "KM", "KN", "KP", "KR", "KW", "KY", "KZ", "LA",
    "LB", "LC", "LI", "LK", "LR", "LS", "LT", "LU", "LV", "LY", "MA", "MC", "MD", "ME", "MF", "MG", "MH", "MK",
    "ML", "MM", "MN", "MO", "MP", "MQ", "MR", "MS", "MT", "MU", "MV", "MW", "MX", "MY", "MZ", "NA", "NC", "NE",
    "NF", "NG", "NI", "NL", "NO", "NP", "NR", "NU", "NZ", "OM", "PA", "PE", "PF", "PG", "PH", "PK", "PL", "PM",
    "PN", "PR", "PS", "PT", "PW", "PY", "QA", "RE", "RO", "RS", "RU", "RW", "SA", "SB", "SC", "SD", "SE", "SG",
    "SH", "SI", "SJ", "SK", "SL", "SM", "SN", "SO", "SR", "SS", "ST", "SV", "SX", "SY", "SZ", "TC", "TD", "TF",
    "TG", "TH", "TJ", "TK", "TL", "TM", "TN", "TO", "TR", "TT", "TV", "TW", "TZ", "UA", "UG", "UM", "US", "UY",
    "UZ", "VA", "VC", "VE", "VG", "VI", "VN", "VU", "WF", "WS", "YE", "YT", "ZA", "ZM", "ZW",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_may_name_a_country() {
        assert_eq!(of_languages("de-AT,de;q=0.9,en-GB;q=0.5"), Some("AT"));
        assert_eq!(of_languages("zh-Hant-TW"), Some("TW"));
        assert_eq!(of_languages("fa, en-gb;q=0.4"), Some("GB"));
        assert_eq!(of_languages("fr, es-419, xx-QQ, ;;,-"), None);
    }

    #[test]
    fn codes_are_sorted_and_found() {
        assert!(CODES.is_sorted());
        assert_eq!(CODES.len(), 249);
        assert_eq!(required(" se "), Ok("SE"));
        for bad in ["XX", "SWE", "S", "ſe", "\u{202e}"] {
            assert_eq!(required(bad).unwrap_err().code, BAD_COUNTRY);
        }
    }
}
