//! Bank statements of several formats, read into one shape.
//!
//! Nothing is dropped in silence: whatever can't be taken stands in [`Import::problems`] with its line.

mod amount;
mod camt;
mod csv;
mod error;
mod fingerprint;
mod mt940;

pub use self::csv::{
    AmountColumns, Calendar, CsvMapping, CurrencySource, DateColumn, DateOrder, DecimalMark, Guess, Unsure, guess,
};
pub use error::{StatementCode, StatementError};

use crate::bank_transfer::text;
use domain::validate::date::Date;
use domain::{Currency, Money};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

/// The largest file that is read, in bytes.
pub const MAX_BYTES: usize = 20 * 1024 * 1024;

/// The most entries and problems that are taken from one file.
pub const MAX_ENTRIES: usize = 100_000;

/// How much of a file's beginning decides about its format.
const HEAD: usize = 16 * 1024;

/// The formats that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// ISO 20022 `BankToCustomerStatement`, versions 001.02 to 001.13.
    Camt053,
    /// SWIFT customer statement message.
    Mt940,
    /// A table of delimited values; its columns need a [`CsvMapping`].
    Csv,
}

/// Whether money came in or went out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// Money came in.
    Credit,
    /// Money went out.
    Debit,
}

/// One booking on an account.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct StatementEntry {
    /// What tells this entry from all others of the account: 32 hexadecimal digits. The same in every file of the format that has it.
    pub fingerprint: String,
    /// The line of the file, from 1.
    pub line: u32,
    /// The bank's own reference.
    pub bank_ref: Option<String>,
    /// The day on which it was booked.
    pub booked_on: Date,
    /// In or out, as booked: a transfer that came in and was taken back is a debit.
    pub direction: Direction,
    /// How much; never negative.
    pub amount: Money,
    /// Whether it takes back an earlier booking.
    pub reversal: bool,
    /// The other side's name: for money that came in, who paid.
    pub payer_name: Option<String>,
    /// The other side's account: IBAN or number.
    pub payer_account: Option<String>,
    /// What the payer wrote, in one line.
    pub remittance: String,
    /// A structured reference that stands apart from the text, for instance of ISO 11649.
    pub structured_reference: Option<String>,
    /// The payer's end-to-end id.
    pub end_to_end_id: Option<String>,
}

/// One statement of one account.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Statement {
    /// IBAN or number of the account, without spaces, where the file tells it.
    pub account: Option<String>,
    /// The account's currency, where the file tells it.
    pub currency: Option<Currency>,
    /// The balance before, negative when overdrawn.
    pub opening: Option<Money>,
    /// The balance after.
    pub closing: Option<Money>,
    /// What was booked, in the file's order.
    pub entries: Vec<StatementEntry>,
}

impl Statement {
    /// Whether the entries lead from the opening to the closing balance; `None` when the file tells no balances.
    #[must_use]
    pub fn adds_up(&self) -> Option<bool> {
        let (opening, closing) = (self.opening?, self.closing?);
        let sum = self.entries.iter().try_fold(opening, |sum, entry| match entry.direction {
            Direction::Credit => sum.plus(entry.amount),
            Direction::Debit => sum.minus(entry.amount),
        });
        Some(sum == Ok(closing))
    }

    /// The statement without where it stands, to tell one that stands twice.
    fn without_lines(&self) -> Self {
        let entries = self.entries.iter().map(|entry| StatementEntry { line: 0, ..entry.clone() }).collect();
        Self { entries, ..self.clone() }
    }
}

/// What a file gave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Import {
    /// Its format.
    pub format: Format,
    /// Its statements.
    pub statements: Vec<Statement>,
    /// What could not be taken, or is doubtful, in the file's order.
    pub problems: Vec<StatementError>,
    /// Entries that are announced and not yet booked; they were left out.
    pub pending: u32,
}

/// Tells the format of a file by its beginning.
#[must_use]
pub fn detect(bytes: &[u8]) -> Option<Format> {
    let head = head(bytes)?;
    let start = head.trim_start();
    if start.starts_with('<') {
        return head.contains("BkToCstmrStmt").then_some(Format::Camt053);
    }
    if mt940::looks_like(&head) {
        return Some(Format::Mt940);
    }
    csv::looks_like(&head).then_some(Format::Csv)
}

/// The beginning as text. A letter that is cut at the end does no harm.
fn head(bytes: &[u8]) -> Option<String> {
    let head = bytes.get(..HEAD).unwrap_or(bytes);
    let even = if matches!(head, [0xff, 0xfe, ..] | [0xfe, 0xff, ..]) { head.len() & !1 } else { head.len() };
    let cut = (0..4).find_map(|less| text::decode(head.get(..even.checked_sub(less)?)?, text::Encoding::Utf8));
    cut.or_else(|| text::decode(head, text::Encoding::Windows1252)).filter(|text| !text.contains('\0'))
}

/// Reads a file of any format. A table needs its mapping.
///
/// # Errors
/// When nothing of the file can be read. What is wrong with single entries stands in [`Import::problems`].
pub fn read(bytes: &[u8], mapping: Option<&CsvMapping>) -> Result<Import, StatementError> {
    if bytes.len() > MAX_BYTES {
        return Err(StatementError::file(StatementCode::TooLarge));
    }
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(StatementError::file(StatementCode::Empty));
    }
    let format = detect(bytes).or(mapping.map(|_| Format::Csv));
    let mut import = match (format, mapping) {
        (Some(Format::Camt053), _) => camt::read(bytes)?,
        (Some(Format::Mt940), _) => mt940::read(bytes)?,
        (Some(Format::Csv), Some(mapping)) => csv::read(bytes, mapping)?,
        (Some(Format::Csv), None) => return Err(StatementError::file(StatementCode::MappingNeeded)),
        (None, _) => return Err(unknown(bytes)),
    };
    check(&mut import);
    fingerprint::give(&mut import.statements);
    Ok(import)
}

/// Why a file of no known format is none: XML that hides something says so.
fn unknown(bytes: &[u8]) -> StatementError {
    let code = match head(bytes) {
        Some(head) if head.contains("<!DOCTYPE") => StatementCode::DoctypeRefused,
        Some(head) if head.trim_start().starts_with('<') => StatementCode::NotAStatement,
        _ => StatementCode::UnknownFormat,
    };
    StatementError::file(code)
}

/// Takes a statement that stands twice once, and says which statements don't add up.
fn check(import: &mut Import) {
    let mut kept: Vec<Statement> = Vec::new();
    let mut seen = HashSet::new();
    for statement in std::mem::take(&mut import.statements) {
        let line = statement.entries.first().map(|e| e.line);
        let mut note = |code| import.problems.push(StatementError { code, line, field: None });
        if !statement.entries.is_empty() && !seen.insert(statement.without_lines()) {
            note(StatementCode::Repeated);
            continue;
        }
        if statement.adds_up() == Some(false) {
            note(StatementCode::BalanceMismatch);
        }
        kept.push(statement);
    }
    import.statements = kept;
    import.problems.sort_by_key(|p| p.line);
}

/// An account as it is kept: without spaces, in capitals.
fn account(text: &str) -> Option<String> {
    let compact: String = text::tidy(text).chars().filter(|c| !c.is_whitespace()).collect();
    Some(compact.to_uppercase()).filter(|a| !a.is_empty())
}

/// A reference that says something: banks write `NOTPROVIDED` and `NONREF` where there is none.
fn told(text: &str) -> Option<String> {
    text::some_tidy(text).filter(|t| {
        !["NOTPROVIDED", "NOT PROVIDED", "NONREF", "NONE", "KREF+NONREF"]
            .iter()
            .any(|none| t.eq_ignore_ascii_case(none))
    })
}
