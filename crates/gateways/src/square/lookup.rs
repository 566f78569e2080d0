//! Asking what became of a charge or a refund.
//!
//! By Square's own name this is a plain question. Without one, a charge is found out by cancelling our key
//! (<https://developer.squareup.com/reference/square/payments-api/cancel-payment-by-idempotency-key>), which Square made for
//! this: it cancels the key's payment, or does nothing when there is none, and says success for both. A payment that is
//! completed can't be cancelled, so that the payments made around the key's time are read afterwards, whatever Square said.
//!
//! - Cancelling does not use up the key: a call that is still at work could make a payment afterwards. A key is therefore
//!   cancelled only [`AT_WORK`] after its operation began, which is longer than any call of ours lasts.
//! - A payment link whose name was lost needs no cancelling: its address reached nobody, and nobody can pay it.
//! - A refund can't be cancelled. It is looked for in the list, and only when [`LISTED`] have passed since its operation
//!   began does its absence count: Square's lists lag by seconds.
//! - Both times come from the key, whose form is `domain::ids`'. With a key of another form nothing is ever certain about
//!   a refund, and a charge is looked for in the last day.

use super::api::{lacks, unanswered};
use super::errors::Verdict;
use super::names::{self, Named};
use super::wire::{Payment, Refund};
use super::{Square, reply, times};
use crate::{Call, ChargeReply, GatewayFailure, Lookup, RefundReply, Window};
use async_trait::async_trait;
use domain::{
    Timestamp,
    time::{DAY, HOUR, MINUTE},
};
use reqwest::Method;
use serde_json::{Value, json};

/// How long a call may still be at work, in milliseconds.
const AT_WORK: i64 = MINUTE;
/// How long a refund may take to come into the list, in milliseconds.
const LISTED: i64 = 10 * MINUTE;
/// How far Square's clock may be from ours.
const SKEW: i64 = 5 * MINUTE;
/// Pages that are read at most.
const PAGES: usize = 50;

#[async_trait]
impl Lookup for Square {
    async fn find_charge(
        &self,
        call: &Call,
        our_key: &str,
        gateway_ref: Option<&str>,
    ) -> Result<Option<ChargeReply>, GatewayFailure> {
        match gateway_ref.map(names::named) {
            Some(Some(Named::Id(id))) => match self.payment(call, id).await? {
                Some(payment) => self.told(call, &payment).await.map(Some),
                None => Ok(None),
            },
            Some(Some(Named::Link(name))) => self.link_stands(call, &name).await,
            // Square gives no such names.
            Some(None) => Ok(None),
            None => self.cancel_key(call, our_key).await,
        }
    }

    async fn find_refund(
        &self,
        call: &Call,
        our_key: &str,
        _charge_ref: &str,
        gateway_ref: Option<&str>,
    ) -> Result<Option<RefundReply>, GatewayFailure> {
        let Some(gateway_ref) = gateway_ref else { return self.refund_of_key(call, our_key).await };
        let Some(Named::Id(id)) = names::named(gateway_ref) else { return Ok(None) };
        match self.get(call, &format!("/v2/refunds/{id}")).await? {
            Some(said) => reply::refund(&said.refund.ok_or_else(|| lacks("refund"))?).map(Some),
            None => Ok(None),
        }
    }
}

impl Square {
    /// A payment by its id.
    pub(super) async fn payment(&self, call: &Call, id: &str) -> Result<Option<Payment>, GatewayFailure> {
        match self.get(call, &format!("/v2/payments/{id}")).await? {
            Some(said) => said.payment.ok_or_else(|| lacks("payment")).map(Some),
            None => Ok(None),
        }
    }

    /// Cancels a key and tells what it was used for.
    async fn cancel_key(&self, call: &Call, our_key: &str) -> Result<Option<ChargeReply>, GatewayFailure> {
        let began = times::of_key(our_key);
        if began.is_some_and(|began| call.now < began.plus(AT_WORK)) {
            return Err(GatewayFailure::unknown("too early to cancel the key: its call may be at work"));
        }
        let body = json!({ "idempotency_key": names::key(our_key, "") });
        let refused = match self.ask(call, Method::POST, "/v2/payments/cancel", Some(&body)).await? {
            Ok(_) => None,
            Err(refusal) => match refusal.verdict {
                Verdict::Missing => None,
                Verdict::Doubtful | Verdict::Account | Verdict::TooMany => return Err(unanswered(&refusal)),
                Verdict::Declined(_) | Verdict::Refused => Some(refusal.reason),
            },
        };
        let found = self.payment_of_key(call, our_key, window(began, HOUR, call.now)).await?;
        match (found, refused) {
            (Some(id), _) => {
                // The list lags: where it stands now, the payment itself says.
                let payment = self.payment(call, &id).await?;
                let payment = payment.ok_or_else(|| GatewayFailure::unknown("a payment that can't be read yet"))?;
                self.told(call, &payment).await.map(Some)
            }
            (None, None) => Ok(None),
            (None, Some(reason)) => Err(GatewayFailure::unknown(format!("the key could not be cancelled: {reason}"))),
        }
    }

    /// The id of the payment that carries a key. A link's failed payments carry it too: the one that lives goes before them.
    async fn payment_of_key(
        &self,
        call: &Call,
        our_key: &str,
        window: Window,
    ) -> Result<Option<String>, GatewayFailure> {
        let (mut after, mut live, mut dead) = (None, Vec::new(), None);
        for _ in 0..PAGES {
            let said = self.page(call, "payments", window, after.as_deref()).await?;
            for value in said.payments.iter().filter(|value| carries(value, our_key)) {
                let id = text(value, "id").filter(|id| names::is_id(id)).ok_or_else(|| lacks("id"))?;
                match text(value, "status") {
                    Some("FAILED" | "CANCELED") => dead = Some(id.to_owned()),
                    _ => live.push(id.to_owned()),
                }
            }
            after = said.cursor.filter(|cursor| !cursor.is_empty());
            if after.is_none() {
                return match live.len() {
                    0 | 1 => Ok(live.pop().or(dead)),
                    _ => Err(GatewayFailure::unknown(format!("several payments of one key: {live:?}"))),
                };
            }
        }
        Err(GatewayFailure::unknown("the list of payments does not end"))
    }

    /// The refund that carries a key.
    async fn refund_of_key(&self, call: &Call, our_key: &str) -> Result<Option<RefundReply>, GatewayFailure> {
        let began = times::of_key(our_key);
        let window = window(began, DAY, call.now);
        let mut after = None;
        for _ in 0..PAGES {
            let said = self.page(call, "refunds", window, after.as_deref()).await?;
            let ours = |value: &Value| names::mark(text(value, "reason")).is_some_and(|mark| mark.key == our_key);
            if let Some(value) = said.refunds.into_iter().find(ours) {
                let refund: Refund = serde_json::from_value(value)
                    .map_err(|_| GatewayFailure::unknown("a refund that can't be read"))?;
                return reply::refund(&refund).map(Some);
            }
            after = said.cursor.filter(|cursor| !cursor.is_empty());
            if after.is_none() {
                let certain = began.is_some_and(|began| call.now >= began.plus(LISTED));
                let open = || GatewayFailure::unknown("no such refund is listed, and it may yet be");
                return if certain { Ok(None) } else { Err(open()) };
            }
        }
        Err(GatewayFailure::unknown("the list of refunds does not end"))
    }
}

fn text<'a>(value: &'a Value, field: &str) -> Option<&'a str> {
    value.get(field).and_then(Value::as_str)
}

/// Whether a listed payment carries a key. Judged before the rest is read: one of ours that can't be read is not none.
fn carries(payment: &Value, our_key: &str) -> bool {
    let mark = names::mark(text(payment, "note"));
    mark.map_or(text(payment, "reference_id") == Some(our_key), |mark| mark.key == our_key)
}

/// The time in which Square has made what a key stands for: from when its operation began for so long, or the last day.
fn window(began: Option<Timestamp>, lasts: i64, now: Timestamp) -> Window {
    let (from, to) = began.map_or((now.plus(-DAY), now), |began| (began, began.plus(lasts)));
    Window { from: from.plus(-SKEW), to: to.plus(SKEW) }
}
