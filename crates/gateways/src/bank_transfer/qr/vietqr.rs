//! VietQR of NAPAS: a transfer to an account (`QRIBFTTA`), on EMVCo's merchant-presented codes.
//! The format is described at <https://vietqr.net>; facts and vectors here are those of the open implementations
//! <https://github.com/subiz/vietqr> (which keeps NAPAS's document in `spec/`) and its tests.

use super::emv::{object, signed};
use super::{QrError, QrKind, QrPayload};
use domain::Money;

/// The id of NAPAS.
const GUID: &str = "A000000727";

/// The service: a transfer to an account, at once.
const TO_ACCOUNT: &str = "QRIBFTTA";

/// The most characters of an account's number.
const MAX_ACCOUNT: usize = 19;

/// The most characters of the purpose.
pub const MAX_PURPOSE: usize = 25;

/// A payload for one payment of an amount in dong. The bank is named by the six digits that NAPAS gave it; the purpose is ASCII
/// letters, digits and spaces.
///
/// # Errors
/// [`QrError::Currency`], [`QrError::Amount`], [`QrError::Account`], [`QrError::Text`].
pub fn payload(bank: &str, account: &str, amount: Money, purpose: &str) -> Result<QrPayload, QrError> {
    if amount.currency.code() != "VND" {
        return Err(QrError::Currency);
    }
    let plain = amount.plain();
    // Thirteen characters is what EMVCo allows for an amount.
    if amount.minor <= 0 || plain.len() > 13 {
        return Err(QrError::Amount);
    }
    if !is_bank(bank) || !is_account(account) {
        return Err(QrError::Account);
    }
    let plain_words = |text: &str| text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b' ');
    if purpose.is_empty() || purpose.len() > MAX_PURPOSE || !plain_words(purpose) {
        return Err(QrError::Text);
    }
    let beneficiary = format!("{}{}", object("00", bank)?, object("01", account)?);
    let network = format!("{}{}{}", object("00", GUID)?, object("01", &beneficiary)?, object("02", TO_ACCOUNT)?);
    let text = signed(&[
        object("00", "01")?,
        // 12: for one payment, because the amount is told.
        object("01", "12")?,
        object("38", &network)?,
        object("53", "704")?,
        object("54", &plain)?,
        object("58", "VN")?,
        object("62", &object("08", purpose)?)?,
    ]);
    Ok(QrPayload { kind: QrKind::VietQr, text })
}

/// Whether a bank's number can be one of NAPAS's.
#[must_use]
pub fn is_bank(bank: &str) -> bool {
    bank.len() == 6 && bank.bytes().all(|b| b.is_ascii_digit())
}

/// Whether an account's number fits the code: some are names of letters.
#[must_use]
pub fn is_account(account: &str) -> bool {
    (1..=MAX_ACCOUNT).contains(&account.len()) && account.bytes().all(|b| b.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn text(bank: &str, account: &str, minor: i64, purpose: &str) -> Result<String, QrError> {
        payload(bank, account, Money::new(minor, "VND".parse().unwrap()), purpose).map(|p| p.text)
    }

    /// The README of subiz/vietqr, its tests, and a payload from the tests of another public library.
    #[test]
    fn published_vectors() {
        for (bank, account, minor, purpose, expected) in [
            (
                "970415",
                "0011001932418",
                120_000,
                "ung ho lu lut",
                "00020101021238570010A00000072701270006970415011300110019324180208QRIBFTTA530370454061200005802VN62170813ung ho lu lut6304C15C",
            ),
            (
                "970422",
                "0023457923442",
                40_123,
                "test text string",
                "00020101021238570010A00000072701270006970422011300234579234420208QRIBFTTA53037045405401235802VN62200816test text string6304D9C6",
            ),
            (
                "970423",
                "123456789",
                50_000,
                "test note",
                "00020101021238530010A0000007270123000697042301091234567890208QRIBFTTA53037045405500005802VN62130809test note630412A3",
            ),
        ] {
            assert_eq!(text(bank, account, minor, purpose).unwrap(), expected);
        }
    }

    #[test]
    fn what_the_code_can_not_hold_is_refused() {
        assert_eq!(text("97041", "1", 1, "x"), Err(QrError::Account));
        assert_eq!(text("970415", "12 34", 1, "x"), Err(QrError::Account));
        assert_eq!(text("970415", &"1".repeat(20), 1, "x"), Err(QrError::Account));
        assert_eq!(text("970415", "1", 0, "x"), Err(QrError::Amount));
        assert_eq!(text("970415", "1", i64::MAX, "x"), Err(QrError::Amount));
        assert_eq!(text("970415", "1", 1, "ủng hộ"), Err(QrError::Text));
        assert_eq!(text("970415", "1", 1, &"x".repeat(26)), Err(QrError::Text));
        assert_eq!(payload("970415", "1", Money::new(1, domain::Currency::EUR), "x"), Err(QrError::Currency));
    }

    proptest! {
        #[test]
        fn never_panics(bank in any::<String>(), account in any::<String>(), minor in any::<i64>(), purpose in any::<String>()) {
            let _ = text(&bank, &account, minor, &purpose);
            let _ = text("970415", "1", minor, &purpose);
        }
    }
}
