//! The application for live mode: what the merchant fills in, and what is still missing.

use crate::{FieldProblem, FileId, MerchantId, Timestamp, states::ApplicationStatus};
use serde::{Deserialize, Serialize};

/// A person who owns or controls 25 % or more.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Owner {
    /// Full name, in any script.
    pub name: String,
    /// Date of birth, `YYYY-MM-DD`.
    pub birth_date: String,
    /// ISO 3166-1 alpha-2 country of residence.
    pub country: String,
    /// Share in whole percent, as typed.
    pub share: String,
    /// Role in the company, as typed.
    pub role: String,
}

/// The answers, as typed: kept as text so that a draft loses nothing. Validation says what is not acceptable yet.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Answers {
    /// Step "business": legal name.
    pub legal_name: String,
    /// Name that customers know.
    pub trading_name: String,
    /// `sole_trader`, `company`, `partnership`, `nonprofit`.
    pub legal_form: String,
    /// Company register number.
    pub company_number: String,
    /// VAT or tax number.
    pub tax_number: String,
    /// Street and number.
    pub address_line: String,
    /// Second line.
    pub address_line2: String,
    /// City.
    pub city: String,
    /// Region or state.
    pub region: String,
    /// Postal code.
    pub postal_code: String,
    /// ISO 3166-1 alpha-2.
    pub country: String,
    /// Phone, international form.
    pub phone: String,
    /// Step "activity": website.
    pub website: String,
    /// Category of the list in `validate::CATEGORIES`.
    pub category: String,
    /// What is sold, in the merchant's words.
    pub description: String,
    /// Expected volume a month, as typed, in `volume_currency`.
    pub monthly_volume: String,
    /// Three-letter code.
    pub volume_currency: String,
    /// Typical payment, as typed.
    pub average_payment: String,
    /// Step "owners".
    pub owners: Vec<Owner>,
    /// Step "bank": holder of the account.
    pub account_holder: String,
    /// `iban` or `local`.
    pub account_kind: String,
    /// IBAN as typed.
    pub iban: String,
    /// Local account number.
    pub account_number: String,
    /// Local bank code (routing number, sort code, clearing number).
    pub bank_code: String,
    /// Country of the bank for a local account.
    pub bank_country: String,
}

/// The steps of the wizard, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Names, numbers, address.
    Business,
    /// Website, category, what is sold, volume.
    Activity,
    /// Beneficial owners.
    Owners,
    /// Bank account.
    Bank,
    /// Documents.
    Documents,
    /// Look over and submit.
    Review,
}
crate::access::named!(Step {
    Business = "business",
    Activity = "activity",
    Owners = "owners",
    Bank = "bank",
    Documents = "documents",
    Review = "review",
});
use std::str::FromStr;

/// A stored document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// Its id.
    pub id: FileId,
    /// `registration`, `ownership`, `bank`, `identity` or `other`.
    pub purpose: String,
    /// File name as given, cleaned.
    pub name: String,
    /// `application/pdf`, `image/png` or `image/jpeg`, by its content.
    pub content_type: String,
    /// Bytes.
    pub size: i64,
    /// When it was stored.
    pub created_at: Timestamp,
}

/// A message between merchant and reviewers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// `note`, `request`, `answer`, `decision` or `submission`.
    pub kind: String,
    /// Who wrote it (a reviewer is "the operator" to merchants: then none).
    pub author: Option<String>,
    /// The text.
    pub body: String,
    /// When.
    pub at: Timestamp,
}

/// A step and how far it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepState {
    /// The step.
    pub step: Step,
    /// Whether nothing is missing in it.
    pub complete: bool,
    /// What is missing or not acceptable.
    pub missing: Vec<FieldProblem>,
}

/// The merchant's view of the application.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApplicationView {
    /// The merchant.
    pub merchant_id: MerchantId,
    /// The merchant's name.
    pub merchant_name: String,
    /// Its state.
    pub status: ApplicationStatus,
    /// The answers so far.
    pub answers: Answers,
    /// Documents so far.
    pub documents: Vec<Document>,
    /// Messages that the merchant may read, oldest first.
    pub messages: Vec<Message>,
    /// Each step.
    pub steps: Vec<StepState>,
    /// Whether it may be submitted now.
    pub can_submit: bool,
    /// When it was submitted last.
    pub submitted_at: Option<Timestamp>,
    /// The row's version.
    pub version: i64,
}
