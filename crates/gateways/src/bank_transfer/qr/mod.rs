//! What a customer's banking app reads from a code: payloads as text. Drawing them is the page's task.

mod emv;
pub mod epc;
pub mod promptpay;
pub mod vietqr;

use serde::{Deserialize, Serialize};

/// The kind of a payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QrKind {
    /// SEPA credit transfer (EPC069-12), known as GiroCode. Draw it with error correction level M.
    Epc,
    /// Thai PromptPay.
    PromptPay,
    /// Vietnamese VietQR of NAPAS.
    VietQr,
}

/// A payload with its kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QrPayload {
    /// Its kind.
    pub kind: QrKind,
    /// Its text.
    pub text: String,
}

/// Why a payload can't be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum QrError {
    /// The kind of code has another currency.
    #[error("another currency than that of the code")]
    Currency,
    /// Less or more than the code can tell.
    #[error("an amount that the code can't tell")]
    Amount,
    /// No name, or one that is too long or holds line breaks.
    #[error("a name that the code can't hold")]
    Name,
    /// Not an account of the code's kind.
    #[error("not an account of the code's kind")]
    Account,
    /// Not a BIC.
    #[error("not a BIC")]
    Bic,
    /// A text that is too long or holds characters that the code has not.
    #[error("a text that the code can't hold")]
    Text,
    /// More bytes than the code may have.
    #[error("more bytes than the code may have")]
    TooLong,
}
