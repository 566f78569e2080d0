//! The book of transfers: what the connector must be able to write and read.

use crate::bank_transfer::TransferInstructions;
use crate::bank_transfer::reference::RANDOM_BYTES;
use crate::sandbox::BookError;
use async_trait::async_trait;
use domain::{Money, Timestamp};

/// Where a transfer stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TransferState {
    /// Its money has not come, or not all of it.
    Waiting,
    /// A statement had the money.
    Paid,
    /// The customer wanted to pay another way, or its time is over.
    GivenUp,
}

impl TransferState {
    /// The name in the book.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Paid => "paid",
            Self::GivenUp => "given_up",
        }
    }

    /// Reads a name of the book.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Waiting, Self::Paid, Self::GivenUp].into_iter().find(|state| state.as_str() == text)
    }
}

/// A transfer of the book.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transfer {
    /// The reference without spaces: the connector's name for the charge.
    pub reference: String,
    /// What is to be paid.
    pub amount: Money,
    /// Where it stands.
    pub state: TransferState,
    /// When the customer was told.
    pub created_at: Timestamp,
}

/// A transfer to be.
#[derive(Debug, Clone, Copy)]
pub struct TransferOpening<'a> {
    /// The connection's id.
    pub account: &'a str,
    /// Our key for the charge.
    pub key: &'a str,
    /// What the customer is told.
    pub instructions: &'a TransferInstructions,
    /// Until when the customer should transfer.
    pub due_at: Timestamp,
    /// Now.
    pub at: Timestamp,
}

/// What a transfer is found by.
#[derive(Debug, Clone, Copy)]
pub enum TransferBy<'a> {
    /// Our key for the charge.
    Key(&'a str),
    /// The reference without spaces.
    Reference(&'a str),
}

/// Where transfers are written down. Every writing function is one unit: whole or not at all.
#[async_trait]
pub trait TransferBook: Send + Sync {
    /// Random bytes for a reference.
    fn random(&self) -> [u8; RANDOM_BYTES];

    /// Opens a transfer, or gives the one that has its key already. None: another transfer of the merchant's has the reference.
    async fn open(&self, new: TransferOpening<'_>) -> Result<Option<Transfer>, BookError>;

    /// Finds a transfer of a connection.
    async fn find(&self, account: &str, by: TransferBy<'_>) -> Result<Option<Transfer>, BookError>;

    /// Gives up a transfer for which no money has come; the answer is where it stands then.
    async fn give_up(&self, account: &str, reference: &str, at: Timestamp) -> Result<Option<Transfer>, BookError>;
}
