//! Methods that Stripe keeps: what a charge kept, and charging it again, with the customer there or not
//! (<https://docs.stripe.com/payments/save-during-payment#charge-saved-payment-method>).

use super::wire::{MISSING, Refused, field, is_name, name_of, note, object_of, text, unknown};
use super::{META_ABSENT, Stripe, customer, decline, intent};
use crate::{Call, ChargeReply, ChargeState, GatewayFailure, SavedMethod};
use domain::decline::DeclineCode;
use serde_json::Value;

/// What the name of a method begins with.
pub(super) const PREFIX: &str = "pm_";
/// Why we cancel what nobody may prove anything for, in a word that Stripe takes.
const CLOSED: &str = "abandoned";

/// Which field of a confirmation a kept method goes into. None: Stripe keeps nothing of such a name. It keeps methods by customer,
/// and charges none twice that has no customer.
pub(super) fn method_field(saved: &SavedMethod) -> Option<(String, String)> {
    saved.customer.as_deref().filter(|name| is_name(name, customer::PREFIX))?;
    is_name(&saved.token, PREFIX).then(|| field("payment_method", saved.token.as_str()))
}

/// What a charge kept. Stripe attaches the method to the customer once the charge holds or has taken money
/// (`setup_future_usage`, <https://docs.stripe.com/api/payment_intents/object>). It says so as long as the charge is known, also when
/// the method was forgotten later.
pub(super) fn kept(intent: &Value, state: &ChargeState) -> Option<SavedMethod> {
    let attached = match state {
        ChargeState::Succeeded { .. } | ChargeState::Authorized { .. } => true,
        // What was held was released; what was never held kept nothing.
        ChargeState::Canceled => object_of(intent, "latest_charge").is_some_and(|charge| is(charge, "succeeded")),
        _ => false,
    };
    if !attached || text(intent, "setup_future_usage") != Some("off_session") {
        return None;
    }
    of(intent)
}

/// The method and the customer of an intent.
pub(super) fn of(intent: &Value) -> Option<SavedMethod> {
    let token = name_of(intent, "payment_method").filter(|name| is_name(name, PREFIX))?;
    let customer = name_of(intent, "customer").filter(|name| is_name(name, customer::PREFIX))?;
    Some(SavedMethod { token, customer: Some(customer) })
}

/// Why a charge in the customer's absence was declined that is canceled since. None: it was canceled for another reason.
pub(super) fn why_closed(intent: &Value) -> Option<DeclineCode> {
    let closed = is_absent(intent) && text(intent, "cancellation_reason") == Some(CLOSED);
    let charge = object_of(intent, "latest_charge");
    if !closed || charge.is_some_and(|charge| is(charge, "succeeded")) {
        return None;
    }
    if let Some(error) = object_of(intent, "last_payment_error") {
        return Some(decline::of_error(error));
    }
    // Changing a PaymentIntent may clear its error; its charge keeps it. Without a charge no bank was asked for the money yet: it
    // wanted the customer.
    Some(charge.map_or(DeclineCode::AuthenticationRequired, |charge| {
        let reason = object_of(charge, "outcome").and_then(|outcome| text(outcome, "reason"));
        decline::of(reason, text(charge, "failure_code"))
    }))
}

/// Whether a PaymentIntent waits for a customer who is absent.
pub(super) fn waits_for_nobody(intent: &Value) -> bool {
    is_absent(intent) && is(intent, "requires_action")
}

/// Whether a PaymentIntent is charged in the customer's absence.
pub(super) fn is_absent(intent: &Value) -> bool {
    note(intent, META_ABSENT).is_some()
}

fn is(object: &Value, status: &str) -> bool {
    text(object, "status") == Some(status)
}

impl Stripe {
    /// What came of a charge in the customer's absence: nothing is left waiting for them.
    pub(super) async fn unattended(
        &self,
        call: &Call,
        id: &str,
        reply: ChargeReply,
    ) -> Result<ChargeReply, GatewayFailure> {
        match reply.state {
            // It settles, or waits for the customer: that is closed then.
            ChargeState::Processing => self.stands(call, id).await?.ok_or_else(intent::not_confirmed),
            // Nobody but us can confirm it again, and we do not: where it can't be canceled, the no stands all the same.
            ChargeState::Declined(_) => match self.close(call, id).await {
                Ok(now) if intent::holds(&now.state) => Ok(now),
                Ok(_) | Err(_) => Ok(reply),
            },
            _ => Ok(reply),
        }
    }

    /// Cancels a charge in the customer's absence, so that it can't charge later. As long as that is not certain, it is unknown.
    pub(super) async fn close(&self, call: &Call, id: &str) -> Result<ChargeReply, GatewayFailure> {
        let key = format!("{id}-close");
        self.cancel(call, id, &key, &[("cancellation_reason", CLOSED)]).await.map_err(unknown)
    }

    /// Whether a confirmation was refused because the method is not the customer's (any more). Stripe says so in several ways, not
    /// all of which have a code: it is asked.
    pub(super) async fn is_gone(&self, call: &Call, saved: &SavedMethod, refused: &Refused) -> bool {
        if refused.is(MISSING) {
            return refused.is_about("payment_method") || refused.is_about("customer");
        }
        if refused.status != 400 {
            return false;
        }
        match self.method(call, &saved.token).await {
            Ok(Ok(found)) => name_of(&found.value, "customer") != saved.customer,
            Ok(Err(refused)) => refused.is(MISSING),
            Err(_) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn closed(changes: &[(&str, Value)]) -> Option<DeclineCode> {
        let mut intent = json!({
            "cancellation_reason": "abandoned", "metadata": { "paydeck_absent": "1" },
            "last_payment_error": null, "latest_charge": null,
        });
        for (name, value) in changes {
            intent[*name] = value.clone();
        }
        why_closed(&intent)
    }

    #[test]
    fn why_what_was_closed_was_declined() {
        let error = json!({ "code": "card_declined", "decline_code": "lost_card" });
        let failed = json!({
            "status": "failed", "failure_code": "card_declined", "outcome": { "reason": "insufficient_funds" },
        });
        assert_eq!(closed(&[]), Some(DeclineCode::AuthenticationRequired));
        assert_eq!(closed(&[("last_payment_error", error)]), Some(DeclineCode::LostCard));
        assert_eq!(closed(&[("latest_charge", failed)]), Some(DeclineCode::InsufficientFunds));
        // A hold that was released, somebody else's cancellation, and a customer who was there.
        assert_eq!(closed(&[("latest_charge", json!({ "status": "succeeded" }))]), None);
        assert_eq!(closed(&[("cancellation_reason", json!("requested_by_customer"))]), None);
        assert_eq!(closed(&[("cancellation_reason", Value::Null)]), None);
        assert_eq!(closed(&[("metadata", json!({}))]), None);
    }

    #[test]
    fn only_methods_with_a_customer_are_charged() {
        let field = |token: &str, customer: Option<&str>| {
            method_field(&SavedMethod { token: token.to_owned(), customer: customer.map(str::to_owned) })
        };
        assert_eq!(field("pm_1", Some("cus_1")), Some(("payment_method".to_owned(), "pm_1".to_owned())));
        for (token, customer) in [
            ("pm_1", None),
            ("pm_1", Some("")),
            ("pm_1", Some("cus_1/x")),
            ("ctoken_1", Some("cus_1")),
            ("pm_1/../x", Some("cus_1")),
            ("", Some("cus_1")),
        ] {
            assert_eq!(field(token, customer), None, "{token} {customer:?}");
        }
    }
}
