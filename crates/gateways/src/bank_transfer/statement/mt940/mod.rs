//! MT940, SWIFT's customer statement message.
//!
//! Documentation: SWIFT's "Category 9 - Cash Management and Customer Status" (fields 20, 25, 28C, 60a, 61, 86, 62a; described in
//! <https://www2.swift.com/knowledgecentre/publications/us9m_20230720>), and for the structured field 86 of German banks the DFÜ
//! agreement, annex 3, chapter 8 (<https://www.ebics.de/de/datenformate>). Zuora's description of what such files hold in practice:
//! <https://docs.zuora.com/en/accounts-receivable/cash-application/banking-integrations>.

mod fields;
mod info;
mod line;

use super::{
    Direction, Format, Import, MAX_ENTRIES, Statement, StatementCode, StatementEntry, StatementError, account, amount,
    told,
};
use crate::bank_transfer::text;
use domain::Money;
use domain::validate::date::Date;
use fields::{Field, fields};
use info::Info;
use line::Line;

/// Whether a file's beginning looks like a message.
pub(super) fn looks_like(head: &str) -> bool {
    let has = |tag: &str| head.lines().any(|line| line.trim_start().starts_with(tag));
    has(":20:") && (has(":25:") || has(":60F:") || has(":60M:"))
}

/// Reads a file of messages.
pub(super) fn read(bytes: &[u8]) -> Result<Import, StatementError> {
    let text = text::decode_unknown(bytes).ok_or(StatementError::file(StatementCode::BadEncoding))?;
    let mut reading = Reading::default();
    for field in fields(&text).ok_or(StatementError::file(StatementCode::TooLarge))? {
        reading.take(&field);
        if reading.count > MAX_ENTRIES {
            return Err(StatementError::at(StatementCode::TooLarge, field.line));
        }
    }
    if reading.statements.is_empty() {
        return Err(StatementError::file(StatementCode::NotAStatement));
    }
    Ok(Import { format: Format::Mt940, statements: reading.statements, problems: reading.problems, pending: 0 })
}

#[derive(Default)]
struct Reading {
    statements: Vec<Statement>,
    problems: Vec<StatementError>,
    /// Statements and entries.
    count: usize,
    /// Whether a field 86 would describe the entry that was taken last.
    describes_last: bool,
}

impl Reading {
    fn take(&mut self, field: &Field) {
        let describes_last = std::mem::take(&mut self.describes_last);
        if field.tag == "20" {
            self.count += 1;
            self.statements.push(Statement {
                account: None,
                currency: None,
                opening: None,
                closing: None,
                entries: Vec::new(),
            });
        }
        let Some(statement) = self.statements.last_mut() else { return };
        match field.tag.as_str() {
            "25" | "25P" => statement.account = field.lines.first().and_then(|text| identified(text)),
            // F is the first or last balance, M one between the pages of a long statement.
            "60F" | "60M" | "62F" | "62M" => match balance(field) {
                Ok(money) if field.tag.starts_with("60") => {
                    statement.currency = Some(money.currency);
                    statement.opening = Some(money);
                }
                Ok(money) => statement.closing = Some(money),
                Err(code) => self.problems.push(StatementError::of(code, field.line, format!(":{}:", field.tag))),
            },
            "61" => {
                self.count += 1;
                match entry(field, statement.currency) {
                    Ok(entry) => {
                        statement.entries.push(entry);
                        self.describes_last = true;
                    }
                    Err(code) => self.problems.push(StatementError::of(code, field.line, ":61:")),
                }
            }
            "86" if describes_last => {
                if let Some(entry) = statement.entries.last_mut() {
                    describe(entry, &Info::read(&field.lines));
                }
            }
            _ => {}
        }
    }
}

/// The account of field 25: an IBAN or number, which some banks follow with the currency.
fn identified(text: &str) -> Option<String> {
    let mut words: Vec<&str> = text.split_whitespace().collect();
    if words.len() > 1 && words.last().is_some_and(|last| last.parse::<domain::Currency>().is_ok()) {
        words.pop();
    }
    account(&words.concat())
}

/// A balance: `C`, the date, the currency and the amount.
fn balance(field: &Field) -> Result<Money, StatementCode> {
    let text = field.lines.first().map(|t| t.trim()).unwrap_or_default();
    let bad = StatementCode::BadBalance;
    let (mark, rest) = text.split_at_checked(1).ok_or(bad)?;
    let (day, rest) = rest.split_at_checked(6).ok_or(bad)?;
    let (code, amount) = rest.split_at_checked(3).ok_or(bad)?;
    line::date(day).ok_or(bad)?;
    let currency = code.parse().map_err(|_| bad)?;
    let minor = amount::plain(amount.trim(), ',', currency).map_err(|_| bad)?;
    match mark {
        "C" => Ok(Money::new(minor, currency)),
        "D" => Ok(Money::new(-minor, currency)),
        _ => Err(bad),
    }
}

fn entry(field: &Field, currency: Option<domain::Currency>) -> Result<StatementEntry, StatementCode> {
    let line = Line::read(&field.lines)?;
    let currency = currency.ok_or(StatementCode::CurrencyMissing)?;
    let minor = amount::plain(&line.amount, ',', currency)?;
    let booked_on: Date = line.booked_on;
    Ok(StatementEntry {
        fingerprint: String::new(),
        line: field.line,
        bank_ref: line.bank_ref.as_deref().and_then(told),
        booked_on,
        direction: if line.credit { Direction::Credit } else { Direction::Debit },
        amount: Money::new(minor, currency),
        reversal: line.reversal,
        payer_name: None,
        payer_account: None,
        remittance: text::tidy(&line.supplementary),
        structured_reference: None,
        end_to_end_id: line.customer_ref.as_deref().and_then(told),
    })
}

/// Adds what field 86 tells. What it does not tell stays as field 61 had it.
fn describe(entry: &mut StatementEntry, info: &Info) {
    entry.payer_name = text::some_tidy(&info.name);
    entry.payer_account = account(&info.account);
    if let Some(id) = told(&info.end_to_end_id) {
        entry.end_to_end_id = Some(id);
    }
    entry.remittance = text::tidy(&format!("{} {}", info.remittance, entry.remittance));
}
