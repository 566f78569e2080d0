//! Square's own page: a payment link for one order
//! (<https://developer.squareup.com/reference/square/checkout-api/create-payment-link>,
//! <https://developer.squareup.com/docs/checkout-api/square-order-checkout>).
//!
//! Its name here is `plink:<link>:<order>` until it is paid, and the payment's id from then on. The link moves nothing by
//! itself: where it stands, the payments of its order say. A failed payment leaves the order open, and the customer tries
//! another card on the same page.
//!
//! Giving one up: Square documents that deleting a link cancels its order, and that a cancelled order can't be paid
//! (<https://developer.squareup.com/forums/t/checkout-api-hosted-checkout-timeout/8367>). Sellers have seen deleted links whose
//! order stayed open after a failed payment, and was paid hours later
//! (<https://developer.squareup.com/forums/t/delete-payment-link-api-didnt-return-the-cancelled-order-id-and-the-link-didnt-expire/21874>).
//! So the order is read after the deletion, cancelled by itself if it is still open, and only its own state `CANCELED`
//! without a payment counts as given up. Money that comes all the same is heard of by event and listing, for the payment's
//! note carries our key.

use super::api::{after_the_call, lacks, location, unanswered};
use super::charges::declined;
use super::errors::Verdict;
use super::names::{self, LinkName, Named};
use super::wire::{Order, Payment};
use super::{Square, amount, times};
use crate::{Abandons, Call, ChargeReply, ChargeRequest, ChargeState, GatewayFailure, Lookup};
use async_trait::async_trait;
use reqwest::Method;
use serde_json::{Value, json};

/// Payments of one order that are looked at: a customer who fails more often is for a person to look at.
const MOST_PAYMENTS: usize = 25;
/// The longest address of ours that Square returns to.
const RETURN_MAX: usize = 2048;
/// The longest prefilled address.
const EMAIL_MAX: usize = 256;
/// The longest name of what is bought that is sent.
const ITEM_MAX: usize = 255;

#[async_trait]
impl Abandons for Square {
    async fn abandon(&self, call: &Call, gateway_ref: &str) -> Result<ChargeReply, GatewayFailure> {
        match names::named(gateway_ref) {
            Some(Named::Link(name)) => self.give_up(call, &name).await,
            // A payment waits for nobody: it is where it is.
            _ => {
                let found = self.find_charge(call, "", Some(gateway_ref)).await?;
                found.ok_or_else(|| GatewayFailure::unknown("Square has no such charge"))
            }
        }
    }
}

impl Square {
    /// Makes a link and leads the customer to it.
    pub(super) async fn open_link(
        &self,
        call: &Call,
        request: &ChargeRequest,
        money: Value,
    ) -> Result<ChargeReply, GatewayFailure> {
        let body = link_body(call, request, &money, location(call)?);
        let said = match self.ask(call, Method::POST, "/v2/online-checkout/payment-links", Some(&body)).await? {
            Ok(said) => said,
            Err(refusal) => return declined(&refusal),
        };
        let link = said.payment_link.ok_or_else(|| lacks("payment_link"))?;
        let order = link.order_id.filter(|id| names::is_id(id)).ok_or_else(|| lacks("order_id"))?;
        if !names::is_id(&link.id) {
            return Err(lacks("id"));
        }
        // Taxes or charges that the seller's settings add would have the customer pay another amount.
        let total = said.related_resources.orders.first().and_then(|order| order.total_money.as_ref());
        if total.is_some_and(|total| amount::of_wire(total) != Some(request.amount)) {
            return Err(GatewayFailure::unknown(format!("link {} asks for another amount", link.id)));
        }
        let name = LinkName { link: link.id, order };
        if times::is_repeat(link.created_at.as_deref(), call.now) {
            // Made by an earlier call under the same key: it may have been paid since.
            let found = self.link_stands(call, &name).await.map_err(after_the_call)?;
            return found.ok_or_else(|| GatewayFailure::unknown("the link has no order"));
        }
        waits(&name, link.url)
    }

    /// Where a link stands; none when Square has no such order.
    pub(super) async fn link_stands(
        &self,
        call: &Call,
        name: &LinkName,
    ) -> Result<Option<ChargeReply>, GatewayFailure> {
        let Some(order) = self.order(call, name).await? else { return Ok(None) };
        if let Some(over) = self.over(call, name, &order).await? {
            return Ok(Some(over));
        }
        let link = self.get(call, &format!("/v2/online-checkout/payment-links/{}", name.link)).await?;
        match link.and_then(|said| said.payment_link) {
            Some(link) => waits(name, link.url).map(Some),
            None => Err(GatewayFailure::unknown(format!("link {} is gone and its order is open", name.link))),
        }
    }

    /// The payment that an order was or is being paid by, if there is one.
    pub(super) async fn live_payment(&self, call: &Call, order: &Order) -> Result<Option<Payment>, GatewayFailure> {
        if order.tenders.len() > MOST_PAYMENTS {
            return Err(GatewayFailure::unknown("an order with too many payments"));
        }
        let mut live: Option<Payment> = None;
        for tender in &order.tenders {
            let id = tender.payment_id.as_deref().or(tender.id.as_deref()).filter(|id| names::is_id(id));
            let payment = self.payment(call, id.ok_or_else(|| lacks("payment_id"))?).await?;
            let payment = payment.ok_or_else(|| GatewayFailure::unknown("a payment that can't be read yet"))?;
            if matches!(payment.status.as_str(), "FAILED" | "CANCELED") {
                continue;
            }
            if let Some(other) = &live {
                // A gift card and a card, for instance: no single payment stands for what was paid.
                return Err(GatewayFailure::unknown(format!("paid by {} and {}", other.id, payment.id)));
            }
            live = Some(payment);
        }
        Ok(live)
    }

    /// The order of a link.
    pub(super) async fn order(&self, call: &Call, name: &LinkName) -> Result<Option<Order>, GatewayFailure> {
        match self.get(call, &format!("/v2/orders/{}", name.order)).await? {
            Some(said) => said.order.ok_or_else(|| lacks("order")).map(Some),
            None => Ok(None),
        }
    }

    /// The answer about an order that waits for nobody any more: paid, being paid, or cancelled.
    async fn over(&self, call: &Call, name: &LinkName, order: &Order) -> Result<Option<ChargeReply>, GatewayFailure> {
        if let Some(payment) = self.live_payment(call, order).await? {
            return self.told(call, &payment).await.map(Some);
        }
        match order.state.as_deref() {
            Some("CANCELED") => Ok(Some(stands(name, ChargeState::Canceled, "CANCELED"))),
            Some("OPEN" | "DRAFT") => Ok(None),
            _ => Err(GatewayFailure::unknown("an order that is neither paid, open nor cancelled")),
        }
    }

    /// Makes sure that a link can't be paid any more.
    async fn give_up(&self, call: &Call, name: &LinkName) -> Result<ChargeReply, GatewayFailure> {
        let path = format!("/v2/online-checkout/payment-links/{}", name.link);
        match self.ask(call, Method::DELETE, &path, None).await? {
            Err(refusal) if refusal.verdict != Verdict::Missing => return Err(unanswered(&refusal)),
            _ => {}
        }
        let order = self.order(call, name).await?.ok_or_else(|| GatewayFailure::unknown("the link has no order"))?;
        if let Some(over) = self.over(call, name, &order).await? {
            return Ok(over);
        }
        // The version makes this fail when the order was paid meanwhile: then the order says so below.
        let body = json!({
            "idempotency_key": names::key(&call.idempotency_key, "-order"),
            "order": { "location_id": location(call)?, "version": order.version, "state": "CANCELED" },
        });
        let said = self.ask(call, Method::PUT, &format!("/v2/orders/{}", name.order), Some(&body)).await?;
        let order = self.order(call, name).await?.ok_or_else(|| GatewayFailure::unknown("the link has no order"))?;
        let over = self.over(call, name, &order).await?;
        over.ok_or_else(|| {
            let why = said.err().map_or_else(|| "it is still open".to_owned(), |refusal| refusal.reason);
            GatewayFailure::unknown(format!("the order could not be cancelled: {why}"))
        })
    }
}

/// What is asked for when a link is made. Nothing on the page changes the amount: no tips, coupons or rewards.
fn link_body(call: &Call, request: &ChargeRequest, money: &Value, location: &str) -> Value {
    let bought = request.description.as_deref().map(str::trim).filter(|text| !text.is_empty());
    let mut body = json!({
        "idempotency_key": names::key(&call.idempotency_key, ""),
        "order": {
            "location_id": location,
            "line_items": [{
                "name": names::cut(bought.unwrap_or(&request.reference), ITEM_MAX),
                "quantity": "1",
                "base_price_money": money,
            }],
        },
        "checkout_options": {
            "allow_tipping": false,
            "ask_for_shipping_address": false,
            "enable_coupon": false,
            "enable_loyalty": false,
            "accepted_payment_methods": {
                "apple_pay": true, "google_pay": true, "cash_app_pay": false, "afterpay_clearpay": false,
            },
        },
        "payment_note": names::note(call, request),
    });
    if let Some(reference) = names::reference(&call.idempotency_key) {
        body["order"]["reference_id"] = reference.into();
    }
    if request.return_url.len() <= RETURN_MAX {
        body["checkout_options"]["redirect_url"] = request.return_url.as_str().into();
    }
    if let Some(email) = request.email.as_deref().filter(|email| email.len() <= EMAIL_MAX) {
        body["pre_populated_data"] = json!({ "buyer_email": email });
    }
    body
}

fn stands(name: &LinkName, state: ChargeState, raw: &str) -> ChargeReply {
    let (gateway_ref, raw_code) = (Some(name.to_string()), Some(raw.to_owned()));
    ChargeReply { gateway_ref, state, card: None, saved: None, raw_code, raw_message: None }
}

/// A link that waits for the customer.
fn waits(name: &LinkName, url: Option<String>) -> Result<ChargeReply, GatewayFailure> {
    let url = url.filter(|url| url.starts_with("https://")).ok_or_else(|| lacks("url"))?;
    Ok(stands(name, ChargeState::RequiresAction { url }, "OPEN"))
}
