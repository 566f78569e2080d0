//! Capturing and releasing authorisations
//! (<https://developer.squareup.com/docs/payments-api/take-payments/card-payments/delayed-capture>).
//!
//! Square captures the whole of a payment. For a part, the payment's amount is lowered first
//! (<https://developer.squareup.com/docs/payments-api/update-payments>), where the payment's `capabilities` allow it: sellers in
//! Japan can't. Both calls name the payment's version, so that neither acts on a payment that was changed meanwhile; and a
//! payment is completed once only, whatever is sent again.

use super::api::{after_the_call, lacks};
use super::errors::Verdict;
use super::names::{self, Named};
use super::wire::Payment;
use super::{Square, amount, reply};
use crate::{Abandons, Call, Captures, ChargeReply, ChargeState, GatewayFailure, Lookup};
use async_trait::async_trait;
use domain::{Money, decline::DeclineCode};
use reqwest::Method;
use serde_json::json;

/// What a payment says of itself when its amount may be lowered, and raised.
const DOWN: &str = "EDIT_AMOUNT_DOWN";
const UP: &str = "EDIT_AMOUNT_UP";

#[async_trait]
impl Captures for Square {
    async fn capture(&self, call: &Call, gateway_ref: &str, amount: Money) -> Result<ChargeReply, GatewayFailure> {
        match names::named(gateway_ref) {
            Some(Named::Id(id)) => self.complete(call, id, amount).await,
            // A link holds nothing: it is paid or not.
            Some(Named::Link(_)) => self.where_it_stands(call, gateway_ref).await,
            None => Err(GatewayFailure::not_sent("not a name of Square's")),
        }
    }

    async fn void(&self, call: &Call, gateway_ref: &str) -> Result<ChargeReply, GatewayFailure> {
        let id = match names::named(gateway_ref) {
            Some(Named::Id(id)) => id,
            Some(Named::Link(_)) => return self.abandon(call, gateway_ref).await,
            None => return Err(GatewayFailure::not_sent("not a name of Square's")),
        };
        match self.ask(call, Method::POST, &format!("/v2/payments/{id}/cancel"), Some(&json!({}))).await? {
            Ok(said) => self.told(call, &said.payment.ok_or_else(|| lacks("payment"))?).await,
            Err(refusal) => match refusal.verdict {
                Verdict::Doubtful => Err(GatewayFailure::unknown(refusal.reason)),
                Verdict::Account | Verdict::TooMany => Err(GatewayFailure::not_sent(refusal.reason)),
                // Captured, released or failed before: it says so itself.
                _ => self.where_it_stands(call, gateway_ref).await.map_err(after_the_call),
            },
        }
    }
}

impl Square {
    async fn where_it_stands(&self, call: &Call, gateway_ref: &str) -> Result<ChargeReply, GatewayFailure> {
        let found = self.find_charge(call, "", Some(gateway_ref)).await?;
        found.ok_or_else(|| GatewayFailure::not_sent("Square has no such charge"))
    }

    /// Captures a payment, after its amount was made to be what is captured.
    async fn complete(&self, call: &Call, id: &str, amount: Money) -> Result<ChargeReply, GatewayFailure> {
        let found = self.payment(call, id).await?;
        let mut payment = found.ok_or_else(|| GatewayFailure::not_sent("Square has no such payment"))?;
        // A capture sent again finds it captured and hears the same.
        if payment.status != "APPROVED" {
            return self.told(call, &payment).await;
        }
        let held = reply::amount(&payment)?;
        // A capture that broke off may have lowered the amount already: the bank's word is the bound.
        let most = payment.approved_money.as_ref().and_then(amount::of_wire).map_or(held.minor, |m| m.minor);
        if amount.currency != held.currency || !(1..=most.max(held.minor)).contains(&amount.minor) {
            return Err(GatewayFailure::not_sent("amount out of range"));
        }
        if amount != held {
            let needed = if amount.minor < held.minor { DOWN } else { UP };
            if !payment.capabilities.iter().any(|can| can == needed) {
                return Ok(refused(&payment, Some(needed.to_owned()), Some("the amount can't be changed".to_owned())));
            }
            payment = match self.change_amount(call, &payment, amount).await? {
                Ok(changed) => changed,
                Err(refused) => return Ok(refused),
            };
        }
        let body = payment.version_token.as_ref().map_or_else(|| json!({}), |token| json!({ "version_token": token }));
        match self.ask(call, Method::POST, &format!("/v2/payments/{id}/complete"), Some(&body)).await? {
            Ok(said) => self.captured(call, &said.payment.ok_or_else(|| lacks("payment"))?, amount).await,
            Err(refusal) => match refusal.verdict {
                Verdict::Doubtful => Err(GatewayFailure::unknown(refusal.reason)),
                Verdict::TooMany => Err(GatewayFailure::not_sent(refusal.reason)),
                Verdict::Account => Ok(misconfigured(&payment, refusal.code)),
                _ => self.after_refusal(call, id, refusal.code, refusal.detail).await,
            },
        }
    }

    /// Makes a payment's amount another one. Nothing is captured by it, whatever comes of it.
    async fn change_amount(
        &self,
        call: &Call,
        payment: &Payment,
        amount: Money,
    ) -> Result<Result<Payment, ChargeReply>, GatewayFailure> {
        let money = amount::to_wire(amount).ok_or_else(|| GatewayFailure::not_sent("amount out of range"))?;
        let mut change = json!({ "amount_money": money });
        if let Some(token) = &payment.version_token {
            change["version_token"] = token.as_str().into();
        }
        let body = json!({ "idempotency_key": names::key(&call.idempotency_key, "-update"), "payment": change });
        let path = format!("/v2/payments/{}", payment.id);
        match self.ask(call, Method::PUT, &path, Some(&body)).await? {
            Ok(said) => {
                let changed = said.payment.ok_or_else(|| lacks("payment"))?;
                if reply::amount(&changed)? != amount {
                    return Err(GatewayFailure::unknown(format!("payment {} has another amount", payment.id)));
                }
                Ok(Ok(changed))
            }
            Err(refusal) => match refusal.verdict {
                Verdict::Doubtful => Err(GatewayFailure::unknown(refusal.reason)),
                Verdict::TooMany => Err(GatewayFailure::not_sent(refusal.reason)),
                Verdict::Account => Ok(Err(misconfigured(payment, refusal.code))),
                _ => self.after_refusal(call, &payment.id, refusal.code, refusal.detail).await.map(Err),
            },
        }
    }

    /// A refused change or completion: captured, released or expired before, or really refused.
    async fn after_refusal(
        &self,
        call: &Call,
        id: &str,
        code: Option<String>,
        detail: Option<String>,
    ) -> Result<ChargeReply, GatewayFailure> {
        let again = self.payment(call, id).await.map_err(after_the_call)?;
        let again = again.ok_or_else(|| GatewayFailure::unknown("the payment is gone"))?;
        if again.status == "APPROVED" { Ok(refused(&again, code, detail)) } else { self.told(call, &again).await }
    }

    /// A completed payment, which has to be of the currency that was to be captured.
    async fn captured(&self, call: &Call, payment: &Payment, amount: Money) -> Result<ChargeReply, GatewayFailure> {
        let reply = self.told(call, payment).await?;
        match &reply.state {
            ChargeState::Succeeded { captured, .. } if captured.currency != amount.currency => {
                Err(GatewayFailure::unknown(format!("payment {} has another currency", payment.id)))
            }
            _ => Ok(reply),
        }
    }
}

/// A capture that Square refuses; the authorisation stands.
fn refused(payment: &Payment, raw_code: Option<String>, raw_message: Option<String>) -> ChargeReply {
    no(payment, DeclineCode::ProcessingError, raw_code, raw_message)
}

fn misconfigured(payment: &Payment, raw_code: Option<String>) -> ChargeReply {
    no(payment, DeclineCode::GatewayMisconfigured, raw_code, None)
}

fn no(payment: &Payment, code: DeclineCode, raw_code: Option<String>, raw_message: Option<String>) -> ChargeReply {
    let gateway_ref = Some(payment.id.clone());
    ChargeReply { gateway_ref, state: ChargeState::Declined(code), card: None, saved: None, raw_code, raw_message }
}
