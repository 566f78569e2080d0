//! The cards that Square keeps (<https://developer.squareup.com/reference/square/cards-api>,
//! <https://developer.squareup.com/docs/cards-api/walkthrough/card-from-payment-id>).
//!
//! A card is made of a token of the fields, or of a payment's id. It carries our key as `reference_id`, by which it is found
//! when an answer was lost. Disabled cards are looked at too: a card that was forgotten is not made once more.

use super::api::{lacks, unanswered};
use super::errors::{Refusal, Verdict};
use super::wire::Card;
use super::{Square, names};
use crate::{Call, GatewayFailure, Keep, SavedMethod};
use reqwest::Method;
use serde_json::json;
use std::time::Duration;

impl Square {
    /// The card that carries our key, disabled or not; none when Square has none.
    ///
    /// # Errors
    /// [`GatewayFailure`]: no usable answer.
    pub(super) async fn card_of_key(
        &self,
        call: &Call,
        our_key: &str,
        limit: Option<Duration>,
    ) -> Result<Option<Card>, GatewayFailure> {
        let query = serde_urlencoded::to_string([("reference_id", our_key), ("include_disabled", "true")])
            .map_err(|error| GatewayFailure::not_sent(error.to_string()))?;
        let said = self.ask_within(call, (Method::GET, &format!("/v2/cards?{query}"), limit), None).await?;
        let cards = match said {
            Ok(said) => said.cards,
            Err(refusal) if refusal.verdict == Verdict::Missing => return Ok(None),
            Err(refusal) => return Err(unanswered(&refusal)),
        };
        let mut ours: Vec<Card> =
            cards.into_iter().filter(|card| card.reference_id.as_deref() == Some(our_key)).collect();
        let place = ours.iter().position(|card| card.enabled == Some(true)).unwrap_or_default();
        Ok((place < ours.len()).then(|| ours.swap_remove(place)))
    }

    /// Has Square keep a source as a card of a customer of ours.
    ///
    /// # Errors
    /// [`GatewayFailure`]: it may be kept.
    pub(super) async fn keep_card(
        &self,
        call: &Call,
        (our_key, source): (&str, &str),
        (keep, email): (&Keep, Option<&str>),
        limit: Option<Duration>,
    ) -> Result<Result<Card, Refusal>, GatewayFailure> {
        if let Some(known) = keep.gateway_customer.as_deref().filter(|id| names::is_id(id)) {
            match self.make_card(call, (our_key, source), known, limit).await? {
                // The seller has deleted the customer, or made one of two.
                Err(refusal) if is_about_customer(&refusal) => {}
                said => return Ok(said),
            }
        }
        match self.customer(call, keep, email, limit).await? {
            Ok(customer) => self.make_card(call, (our_key, source), &customer, limit).await,
            Err(refusal) => Ok(Err(refusal)),
        }
    }

    async fn make_card(
        &self,
        call: &Call,
        (our_key, source): (&str, &str),
        customer: &str,
        limit: Option<Duration>,
    ) -> Result<Result<Card, Refusal>, GatewayFailure> {
        let body = json!({
            "idempotency_key": names::key(our_key, &format!("-card-{customer}")),
            "source_id": source,
            "card": { "customer_id": customer, "reference_id": our_key },
        });
        match self.ask_within(call, (Method::POST, "/v2/cards", limit), Some(&body)).await? {
            Ok(said) => {
                let card = said.card.ok_or_else(|| lacks("card"))?;
                if card.customer_id.as_deref() != Some(customer) {
                    return Err(GatewayFailure::unknown("a card of another customer"));
                }
                Ok(Ok(card))
            }
            Err(refusal) => Ok(Err(refusal)),
        }
    }
}

/// Whether Square refuses a customer whom it does not know.
pub(super) fn is_about_customer(refusal: &Refusal) -> bool {
    let refused = matches!(refusal.verdict, Verdict::Refused | Verdict::Missing);
    let customer = refusal.code.as_deref() == Some("CUSTOMER_NOT_FOUND")
        || refusal.field.as_deref().is_some_and(|field| field.ends_with("customer_id"));
    refused && customer
}

/// What can be charged again; none when the card is disabled.
///
/// # Errors
/// [`GatewayFailure::Unknown`] for a card that can't be read.
pub(super) fn saved(card: &Card) -> Result<Option<SavedMethod>, GatewayFailure> {
    let token = card.id.clone().filter(|id| names::is_card(id)).ok_or_else(|| lacks("card's id"))?;
    let customer = card.customer_id.clone().filter(|id| names::is_id(id));
    let customer = customer.ok_or_else(|| lacks("card's customer"))?;
    match card.enabled {
        Some(true) => Ok(Some(SavedMethod { token, customer: Some(customer) })),
        Some(false) => Ok(None),
        None => Err(lacks("word on whether the card is enabled")),
    }
}
