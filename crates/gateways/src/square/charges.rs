//! Taking payments (<https://developer.squareup.com/reference/square/payments-api/create-payment>).
//!
//! A card that Square keeps is charged by its name and its customer's, with word on who asks for the payment
//! (<https://developer.squareup.com/reference/square/objects/CustomerDetails>). Nothing waits for the customer: where the bank
//! wants them, Square declines the payment.

use super::api::{after_the_call, lacks, location};
use super::cards;
use super::errors::{Refusal, Verdict};
use super::keeping::Answer;
use super::wire::Payment;
use super::{Square, amount, fields, names, reply, times};
use crate::{
    Call, CardFacts, ChargeReply, ChargeRequest, ChargeState, Charges, Credentials, GatewayFailure, Initiator, Lookup,
    MethodInput, SavedMethod, Wanted,
};
use async_trait::async_trait;
use domain::{
    FieldProblem, Timestamp, decline::DeclineCode, money::MAX_AMOUNT, problem::codes, views::checkout::PayFields,
};
use reqwest::Method;
use serde_json::{Value, json};

/// What the SDK's card tokens begin with.
const TOKENS: [&str; 2] = ["cnon:", "cnon_"];
/// The longest token that is sent on.
const TOKEN_MAX: usize = 255;
/// The longest address that Square takes.
const EMAIL_MAX: usize = 255;

#[async_trait]
impl Charges for Square {
    fn fields(&self, wanted: &Wanted<'_>, credentials: &Credentials) -> PayFields {
        fields::card(credentials, wanted)
    }

    fn accept(&self, method: &MethodInput, _now: Timestamp) -> Result<Option<CardFacts>, Vec<FieldProblem>> {
        let fits = match method {
            MethodInput::Page | MethodInput::Saved(_) => true,
            MethodInput::Token(token) => is_token(token),
            MethodInput::Card { .. } => false,
        };
        if fits { Ok(None) } else { Err(vec![FieldProblem::new("method", codes::BAD_CHOICE)]) }
    }

    async fn charge(&self, call: &Call, request: &ChargeRequest) -> Result<ChargeReply, GatewayFailure> {
        if !(1..=MAX_AMOUNT).contains(&request.amount.minor) {
            return Err(GatewayFailure::not_sent("amount out of range"));
        }
        let Some(money) = amount::to_wire(request.amount) else {
            return Ok(refused_here(DeclineCode::CurrencyNotSupported, "Square does not charge in this currency"));
        };
        match &request.method {
            MethodInput::Token(token) => self.pay(call, request, Source::Token(token), money).await,
            MethodInput::Saved(saved) => match kept(saved) {
                Some(source) => self.pay(call, request, source, money).await,
                None => Ok(refused_here(DeclineCode::SavedMethodGone, "not a card that Square keeps")),
            },
            MethodInput::Page if request.capture => self.open_link(call, request, money).await,
            MethodInput::Page => {
                Ok(refused_here(DeclineCode::CardNotSupported, "a Square payment link can't authorise only"))
            }
            MethodInput::Card { .. } => {
                Ok(refused_here(DeclineCode::CardNotSupported, "card numbers are not sent to Square"))
            }
        }
    }

    async fn resume(&self, call: &Call, gateway_ref: &str) -> Result<ChargeReply, GatewayFailure> {
        let found = self.find_charge(call, "", Some(gateway_ref)).await?;
        found.ok_or_else(|| GatewayFailure::unknown("Square has no such charge"))
    }
}

/// With what a payment is made.
#[derive(Clone, Copy)]
enum Source<'a> {
    /// A token of the fields.
    Token(&'a str),
    /// A card that Square keeps, and the customer whose it is.
    Kept(&'a str, &'a str),
}

impl Square {
    /// Makes a payment.
    async fn pay(
        &self,
        call: &Call,
        request: &ChargeRequest,
        source: Source<'_>,
        money: Value,
    ) -> Result<ChargeReply, GatewayFailure> {
        let body = payment_body(call, request, source, &money, location(call)?);
        let payment = match self.ask(call, Method::POST, "/v2/payments", Some(&body)).await? {
            Ok(said) => said.payment.ok_or_else(|| lacks("payment"))?,
            Err(refusal) if matches!(source, Source::Kept(..)) && is_gone(&refusal) => {
                return declined(&Refusal { verdict: Verdict::Declined(DeclineCode::SavedMethodGone), ..refusal });
            }
            Err(refusal) => return declined(&refusal),
        };
        let repeated = times::is_repeat(payment.created_at.as_deref(), call.now);
        let payment = self.as_it_stands(call, payment).await?;
        let told = reply::amount(&payment)?;
        let reply = reply::charge_as(&payment, !request.capture)?;
        let held = matches!(reply.state, ChargeState::Authorized { .. });
        if told.currency != request.amount.currency || held && told != request.amount {
            return Err(GatewayFailure::unknown(format!("payment {} has another amount", payment.id)));
        }
        let answer = if repeated { Answer::Later } else { Answer::First(request.keep.as_ref()) };
        Ok(self.with_kept(call, &payment, reply, answer).await)
    }

    /// A payment of an answer; when the answer repeats an earlier one, the payment as it stands now.
    async fn as_it_stands(&self, call: &Call, payment: Payment) -> Result<Payment, GatewayFailure> {
        if !times::is_repeat(payment.created_at.as_deref(), call.now) || !names::is_id(&payment.id) {
            return Ok(payment);
        }
        let again = self.payment(call, &payment.id).await.map_err(after_the_call)?;
        again.ok_or_else(|| GatewayFailure::unknown("a payment that can't be read"))
    }
}

/// What is asked for when a payment is made.
fn payment_body(call: &Call, request: &ChargeRequest, source: Source<'_>, money: &Value, location: &str) -> Value {
    let (Source::Token(source_id) | Source::Kept(source_id, _)) = source;
    let mut body = json!({
        "source_id": source_id,
        "idempotency_key": names::key(&call.idempotency_key, ""),
        "amount_money": money,
        "autocomplete": request.capture,
        "accept_partial_authorization": false,
        "location_id": location,
        "note": names::note(call, request),
    });
    if let Source::Kept(_, customer) = source {
        body["customer_id"] = customer.into();
        let here = request.initiator == Initiator::Customer;
        body["customer_details"] = json!({ "customer_initiated": here, "seller_keyed_in": false });
    }
    let texts = [
        ("reference_id", names::reference(&call.idempotency_key).map(str::to_owned)),
        ("buyer_email_address", request.email.clone().filter(|email| email.len() <= EMAIL_MAX)),
        ("statement_description_identifier", names::statement(request.description.as_deref())),
    ];
    for (name, text) in texts {
        if let Some(text) = text {
            body[name] = text.into();
        }
    }
    body
}

/// A kept card as a source; none when Square can't have given these names.
fn kept(saved: &SavedMethod) -> Option<Source<'_>> {
    let customer = saved.customer.as_deref().filter(|id| names::is_id(id))?;
    names::is_card(&saved.token).then_some(Source::Kept(&saved.token, customer))
}

/// Whether Square refuses a kept card because it knows the card or its customer no more ("Did not find matching card").
fn is_gone(refusal: &Refusal) -> bool {
    match refusal.verdict {
        // What another token would mend, for a card that nobody can give anew.
        Verdict::Declined(DeclineCode::TryAgainLater) => true,
        Verdict::Missing => refusal.field.is_none() || cards::is_about_customer(refusal),
        _ => cards::is_about_customer(refusal),
    }
}

/// Whether a text has the form of a token of the fields.
pub(super) fn is_token(token: &str) -> bool {
    let begins = TOKENS.iter().any(|start| token.len() > start.len() && token.starts_with(start));
    begins && token.len() <= TOKEN_MAX && token.bytes().all(|byte| byte.is_ascii_graphic())
}

/// A no of ours, before anything is sent.
fn refused_here(code: DeclineCode, why: &str) -> ChargeReply {
    ChargeReply {
        gateway_ref: None,
        state: ChargeState::Declined(code),
        card: None,
        saved: None,
        raw_code: None,
        raw_message: Some(why.to_owned()),
    }
}

/// The no that a refusal is.
///
/// # Errors
/// [`GatewayFailure`] when it is no definite no.
pub(super) fn verdict_code(refusal: &Refusal) -> Result<DeclineCode, GatewayFailure> {
    match refusal.verdict {
        Verdict::Declined(code) => Ok(code),
        Verdict::Account => Ok(DeclineCode::GatewayMisconfigured),
        Verdict::TooMany | Verdict::Refused | Verdict::Missing => Err(GatewayFailure::not_sent(refusal.reason.clone())),
        Verdict::Doubtful => Err(GatewayFailure::unknown(refusal.reason.clone())),
    }
}

/// What a refused charge comes to.
///
/// # Errors
/// As [`verdict_code`].
pub(super) fn declined(refusal: &Refusal) -> Result<ChargeReply, GatewayFailure> {
    let code = verdict_code(refusal)?;
    // Square may send the failed payment along; one that did not fail contradicts the errors beside it.
    let payment = refusal.payment.as_ref();
    if payment.is_some_and(|payment| !matches!(payment.status.as_str(), "FAILED" | "CANCELED")) {
        return Err(GatewayFailure::unknown(format!("{}, and a payment that did not fail", refusal.reason)));
    }
    let failed = payment.and_then(|payment| reply::charge(payment).ok());
    Ok(ChargeReply {
        gateway_ref: failed.as_ref().and_then(|reply| reply.gateway_ref.clone()),
        state: ChargeState::Declined(code),
        card: failed.and_then(|reply| reply.card),
        saved: None,
        raw_code: refusal.code.clone(),
        raw_message: refusal.detail.clone(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_fields_own_tokens_are_taken() {
        for token in ["cnon:card-nonce-ok", "cnon:CBASEHxsV4gl", "cnon_x"] {
            assert!(is_token(token), "{token}");
        }
        let long = format!("cnon:{}", "x".repeat(TOKEN_MAX));
        for token in ["", "cnon:", "ccof:abc", "CASH", "EXTERNAL", "pm_card_visa", "cnon:a b", "cnon:ä", &long] {
            assert!(!is_token(token), "{token}");
        }
    }
}
