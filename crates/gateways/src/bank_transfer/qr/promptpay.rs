//! Thai PromptPay: the Thai QR Payment Standard of the Bank of Thailand, on EMVCo's merchant-presented codes.
//! <https://www.bot.or.th/content/dam/bot/fipcs/documents/FPG/2562/ThaiPDF/25620084.pdf>; the open implementation whose tests are
//! the vectors here: <https://github.com/dtinth/promptpay-qr>.

use super::emv::{object, signed};
use super::{QrError, QrKind, QrPayload};
use domain::Money;
use serde::{Deserialize, Serialize};

/// The application's id.
const AID: &str = "A000000677010111";

/// What a PromptPay account is found by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind", content = "number")]
pub enum Target {
    /// A Thai mobile number: `0812345678`, `+66 81 234 5678`.
    Mobile(String),
    /// A national id or tax number of thirteen digits.
    NationalId(String),
    /// An e-wallet's number of fifteen digits.
    EWallet(String),
}

impl Target {
    /// The object that names the target, with its digits as the code wants them.
    fn object(&self) -> Result<String, QrError> {
        match self {
            Self::Mobile(typed) => object("01", &mobile(&digits(typed)?).ok_or(QrError::Account)?),
            Self::NationalId(typed) => object("02", &of_length(digits(typed)?, 13)?),
            Self::EWallet(typed) => object("03", &of_length(digits(typed)?, 15)?),
        }
    }

    /// Whether the target can be one.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        self.object().is_ok()
    }
}

/// A payload for one payment of an amount in baht.
///
/// # Errors
/// [`QrError::Currency`], [`QrError::Amount`], [`QrError::Account`].
pub fn payload(target: &Target, amount: Money) -> Result<QrPayload, QrError> {
    if amount.currency.code() != "THB" {
        return Err(QrError::Currency);
    }
    if amount.minor <= 0 {
        return Err(QrError::Amount);
    }
    let plain = amount.plain();
    // Thirteen characters is what EMVCo allows for an amount.
    if plain.len() > 13 {
        return Err(QrError::Amount);
    }
    let account = format!("{}{}", object("00", AID)?, target.object()?);
    let text = signed(&[
        object("00", "01")?,
        // 12: for one payment, because the amount is told.
        object("01", "12")?,
        object("29", &account)?,
        object("58", "TH")?,
        object("53", "764")?,
        object("54", &plain)?,
    ]);
    Ok(QrPayload { kind: QrKind::PromptPay, text })
}

/// Digits alone; spaces, hyphens and a leading plus may stand between them.
fn digits(typed: &str) -> Result<String, QrError> {
    let ascii = crate::bank_transfer::text::digits(typed);
    let compact: String = ascii.chars().filter(|c| !c.is_whitespace() && !matches!(c, '-' | '+' | '(' | ')')).collect();
    if compact.bytes().all(|b| b.is_ascii_digit()) { Ok(compact) } else { Err(QrError::Account) }
}

fn of_length(digits: String, length: usize) -> Result<String, QrError> {
    if digits.len() == length { Ok(digits) } else { Err(QrError::Account) }
}

/// `0066` and the nine digits behind the leading nought or the country's code.
fn mobile(digits: &str) -> Option<String> {
    let rest = match digits.len() {
        10 => digits.strip_prefix('0')?,
        11 => digits.strip_prefix("66")?,
        13 => digits.strip_prefix("0066")?,
        _ => return None,
    };
    Some(format!("0066{rest}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn baht(minor: i64) -> Money {
        Money::new(minor, "THB".parse().unwrap())
    }

    fn text(target: Target, minor: i64) -> Result<String, QrError> {
        payload(&target, baht(minor)).map(|p| p.text)
    }

    /// The test of promptpay-qr that has an amount, and a payload that other public code checks itself against.
    #[test]
    fn vectors_of_promptpay_qr() {
        assert_eq!(
            text(Target::Mobile("000-000-0000".into()), 422).unwrap(),
            "00020101021229370016A000000677010111011300660000000005802TH530376454044.226304E469"
        );
        for typed in ["089-999-9999", "+66 89 999 9999", "0066899999999"] {
            assert_eq!(
                text(Target::Mobile(typed.into()), 42_000).unwrap(),
                "00020101021229370016A000000677010111011300668999999995802TH53037645406420.006304CF9E"
            );
        }
    }

    #[test]
    fn other_targets_have_their_own_object() {
        // The account's object as in promptpay-qr's tests without an amount.
        let national = text(Target::NationalId("1-1111-11111-11-1".into()), 100).unwrap();
        assert!(national.starts_with("00020101021229370016A00000067701011102131111111111111580"), "{national}");
        let wallet = text(Target::EWallet("012345678901234".into()), 100).unwrap();
        assert!(wallet.starts_with("00020101021229390016A000000677010111031501234567890123458"), "{wallet}");
        for bad in [
            Target::Mobile("12345".into()),
            Target::Mobile("1812345678".into()),
            Target::Mobile("08x2345678".into()),
            Target::NationalId("111".into()),
            Target::EWallet("0123456789012".into()),
        ] {
            assert!(!bad.is_valid());
            assert_eq!(text(bad, 100), Err(QrError::Account));
        }
        assert_eq!(text(Target::Mobile("0812345678".into()), 0), Err(QrError::Amount));
        assert_eq!(text(Target::Mobile("0812345678".into()), i64::MAX), Err(QrError::Amount));
        let euro = Money::new(100, domain::Currency::EUR);
        assert_eq!(payload(&Target::Mobile("0812345678".into()), euro), Err(QrError::Currency));
    }

    proptest! {
        #[test]
        fn never_panics(typed in any::<String>(), minor in any::<i64>()) {
            for target in [Target::Mobile(typed.clone()), Target::NationalId(typed.clone()), Target::EWallet(typed.clone())] {
                let _ = text(target, minor);
            }
        }
    }
}
