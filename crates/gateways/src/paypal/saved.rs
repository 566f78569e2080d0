//! Charging a method that PayPal keeps.
//!
//! PayPal can make and pay an order in one call. Paydeck makes two of it, so that the order's name is known before anything is taken:
//! [`Prepares`] makes an order without a way to pay it, which nobody can pay, and the charge captures (or authorises) it with the saved
//! method in that call: "the buyer must first approve the order or a valid payment_source must be provided in the request"
//! (<https://developer.paypal.com/docs/api/orders/v2/#orders_capture>). An order is captured or authorised once, whatever keys that is
//! asked under: whatever becomes of the answer, the order tells, and no repeat charges twice.
//!
//! Who asks stands in `stored_credential`
//! (<https://developer.paypal.com/docs/api/orders/v2/#definition-paypal_wallet_stored_credential>). `usage_pattern` is `IMMEDIATE`,
//! PayPal's word for payments that vary in amount and time: whether a merchant bills by a plan is nothing that Paydeck knows here.
//!
//! An order for a payment in the customer's absence says so at the end of its `reference_id`
//! ([`OFF_SESSION`](super::order::OFF_SESSION)). When PayPal wants the payer for it, it is declined: PayPal has no call that cancels an
//! order, but nobody gets its page's address, [`Charges::resume`](crate::Charges::resume) does not capture it, and it runs out.

use super::charges::{experience, no, unit};
use super::decline::{self, GONE};
use super::order::{OFF_SESSION, Order};
use super::{METHOD, PayPal, is_token, money};
use crate::{Call, ChargeReply, ChargeRequest, GatewayFailure, Initiator, MethodInput, Prepares, SavedMethod};
use async_trait::async_trait;
use domain::decline::DeclineCode;
use serde_json::{Value, json};

#[async_trait]
impl Prepares for PayPal {
    async fn prepare(
        &self,
        call: &Call,
        request: &ChargeRequest,
    ) -> Result<Result<Option<String>, ChargeReply>, GatewayFailure> {
        match &request.method {
            // An order for PayPal's page takes nothing before the payer has been there.
            MethodInput::Page => return Ok(Ok(None)),
            MethodInput::Card { .. } | MethodInput::Token(_) => {
                return Ok(Err(no(None, DeclineCode::CardNotSupported, None)));
            }
            MethodInput::Saved(saved) if !is_token(&saved.token) => return Ok(Err(no(None, GONE, None))),
            MethodInput::Saved(_) => {}
        }
        let Some(amount) = money::written(request.amount) else {
            return Ok(Err(no(None, DeclineCode::CurrencyNotSupported, None)));
        };
        let mut unit = unit(call, request, &amount);
        if request.initiator == Initiator::Merchant {
            unit["reference_id"] = format!("{}{OFF_SESSION}", unit["reference_id"].as_str().unwrap_or_default()).into();
        }
        let body = json!({ "intent": intent(request), "purchase_units": [unit] });
        match self.make(call, request.amount, &format!("{}-create", call.idempotency_key), &body).await? {
            Ok(order) => Ok(Ok(Some(order.id()?.to_owned()))),
            Err(refusal) => Ok(Err(no(None, decline::of_refusal(&refusal), Some(&refusal)))),
        }
    }
}

impl PayPal {
    /// Charges the order that was prepared for it, once.
    ///
    /// # Errors
    /// [`GatewayFailure`]. Without a prepared order nothing is sent: an answer that is lost could not be asked for.
    pub(super) async fn charge_saved(
        &self,
        call: &Call,
        request: &ChargeRequest,
        saved: &SavedMethod,
    ) -> Result<ChargeReply, GatewayFailure> {
        if !is_token(&saved.token) {
            return Ok(no(request.prepared.as_deref(), GONE, None));
        }
        let Some(id) = request.prepared.as_deref() else {
            return Err(GatewayFailure::not_sent("a saved method is charged by the order that was prepared for it"));
        };
        let order = match self.order(call, id).await? {
            Ok(order) => order,
            // It ran out: nothing was taken, for an order that was paid does not go away.
            Err(refusal) if refusal.is_missing() => {
                return Ok(no(Some(id), DeclineCode::ProcessingError, Some(&refusal)));
            }
            Err(refusal) if refusal.is_configuration() => {
                return Ok(no(Some(id), DeclineCode::GatewayMisconfigured, Some(&refusal)));
            }
            Err(refusal) => return Err(GatewayFailure::unknown(refusal.reason())),
        };
        if !is_for(&order, call, request) {
            return Err(GatewayFailure::unknown("the prepared order is for another charge"));
        }
        // Charged before, under the same key: where that stands.
        if !order.is_new() {
            return self.standing(call, &order);
        }
        self.complete(call, &order, Some(&source(request, saved))).await
    }
}

fn intent(request: &ChargeRequest) -> &'static str {
    if request.capture { "CAPTURE" } else { "AUTHORIZE" }
}

/// Whether an order is the one that was prepared for this charge.
fn is_for(order: &Order, call: &Call, request: &ChargeRequest) -> bool {
    order.amount() == Some(request.amount)
        && order.our_key() == Some(call.idempotency_key.as_str())
        && order.intent() == intent(request)
        && order.is_off_session() == (request.initiator == Initiator::Merchant)
}

/// With what it is paid, and who asks. A payer who is here may be led to PayPal's page, and comes back from it.
fn source(request: &ChargeRequest, saved: &SavedMethod) -> Value {
    let credential = |initiator: &str| json!({ "payment_initiator": initiator, "usage": "SUBSEQUENT", "usage_pattern": "IMMEDIATE" });
    let wallet = match request.initiator {
        Initiator::Merchant => json!({ "vault_id": saved.token, "stored_credential": credential("MERCHANT") }),
        Initiator::Customer => json!({
            "vault_id": saved.token,
            "stored_credential": credential("CUSTOMER"),
            "experience_context": experience(&request.return_url, request.locale),
        }),
    };
    json!({ METHOD: wallet })
}
