//! CAMT.053, the bank-to-customer statement of ISO 20022. Versions 001.02 to 001.13 share what is needed here, so any namespace
//! is taken; amounts, currencies and directions are read strictly.
//!
//! Documentation: the message definition report "Bank-to-Customer Cash Management"
//! (<https://www.iso20022.org/iso-20022-message-definitions>, `BankToCustomerStatementV02` and later), and for use in Germany and
//! Switzerland <https://www.ebics.de/de/datenformate> (DFÜ agreement, annex 3) and
//! <https://www.six-group.com/dam/download/banking-services/standardization/sps/ig-cash-management-sps2024-en.pdf>.

mod entry;
mod tree;

use super::{Format, Import, MAX_ENTRIES, Statement, StatementCode, StatementError, account, amount};
use crate::bank_transfer::text::{self, Encoding};
use domain::{Currency, Money};
use entry::{Taken, entries};
use tree::{Node, parts};

/// Reads a file.
pub(super) fn read(bytes: &[u8]) -> Result<Import, StatementError> {
    let text = text::decode(bytes, declared(bytes)).ok_or(StatementError::file(StatementCode::BadEncoding))?;
    let mut import = Import { format: Format::Camt053, statements: Vec::new(), problems: Vec::new(), pending: 0 };
    // Statements, entries and problems.
    let mut count = 0;
    let statements = parts(&text, |number, node| {
        while import.statements.len() <= number {
            count += 1;
            import.statements.push(Statement {
                account: None,
                currency: None,
                opening: None,
                closing: None,
                entries: Vec::new(),
            });
        }
        count += part(&mut import, number, &node);
        if count > MAX_ENTRIES { Err(StatementError::at(StatementCode::TooLarge, node.line)) } else { Ok(()) }
    })?;
    if statements == 0 { Err(StatementError::file(StatementCode::NotAStatement)) } else { Ok(import) }
}

/// The encoding that the XML declaration names. Latin-1 is read as Windows-1252, of which it is a part.
fn declared(bytes: &[u8]) -> Encoding {
    let head: String = bytes.iter().take(200).map(|b| char::from(*b).to_ascii_lowercase()).collect();
    let declaration = head.split("?>").next().unwrap_or_default();
    if ["iso-8859-1", "windows-1252", "latin1"].iter().any(|name| declaration.contains(name)) {
        Encoding::Windows1252
    } else {
        Encoding::Utf8
    }
}

/// Takes one part of a statement: its account, a balance or an entry. Gives how many entries and problems that made.
fn part(import: &mut Import, number: usize, node: &Node) -> usize {
    let Some(statement) = import.statements.get_mut(number) else { return 0 };
    let before = statement.entries.len() + import.problems.len();
    match node.name.as_str() {
        "Acct" => {
            statement.account = account_of(node);
            if let Some(code) = node.text_at(&["Ccy"]) {
                match code.parse() {
                    Ok(currency) => statement.currency = Some(currency),
                    Err(_) => import.problems.push(StatementError::of(StatementCode::BadCurrency, node.line, "Ccy")),
                }
            }
        }
        "Bal" => {
            let kind = node.text_at(&["Tp", "CdOrPrtry", "Cd"]).unwrap_or_default();
            let place = match kind {
                // PRCD, the closing balance of the day before, is what some banks tell instead of the opening one.
                "OPBD" => &mut statement.opening,
                "PRCD" if statement.opening.is_none() => &mut statement.opening,
                "CLBD" => &mut statement.closing,
                _ => return 0,
            };
            match balance(node) {
                Ok(money) => *place = Some(money),
                Err(_) => import.problems.push(StatementError::of(StatementCode::BadBalance, node.line, "Bal")),
            }
        }
        "Ntry" => match entries(node, statement.currency) {
            Ok(Taken::Pending) => import.pending = import.pending.saturating_add(1),
            Ok(Taken::Booked { entries, note }) => {
                statement.entries.extend(entries);
                import.problems.extend(note);
            }
            Err(error) => import.problems.push(error),
        },
        _ => {}
    }
    statement.entries.len() + import.problems.len() - before
}

fn balance(node: &Node) -> Result<Money, StatementError> {
    let money = money_of(node, None)?;
    if credit(node)? { Ok(money) } else { Ok(Money::new(-money.minor, money.currency)) }
}

/// IBAN or other number in an account's `Id`.
fn account_of(node: &Node) -> Option<String> {
    node.text_at(&["Id", "IBAN"]).or_else(|| node.text_at(&["Id", "Othr", "Id"])).and_then(account)
}

/// The amount of an element's `Amt`, in the currency that is asked for, if any is.
fn money_of(node: &Node, expected: Option<Currency>) -> Result<Money, StatementError> {
    let wrong = |code| StatementError::of(code, node.line, format!("{}/Amt", node.name));
    let element = node.at(&["Amt"]).ok_or_else(|| wrong(StatementCode::AmountMissing))?;
    let code = element.currency.as_deref().ok_or_else(|| wrong(StatementCode::CurrencyMissing))?;
    let currency: Currency = code.parse().map_err(|_| wrong(StatementCode::BadCurrency))?;
    if expected.is_some_and(|e| e != currency) {
        return Err(wrong(StatementCode::CurrencyMismatch));
    }
    let minor = amount::plain(element.text.trim(), '.', currency).map_err(wrong)?;
    Ok(Money::new(minor, currency))
}

/// Whether `CdtDbtInd` says credit.
fn credit(node: &Node) -> Result<bool, StatementError> {
    match node.text_at(&["CdtDbtInd"]) {
        Some("CRDT") => Ok(true),
        Some("DBIT") => Ok(false),
        _ => Err(StatementError::of(StatementCode::BadDirection, node.line, format!("{}/CdtDbtInd", node.name))),
    }
}
