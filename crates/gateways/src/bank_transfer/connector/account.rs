//! The account that a connection's credentials name.

use crate::Credentials;
use crate::bank_transfer::BankAccount;
use crate::bank_transfer::instructions::BAD_BIC;
use crate::bank_transfer::qr::promptpay::Target;
use domain::{FieldProblem, problem::codes};

/// The longest name of an account's holder, as SEPA has it.
pub(super) const MAX_HOLDER: usize = 70;

const IBAN: &str = "iban";
const BIC: &str = "bic";
const NUMBER: &str = "account_number";
const BANK_CODE: &str = "bank_code";
const BANK_NAME: &str = "bank_name";
const COUNTRY: &str = "country";
const PROMPTPAY: &str = "promptpay";

/// The fields beside the holder, in the form's order.
pub(super) const FIELDS: [&str; 7] = [IBAN, BIC, NUMBER, BANK_CODE, BANK_NAME, COUNTRY, PROMPTPAY];

/// The account. One kind is named: an IBAN, a number within a country, or a PromptPay target.
///
/// # Errors
/// What is wrong with which field; [`codes::REQUIRED`] of the IBAN when none is named, [`codes::BAD_CHOICE`] of the second kind when two
/// are.
pub fn account(credentials: &Credentials) -> Result<BankAccount, FieldProblem> {
    let get = |field: &str| credentials.get(field).map(str::trim).unwrap_or_default();
    let named: Vec<&str> = [IBAN, NUMBER, PROMPTPAY].into_iter().filter(|field| !get(field).is_empty()).collect();
    match named.as_slice() {
        [] => Err(FieldProblem::new(IBAN, codes::REQUIRED)),
        [_, second, ..] => Err(FieldProblem::new(*second, codes::BAD_CHOICE)),
        [IBAN] => BankAccount::from_iban(get(IBAN), Some(get(BIC)))
            .map_err(|wrong| if wrong.code == BAD_BIC { wrong.at(BIC) } else { wrong.at(IBAN) }),
        [PROMPTPAY] => BankAccount::from_promptpay(target(get(PROMPTPAY))).map_err(|wrong| wrong.at(PROMPTPAY)),
        _ => local(credentials),
    }
}

/// A number within a country: the first of its fields that is wrong is told.
fn local(credentials: &Credentials) -> Result<BankAccount, FieldProblem> {
    use domain::validate::{bank, country, text};
    let get = |field: &str| credentials.get(field).unwrap_or_default();
    let code = country::required(get(COUNTRY)).map_err(|wrong| wrong.at(COUNTRY))?;
    text::required(get(BANK_NAME), 120).map_err(|wrong| wrong.at(BANK_NAME))?;
    bank::bank_code(code, get(BANK_CODE)).map_err(|wrong| wrong.at(BANK_CODE))?;
    BankAccount::from_local(code, get(BANK_NAME), get(BANK_CODE), get(NUMBER)).map_err(|wrong| wrong.at(NUMBER))
}

/// The kind of a PromptPay target, by its length.
fn target(typed: &str) -> Target {
    match typed.chars().filter(char::is_ascii_digit).count() {
        13 if !typed.starts_with("0066") => Target::NationalId(typed.to_owned()),
        15 => Target::EWallet(typed.to_owned()),
        _ => Target::Mobile(typed.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(fields: &[(&str, &str)]) -> Result<BankAccount, FieldProblem> {
        let mut credentials = Credentials::default();
        for (name, value) in fields {
            credentials.set(*name, (*value).to_owned());
        }
        account(&credentials)
    }

    #[test]
    fn one_kind_of_account_is_named() {
        assert!(matches!(of(&[(IBAN, "BE72 0000 0000 1616")]), Ok(BankAccount::Iban { .. })));
        assert!(matches!(of(&[(PROMPTPAY, "081 234 5678")]), Ok(BankAccount::PromptPay { target: Target::Mobile(_) })));
        let local = [(COUNTRY, "GB"), (BANK_NAME, "Bank"), (BANK_CODE, "60-16-13"), (NUMBER, "31926819")];
        assert!(matches!(of(&local), Ok(BankAccount::Local { .. })));
        assert_eq!(of(&[]).unwrap_err().field, IBAN);
        assert_eq!(of(&[(IBAN, "BE72 0000 0000 1616"), (BIC, "x")]).unwrap_err().field, BIC);
        assert_eq!(of(&[(IBAN, "BE72 0000 0000 1616"), (PROMPTPAY, "1")]).unwrap_err().field, PROMPTPAY);
        assert_eq!(of(&[(NUMBER, "1")]).unwrap_err().field, COUNTRY);
    }
}
