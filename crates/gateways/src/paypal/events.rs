//! Webhooks: <https://developer.paypal.com/api/rest/webhooks/rest/>, events by name:
//! <https://developer.paypal.com/api/rest/webhooks/event-names/>.
//!
//! PayPal signs `transmission id|transmission time|webhook id|CRC-32 of the body` with RSA and SHA-256. **A CRC-32 keeps nobody from
//! writing another body with the same one**: whoever has seen one genuine delivery can forge its body, within the time that deliveries
//! are taken. So an event proves that PayPal sent something to this webhook, and nothing about what. A hint read here is good for one
//! thing: asking PayPal about the charge or refund that it names. Its id tells repeats apart and proves nothing either.

use super::listing::{order_id, up};
use super::order::text;
use super::{PayPal, WEBHOOK_ID, is_id, time};
use crate::{About, Call, EventHint, EventRefused, Events, Incoming};
use async_trait::async_trait;
use base64::{Engine, engine::general_purpose::STANDARD};
use domain::time::{DAY, HOUR, MINUTE};
use serde_json::Value;

/// PayPal repeats a delivery for three days, and it may be that a repeat carries the time of the first: an hour more for the last one's
/// way. A recorded delivery that is played again within that time changes nothing: it only makes Paydeck ask.
const OLDEST: i64 = 3 * DAY + HOUR;
/// How far the sender's clock may be ahead of ours.
const AHEAD: i64 = 5 * MINUTE;
/// The one algorithm. PayPal's samples write it in both ways.
const ALGORITHM: &str = "SHA256withRSA";
/// The greatest length of `custom_id`.
const CUSTOM_ID_MAX: usize = 127;
/// The longest header that is read.
const LONGEST: usize = 1_024;

#[async_trait]
impl Events for PayPal {
    async fn read(&self, call: &Call, incoming: &Incoming<'_>) -> Result<EventHint, EventRefused> {
        let delivery = Delivery::read(incoming).ok_or(EventRefused::Signature)?;
        let webhook_id = call.credentials.get(WEBHOOK_ID).filter(|id| !id.is_empty() && !id.contains('|'));
        let message = delivery.message(webhook_id.ok_or(EventRefused::Signature)?, incoming.body);
        self.prove(call, delivery.certificate, message.as_bytes(), &delivery.signature).await?;
        // Read after the signature was proved, so that a stranger learns nothing from the answer.
        let at = time::read(delivery.time).ok_or(EventRefused::Time)?;
        if at < call.now.plus(-OLDEST) || at > call.now.plus(AHEAD) {
            return Err(EventRefused::Time);
        }
        let event: Value = serde_json::from_slice(incoming.body).map_err(|_| EventRefused::Unreadable)?;
        let name = |pointer: &str| text(&event, pointer).filter(|name| (1..=200).contains(&name.len()));
        let id = name("/id").ok_or(EventRefused::Unreadable)?.to_owned();
        let kind = name("/event_type").ok_or(EventRefused::Unreadable)?.to_owned();
        let resource = event.get("resource").filter(|resource| resource.is_object());
        let about = match resource {
            Some(resource) => self.about(call, &kind, text(&event, "/resource_type"), resource).await?,
            None => About::Other,
        };
        Ok(EventHint { id, kind, about })
    }
}

/// The headers of a delivery.
struct Delivery<'a> {
    id: &'a str,
    time: &'a str,
    certificate: &'a str,
    signature: Vec<u8>,
}

impl<'a> Delivery<'a> {
    fn read(incoming: &Incoming<'a>) -> Option<Self> {
        let header = |name: &str| {
            let mut all = incoming.headers.iter().filter(|(known, _)| known == name);
            // Two of one name would leave it open which was signed.
            let (first, second) = (all.next()?, all.next());
            (second.is_none() && first.1.len() <= LONGEST).then_some(first.1.as_str())
        };
        // The stroke divides the message: a header with one could stand for two.
        let part = |name: &str| header(name).filter(|text| !text.is_empty() && !text.contains('|'));
        header("paypal-auth-algo").filter(|algorithm| algorithm.eq_ignore_ascii_case(ALGORITHM))?;
        Some(Self {
            id: part("paypal-transmission-id")?,
            time: part("paypal-transmission-time")?,
            certificate: header("paypal-cert-url")?,
            signature: STANDARD.decode(header("paypal-transmission-sig")?).ok()?,
        })
    }

    /// What PayPal signed.
    fn message(&self, webhook_id: &str, body: &[u8]) -> String {
        format!("{}|{}|{webhook_id}|{}", self.id, self.time, crc32(body))
    }
}

impl PayPal {
    /// What an event is about: an order, an authorisation or a capture is a charge; a refund is a refund, also one that was made at
    /// PayPal's site. A payer's wallet that is kept some time after the money was taken is about its charge too, when the event names the
    /// order. All else is nothing that Paydeck follows.
    async fn about(
        &self,
        call: &Call,
        kind: &str,
        resource_type: Option<&str>,
        resource: &Value,
    ) -> Result<About, EventRefused> {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        let id = || owned(text(resource, "/id").filter(|id| is_id(id)));
        let key = |pointer: &str| owned(text(resource, pointer).filter(|key| key.len() <= CUSTOM_ID_MAX));
        if kind.starts_with("CUSTOMER.DISPUTE.") {
            let id = owned(text(resource, "/dispute_id").filter(|id| is_id(id)));
            return Ok(id.map_or(About::Other, |gateway_ref| About::Dispute { gateway_ref }));
        }
        if kind == "VAULT.PAYMENT-TOKEN.CREATED" {
            let order = owned(text(resource, "/metadata/order_id").filter(|id| is_id(id)));
            return Ok(order.map_or(About::Other, |id| About::Charge { our_key: None, gateway_ref: Some(id) }));
        }
        if kind.starts_with("CHECKOUT.ORDER.") {
            return Ok(About::Charge { our_key: key("/purchase_units/0/custom_id"), gateway_ref: id() });
        }
        // PAYMENT.CAPTURE.REFUNDED and PAYMENT.CAPTURE.REVERSED carry the refund, not the capture.
        if kind.starts_with("PAYMENT.REFUND.") || kind.starts_with("PAYMENT.") && resource_type == Some("refund") {
            let charge_ref = self.order_of_refund(call, resource).await?;
            return Ok(About::Refund { our_key: key("/custom_id"), gateway_ref: id(), charge_ref });
        }
        if kind.starts_with("PAYMENT.CAPTURE.") || kind.starts_with("PAYMENT.AUTHORIZATION.") {
            let about = About::Charge { our_key: key("/custom_id"), gateway_ref: owned(order_id(resource)) };
            // Without a name there is nothing to ask about: a payment that was not taken through an order.
            let nameless = About::Charge { our_key: None, gateway_ref: None };
            return Ok(if about == nameless { About::Other } else { about });
        }
        Ok(About::Other)
    }

    /// A refund names its capture. Paydeck knows the charge by its order, which the capture tells.
    async fn order_of_refund(&self, call: &Call, refund: &Value) -> Result<Option<String>, EventRefused> {
        if let Some(order) = order_id(refund) {
            return Ok(Some(order.to_owned()));
        }
        let Some(capture) = up(refund, "/v2/payments/captures/") else { return Ok(None) };
        self.order_of_capture(call, capture).await.map_err(|_| EventRefused::NotNow)
    }
}

/// CRC-32 as ISO 3309 and zlib have it: reflected polynomial `0xEDB88320`, all ones before and after.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |mut crc, byte| {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { crc >> 1 ^ 0xEDB8_8320 } else { crc >> 1 };
        }
        crc
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_values_of_crc_32() {
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
        assert_eq!(crc32(b""), 0);
        assert_eq!(crc32(b"a"), 0xE8B7_BE43);
    }

    /// The reason why an event is a hint and never a fact: four bytes anywhere are enough to give a forged body the checksum wanted.
    #[test]
    fn another_body_with_the_same_checksum_can_be_made() {
        let (genuine, forged) = (b"{\"id\":\"WH-1\"}".as_slice(), b"{\"id\":\"WH-2\"}".as_slice());
        let wanted = crc32(genuine);
        // Run the register backwards from the wanted end: the four bytes that lead there from the forged start.
        let mut register = !wanted;
        for _ in 0..32 {
            register = if register >> 31 == 1 { (register ^ 0xEDB8_8320) << 1 | 1 } else { register << 1 };
        }
        let tail = (register ^ !crc32(forged)).to_le_bytes();
        let whole = [forged, tail.as_slice()].concat();
        assert_eq!(crc32(&whole), wanted);
        assert_ne!(whole, genuine);
    }
}
