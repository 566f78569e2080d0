//! The connector's book, in the database.

use crate::Entropy;
use async_trait::async_trait;
use domain::{Currency, Money, Timestamp};
use gateways::bank_transfer::connector::{Transfer, TransferBook, TransferBy, TransferOpening, TransferState};
use gateways::bank_transfer::reference::RANDOM_BYTES;
use gateways::sandbox::BookError;
use std::sync::Arc;
use store::{
    Db, StoreError,
    bank_transfers::{self, BookRow, NewTransfer},
};

/// The book behind a [`gateways::bank_transfer::BankTransfer`].
#[derive(Clone)]
pub struct TransferLedger {
    db: Db,
    entropy: Arc<dyn Entropy>,
}

impl TransferLedger {
    /// A book in this database.
    #[must_use]
    pub fn new(db: Db, entropy: Arc<dyn Entropy>) -> Self {
        Self { db, entropy }
    }
}

impl std::fmt::Debug for TransferLedger {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TransferLedger")
    }
}

/// A busy database did nothing, a broken one may have.
fn failed(error: StoreError) -> BookError {
    match error {
        error if error.is_retryable() => BookError::NothingDone(error.to_string()),
        error => BookError::Doubtful(error.to_string()),
    }
}

fn transfer(row: BookRow) -> Result<Transfer, BookError> {
    let corrupt = |what: &str| BookError::Doubtful(format!("the book of transfers holds an unreadable {what}"));
    let currency: Currency = row.currency.parse().map_err(|_| corrupt("currency"))?;
    Ok(Transfer {
        reference: row.reference,
        amount: Money::new(row.amount, currency),
        state: TransferState::parse(&row.status).ok_or_else(|| corrupt("status"))?,
        created_at: Timestamp(row.created_at),
    })
}

#[async_trait]
impl TransferBook for TransferLedger {
    fn random(&self) -> [u8; RANDOM_BYTES] {
        let mut random = [0u8; RANDOM_BYTES];
        self.entropy.fill(&mut random);
        random
    }

    async fn open(&self, new: TransferOpening<'_>) -> Result<Option<Transfer>, BookError> {
        let told = serde_json::to_string(new.instructions).map_err(|e| BookError::NothingDone(e.to_string()))?;
        let reference = new.instructions.reference.plain();
        let row = NewTransfer {
            connection: new.account,
            key: new.key,
            reference: &reference,
            instructions: &told,
            due_at: new.due_at,
            at: new.at,
        };
        let written: Result<bool, StoreError> =
            self.db.write(&row, |tx, row| Box::pin(async move { bank_transfers::open(tx, *row).await })).await;
        written.map_err(failed)?;
        self.find(new.account, TransferBy::Key(new.key)).await
    }

    async fn find(&self, account: &str, by: TransferBy<'_>) -> Result<Option<Transfer>, BookError> {
        let mut tx = self.db.read().await.map_err(failed)?;
        let row = match by {
            TransferBy::Key(key) => bank_transfers::by_key(&mut tx, account, key).await,
            TransferBy::Reference(reference) => bank_transfers::by_reference(&mut tx, account, reference).await,
        };
        row.map_err(failed)?.map(transfer).transpose()
    }

    async fn give_up(&self, account: &str, reference: &str, at: Timestamp) -> Result<Option<Transfer>, BookError> {
        let done: Result<bool, StoreError> = self
            .db
            .write(&(account, reference, at), |tx, &(account, reference, at)| {
                Box::pin(async move { bank_transfers::give_up(tx, account, reference, at).await })
            })
            .await;
        done.map_err(failed)?;
        self.find(account, TransferBy::Reference(reference)).await
    }
}
