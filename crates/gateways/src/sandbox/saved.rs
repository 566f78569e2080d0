//! Methods that the sandbox keeps: it writes nothing down, for the name of a kept card says which card it is.

use super::act::card_of;
use super::cards::{self, TOKEN_PREFIX, TestCard};
use super::{Sandbox, reply};
use crate::{Call, GatewayFailure, MethodInput, SavedMethod, Saves, SetUpReply, SetUpRequest, SetUpState};
use async_trait::async_trait;
use domain::decline::DeclineCode;

/// The name of a kept card: that of its token, with the expiry that was typed.
pub(super) fn keep(card: &TestCard, expiry: Option<(u8, u16)>) -> SavedMethod {
    let name = format!("{TOKEN_PREFIX}{}", card.name);
    let token = match expiry {
        Some((month, year)) => format!("{name}/{month}/{year}"),
        None => name,
    };
    SavedMethod { token, customer: None }
}

/// The card of such a name.
pub(super) fn read(saved: &SavedMethod) -> Option<(&'static TestCard, Option<(u8, u16)>)> {
    let mut parts = saved.token.split('/');
    let card = cards::by_token(parts.next()?)?;
    match (parts.next(), parts.next()) {
        (Some(month), Some(year)) => Some((card, Some((month.parse().ok()?, year.parse().ok()?)))),
        _ => Some((card, None)),
    }
}

#[async_trait]
impl Saves for Sandbox {
    async fn set_up(&self, _call: &Call, request: &SetUpRequest) -> Result<SetUpReply, GatewayFailure> {
        let (state, card) = match card_of(&request.method) {
            Some((card, expiry)) => (SetUpState::Saved(keep(card, expiry)), reply::facts(card.name, expiry)),
            None => (SetUpState::Declined(DeclineCode::CardNotSupported), None),
        };
        let gateway_ref = match &state {
            SetUpState::Saved(saved) => Some(saved.token.clone()),
            _ => None,
        };
        Ok(SetUpReply { gateway_ref, state, card, raw_code: None, raw_message: None })
    }

    async fn finish_set_up(&self, _call: &Call, gateway_ref: &str) -> Result<SetUpReply, GatewayFailure> {
        let saved = SavedMethod { token: gateway_ref.to_owned(), customer: None };
        let (card, expiry) = read(&saved).ok_or_else(|| GatewayFailure::unknown("no such card"))?;
        Ok(SetUpReply {
            gateway_ref: Some(gateway_ref.to_owned()),
            card: reply::facts(card.name, expiry),
            state: SetUpState::Saved(saved),
            raw_code: None,
            raw_message: None,
        })
    }

    /// Nothing was written down.
    async fn forget(&self, _call: &Call, _saved: &SavedMethod) -> Result<(), GatewayFailure> {
        Ok(())
    }
}

/// Whether a card is to be asked for at the bank, which nobody can answer in the customer's absence.
pub(super) fn wants_customer(card: &TestCard, method: &MethodInput) -> bool {
    use cards::Plan;
    matches!(method, MethodInput::Saved(_)) && matches!(card.plan, Plan::Challenge | Plan::ChallengeThenDeclines(_))
}
