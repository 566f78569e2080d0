//! Keeping methods without a charge: SetupIntents (<https://docs.stripe.com/api/setup_intents>), and Checkout Sessions that make one
//! (<https://docs.stripe.com/payments/checkout/save-and-reuse>). And forgetting them.
//!
//! A SetupIntent is made and confirmed in one call, under our key. It is named by itself (`seti_…`), or for as long as Stripe's page
//! is open by its Checkout Session (`cs_…`); the old name keeps working.

use super::charge::{suffixed, token_field};
use super::wire::{Fields, Heard, MISSING, Object, Refused, field, is_name, name_of, object_of, owned, text, unknown};
use super::{META_CUSTOMER, META_KEY, Stripe, decline, intent, saved, session};
use crate::{Call, GatewayFailure, MethodInput, SavedMethod, Saves, SetUpReply, SetUpRequest, SetUpState};
use async_trait::async_trait;
use domain::decline::DeclineCode;
use serde_json::Value;

/// What the name of a SetupIntent begins with.
const PREFIX: &str = "seti_";
/// What is asked for along with every SetupIntent.
const EXPAND: &str = "payment_method";
/// The same, behind a Checkout Session.
const EXPAND_OF_PAGE: &str = "setup_intent.payment_method";

#[async_trait]
impl Saves for Stripe {
    async fn set_up(&self, call: &Call, request: &SetUpRequest) -> Result<SetUpReply, GatewayFailure> {
        let method = match &request.method {
            MethodInput::Page => None,
            MethodInput::Token(token) => token_field(token),
            MethodInput::Card { .. } | MethodInput::Saved(_) => None,
        };
        if method.is_none() && !matches!(request.method, MethodInput::Page) {
            return Ok(reply(None, SetUpState::Declined(DeclineCode::CardNotSupported)));
        }
        let customer = match self.customer(call, &request.keep, request.email.as_deref()).await? {
            Ok(customer) => customer,
            Err(refused) => return of_refused(&refused),
        };
        let (path, key, form) = match method {
            Some(method) => ("/v1/setup_intents", "setup", fields_form(call, request, &customer, method)),
            None => ("/v1/checkout/sessions", "setup-page", page_form(call, request, &customer)),
        };
        match self.post(call, path, &suffixed(call, key), &form).await? {
            // As old as the first answer: where it stands now is asked.
            Ok(made) if made.replayed => {
                let id = text(&made.value, "id").ok_or_else(|| GatewayFailure::unknown("no name in the answer"))?;
                self.finish_set_up(call, id).await
            }
            Ok(made) => read_any(&made.value),
            Err(refused) => of_refused(&refused),
        }
    }

    async fn finish_set_up(&self, call: &Call, gateway_ref: &str) -> Result<SetUpReply, GatewayFailure> {
        let (path, expand) = if is_name(gateway_ref, PREFIX) {
            (format!("/v1/setup_intents/{gateway_ref}"), EXPAND)
        } else {
            (session::path(gateway_ref, "").map_err(unknown)?, EXPAND_OF_PAGE)
        };
        let found = self.object(call, &path, &vec![field("expand[]", expand)]).await?;
        if text(&found, "id") != Some(gateway_ref) {
            return Err(GatewayFailure::unknown("the answer is about something else"));
        }
        read_any(&found)
    }

    async fn forget(&self, call: &Call, saved: &SavedMethod) -> Result<(), GatewayFailure> {
        let path = format!("{}/detach", path_of_method(&saved.token)?);
        let refused = match self.post(call, &path, &call.idempotency_key, &Fields::new()).await? {
            Ok(found) if text(&found.value, "id") != Some(saved.token.as_str()) => {
                return Err(GatewayFailure::unknown("the answer is about something else"));
            }
            Ok(found) if name_of(&found.value, "customer").is_none() => return Ok(()),
            Ok(_) => return Err(GatewayFailure::unknown("it is still the customer's")),
            Err(refused) => refused,
        };
        // What is nobody's can't be taken from them (a 400 without a code): nobody can charge it either.
        let is_nobodys = refused.status == 400
            && matches!(self.method(call, &saved.token).await,
                Ok(Ok(found)) if found.value.get("customer").is_some_and(Value::is_null));
        if refused.is(MISSING) || is_nobodys { Ok(()) } else { Err(GatewayFailure::not_sent(refused.reason())) }
    }
}

impl Stripe {
    /// A kept method.
    pub(super) async fn method(&self, call: &Call, token: &str) -> Heard<Object> {
        self.get(call, &path_of_method(token)?, &Fields::new()).await
    }
}

fn path_of_method(token: &str) -> Result<String, GatewayFailure> {
    if is_name(token, saved::PREFIX) {
        Ok(format!("/v1/payment_methods/{token}"))
    } else {
        Err(GatewayFailure::not_sent("no name of a method"))
    }
}

fn fields_form(call: &Call, request: &SetUpRequest, customer: &str, method: (String, String)) -> Fields {
    let mut form = vec![
        field("customer", customer),
        field("usage", "off_session"),
        field("payment_method_types[]", "card"),
        method,
        field("confirm", "true"),
        field("return_url", request.return_url.as_str()),
        // The customer is sent to an address, not handed to a script.
        field("use_stripe_sdk", "false"),
        field("expand[]", EXPAND),
    ];
    form.extend(notes(call, request, "metadata"));
    form
}

fn page_form(call: &Call, request: &SetUpRequest, customer: &str) -> Fields {
    let mut form = vec![
        field("mode", "setup"),
        field("payment_method_types[]", "card"),
        field("customer", customer),
        field("success_url", request.return_url.as_str()),
        field("cancel_url", request.return_url.as_str()),
        field("locale", session::locale(request.locale)),
    ];
    form.extend(notes(call, request, "metadata"));
    form.extend(notes(call, request, "setup_intent_data[metadata]"));
    form
}

fn notes(call: &Call, request: &SetUpRequest, place: &str) -> Fields {
    vec![
        field(&format!("{place}[{META_KEY}]"), call.idempotency_key.as_str()),
        field(&format!("{place}[{META_CUSTOMER}]"), request.keep.customer.as_str()),
    ]
}

/// Where an undertaking stands, whichever name it has.
fn read_any(object: &Value) -> Result<SetUpReply, GatewayFailure> {
    match text(object, "id") {
        Some(id) if is_name(id, PREFIX) => read(object, id),
        Some(id) if is_name(id, session::PREFIX) => read_page(object, id),
        _ => Err(GatewayFailure::unknown("no name in the answer")),
    }
}

/// Where a SetupIntent stands (<https://docs.stripe.com/payments/setupintents/lifecycle>).
fn read(setup: &Value, id: &str) -> Result<SetUpReply, GatewayFailure> {
    let error = object_of(setup, "last_setup_error");
    let state = match (text(setup, "status"), error) {
        (Some("succeeded"), _) => {
            let kept = saved::of(setup).filter(|_| text(setup, "usage") == Some("off_session"));
            SetUpState::Saved(kept.ok_or_else(|| GatewayFailure::unknown("kept, without a name"))?)
        }
        (Some("requires_action"), _) => SetUpState::RequiresAction { url: intent::redirect(setup)? },
        (Some("canceled"), _) => SetUpState::Canceled,
        (Some("requires_payment_method"), Some(error)) => SetUpState::Declined(decline::of_error(error)),
        (Some("requires_payment_method" | "requires_confirmation"), _) => {
            return Err(GatewayFailure::unknown("not confirmed"));
        }
        // Not for cards, as far as is known: ask again.
        (Some("processing"), _) => return Err(GatewayFailure::unknown("not decided yet")),
        _ => return Err(GatewayFailure::unknown("an unknown status")),
    };
    let said = error.filter(|_| matches!(state, SetUpState::Declined(_)));
    let method = object_of(setup, "payment_method").or_else(|| object_of(error?, "payment_method"));
    Ok(SetUpReply {
        card: method.and_then(|method| method.get("card")).and_then(intent::card_facts),
        raw_code: said.and_then(|error| owned(error, "decline_code").or_else(|| owned(error, "code"))),
        raw_message: said.and_then(|error| owned(error, "message")),
        ..reply(Some(id), state)
    })
}

/// Where a page stands. Several cards may be declined on it while it stays open.
fn read_page(page: &Value, id: &str) -> Result<SetUpReply, GatewayFailure> {
    if text(page, "mode") != Some("setup") {
        return Err(GatewayFailure::unknown("a page for something else"));
    }
    match text(page, "status") {
        Some("open") => Ok(reply(Some(id), SetUpState::RequiresAction { url: session::url(page)? })),
        Some("complete") => {
            let setup = object_of(page, "setup_intent");
            let name = setup.and_then(|setup| text(setup, "id")).filter(|name| is_name(name, PREFIX));
            let both = setup.zip(name).ok_or_else(|| GatewayFailure::unknown("complete, without a SetupIntent"))?;
            read(both.0, both.1)
        }
        Some("expired") => Ok(reply(Some(id), SetUpState::Canceled)),
        _ => Err(GatewayFailure::unknown("an unknown status")),
    }
}

/// A refused request: a definite no, or one that was never right. Where Stripe tells how the SetupIntent stands, that counts.
fn of_refused(refused: &Refused) -> Result<SetUpReply, GatewayFailure> {
    if let Some(Ok(stands)) = refused.intent.as_ref().map(read_any) {
        return Ok(stands);
    }
    let state = SetUpState::Declined(decline::code_of_refused(refused)?);
    let id = refused.intent.as_ref().and_then(|setup| text(setup, "id"));
    Ok(SetUpReply { raw_code: refused.raw_code(), raw_message: refused.message.clone(), ..reply(id, state) })
}

fn reply(id: Option<&str>, state: SetUpState) -> SetUpReply {
    SetUpReply { gateway_ref: id.map(str::to_owned), state, card: None, raw_code: None, raw_message: None }
}
