//! The sandbox's book in the database: its own tables, to which nothing of Paydeck's refers.

use crate::Entropy;
use async_trait::async_trait;
use domain::{Currency, Money, Timestamp};
use gateways::sandbox::{
    BookCharge, BookError, BookRefund, ChargeBy, ChargeChange, ChargeStatus, RefundOpening, RefundStatus, SandboxBook,
};
use std::sync::Arc;
use store::{
    Db, StoreError,
    sandbox::{self, ChargeMove, ChargeRow, RefundRow},
};

/// The book behind a [`gateways::sandbox::Sandbox`].
#[derive(Clone)]
pub struct StoreBook {
    db: Db,
    entropy: Arc<dyn Entropy>,
}

impl StoreBook {
    /// A book in this database.
    #[must_use]
    pub fn new(db: Db, entropy: Arc<dyn Entropy>) -> Self {
        Self { db, entropy }
    }
}

impl std::fmt::Debug for StoreBook {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("StoreBook")
    }
}

/// What a failed unit means to whoever asked the acquirer: a busy database did nothing, a broken one may have.
fn failed(error: StoreError) -> BookError {
    match error {
        error if error.is_retryable() => BookError::NothingDone(error.to_string()),
        StoreError::Nested | StoreError::Locked => BookError::NothingDone(error.to_string()),
        error => BookError::Doubtful(error.to_string()),
    }
}

fn corrupt(what: &str) -> BookError {
    BookError::Doubtful(format!("the sandbox's book holds an unreadable {what}"))
}

fn charge_row(charge: &BookCharge) -> ChargeRow {
    ChargeRow {
        id: charge.id.clone(),
        account: charge.account.clone(),
        idempotency_key: charge.idempotency_key.clone(),
        amount: charge.amount.minor,
        currency: charge.amount.currency.code().to_owned(),
        capture: charge.capture,
        captured: charge.captured,
        refunded: charge.refunded,
        fee: charge.fee,
        status: charge.status.as_str().to_owned(),
        decline_code: charge.decline.map(|code| code.as_str().to_owned()),
        scenario: charge.scenario.clone(),
        challenge_token: charge.challenge_token.clone(),
        settles_at: charge.settles_at.map(|at| at.0),
        created_at: charge.created_at.0,
    }
}

fn book_charge(row: ChargeRow) -> Result<BookCharge, BookError> {
    let currency: Currency = row.currency.parse().map_err(|_| corrupt("currency"))?;
    let decline = row.decline_code.map(|code| code.parse().map_err(|()| corrupt("decline code"))).transpose()?;
    Ok(BookCharge {
        id: row.id,
        account: row.account,
        idempotency_key: row.idempotency_key,
        amount: Money::new(row.amount, currency),
        capture: row.capture,
        captured: row.captured,
        refunded: row.refunded,
        fee: row.fee,
        status: ChargeStatus::parse(&row.status).ok_or_else(|| corrupt("status"))?,
        decline,
        scenario: row.scenario,
        challenge_token: row.challenge_token,
        settles_at: row.settles_at.map(Timestamp),
        created_at: Timestamp(row.created_at),
    })
}

fn refund_row(refund: &BookRefund) -> RefundRow {
    RefundRow {
        id: refund.id.clone(),
        charge_id: refund.charge_id.clone(),
        idempotency_key: refund.idempotency_key.clone(),
        amount: refund.amount.minor,
        currency: refund.amount.currency.code().to_owned(),
        status: refund.status.as_str().to_owned(),
        settles_at: refund.settles_at.map(|at| at.0),
        fails_at: refund.fails_at.map(|at| at.0),
        created_at: refund.created_at.0,
    }
}

fn book_refund(row: RefundRow) -> Result<BookRefund, BookError> {
    let currency: Currency = row.currency.parse().map_err(|_| corrupt("currency"))?;
    Ok(BookRefund {
        id: row.id,
        charge_id: row.charge_id,
        idempotency_key: row.idempotency_key,
        amount: Money::new(row.amount, currency),
        status: RefundStatus::parse(&row.status).ok_or_else(|| corrupt("status"))?,
        settles_at: row.settles_at.map(Timestamp),
        fails_at: row.fails_at.map(Timestamp),
        created_at: Timestamp(row.created_at),
    })
}

/// What opening a refund came to, inside its unit.
enum Opening {
    Written,
    Exists(RefundRow),
    TooMuch,
}

#[async_trait]
impl SandboxBook for StoreBook {
    fn random(&self) -> [u8; 32] {
        let mut random = [0u8; 32];
        self.entropy.fill(&mut random);
        random
    }

    async fn open_charge(&self, charge: &BookCharge) -> Result<Option<BookCharge>, BookError> {
        let row = charge_row(charge);
        let written = self
            .db
            .write(&row, |tx, row| Box::pin(async move { sandbox::insert_charge(tx, row).await }))
            .await
            .map_err(failed)?;
        if written {
            return Ok(None);
        }
        let existing = self.charge(ChargeBy::Key(&row.idempotency_key)).await?;
        existing.map(Some).ok_or_else(|| corrupt("key"))
    }

    async fn charge(&self, by: ChargeBy<'_>) -> Result<Option<BookCharge>, BookError> {
        let mut tx = self.db.read().await.map_err(failed)?;
        let row = match by {
            ChargeBy::Id(id) => sandbox::charge_by_id(&mut tx, id).await,
            ChargeBy::Key(key) => sandbox::charge_by_key(&mut tx, key).await,
            ChargeBy::Challenge(token) => sandbox::charge_by_challenge(&mut tx, token).await,
        };
        row.map_err(failed)?.map(book_charge).transpose()
    }

    async fn move_charge(&self, id: &str, from: ChargeStatus, change: &ChargeChange) -> Result<bool, BookError> {
        let to = ChargeMove {
            status: change.status.as_str(),
            captured: change.captured,
            fee: change.fee,
            decline_code: change.decline.map(domain::decline::DeclineCode::as_str),
            settles_at: change.settles_at.map(|at| at.0),
        };
        self.db
            .write(&(id, from, &to), |tx, &(id, from, to)| {
                Box::pin(async move { sandbox::move_charge(tx, id, from.as_str(), to).await })
            })
            .await
            .map_err(failed)
    }

    async fn charges_between(
        &self,
        account: &str,
        from: Timestamp,
        to: Timestamp,
        after: Option<(Timestamp, &str)>,
        limit: i64,
    ) -> Result<Vec<BookCharge>, BookError> {
        let mut tx = self.db.read().await.map_err(failed)?;
        let after = after.map(|(at, id)| (at.0, id));
        let rows = sandbox::charges(&mut tx, account, from.0, to.0, after, limit).await.map_err(failed)?;
        rows.into_iter().map(book_charge).collect()
    }

    async fn refunds_between(
        &self,
        account: &str,
        from: Timestamp,
        to: Timestamp,
        after: Option<(Timestamp, &str)>,
        limit: i64,
    ) -> Result<Vec<BookRefund>, BookError> {
        let mut tx = self.db.read().await.map_err(failed)?;
        let after = after.map(|(at, id)| (at.0, id));
        let rows = sandbox::refunds(&mut tx, account, from.0, to.0, after, limit).await.map_err(failed)?;
        rows.into_iter().map(book_refund).collect()
    }

    async fn open_refund(&self, refund: &BookRefund) -> Result<RefundOpening, BookError> {
        let row = refund_row(refund);
        let opening = self
            .db
            .write(&row, |tx, row| {
                Box::pin(async move {
                    let reserved = sandbox::reserve(tx, &row.charge_id, row.amount).await?;
                    if reserved && sandbox::insert_refund(tx, row).await? {
                        return Ok::<_, StoreError>(Opening::Written);
                    }
                    if reserved && !sandbox::release(tx, &row.charge_id, row.amount).await? {
                        return Err(StoreError::Corrupt("a reservation is gone".to_owned()));
                    }
                    let taken = sandbox::refund_by_key(tx, &row.idempotency_key).await?;
                    Ok(taken.map_or(Opening::TooMuch, Opening::Exists))
                })
            })
            .await
            .map_err(failed)?;
        match opening {
            Opening::Written => Ok(RefundOpening::Written),
            Opening::Exists(row) => book_refund(row).map(RefundOpening::Exists),
            Opening::TooMuch => Ok(RefundOpening::TooMuch),
        }
    }

    async fn refund(&self, id: Option<&str>, key: Option<&str>) -> Result<Option<BookRefund>, BookError> {
        let mut tx = self.db.read().await.map_err(failed)?;
        let row = match (id, key) {
            (Some(id), _) => sandbox::refund_by_id(&mut tx, id).await,
            (None, Some(key)) => sandbox::refund_by_key(&mut tx, key).await,
            (None, None) => Ok(None),
        };
        row.map_err(failed)?.map(book_refund).transpose()
    }

    async fn move_refund(&self, refund: &BookRefund, from: RefundStatus, to: RefundStatus) -> Result<bool, BookError> {
        self.db
            .write(&(refund, from, to), |tx, &(refund, from, to)| {
                Box::pin(async move {
                    let moved = sandbox::move_refund(tx, &refund.id, from.as_str(), to.as_str()).await?;
                    if moved && to == RefundStatus::Failed {
                        let released = sandbox::release(tx, &refund.charge_id, refund.amount.minor).await?;
                        if !released {
                            return Err(StoreError::Corrupt("a refund exceeds its charge".to_owned()));
                        }
                    }
                    Ok(moved)
                })
            })
            .await
            .map_err(failed)
    }
}
