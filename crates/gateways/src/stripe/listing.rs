//! Listing what was made within a window (<https://docs.stripe.com/api/pagination>).
//!
//! Stripe lists the newest first. So that the oldest comes first, the window is read in slices of an hour, each to its end, and each
//! turned around: a page of ours is such a slice, and may be empty. What was never confirmed took nothing and is left out. A Checkout
//! Session is listed by its PaymentIntent, once that holds or has taken money: until then, a card that was declined on its page says
//! nothing about the next one.
//!
//! An account may serve others than Paydeck. What carries no key of ours in its metadata is none of our charges, and a refund is
//! ours to know when it or its charge carries one.

use super::lookup::{PAGES, created, seconds};
use super::wire::{EXPAND_FEE, Fields, answered, field, our_key};
use super::{Stripe, intent, refund, wire};
use crate::{Call, GatewayFailure, ListPage, ListedCharge, ListedRefund, Listing, RefundListPage, Window};
use async_trait::async_trait;
use domain::{Timestamp, time::HOUR};
use serde_json::Value;

#[async_trait]
impl Listing for Stripe {
    async fn list_charges(&self, call: &Call, window: Window, after: Option<&str>) -> Result<ListPage, GatewayFailure> {
        let (slice, next) = slice(window, after)?;
        let query = vec![field("expand[]", format!("data.{EXPAND_FEE}"))];
        let found = self.oldest_first(call, "/v1/payment_intents", &query, slice).await?;
        let charges = found.iter().filter_map(|object| listed_charge(object).transpose());
        Ok(ListPage { charges: charges.collect::<Result<_, _>>()?, next })
    }

    async fn list_refunds(
        &self,
        call: &Call,
        window: Window,
        after: Option<&str>,
    ) -> Result<Option<RefundListPage>, GatewayFailure> {
        let (slice, next) = slice(window, after)?;
        let query = vec![field("expand[]", "data.payment_intent")];
        let found = self.oldest_first(call, "/v1/refunds", &query, slice).await?;
        let refunds = found.iter().filter_map(|object| listed_refund(object).transpose());
        Ok(Some(RefundListPage { refunds: refunds.collect::<Result<_, _>>()?, next }))
    }
}

/// The hour that a page of ours covers, and what to ask for the next one by.
fn slice(window: Window, after: Option<&str>) -> Result<(Window, Option<String>), GatewayFailure> {
    let from = match after {
        Some(place) => Timestamp(place.parse().map_err(|_| GatewayFailure::unknown("no place in a list"))?),
        None => window.from,
    };
    let to = Timestamp(from.plus(HOUR).0.min(window.to.0));
    let next = (to < window.to).then(|| to.0.to_string());
    Ok((Window { from, to }, next))
}

impl Stripe {
    async fn oldest_first(
        &self,
        call: &Call,
        path: &str,
        query: &Fields,
        slice: Window,
    ) -> Result<Vec<Value>, GatewayFailure> {
        let mut query = query.clone();
        query.push(field("created[gte]", seconds(slice.from).to_string()));
        query.push(field("created[lt]", seconds(slice.to).to_string()));
        let (mut found, mut after) = (Vec::new(), None);
        for _ in 0..PAGES {
            let page = answered(self.page(call, path, &query, after.as_deref()).await)?;
            found.extend(page.objects);
            match page.next {
                Some(next) => after = Some(next),
                None => {
                    found.reverse();
                    return Ok(found);
                }
            }
        }
        Err(GatewayFailure::unknown("the list does not end"))
    }
}

fn listed_charge(object: &Value) -> Result<Option<ListedCharge>, GatewayFailure> {
    let Some(our_key) = our_key(object) else { return Ok(None) };
    let Some(reply) = intent::read(object)? else { return Ok(None) };
    if intent::is_of_page(object) && !intent::holds(&reply.state) {
        return Ok(None);
    }
    let (amount, created_at) = (intent::asked(object)?, created(object)?);
    Ok(Some(ListedCharge { our_key: Some(our_key), amount, created_at, reply }))
}

/// A refund that we asked for, or that somebody else did of a charge of ours.
fn listed_refund(object: &Value) -> Result<Option<ListedRefund>, GatewayFailure> {
    let our_key = our_key(object);
    let (Some(charge_ref), Some(charge)) = (refund::charge_of(object), object.get("payment_intent")) else {
        return Ok(None);
    };
    if our_key.is_none() && charge.is_object() && wire::our_key(charge).is_none() {
        return Ok(None);
    }
    let (created_at, reply) = (created(object)?, refund::read(object)?);
    Ok(Some(ListedRefund { our_key, charge_ref, created_at, reply }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slices_cover_the_window_once() {
        let window = Window { from: Timestamp(1_500), to: Timestamp(1_500 + 2 * HOUR + 7) };
        let (mut after, mut seen) = (None::<String>, Vec::new());
        loop {
            let (slice, next) = slice(window, after.as_deref()).unwrap();
            seen.push((slice.from.0, slice.to.0));
            match next {
                Some(next) => after = Some(next),
                None => break,
            }
        }
        assert_eq!(
            seen,
            [(1_500, 1_500 + HOUR), (1_500 + HOUR, 1_500 + 2 * HOUR), (1_500 + 2 * HOUR, 1_507 + 2 * HOUR)]
        );
        assert!(slice(window, Some("pi_1")).is_err());
    }
}
