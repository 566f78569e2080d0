//! SEPA credit transfers: "Quick Response Code: Guidelines to Enable Data Capture for the Initiation of a SEPA Credit Transfer",
//! EPC069-12 version 2.1.
//! <https://www.europeanpaymentscouncil.eu/document-library/guidance-documents/quick-response-code-guidelines-enable-data-capture-initiation>

use super::{QrError, QrKind, QrPayload};
use crate::bank_transfer::reference::rf;
use domain::validate::{iban, text::is_unsafe};
use domain::{Currency, Money};

/// The most bytes of a payload (chapter 3.2: version 13, level M).
pub const MAX_BYTES: usize = 331;

/// The most characters of a name.
pub const MAX_NAME: usize = 70;

/// The most characters of text for the beneficiary.
pub const MAX_TEXT: usize = 140;

/// The largest amount in cents.
const MAX_CENTS: i64 = 99_999_999_999;

/// What the payer tells the beneficiary: one or the other, never both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remittance<'a> {
    /// A creditor reference of ISO 11649.
    Structured(&'a str),
    /// Text.
    Unstructured(&'a str),
}

/// A payload of version 002 in UTF-8, in which the BIC may be left out.
///
/// # Errors
/// [`QrError`] for whatever the guidelines don't allow.
pub fn payload(
    name: &str,
    account: &str,
    bic: Option<&str>,
    amount: Money,
    remittance: Remittance<'_>,
) -> Result<QrPayload, QrError> {
    if amount.currency != Currency::EUR {
        return Err(QrError::Currency);
    }
    if !(1..=MAX_CENTS).contains(&amount.minor) {
        return Err(QrError::Amount);
    }
    let name = one_line(name, MAX_NAME).filter(|n| !n.is_empty()).ok_or(QrError::Name)?;
    let account = iban::required(account).map_err(|_| QrError::Account)?;
    let bic = bic.map(|b| self::bic(b).ok_or(QrError::Bic)).transpose()?.unwrap_or_default();
    let (structured, unstructured) = match remittance {
        Remittance::Structured(reference) => (rf::check(reference).ok_or(QrError::Text)?, String::new()),
        Remittance::Unstructured(text) => (String::new(), one_line(text, MAX_TEXT).ok_or(QrError::Text)?),
    };
    let amount = format!("EUR{}", amount.plain());
    let lines = ["BCD", "002", "1", "SCT", &bic, &name, &account, &amount, "", &structured, &unstructured];
    // The last element given ends the payload: no separator behind it.
    let text = lines.join("\n").trim_end_matches('\n').to_owned();
    if text.len() > MAX_BYTES { Err(QrError::TooLong) } else { Ok(QrPayload { kind: QrKind::Epc, text }) }
}

fn one_line(text: &str, max: usize) -> Option<String> {
    let text = text.trim();
    let fits = text.chars().count() <= max && !text.chars().any(is_unsafe);
    fits.then(|| text.to_owned())
}

/// A BIC without spaces and in capitals: four letters or digits of the bank, two letters of the country, two letters or digits of
/// the place and perhaps three of the branch (ISO 9362, <https://www.iso.org/standard/84108.html>).
#[must_use]
pub fn bic(typed: &str) -> Option<String> {
    let compact: String = typed.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_ascii_uppercase();
    let country = compact.get(4..6)?;
    let fits = matches!(compact.len(), 8 | 11)
        && compact.bytes().all(|b| b.is_ascii_alphanumeric())
        && country.bytes().all(|b| b.is_ascii_uppercase());
    fits.then_some(compact)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn euro(minor: i64) -> Money {
        Money::new(minor, Currency::EUR)
    }

    /// The example that the guidelines and public libraries show (<https://github.com/heuer/segno>,
    /// `docs/epc-qrcodes.rst`), in UTF-8 and with two decimals.
    #[test]
    fn published_examples() {
        let text = |p: Result<QrPayload, QrError>| p.map(|p| p.text);
        let wikimedia = payload(
            "Wikimedia Foerdergesellschaft",
            "DE33 1002 0500 0001 1947 00",
            None,
            euro(2_000),
            Remittance::Unstructured("Spende fuer Wikipedia"),
        );
        assert_eq!(
            text(wikimedia).unwrap(),
            "BCD\n002\n1\nSCT\n\nWikimedia Foerdergesellschaft\nDE33100205000001194700\nEUR20.00\n\n\nSpende fuer Wikipedia"
        );
        let red_cross = payload(
            "Red Cross of Belgium",
            "BE72000000001616",
            Some("BPOTBEB1"),
            euro(100),
            Remittance::Structured("RF18539007547034"),
        );
        assert_eq!(
            text(red_cross).unwrap(),
            "BCD\n002\n1\nSCT\nBPOTBEB1\nRed Cross of Belgium\nBE72000000001616\nEUR1.00\n\nRF18539007547034"
        );
    }

    #[test]
    fn what_the_guidelines_do_not_allow_is_refused() {
        let with = |name: &str, account: &str, amount, remittance: Remittance<'_>| {
            payload(name, account, None, amount, remittance).err()
        };
        let (iban, none) = ("BE72000000001616", Remittance::Unstructured(""));
        assert_eq!(with("A", iban, euro(1), none), None);
        assert_eq!(with("A", iban, euro(MAX_CENTS), none), None);
        assert_eq!(with("A", iban, euro(0), none), Some(QrError::Amount));
        assert_eq!(with("A", iban, euro(MAX_CENTS + 1), none), Some(QrError::Amount));
        assert_eq!(with("A", iban, Money::new(1, Currency::USD), none), Some(QrError::Currency));
        assert_eq!(with("", iban, euro(1), none), Some(QrError::Name));
        assert_eq!(with(&"a".repeat(71), iban, euro(1), none), Some(QrError::Name));
        assert_eq!(with("A\nB", iban, euro(1), none), Some(QrError::Name));
        assert_eq!(with("A", "BE72000000001617", euro(1), none), Some(QrError::Account));
        assert_eq!(with("A", iban, euro(1), Remittance::Structured("RF17539007547034")), Some(QrError::Text));
        let too_long = "x".repeat(141);
        assert_eq!(with("A", iban, euro(1), Remittance::Unstructured(&too_long)), Some(QrError::Text));
        // 210 characters of two bytes each.
        let (name, long) = ("å".repeat(70), "å".repeat(140));
        assert_eq!(with(&name, iban, euro(1), Remittance::Unstructured(&long)), Some(QrError::TooLong));
        assert_eq!(payload("A", iban, Some("BPOT1EB1"), euro(1), none), Err(QrError::Bic));
        assert_eq!(
            (bic("bpot beb1"), bic("BPOTBEB1X"), bic("é"), bic("")),
            (Some("BPOTBEB1".into()), None, None, None)
        );
    }

    proptest! {
        #[test]
        fn elements_stay_in_their_lines(name in any::<String>(), text in any::<String>(), minor in 1..=MAX_CENTS) {
            if let Ok(payload) = payload(&name, "BE72000000001616", None, euro(minor), Remittance::Unstructured(&text)) {
                let lines: Vec<&str> = payload.text.split('\n').collect();
                prop_assert!(lines.len() == 8 || lines.len() == 11);
                prop_assert_eq!(lines[5], name.trim());
                prop_assert_eq!(lines[6], "BE72000000001616");
                prop_assert_eq!(lines.get(10).copied().unwrap_or_default(), text.trim());
                prop_assert!(payload.text.len() <= MAX_BYTES);
            }
        }
    }
}
