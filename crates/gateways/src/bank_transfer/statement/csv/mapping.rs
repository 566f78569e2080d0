//! Which column of a bank's table holds what. Saved once for an account, and used for every file of it.

use crate::bank_transfer::text::Encoding;
use domain::Currency;
use serde::{Deserialize, Serialize};

/// The columns of a table, counted from 0, and how they are written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CsvMapping {
    /// What separates the columns: an ASCII character.
    pub delimiter: char,
    /// The letters' encoding.
    pub encoding: Encoding,
    /// Rows before the first entry: headings, and what some banks write above them. Empty lines are not counted.
    pub header_rows: u32,
    /// The booking date.
    pub date: DateColumn,
    /// The amount.
    pub amount: AmountColumns,
    /// What separates the decimals.
    pub decimal: DecimalMark,
    /// The currency.
    pub currency: CurrencySource,
    /// What the payer wrote; several columns are put together in this order.
    pub reference: Vec<usize>,
    /// The payer's name.
    pub payer: Option<usize>,
    /// The payer's account.
    pub payer_account: Option<usize>,
    /// The bank's own reference.
    pub bank_ref: Option<usize>,
    /// The payer's end-to-end id.
    pub end_to_end_id: Option<usize>,
}

/// The column of the date and how it is written. A time behind the date is not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct DateColumn {
    /// The column.
    pub column: usize,
    /// The order of its parts.
    pub order: DateOrder,
    /// The calendar it counts by.
    pub calendar: Calendar,
}

/// The order of a date's parts, with points, slashes or hyphens between them or nothing. A year at the end may have two digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DateOrder {
    /// `2026-11-22` or `20261122`.
    YearMonthDay,
    /// `22.11.2026` or `22112026`.
    DayMonthYear,
    /// `11/22/2026` or `11222026`.
    MonthDayYear,
}

/// The calendar that a bank counts by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Calendar {
    /// Gregorian.
    Gregorian,
    /// Thai solar: Gregorian months, years counted 543 more.
    Buddhist,
    /// Solar Hijri, as in Iran.
    Persian,
}

/// Where the amount stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum AmountColumns {
    /// One column with signs.
    Signed {
        /// The column.
        column: usize,
    },
    /// A column for money that came in and one for money that went out.
    Separate {
        /// Money in.
        credit: usize,
        /// Money out; a sign before it changes nothing.
        debit: usize,
    },
    /// A column without signs, and one with a word for the direction.
    Marked {
        /// The column of the amount.
        column: usize,
        /// The column of the word.
        mark: usize,
        /// The word for money that came in, whatever its case.
        credit: String,
        /// The word for money that went out.
        debit: String,
    },
}

/// What separates the decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DecimalMark {
    /// `12.50`.
    Point,
    /// `12,50`.
    Comma,
}

impl DecimalMark {
    /// The character.
    #[must_use]
    pub const fn char(self) -> char {
        match self {
            Self::Point => '.',
            Self::Comma => ',',
        }
    }
}

/// Where the currency is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum CurrencySource {
    /// In a column.
    Column {
        /// The column.
        column: usize,
    },
    /// The same for all rows.
    Fixed {
        /// The currency.
        currency: Currency,
    },
}
