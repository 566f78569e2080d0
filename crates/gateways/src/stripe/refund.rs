//! Refunds (<https://docs.stripe.com/api/refunds>).

use super::wire::{Refused, field, is_name, name_of, not_sent, owned, text};
use super::{META_KEY, Stripe, amount, intent};
use crate::{Call, GatewayFailure, RefundReply, RefundRequest, RefundState, Refunds};
use async_trait::async_trait;
use domain::Money;
use serde_json::Value;

/// What the name of a refund begins with: `re_…`, and `pyr_…` for some methods.
const PREFIXES: [&str; 2] = ["re_", "pyr_"];
/// The reasons that Stripe takes; any other is left out.
const REASONS: [&str; 3] = ["duplicate", "fraudulent", "requested_by_customer"];

#[async_trait]
impl Refunds for Stripe {
    async fn refund(&self, call: &Call, request: &RefundRequest) -> Result<RefundReply, GatewayFailure> {
        let Some(minor) = amount::to_stripe(request.amount) else {
            return Ok(failed(request.amount, "not_supported", None));
        };
        let id = match self.intent_of(call, &request.charge_ref).await.map_err(not_sent)? {
            Ok(Some(id)) => id,
            Ok(None) => return Ok(failed(request.amount, "charge_not_refundable", None)),
            Err(refused) => return Ok(failed(request.amount, why(&refused), Some(&refused))),
        };
        if !is_name(&id, intent::PREFIX) {
            return Err(GatewayFailure::not_sent("no name of a PaymentIntent"));
        }
        // Stripe forgets a key after a day (<https://docs.stripe.com/api/idempotent_requests>), its metadata never.
        let of_charge = vec![field("payment_intent", id.as_str())];
        match self.find(call, "/v1/refunds", &of_charge, &call.idempotency_key).await.map_err(not_sent)? {
            Ok(None) => {}
            Ok(Some(known)) => return read_as_asked(&known, request.amount),
            Err(refused) => return Ok(failed(request.amount, why(&refused), Some(&refused))),
        }
        let mut form = vec![
            field("payment_intent", id),
            field("amount", minor.to_string()),
            field(&format!("metadata[{META_KEY}]"), call.idempotency_key.as_str()),
        ];
        if REASONS.contains(&request.reason.as_str()) {
            form.push(field("reason", request.reason.as_str()));
        }
        let made = match self.post(call, "/v1/refunds", &call.idempotency_key, &form).await? {
            Ok(made) => made,
            Err(refused) => return Ok(failed(request.amount, why(&refused), Some(&refused))),
        };
        let reply = read_as_asked(&made.value, request.amount)?;
        match reply.gateway_ref {
            Some(id) if made.replayed => self.refund_named(call, &id).await,
            _ => Ok(reply),
        }
    }
}

impl Stripe {
    /// Where a refund stands.
    pub(super) async fn refund_named(&self, call: &Call, id: &str) -> Result<RefundReply, GatewayFailure> {
        if !is_refund(id) {
            return Err(GatewayFailure::unknown("no name of a refund"));
        }
        let refund = self.object(call, &format!("/v1/refunds/{id}"), &Vec::new()).await?;
        if text(&refund, "id") != Some(id) {
            return Err(GatewayFailure::unknown("the answer is about something else"));
        }
        read(&refund)
    }
}

fn read_as_asked(refund: &Value, amount: Money) -> Result<RefundReply, GatewayFailure> {
    let reply = read(refund)?;
    if reply.amount == amount { Ok(reply) } else { Err(GatewayFailure::unknown("refunded another amount")) }
}

fn is_refund(id: &str) -> bool {
    PREFIXES.iter().any(|prefix| is_name(id, prefix))
}

fn failed(amount: Money, code: &'static str, refused: Option<&Refused>) -> RefundReply {
    RefundReply {
        gateway_ref: None,
        amount,
        state: RefundState::Failed { code },
        raw_code: refused.and_then(Refused::raw_code),
        raw_message: refused.and_then(|refused| refused.message.clone()),
    }
}

/// Why a refund was refused (<https://docs.stripe.com/error-codes>).
fn why(refused: &Refused) -> &'static str {
    if refused.is_about_the_key() {
        return "gateway_misconfigured";
    }
    match refused.code.as_deref() {
        Some("amount_too_large") => "amount_too_large",
        Some("charge_already_refunded" | "charge_disputed" | "charge_not_refundable" | "refund_disputed_payment") => {
            "charge_not_refundable"
        }
        Some(super::charge::UNEXPECTED_STATE) => "charge_not_refundable",
        Some("resource_missing") if refused.param.as_deref() == Some("payment_intent") => "charge_not_refundable",
        // More than what is left has no code of its own.
        _ if refused.param.as_deref() == Some("amount") => "amount_too_large",
        _ => "other",
    }
}

/// Where a refund stands (<https://docs.stripe.com/refunds#failed-refunds>).
pub(super) fn read(refund: &Value) -> Result<RefundReply, GatewayFailure> {
    let id = text(refund, "id").filter(|id| is_refund(id));
    let id = id.ok_or_else(|| GatewayFailure::unknown("no name in the answer"))?;
    let reason = owned(refund, "failure_reason");
    let state = match text(refund, "status") {
        Some("succeeded") => RefundState::Succeeded,
        // An action is the customer's: to say where the money is to go.
        Some("pending" | "requires_action") => RefundState::Pending,
        Some("failed") => RefundState::Failed { code: why_failed(reason.as_deref()) },
        Some("canceled") => RefundState::Failed { code: "other" },
        _ => return Err(GatewayFailure::unknown("an unknown status")),
    };
    let amount = intent::money(refund, "amount")?;
    Ok(RefundReply { gateway_ref: Some(id.to_owned()), amount, state, raw_code: reason, raw_message: None })
}

fn why_failed(reason: Option<&str>) -> &'static str {
    match reason {
        Some("charge_for_pending_refund_disputed") => "charge_not_refundable",
        Some("lost_or_stolen_card" | "expired_or_canceled_card" | "declined") => "bank_returned",
        // The merchant took it back, or has not the money, or nobody knows.
        _ => "other",
    }
}

/// The charge that a refund is of, where Stripe names it.
pub(super) fn charge_of(refund: &Value) -> Option<String> {
    name_of(refund, "payment_intent")
}
