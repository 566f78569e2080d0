//! IBANs: length by country, and the check digits of ISO 7064 MOD 97-10.

use super::Wrong;
use crate::problem::{accounts, codes};

/// Countries with their IBANs' length, after SWIFT's registry.
#[rustfmt::skip]
pub const LENGTHS: &[(&str, usize)] = &[
    ("AD", 24), ("AE", 23), ("AL", 28), ("AT", 20), ("AZ", 28), ("BA", 20), ("BE", 16), ("BG", 22), ("BH", 22), ("BI", 27),
    ("BR", 29), ("BY", 28), ("CH", 21), ("CR", 22), ("CY", 28), ("CZ", 24), ("DE", 22), ("DJ", 27), ("DK", 18), ("DO", 28),
    ("EE", 20), ("EG", 29), ("ES", 24), ("FI", 18), ("FK", 18), ("FO", 18), ("FR", 27), ("GB", 22), ("GE", 22), ("GI", 23),
    ("GL", 18), ("GR", 27), ("GT", 28), ("HN", 28), ("HR", 21), ("HU", 28), ("IE", 22), ("IL", 23), ("IQ", 23), ("IR", 26),
    ("IS", 26), ("IT", 27), ("JO", 30), ("KW", 30), ("KZ", 20), ("LB", 28), ("LC", 32), ("LI", 21), ("LT", 20), ("LU", 20),
    ("LV", 21), ("LY", 25), ("MC", 27), ("MD", 24), ("ME", 22), ("MK", 19), ("MN", 20), ("MR", 27), ("MT", 31), ("MU", 30),
    ("NI", 28), ("NL", 18), ("NO", 15), ("OM", 23), ("PK", 24), ("PL", 28), ("PS", 29), ("PT", 25), ("QA", 29), ("RO", 24),
    ("RS", 22), ("RU", 33), ("SA", 24), ("SC", 31), ("SD", 18), ("SE", 24), ("SI", 19), ("SK", 24), ("SM", 27), ("SO", 23),
    ("ST", 25), ("SV", 28), ("TL", 23), ("TN", 24), ("TR", 26), ("UA", 29), ("VA", 22), ("VG", 24), ("XK", 20), ("YE", 30),
];

/// An IBAN without spaces, in capitals.
///
/// # Errors
/// [`codes::REQUIRED`], [`accounts::IBAN_COUNTRY`], [`accounts::IBAN_LENGTH`], [`accounts::BAD_IBAN`].
pub fn required(typed: &str) -> Result<String, Wrong> {
    let bad = || Wrong::new(accounts::BAD_IBAN);
    let compact: String =
        super::text::ascii_digits(typed).chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
    if compact.is_empty() {
        return Err(Wrong::new(codes::REQUIRED));
    }
    if compact.len() > 64 || !compact.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return Err(bad());
    }
    let iban = compact.to_ascii_uppercase();
    let (country, rest) = iban.split_at_checked(2).ok_or_else(bad)?;
    if !country.bytes().all(|b| b.is_ascii_uppercase()) {
        return Err(bad());
    }
    let length = LENGTHS.iter().find(|(code, _)| *code == country).map(|(_, length)| *length);
    let length = length.ok_or_else(|| Wrong::new(accounts::IBAN_COUNTRY))?;
    if iban.len() != length {
        return Err(Wrong::new(accounts::IBAN_LENGTH).with("length", length));
    }
    let check = rest.get(..2).filter(|c| c.bytes().all(|b| b.is_ascii_digit())).ok_or_else(bad)?;
    // 00, 01 and 99 are never given (ISO 13616); each stands for another number with the same remainder.
    if matches!(check, "00" | "01" | "99") || remainder(&iban) != 1 {
        return Err(bad());
    }
    Ok(iban)
}

/// The remainder by 97 of the IBAN with its first four characters moved to the end and letters as 10 to 35.
fn remainder(iban: &str) -> u32 {
    let (head, tail) = iban.split_at(4.min(iban.len()));
    tail.chars()
        .chain(head.chars())
        .filter_map(|c| c.to_digit(36))
        .fold(0, |rest, value| if value < 10 { (rest * 10 + value) % 97 } else { (rest * 100 + value) % 97 })
}

/// In groups of four, for people.
#[must_use]
pub fn grouped(iban: &str) -> String {
    let mut out = String::new();
    for (i, c) in iban.chars().enumerate() {
        if i > 0 && i.is_multiple_of(4) {
            out.push(' ');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Examples of SWIFT's registry.
    const GOOD: &[&str] = &[
        "DE89 3704 0044 0532 0130 00",
        "GB29 NWBK 6016 1331 9268 19",
        "SE45 5000 0000 0583 9825 7466",
        "PL61 1090 1014 0000 0712 1981 2874",
        "FR14 2004 1010 0505 0001 3M02 606",
        "NO93 8601 1117 947",
        "MT84 MALT 0110 0001 2345 MTLC AST0 01S",
        "IR58 0540 1051 8002 1273 1130 07",
        "BE68 5390 0754 7034",
        "SA03 8000 0000 6080 1016 7519",
        "NL91 ABNA 0417 1643 00",
        "CH93 0076 2011 6238 5295 7",
    ];

    #[test]
    fn examples_are_good() {
        for iban in GOOD {
            let kept = required(iban).unwrap_or_else(|w| panic!("{iban} {w:?}"));
            assert_eq!(grouped(&kept), *iban);
        }
        assert!(LENGTHS.is_sorted());
        assert_eq!(required("SE45").unwrap_err(), Wrong::new(accounts::IBAN_LENGTH).with("length", 24));
        assert_eq!(required("US12345678901234").unwrap_err().code, accounts::IBAN_COUNTRY);
        for bad in ["4", "45SE", "SE45 5000 0000 0583 9825 746\u{202e}6", "é"] {
            assert!(required(bad).is_err());
        }
    }

    /// An IBAN of any country with an account number of digits and its right check digits.
    fn any_iban() -> impl Strategy<Value = String> {
        (prop::sample::select(LENGTHS), prop::collection::vec(0u8..10, 40)).prop_map(|((country, length), digits)| {
            let account: String = digits.iter().take(length - 4).map(|d| char::from(b'0' + d)).collect();
            let check = 98 - remainder(&format!("{country}00{account}"));
            format!("{country}{check:02}{account}")
        })
    }

    proptest! {
        #[test]
        fn any_single_digit_change_or_transposition_is_caught(iban in any_iban(), at in 2usize..40, by in 1u32..10) {
            prop_assert_eq!(required(&iban), Ok(iban.clone()));
            let chars: Vec<char> = iban.chars().collect();
            let at = 2 + (at - 2) % (chars.len() - 2);
            let mut changed = chars.clone();
            changed[at] = char::from_digit((chars[at].to_digit(10).unwrap() + by) % 10, 10).unwrap();
            prop_assert!(required(&changed.iter().collect::<String>()).is_err());
            if at + 1 < chars.len() && chars[at] != chars[at + 1] {
                let mut swapped = chars.clone();
                swapped.swap(at, at + 1);
                prop_assert!(required(&swapped.iter().collect::<String>()).is_err());
            }
        }

        #[test]
        fn never_panics(text in "\\PC{0,70}") { let _ = (required(&text), grouped(&text)); }
    }
}
