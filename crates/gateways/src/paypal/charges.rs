//! Making an order, taking its money after the payer's yes, giving it up.

use super::api::{Ask, Heard, Refusal, link};
use super::order::{Order, reply};
use super::{METHOD, PayPal, decline, is_id, money, vault};
use crate::{
    Abandons, Call, CardFacts, ChargeReply, ChargeRequest, ChargeState, Charges, Credentials, GatewayFailure,
    MethodInput, Wanted,
};
use async_trait::async_trait;
use domain::{
    FieldProblem, Locale, Money, Timestamp, decline::DeclineCode, problem::codes, views::checkout::PayFields,
};
use serde_json::{Value, json};

/// The greatest length of a description, in characters.
const DESCRIPTION_MAX: usize = 127;
/// The same for our name for the payment: less than PayPal takes, so that a word of ours fits behind it.
const REFERENCE_MAX: usize = 200;

#[async_trait]
impl Charges for PayPal {
    fn fields(&self, _wanted: &Wanted<'_>, _credentials: &Credentials) -> PayFields {
        PayFields::Page
    }

    /// PayPal's own page, or what PayPal keeps: no card is ever sent, and no order that somebody else made.
    fn accept(&self, method: &MethodInput, _now: Timestamp) -> Result<Option<CardFacts>, Vec<FieldProblem>> {
        match method {
            MethodInput::Page | MethodInput::Saved(_) => Ok(None),
            MethodInput::Card { .. } | MethodInput::Token(_) => {
                Err(vec![FieldProblem::new("method", codes::BAD_CHOICE)])
            }
        }
    }

    async fn charge(&self, call: &Call, request: &ChargeRequest) -> Result<ChargeReply, GatewayFailure> {
        match &request.method {
            MethodInput::Page => self.open_page(call, request).await,
            MethodInput::Saved(saved) => self.charge_saved(call, request, saved).await,
            MethodInput::Card { .. } | MethodInput::Token(_) => Ok(no(None, DeclineCode::CardNotSupported, None)),
        }
    }

    async fn resume(&self, call: &Call, gateway_ref: &str) -> Result<ChargeReply, GatewayFailure> {
        match self.order(call, gateway_ref).await? {
            Ok(order) if order.is_to_be_completed() => self.complete(call, &order, None).await,
            Ok(order) => self.standing(call, &order),
            // Orders that nobody approved in time go away.
            Err(refusal) if refusal.is_missing() => {
                Ok(no(Some(gateway_ref), DeclineCode::AuthenticationAbandoned, Some(&refusal)))
            }
            Err(refusal) => Err(GatewayFailure::not_sent(refusal.reason())),
        }
    }
}

#[async_trait]
impl Abandons for PayPal {
    /// PayPal has no call that cancels an order, and needs none: what waits for the payer is captured by [`Charges::resume`] alone. So it
    /// is enough to ask, and to tell when the money was taken already. Whoever calls this sees to it that `resume` is neither under way
    /// for this charge nor called afterwards.
    async fn abandon(&self, call: &Call, gateway_ref: &str) -> Result<ChargeReply, GatewayFailure> {
        let canceled = || reply(gateway_ref, ChargeState::Canceled, (None, None));
        match self.order(call, gateway_ref).await? {
            Ok(order) => {
                let stands = self.standing(call, &order)?;
                Ok(if matches!(stands.state, ChargeState::RequiresAction { .. }) { canceled() } else { stands })
            }
            Err(refusal) if refusal.is_missing() => Ok(canceled()),
            Err(refusal) => Err(GatewayFailure::unknown(refusal.reason())),
        }
    }
}

impl PayPal {
    /// Reads an order. `Ok(Err(_))` is a refusal, of which a 404 says that there is none.
    ///
    /// # Errors
    /// As [`PayPal::ask`].
    pub(super) async fn order(&self, call: &Call, id: &str) -> Result<Result<Order, Refusal>, GatewayFailure> {
        if !is_id(id) {
            return Err(GatewayFailure::unknown("not the name of an order of PayPal's"));
        }
        match self.get(call, &format!("/v2/checkout/orders/{id}")).await? {
            Heard::Refused(refusal) => Ok(Err(refusal)),
            Heard::Done(order) => {
                let order = Order(order);
                if order.id()? != id {
                    return Err(GatewayFailure::unknown("PayPal answered with another order"));
                }
                Ok(Ok(order))
            }
        }
    }

    /// Makes an order for PayPal's page, which keeps the payer's wallet where that is asked for and PayPal lets the merchant.
    async fn open_page(&self, call: &Call, request: &ChargeRequest) -> Result<ChargeReply, GatewayFailure> {
        let Some(amount) = money::written(request.amount) else {
            return Ok(no(None, DeclineCode::CurrencyNotSupported, None));
        };
        let body = order_body(call, request, &amount);
        let mut made = self.make(call, request.amount, &call.idempotency_key, &body).await?;
        if request.keep.is_some() && made.as_ref().is_err_and(is_about_keeping) {
            let plain = order_body(call, &ChargeRequest { keep: None, ..request.clone() }, &amount);
            made = self.make(call, request.amount, &format!("{}-plain", call.idempotency_key), &plain).await?;
        }
        match made {
            Ok(order) => self.standing(call, &order),
            Err(refusal) => Ok(no(None, decline::of_refusal(&refusal), Some(&refusal))),
        }
    }

    /// Makes an order. An order charges nothing until it is captured, and only this account can capture it, by its id. When the answer
    /// is lost, so is the id: nothing can ever come of that order, and it runs out by itself. "Unknown" would hold the customer up for
    /// nothing.
    ///
    /// # Errors
    /// [`GatewayFailure::NotSent`], but [`GatewayFailure::Unknown`] when the key was used for another amount.
    pub(super) async fn make(
        &self,
        call: &Call,
        asked: Money,
        key: &str,
        body: &Value,
    ) -> Result<Result<Order, Refusal>, GatewayFailure> {
        let heard = self.ask(call, &Ask::post("/v2/checkout/orders", key, body)).await;
        let order = match heard.map_err(nothing_charged)? {
            Heard::Refused(refusal) => return Ok(Err(refusal)),
            Heard::Done(order) => Order(order),
        };
        order.id().map_err(nothing_charged)?;
        match order.amount() {
            None => Err(GatewayFailure::not_sent("PayPal's order has no amount that can be read")),
            // Under a key that was used before, PayPal answers with the order of that time.
            Some(other) if other != asked => {
                Err(GatewayFailure::unknown("PayPal has an order of another amount under this key"))
            }
            Some(_) => Ok(Ok(order)),
        }
    }

    /// Captures or authorises an order: an approved one, or with a saved method one that nobody has to approve. The key follows from the
    /// order: however often the customer comes back, one call counts.
    ///
    /// # Errors
    /// [`GatewayFailure`].
    pub(super) async fn complete(
        &self,
        call: &Call,
        order: &Order,
        source: Option<&Value>,
    ) -> Result<ChargeReply, GatewayFailure> {
        let id = order.id()?;
        let action = match order.intent() {
            "CAPTURE" => "capture",
            "AUTHORIZE" => "authorize",
            _ => return Err(GatewayFailure::unknown("PayPal's order has an intent that is not known here")),
        };
        let path = format!("/v2/checkout/orders/{id}/{action}");
        // After a saved method was refused, the payer's approval is another call.
        let (key, body) = match source {
            Some(source) => (format!("{id}-{action}-saved"), json!({ "payment_source": source })),
            None => (format!("{id}-{action}"), json!({})),
        };
        let refusal = match self.ask(call, &Ask::post(&path, &key, &body)).await? {
            Heard::Done(answer) => {
                let done = Order(answer);
                if done.id()? != id || done.amount().is_some_and(|amount| order.amount() != Some(amount)) {
                    return Err(GatewayFailure::unknown("PayPal answered with another order or amount"));
                }
                let is_told = !done.captures().is_empty() || done.authorization().is_some();
                // The short form of the answer tells of no payment; the order itself does.
                if !is_told && done.status() != "PAYER_ACTION_REQUIRED" {
                    return self.settled(call, id).await;
                }
                if !is_told && order.is_off_session() {
                    return Ok(no(Some(id), DeclineCode::AuthenticationRequired, None));
                }
                return self.standing(call, &done);
            }
            Heard::Refused(refusal) => refusal,
        };
        self.not_completed(call, order, source.is_some(), &refusal).await
    }

    /// A refused capture or authorisation.
    async fn not_completed(
        &self,
        call: &Call,
        order: &Order,
        with_saved: bool,
        refusal: &Refusal,
    ) -> Result<ChargeReply, GatewayFailure> {
        let id = order.id()?;
        match refusal.code() {
            // Somebody was faster, or the answer of the first time was lost: the order says what happened.
            "ORDER_ALREADY_CAPTURED" | "ORDER_ALREADY_AUTHORIZED" | "ORDER_COMPLETED_OR_VOIDED" => {
                self.settled(call, id).await
            }
            "ORDER_COMPLETION_IN_PROGRESS" => Ok(reply(id, ChargeState::Processing, (refusal.raw_code(), None))),
            "ORDER_NOT_APPROVED" | "PAYER_ACTION_REQUIRED" if order.is_off_session() => {
                Ok(no(Some(id), DeclineCode::AuthenticationRequired, Some(refusal)))
            }
            "ORDER_NOT_APPROVED" | "PAYER_ACTION_REQUIRED" => {
                let url = refusal.action_url.clone().or_else(|| link(&order.0, &["payer-action", "approve"]));
                let url = self.approval_url(call, id, url);
                Ok(reply(id, ChargeState::RequiresAction { url }, (refusal.raw_code(), refusal.raw_message())))
            }
            // The order was there a moment ago: what is missing is the method.
            _ if with_saved && refusal.is_missing() => Ok(no(Some(id), decline::GONE, Some(refusal))),
            _ => Ok(no(Some(id), decline::of_refusal(refusal), Some(refusal))),
        }
    }

    /// Where an order stands that PayPal says is done.
    ///
    /// # Errors
    /// [`GatewayFailure::Unknown`] also when it is said to be done and shows nothing of it.
    pub(super) async fn settled(&self, call: &Call, id: &str) -> Result<ChargeReply, GatewayFailure> {
        let asked = self.order(call, id).await;
        match asked.map_err(may_be_charged)? {
            Ok(order) if order.is_waiting() => {
                Err(GatewayFailure::unknown("PayPal says that the order is done, and does not show it yet"))
            }
            Ok(order) => self.standing(call, &order),
            Err(refusal) => Err(GatewayFailure::unknown(refusal.reason())),
        }
    }
}

/// A no, with what PayPal said.
pub(super) fn no(order_id: Option<&str>, code: DeclineCode, refusal: Option<&Refusal>) -> ChargeReply {
    ChargeReply {
        gateway_ref: order_id.map(str::to_owned),
        state: ChargeState::Declined(code),
        card: None,
        saved: None,
        raw_code: refusal.and_then(Refusal::raw_code),
        raw_message: refusal.and_then(Refusal::raw_message),
    }
}

fn nothing_charged(failure: GatewayFailure) -> GatewayFailure {
    let (GatewayFailure::NotSent { reason } | GatewayFailure::Unknown { reason }) = failure;
    GatewayFailure::not_sent(reason)
}

/// The opposite: a question that did not arrive leaves what is asked about as doubtful as it was.
pub(super) fn may_be_charged(failure: GatewayFailure) -> GatewayFailure {
    let (GatewayFailure::NotSent { reason } | GatewayFailure::Unknown { reason }) = failure;
    GatewayFailure::unknown(reason)
}

/// Whether an order was refused for what was to be kept, so that it can be made without that.
fn is_about_keeping(refusal: &Refusal) -> bool {
    let issues = ["NOT_ENABLED_TO_VAULT_PAYMENT_SOURCE", "VAULT_INSTRUCTION_REQUIRED", "VAULT_INSTRUCTION_DUPLICATED"];
    issues.contains(&refusal.code()) || refusal.is_about("payment_source/paypal/attributes")
}

/// <https://developer.paypal.com/docs/api/orders/v2/#orders_create>.
fn order_body(call: &Call, request: &ChargeRequest, amount: &Value) -> Value {
    let mut wallet = json!({ "experience_context": experience(&request.return_url, request.locale) });
    if let Some(email) = &request.email {
        wallet["email_address"] = email.as_str().into();
    }
    if let Some(keep) = &request.keep {
        wallet["attributes"] = json!({
            "vault": { "store_in_vault": "ON_SUCCESS", "usage_type": "MERCHANT", "permit_multiple_payment_tokens": true },
            "customer": vault::customer(keep),
        });
    }
    json!({
        "intent": if request.capture { "CAPTURE" } else { "AUTHORIZE" },
        "purchase_units": [unit(call, request, amount)],
        "payment_source": { METHOD: wallet },
    })
}

/// What is paid for. No `invoice_id`: PayPal refuses one that it has seen, and a second attempt at a payment is not a second invoice.
pub(super) fn unit(call: &Call, request: &ChargeRequest, amount: &Value) -> Value {
    let cut = |text: &str, most: usize| text.chars().take(most).collect::<String>();
    let mut unit = json!({
        "reference_id": cut(&request.reference, REFERENCE_MAX),
        "custom_id": call.idempotency_key,
        "amount": amount,
    });
    if let Some(description) = request.description.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
        unit["description"] = cut(description, DESCRIPTION_MAX).into();
    }
    unit
}

/// How PayPal's page is to be, and where it sends the payer back.
pub(super) fn experience(return_url: &str, locale: Locale) -> Value {
    let mut context = json!({
        "return_url": return_url,
        "cancel_url": return_url,
        "user_action": "PAY_NOW",
        "shipping_preference": "NO_SHIPPING",
        // No eCheck that settles days later.
        "payment_method_preference": "IMMEDIATE_PAYMENT_REQUIRED",
    });
    // PayPal's pages speak no Persian: without a locale they follow the payer's and the merchant's countries.
    // https://developer.paypal.com/api/rest/reference/locale-codes/
    if locale == Locale::En {
        context["locale"] = "en-US".into();
    }
    context
}
