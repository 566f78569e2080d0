//! Giving money back: <https://developer.paypal.com/docs/api/payments/v2/#captures_refund>.

use super::api::{Ask, Heard, Refusal};
use super::order::{Order, id_of, is_paid, text};
use super::{PayPal, money};
use crate::{Call, GatewayFailure, RefundReply, RefundRequest, RefundState, Refunds};
use async_trait::async_trait;
use domain::Money;
use serde_json::{Value, json};

/// Nothing was captured, or PayPal does not refund it.
const NOT_REFUNDABLE: &str = "charge_not_refundable";
/// More than is left.
const TOO_LARGE: &str = "amount_too_large";

#[async_trait]
impl Refunds for PayPal {
    async fn refund(&self, call: &Call, request: &RefundRequest) -> Result<RefundReply, GatewayFailure> {
        let order = match self.order(call, &request.charge_ref).await? {
            Ok(order) => order,
            Err(refusal) => return Ok(no(request.amount, &refusal)),
        };
        // Made already: PayPal forgets keys after 45 days, the order does not forget its refunds.
        if let Some(known) = by_key(&order, &call.idempotency_key) {
            return refunded(known, Some(request.amount));
        }
        let failed = |code| Ok(reply(None, request.amount, RefundState::Failed { code }, (None, None)));
        let (Some(capture), Some(value)) = (to_be_refunded(&order), money::written(request.amount)) else {
            return failed(NOT_REFUNDABLE);
        };
        // PayPal has no field for the reason; `note_to_payer` would go into the payer's mail.
        let path = format!("/v2/payments/captures/{}/refund", id_of(capture)?);
        let body = json!({ "amount": value, "custom_id": call.idempotency_key });
        match self.ask(call, &Ask::post(&path, &call.idempotency_key, &body)).await? {
            Heard::Done(refund) => refunded(&refund, Some(request.amount)),
            Heard::Refused(refusal) => Ok(no(request.amount, &refusal)),
        }
    }
}

/// The capture that money is given back from.
fn to_be_refunded(order: &Order) -> Option<&Value> {
    let (open, other): (Vec<_>, Vec<_>) = order
        .captures()
        .iter()
        .filter(|capture| is_paid(capture))
        .partition(|capture| text(capture, "/status") != Some("REFUNDED"));
    open.into_iter().chain(other).next()
}

/// The refund of an order that was made under a key of ours.
pub(super) fn by_key<'a>(order: &'a Order, key: &str) -> Option<&'a Value> {
    order.refunds().iter().find(|refund| text(refund, "/custom_id") == Some(key))
}

/// Reads a refund.
///
/// # Errors
/// [`GatewayFailure::Unknown`] when it can't be read, or is of another amount than was asked.
pub(super) fn refunded(refund: &Value, asked: Option<Money>) -> Result<RefundReply, GatewayFailure> {
    let id = id_of(refund)?.to_owned();
    let amount = refund.get("amount").and_then(money::read);
    let amount = amount.ok_or_else(|| GatewayFailure::unknown("PayPal's refund has no amount that can be read"))?;
    if asked.is_some_and(|asked| asked != amount) {
        return Err(GatewayFailure::unknown("PayPal's refund is of another amount"));
    }
    let reason = text(refund, "/status_details/reason").map(str::to_owned);
    let state = match text(refund, "/status").unwrap_or_default() {
        "COMPLETED" => RefundState::Succeeded,
        "PENDING" => RefundState::Pending,
        // An eCheck that bounced, or a refund that was called off before it was paid.
        "FAILED" => RefundState::Failed { code: "bank_returned" },
        "CANCELLED" => RefundState::Failed { code: "other" },
        _ => return Err(GatewayFailure::unknown("PayPal tells a status of a refund that is not known here")),
    };
    Ok(reply(Some(id), amount, state, (reason, None)))
}

fn reply(
    id: Option<String>,
    amount: Money,
    state: RefundState,
    (raw_code, raw_message): (Option<String>, Option<String>),
) -> RefundReply {
    RefundReply { gateway_ref: id, amount, state, raw_code, raw_message }
}

fn no(amount: Money, refusal: &Refusal) -> RefundReply {
    let code = if refusal.is_configuration() {
        "gateway_misconfigured"
    } else {
        match refusal.code() {
            "REFUND_AMOUNT_EXCEEDED" | "CAPTURE_FULLY_REFUNDED" => TOO_LARGE,
            "REFUND_NOT_ALLOWED"
            | "REFUND_TIME_LIMIT_EXCEEDED"
            | "REFUND_CAPTURE_CURRENCY_MISMATCH"
            | "REFUND_NOT_PERMITTED_DUE_TO_CHARGEBACK"
            | "PARTIAL_REFUND_NOT_ALLOWED"
            | "TRANSACTION_DISPUTED"
            | "PENDING_CAPTURE"
            | "RESOURCE_NOT_FOUND"
            | "INVALID_RESOURCE_ID" => NOT_REFUNDABLE,
            "PAYEE_ACCOUNT_LOCKED_OR_CLOSED" | "PAYEE_ACCOUNT_RESTRICTED" | "REFUND_IS_RESTRICTED" => {
                "gateway_misconfigured"
            }
            _ => "other",
        }
    };
    reply(None, amount, RefundState::Failed { code }, (refusal.raw_code(), refusal.raw_message()))
}
