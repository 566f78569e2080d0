//! Reading orders, and the authorisations and captures in them.
//!
//! <https://developer.paypal.com/docs/api/orders/v2/#definition-order>. What Paydeck makes has one purchase unit; its `payments` hold
//! what became of it.

use super::{PayPal, api, decline, is_id, money, time};
use crate::{Call, ChargeReply, ChargeState, GatewayFailure};
use domain::Money;
use serde_json::Value;

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

    /// Whether the payer has said yes and nothing has been made of it yet.
    pub(super) fn is_to_be_completed(&self) -> bool {
        self.status() == "APPROVED" && self.captures().is_empty() && self.authorization().is_none()
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
        let id = order.id()?;
        let none = (None, None);
        if let Some(paid) = paid(order)? {
            if let (ChargeState::Succeeded { captured, .. }, Some(asked)) = (&paid, order.amount())
                && captured.currency != asked.currency
            {
                return Err(GatewayFailure::unknown("PayPal captured another currency than was asked"));
            }
            return Ok(reply(id, paid, none));
        }
        if let Some(pending) = order.captures().iter().find(|capture| text(capture, "/status") == Some("PENDING")) {
            let (state, raw) = capture_state(pending)?;
            return Ok(reply(id, state, (raw, None)));
        }
        if let Some(authorization) = order.authorization() {
            let (state, raw) = authorization_state(authorization)?;
            return Ok(reply(id, state, (raw, None)));
        }
        if let Some(capture) = order.captures().last() {
            let (state, raw) = capture_state(capture)?;
            return Ok(reply(id, state, (raw, None)));
        }
        match order.status() {
            // Approved, and nothing taken: the customer's return is what takes it. Whoever only asks takes nothing.
            "CREATED" | "SAVED" | "PAYER_ACTION_REQUIRED" | "APPROVED" => {
                let url = self.approval_url(call, id, api::link(&order.0, &["payer-action", "approve"]));
                Ok(reply(id, ChargeState::RequiresAction { url }, none))
            }
            "VOIDED" => Ok(reply(id, ChargeState::Canceled, none)),
            _ => Err(GatewayFailure::unknown("PayPal's order says neither what was paid nor that nothing was")),
        }
    }

    /// Where the customer goes: the link of the answer when it is an https address (or lies at the operator's own base), else the
    /// page that PayPal documents for orders.
    pub(super) fn approval_url(&self, call: &Call, order_id: &str, link: Option<String>) -> String {
        let own = |url: &str| self.base.as_deref().is_some_and(|base| url.starts_with(&format!("{base}/")));
        link.filter(|url| url.starts_with("https://") || own(url))
            .unwrap_or_else(|| self.approval_page(call.livemode, order_id))
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
