//! An event comes in.

use crate::{ServiceError, Services, gateway_call};
use gateways::{About, EventHint, EventRefused, Incoming};
use store::{
    StoreError,
    gateway_events::{self, NewEvent},
};

/// Longest name of an event that is kept; a longer one is no event.
const NAME_MAX: usize = 255;

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

/// Takes a delivery in: proves it, and keeps what it hints at. Nothing else happens before the gateway is answered.
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
    let url = format!("{}/webhooks/{provider}/{connection}", svc.settings().public_url);
    let hint = match events.read(&call, &Incoming { headers, body, url: &url }).await {
        Ok(hint) if usable(&hint) => hint,
        Ok(_) => return Ok(Received::Refused(EventRefused::Unreadable)),
        Err(refused) => return Ok(Received::Refused(refused)),
    };
    let (about, our_key, gateway_ref) = match &hint.about {
        About::Charge { our_key, gateway_ref } => ("charge", our_key.as_deref(), gateway_ref.as_deref()),
        About::Refund { our_key, gateway_ref, .. } => ("refund", our_key.as_deref(), gateway_ref.as_deref()),
        About::Other => ("other", None, None),
    };
    let new =
        NewEvent { connection: &found.id, id: &hint.id, kind: &hint.kind, about, our_key, gateway_ref, at: svc.now() };
    let kept = svc
        .db()
        .write(&(&scope, &new), |tx, &(scope, new)| {
            Box::pin(async move { gateway_events::insert(tx, scope, new).await })
        })
        .await
        .map_err(|error: StoreError| ServiceError::from(error))?;
    Ok(if kept { Received::New } else { Received::Repeat })
}

/// Names of sizes that can be kept.
fn usable(hint: &EventHint) -> bool {
    let fits = |name: &str| !name.is_empty() && name.len() <= NAME_MAX;
    let names = match &hint.about {
        About::Charge { our_key, gateway_ref } => [our_key, gateway_ref, &None],
        About::Refund { our_key, gateway_ref, charge_ref } => [our_key, gateway_ref, charge_ref],
        About::Other => [&None, &None, &None],
    };
    fits(&hint.id) && fits(&hint.kind) && names.into_iter().flatten().all(|name| fits(name))
}
