//! Bank transfers, statements and their entries, as the portal shows them.

use crate::{BankEntryId, ConnectionId, Money, OperationId, PaymentId, StatementId, Timestamp};
use serde::{Deserialize, Serialize};

/// A transfer whose money has not come, or not all of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaitingTransfer {
    /// Its id: that of the operation.
    pub id: OperationId,
    /// What it pays.
    pub payment: PaymentId,
    /// The reference, in groups.
    pub reference: String,
    /// What is to be paid.
    pub amount: Money,
    /// What has come; more than the amount where the rest is owed to the customer.
    pub received: Money,
    /// The customer's address.
    pub customer_email: Option<String>,
    /// The connection's name.
    pub connection_name: String,
    /// When the customer was told.
    pub created_at: Timestamp,
    /// When the money should have come.
    pub due_at: Timestamp,
    /// Whether that was before now.
    pub overdue: bool,
}

/// A connection that statements can be brought for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransferConnection {
    /// Its id.
    pub id: ConnectionId,
    /// Its name.
    pub name: String,
}

/// What stands above the lists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransfersHead {
    /// Connections that take transfers.
    pub connections: Vec<TransferConnection>,
    /// Whether the viewer may bring statements and decide.
    pub may_manage: bool,
    /// Transfers for which more came than was asked, the latest first.
    pub overpaid: Vec<WaitingTransfer>,
}

/// Something wrong in a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatementProblem {
    /// The sentence is `problem.<code>`.
    pub code: String,
    /// The line, from 1.
    pub line: Option<u32>,
    /// The column, tag or element.
    pub field: Option<String>,
}

/// A file that was brought.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BankStatement {
    /// Its id.
    pub id: StatementId,
    /// The connection's name.
    pub connection_name: String,
    /// The file's name.
    pub name: String,
    /// `camt053`, `mt940` or `csv`.
    pub format: String,
    /// Whether it was read; if not, its columns are to be said.
    pub read: bool,
    /// Entries in it.
    pub entries: i64,
    /// Of them, in an earlier file already.
    pub known: i64,
    /// Announced only, and left out.
    pub pending: i64,
    /// Entries that paid something.
    pub matched: i64,
    /// Entries that a person has to look at.
    pub doubtful: i64,
    /// Entries that are nothing that is waited for.
    pub ignored: i64,
    /// The first problems.
    pub problems: Vec<StatementProblem>,
    /// How many there are.
    pub problem_count: i64,
    /// When it was brought.
    pub created_at: Timestamp,
}

/// A file with what its columns may be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatementView {
    /// The file.
    pub statement: BankStatement,
    /// What is proposed, while its columns are to be said.
    pub columns: Option<Columns>,
    /// Whether the viewer may say it.
    pub may_manage: bool,
}

/// A table's beginning, and a proposal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Columns {
    /// Headings; empty ones where there are none.
    pub headings: Vec<String>,
    /// The first rows.
    pub sample: Vec<Vec<String>>,
    /// What the file does not tell: `date`, `amount`, `decimal`, `currency`, `reference`.
    pub unsure: Vec<String>,
    /// The proposal, or what was kept of an earlier file.
    pub form: MappingForm,
}

/// Which column holds what, as typed; columns are counted from 0, and an empty one is none.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct MappingForm {
    /// Rows above the first entry.
    pub header_rows: String,
    /// The date's column.
    pub date: String,
    /// `year_month_day`, `day_month_year`, `month_day_year`.
    pub date_order: String,
    /// `gregorian`, `buddhist`, `persian`.
    pub calendar: String,
    /// The column of the amount, or of money in where money out has one of its own.
    pub amount: String,
    /// The column of money out.
    pub debit: String,
    /// The column of the word for the direction.
    pub mark: String,
    /// The word for money in.
    pub mark_credit: String,
    /// The word for money out.
    pub mark_debit: String,
    /// `point` or `comma`.
    pub decimal: String,
    /// The column of the currency.
    pub currency_column: String,
    /// The currency of all rows, where no column has it.
    pub currency: String,
    /// The columns of what the payer wrote, parted by commas.
    pub reference: String,
    /// The column of the payer's name.
    pub payer: String,
    /// The column of the payer's account.
    pub payer_account: String,
    /// The column of the bank's own reference.
    pub bank_ref: String,
    /// The column of the payer's end-to-end id.
    pub end_to_end_id: String,
}

/// An entry that a person has to look at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DoubtfulEntry {
    /// Its id.
    pub id: BankEntryId,
    /// The day, `2026-11-22`.
    pub booked_on: String,
    /// Whether money came in.
    pub incoming: bool,
    /// How much.
    pub amount: Money,
    /// The other side's name.
    pub payer_name: Option<String>,
    /// The other side's account.
    pub payer_account: Option<String>,
    /// What the payer wrote.
    pub remittance: String,
    /// What it may pay, the likeliest first.
    pub candidates: Vec<EntryCandidate>,
    /// When it was brought.
    pub created_at: Timestamp,
    /// Whether the viewer may decide.
    pub may_decide: bool,
}

/// An entry that a person has set aside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetAsideEntry {
    /// The entry, without what it might have paid.
    pub entry: DoubtfulEntry,
    /// When it was set aside.
    pub at: Timestamp,
}

/// A transfer that an entry may belong to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryCandidate {
    /// The transfer.
    pub transfer: OperationId,
    /// Its payment.
    pub payment: PaymentId,
    /// Its reference, in groups.
    pub reference: String,
    /// What is left to pay.
    pub left: Money,
    /// The customer's address.
    pub customer_email: Option<String>,
    /// From 0 to 100.
    pub score: u8,
    /// The parts of the score, by name (`bank.part.<name>`), with their points.
    pub parts: Vec<(String, u8)>,
    /// What is out of the ordinary, by name (`bank.fact.<name>`), with an amount where there is one.
    pub facts: Vec<(String, Option<Money>)>,
    /// Whether it can be said that the entry pays it.
    pub payable: bool,
    /// Whether the amount has to be typed for that, for it is another than what is left.
    pub differs: bool,
}

/// What a person says about an entry.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct EntryForm {
    /// `pays` or `nothing`.
    pub decision: String,
    /// The transfer that it pays.
    pub transfer: String,
    /// The entry's amount, typed again where it is another than what is left to pay.
    pub amount: String,
}
