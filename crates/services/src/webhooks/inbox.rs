//! The inbox of a connection as people read it, and putting an event back into the queue.

use super::payload_place;
use crate::{
    MerchantActor, ServiceError, Services, audit,
    connections::{manage, sends_events},
    paging::{Asked, Side},
};
use domain::{
    ConnectionId, FieldProblem, Permission, Timestamp,
    problem::codes,
    views::{
        Cursor,
        inbox::{Changed, Delivery, DeliveryDetail, InboxFilter, InboxView},
        page::PageQuery,
    },
};
use store::{
    connections,
    gateway_inbox::{self, InboxRow, PayloadRow, Shown},
    payments::parse,
};

/// A page of what came to a connection, newest first, and one delivery in full when its key is given.
///
/// # Errors
/// Forbidden; not found; a filter that can't be read.
pub async fn inbox(
    svc: &Services,
    actor: &MerchantActor,
    id: &ConnectionId,
    filter: &InboxFilter,
    chosen: Option<&str>,
) -> Result<InboxView, ServiceError> {
    actor.require(Permission::ViewGateways)?;
    let shown = shown(filter)?;
    let query = PageQuery { after: filter.after.clone(), before: filter.before.clone(), limit: filter.limit };
    let asked = Asked::of(&query)?;
    let mut tx = svc.db().read().await?;
    let row = connections::get(&mut tx, &actor.scope, id).await?.ok_or_else(ServiceError::not_found)?;
    let side = match &asked.side {
        Side::Older(place) => (true, place),
        Side::Newer(place) => (false, place),
    };
    let rows = gateway_inbox::page(&mut tx, &actor.scope, id, shown, side, asked.rows()).await?;
    drop(tx);
    let chosen = match chosen {
        Some(key) => Some(Box::new(detail(svc, actor, id, key).await?)),
        None => None,
    };
    let items = rows.into_iter().map(delivery).collect::<Result<Vec<_>, _>>()?;
    Ok(InboxView {
        connection: id.clone(),
        sends_events: svc.gateways().get(&row.provider).is_some_and(|gateway| sends_events(&*gateway)),
        name: row.name,
        provider: row.provider,
        may_replay: may_replay(actor),
        chosen,
        page: asked.page(items, |row| Cursor { at: row.received_at, id: row.id.to_string() }),
    })
}

fn shown(filter: &InboxFilter) -> Result<Shown<'_>, ServiceError> {
    match filter.status.as_deref().unwrap_or_default() {
        "" => Ok(Shown::All),
        "mismatch" => Ok(Shown::Mismatched),
        "repeat" => Ok(Shown::Repeats),
        "refused" => Ok(Shown::Refused),
        status if InboxFilter::SHOWN.contains(&status) => Ok(Shown::Status(status)),
        _ => Err(ServiceError::fields(vec![FieldProblem::new("status", codes::BAD_CHOICE)])),
    }
}

fn may_replay(actor: &MerchantActor) -> bool {
    actor.role.may(manage(actor.scope.mode))
}

/// A delivery with what it held. That may be a customer's: whoever may not see payments does not see it.
///
/// # Errors
/// Forbidden; not found.
pub async fn detail(
    svc: &Services,
    actor: &MerchantActor,
    id: &ConnectionId,
    key: &str,
) -> Result<DeliveryDetail, ServiceError> {
    actor.require(Permission::ViewGateways)?;
    actor.require(Permission::ViewPayments)?;
    let place = Cursor::decode(key).ok_or_else(ServiceError::not_found)?;
    let found = gateway_inbox::one(&mut svc.db().read().await?, &actor.scope, id, &place).await?;
    let (row, held) = found.ok_or_else(ServiceError::not_found)?;
    let event = row.status.is_some();
    let plain = open(svc, event, &row.id, &held);
    let delivery = delivery(row)?;
    Ok(DeliveryDetail {
        may_replay: may_replay(actor) && delivery.status.as_deref().is_some_and(|status| status != "queued"),
        cut: plain
            .as_ref()
            .zip(held.payload_size)
            .is_some_and(|(plain, size)| i64::try_from(plain.len()).is_ok_and(|kept| kept < size)),
        payload: plain.map(|plain| readable(&plain)),
        our_key: held.our_key,
        gateway_ref: held.gateway_ref,
        size: held.payload_size,
        delivery,
    })
}

/// What was sealed; none when it is under another key than today's.
fn open(svc: &Services, event: bool, id: &str, held: &PayloadRow) -> Option<Vec<u8>> {
    let opened = svc.sealer().open(&payload_place(event, id), held.payload.as_deref()?);
    opened.inspect_err(|error| tracing::warn!(delivery = id, %error, "what a gateway sent can't be opened")).ok()
}

/// As text: pretty where it is whole JSON, with what is no text replaced where it is not.
fn readable(plain: &[u8]) -> String {
    let json = serde_json::from_slice::<serde_json::Value>(plain).ok();
    let pretty = json.and_then(|json| serde_json::to_string_pretty(&json).ok());
    pretty.unwrap_or_else(|| String::from_utf8_lossy(plain).replace('\0', "\u{fffd}"))
}

/// Puts an event back into the queue. It is a hint: looked at again, it changes nothing that was settled.
///
/// # Errors
/// Forbidden; not found. One that is in the queue already stays there.
pub async fn replay(svc: &Services, actor: &MerchantActor, id: &ConnectionId, key: &str) -> Result<(), ServiceError> {
    actor.require(manage(actor.scope.mode))?;
    let scope = &actor.scope;
    let place = Cursor::decode(key).ok_or_else(ServiceError::not_found)?;
    let found = gateway_inbox::one(&mut svc.db().read().await?, scope, id, &place).await?;
    // What was not believed, or came again, is no event.
    let row = found.map(|(row, _)| row).filter(|row| row.status.is_some()).ok_or_else(ServiceError::not_found)?;
    let at = svc.now();
    let entry = audit::Entry::by_member(actor, at, "gateway.event_replay")
        .on(&row.id)
        .with("connection", id.as_str())
        .with("event", row.event_id.unwrap_or_default());
    svc.db()
        .write(&(scope, id, &place, at, &entry), |tx, &(scope, id, place, at, entry)| {
            Box::pin(async move {
                if gateway_inbox::replay(tx, scope, id, place, at).await? {
                    audit::append(tx, entry).await?;
                }
                Ok::<_, ServiceError>(())
            })
        })
        .await
}

fn delivery(row: InboxRow) -> Result<Delivery, ServiceError> {
    let received_at = Timestamp(row.received_at);
    let changed = match (row.changed, row.changed_from, row.changed_to) {
        (Some(what), Some(from), Some(to)) => Some(Changed { what, from, to }),
        _ => None,
    };
    Ok(Delivery {
        key: Cursor { at: received_at, id: row.id.clone() }.encode(),
        id: parse(&row.id)?,
        verdict: row.verdict,
        event_id: row.event_id,
        kind: row.kind,
        about: row.about,
        status: row.status,
        tries: row.tries.unwrap_or(0),
        last_error: row.last_error,
        note: row.note,
        payment: row.payment_id.as_deref().map(parse).transpose()?,
        changed,
        received_at,
        finished_at: row.finished_at.map(Timestamp),
    })
}
