//! A book in memory.

use async_trait::async_trait;
use domain::Timestamp;
use gateways::sandbox::{
    BookCharge, BookError, BookRefund, ChargeBy, ChargeChange, ChargeStatus, RefundOpening, RefundStatus, SandboxBook,
};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

#[derive(Default)]
pub struct MemoryBook {
    pub charges: Mutex<Vec<BookCharge>>,
    pub refunds: Mutex<Vec<BookRefund>>,
    pub fails: Mutex<Option<BookError>>,
    drawn: AtomicU64,
}

impl MemoryBook {
    pub fn only(&self) -> BookCharge {
        let charges = self.charges.lock().unwrap();
        assert_eq!(charges.len(), 1);
        charges[0].clone()
    }

    fn fault(&self) -> Result<(), BookError> {
        self.fails.lock().unwrap().clone().map_or(Ok(()), Err)
    }
}

#[async_trait]
impl SandboxBook for MemoryBook {
    fn random(&self) -> [u8; 32] {
        let mut bytes = [0; 32];
        let n = self.drawn.fetch_add(1, Ordering::Relaxed).to_be_bytes();
        bytes[2..10].copy_from_slice(&n);
        bytes
    }

    async fn open_charge(&self, charge: &BookCharge) -> Result<Option<BookCharge>, BookError> {
        self.fault()?;
        let mut charges = self.charges.lock().unwrap();
        if let Some(known) = charges.iter().find(|c| c.idempotency_key == charge.idempotency_key) {
            return Ok(Some(known.clone()));
        }
        charges.push(charge.clone());
        Ok(None)
    }

    async fn charge(&self, by: ChargeBy<'_>) -> Result<Option<BookCharge>, BookError> {
        self.fault()?;
        let matches = |c: &&BookCharge| match by {
            ChargeBy::Id(id) => c.id == id,
            ChargeBy::Key(key) => c.idempotency_key == key,
            ChargeBy::Challenge(token) => c.challenge_token.as_deref() == Some(token),
        };
        Ok(self.charges.lock().unwrap().iter().find(matches).cloned())
    }

    async fn move_charge(&self, id: &str, from: ChargeStatus, change: &ChargeChange) -> Result<bool, BookError> {
        self.fault()?;
        let mut charges = self.charges.lock().unwrap();
        let Some(charge) = charges.iter_mut().find(|c| c.id == id && c.status == from) else { return Ok(false) };
        charge.status = change.status;
        charge.captured = change.captured;
        charge.fee = change.fee;
        charge.decline = change.decline;
        charge.settles_at = change.settles_at;
        Ok(true)
    }

    async fn charges_between(
        &self,
        account: &str,
        from: Timestamp,
        to: Timestamp,
        after: Option<(Timestamp, &str)>,
        limit: i64,
    ) -> Result<Vec<BookCharge>, BookError> {
        self.fault()?;
        let charges = self.charges.lock().unwrap();
        let mut found: Vec<_> = charges
            .iter()
            .filter(|c| c.account == account && c.created_at >= from && c.created_at < to)
            .filter(|c| after.is_none_or(|(at, id)| (c.created_at, c.id.as_str()) > (at, id)))
            .cloned()
            .collect();
        found.sort_by(|a, b| (a.created_at, &a.id).cmp(&(b.created_at, &b.id)));
        found.truncate(usize::try_from(limit).unwrap());
        Ok(found)
    }

    async fn refunds_between(
        &self,
        account: &str,
        from: Timestamp,
        to: Timestamp,
        after: Option<(Timestamp, &str)>,
        limit: i64,
    ) -> Result<Vec<BookRefund>, BookError> {
        self.fault()?;
        let charges = self.charges.lock().unwrap();
        let theirs = |id: &str| charges.iter().any(|c| c.id == id && c.account == account);
        let refunds = self.refunds.lock().unwrap();
        let mut found: Vec<_> = refunds
            .iter()
            .filter(|r| theirs(&r.charge_id) && r.created_at >= from && r.created_at < to)
            .filter(|r| after.is_none_or(|(at, id)| (r.created_at, r.id.as_str()) > (at, id)))
            .cloned()
            .collect();
        found.sort_by(|a, b| (a.created_at, &a.id).cmp(&(b.created_at, &b.id)));
        found.truncate(usize::try_from(limit).unwrap());
        Ok(found)
    }

    async fn open_refund(&self, refund: &BookRefund) -> Result<RefundOpening, BookError> {
        self.fault()?;
        let mut refunds = self.refunds.lock().unwrap();
        if let Some(known) = refunds.iter().find(|r| r.idempotency_key == refund.idempotency_key) {
            return Ok(RefundOpening::Exists(known.clone()));
        }
        let mut charges = self.charges.lock().unwrap();
        let charge = charges.iter_mut().find(|c| c.id == refund.charge_id).unwrap();
        if charge.refunded + refund.amount.minor > charge.captured {
            return Ok(RefundOpening::TooMuch);
        }
        charge.refunded += refund.amount.minor;
        refunds.push(refund.clone());
        Ok(RefundOpening::Written)
    }

    async fn refund(&self, id: Option<&str>, key: Option<&str>) -> Result<Option<BookRefund>, BookError> {
        self.fault()?;
        let refunds = self.refunds.lock().unwrap();
        Ok(refunds.iter().find(|r| id == Some(&r.id) || key == Some(&r.idempotency_key)).cloned())
    }

    async fn move_refund(&self, refund: &BookRefund, from: RefundStatus, to: RefundStatus) -> Result<bool, BookError> {
        self.fault()?;
        let mut refunds = self.refunds.lock().unwrap();
        let Some(row) = refunds.iter_mut().find(|r| r.id == refund.id && r.status == from) else { return Ok(false) };
        row.status = to;
        if to == RefundStatus::Failed {
            let mut charges = self.charges.lock().unwrap();
            charges.iter_mut().find(|c| c.id == row.charge_id).unwrap().refunded -= row.amount.minor;
        }
        Ok(true)
    }
}
