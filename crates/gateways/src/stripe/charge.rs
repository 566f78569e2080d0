//! Taking payments: make a PaymentIntent, then confirm it with what the page's fields gave
//! (<https://docs.stripe.com/payments/finalize-payments-on-the-server>), or with a method that Stripe keeps.

use super::customer::Owner;
use super::intent::{self, not_confirmed};
use super::wire::{EXPAND_FEE, Fields, Heard, MISSING, Refused, field, is_name, not_sent, text};
use super::{META_ABSENT, META_KEY, META_PAYMENT, PUBLISHABLE_KEY, SCRIPT, Stripe, amount, decline, saved, session};
use crate::{
    Abandons, Call, CardFacts, ChargeReply, ChargeRequest, ChargeState, Charges, Credentials, GatewayFailure,
    Initiator, MethodInput, Prepares, Wanted,
};
use async_trait::async_trait;
use domain::{
    FieldProblem, Timestamp,
    decline::DeclineCode,
    problem::codes,
    views::checkout::{PayFields, ScriptFields},
};
use serde_json::Value;

/// What the page's fields make.
const CONFIRMATION_TOKEN: &str = "ctoken_";
/// How much of a description is sent, in characters: less than Stripe takes.
const DESCRIPTION_MAX: usize = 500;
/// Where the code of a PaymentIntent that is past this says so.
pub(super) const UNEXPECTED_STATE: &str = "payment_intent_unexpected_state";

#[async_trait]
impl Charges for Stripe {
    /// Origins are those of <https://docs.stripe.com/security/guide#content-security-policy>, without the map that only fields for
    /// addresses ask.
    fn fields(&self, wanted: &Wanted<'_>, credentials: &Credentials) -> PayFields {
        let origins = |origins: &[&str]| origins.iter().map(|&origin| origin.to_owned()).collect();
        let key = credentials.get(PUBLISHABLE_KEY).unwrap_or_default().to_owned();
        PayFields::Script(ScriptFields {
            script: SCRIPT.to_owned(),
            scripts: origins(&["https://js.stripe.com", "https://*.js.stripe.com"]),
            frames: origins(&["https://js.stripe.com", "https://*.js.stripe.com", "https://hooks.stripe.com"]),
            connects: origins(&["https://api.stripe.com"]),
            looks: Vec::new(),
            // In Stripe's own units, as everywhere at Stripe; a currency that it does not take is refused when it is charged.
            settings: vec![
                (PUBLISHABLE_KEY.to_owned(), key),
                ("amount".to_owned(), amount::to_stripe(wanted.amount).unwrap_or(wanted.amount.minor).to_string()),
            ],
            has_page: true,
        })
    }

    fn accept(&self, method: &MethodInput, _now: Timestamp) -> Result<Option<CardFacts>, Vec<FieldProblem>> {
        match method {
            MethodInput::Page | MethodInput::Saved(_) => Ok(None),
            MethodInput::Token(token) if token_field(token).is_some() => Ok(None),
            MethodInput::Token(_) | MethodInput::Card { .. } => {
                Err(vec![FieldProblem::new("method", codes::BAD_CHOICE)])
            }
        }
    }

    /// Without a prepared name it makes the PaymentIntent itself; whoever loses that answer has a day to find it again by our key
    /// (see [`Lookup`](crate::Lookup) of this provider).
    async fn charge(&self, call: &Call, request: &ChargeRequest) -> Result<ChargeReply, GatewayFailure> {
        if is_on_page(request) {
            return self.open_page(call, request).await;
        }
        let Some(method) = method_field(request) else {
            return Ok(decline::unasked(DeclineCode::CardNotSupported));
        };
        let id = match &request.prepared {
            Some(id) => id.clone(),
            None => match self.create(call, request).await? {
                Ok(id) => id,
                Err(reply) => return Ok(reply),
            },
        };
        let reply = self.confirm(call, request, &id, method).await?;
        match request.initiator {
            Initiator::Customer => Ok(reply),
            Initiator::Merchant => self.unattended(call, &id, reply).await,
        }
    }

    async fn resume(&self, call: &Call, gateway_ref: &str) -> Result<ChargeReply, GatewayFailure> {
        self.stands(call, gateway_ref).await?.ok_or_else(not_confirmed)
    }
}

#[async_trait]
impl Prepares for Stripe {
    async fn prepare(
        &self,
        call: &Call,
        request: &ChargeRequest,
    ) -> Result<Result<Option<String>, ChargeReply>, GatewayFailure> {
        if is_on_page(request) {
            return Ok(Ok(None));
        }
        match method_field(request) {
            Some(_) => Ok(self.create(call, request).await?.map(Some)),
            None => Ok(Err(decline::unasked(DeclineCode::CardNotSupported))),
        }
    }
}

#[async_trait]
impl Abandons for Stripe {
    async fn abandon(&self, call: &Call, gateway_ref: &str) -> Result<ChargeReply, GatewayFailure> {
        if gateway_ref.starts_with(session::PREFIX) {
            return self.expire(call, gateway_ref).await;
        }
        // What is held or taken meanwhile is told, not released: who gives up waiting has not asked for that.
        if let Some(reply) = self.stands(call, gateway_ref).await? {
            let page = reply.gateway_ref.as_deref().filter(|name| name.starts_with(session::PREFIX));
            match (&reply.state, page) {
                (ChargeState::RequiresAction { .. }, Some(page)) => return self.expire(call, page).await,
                (ChargeState::RequiresAction { .. } | ChargeState::Declined(_), _) => {}
                _ => return Ok(reply),
            }
        }
        self.cancel(call, gateway_ref, &suffixed(call, "abandon"), &[]).await
    }
}

impl Stripe {
    /// Makes a PaymentIntent that takes nothing, and names it. Nothing is charged whatever happens.
    async fn create(
        &self,
        call: &Call,
        request: &ChargeRequest,
    ) -> Result<Result<String, ChargeReply>, GatewayFailure> {
        let Some(minor) = amount::to_stripe(request.amount) else {
            return Ok(Err(decline::unasked(DeclineCode::CurrencyNotSupported)));
        };
        let owner = self.owner(call, request).await;
        let mut made = self.make(call, request, minor, &owner).await.map_err(not_sent)?;
        if made.as_ref().is_err_and(|refused| owner.is_refused(refused)) {
            made = self.make(call, request, minor, &Owner::UNKEPT).await.map_err(not_sent)?;
        }
        let made = match made {
            Ok(made) => made,
            Err(refused) if owner.customer.is_some() && refused.is(MISSING) && refused.is_about("customer") => {
                return Ok(Err(decline::declined(DeclineCode::SavedMethodGone, &refused, None)));
            }
            Err(refused) => return decline::of_refused(&refused, None).map(Err),
        };
        let id = text(&made, "id").filter(|id| is_name(id, intent::PREFIX)).map(str::to_owned);
        let as_asked = intent::asked(&made).is_ok_and(|amount| amount == request.amount);
        id.filter(|_| as_asked).map(Ok).ok_or_else(|| GatewayFailure::not_sent("made, and not as it was asked"))
    }

    async fn make(&self, call: &Call, request: &ChargeRequest, minor: i64, owner: &Owner) -> Heard<Value> {
        let mut form = vec![
            field("amount", minor.to_string()),
            field("currency", amount::code(request.amount.currency)),
            field("capture_method", capture_method(request)),
            field("payment_method_types[]", "card"),
        ];
        form.extend(owner.form());
        form.extend(description(request).map(|text| field("description", text)));
        form.extend(notes(call, request, "metadata"));
        if request.initiator == Initiator::Merchant {
            form.push(field(&format!("metadata[{META_ABSENT}]"), "1"));
        }
        let key = suffixed(call, "create") + owner.suffix;
        Ok(self.post(call, "/v1/payment_intents", &key, &form).await?.map(|made| made.value))
    }

    /// Confirms a PaymentIntent: from here on it may charge. It never charges twice, whatever keys it is confirmed under.
    async fn confirm(
        &self,
        call: &Call,
        request: &ChargeRequest,
        id: &str,
        method: (String, String),
    ) -> Result<ChargeReply, GatewayFailure> {
        let mut form = vec![method];
        form.extend(match request.initiator {
            // The customer is sent to an address, not handed to a script.
            Initiator::Customer => {
                vec![field("return_url", request.return_url.as_str()), field("use_stripe_sdk", "false")]
            }
            Initiator::Merchant => vec![field("off_session", "true")],
        });
        form.push(field("expand[]", EXPAND_FEE));
        let key = suffixed(call, "confirm");
        let reply = match self.post(call, &intent::path(id, "/confirm")?, &key, &form).await? {
            Ok(answer) if !answer.replayed && text(&answer.value, "id") == Some(id) => {
                as_asked(&answer.value, request)?;
                intent::read(&answer.value)?
            }
            Ok(_) => intent::read(&self.intent(call, id).await?)?,
            Err(refused) => return self.not_confirmed(call, request, id, &refused).await,
        };
        reply.ok_or_else(not_confirmed)
    }

    /// A refused confirmation: nothing was charged by it, but the PaymentIntent may have been charged before.
    async fn not_confirmed(
        &self,
        call: &Call,
        request: &ChargeRequest,
        id: &str,
        refused: &Refused,
    ) -> Result<ChargeReply, GatewayFailure> {
        if let Some(intent) = &refused.intent
            && let Some(reply) = intent::read(intent)?
            && !matches!(reply.state, ChargeState::Declined(_))
        {
            return Ok(reply);
        }
        if refused.is(UNEXPECTED_STATE) {
            return self.confirmed_intent(call, id).await;
        }
        let reply = match (decline::of_refused(refused, Some(id)), &request.method) {
            (Err(_), MethodInput::Saved(saved)) if self.is_gone(call, saved, refused).await => {
                decline::declined(DeclineCode::SavedMethodGone, refused, Some(id))
            }
            (reply, _) => reply?,
        };
        let card = refused.intent.as_ref().and_then(|intent| intent::read(intent).ok().flatten());
        Ok(ChargeReply { card: card.and_then(|seen| seen.card), ..reply })
    }

    /// Where a charge stands, whichever name it has. None: nobody has confirmed it.
    pub(super) async fn stands(&self, call: &Call, gateway_ref: &str) -> Result<Option<ChargeReply>, GatewayFailure> {
        if gateway_ref.starts_with(session::PREFIX) {
            return self.session(call, gateway_ref).await.map(Some);
        }
        let intent = self.intent(call, gateway_ref).await?;
        let reply = intent::read(&intent)?;
        // A page takes another card after one that was declined: only the page itself is at an end.
        if intent::is_of_page(&intent) && !reply.as_ref().is_some_and(|reply| intent::holds(&reply.state)) {
            return self.session_of(call, gateway_ref).await.map(Some);
        }
        // Nobody is there to be sent to a bank.
        if saved::waits_for_nobody(&intent) {
            return self.close(call, gateway_ref).await.map(Some);
        }
        Ok(reply)
    }

    /// Cancels a PaymentIntent; the answer is where it stands when it can't be canceled any more.
    pub(super) async fn cancel(
        &self,
        call: &Call,
        id: &str,
        key: &str,
        why: &[(&str, &str)],
    ) -> Result<ChargeReply, GatewayFailure> {
        let mut form = vec![field("expand[]", EXPAND_FEE)];
        form.extend(why.iter().map(|&(name, value)| field(name, value)));
        match self.post(call, &intent::path(id, "/cancel")?, key, &form).await? {
            Ok(answer) if text(&answer.value, "id") == Some(id) => {
                intent::read(&answer.value)?.ok_or_else(|| GatewayFailure::unknown("not canceled"))
            }
            Ok(_) => Err(GatewayFailure::unknown("the answer is about something else")),
            Err(refused) if refused.is(UNEXPECTED_STATE) => self.confirmed_intent(call, id).await,
            Err(refused) => Err(GatewayFailure::not_sent(refused.reason())),
        }
    }
}

/// Our key with a suffix, where one operation makes several calls.
pub(super) fn suffixed(call: &Call, suffix: &str) -> String {
    format!("{}-{suffix}", call.idempotency_key)
}

/// Whether the customer pays on Stripe's page.
fn is_on_page(request: &ChargeRequest) -> bool {
    matches!((&request.method, request.initiator), (MethodInput::Page, Initiator::Customer))
}

/// Which field of a confirmation the method goes into. None: it can't be charged. In the customer's absence, that is every method
/// that Stripe does not keep.
fn method_field(request: &ChargeRequest) -> Option<(String, String)> {
    match (&request.method, request.initiator) {
        (MethodInput::Saved(saved), _) => saved::method_field(saved),
        (MethodInput::Token(token), Initiator::Customer) => token_field(token),
        _ => None,
    }
}

/// Which field of a confirmation a token goes into: one of the page's fields, or one of Stripe's names for tests (`pm_card_visa`).
pub(super) fn token_field(token: &str) -> Option<(String, String)> {
    if is_name(token, CONFIRMATION_TOKEN) {
        return Some(field("confirmation_token", token));
    }
    is_name(token, saved::PREFIX).then(|| field("payment_method", token))
}

/// Captured at once and not some time later, so that the answer knows the fee.
pub(super) const fn capture_method(request: &ChargeRequest) -> &'static str {
    if request.capture { "automatic" } else { "manual" }
}

/// The description, cut to what is sent.
pub(super) fn description(request: &ChargeRequest) -> Option<String> {
    let text: String = request.description.as_deref()?.chars().take(DESCRIPTION_MAX).collect();
    Some(text).filter(|text| !text.trim().is_empty())
}

/// What is noted on an object: our key and our name for the payment.
pub(super) fn notes(call: &Call, request: &ChargeRequest, place: &str) -> Fields {
    vec![
        field(&format!("{place}[{META_KEY}]"), call.idempotency_key.as_str()),
        field(&format!("{place}[{META_PAYMENT}]"), request.reference.as_str()),
    ]
}

/// Whether a PaymentIntent is for what was asked. What is charged under another amount or currency is for a person to look at.
fn as_asked(intent: &Value, request: &ChargeRequest) -> Result<(), GatewayFailure> {
    let amount = intent::asked(intent)?;
    if amount == request.amount {
        return Ok(());
    }
    Err(GatewayFailure::unknown(format!("for {} instead of {}", amount.display(), request.amount.display())))
}
