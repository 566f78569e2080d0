//! What an event is about is asked for and settled.

use super::refund;
use crate::{
    ServiceError, Services,
    disputes::{self, Heard},
    reconcile::{self, Hinted},
};
use store::{
    Tx, charges, connections,
    gateway_events::{self, KeyOwner, Taken},
    operations::{self, Work},
    payments::parse,
};

/// Another amount, currency or merchant than ours.
pub(super) const MISMATCH: &str = "mismatch";
/// Of what was not known here before an event told of it.
pub(super) const NONE: &str = "none";

/// How looking at an event ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    /// The gateway was asked and what it said was settled.
    Done,
    /// It is about nothing of ours.
    NotOurs,
    /// The gateway has to be asked again.
    NoAnswer,
}

/// What looking at an event came to.
pub(super) struct Seen {
    pub(super) end: Look,
    /// The payment that it is about.
    pub(super) payment: Option<String>,
    /// What it changed, from which state to which.
    pub(super) changed: Option<(&'static str, String, String)>,
    /// What a person should know.
    pub(super) note: Option<&'static str>,
}

impl Seen {
    /// It is about a payment, and changed nothing.
    pub(super) fn of(end: Look, payment: &str, note: Option<&'static str>) -> Self {
        Self { end, payment: Some(payment.to_owned()), changed: None, note }
    }

    /// It is about nothing of this connection's.
    pub(super) fn not_ours(note: Option<&'static str>) -> Self {
        Self { end: Look::NotOurs, payment: None, changed: None, note }
    }

    /// It is settled, and may have moved something.
    pub(super) fn done(payment: &str, what: &'static str, from: &str, to: String) -> Self {
        let changed = (from != to).then(|| (what, from.to_owned(), to));
        Self { end: Look::Done, payment: Some(payment.to_owned()), changed, note: None }
    }
}

pub(super) async fn look(svc: &Services, event: &Taken) -> Result<Seen, ServiceError> {
    if event.about == "dispute" {
        return dispute(svc, event).await;
    }
    let scope = event.scope()?;
    let mut tx = svc.db().read().await?;
    let work = match gateway_events::operation(&mut tx, event).await? {
        Some(id) => operations::work(&mut tx, &scope, &id).await?,
        None => None,
    };
    let Some(work) = work else {
        let note = elsewhere(&mut tx, event).await?;
        drop(tx);
        return match (note, event.about.as_str()) {
            (None, "refund") => refund::made_there(svc, event).await,
            (note, _) => Ok(Seen::not_ours(note)),
        };
    };
    drop(tx);
    let (id, payment, (what, before)) = (work.id.clone(), work.payment_id.clone(), standing(&work));
    let hinted = reconcile::hinted(svc, work).await?;
    let after = operations::work(&mut svc.db().read().await?, &scope, &id).await?.map(|work| standing(&work).1);
    let changed = after.filter(|after| *after != before).map(|after| (what, before, after));
    if hinted == Hinted::Mismatch {
        tracing::warn!(event = event.event_id, payment, "a gateway tells of another amount or currency than ours");
    }
    let end = if hinted == Hinted::Silent { Look::NoAnswer } else { Look::Done };
    Ok(Seen { end, payment: Some(payment), changed, note: (hinted == Hinted::Mismatch).then_some(MISMATCH) })
}

/// What an event can change, and its state.
pub(super) fn standing(work: &Work) -> (&'static str, String) {
    match &work.refund_status {
        Some(status) => ("refund", status.clone()),
        None => ("payment", work.payment_status.clone()),
    }
}

/// An event about a dispute: the gateway is asked for it by its own name.
async fn dispute(svc: &Services, event: &Taken) -> Result<Seen, ServiceError> {
    let Some(gateway_ref) = event.gateway_ref.as_deref() else { return Ok(Seen::not_ours(None)) };
    Ok(match disputes::look(svc, &event.scope()?, &event.connection_id, gateway_ref).await? {
        Heard::Silent(payment) => Seen { end: Look::NoAnswer, payment, changed: None, note: None },
        Heard::Unasked => Seen::not_ours(None),
        Heard::Elsewhere(charge_ref) => Seen::not_ours(charge_elsewhere(svc, event, &charge_ref).await?),
        Heard::Mismatch(payment) => {
            tracing::warn!(
                event = event.event_id,
                payment,
                "a gateway tells of a dispute that does not fit its payment"
            );
            Seen::of(Look::Done, &payment, Some(MISMATCH))
        }
        Heard::Settled { payment, from, to } => {
            Seen::done(&payment, "dispute", from.as_deref().unwrap_or(NONE), to.as_str().to_owned())
        }
    })
}

/// What is to be said of an event that is about nothing of its connection's: that it names a payment of another merchant, or of
/// another connection. An event that names no key of ours is somebody else's business: accounts at gateways are shared.
async fn elsewhere(tx: &mut Tx, event: &Taken) -> Result<Option<&'static str>, ServiceError> {
    let Some(key) = event.our_key.as_deref() else { return Ok(None) };
    Ok(note_of(event, gateway_events::owner_of_key(tx, key).await?))
}

/// The same of a charge that the gateway names.
pub(super) async fn charge_elsewhere(
    svc: &Services,
    event: &Taken,
    charge_ref: &str,
) -> Result<Option<&'static str>, ServiceError> {
    let (scope, mut tx) = (event.scope()?, svc.db().read().await?);
    let connection = connections::for_call(&mut tx, &scope, &parse(&event.connection_id)?).await?;
    let Some(connection) = connection else { return Ok(None) };
    Ok(note_of(event, charges::owner(&mut tx, &scope, &connection.provider, charge_ref).await?))
}

fn note_of(event: &Taken, owner: Option<KeyOwner>) -> Option<&'static str> {
    let owner = owner?;
    if (owner.merchant_id.as_str(), owner.livemode) != (event.merchant_id.as_str(), event.livemode) {
        tracing::warn!(
            event = event.event_id,
            connection = event.connection_id,
            "an event names another merchant's payment"
        );
        return Some(MISMATCH);
    }
    (owner.connection_id != event.connection_id).then_some("other_connection")
}
