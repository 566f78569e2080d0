//! The queue, with the evidence.

use crate::{
    MerchantActor, ServiceError, Services, gateway_call,
    paging::{Asked, Side},
    reconcile::asking,
};
use domain::{
    Permission, Timestamp,
    views::{Cursor, Page, page::PageQuery, review::ReviewEntry},
};
use gateways::FindsOut;
use store::reviews::{self, Waiting};

/// Where the queue begins: the longest waiting comes first.
const START: Cursor = Cursor { at: Timestamp(i64::MIN), id: String::new() };

/// Calls that wait for a person, the longest waiting first, each with what was heard about it.
///
/// # Errors
/// Forbidden; a bad cursor; the database's.
pub async fn list(svc: &Services, actor: &MerchantActor, query: &PageQuery) -> Result<Page<ReviewEntry>, ServiceError> {
    actor.require(Permission::ViewPayments)?;
    let asked = Asked::of(query)?;
    let (place, before) = match &asked.side {
        Side::Older(place) if place.at == Timestamp(i64::MAX) => (&START, false),
        Side::Older(place) => (place, false),
        Side::Newer(place) => (place, true),
    };
    let mut tx = svc.db().read().await?;
    let found = reviews::waiting(&mut tx, &actor.scope, svc.now(), place, before, asked.rows()).await?;
    let page = asked.page(found, |row: &Waiting| Cursor { at: row.review_at, id: row.entry.operation.to_string() });
    let mut items = Vec::with_capacity(page.items.len());
    for waiting in page.items {
        let mut entry = waiting.entry;
        entry.answers = reviews::answers(&mut tx, &actor.scope, entry.operation.as_str()).await?;
        entry.finds_out = asks(svc, &entry)?.to_owned();
        entry.may_decide = actor.role.may(Permission::DecideOutcomes);
        items.push(entry);
    }
    Ok(Page { items, next: page.next, previous: page.previous })
}

/// How the gateway is asked about such a call.
fn asks(svc: &Services, entry: &ReviewEntry) -> Result<&'static str, ServiceError> {
    let gateway = gateway_call::gateway(svc, &entry.provider)?;
    if !asking::can_ask(gateway.as_ref(), entry.refund.is_some()) {
        return Ok("never");
    }
    Ok(match gateway.finds_out() {
        FindsOut::ById => "by_id",
        FindsOut::ByListing => "by_listing",
        FindsOut::ByCancellingKey => "by_cancelling_key",
        FindsOut::Never => "never",
    })
}
