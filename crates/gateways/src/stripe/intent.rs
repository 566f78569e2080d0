//! PaymentIntents: where they stand (<https://docs.stripe.com/payments/paymentintents/lifecycle>).

use super::wire::{EXPAND_FEE, field, is_name, note, object_of, owned, text, unknown};
use super::{META_PAGE, Stripe, amount, decline, saved};
use crate::{Call, CardFacts, ChargeReply, ChargeState, GatewayFailure};
use domain::{Currency, Money, Timestamp, time::SECOND};
use serde_json::Value;

/// What the name of a PaymentIntent begins with.
pub(super) const PREFIX: &str = "pi_";

impl Stripe {
    /// A PaymentIntent, with its charge and fee.
    pub(super) async fn intent(&self, call: &Call, id: &str) -> Result<Value, GatewayFailure> {
        let path = path(id, "").map_err(unknown)?;
        let intent = self.object(call, &path, &vec![field("expand[]", EXPAND_FEE)]).await?;
        if text(&intent, "id") != Some(id) {
            return Err(GatewayFailure::unknown("the answer is about something else"));
        }
        Ok(intent)
    }

    /// Where a PaymentIntent stands that was confirmed.
    pub(super) async fn confirmed_intent(&self, call: &Call, id: &str) -> Result<ChargeReply, GatewayFailure> {
        read(&self.intent(call, id).await?)?.ok_or_else(not_confirmed)
    }
}

/// What is doubtful about a PaymentIntent that should have been confirmed.
pub(super) fn not_confirmed() -> GatewayFailure {
    GatewayFailure::unknown("not confirmed")
}

/// The address of a PaymentIntent, or of an action on it (`/confirm`).
pub(super) fn path(id: &str, action: &str) -> Result<String, GatewayFailure> {
    if is_name(id, PREFIX) {
        Ok(format!("/v1/payment_intents/{id}{action}"))
    } else {
        Err(GatewayFailure::not_sent("no name of a PaymentIntent"))
    }
}

/// Whether money is held, taken or on its way.
pub(super) const fn holds(state: &ChargeState) -> bool {
    matches!(state, ChargeState::Succeeded { .. } | ChargeState::Authorized { .. } | ChargeState::Processing)
}

/// Whether a page of Stripe's made it.
pub(super) fn is_of_page(intent: &Value) -> bool {
    note(intent, META_PAGE).is_some()
}

/// How much a PaymentIntent is for.
pub(super) fn asked(intent: &Value) -> Result<Money, GatewayFailure> {
    money(intent, "amount")
}

/// An amount of an object, in its currency.
pub(super) fn money(object: &Value, name: &str) -> Result<Money, GatewayFailure> {
    let minor = object.get(name).and_then(Value::as_i64).filter(|minor| *minor >= 0);
    let currency = currency(object);
    let read = minor.zip(currency).and_then(|(minor, currency)| amount::from_stripe(minor, currency));
    read.ok_or_else(|| GatewayFailure::unknown(format!("no readable {name}")))
}

fn currency(object: &Value) -> Option<Currency> {
    text(object, "currency")?.parse().ok()
}

/// Where a PaymentIntent stands. None: nobody has confirmed it, so that nothing was charged; only we can, for its client secret
/// leaves neither Stripe nor us.
pub(super) fn read(intent: &Value) -> Result<Option<ChargeReply>, GatewayFailure> {
    let id = text(intent, "id").filter(|id| is_name(id, PREFIX));
    let id = id.ok_or_else(|| GatewayFailure::unknown("no name in the answer"))?;
    asked(intent)?;
    let error = object_of(intent, "last_payment_error");
    let state = match text(intent, "status") {
        Some("succeeded") => succeeded(intent)?,
        Some("requires_capture") => ChargeState::Authorized { capture_before: capture_before(intent) },
        Some("processing") => ChargeState::Processing,
        // Whoever asks where it stands closes it (`saved`): until then, ask again.
        Some("requires_action") if saved::is_absent(intent) => ChargeState::Processing,
        Some("requires_action") => ChargeState::RequiresAction { url: redirect(intent)? },
        Some("canceled") => saved::why_closed(intent).map_or(ChargeState::Canceled, ChargeState::Declined),
        Some("requires_payment_method" | "requires_confirmation") => match error {
            Some(error) => ChargeState::Declined(decline::of_error(error)),
            None => return Ok(None),
        },
        _ => return Err(GatewayFailure::unknown("an unknown status")),
    };
    // Only a no has words: an earlier card's error says nothing about what came after it.
    let said = error.filter(|_| matches!(state, ChargeState::Declined(_)));
    Ok(Some(ChargeReply {
        gateway_ref: Some(id.to_owned()),
        card: card(intent),
        saved: saved::kept(intent, &state),
        raw_code: said.and_then(|error| owned(error, "decline_code").or_else(|| owned(error, "code"))),
        raw_message: said.and_then(|error| owned(error, "message")),
        state,
    }))
}

fn succeeded(intent: &Value) -> Result<ChargeState, GatewayFailure> {
    let captured = money(intent, "amount_received")?;
    Ok(ChargeState::Succeeded { captured, fee: fee(intent, captured.currency) })
}

/// What Stripe keeps, when it has booked it already and in the currency of the charge
/// (<https://docs.stripe.com/api/balance_transactions/object>).
fn fee(intent: &Value, currency_of_charge: Currency) -> Option<Money> {
    let booked = intent.get("latest_charge")?.get("balance_transaction")?;
    let minor = booked.get("fee").and_then(Value::as_i64)?;
    amount::from_stripe(minor, currency(booked)?).filter(|fee| fee.currency == currency_of_charge)
}

fn details(intent: &Value) -> Option<&Value> {
    intent.get("latest_charge")?.get("payment_method_details")?.get("card")
}

/// When what is not captured is released (<https://docs.stripe.com/payments/place-a-hold-on-a-payment-method>).
fn capture_before(intent: &Value) -> Option<Timestamp> {
    let seconds = details(intent)?.get("capture_before").and_then(Value::as_i64).filter(|seconds| *seconds > 0)?;
    seconds.checked_mul(SECOND).map(Timestamp)
}

/// The bank's page. Confirmed with `use_stripe_sdk=false`, an intent tells an address and no script's secret.
pub(super) fn redirect(intent: &Value) -> Result<String, GatewayFailure> {
    let action = intent.get("next_action").and_then(|action| action.get("redirect_to_url"));
    let url = action.and_then(|action| text(action, "url")).filter(|url| url.starts_with("https://"));
    url.map(str::to_owned).ok_or_else(|| GatewayFailure::unknown("an action without an address"))
}

/// The card of the last charge, or of the attempt that failed before there was one.
fn card(intent: &Value) -> Option<CardFacts> {
    let tried = || intent.get("last_payment_error")?.get("payment_method")?.get("card");
    card_facts(details(intent).or_else(tried)?)
}

/// What may be kept of a card.
pub(super) fn card_facts(card: &Value) -> Option<CardFacts> {
    let number = |name: &str| card.get(name).and_then(Value::as_u64);
    Some(CardFacts {
        brand: owned(card, "brand")?,
        last4: owned(card, "last4")?,
        exp_month: number("exp_month").and_then(|month| u8::try_from(month).ok()),
        exp_year: number("exp_year").and_then(|year| u16::try_from(year).ok()),
        country: owned(card, "country"),
    })
}
