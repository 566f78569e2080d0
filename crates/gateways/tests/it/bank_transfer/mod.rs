//! Bank transfers: statements in the shape of banks' public documentation, references in mangled text, matching.

mod camt;
mod csv;
mod matching;
mod mt940;
mod reference;
mod robust;

use domain::Money;
use gateways::bank_transfer::statement::{Direction, StatementCode};
use gateways::bank_transfer::{Import, Statement, StatementEntry};

/// Amounts as signed minor units.
pub fn signed(entry: &StatementEntry) -> i64 {
    match entry.direction {
        Direction::Credit => entry.amount.minor,
        Direction::Debit => -entry.amount.minor,
    }
}

pub fn amounts(statement: &Statement) -> Vec<i64> {
    statement.entries.iter().map(signed).collect()
}

pub fn codes(import: &Import) -> Vec<StatementCode> {
    import.problems.iter().map(|p| p.code).collect()
}

pub fn money(minor: i64, code: &str) -> Money {
    Money::new(minor, code.parse().unwrap())
}

pub fn fingerprints(import: &Import) -> Vec<String> {
    import.statements.iter().flat_map(|s| &s.entries).map(|e| e.fingerprint.clone()).collect()
}

/// Text in Latin-1.
pub fn latin1(text: &str) -> Vec<u8> {
    text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect()
}
