//! Bank transfers, as far as no database is needed: what a customer is told, the reference they copy, what banks' statements
//! say, and which payment an entry of a statement belongs to.
//!
//! Everything but [`connector`] is a pure function of its arguments. Nothing asks a bank: a merchant brings the statements.

pub mod connector;
pub mod instructions;
pub mod matching;
pub mod qr;
pub mod reference;
pub mod statement;
pub mod text;

pub use connector::{BankTransfer, KEY};
pub use instructions::{BankAccount, TransferInstructions};
pub use matching::{Expected, Match, Verdict, match_entries};
pub use reference::Reference;
pub use statement::{CsvMapping, Format, Import, Statement, StatementEntry, StatementError, detect, guess, read};
