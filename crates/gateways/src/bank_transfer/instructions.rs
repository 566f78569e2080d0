//! What a customer is told who pays by transfer, as data: pages put the words to it.

use super::qr::promptpay::Target;
use super::qr::{QrError, QrPayload, epc, promptpay, vietqr};
use super::reference::Reference;
use domain::problem::codes;
use domain::validate::date::Date;
use domain::validate::{Wrong, bank, country, iban, text};
use domain::{Currency, Money};
use serde::{Deserialize, Serialize};

/// The longest name of an account's holder, as SEPA has it.
const MAX_HOLDER: usize = 70;

/// The longest name of a bank.
const MAX_BANK: usize = 120;

/// An account that customers transfer to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum BankAccount {
    /// An IBAN, with the BIC of its bank for payers outside of SEPA.
    Iban {
        /// Without spaces, in capitals.
        iban: String,
        /// Eight or eleven characters.
        bic: Option<String>,
    },
    /// A number within a country.
    Local {
        /// The country's code of ISO 3166.
        country: String,
        /// The bank's name.
        bank_name: String,
        /// Sort code, routing number, clearing number; in Vietnam the six digits of NAPAS.
        bank_code: Option<String>,
        /// The account's number.
        number: String,
    },
    /// Thai PromptPay.
    PromptPay {
        /// What the account is found by.
        target: Target,
    },
}

impl BankAccount {
    /// An IBAN as typed.
    ///
    /// # Errors
    /// What [`iban::required`] refuses; [`BAD_BIC`].
    pub fn from_iban(typed: &str, bic: Option<&str>) -> Result<Self, Wrong> {
        let bic = bic.filter(|b| !b.trim().is_empty());
        let bic = bic.map(|b| epc::bic(b).ok_or(Wrong::new(BAD_BIC))).transpose()?;
        Ok(Self::Iban { iban: iban::required(typed)?, bic })
    }

    /// A number within a country, as typed.
    ///
    /// # Errors
    /// What the checks of the country refuse.
    pub fn from_local(country: &str, bank_name: &str, bank_code: &str, number: &str) -> Result<Self, Wrong> {
        let country = country::required(country)?.to_owned();
        let bank_name = text::required(bank_name, MAX_BANK)?;
        let bank_code = bank::bank_code(&country, bank_code)?;
        let number = bank::account_number(&country, number)?;
        Ok(Self::Local { country, bank_name, bank_code, number })
    }

    /// A PromptPay target as typed.
    ///
    /// # Errors
    /// [`BAD_PROMPTPAY`].
    pub fn from_promptpay(target: Target) -> Result<Self, Wrong> {
        if target.is_valid() { Ok(Self::PromptPay { target }) } else { Err(Wrong::new(BAD_PROMPTPAY)) }
    }
}

/// Code: not a BIC.
pub const BAD_BIC: &str = "bad_bic";

/// Code: not a mobile number, national id or e-wallet number of PromptPay.
pub const BAD_PROMPTPAY: &str = "bad_promptpay";

/// All that a customer needs for a transfer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransferInstructions {
    /// The account's holder.
    pub holder: String,
    /// The account.
    pub account: BankAccount,
    /// What to pay.
    pub amount: Money,
    /// The reference to copy.
    pub reference: Reference,
    /// The reference as a creditor reference of ISO 11649, for accounts that are paid through SEPA.
    pub creditor_reference: Option<String>,
    /// The last day on which a transfer is in time.
    pub expires_on: Date,
    /// What a banking app reads; `None` where no kind of code fits the account, the currency and the amount.
    pub qr: Option<QrPayload>,
}

impl TransferInstructions {
    /// Puts the instructions together.
    ///
    /// # Errors
    /// What [`text::required`] refuses in the holder's name; [`codes::OUT_OF_RANGE`] for an amount that is not above nothing.
    pub fn new(
        holder: &str,
        account: BankAccount,
        amount: Money,
        reference: Reference,
        expires_on: Date,
    ) -> Result<Self, Wrong> {
        let holder = text::required(holder, MAX_HOLDER)?;
        if amount.minor <= 0 {
            return Err(Wrong::new(codes::OUT_OF_RANGE));
        }
        let sepa = matches!(account, BankAccount::Iban { .. }) && amount.currency == Currency::EUR;
        let creditor_reference = sepa.then(|| reference.creditor_reference());
        // What a code can't hold is still told in words.
        let qr = qr(&holder, &account, amount, reference).and_then(Result::ok);
        Ok(Self { holder, account, amount, reference, creditor_reference, expires_on, qr })
    }
}

/// The payload of the kind that fits account and currency, if there is one.
fn qr(holder: &str, account: &BankAccount, amount: Money, reference: Reference) -> Option<Result<QrPayload, QrError>> {
    match (account, amount.currency.code()) {
        (BankAccount::Iban { iban, bic }, "EUR") => {
            let creditor_reference = reference.creditor_reference();
            let remittance = epc::Remittance::Structured(&creditor_reference);
            Some(epc::payload(holder, iban, bic.as_deref(), amount, remittance))
        }
        (BankAccount::PromptPay { target }, "THB") => Some(promptpay::payload(target, amount)),
        (BankAccount::Local { country, bank_code: Some(bank), number, .. }, "VND") if country == "VN" => {
            Some(vietqr::payload(bank, number, amount, &reference.plain()))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::qr::QrKind;
    use super::*;

    const DAY: Date = (2026, 12, 6);

    fn told(account: BankAccount, amount: Money) -> TransferInstructions {
        TransferInstructions::new("Blue Shop AB", account, amount, Reference::from_random([7; 7]), DAY).unwrap()
    }

    #[test]
    fn each_account_has_the_code_of_its_country_and_currency() {
        let iban = BankAccount::from_iban("BE72 0000 0000 1616", Some("bpotbeb1")).unwrap();
        let local = BankAccount::from_local("VN", "Vietcombank", "970436", "1017595600").unwrap();
        let promptpay = BankAccount::from_promptpay(Target::Mobile("081 234 5678".into())).unwrap();
        let money = |minor, code: &str| Money::new(minor, code.parse().unwrap());
        let kind = |account: &BankAccount, amount| told(account.clone(), amount).qr.map(|q| q.kind);
        assert_eq!(kind(&iban, money(100, "EUR")), Some(QrKind::Epc));
        assert_eq!(kind(&iban, money(100, "SEK")), None);
        assert_eq!(kind(&iban, money(i64::MAX, "EUR")), None);
        assert_eq!(kind(&local, money(50_000, "VND")), Some(QrKind::VietQr));
        assert_eq!(kind(&local, money(100, "EUR")), None);
        assert_eq!(kind(&promptpay, money(100, "THB")), Some(QrKind::PromptPay));
        let instructions = told(iban, money(1_250, "EUR"));
        let creditor = instructions.creditor_reference.clone().unwrap();
        assert!(instructions.qr.clone().unwrap().text.ends_with(&creditor));
        assert_eq!(Reference::from_creditor_reference(&creditor), Some(instructions.reference));
        let json = serde_json::to_string(&instructions).unwrap();
        assert_eq!(serde_json::from_str::<TransferInstructions>(&json).unwrap(), instructions);
    }

    #[test]
    fn what_is_no_account_is_refused() {
        assert!(BankAccount::from_iban("BE72 0000 0000 1617", None).is_err());
        assert_eq!(BankAccount::from_iban("BE72 0000 0000 1616", Some("BPOT")).unwrap_err().code, BAD_BIC);
        assert!(BankAccount::from_iban("BE72 0000 0000 1616", Some(" ")).is_ok());
        assert!(BankAccount::from_local("GB", "Bank", "60-16-13", "31926819").is_ok());
        assert!(BankAccount::from_local("GB", "Bank", "60-16", "31926819").is_err());
        assert_eq!(BankAccount::from_promptpay(Target::NationalId("1".into())).unwrap_err().code, BAD_PROMPTPAY);
        let account = BankAccount::from_local("GB", "Bank", "60-16-13", "31926819").unwrap();
        let nothing = Money::zero(Currency::EUR);
        assert!(TransferInstructions::new("A", account, nothing, Reference::from_random([0; 7]), DAY).is_err());
    }
}
