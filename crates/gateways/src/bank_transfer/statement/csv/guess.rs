//! Proposes a mapping for a table by its headings and its content. A person looks at it before it is saved.

use super::dates;
use super::mapping::{AmountColumns, Calendar, CsvMapping, CurrencySource, DateColumn, DateOrder, DecimalMark};
use super::rows;
use super::words::{self, Kind, Said};
use crate::bank_transfer::statement::{HEAD, StatementCode, StatementError, amount};
use crate::bank_transfer::text::{self, Encoding};
use domain::Currency;
use serde::{Deserialize, Serialize};

/// Rows that are looked at.
const ROWS: usize = 60;

/// Rows that are shown beside the proposal.
const SAMPLE: usize = 10;

/// Rows above the entries at most.
const MAX_HEADER: usize = 30;

/// A proposed mapping, and what a page shows beside it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Guess {
    /// The proposal.
    pub mapping: CsvMapping,
    /// The columns' headings; empty ones where the table has none.
    pub headings: Vec<String>,
    /// The first rows below the headings.
    pub sample: Vec<Vec<String>>,
    /// What the file does not tell for certain.
    pub unsure: Vec<Unsure>,
}

/// A part of a mapping that a person should look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unsure {
    /// No column of dates was found, or their order can't be told.
    Date,
    /// No column of amounts was found by its heading.
    Amount,
    /// No amount has decimals.
    Decimal,
    /// Neither a column nor a heading names the currency: euro is proposed.
    Currency,
    /// No column of references was found.
    Reference,
}

/// Proposes a mapping by a file's beginning.
///
/// # Errors
/// [`StatementCode::Empty`], or [`StatementCode::UnknownFormat`] for what is no table.
pub fn guess(first: &[u8]) -> Result<Guess, StatementError> {
    if first.iter().all(u8::is_ascii_whitespace) {
        return Err(StatementError::file(StatementCode::Empty));
    }
    let unknown = || StatementError::file(StatementCode::UnknownFormat);
    let (encoding, text) = decoded(first).ok_or_else(unknown)?;
    let delimiter = delimiter(&text).ok_or_else(unknown)?;
    Table::new(&text, delimiter).map(|table| table.propose(encoding)).ok_or_else(unknown)
}

/// The beginning as text in the encoding in which most headings are known; UTF-8 when it is that.
fn decoded(bytes: &[u8]) -> Option<(Encoding, String)> {
    let head = bytes.get(..HEAD).unwrap_or(bytes);
    // A letter may be cut at the end.
    let utf8 = (0..4).find_map(|less| text::decode(head.get(..head.len().checked_sub(less)?)?, Encoding::Utf8));
    if let Some(text) = utf8 {
        return (!text.contains('\0')).then_some((Encoding::Utf8, text));
    }
    [Encoding::Windows1252, Encoding::Windows1250, Encoding::Windows874]
        .into_iter()
        .filter_map(|encoding| text::decode(head, encoding).map(|text| (encoding, text)))
        .filter(|(_, text)| !text.contains('\0'))
        // The first of those that know as many.
        .rev()
        .max_by_key(|(_, text)| delimiter(text).map_or(0, |d| known(&sample(text, d))))
}

/// The first rows.
fn sample(text: &str, delimiter: char) -> Vec<Vec<String>> {
    let Ok(delimiter) = u8::try_from(delimiter) else { return Vec::new() };
    let records = rows(text, delimiter).into_records().take(ROWS).filter_map(Result::ok);
    records.map(|record| record.iter().map(str::to_owned).collect()).collect()
}

/// The most headings that one row has.
fn known(rows: &[Vec<String>]) -> usize {
    rows.iter()
        .take(MAX_HEADER)
        .map(|row| row.iter().filter(|cell| words::said(cell).is_some()).count())
        .max()
        .unwrap_or(0)
}

/// What separates the columns: what gives most known headings, then most rows of one width.
pub(super) fn delimiter(text: &str) -> Option<char> {
    [';', ',', '\t', '|']
        .into_iter()
        .filter_map(|delimiter| {
            let rows = sample(text, delimiter);
            let width = usual_width(&rows)?;
            let alike = rows.iter().filter(|row| row.len() == width).count();
            (width > 1 && alike > 1).then_some(((known(&rows), alike, width), delimiter))
        })
        .max_by_key(|(score, _)| *score)
        .map(|(_, delimiter)| delimiter)
}

/// The width that most rows have; of several, the widest.
fn usual_width(rows: &[Vec<String>]) -> Option<usize> {
    let count = |width: usize| rows.iter().filter(|row| row.len() == width).count();
    rows.iter().map(Vec::len).max_by_key(|width| (count(*width), *width))
}

struct Table {
    delimiter: char,
    header_rows: usize,
    headings: Vec<String>,
    said: Vec<Option<Said>>,
    rows: Vec<Vec<String>>,
}

impl Table {
    fn new(text: &str, delimiter: char) -> Option<Self> {
        let mut rows = sample(text, delimiter);
        let width = usual_width(&rows)?;
        let said = |row: &Vec<String>| row.iter().map(|cell| words::said(cell)).collect::<Vec<_>>();
        let heading = rows.iter().take(MAX_HEADER).position(|row| {
            let known: Vec<Kind> = said(row).into_iter().flatten().map(|s| s.kind).collect();
            known.len() > 1 && known.contains(&Kind::Date) && row.iter().all(|cell| !has_date(cell))
        });
        let first_entry = rows.iter().position(|row| row.iter().any(|cell| has_date(cell))).unwrap_or(1);
        let header_rows = heading.map_or(first_entry, |at| at + 1).min(rows.len());
        let below = rows.split_off(header_rows);
        let headings = heading.and_then(|_| rows.pop()).unwrap_or_else(|| vec![String::new(); width]);
        Some(Self { delimiter, header_rows, said: said(&headings), headings, rows: below })
    }

    /// The columns whose headings say a kind, those that say only that first.
    fn all_of(&self, kind: Kind) -> impl Iterator<Item = usize> {
        let saying = move |whole: bool| {
            (0..self.said.len()).filter(move |c| self.said.get(*c) == Some(&Some(Said { kind, whole })))
        };
        saying(true).chain(saying(false))
    }

    fn of(&self, kind: Kind) -> Option<usize> {
        self.all_of(kind).next()
    }

    fn cells(&self, column: usize) -> impl Iterator<Item = &str> {
        self.rows.iter().filter_map(move |row| row.get(column)).map(String::as_str).filter(|cell| !cell.is_empty())
    }

    /// The columns most of whose cells fit.
    fn columns_where(&self, fits: impl Fn(&str) -> bool) -> impl Iterator<Item = usize> {
        (0..self.headings.len()).filter(move |column| {
            let (all, good) = (self.cells(*column).count(), self.cells(*column).filter(|cell| fits(cell)).count());
            all > 0 && good * 10 >= all * 8
        })
    }

    fn propose(self, encoding: Encoding) -> Guess {
        let mut unsure = Vec::new();
        let date = self.date(&mut unsure);
        let amount = self.amount(date.column, &mut unsure);
        let decimal = self.decimal(&amount, &mut unsure);
        let currency = self.currency(&mut unsure);
        let mut reference: Vec<usize> = self.all_of(Kind::Reference).collect();
        reference.sort_unstable();
        if reference.is_empty() {
            unsure.push(Unsure::Reference);
        }
        let mapping = CsvMapping {
            delimiter: self.delimiter,
            encoding,
            header_rows: u32::try_from(self.header_rows).unwrap_or(0),
            date,
            amount,
            decimal,
            currency,
            reference,
            payer: self.of(Kind::Payer),
            payer_account: self.of(Kind::PayerAccount),
            bank_ref: self.of(Kind::BankRef),
            end_to_end_id: self.of(Kind::EndToEnd),
        };
        let sample = self.rows.into_iter().take(SAMPLE).collect();
        Guess { mapping, headings: self.headings, sample, unsure }
    }

    fn date(&self, unsure: &mut Vec<Unsure>) -> DateColumn {
        let column = self.of(Kind::Date).or_else(|| self.columns_where(has_date).next());
        let Some(column) = column else {
            unsure.push(Unsure::Date);
            return DateColumn { column: 0, order: DateOrder::YearMonthDay, calendar: Calendar::Gregorian };
        };
        let fitting = |(order, calendar): (DateOrder, Calendar)| {
            self.cells(column).filter(|cell| dates::parse(cell, order, calendar).is_some()).count()
        };
        let best = WAYS.iter().copied().rev().max_by_key(|way| fitting(*way)).unwrap_or(WAYS[0]);
        // The twelfth of a month may be a month: both orders are in use, except with points.
        let other = (DateOrder::MonthDayYear, Calendar::Gregorian);
        let points = self.cells(column).any(|cell| cell.contains('.'));
        let ambiguous = !points && best.0 == DateOrder::DayMonthYear && fitting(other) == fitting(best);
        if fitting(best) == 0 || ambiguous {
            unsure.push(Unsure::Date);
        }
        DateColumn { column, order: best.0, calendar: best.1 }
    }

    fn amount(&self, date: usize, unsure: &mut Vec<Unsure>) -> AmountColumns {
        if let (Some(credit), Some(debit)) = (self.of(Kind::Credit), self.of(Kind::Debit)) {
            return AmountColumns::Separate { credit, debit };
        }
        // Banks have columns of other amounts, which are empty for most entries.
        let numbers: Vec<usize> = self.columns_where(is_number).collect();
        let filled = self.all_of(Kind::Amount).find(|c| numbers.contains(c));
        let by_heading = filled.or_else(|| self.of(Kind::Amount)).or_else(|| self.of(Kind::Credit));
        let mut by_content = self.columns_where(is_amount);
        let column = by_heading.or_else(|| {
            unsure.push(Unsure::Amount);
            by_content.find(|c| *c != date && !matches!(self.said.get(*c), Some(Some(_))))
        });
        let column = column.unwrap_or_default();
        let marked = self.of(Kind::Mark).into_iter().chain(0..self.headings.len()).find_map(|mark| {
            let words = words::MARKS.iter().find(|(credit, debit)| {
                let mut cells = self.cells(mark).map(text::fold).peekable();
                cells.peek().is_some() && cells.all(|cell| cell == *credit || cell == *debit)
            });
            words.map(|(credit, debit)| (mark, (*credit).to_owned(), (*debit).to_owned()))
        });
        match marked.filter(|(mark, ..)| *mark != column) {
            Some((mark, credit, debit)) => AmountColumns::Marked { column, mark, credit, debit },
            None => AmountColumns::Signed { column },
        }
    }

    fn decimal(&self, amount: &AmountColumns, unsure: &mut Vec<Unsure>) -> DecimalMark {
        let columns = match amount {
            AmountColumns::Signed { column } | AmountColumns::Marked { column, .. } => [*column, *column],
            AmountColumns::Separate { credit, debit } => [*credit, *debit],
        };
        let told: Vec<DecimalMark> =
            columns.into_iter().flat_map(|column| self.cells(column)).filter_map(decimal_of).collect();
        let points = told.iter().filter(|mark| **mark == DecimalMark::Point).count();
        let commas = told.len() - points;
        if points == commas || (points > 0 && commas > 0) {
            unsure.push(Unsure::Decimal);
        }
        if points > commas || (points == commas && self.delimiter != ';') {
            DecimalMark::Point
        } else {
            DecimalMark::Comma
        }
    }

    fn currency(&self, unsure: &mut Vec<Unsure>) -> CurrencySource {
        let is_code = |cell: &str| cell.len() == 3 && cell.parse::<Currency>().is_ok();
        let columns: Vec<usize> = self.columns_where(is_code).collect();
        let named = self.all_of(Kind::Currency).find(|c| columns.contains(c));
        if let Some(column) = named.or(columns.first().copied()) {
            return CurrencySource::Column { column };
        }
        // `Amount (EUR)`, `Belopp SEK`, `Betrag (€)`
        let headings: Vec<String> = self.headings.iter().map(|h| h.replace('€', "EUR").replace('£', "GBP")).collect();
        let words = headings.iter().flat_map(|h| h.split(|c: char| !c.is_ascii_uppercase()));
        let currency = words.filter(|word| word.len() == 3).find_map(|word| word.parse().ok()).unwrap_or_else(|| {
            unsure.push(Unsure::Currency);
            Currency::EUR
        });
        CurrencySource::Fixed { currency }
    }
}

/// The ways in which dates are written, the likelier first.
const WAYS: [(DateOrder, Calendar); 6] = [
    (DateOrder::YearMonthDay, Calendar::Gregorian),
    (DateOrder::DayMonthYear, Calendar::Gregorian),
    (DateOrder::MonthDayYear, Calendar::Gregorian),
    (DateOrder::DayMonthYear, Calendar::Buddhist),
    (DateOrder::YearMonthDay, Calendar::Persian),
    (DateOrder::YearMonthDay, Calendar::Buddhist),
];

/// Whether a cell is a date with separators: eight digits may as well be a number.
fn has_date(cell: &str) -> bool {
    let separated = cell.chars().any(|c| matches!(c, '.' | '/' | '-'));
    separated && WAYS.iter().any(|(order, calendar)| dates::parse(cell, *order, *calendar).is_some())
}

/// Whether a cell is an amount, with decimals or without.
fn is_number(cell: &str) -> bool {
    ['.', ','].iter().any(|separator| amount::typed(cell, *separator, Currency::EUR).is_ok())
}

/// Whether a cell is an amount with decimals.
fn is_amount(cell: &str) -> bool {
    decimal_of(cell).is_some_and(|mark| amount::typed(cell, mark.char(), Currency::EUR).is_ok())
}

/// The decimal separator of an amount that can only be read in one way.
fn decimal_of(cell: &str) -> Option<DecimalMark> {
    let ascii = text::digits(cell).replace('٫', ".");
    let number: String = ascii.chars().filter(|c| c.is_ascii_digit() || matches!(c, '.' | ',')).collect();
    let at = number.rfind(['.', ','])?;
    let (comma, decimals) = (number.get(at..=at)? == ",", number.len() - at - 1);
    let repeated = number.matches(['.', ',']).count() > 1 && number.matches(number.get(at..=at)?).count() > 1;
    // Three digits behind the last separator are thousands, which says that the other one is the decimal one.
    let this_one = (1..=2).contains(&decimals);
    match (this_one && !repeated, comma) {
        (true, true) => Some(DecimalMark::Comma),
        (true, false) => Some(DecimalMark::Point),
        (false, true) if decimals == 3 && repeated => Some(DecimalMark::Point),
        (false, false) if decimals == 3 && repeated => Some(DecimalMark::Comma),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_told_by_amounts_that_read_one_way_only() {
        for (cell, mark) in [
            ("1.234,56", Some(DecimalMark::Comma)),
            ("12,5 EUR", Some(DecimalMark::Comma)),
            ("1,234.56", Some(DecimalMark::Point)),
            ("1.234", None),
            ("1,234", None),
            ("1.234.567", Some(DecimalMark::Comma)),
            ("1,234,567", Some(DecimalMark::Point)),
            ("12", None),
            ("", None),
            ("۱۲٫۵۰", Some(DecimalMark::Point)),
        ] {
            assert_eq!(decimal_of(cell), mark, "{cell}");
        }
    }
}
