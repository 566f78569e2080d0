//! What a gateway delivered to a connection.

use super::Page;
use crate::{ConnectionId, DeliveryId, PaymentId, Timestamp};
use serde::{Deserialize, Serialize};

/// A delivery: an event, a repeat of one, or what was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// Our own name for it.
    pub id: DeliveryId,
    /// Its place in the list, for addresses.
    pub key: String,
    /// `accepted`, `repeat`, `signature`, `time`, `unreadable`, `not_now`; the word is `inbox.verdict.<code>`.
    pub verdict: String,
    /// The gateway's own name for the event.
    pub event_id: Option<String>,
    /// The gateway's own name for what happened.
    pub kind: Option<String>,
    /// `charge`, `refund` or `other`; the word is `inbox.about.<code>`.
    pub about: Option<String>,
    /// `queued`, `done`, `ignored` or `failed`, of an event; the word is `inbox.status.<code>`.
    pub status: Option<String>,
    /// How often it was looked at.
    pub tries: i64,
    /// What went wrong last: `no_answer`; the sentence is `inbox.error.<code>`.
    pub last_error: Option<String>,
    /// `mismatch` or `other_connection`; the sentence is `inbox.note.<code>`.
    pub note: Option<String>,
    /// The payment that it is about, once it is known.
    pub payment: Option<PaymentId>,
    /// What it changed.
    pub changed: Option<Changed>,
    /// When it came.
    pub received_at: Timestamp,
    /// When it was done with.
    pub finished_at: Option<Timestamp>,
}

/// A state that an event changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changed {
    /// `payment`, `refund` or `dispute`; states are `status.<what>.<state>`, and `dispute.status.<state>` of a dispute.
    pub what: String,
    /// The state before; `none` of what was not known here.
    pub from: String,
    /// The state after.
    pub to: String,
}

/// What the inbox is asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct InboxFilter {
    /// One of [`InboxFilter::SHOWN`]; everything when absent.
    pub status: Option<String>,
    /// Rows after this cursor (older).
    pub after: Option<String>,
    /// Rows before this cursor (newer).
    pub before: Option<String>,
    /// Rows a page.
    pub limit: Option<u16>,
}

impl InboxFilter {
    /// What can be asked for: states of events, events that do not fit, repeats, what was refused. Words are `inbox.shown.<code>`.
    pub const SHOWN: [&'static str; 7] = ["queued", "done", "ignored", "failed", "mismatch", "repeat", "refused"];
}

/// The inbox of a connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InboxView {
    /// The connection.
    pub connection: ConnectionId,
    /// The merchant's own name for it.
    pub name: String,
    /// Its provider.
    pub provider: String,
    /// Whether its provider sends events at all.
    pub sends_events: bool,
    /// Whether the viewer may put an event back into the queue.
    pub may_replay: bool,
    /// The deliveries, newest first.
    pub page: Page<Delivery>,
    /// The one that was asked for, with what it held.
    pub chosen: Option<Box<DeliveryDetail>>,
}

/// A delivery with what it held.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryDetail {
    /// The delivery.
    pub delivery: Delivery,
    /// Our key, if the event tells it.
    pub our_key: Option<String>,
    /// The gateway's own name, if the event tells it.
    pub gateway_ref: Option<String>,
    /// What came, as text; pretty when it is JSON. None when it was not kept, or can't be opened.
    pub payload: Option<String>,
    /// How many bytes came.
    pub size: Option<i64>,
    /// Whether only the beginning was kept.
    pub cut: bool,
    /// Whether the viewer may put it back into the queue now.
    pub may_replay: bool,
}
