//! Reading orders, and the authorisations and captures in them.
//!
//! <https://developer.paypal.com/docs/api/orders/v2/#definition-order>. What Paydeck makes has one purchase unit; its `payments` hold
//! what became of it.

use super::{PayPal, api, decline, is_id, is_token, money, time};
use crate::{Call, ChargeReply, ChargeState, GatewayFailure, SavedMethod};
use domain::{Money, decline::DeclineCode};
use serde_json::Value;

/// How `reference_id` ends of an order that a saved method is to pay in the customer's absence: nobody is led to PayPal's page for
/// it, and nothing but the call that charges the saved method takes its money.
pub(super) const OFF_SESSION: &str = "~off-session";

/// An order as PayPal told it.
pub(super) struct Order(pub(super) Value);

impl Order {
    /// Its id.
    ///
    /// # Errors
    /// [`GatewayFailure::Unknown`]: an answer without one says nothing.
    pub(super) fn id(&self) -> Result<&str, GatewayFailure> {
        let id = text(&self.0, "/id").filter(|id| is_id(id));
        id.ok_or_else(|| GatewayFailure::unknown("PayPal's answer names no order"))
    }

    /// Its status.
    pub(super) fn status(&self) -> &str {
        text(&self.0, "/status").unwrap_or_default()
    }

    /// `CAPTURE` or `AUTHORIZE`.
    pub(super) fn intent(&self) -> &str {
        text(&self.0, "/intent").unwrap_or_default()
    }

    /// What it is for.
    pub(super) fn amount(&self) -> Option<Money> {
        money::read(self.0.pointer("/purchase_units/0/amount")?)
    }

    /// Its authorisation: the newest, after a reauthorisation at PayPal's site.
    pub(super) fn authorization(&self) -> Option<&Value> {
        self.payments("authorizations").last()
    }

    /// Its captures.
    pub(super) fn captures(&self) -> &[Value] {
        self.payments("captures")
    }

    /// Its refunds.
    pub(super) fn refunds(&self) -> &[Value] {
        self.payments("refunds")
    }

    /// Our key for it.
    pub(super) fn our_key(&self) -> Option<&str> {
        text(&self.0, "/purchase_units/0/custom_id")
    }

    /// Whether a saved method is to pay it in the customer's absence.
    pub(super) fn is_off_session(&self) -> bool {
        text(&self.0, "/purchase_units/0/reference_id").is_some_and(|reference| reference.ends_with(OFF_SESSION))
    }

    /// Whether nothing was taken for it, and still may be.
    pub(super) fn is_waiting(&self) -> bool {
        matches!(self.status(), "CREATED" | "SAVED" | "PAYER_ACTION_REQUIRED" | "APPROVED") && self.is_untaken()
    }

    /// Whether it was made and nothing else has happened: neither has a payer seen it, nor has a saved method been tried on it.
    pub(super) fn is_new(&self) -> bool {
        self.status() == "CREATED" && self.is_untaken()
    }

    /// Whether the payer has said yes on PayPal's page and nothing has been made of it yet.
    pub(super) fn is_to_be_completed(&self) -> bool {
        self.status() == "APPROVED" && self.is_untaken() && !self.is_off_session()
    }

    fn is_untaken(&self) -> bool {
        self.captures().is_empty() && self.authorization().is_none()
    }

    /// What PayPal keeps of its payer. PayPal may keep it some time after the money was taken: until then the status is `APPROVED`, and
    /// an id beside that would be no payment token. What can't be read is not kept, and never a reason to doubt the charge.
    pub(super) fn saved(&self) -> Option<SavedMethod> {
        let vault = self.0.pointer("/payment_source/paypal/attributes/vault")?;
        if text(vault, "/status") == Some("APPROVED") {
            return None;
        }
        let name = |pointer: &str| text(vault, pointer).filter(|name| is_token(name)).map(str::to_owned);
        Some(SavedMethod { token: name("/id")?, customer: name("/customer/id") })
    }

    fn payments(&self, kind: &str) -> &[Value] {
        let found = self.0.pointer(&format!("/purchase_units/0/payments/{kind}"));
        found.and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }
}

/// A text at a place.
pub(super) fn text<'a>(value: &'a Value, pointer: &str) -> Option<&'a str> {
    value.pointer(pointer)?.as_str()
}

/// The id of an authorisation, a capture or a refund.
///
/// # Errors
/// [`GatewayFailure::Unknown`].
pub(super) fn id_of(payment: &Value) -> Result<&str, GatewayFailure> {
    let id = text(payment, "/id").filter(|id| is_id(id));
    id.ok_or_else(|| GatewayFailure::unknown("PayPal's answer names no payment"))
}

/// A reply without anything about a card: PayPal tells nothing of what is in the payer's wallet.
pub(super) fn reply(order_id: &str, state: ChargeState, raw: (Option<String>, Option<String>)) -> ChargeReply {
    let (raw_code, raw_message) = raw;
    ChargeReply { gateway_ref: Some(order_id.to_owned()), state, card: None, saved: None, raw_code, raw_message }
}

/// How a capture stands.
pub(super) fn is_paid(capture: &Value) -> bool {
    matches!(text(capture, "/status"), Some("COMPLETED" | "PARTIALLY_REFUNDED" | "REFUNDED"))
}

/// Where one capture stands, with PayPal's own word for it.
///
/// # Errors
/// [`GatewayFailure::Unknown`] when it can't be read.
pub(super) fn capture_state(capture: &Value) -> Result<(ChargeState, Option<String>), GatewayFailure> {
    let status = text(capture, "/status").unwrap_or_default();
    match status {
        _ if is_paid(capture) => {
            let (captured, fee) = captured(capture)?;
            Ok((ChargeState::Succeeded { captured, fee }, None))
        }
        "PENDING" => Ok((ChargeState::Processing, text(capture, "/status_details/reason").map(str::to_owned))),
        "DECLINED" | "FAILED" => {
            let (code, raw) = decline::of_payment(capture);
            Ok((ChargeState::Declined(code), raw))
        }
        _ => Err(GatewayFailure::unknown("PayPal tells a status of a capture that is not known here")),
    }
}

/// What was captured and what PayPal keeps of it, when it says so in the same currency.
fn captured(capture: &Value) -> Result<(Money, Option<Money>), GatewayFailure> {
    let breakdown = |field: &str| money::read(capture.pointer("/seller_receivable_breakdown")?.get(field)?);
    let amount = capture.get("amount").and_then(money::read);
    let gross = breakdown("gross_amount").or(amount);
    let gross = gross.ok_or_else(|| GatewayFailure::unknown("PayPal's answer has no amount that can be read"))?;
    if amount.is_some_and(|amount| amount != gross) {
        return Err(GatewayFailure::unknown("PayPal's answer has two amounts for one capture"));
    }
    Ok((gross, breakdown("paypal_fee").filter(|fee| fee.currency == gross.currency && fee.minor >= 0)))
}

impl PayPal {
    /// Where a charge stands, as its order tells it. Nothing is moved by this.
    ///
    /// # Errors
    /// [`GatewayFailure::Unknown`] when the answer can't be read.
    pub(super) fn standing(&self, call: &Call, order: &Order) -> Result<ChargeReply, GatewayFailure> {
        let (state, raw) = self.state(call, order)?;
        Ok(ChargeReply { saved: order.saved(), ..reply(order.id()?, state, (raw, None)) })
    }

    fn state(&self, call: &Call, order: &Order) -> Result<(ChargeState, Option<String>), GatewayFailure> {
        let id = order.id()?;
        if let Some(paid) = paid(order)? {
            if let (ChargeState::Succeeded { captured, .. }, Some(asked)) = (&paid, order.amount())
                && captured.currency != asked.currency
            {
                return Err(GatewayFailure::unknown("PayPal captured another currency than was asked"));
            }
            return Ok((paid, None));
        }
        if let Some(pending) = order.captures().iter().find(|capture| text(capture, "/status") == Some("PENDING")) {
            return capture_state(pending);
        }
        if let Some(authorization) = order.authorization() {
            return authorization_state(authorization);
        }
        if let Some(capture) = order.captures().last() {
            return capture_state(capture);
        }
        match order.status() {
            // Nobody pays it any more: it was for one call with a saved method.
            "CREATED" if order.is_off_session() => Ok((ChargeState::Canceled, None)),
            status if order.is_off_session() && order.is_waiting() => {
                Ok((ChargeState::Declined(DeclineCode::AuthenticationRequired), Some(status.to_owned())))
            }
            // Approved, and nothing taken: the customer's return is what takes it. Whoever only asks takes nothing.
            "CREATED" | "SAVED" | "PAYER_ACTION_REQUIRED" | "APPROVED" => {
                let url = self.approval_url(call, id, api::link(&order.0, &["payer-action", "approve"]));
                Ok((ChargeState::RequiresAction { url }, None))
            }
            "VOIDED" => Ok((ChargeState::Canceled, None)),
            _ => Err(GatewayFailure::unknown("PayPal's order says neither what was paid nor that nothing was")),
        }
    }

    /// Where the customer goes: the link of the answer when it is an https address (or lies at the operator's own base), else the
    /// page that PayPal documents for orders.
    pub(super) fn approval_url(&self, call: &Call, order_id: &str, link: Option<String>) -> String {
        link.filter(|url| self.leads_to_a_page(url)).unwrap_or_else(|| self.approval_page(call.livemode, order_id))
    }

    /// Whether a customer may be sent to an address.
    pub(super) fn leads_to_a_page(&self, url: &str) -> bool {
        let is_own = |base: &str| url.strip_prefix(base).is_some_and(|path| path.starts_with('/'));
        url.starts_with("https://") || self.base.as_deref().is_some_and(is_own)
    }
}

/// All that was captured, together. Paydeck captures once; a merchant may have captured more at PayPal's site.
fn paid(order: &Order) -> Result<Option<ChargeState>, GatewayFailure> {
    let mut sum: Option<(Money, Option<Money>)> = None;
    for capture in order.captures().iter().filter(|capture| is_paid(capture)) {
        let (more, more_fee) = captured(capture)?;
        sum = Some(match sum {
            None => (more, more_fee),
            Some((so_far, fee)) => {
                let added = so_far.plus(more).map_err(|error| GatewayFailure::unknown(error.to_string()))?;
                (added, fee.zip(more_fee).and_then(|(a, b)| a.plus(b).ok()))
            }
        });
    }
    Ok(sum.map(|(captured, fee)| ChargeState::Succeeded { captured, fee }))
}

/// Where an authorisation stands of which nothing is captured.
///
/// # Errors
/// [`GatewayFailure::Unknown`].
pub(super) fn authorization_state(authorization: &Value) -> Result<(ChargeState, Option<String>), GatewayFailure> {
    match text(authorization, "/status").unwrap_or_default() {
        "CREATED" => {
            let capture_before = text(authorization, "/expiration_time").and_then(time::read);
            Ok((ChargeState::Authorized { capture_before }, None))
        }
        "PENDING" => Ok((ChargeState::Processing, text(authorization, "/status_details/reason").map(str::to_owned))),
        "DENIED" => {
            let (code, raw) = decline::of_payment(authorization);
            Ok((ChargeState::Declined(code), raw))
        }
        // It ended without a capture.
        "VOIDED" | "EXPIRED" => Ok((ChargeState::Canceled, None)),
        _ => Err(GatewayFailure::unknown("PayPal's authorisation is captured, and the capture is not told")),
    }
}
