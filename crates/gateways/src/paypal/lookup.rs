//! Asking what became of a charge or a refund. Nothing is moved: an approved order stays approved.

use super::charges::may_be_charged;
use super::refunds::refunded;
use super::{PayPal, is_id};
use crate::{Call, ChargeReply, GatewayFailure, Lookup, RefundReply};
use async_trait::async_trait;

#[async_trait]
impl Lookup for PayPal {
    /// An order whose id we don't have can't be captured by anybody: nothing can ever come of it, so that none is certain. So it is of
    /// an order that PayPal does not know (any more): only orders that were not captured in time go away.
    async fn find_charge(
        &self,
        call: &Call,
        _our_key: &str,
        gateway_ref: Option<&str>,
    ) -> Result<Option<ChargeReply>, GatewayFailure> {
        let Some(id) = gateway_ref.filter(|id| is_id(id)) else { return Ok(None) };
        match self.order(call, id).await.map_err(may_be_charged)? {
            Ok(order) => self.standing(call, &order).map(Some),
            Err(refusal) if refusal.is_missing() => Ok(None),
            Err(refusal) => Err(GatewayFailure::unknown(refusal.reason())),
        }
    }

    /// By its id. Without one only Transaction Search can tell: what it shows is certain, what it does not show is not, because
    /// transactions come into it hours late and the account may lack the right to it.
    async fn find_refund(
        &self,
        call: &Call,
        our_key: &str,
        _charge_ref: &str,
        gateway_ref: Option<&str>,
    ) -> Result<Option<RefundReply>, GatewayFailure> {
        let Some(id) = gateway_ref.filter(|id| is_id(id)) else {
            let found = self.find_refund_by_key(call, our_key).await.map_err(may_be_charged)?;
            return found.map(Some).ok_or_else(|| GatewayFailure::unknown("PayPal's list does not show it (yet)"));
        };
        let refund = self.find(call, &format!("/v2/payments/refunds/{id}")).await.map_err(may_be_charged)?;
        refund.map(|refund| refunded(&refund, None)).transpose()
    }
}
