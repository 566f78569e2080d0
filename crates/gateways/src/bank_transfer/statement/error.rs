//! What can be wrong with a statement: codes for the catalogue, and where in the file.

use serde::{Deserialize, Serialize};

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $code:literal;)*) => {
        /// What is wrong. The catalogue has a sentence for each code under `problem.<code>`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum StatementCode { $($(#[$doc])* #[serde(rename = $code)] $name,)* }

        impl StatementCode {
            /// Every code.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The code as text.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }
        }
    };
}

codes! {
    /// The file has no content.
    Empty = "statement_empty";
    /// The file, or one entry of it, is larger than what is read.
    TooLarge = "statement_too_large";
    /// Neither CAMT.053 nor MT940 nor a table.
    UnknownFormat = "statement_unknown_format";
    /// The letters can't be read with the encoding that is told.
    BadEncoding = "statement_bad_encoding";
    /// A table needs a mapping of its columns.
    MappingNeeded = "statement_mapping_needed";
    /// The mapping can't be used.
    BadMapping = "statement_bad_mapping";
    /// Not well-formed XML.
    BadXml = "statement_bad_xml";
    /// The XML declares a document type, which may hide entities.
    DoctypeRefused = "statement_doctype";
    /// Elements within elements, deeper than any statement has them.
    TooDeep = "statement_too_deep";
    /// The file ends in the middle.
    Truncated = "statement_truncated";
    /// A file of this kind, but without a statement.
    NotAStatement = "statement_none";
    /// The same statement stands twice in the file; it was taken once.
    Repeated = "statement_repeated";
    /// What was booked does not lead from the opening to the closing balance: something is missing.
    BalanceMismatch = "statement_balance_mismatch";
    /// A balance can't be read.
    BadBalance = "statement_bad_balance";
    /// A batch's parts don't add up to it; it was taken as one entry.
    BatchNotSplit = "statement_batch_not_split";
    /// The entry's line can't be read.
    BadLine = "statement_bad_line";
    /// The row has fewer columns than the mapping names.
    ColumnMissing = "statement_column_missing";
    /// No date.
    DateMissing = "statement_date_missing";
    /// Not a date.
    BadDate = "bad_date";
    /// No amount.
    AmountMissing = "statement_amount_missing";
    /// Not an amount.
    BadAmount = "bad_amount";
    /// More decimals than the currency has.
    TooManyDecimals = "too_many_decimals";
    /// An amount that no account can have.
    AmountTooLarge = "statement_amount_too_large";
    /// Both money in and money out in one row.
    AmountAmbiguous = "statement_amount_ambiguous";
    /// No currency.
    CurrencyMissing = "statement_currency_missing";
    /// Not a currency.
    BadCurrency = "bad_currency";
    /// Another currency than that of the account.
    CurrencyMismatch = "statement_currency_mismatch";
    /// Neither credit nor debit.
    BadDirection = "statement_bad_direction";
    /// Neither booked nor pending.
    BadStatus = "statement_bad_status";
}

/// Something wrong in a file: with all of it, or with one entry, which was then not taken unless its code says otherwise.
/// Nothing of the file's content is in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{} in line {}", code.as_str(), line.unwrap_or(0))]
pub struct StatementError {
    /// What is wrong.
    pub code: StatementCode,
    /// The line of the file, from 1, where it can be told.
    pub line: Option<u32>,
    /// The column of a table (from 1), the tag of a message or the element, where it can be told.
    pub field: Option<String>,
}

impl StatementError {
    /// Wrong with the whole file.
    #[must_use]
    pub const fn file(code: StatementCode) -> Self {
        Self { code, line: None, field: None }
    }

    /// Wrong in a line.
    #[must_use]
    pub const fn at(code: StatementCode, line: u32) -> Self {
        Self { code, line: Some(line), field: None }
    }

    /// Wrong in a field of a line.
    #[must_use]
    pub fn of(code: StatementCode, line: u32, field: impl Into<String>) -> Self {
        Self { code, line: Some(line), field: Some(field.into()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_snake_case_and_told_apart() {
        let codes: std::collections::BTreeSet<&str> = StatementCode::ALL.iter().map(|c| c.as_str()).collect();
        assert_eq!(codes.len(), StatementCode::ALL.len());
        assert!(codes.iter().all(|c| c.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')));
    }
}
