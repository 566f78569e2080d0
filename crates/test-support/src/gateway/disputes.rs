//! What the gateway does by itself: disputes that it tells of, and refunds that nobody asked for.

use super::{FakeGateway, FakeRefund};
use async_trait::async_trait;
use domain::{
    Money, Timestamp,
    dispute::{DisputeReason, DisputeStatus},
};
use gateways::{Call, DisputeReply, Disputes, GatewayFailure, RefundState};

/// A dispute of a charge in a state: nothing is taken, nothing is told of a fee, and it was opened at the beginning of time.
#[must_use]
pub fn dispute(name: &str, charge: &str, amount: Money, status: DisputeStatus) -> DisputeReply {
    DisputeReply {
        gateway_ref: name.to_owned(),
        charge_ref: charge.to_owned(),
        amount,
        taken: None,
        fee: None,
        reason: DisputeReason::Fraudulent,
        status,
        respond_by: None,
        opened_at: Timestamp(0),
        raw_code: Some("10.4".to_owned()),
    }
}

impl FakeGateway {
    /// A dispute is as this from now on.
    pub fn set_dispute(&self, dispute: DisputeReply) {
        self.state().disputes.insert(dispute.gateway_ref.clone(), dispute);
    }

    /// A refund that was made in its dashboard, under a name of its own and no key of ours.
    pub fn refund_there(&self, name: &str, charge: &str, amount: Money, state: &RefundState) {
        let (id, charge, state) = (name.to_owned(), charge.to_owned(), state.clone());
        let refund = FakeRefund { id, charge, amount, state, account: String::new(), made_at: Timestamp(0) };
        self.state().refunds.insert(format!("there/{name}"), refund);
    }
}

#[async_trait]
impl Disputes for FakeGateway {
    async fn find_dispute(&self, _call: &Call, gateway_ref: &str) -> Result<Option<DisputeReply>, GatewayFailure> {
        let found = {
            let mut state = self.state();
            state.lookups += 1;
            if state.deaf {
                return Err(GatewayFailure::unknown("no answer"));
            }
            state.disputes.get(gateway_ref).cloned()
        };
        // Between the answer and what becomes of it, others may have asked.
        tokio::task::yield_now().await;
        Ok(found)
    }
}
