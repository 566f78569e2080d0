//! Capturing and voiding authorisations: <https://developer.paypal.com/docs/api/payments/v2/#authorizations>.

use super::api::{Ask, Heard, Refusal};
use super::order::{Order, capture_state, id_of, is_paid, reply, text};
use super::{PayPal, decline, money};
use crate::{Call, Captures, ChargeReply, ChargeState, GatewayFailure};
use async_trait::async_trait;
use domain::{Money, decline::DeclineCode};
use serde_json::{Value, json};

#[async_trait]
impl Captures for PayPal {
    async fn capture(&self, call: &Call, gateway_ref: &str, amount: Money) -> Result<ChargeReply, GatewayFailure> {
        let order = match self.order(call, gateway_ref).await? {
            Ok(order) => order,
            Err(refusal) => return Ok(no(gateway_ref, &refusal)),
        };
        let Some(authorization) = to_be_captured(&order) else {
            return self.standing(call, &order);
        };
        let Some(value) = money::written(amount) else {
            let state = ChargeState::Declined(DeclineCode::CurrencyNotSupported);
            return Ok(reply(gateway_ref, state, (None, None)));
        };
        let path = format!("/v2/payments/authorizations/{}/capture", id_of(authorization)?);
        // The last one: PayPal releases what is not captured.
        let body = json!({ "amount": value, "final_capture": true });
        match self.ask(call, &Ask::post(&path, &call.idempotency_key, &body)).await? {
            Heard::Done(capture) => {
                Ok(ChargeReply { saved: order.saved(), ..captured(gateway_ref, &capture, amount)? })
            }
            Heard::Refused(refusal) if has_ended(&refusal) => self.settled(call, gateway_ref).await,
            Heard::Refused(refusal) => Ok(no(gateway_ref, &refusal)),
        }
    }

    async fn void(&self, call: &Call, gateway_ref: &str) -> Result<ChargeReply, GatewayFailure> {
        let order = match self.order(call, gateway_ref).await? {
            Ok(order) => order,
            Err(refusal) => return Err(GatewayFailure::not_sent(refusal.reason())),
        };
        let Some(authorization) = to_be_captured(&order) else {
            return self.standing(call, &order);
        };
        let path = format!("/v2/payments/authorizations/{}/void", id_of(authorization)?);
        match self.ask(call, &Ask::post(&path, &call.idempotency_key, &json!({}))).await? {
            // 204, or 200 with the authorisation.
            Heard::Done(done) if done.is_null() || text(&done, "/status") == Some("VOIDED") => {
                Ok(ChargeReply { saved: order.saved(), ..reply(gateway_ref, ChargeState::Canceled, (None, None)) })
            }
            Heard::Done(_) => Err(GatewayFailure::unknown("PayPal did not void the authorisation")),
            Heard::Refused(refusal) if refusal.is_configuration() => Err(GatewayFailure::not_sent(refusal.reason())),
            Heard::Refused(_) => self.settled(call, gateway_ref).await,
        }
    }
}

/// The authorisation, when nothing has been captured of it and it has not ended.
fn to_be_captured(order: &Order) -> Option<&Value> {
    let is_pending = |capture: &Value| text(capture, "/status") == Some("PENDING");
    if order.captures().iter().any(|capture| is_paid(capture) || is_pending(capture)) {
        return None;
    }
    order.authorization().filter(|authorization| matches!(text(authorization, "/status"), Some("CREATED" | "PENDING")))
}

fn captured(order_id: &str, capture: &Value, asked: Money) -> Result<ChargeReply, GatewayFailure> {
    id_of(capture)?;
    if capture.get("amount").and_then(money::read) != Some(asked) {
        return Err(GatewayFailure::unknown("PayPal's answer is for another amount"));
    }
    let (state, raw_code) = capture_state(capture)?;
    Ok(reply(order_id, state, (raw_code, None)))
}

/// Whether the authorisation stands no more: the order tells what became of it.
fn has_ended(refusal: &Refusal) -> bool {
    let ended =
        ["AUTHORIZATION_ALREADY_CAPTURED", "AUTHORIZATION_VOIDED", "AUTHORIZATION_EXPIRED", "PREVIOUSLY_VOIDED"];
    ended.contains(&refusal.code())
}

fn no(order_id: &str, refusal: &Refusal) -> ChargeReply {
    let code = if refusal.is_missing() { DeclineCode::GenericDecline } else { decline::of_refusal(refusal) };
    reply(order_id, ChargeState::Declined(code), (refusal.raw_code(), refusal.raw_message()))
}
