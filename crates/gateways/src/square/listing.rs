//! Listing what was made in a window (<https://developer.squareup.com/reference/square/payments-api/list-payments>,
//! <https://developer.squareup.com/reference/square/refunds-api/list-payment-refunds>).
//!
//! The lists hold everything of the location, whoever made it: at the till too. What names no key of ours is told without one;
//! what can't be read and names no key of ours is left out. Links that nobody has paid are no payments and are not listed.
//!
//! Where a card was to be kept, Square is asked for it, payment by payment; the first of these questions that fails is the
//! page's last, for whoever asks about the charge itself hears of the card again. A list keeps nothing anew.

use super::api::location;
use super::keeping::{BRIEF, may_be_kept};
use super::wire::{Body, Payment, Refund};
use super::{Square, cards, names, reply, times};
use crate::{Call, GatewayFailure, ListPage, ListedCharge, ListedRefund, Listing, RefundListPage, Window};
use async_trait::async_trait;
use domain::Timestamp;
use serde_json::Value;

/// Entries of a page, which is the most that Square gives.
const PAGE: &str = "100";

#[async_trait]
impl Listing for Square {
    async fn list_charges(&self, call: &Call, window: Window, after: Option<&str>) -> Result<ListPage, GatewayFailure> {
        let said = self.page(call, "payments", window, after).await?;
        let mut charges = Vec::with_capacity(said.payments.len());
        let mut asks = true;
        for value in said.payments {
            let mark = names::mark(value.get("note").and_then(Value::as_str));
            let mut charge = match listed_charge(value) {
                Ok(charge) if within(window, charge.created_at) => charge,
                Err(failure) if mark.is_some() => return Err(failure),
                _ => continue,
            };
            if let Some(mark) = mark.filter(|mark| asks && mark.keeps_for.is_some() && may_be_kept(&charge.reply.state))
            {
                match self.card_of_key(call, &mark.key, Some(BRIEF)).await {
                    Ok(card) => charge.reply.saved = card.and_then(|card| cards::saved(&card).ok().flatten()),
                    Err(_) => asks = false,
                }
            }
            charges.push(charge);
        }
        Ok(ListPage { charges, next: said.cursor.filter(|cursor| !cursor.is_empty()) })
    }

    async fn list_refunds(
        &self,
        call: &Call,
        window: Window,
        after: Option<&str>,
    ) -> Result<Option<RefundListPage>, GatewayFailure> {
        let said = self.page(call, "refunds", window, after).await?;
        let mut refunds = Vec::with_capacity(said.refunds.len());
        for value in said.refunds {
            let ours = names::mark(value.get("reason").and_then(Value::as_str)).is_some();
            match (listed_refund(value), ours) {
                (Ok(refund), _) => refunds.extend(Some(refund).filter(|refund| within(window, refund.created_at))),
                (Err(failure), true) => return Err(failure),
                (Err(_), false) => {}
            }
        }
        Ok(Some(RefundListPage { refunds, next: said.cursor.filter(|cursor| !cursor.is_empty()) }))
    }
}

impl Square {
    /// A page of `payments` or `refunds` of the location, oldest first. Square does not say whether the end of a window
    /// belongs to it: whoever minds leaves out what lies outside.
    pub(super) async fn page(
        &self,
        call: &Call,
        what: &str,
        window: Window,
        after: Option<&str>,
    ) -> Result<Body, GatewayFailure> {
        let said = self.get(call, &path(call, what, window, after)?).await?;
        said.ok_or_else(|| GatewayFailure::unknown("Square has no such list"))
    }
}

/// The address of a page.
pub(super) fn path(call: &Call, what: &str, window: Window, after: Option<&str>) -> Result<String, GatewayFailure> {
    let (from, to) = (times::to_text(window.from), times::to_text(window.to));
    let mut query = vec![
        ("begin_time", from.as_str()),
        ("end_time", to.as_str()),
        ("sort_order", "ASC"),
        ("location_id", location(call)?),
        ("limit", PAGE),
    ];
    query.extend(after.map(|cursor| ("cursor", cursor)));
    let query = serde_urlencoded::to_string(query).map_err(|error| GatewayFailure::not_sent(error.to_string()))?;
    Ok(format!("/v2/{what}?{query}"))
}

fn within(window: Window, at: Timestamp) -> bool {
    window.from <= at && at < window.to
}

fn made_at(text: Option<&str>) -> Result<Timestamp, GatewayFailure> {
    text.and_then(times::of_text).ok_or_else(|| GatewayFailure::unknown("an entry without a time"))
}

fn unreadable(_: serde_json::Error) -> GatewayFailure {
    GatewayFailure::unknown("an entry that can't be read")
}

fn listed_charge(value: Value) -> Result<ListedCharge, GatewayFailure> {
    let payment: Payment = serde_json::from_value(value).map_err(unreadable)?;
    Ok(ListedCharge {
        our_key: reply::our_key(&payment),
        amount: reply::amount(&payment)?,
        created_at: made_at(payment.created_at.as_deref())?,
        reply: reply::charge(&payment)?,
    })
}

fn listed_refund(value: Value) -> Result<ListedRefund, GatewayFailure> {
    let refund: Refund = serde_json::from_value(value).map_err(unreadable)?;
    Ok(ListedRefund {
        our_key: names::mark(refund.reason.as_deref()).map(|mark| mark.key),
        charge_ref: refund.payment_id.clone().ok_or_else(|| GatewayFailure::unknown("a refund of no payment"))?,
        created_at: made_at(refund.created_at.as_deref())?,
        reply: reply::refund(&refund)?,
    })
}
