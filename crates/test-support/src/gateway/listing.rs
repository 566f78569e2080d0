//! The fake gateway lists what it did, two a page.

use super::{FakeGateway, refund_reply_of, reply_of};
use async_trait::async_trait;
use domain::Timestamp;
use gateways::{Call, GatewayFailure, ListPage, ListedCharge, ListedRefund, Listing, RefundListPage, Window};

/// Rows of a page: few, so that pages are turned.
const PAGE: usize = 2;

fn page<T>(mut all: Vec<T>, after: Option<&str>) -> (Vec<T>, Option<String>) {
    let from = after.and_then(|place| place.parse::<usize>().ok()).unwrap_or(0);
    let next = (all.len() > from + PAGE).then(|| (from + PAGE).to_string());
    (all.drain(from.min(all.len())..).take(PAGE).collect(), next)
}

#[async_trait]
impl Listing for FakeGateway {
    async fn list_charges(&self, call: &Call, window: Window, after: Option<&str>) -> Result<ListPage, GatewayFailure> {
        let mut state = self.state();
        state.listed += 1;
        if state.deaf {
            return Err(GatewayFailure::unknown("no answer"));
        }
        let (hides_keys, lists_after) = (state.hides_keys, state.lists_after);
        let within =
            |made_at: Timestamp| made_at >= window.from && made_at < window.to && made_at.plus(lists_after) <= call.now;
        let mut all: Vec<ListedCharge> = state
            .charges
            .iter()
            .filter(|(_, charge)| charge.account == call.account && within(charge.made_at))
            .map(|(key, charge)| ListedCharge {
                our_key: (!hides_keys).then(|| key.clone()),
                amount: charge.amount,
                created_at: charge.made_at,
                reply: reply_of(charge),
            })
            .collect();
        all.sort_by_key(|charge| charge.created_at);
        let (charges, next) = page(all, after);
        Ok(ListPage { charges, next })
    }

    async fn list_refunds(
        &self,
        call: &Call,
        window: Window,
        after: Option<&str>,
    ) -> Result<Option<RefundListPage>, GatewayFailure> {
        let state = self.state();
        if state.deaf {
            return Err(GatewayFailure::unknown("no answer"));
        }
        let within = |made_at| made_at >= window.from && made_at < window.to;
        let mut all: Vec<ListedRefund> = state
            .refunds
            .iter()
            .filter(|(_, refund)| refund.account == call.account && within(refund.made_at))
            .map(|(key, refund)| ListedRefund {
                our_key: Some(key.clone()),
                charge_ref: refund.charge.clone(),
                created_at: refund.made_at,
                reply: refund_reply_of(refund),
            })
            .collect();
        all.sort_by_key(|refund| refund.created_at);
        let (refunds, next) = page(all, after);
        Ok(Some(RefundListPage { refunds, next }))
    }
}
