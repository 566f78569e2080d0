//! Keeping a payer's wallet: PayPal's vault (<https://developer.paypal.com/docs/api/payment-tokens/v3/>).
//!
//! Two ways lead there. A charge on PayPal's page keeps the wallet when `attributes.vault` asks for it
//! (<https://developer.paypal.com/api/orders-v2/save-with-purchase/paypal>); the payment token then stands in the order, for some payers
//! only minutes later. Without a charge a *setup token* is made, approved by the payer on PayPal's page, and turned into a payment token
//! (<https://developer.paypal.com/api/payment-tokens/save-without-purchase/paypal>). Both need a merchant whom PayPal lets keep wallets
//! ("Vault" among the app's features, and reference transactions).
//!
//! The customer: PayPal makes one with the first wallet that it keeps, and names it in the answer. Our name goes along as
//! `merchant_customer_id` and comes back with the customer; PayPal has no way to look a customer up by it, and needs none: no customer is
//! made without a wallet, and each answer about the order or setup token names it again. Each keeping makes a token of its own
//! (`permit_multiple_payment_tokens`), so that two of the merchant's customers who share a wallet can be forgotten separately.
//!
//! Keys are remembered for three hours here. After that PayPal's own rule guards: a setup token becomes a payment token once
//! (`SETUP_TOKEN_ALREADY_TOKENIZED`).

use super::api::{Ask, Heard, Refusal, link};
use super::order::text;
use super::{METHOD, PayPal, decline, is_token};
use crate::{Call, GatewayFailure, Keep, MethodInput, SavedMethod, Saves, SetUpReply, SetUpRequest, SetUpState};
use async_trait::async_trait;
use domain::{Locale, decline::DeclineCode};
use serde_json::{Value, json};

const SETUP_TOKENS: &str = "/v3/vault/setup-tokens";
const PAYMENT_TOKENS: &str = "/v3/vault/payment-tokens";

#[async_trait]
impl Saves for PayPal {
    async fn set_up(&self, call: &Call, request: &SetUpRequest) -> Result<SetUpReply, GatewayFailure> {
        if !matches!(request.method, MethodInput::Page) {
            return Ok(no(None, DeclineCode::CardNotSupported, None));
        }
        let body = set_up_body(request);
        match self.ask(call, &Ask::post(SETUP_TOKENS, &call.idempotency_key, &body)).await? {
            Heard::Done(setup) => self.go_on(call, &setup).await,
            Heard::Refused(refusal) => Ok(no(None, decline::of_refusal(&refusal), Some(&refusal))),
        }
    }

    /// Reads the setup token; when the payer has approved it, turns it into a payment token. One that is gone was not approved in time.
    async fn finish_set_up(&self, call: &Call, gateway_ref: &str) -> Result<SetUpReply, GatewayFailure> {
        if !is_token(gateway_ref) {
            return Err(GatewayFailure::not_sent("not the name of a setup token of PayPal's"));
        }
        match self.get(call, &format!("{SETUP_TOKENS}/{gateway_ref}")).await? {
            Heard::Done(setup) if text(&setup, "/id") == Some(gateway_ref) => self.go_on(call, &setup).await,
            Heard::Done(_) => Err(GatewayFailure::unknown("PayPal answered with another setup token")),
            Heard::Refused(refusal) if refusal.is_missing() => Ok(reply(Some(gateway_ref), SetUpState::Canceled)),
            Heard::Refused(refusal) => Err(GatewayFailure::not_sent(refusal.reason())),
        }
    }

    async fn forget(&self, call: &Call, saved: &SavedMethod) -> Result<(), GatewayFailure> {
        // What PayPal can't have named, it does not know.
        if !is_token(&saved.token) {
            return Ok(());
        }
        match self.ask(call, &Ask::delete(&format!("{PAYMENT_TOKENS}/{}", saved.token))).await? {
            Heard::Done(_) => Ok(()),
            Heard::Refused(refusal) if refusal.is_missing() || refusal.code() == "TOKEN_ID_NOT_FOUND" => Ok(()),
            Heard::Refused(refusal) => Err(GatewayFailure::not_sent(refusal.reason())),
        }
    }
}

impl PayPal {
    /// Where a setup token stands, and what follows.
    async fn go_on(&self, call: &Call, setup: &Value) -> Result<SetUpReply, GatewayFailure> {
        let id = text(setup, "/id").filter(|id| is_token(id));
        let id = id.ok_or_else(|| GatewayFailure::unknown("PayPal's answer names no setup token"))?;
        match text(setup, "/status").unwrap_or_default() {
            "CREATED" | "PAYER_ACTION_REQUIRED" => self.led_to_page(setup, id),
            "APPROVED" | "VAULTED" | "TOKENIZED" => self.turn_into_payment_token(call, setup, id).await,
            _ => Err(GatewayFailure::unknown("PayPal tells a status of a setup token that is not known here")),
        }
    }

    fn led_to_page(&self, setup: &Value, id: &str) -> Result<SetUpReply, GatewayFailure> {
        let url = link(setup, &["approve", "payer-action"]).filter(|url| self.leads_to_a_page(url));
        let url = url.ok_or_else(|| GatewayFailure::unknown("PayPal does not say where the payer approves it"))?;
        Ok(reply(Some(id), SetUpState::RequiresAction { url }))
    }

    async fn turn_into_payment_token(
        &self,
        call: &Call,
        setup: &Value,
        id: &str,
    ) -> Result<SetUpReply, GatewayFailure> {
        let body = json!({ "payment_source": { "token": { "id": id, "type": "SETUP_TOKEN" } } });
        let refusal = match self.ask(call, &Ask::post(PAYMENT_TOKENS, &format!("{id}-token"), &body)).await? {
            Heard::Done(token) => {
                let saved = read(&token).ok_or_else(|| GatewayFailure::unknown("PayPal names no payment token"))?;
                return Ok(reply(Some(id), SetUpState::Saved(saved)));
            }
            Heard::Refused(refusal) => refusal,
        };
        match refusal.code() {
            // The answer of the first time was lost, and it is too late to get it again.
            "SETUP_TOKEN_ALREADY_TOKENIZED" => {
                let saved = self.only_token_of(call, text(setup, "/customer/id").unwrap_or_default()).await?;
                Ok(reply(Some(id), SetUpState::Saved(saved)))
            }
            "PAYER_ACTION_REQUIRED" => self.led_to_page(setup, id),
            _ if refusal.is_missing() => Ok(reply(Some(id), SetUpState::Canceled)),
            _ => Ok(no(Some(id), decline::of_refusal(&refusal), Some(&refusal))),
        }
    }

    /// The one wallet that PayPal keeps of a customer. With several, nothing says which of them a setup token became.
    async fn only_token_of(&self, call: &Call, customer: &str) -> Result<SavedMethod, GatewayFailure> {
        let unknown = || GatewayFailure::unknown("PayPal does not say which payment token was made");
        if !is_token(customer) {
            return Err(unknown());
        }
        let list = self.find(call, &format!("{PAYMENT_TOKENS}?customer_id={customer}")).await?.ok_or_else(unknown)?;
        let has_more = link(&list, &["next"]).is_some() || list.get("total_pages").is_some_and(|n| *n != 1);
        match list.get("payment_tokens").and_then(Value::as_array).map(Vec::as_slice) {
            Some([only]) if !has_more && only.pointer("/payment_source/paypal").is_some() => {
                read(only).filter(|saved| saved.customer.as_deref().is_none_or(|named| named == customer))
            }
            _ => None,
        }
        .map(|saved| SavedMethod { customer: Some(customer.to_owned()), ..saved })
        .ok_or_else(unknown)
    }
}

/// A payment token, with its customer.
fn read(token: &Value) -> Option<SavedMethod> {
    let name = |pointer: &str| text(token, pointer).filter(|name| is_token(name)).map(str::to_owned);
    Some(SavedMethod { token: name("/id")?, customer: name("/customer/id") })
}

/// Whose wallet is kept: PayPal's customer where there is one, and always our name for them.
pub(super) fn customer(keep: &Keep) -> Value {
    let mut customer = json!({ "merchant_customer_id": keep.customer });
    if let Some(id) = keep.gateway_customer.as_deref().filter(|id| is_token(id)) {
        customer["id"] = id.into();
    }
    customer
}

/// <https://developer.paypal.com/docs/api/payment-tokens/v3/#setup-tokens_create>. PayPal takes no address of the payer here.
fn set_up_body(request: &SetUpRequest) -> Value {
    let mut context = json!({
        "return_url": request.return_url,
        "cancel_url": request.return_url,
        "shipping_preference": "NO_SHIPPING",
    });
    if request.locale == Locale::En {
        context["locale"] = "en-US".into();
    }
    json!({
        "customer": customer(&request.keep),
        "payment_source": { METHOD: {
            "usage_type": "MERCHANT",
            "permit_multiple_payment_tokens": true,
            "experience_context": context,
        }},
    })
}

fn reply(id: Option<&str>, state: SetUpState) -> SetUpReply {
    SetUpReply { gateway_ref: id.map(str::to_owned), state, card: None, raw_code: None, raw_message: None }
}

/// A no, with what PayPal said.
fn no(id: Option<&str>, code: DeclineCode, refusal: Option<&Refusal>) -> SetUpReply {
    SetUpReply {
        raw_code: refusal.and_then(Refusal::raw_code),
        raw_message: refusal.and_then(Refusal::raw_message),
        ..reply(id, SetUpState::Declined(code))
    }
}
