//! Capturing and releasing what is held (<https://docs.stripe.com/payments/place-a-hold-on-a-payment-method>).

use super::charge::UNEXPECTED_STATE;
use super::wire::{EXPAND_FEE, Refused, answered, field, not_sent, text};
use super::{Stripe, amount, decline, intent};
use crate::{Call, Captures, ChargeReply, ChargeState, GatewayFailure};
use async_trait::async_trait;
use domain::{Money, decline::DeclineCode};

/// Error codes that say that a hold is not what it was: then it is asked where it stands.
const PAST: [&str; 5] = [
    UNEXPECTED_STATE,
    "capture_charge_authorization_expired",
    "capture_unauthorized_payment",
    "charge_already_captured",
    "charge_expired_for_capture",
];

#[async_trait]
impl Captures for Stripe {
    async fn capture(&self, call: &Call, gateway_ref: &str, amount: Money) -> Result<ChargeReply, GatewayFailure> {
        let Some(minor) = amount::to_stripe(amount) else {
            return Ok(decline::unasked(DeclineCode::CurrencyNotSupported));
        };
        let id = self.held(call, gateway_ref).await?;
        // One capture: what is left is released (<https://docs.stripe.com/api/payment_intents/capture>).
        let form = vec![field("amount_to_capture", minor.to_string()), field("expand[]", EXPAND_FEE)];
        match self.post(call, &intent::path(&id, "/capture")?, &call.idempotency_key, &form).await? {
            Ok(answer) if !answer.replayed && text(&answer.value, "id") == Some(id.as_str()) => {
                intent::read(&answer.value)?.ok_or_else(intent::not_confirmed)
            }
            Ok(_) => self.confirmed_intent(call, &id).await,
            Err(refused) => self.not_captured(call, &id, &refused).await,
        }
    }

    async fn void(&self, call: &Call, gateway_ref: &str) -> Result<ChargeReply, GatewayFailure> {
        let id = self.held(call, gateway_ref).await?;
        self.cancel(call, &id, &call.idempotency_key, &[]).await
    }
}

impl Stripe {
    async fn held(&self, call: &Call, gateway_ref: &str) -> Result<String, GatewayFailure> {
        let id = answered(self.intent_of(call, gateway_ref).await).map_err(not_sent)?;
        id.ok_or_else(|| GatewayFailure::not_sent("nobody has paid through this page"))
    }

    /// A refused capture takes nothing, and leaves the hold unless that is over.
    async fn not_captured(&self, call: &Call, id: &str, refused: &Refused) -> Result<ChargeReply, GatewayFailure> {
        if refused.code.as_deref().is_some_and(|code| PAST.contains(&code)) {
            let stands = self.confirmed_intent(call, id).await?;
            if !matches!(stands.state, ChargeState::Authorized { .. }) {
                return Ok(stands);
            }
        }
        // A request that was not right is a no as well: it will not be right the next time.
        Ok(decline::of_refused(refused, Some(id))
            .unwrap_or_else(|_| decline::declined(DeclineCode::GenericDecline, refused, Some(id))))
    }
}
