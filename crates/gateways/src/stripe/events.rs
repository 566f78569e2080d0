//! Events (<https://docs.stripe.com/webhooks>). The signature is that of
//! <https://docs.stripe.com/webhooks/signature>, which [`signature::verify`] knows.

use super::wire::{name_of, our_key, owned, text};
use super::{Stripe, WEBHOOK_SECRET, dispute, refund};
use crate::{About, Call, EventHint, EventRefused, Events, Incoming, signature};
use async_trait::async_trait;
use serde_json::Value;

/// The header of the signature.
const SIGNATURE: &str = "stripe-signature";

#[async_trait]
impl Events for Stripe {
    async fn read(&self, call: &Call, incoming: &Incoming<'_>) -> Result<EventHint, EventRefused> {
        let secret = call.credentials.get(WEBHOOK_SECRET).ok_or(EventRefused::Signature)?;
        signature::verify(secret, incoming.header(SIGNATURE), incoming.body, call.now)?;
        let event: Value = serde_json::from_slice(incoming.body).map_err(|_| EventRefused::Unreadable)?;
        hint(&event, call.livemode)
    }
}

/// What an event that was signed hints at.
fn hint(event: &Value, livemode: bool) -> Result<EventHint, EventRefused> {
    let (Some(id), Some(kind), Some(live)) =
        (owned(event, "id"), owned(event, "type"), event.get("livemode").and_then(Value::as_bool))
    else {
        return Err(EventRefused::Unreadable);
    };
    // An event of the other mode is not this connection's, whoever signed it.
    if live != livemode {
        return Err(EventRefused::Signature);
    }
    let object = event.get("data").and_then(|data| data.get("object")).ok_or(EventRefused::Unreadable)?;
    let about = about(&kind, object).ok_or(EventRefused::Unreadable)?;
    Ok(EventHint { id, kind, about })
}

/// What an object is, by its own word and not by the event's: `charge.refund.updated` tells of a refund, `charge.refunded` of a
/// charge (<https://docs.stripe.com/api/events/types>).
fn about(kind: &str, object: &Value) -> Option<About> {
    Some(match text(object, "object")? {
        // No money moves on a page where a method is kept.
        "checkout.session" if text(object, "mode") == Some("setup") => About::Other,
        "payment_intent" | "checkout.session" => {
            About::Charge { our_key: our_key(object), gateway_ref: Some(owned(object, "id")?) }
        }
        // The metadata of a charge is that of its PaymentIntent: the key is the charge's, not a refund's.
        "charge" => match name_of(object, "payment_intent") {
            None => About::Other,
            charge_ref if kind == "charge.refunded" => About::Refund { our_key: None, gateway_ref: None, charge_ref },
            gateway_ref => About::Charge { our_key: our_key(object), gateway_ref },
        },
        "refund" => About::Refund {
            our_key: our_key(object),
            gateway_ref: Some(owned(object, "id")?),
            charge_ref: refund::charge_of(object),
        },
        "dispute" if dispute::charge_of(object).is_some() => {
            About::Dispute { gateway_ref: owned(object, "id").filter(|id| dispute::is_dispute(id))? }
        }
        _ => About::Other,
    })
}
