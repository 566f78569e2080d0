//! Asking what became of a charge or a refund. Nothing is moved: an approved order stays approved.

use super::charges::may_be_charged;
use super::refunds::{by_key, refunded};
use super::{PayPal, is_id};
use crate::{Call, ChargeReply, GatewayFailure, Lookup, RefundReply};
use async_trait::async_trait;

#[async_trait]
impl Lookup for PayPal {
    /// An order whose id we don't have can't be captured by anybody: nothing can ever come of it, so that none is certain. So it is of
    /// an order that PayPal does not know (any more): only orders that were not captured in time go away. And so it is of one that was
    /// prepared for a saved method in the customer's absence and shows no trace of it.
    async fn find_charge(
        &self,
        call: &Call,
        _our_key: &str,
        gateway_ref: Option<&str>,
    ) -> Result<Option<ChargeReply>, GatewayFailure> {
        let Some(id) = gateway_ref.filter(|id| is_id(id)) else { return Ok(None) };
        match self.order(call, id).await.map_err(may_be_charged)? {
            Ok(order) if order.is_off_session() && order.is_new() => Ok(None),
            Ok(order) => self.standing(call, &order).map(Some),
            Err(refusal) if refusal.is_missing() => Ok(None),
            Err(refusal) => Err(GatewayFailure::unknown(refusal.reason())),
        }
    }

    /// By its id. Without one by our key: first among the refunds in the charge's order, which tells at once, then in Transaction Search,
    /// which is hours late and for which the account may lack the right. What either shows is certain. What neither shows is not: PayPal
    /// does not promise that an order shows a refund the moment it is taken, so that "there is none" is never said, and the refund stays
    /// unknown. To send it once more under its key is safe: PayPal remembers the key for 45 days, and
    /// [`Refunds::refund`](crate::Refunds::refund) looks into the order before.
    async fn find_refund(
        &self,
        call: &Call,
        our_key: &str,
        charge_ref: &str,
        gateway_ref: Option<&str>,
    ) -> Result<Option<RefundReply>, GatewayFailure> {
        let Some(id) = gateway_ref.filter(|id| is_id(id)) else {
            if let Some(found) = self.find_refund_in_order(call, our_key, charge_ref).await? {
                return Ok(Some(found));
            }
            let found = self.find_refund_by_key(call, our_key).await.map_err(may_be_charged)?;
            return found.map(Some).ok_or_else(|| GatewayFailure::unknown("PayPal's list does not show it (yet)"));
        };
        let refund = self.find(call, &format!("/v2/payments/refunds/{id}")).await.map_err(may_be_charged)?;
        refund.map(|refund| refunded(&refund, None)).transpose()
    }
}

impl PayPal {
    /// The refund under our key that the charge's order shows. None: it shows none, or there is no order of that name.
    async fn find_refund_in_order(
        &self,
        call: &Call,
        our_key: &str,
        order_id: &str,
    ) -> Result<Option<RefundReply>, GatewayFailure> {
        if !is_id(order_id) {
            return Ok(None);
        }
        match self.order(call, order_id).await.map_err(may_be_charged)? {
            Ok(order) => by_key(&order, our_key).map(|refund| refunded(refund, None)).transpose(),
            Err(refusal) if refusal.is_missing() => Ok(None),
            Err(refusal) => Err(GatewayFailure::unknown(refusal.reason())),
        }
    }
}
