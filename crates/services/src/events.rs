//! Events: what happened, frozen with the version of its form when it is written.

use crate::Services;
use domain::{EventId, Scope, Timestamp};
use serde_json::{Value, json};
use store::{Batch, events};

/// The version of the payloads' form.
pub const API_VERSION: &str = "2026-11-01";

/// An event to be, with its payload made.
#[derive(Debug, Clone)]
pub(crate) struct Event {
    id: EventId,
    kind: &'static str,
    object: String,
    payload: String,
    at: Timestamp,
}

impl Event {
    /// An event about an object, with the object as it is after the change.
    pub(crate) fn new(
        svc: &Services,
        scope: &Scope,
        kind: &'static str,
        object: &str,
        at: Timestamp,
        data: &Value,
    ) -> Self {
        let id: EventId = svc.new_id();
        let payload = json!({
            "id": id.as_str(),
            "object": "event",
            "type": kind,
            "api_version": API_VERSION,
            "created": at.0,
            "livemode": scope.mode.is_live(),
            "account": scope.merchant.as_str(),
            "data": { "object": data },
        });
        Self { id, kind, object: object.to_owned(), payload: payload.to_string(), at }
    }

    /// Writes it with the changes that it tells of.
    pub(crate) fn put(&self, batch: &mut Batch, scope: &Scope) {
        let new = events::NewEvent {
            id: &self.id,
            kind: self.kind,
            object: &self.object,
            payload: &self.payload,
            api_version: API_VERSION,
            at: self.at,
        };
        events::insert(batch, scope, &new);
    }
}
