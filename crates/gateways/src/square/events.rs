//! Reading Square's events (<https://developer.squareup.com/docs/webhooks/step3validate>).
//!
//! The header `x-square-hmacsha256-signature` is the base64 of HMAC-SHA256 over the address that the event was sent to and the
//! body, with the subscription's signature key. No time is signed beside them; the event's own `created_at` is, as part of
//! the body. Square tries again for 24 hours (older pages of its documentation say 72:
//! <https://developer.squareup.com/docs/webhooks/troubleshooting>), with the same body: events are read up to [`OLDEST`].
//! A replay within that time is known by its id, and changes nothing anyway: an event is a hint.

use super::wire::{Dispute, Payment, Refund};
use super::{SIGNATURE_KEY, Square, disputes, names, reply, times};
use crate::signature::{self, TOLERANCE};
use crate::{About, Call, EventHint, EventRefused, Events, Incoming};
use async_trait::async_trait;
use base64::{Engine, engine::general_purpose::STANDARD};
use domain::time::{DAY, HOUR};
use serde::Deserialize;
use serde_json::Value;

/// The header of the signature.
const HEADER: &str = "x-square-hmacsha256-signature";
/// How old an event may be, in milliseconds.
const OLDEST: i64 = 3 * DAY + HOUR;

#[derive(Deserialize)]
struct Event {
    event_id: String,
    #[serde(rename = "type")]
    kind: String,
    created_at: String,
    data: Option<Data>,
}

#[derive(Deserialize)]
struct Data {
    object: Option<Value>,
}

#[async_trait]
impl Events for Square {
    async fn read(&self, call: &Call, incoming: &Incoming<'_>) -> Result<EventHint, EventRefused> {
        let key = call.credentials.get(SIGNATURE_KEY).unwrap_or_default();
        if !is_signed(key, incoming) {
            return Err(EventRefused::Signature);
        }
        let event: Event = serde_json::from_slice(incoming.body).map_err(|_| EventRefused::Unreadable)?;
        let made = times::of_text(&event.created_at).ok_or(EventRefused::Unreadable)?;
        let age = call.now.0.saturating_sub(made.0);
        if !(-TOLERANCE..=OLDEST).contains(&age) {
            return Err(EventRefused::Time);
        }
        let about = about(&event)?;
        Ok(EventHint { id: event.event_id, kind: event.kind, about })
    }
}

fn is_signed(key: &str, incoming: &Incoming<'_>) -> bool {
    let expected = STANDARD.encode(signature::hmac_sha256(key.as_bytes(), &[incoming.url.as_bytes(), incoming.body]));
    let given = incoming.header(HEADER).unwrap_or_default();
    !key.is_empty() && signature::equal(given, &expected)
}

/// What an event is about: the payment, refund or dispute in it. An order's event names its order alone; the payment's own
/// event, which comes with it, says more. `dispute.state.changed` is the older name of `dispute.state.updated`: subscriptions
/// that were made with it go on.
fn about(event: &Event) -> Result<About, EventRefused> {
    let inside = |name: &str| {
        let object = event.data.as_ref().and_then(|data| data.object.as_ref());
        object.and_then(|object| object.get(name)).cloned().ok_or(EventRefused::Unreadable)
    };
    let unreadable = |_| EventRefused::Unreadable;
    match event.kind.as_str() {
        "payment.created" | "payment.updated" => {
            let payment: Payment = serde_json::from_value(inside("payment")?).map_err(unreadable)?;
            Ok(About::Charge { our_key: reply::our_key(&payment), gateway_ref: Some(payment.id) })
        }
        "refund.created" | "refund.updated" => {
            let refund: Refund = serde_json::from_value(inside("refund")?).map_err(unreadable)?;
            let our_key = names::mark(refund.reason.as_deref()).map(|mark| mark.key);
            Ok(About::Refund { our_key, gateway_ref: Some(refund.id), charge_ref: refund.payment_id })
        }
        "dispute.created" | "dispute.state.updated" | "dispute.state.changed" => {
            let dispute: Dispute = serde_json::from_value(inside("dispute")?).map_err(unreadable)?;
            let gateway_ref = disputes::id(&dispute).ok_or(EventRefused::Unreadable)?.to_owned();
            Ok(About::Dispute { gateway_ref })
        }
        _ => Ok(About::Other),
    }
}
