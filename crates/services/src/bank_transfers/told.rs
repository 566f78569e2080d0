//! What a customer is told who pays by transfer: on the page, and by mail.

use super::money_of;
use crate::{
    ServiceError, Services,
    checkout::letters,
    mail::{MailDraft, Template},
};
use domain::{MailId, Scope, Timestamp, views::checkout::TransferTold};
use gateways::bank_transfer::qr::{QrKind, promptpay::Target};
use gateways::bank_transfer::{BankAccount, TransferInstructions};
use store::{
    bank_transfers::{self, TransferRow},
    operations::Work,
};

/// What is told about the transfer that a payment waits for. None: it waits for none.
///
/// # Errors
/// The database's.
pub(crate) async fn told(svc: &Services, scope: &Scope, payment: &str) -> Result<Option<TransferTold>, ServiceError> {
    let row = bank_transfers::of_payment(&mut svc.db().read().await?, scope, payment).await?;
    row.map(|row| view(&row)).transpose()
}

fn view(row: &TransferRow) -> Result<TransferTold, ServiceError> {
    let told: TransferInstructions = serde_json::from_str(&row.instructions)
        .map_err(|error| ServiceError::Fault(format!("instructions of transfer {}: {error}", row.id)))?;
    let (amount, received) = money_of(row)?;
    let left = amount.minus(received).map_err(|error| ServiceError::Fault(error.to_string()))?;
    let kind = |kind| match kind {
        QrKind::Epc => "epc",
        QrKind::PromptPay => "promptpay",
        QrKind::VietQr => "viet_qr",
    };
    Ok(TransferTold {
        holder: told.holder,
        account: account(&told.account),
        amount: left,
        received,
        reference: told.reference.grouped(),
        due_at: Timestamp(row.due_at),
        // The code says the whole amount.
        qr: told.qr.filter(|_| row.received == 0).map(|qr| (kind(qr.kind).to_owned(), qr.text)),
    })
}

/// The account's data by name, in the order in which they are told.
fn account(account: &BankAccount) -> Vec<(String, String)> {
    let mut out: Vec<(&str, String)> = Vec::new();
    match account {
        BankAccount::Iban { iban, bic } => {
            out.push(("iban", domain::validate::iban::grouped(iban)));
            out.extend(bic.clone().map(|bic| ("bic", bic)));
        }
        BankAccount::Local { country, bank_name, bank_code, number } => {
            out.push(("account_number", number.clone()));
            out.extend(bank_code.clone().map(|code| ("bank_code", code)));
            out.push(("bank_name", bank_name.clone()));
            out.push(("country", country.clone()));
        }
        BankAccount::PromptPay { target } => {
            let (Target::Mobile(number) | Target::NationalId(number) | Target::EWallet(number)) = target;
            out.push(("promptpay", number.clone()));
        }
    }
    out.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// The mail with the instructions, for the settlement that finds a transfer waiting.
///
/// # Errors
/// The database's.
pub(crate) async fn letter(
    svc: &Services,
    work: &Work,
    email: Option<&str>,
) -> Result<Option<(MailId, MailDraft)>, ServiceError> {
    let scope = work.scope()?;
    let row = bank_transfers::get(&mut svc.db().read().await?, &scope, &work.id).await?;
    let Some(row) = row else { return Ok(None) };
    let told = view(&row)?;
    let Some(token) = &row.session_token else { return Ok(None) };
    let link = format!("{}/c/{token}", svc.settings().public_url);
    let Some((id, mut draft)) = letters::customer(svc, work, Template::TransferInstructions, email, told.amount)?
    else {
        return Ok(None);
    };
    // The page has the words for each part; a mail that leads to it names what everybody needs.
    let account = told.account.iter().map(|(_, value)| value.as_str()).collect::<Vec<_>>().join(" · ");
    // Not the receipt, which there is none of yet.
    draft.params.retain(|(name, _)| name != "link");
    let draft = draft
        .with("link", link)
        .with("holder", told.holder)
        .with("account", account)
        .with("reference", told.reference)
        .with("due", told.due_at.date());
    Ok(Some((id, draft)))
}
