//! Field 61, the statement line: `6!n[4!n]2a[1!a]15d1!a3!c16x[//16x]` and supplementary details in a line of their own.

use crate::bank_transfer::statement::StatementCode;
use domain::Timestamp;
use domain::validate::date::{self, Date};

/// What field 61 tells.
pub(super) struct Line {
    pub(super) booked_on: Date,
    pub(super) credit: bool,
    pub(super) reversal: bool,
    /// Digits with a comma.
    pub(super) amount: String,
    pub(super) customer_ref: Option<String>,
    pub(super) bank_ref: Option<String>,
    pub(super) supplementary: String,
}

impl Line {
    /// Reads the field's lines.
    pub(super) fn read(lines: &[String]) -> Result<Self, StatementCode> {
        let bad = StatementCode::BadLine;
        let text = lines.first().map(|t| t.trim()).unwrap_or_default();
        let (day, rest) = text.split_at_checked(6).ok_or(bad)?;
        let value_on = date(day).ok_or(StatementCode::BadDate)?;
        let (booked_on, rest) = match rest.split_at_checked(4) {
            Some((entry, rest)) if entry.bytes().all(|b| b.is_ascii_digit()) => {
                (entry_date(entry, value_on).ok_or(StatementCode::BadDate)?, rest)
            }
            _ => (value_on, rest),
        };
        let (credit, reversal, rest) = mark(rest).ok_or(StatementCode::BadDirection)?;
        // The third letter of the currency, which some banks write.
        let rest = rest.strip_prefix(|c: char| c.is_ascii_alphabetic()).unwrap_or(rest);
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != ',').unwrap_or(rest.len());
        let (amount, rest) = rest.split_at_checked(end).ok_or(bad)?;
        // The comma is mandatory: without it nobody can tell where the minor units begin.
        if !amount.contains(',') {
            return Err(StatementCode::BadAmount);
        }
        let (kind, references) = rest.split_at_checked(4).ok_or(bad)?;
        if !kind.bytes().all(|b| b.is_ascii_alphanumeric()) {
            return Err(bad);
        }
        let (customer, bank) =
            references.split_once("//").map_or((references, None), |(customer, bank)| (customer, Some(bank)));
        let filled = |text: &str| Some(text.trim().to_owned()).filter(|t| !t.is_empty());
        Ok(Self {
            booked_on,
            credit,
            reversal,
            amount: amount.to_owned(),
            customer_ref: filled(customer),
            bank_ref: bank.and_then(filled),
            supplementary: lines.get(1..).unwrap_or_default().join(" "),
        })
    }
}

/// Credit or debit, and whether it is a reversal: `RC` takes a credit back, and so is a debit.
fn mark(text: &str) -> Option<(bool, bool, &str)> {
    [("RC", false, true), ("RD", true, true), ("C", true, false), ("D", false, false)]
        .into_iter()
        .find_map(|(mark, credit, reversal)| text.strip_prefix(mark).map(|rest| (credit, reversal, rest)))
}

/// `YYMMDD`. Two digits from 80 on are the last century, as SWIFT reads them.
pub(super) fn date(text: &str) -> Option<Date> {
    let (year, rest) = text.split_at_checked(2)?;
    let (month, day) = rest.split_at_checked(2)?;
    let century = if year >= "80" { "19" } else { "20" };
    date::parse(&format!("{century}{year}-{month}-{day}")).filter(|_| text.is_ascii())
}

/// `MMDD` in the year that brings it nearest to the value date: around New Year they differ.
fn entry_date(text: &str, value_on: Date) -> Option<Date> {
    let (month, day) = text.split_at_checked(2)?;
    let days = |(y, m, d): Date| Timestamp::from_date(y, m, d).map(Timestamp::utc_day);
    let near = days(value_on)?;
    (value_on.0 - 1..=value_on.0 + 1)
        .filter_map(|year| date::parse(&format!("{year:04}-{month}-{day}")))
        .filter_map(|date| days(date).map(|d| ((d - near).abs(), date)))
        .min()
        .map(|(_, date)| date)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Line, StatementCode> {
        Line::read(&[text.to_owned(), "more".into()])
    }

    #[test]
    fn statement_lines() {
        let line = read("2611221123RCR1234,5NTRFNONREF//B4E08MS9D00A0009").ok().unwrap();
        assert_eq!((line.booked_on, line.credit, line.reversal), ((2026, 11, 23), false, true));
        assert_eq!((line.amount.as_str(), line.supplementary.as_str()), ("1234,5", "more"));
        assert_eq!(line.customer_ref.as_deref(), Some("NONREF"));
        assert_eq!(line.bank_ref.as_deref(), Some("B4E08MS9D00A0009"));
        let line = read("261122C12,NMSC").ok().unwrap();
        assert_eq!((line.booked_on, line.credit, line.bank_ref, line.customer_ref), ((2026, 11, 22), true, None, None));
        assert!(read("261122RD1,00NTRFX").ok().unwrap().credit);
        for (text, code) in [
            ("", StatementCode::BadLine),
            ("261131C1,00NTRF", StatementCode::BadDate),
            ("2611221332C1,00NTRF", StatementCode::BadDate),
            ("261122X1,00NTRF", StatementCode::BadDirection),
            ("261122C100NTRF", StatementCode::BadAmount),
            ("261122C1,00N", StatementCode::BadLine),
            ("2611é", StatementCode::BadDate),
        ] {
            assert_eq!(read(text).err(), Some(code), "{text}");
        }
    }

    #[test]
    fn the_entry_date_lies_near_the_value_date() {
        assert_eq!(entry_date("0102", (2026, 12, 31)), Some((2027, 1, 2)));
        assert_eq!(entry_date("1231", (2027, 1, 2)), Some((2026, 12, 31)));
        assert_eq!(entry_date("0229", (2028, 3, 1)), Some((2028, 2, 29)));
        assert_eq!(entry_date("0230", (2026, 3, 1)), None);
        assert_eq!((date("800101"), date("791231")), (Some((1980, 1, 1)), Some((2079, 12, 31))));
    }
}
