//! An event comes in.

use super::payload_place;
use crate::{ServiceError, Services, connections, gateway_call};
use domain::{DeliveryId, Scope};
use gateways::{About, EventHint, EventRefused, Incoming};
use store::{
    StoreError,
    gateway_events::{self, NewEvent},
    gateway_inbox::{self, NewDelivery},
};

/// Longest name of an event that is kept; a longer one is no event.
const NAME_MAX: usize = 255;
/// So many bytes of an event are kept.
const EVENT_KEPT: usize = 64 * 1024;
/// So many bytes of a delivery are kept that brought no new event: whoever knows the address can send what is refused.
const OTHER_KEPT: usize = 4 * 1024;
/// So many deliveries of a connection that brought no new event are kept.
const OTHERS: i64 = 200;

/// What became of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Received {
    /// Kept.
    New,
    /// It came before.
    Repeat,
    /// It is not believed.
    Refused(EventRefused),
    /// No such connection, or its provider sends no events.
    Nowhere,
}

/// Takes a delivery in: proves it, and keeps it with what it hints at. Nothing else happens before the gateway is answered.
///
/// # Errors
/// The database's, or a fault when the connection's credentials can't be opened: the gateway sends it again.
pub async fn receive(
    svc: &Services,
    provider: &str,
    connection: &str,
    headers: &[(String, String)],
    body: &[u8],
) -> Result<Received, ServiceError> {
    let Some(gateway) = svc.gateways().get(provider) else { return Ok(Received::Nowhere) };
    let Some(events) = gateway.events() else { return Ok(Received::Nowhere) };
    let found = gateway_events::connection(&mut svc.db().read().await?, connection, provider).await?;
    let Some(found) = found else { return Ok(Received::Nowhere) };
    let scope = found.scope()?;
    let call = gateway_call::call(svc, &scope, &found.id, found.credentials.as_deref(), "")
        .map_err(|failure| ServiceError::Fault(failure.to_string()))?;
    let url = connections::address(svc, provider, connection);
    let read = events.read(&call, &Incoming { headers, body, url: &url }).await;
    let other = Other::of(svc, &found.id, body)?;
    let refused = match read {
        Ok(hint) if usable(&hint) => return keep(svc, &scope, &hint, &other, body).await,
        Ok(_) => EventRefused::Unreadable,
        Err(refused) => refused,
    };
    // It is refused whether or not that can be written down.
    if let Err(error) = other.write(svc, &scope, verdict(refused)).await {
        tracing::warn!(connection, %error, "a refused delivery could not be noted");
    }
    Ok(Received::Refused(refused))
}

const fn verdict(refused: EventRefused) -> &'static str {
    match refused {
        EventRefused::Signature => "signature",
        EventRefused::Time => "time",
        EventRefused::Unreadable => "unreadable",
        EventRefused::NotNow => "not_now",
    }
}

/// Keeps an event, or notes that it came again; one unit.
async fn keep(
    svc: &Services,
    scope: &Scope,
    hint: &EventHint,
    other: &Other<'_>,
    body: &[u8],
) -> Result<Received, ServiceError> {
    let (about, our_key, gateway_ref, charge_ref) = match &hint.about {
        About::Charge { our_key, gateway_ref } => ("charge", our_key.as_deref(), gateway_ref.as_deref(), None),
        About::Refund { our_key, gateway_ref, charge_ref } => {
            ("refund", our_key.as_deref(), gateway_ref.as_deref(), charge_ref.as_deref())
        }
        About::Dispute { gateway_ref } => ("dispute", None, Some(gateway_ref.as_str()), None),
        About::Other => ("other", None, None, None),
    };
    let delivery: DeliveryId = svc.new_id();
    let payload = sealed(svc, &payload_place(true, delivery.as_str()), body, EVENT_KEPT)?;
    let new = NewEvent {
        connection: other.connection,
        id: &hint.id,
        kind: &hint.kind,
        about,
        our_key,
        gateway_ref,
        charge_ref,
        delivery: delivery.as_str(),
        payload: &payload,
        payload_size: other.size,
        at: svc.now(),
    };
    let again = NewDelivery { event: Some((&hint.id, &hint.kind)), ..other.delivery(svc, "repeat") };
    let kept = svc
        .db()
        .write(&(scope, &new, &again), |tx, &(scope, new, again)| {
            Box::pin(async move {
                let kept = gateway_events::insert(tx, scope, new).await?;
                if !kept {
                    gateway_inbox::insert(tx, scope, again, OTHERS).await?;
                }
                Ok(kept)
            })
        })
        .await
        .map_err(|error: StoreError| ServiceError::from(error))?;
    Ok(if kept { Received::New } else { Received::Repeat })
}

/// A delivery as it is kept when it brings no new event. Made before the unit, which may run twice and draws nothing.
struct Other<'a> {
    connection: &'a str,
    id: DeliveryId,
    payload: Vec<u8>,
    size: i64,
}

impl<'a> Other<'a> {
    fn of(svc: &Services, connection: &'a str, body: &[u8]) -> Result<Self, ServiceError> {
        let id: DeliveryId = svc.new_id();
        let payload = sealed(svc, &payload_place(false, id.as_str()), body, OTHER_KEPT)?;
        Ok(Self { connection, id, payload, size: i64::try_from(body.len()).unwrap_or(i64::MAX) })
    }

    fn delivery(&self, svc: &Services, verdict: &'static str) -> NewDelivery<'_> {
        NewDelivery {
            connection: self.connection,
            id: self.id.as_str(),
            verdict,
            event: None,
            payload: &self.payload,
            payload_size: self.size,
            at: svc.now(),
        }
    }

    async fn write(&self, svc: &Services, scope: &Scope, verdict: &'static str) -> Result<(), StoreError> {
        svc.db()
            .write(&(scope, &self.delivery(svc, verdict)), |tx, &(scope, new)| {
                Box::pin(async move { gateway_inbox::insert(tx, scope, new, OTHERS).await })
            })
            .await
    }
}

/// The beginning of what came, sealed.
fn sealed(svc: &Services, place: &str, body: &[u8], most: usize) -> Result<Vec<u8>, ServiceError> {
    let begin = body.get(..most).unwrap_or(body);
    svc.sealer().seal(svc.entropy(), place, begin).map_err(|error| ServiceError::Fault(error.to_string()))
}

/// Names of sizes that can be kept.
fn usable(hint: &EventHint) -> bool {
    let fits = |name: &str| !name.is_empty() && name.len() <= NAME_MAX;
    let names = match &hint.about {
        About::Charge { our_key, gateway_ref } => [our_key.as_deref(), gateway_ref.as_deref(), None],
        About::Refund { our_key, gateway_ref, charge_ref } => {
            [our_key.as_deref(), gateway_ref.as_deref(), charge_ref.as_deref()]
        }
        About::Dispute { gateway_ref } => [Some(gateway_ref.as_str()), None, None],
        About::Other => [None, None, None],
    };
    fits(&hint.id) && fits(&hint.kind) && names.into_iter().flatten().all(fits)
}
