//! What a gateway tells by itself: its events (webhooks). An event is a hint and never a fact: whoever hears it asks the gateway
//! through [`Lookup`](crate::Lookup), so that repeated, late and reordered events change nothing.

use crate::Call;
use async_trait::async_trait;

/// A delivery as it came: nothing of it is trusted before its signature is.
#[derive(Debug, Clone, Copy)]
pub struct Incoming<'a> {
    /// Header names in lower case, with their values.
    pub headers: &'a [(String, String)],
    /// The body, byte for byte: what was signed.
    pub body: &'a [u8],
    /// The public address that it was sent to: some providers sign it too.
    pub url: &'a str,
}

impl Incoming<'_> {
    /// The first header of a name in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// What an event is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum About {
    /// A charge.
    Charge {
        /// Our key for it, where the gateway gives it back.
        our_key: Option<String>,
        /// The gateway's own name.
        gateway_ref: Option<String>,
    },
    /// A refund.
    Refund {
        /// Our key for it, where the gateway gives it back.
        our_key: Option<String>,
        /// The gateway's own name.
        gateway_ref: Option<String>,
        /// The gateway's name for the charge: a refund that nobody asked for here is found by it.
        charge_ref: Option<String>,
    },
    /// A dispute.
    Dispute {
        /// The gateway's own name.
        gateway_ref: String,
    },
    /// Nothing that is a payment's.
    Other,
}

/// An event whose signature holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventHint {
    /// The gateway's own name for the event: a repeat has the same one.
    pub id: String,
    /// The gateway's own name for what happened, for people to read.
    pub kind: String,
    /// What it is about.
    pub about: About,
}

/// A delivery that is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EventRefused {
    /// No signature, or one that does not fit.
    #[error("the signature does not fit")]
    Signature,
    /// Signed too long ago, or in the future: a recorded delivery that is played again.
    #[error("the signature is not of this time")]
    Time,
    /// Signed, and unreadable all the same.
    #[error("the event can't be read")]
    Unreadable,
    /// It can't be proved now, for instance because a certificate can't be fetched: the gateway sends it again.
    #[error("the signature can't be checked now")]
    NotNow,
}

/// Reading a provider's events.
#[async_trait]
pub trait Events: Send + Sync {
    /// Verifies the raw bytes and reads what they hint at. `call.now` is when it came; `call.idempotency_key` plays no part.
    ///
    /// # Errors
    /// [`EventRefused`].
    async fn read(&self, call: &Call, incoming: &Incoming<'_>) -> Result<EventHint, EventRefused>;
}
