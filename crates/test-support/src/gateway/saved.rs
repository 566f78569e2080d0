//! What the gateway keeps for customers, and what it was asked about it.

use super::FakeGateway;
use async_trait::async_trait;
use gateways::{Call, GatewayFailure, Initiator, Keep, SavedMethod, Saves, SetUpReply, SetUpRequest, SetUpState};

/// A charge of a saved method: the connection, the method's name, who asked for it.
pub type SavedCharge = (String, String, Initiator);

/// What it was asked.
#[derive(Debug, Default)]
pub(super) struct Saved {
    charges: Vec<SavedCharge>,
    forgotten: Vec<(String, String)>,
    deaf: bool,
}

impl Saved {
    pub(super) fn charged(&mut self, account: &str, saved: &SavedMethod, initiator: Initiator) {
        self.charges.push((account.to_owned(), saved.token.clone(), initiator));
    }
}

/// The name of what a connection keeps for a customer: the same for every payment of theirs.
pub(super) fn kept(account: &str, keep: &Keep) -> SavedMethod {
    let customer = keep.gateway_customer.clone().unwrap_or_else(|| format!("fcus_{}", keep.customer));
    SavedMethod { token: format!("fpm_{account}"), customer: Some(customer) }
}

impl FakeGateway {
    /// Charges of saved methods, in the order in which they came.
    pub fn saved_charges(&self) -> Vec<SavedCharge> {
        self.state().saved.charges.clone()
    }

    /// What it was told to forget: the connection and the method's name.
    pub fn forgotten(&self) -> Vec<(String, String)> {
        self.state().saved.forgotten.clone()
    }

    /// Whether it answers nobody who wants something forgotten.
    pub fn set_keeps_all(&self, deaf: bool) {
        self.state().saved.deaf = deaf;
    }
}

#[async_trait]
impl Saves for FakeGateway {
    async fn set_up(&self, call: &Call, request: &SetUpRequest) -> Result<SetUpReply, GatewayFailure> {
        let saved = kept(&call.account, &request.keep);
        Ok(reply(saved))
    }

    async fn finish_set_up(&self, _call: &Call, gateway_ref: &str) -> Result<SetUpReply, GatewayFailure> {
        Ok(reply(SavedMethod { token: gateway_ref.to_owned(), customer: None }))
    }

    async fn forget(&self, call: &Call, saved: &SavedMethod) -> Result<(), GatewayFailure> {
        let mut state = self.state();
        if state.saved.deaf {
            return Err(GatewayFailure::unknown("no answer"));
        }
        state.saved.forgotten.push((call.account.clone(), saved.token.clone()));
        Ok(())
    }
}

fn reply(saved: SavedMethod) -> SetUpReply {
    SetUpReply {
        gateway_ref: Some(saved.token.clone()),
        state: SetUpState::Saved(saved),
        card: None,
        raw_code: None,
        raw_message: None,
    }
}
