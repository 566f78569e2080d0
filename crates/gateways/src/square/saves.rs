//! Keeping cards without a charge, and forgetting them (<https://developer.squareup.com/docs/cards-api/manage-cards>).
//!
//! The customer proves who they are in the browser, inside the SDK's `tokenize` with the intent `STORE`: nothing waits for them
//! here. Square's own page keeps no cards without a payment, so that [`MethodInput::Page`] is declined.

use super::api::{lacks, unanswered};
use super::charges::{is_token, verdict_code};
use super::errors::{Refusal, Verdict};
use super::wire::Card;
use super::{Square, cards, names, reply};
use crate::{Call, GatewayFailure, MethodInput, SavedMethod, Saves, SetUpReply, SetUpRequest, SetUpState};
use async_trait::async_trait;
use domain::decline::DeclineCode;
use reqwest::Method;
use serde_json::json;

#[async_trait]
impl Saves for Square {
    async fn set_up(&self, call: &Call, request: &SetUpRequest) -> Result<SetUpReply, GatewayFailure> {
        let token = match &request.method {
            MethodInput::Token(token) if is_token(token) => token,
            MethodInput::Token(_) => return Ok(refused_here("not a token of Square's fields")),
            MethodInput::Page => return Ok(refused_here("Square's page keeps no cards without a payment")),
            MethodInput::Saved(_) => return Ok(refused_here("Square keeps this card already")),
            MethodInput::Card { .. } => return Ok(refused_here("card numbers are not sent to Square")),
        };
        let our_key = &call.idempotency_key;
        if !names::is_id(our_key) || !names::is_customer(&request.keep.customer) {
            return Err(GatewayFailure::not_sent("a name that Square does not take"));
        }
        // Square repeats what it said to a key: where the card stands now, the card itself says.
        if let Some(card) = self.card_of_key(call, our_key, None).await? {
            return told(&card);
        }
        let whose = (&request.keep, request.email.as_deref());
        match self.keep_card(call, (our_key, token), whose, None).await? {
            Ok(card) => told(&card),
            Err(refusal) => declined(&refusal),
        }
    }

    async fn finish_set_up(&self, call: &Call, gateway_ref: &str) -> Result<SetUpReply, GatewayFailure> {
        if !names::is_card(gateway_ref) {
            return Ok(given_up(gateway_ref));
        }
        match self.get(call, &format!("/v2/cards/{gateway_ref}")).await? {
            Some(said) => told(&said.card.ok_or_else(|| lacks("card"))?),
            None => Ok(given_up(gateway_ref)),
        }
    }

    async fn forget(&self, call: &Call, saved: &SavedMethod) -> Result<(), GatewayFailure> {
        // Square gives no such names.
        if !names::is_card(&saved.token) {
            return Ok(());
        }
        let path = format!("/v2/cards/{}/disable", saved.token);
        match self.ask(call, Method::POST, &path, Some(&json!({}))).await? {
            Ok(said) if said.card.as_ref().and_then(|card| card.enabled) == Some(false) => Ok(()),
            Ok(_) => Err(GatewayFailure::unknown("the answer does not say that the card is disabled")),
            Err(refusal) if refusal.verdict == Verdict::Missing => Ok(()),
            Err(refusal) => Err(unanswered(&refusal)),
        }
    }
}

/// The answer about a card as it stands.
fn told(card: &Card) -> Result<SetUpReply, GatewayFailure> {
    let state = cards::saved(card)?.map_or(SetUpState::Canceled, SetUpState::Saved);
    Ok(SetUpReply { gateway_ref: card.id.clone(), state, card: reply::card(card), raw_code: None, raw_message: None })
}

fn given_up(gateway_ref: &str) -> SetUpReply {
    let (gateway_ref, state) = (Some(gateway_ref.to_owned()), SetUpState::Canceled);
    SetUpReply { gateway_ref, state, card: None, raw_code: None, raw_message: None }
}

/// A no of ours, before anything is sent.
fn refused_here(why: &str) -> SetUpReply {
    let state = SetUpState::Declined(DeclineCode::CardNotSupported);
    SetUpReply { gateway_ref: None, state, card: None, raw_code: None, raw_message: Some(why.to_owned()) }
}

fn declined(refusal: &Refusal) -> Result<SetUpReply, GatewayFailure> {
    let state = SetUpState::Declined(verdict_code(refusal)?);
    let (raw_code, raw_message) = (refusal.code.clone(), refusal.detail.clone());
    Ok(SetUpReply { gateway_ref: None, state, card: None, raw_code, raw_message })
}
