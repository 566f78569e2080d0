//! Checkout Sessions: Stripe's own page (<https://docs.stripe.com/api/checkout/sessions>).
//!
//! A session lives for a day, which is Stripe's own limit: to ask for less would need a time in the request, and the same key with
//! another time is another request. Whoever leaves the page has it ended by [`Abandons`](crate::Abandons).

use super::charge::{capture_method, description, notes, suffixed};
use super::customer::Owner;
use super::wire::{Fields, Heard, answered, field, is_name, name_of, text};
use super::{META_PAGE, Stripe, amount, decline, intent};
use crate::{Call, ChargeReply, ChargeRequest, ChargeState, GatewayFailure};
use domain::{Locale, decline::DeclineCode};
use serde_json::Value;

/// What the name of a Checkout Session begins with.
pub(super) const PREFIX: &str = "cs_";
/// The charge and its fee behind a session that is complete.
const EXPAND: &str = "payment_intent.latest_charge.balance_transaction";

impl Stripe {
    /// Makes a page, to which the answer leads.
    pub(super) async fn open_page(&self, call: &Call, request: &ChargeRequest) -> Result<ChargeReply, GatewayFailure> {
        let Some(minor) = amount::to_stripe(request.amount) else {
            return Ok(decline::unasked(DeclineCode::CurrencyNotSupported));
        };
        let owner = self.owner(call, request).await;
        let mut made = self.make_page(call, request, minor, &owner).await?;
        if made.as_ref().is_err_and(|refused| owner.is_refused(refused)) {
            made = self.make_page(call, request, minor, &Owner::UNKEPT).await?;
        }
        let made = match made {
            Ok(made) => made,
            Err(refused) => return decline::of_refused(&refused, None),
        };
        let total = intent::money(&made.value, "amount_total")?;
        if total != request.amount {
            return Err(GatewayFailure::unknown("the page is for another amount"));
        }
        if made.replayed {
            let id = text(&made.value, "id").ok_or_else(|| GatewayFailure::unknown("no name in the answer"))?;
            return self.session(call, id).await;
        }
        read(&made.value)
    }

    async fn make_page(&self, call: &Call, request: &ChargeRequest, minor: i64, owner: &Owner) -> Heard {
        let key = suffixed(call, "page") + owner.suffix;
        self.post(call, "/v1/checkout/sessions", &key, &form(call, request, minor, owner)).await
    }

    /// Where a session stands, or what was paid through it.
    pub(super) async fn session(&self, call: &Call, id: &str) -> Result<ChargeReply, GatewayFailure> {
        let path = path(id, "").map_err(super::wire::unknown)?;
        let session = self.object(call, &path, &vec![field("expand[]", EXPAND)]).await?;
        if text(&session, "id") != Some(id) {
            return Err(GatewayFailure::unknown("the answer is about something else"));
        }
        read(&session)
    }

    /// Where the session stands that a PaymentIntent was made by.
    pub(super) async fn session_of(&self, call: &Call, intent: &str) -> Result<ChargeReply, GatewayFailure> {
        let query = vec![field("payment_intent", intent)];
        let found = answered(self.page(call, "/v1/checkout/sessions", &query, None).await)?;
        let id = found.objects.first().and_then(|session| text(session, "id"));
        self.session(call, id.ok_or_else(|| GatewayFailure::unknown("a page that is gone"))?).await
    }

    /// Ends a page, so that it can't be paid any more; where it is paid, what came of it.
    pub(super) async fn expire(&self, call: &Call, id: &str) -> Result<ChargeReply, GatewayFailure> {
        let form = vec![field("expand[]", EXPAND)];
        match self.post(call, &path(id, "/expire")?, &suffixed(call, "abandon"), &form).await? {
            Ok(answer) if text(&answer.value, "id") == Some(id) => read(&answer.value),
            Ok(_) => Err(GatewayFailure::unknown("the answer is about something else")),
            // Only an open one can be ended (<https://docs.stripe.com/api/checkout/sessions/expire>): then it is over, or being paid.
            Err(refused) if refused.status == 400 => self.session(call, id).await,
            Err(refused) => Err(GatewayFailure::not_sent(refused.reason())),
        }
    }

    /// The PaymentIntent behind a name. None: nobody has paid through that page.
    pub(super) async fn intent_of(&self, call: &Call, gateway_ref: &str) -> Heard<Option<String>> {
        if !gateway_ref.starts_with(PREFIX) {
            return Ok(Ok(Some(gateway_ref.to_owned())));
        }
        let heard = self.get(call, &path(gateway_ref, "")?, &Fields::new()).await?;
        Ok(heard.map(|session| name_of(&session.value, "payment_intent")))
    }
}

/// The address of a Checkout Session, or of an action on it (`/expire`).
pub(super) fn path(id: &str, action: &str) -> Result<String, GatewayFailure> {
    if is_name(id, PREFIX) {
        Ok(format!("/v1/checkout/sessions/{id}{action}"))
    } else {
        Err(GatewayFailure::not_sent("no name of a Checkout Session"))
    }
}

fn form(call: &Call, request: &ChargeRequest, minor: i64, owner: &Owner) -> Fields {
    let currency = amount::code(request.amount.currency);
    let described = description(request);
    let mut form = vec![
        field("mode", "payment"),
        field("payment_method_types[]", "card"),
        field("success_url", request.return_url.as_str()),
        field("cancel_url", request.return_url.as_str()),
        field("client_reference_id", request.reference.as_str()),
        field("locale", locale(request.locale)),
        // The customer pays what they were told, in the currency that they were told.
        field("adaptive_pricing[enabled]", "false"),
        field("line_items[0][quantity]", "1"),
        field("line_items[0][price_data][currency]", currency),
        field("line_items[0][price_data][unit_amount]", minor.to_string()),
        field(
            "line_items[0][price_data][product_data][name]",
            described.clone().unwrap_or_else(|| request.reference.clone()),
        ),
        field("payment_intent_data[capture_method]", capture_method(request)),
    ];
    form.extend(described.map(|text| field("payment_intent_data[description]", text)));
    // Stripe takes one or the other: a customer has an address of their own.
    form.extend(match (&owner.customer, &request.email) {
        (Some(customer), _) => Some(field("customer", customer.as_str())),
        (None, email) => email.as_deref().map(|email| field("customer_email", email)),
    });
    if owner.keeps {
        form.push(field("payment_intent_data[setup_future_usage]", "off_session"));
    }
    form.extend(notes(call, request, "metadata"));
    form.extend(notes(call, request, "payment_intent_data[metadata]"));
    form.push(field(&format!("payment_intent_data[metadata][{META_PAGE}]"), "1"));
    form
}

/// The language of Stripe's page; one that it does not speak is left to the browser.
pub(super) const fn locale(locale: Locale) -> &'static str {
    match locale {
        Locale::En => "en",
        Locale::Fa => "auto",
    }
}

/// Where a session stands. Several cards may be declined on its page while it stays open.
pub(super) fn read(session: &Value) -> Result<ChargeReply, GatewayFailure> {
    let id = text(session, "id").filter(|id| is_name(id, PREFIX));
    let id = id.ok_or_else(|| GatewayFailure::unknown("no name in the answer"))?;
    let paid = session.get("payment_intent").filter(|intent| intent.is_object()).map(intent::read).transpose()?;
    let state = match text(session, "status") {
        Some("open") => ChargeState::RequiresAction { url: url(session)? },
        Some("complete") => {
            return paid.flatten().ok_or_else(|| GatewayFailure::unknown("complete, without a payment"));
        }
        Some("expired") => match paid.flatten() {
            Some(reply) if intent::holds(&reply.state) => return Ok(reply),
            _ => ChargeState::Canceled,
        },
        _ => return Err(GatewayFailure::unknown("an unknown status")),
    };
    Ok(ChargeReply {
        gateway_ref: Some(id.to_owned()),
        state,
        card: None,
        saved: None,
        raw_code: None,
        raw_message: None,
    })
}

/// The page's address.
pub(super) fn url(session: &Value) -> Result<String, GatewayFailure> {
    let url = text(session, "url").filter(|url| url.starts_with("https://"));
    url.map(str::to_owned).ok_or_else(|| GatewayFailure::unknown("a page without an address"))
}
