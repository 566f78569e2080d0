//! Asking what became of a charge or a refund.
//!
//! By its name, this is certain. Without a name:
//!
//! - A charge with a token was named before it could charge ([`Prepares`](crate::Prepares)): without a name it was never confirmed. A
//!   page was never shown to anybody. Both are looked for all the same among what was made in the last day, which is how long a page
//!   can be paid and an idempotency key is kept: lists of Stripe are exact at once, its search is not
//!   (<https://docs.stripe.com/search#data-freshness>).
//! - A refund moves money in one call. It is looked for among all refunds of half a year.
//!
//! A list that does not end within [`PAGES`] pages proves nothing: that is no answer.

use super::wire::{Fields, Heard, answered, field, our_key, owned};
use super::{Stripe, refund};
use crate::{Call, ChargeReply, GatewayFailure, Lookup, RefundReply};
use async_trait::async_trait;
use domain::{
    Timestamp,
    time::{DAY, HOUR, SECOND},
};
use serde_json::Value;

/// How far back charges without a name are looked for: a page's day, and an hour for clocks that differ.
const CHARGES_BACK: i64 = DAY + HOUR;
/// How far back refunds without a name are looked for.
const REFUNDS_BACK: i64 = 180 * DAY;
/// Pages of a list that are read at most.
pub(super) const PAGES: usize = 100;
/// Objects a page: the most that Stripe gives (<https://docs.stripe.com/api/pagination>).
const PAGE: usize = 100;

#[async_trait]
impl Lookup for Stripe {
    async fn find_charge(
        &self,
        call: &Call,
        our_key: &str,
        gateway_ref: Option<&str>,
    ) -> Result<Option<ChargeReply>, GatewayFailure> {
        if let Some(name) = gateway_ref {
            // A name that Stripe does not know is no proof: the keys may be those of another account by now.
            return self.stands(call, name).await;
        }
        let since = vec![field("created[gte]", seconds(call.now.plus(-CHARGES_BACK)).to_string())];
        // Pages first: one that is open counts, whatever became of a card that was tried on it.
        for list in ["/v1/checkout/sessions", "/v1/payment_intents"] {
            if let Some(found) = answered(self.find(call, list, &since, our_key).await)? {
                // A list does not tell everything: the thing itself does.
                let name = owned(&found, "id").ok_or_else(|| GatewayFailure::unknown("no name in the answer"))?;
                return self.stands(call, &name).await;
            }
        }
        Ok(None)
    }

    async fn find_refund(
        &self,
        call: &Call,
        our_key: &str,
        _charge_ref: &str,
        gateway_ref: Option<&str>,
    ) -> Result<Option<RefundReply>, GatewayFailure> {
        if let Some(name) = gateway_ref {
            return self.refund_named(call, name).await.map(Some);
        }
        let since = field("created[gte]", seconds(call.now.plus(-REFUNDS_BACK)).to_string());
        let found = answered(self.find(call, "/v1/refunds", &vec![since], our_key).await)?;
        found.as_ref().map(refund::read).transpose()
    }
}

impl Stripe {
    /// The object under a key of ours in a list, which begins with the newest.
    pub(super) async fn find(&self, call: &Call, path: &str, query: &Fields, key: &str) -> Heard<Option<Value>> {
        let mut after = None;
        for _ in 0..PAGES {
            let page = match self.page(call, path, query, after.as_deref()).await? {
                Ok(page) => page,
                Err(refused) => return Ok(Err(refused)),
            };
            if let Some(found) = page.objects.iter().find(|object| our_key(object).as_deref() == Some(key)) {
                return Ok(Ok(Some(found.clone())));
            }
            match page.next {
                Some(next) => after = Some(next),
                None => return Ok(Ok(None)),
            }
        }
        Err(GatewayFailure::unknown("the list does not end"))
    }

    /// A page of a list, newest first.
    pub(super) async fn page(&self, call: &Call, path: &str, query: &Fields, after: Option<&str>) -> Heard<Page> {
        let mut query = query.clone();
        query.push(field("limit", PAGE.to_string()));
        query.extend(after.map(|id| field("starting_after", id)));
        Ok(match self.get(call, path, &query).await? {
            Ok(object) => Ok(read_page(&object.value)?),
            Err(refused) => Err(refused),
        })
    }
}

fn read_page(list: &Value) -> Result<Page, GatewayFailure> {
    let objects = list.get("data").and_then(Value::as_array);
    let (Some(objects), Some(more)) = (objects, list.get("has_more").and_then(Value::as_bool)) else {
        return Err(GatewayFailure::unknown("no list in the answer"));
    };
    let last = objects.last().and_then(|last| owned(last, "id"));
    // A list that goes on, and does not say where, has not been read to its end.
    let next = if more { Some(last.ok_or_else(|| GatewayFailure::unknown("a list without names"))?) } else { None };
    Ok(Page { objects: objects.clone(), next })
}

/// A page of a list.
pub(super) struct Page {
    /// Its objects, newest first.
    pub(super) objects: Vec<Value>,
    /// What to ask after for the next page; none at the end.
    pub(super) next: Option<String>,
}

/// A time in whole seconds, as Stripe keeps it. What was made in a second that has begun before a moment was made before it.
pub(super) const fn seconds(at: Timestamp) -> i64 {
    at.0.saturating_add(SECOND - 1).div_euclid(SECOND)
}

/// When an object was made.
pub(super) fn created(object: &Value) -> Result<Timestamp, GatewayFailure> {
    let seconds = object.get("created").and_then(Value::as_i64).and_then(|seconds| seconds.checked_mul(SECOND));
    seconds.map(Timestamp).ok_or_else(|| GatewayFailure::unknown("no readable time"))
}
