//! Giving money back (<https://developer.squareup.com/reference/square/refunds-api/refund-payment>,
//! <https://developer.squareup.com/docs/payments-api/refund-payments>).
//!
//! A refund has no place for a name of ours but its `reason`, which the seller reads: "requested_by_customer paydeck:op_…".

use super::api::lacks;
use super::errors::{self, Refusal, Verdict};
use super::names::{self, Named};
use super::{Square, amount, reply};
use crate::{Call, GatewayFailure, RefundReply, RefundRequest, RefundState, Refunds};
use async_trait::async_trait;
use domain::Money;
use reqwest::Method;
use serde_json::json;

#[async_trait]
impl Refunds for Square {
    async fn refund(&self, call: &Call, request: &RefundRequest) -> Result<RefundReply, GatewayFailure> {
        let asked = request.amount;
        let Some(money) = amount::to_wire(asked) else { return Ok(failed(asked, "not_supported", None)) };
        if asked.minor < 1 {
            return Err(GatewayFailure::not_sent("amount out of range"));
        }
        let Some(payment) = self.payment_named(call, &request.charge_ref).await? else {
            return Ok(failed(asked, "charge_not_refundable", None));
        };
        let body = json!({
            "idempotency_key": names::key(&call.idempotency_key, ""),
            "payment_id": payment,
            "amount_money": money,
            "reason": names::reason(call, &request.reason),
        });
        match self.ask(call, Method::POST, "/v2/refunds", Some(&body)).await? {
            Ok(said) => {
                let refund = said.refund.ok_or_else(|| lacks("refund"))?;
                let reply = reply::refund(&refund)?;
                if reply.amount != asked {
                    return Err(GatewayFailure::unknown(format!("refund {} has another amount", refund.id)));
                }
                Ok(reply)
            }
            Err(refusal) => refused(asked, refusal),
        }
    }
}

impl Square {
    /// The id of the payment that a gateway's name names; none when there is nothing that was paid.
    async fn payment_named(&self, call: &Call, charge_ref: &str) -> Result<Option<String>, GatewayFailure> {
        match names::named(charge_ref) {
            Some(Named::Id(id)) => Ok(Some(id.to_owned())),
            None => Ok(None),
            // Whatever fails here, no money has moved.
            Some(Named::Link(name)) => {
                let not_sent = |failure: GatewayFailure| GatewayFailure::not_sent(failure.to_string());
                let Some(order) = self.order(call, &name).await.map_err(not_sent)? else { return Ok(None) };
                let paid = self.live_payment(call, &order).await.map_err(not_sent)?;
                Ok(paid.map(|payment| payment.id))
            }
        }
    }
}

fn failed(amount: Money, code: &'static str, refusal: Option<Refusal>) -> RefundReply {
    let (raw_code, raw_message) = refusal.map_or((None, None), |refusal| (refusal.code, refusal.detail));
    RefundReply { gateway_ref: None, amount, state: RefundState::Failed { code }, raw_code, raw_message }
}

fn refused(asked: Money, refusal: Refusal) -> Result<RefundReply, GatewayFailure> {
    let known = refusal.code.as_deref().and_then(errors::refund);
    let code = match refusal.verdict {
        Verdict::Doubtful => return Err(GatewayFailure::unknown(refusal.reason)),
        Verdict::TooMany => return Err(GatewayFailure::not_sent(refusal.reason)),
        Verdict::Account => "gateway_misconfigured",
        Verdict::Declined(_) | Verdict::Missing => known.unwrap_or("other"),
        Verdict::Refused => match known {
            Some(code) => code,
            None => return Err(GatewayFailure::not_sent(refusal.reason)),
        },
    };
    // Square may send the failed refund along; one that did not fail contradicts the errors beside it.
    let status = refusal.refund.as_ref().map(|refund| refund.status.as_deref().unwrap_or_default());
    if status.is_some_and(|status| !matches!(status, "FAILED" | "REJECTED")) {
        return Err(GatewayFailure::unknown(format!("{}, and a refund that did not fail", refusal.reason)));
    }
    Ok(failed(asked, code, Some(refusal)))
}
