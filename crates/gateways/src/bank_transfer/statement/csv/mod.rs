//! Tables of delimited values, read by a saved mapping of their columns. Quotes are those of RFC 4180
//! (<https://www.rfc-editor.org/rfc/rfc4180>).

mod dates;
mod guess;
mod mapping;
mod words;

pub use guess::{Guess, Unsure, guess};
pub use mapping::{AmountColumns, Calendar, CsvMapping, CurrencySource, DateColumn, DateOrder, DecimalMark};

use super::{
    Direction, Format, Import, MAX_ENTRIES, Statement, StatementCode, StatementEntry, StatementError, account, amount,
    told,
};
use crate::bank_transfer::text;
use ::csv::{ReaderBuilder, StringRecord, Trim};
use domain::{Currency, Money};

/// Whether a file's beginning looks like a table: at least two rows of the same number of columns, and more than one column.
pub(super) fn looks_like(head: &str) -> bool {
    guess::delimiter(head).is_some()
}

/// A reader of rows, which takes them with however many columns they have.
fn rows(text: &str, delimiter: u8) -> ::csv::Reader<&[u8]> {
    ReaderBuilder::new()
        .delimiter(delimiter)
        .has_headers(false)
        .flexible(true)
        .trim(Trim::All)
        .from_reader(text.as_bytes())
}

/// Reads a table. Rows without any content are skipped; every other row is an entry or a problem.
pub(super) fn read(bytes: &[u8], mapping: &CsvMapping) -> Result<Import, StatementError> {
    let delimiter = u8::try_from(mapping.delimiter)
        .ok()
        .filter(|d| d.is_ascii() && !matches!(d, b'"' | b'\r' | b'\n') && !d.is_ascii_alphanumeric())
        .ok_or(StatementError::file(StatementCode::BadMapping))?;
    let text = text::decode(bytes, mapping.encoding).ok_or(StatementError::file(StatementCode::BadEncoding))?;
    let mut import = Import { format: Format::Csv, statements: Vec::new(), problems: Vec::new(), pending: 0 };
    let mut entries = Vec::new();
    for record in rows(&text, delimiter).records().skip(usize::try_from(mapping.header_rows).unwrap_or(usize::MAX)) {
        let record = record.map_err(|_| StatementError::file(StatementCode::BadEncoding))?;
        if record.iter().all(str::is_empty) {
            continue;
        }
        let row = Row { record: &record, line: line_of(&record), mapping };
        match row.entry() {
            Ok(entry) => entries.push(entry),
            Err(error) => import.problems.push(error),
        }
        if entries.len() + import.problems.len() > MAX_ENTRIES {
            return Err(StatementError::at(StatementCode::TooLarge, line_of(&record)));
        }
    }
    let currency = match mapping.currency {
        CurrencySource::Fixed { currency } => Some(currency),
        CurrencySource::Column { .. } => None,
    };
    import.statements.push(Statement { account: None, currency, opening: None, closing: None, entries });
    Ok(import)
}

fn line_of(record: &StringRecord) -> u32 {
    record.position().map_or(0, |p| u32::try_from(p.line()).unwrap_or(u32::MAX))
}

struct Row<'a> {
    record: &'a StringRecord,
    line: u32,
    mapping: &'a CsvMapping,
}

impl Row<'_> {
    fn entry(&self) -> Result<StatementEntry, StatementError> {
        let mapping = self.mapping;
        let date = self.filled(mapping.date.column, StatementCode::DateMissing)?;
        let booked_on = dates::parse(date, mapping.date.order, mapping.date.calendar)
            .ok_or_else(|| self.wrong(StatementCode::BadDate, mapping.date.column))?;
        let currency = self.currency()?;
        let minor = self.minor(currency)?;
        let mut written = Vec::new();
        for column in &mapping.reference {
            written.push(self.cell(*column)?);
        }
        Ok(StatementEntry {
            fingerprint: String::new(),
            line: self.line,
            bank_ref: self.optional(mapping.bank_ref)?.and_then(told),
            booked_on,
            direction: if minor < 0 { Direction::Debit } else { Direction::Credit },
            amount: Money::new(minor.abs(), currency),
            reversal: false,
            payer_name: self.optional(mapping.payer)?.and_then(text::some_tidy),
            payer_account: self.optional(mapping.payer_account)?.and_then(account),
            remittance: text::tidy(&written.join(" ")),
            structured_reference: None,
            end_to_end_id: self.optional(mapping.end_to_end_id)?.and_then(told),
        })
    }

    fn wrong(&self, code: StatementCode, column: usize) -> StatementError {
        StatementError::of(code, self.line, column.saturating_add(1).to_string())
    }

    fn cell(&self, column: usize) -> Result<&str, StatementError> {
        self.record.get(column).ok_or_else(|| self.wrong(StatementCode::ColumnMissing, column))
    }

    fn filled(&self, column: usize, missing: StatementCode) -> Result<&str, StatementError> {
        let text = self.cell(column)?;
        if text.is_empty() { Err(self.wrong(missing, column)) } else { Ok(text) }
    }

    fn optional(&self, column: Option<usize>) -> Result<Option<&str>, StatementError> {
        column.map(|column| self.cell(column)).transpose()
    }

    fn currency(&self) -> Result<Currency, StatementError> {
        match self.mapping.currency {
            CurrencySource::Fixed { currency } => Ok(currency),
            CurrencySource::Column { column } => {
                let code = self.filled(column, StatementCode::CurrencyMissing)?;
                code.parse().map_err(|_| self.wrong(StatementCode::BadCurrency, column))
            }
        }
    }

    fn amount(&self, column: usize, text: &str, currency: Currency) -> Result<i64, StatementError> {
        amount::typed(text, self.mapping.decimal.char(), currency).map_err(|code| self.wrong(code, column))
    }

    /// Minor units, negative for money that went out.
    fn minor(&self, currency: Currency) -> Result<i64, StatementError> {
        match &self.mapping.amount {
            AmountColumns::Signed { column } => {
                self.amount(*column, self.filled(*column, StatementCode::AmountMissing)?, currency)
            }
            AmountColumns::Separate { credit, debit } => self.separate(*credit, *debit, currency),
            AmountColumns::Marked { column, mark, credit, debit } => {
                let minor = self.amount(*column, self.filled(*column, StatementCode::AmountMissing)?, currency)?;
                let word = text::fold(self.cell(*mark)?);
                if word == text::fold(credit) {
                    Ok(minor)
                } else if word == text::fold(debit) {
                    Ok(-minor.abs())
                } else {
                    Err(self.wrong(StatementCode::BadDirection, *mark))
                }
            }
        }
    }

    fn separate(&self, credit: usize, debit: usize, currency: Currency) -> Result<i64, StatementError> {
        let read = |column: usize| match self.cell(column)? {
            "" => Ok(None),
            text => self.amount(column, text, currency).map(Some),
        };
        match (read(credit)?, read(debit)?) {
            (None, None) => Err(self.wrong(StatementCode::AmountMissing, credit)),
            // Money that came in and is less than nothing: nobody can tell which way it went.
            (Some(minor), _) if minor < 0 => Err(self.wrong(StatementCode::BadDirection, credit)),
            (Some(minor), None | Some(0)) => Ok(minor),
            (None | Some(0), Some(minor)) => Ok(-minor.abs()),
            (Some(_), Some(_)) => Err(self.wrong(StatementCode::AmountAmbiguous, debit)),
        }
    }
}
