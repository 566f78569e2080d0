//! Keeping the cards of charges
//! (<https://developer.squareup.com/docs/web-payments/sca-add-card>: charge the token, then make a card of the payment's id).
//!
//! The payment comes first and waits for nothing: neither a customer nor a card is made before it, and whatever becomes of them
//! changes nothing about it. What the payment's note says (`names.rs`) is enough to find its card, or to keep it after all,
//! with any later answer about the charge: so nothing is lost when the first answer is, and a payment link's card is kept once
//! the link was paid.
//!
//! - Square makes a card of a payment for 24 hours
//!   (<https://developer.squareup.com/forums/t/payment-id-as-card-source-source-has-expired/23403>), and of none that was paid with
//!   a card that it keeps already, or with a wallet.
//! - Where the customer's bank wants to be asked, the fields' token has to be made with the intent `CHARGE_AND_STORE`; without
//!   it, and on Square's own page, Square refuses to keep such a card (`CARD_DECLINED_VERIFICATION_REQUIRED`).
//! - Each call has [`BRIEF`] only, and the first that fails is the last: the next answer about the charge tries again.

use super::wire::Payment;
use super::{Square, cards, names, reply, times};
use crate::{Call, ChargeReply, ChargeState, GatewayFailure, Keep, SavedMethod};
use domain::time::DAY;
use std::time::Duration;

/// How long each call of keeping may take: somebody waits for the answer about the charge.
pub(super) const BRIEF: Duration = Duration::from_secs(2);

/// Whether an answer about a charge is the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer<'a> {
    /// The payment was made by this very call, which says whose card is to be kept: it has no card yet.
    First(Option<&'a Keep>),
    /// It may have one, or may have had one that was forgotten.
    Later,
}

impl Square {
    /// A later answer about a payment, with what is kept of it.
    ///
    /// # Errors
    /// As [`reply::charge`]: none because of what is kept.
    pub(super) async fn told(&self, call: &Call, payment: &Payment) -> Result<ChargeReply, GatewayFailure> {
        let reply = reply::charge(payment)?;
        Ok(self.with_kept(call, payment, reply, Answer::Later).await)
    }

    /// An answer with what is kept of the payment.
    pub(super) async fn with_kept(
        &self,
        call: &Call,
        payment: &Payment,
        reply: ChargeReply,
        answer: Answer<'_>,
    ) -> ChargeReply {
        let saved = self.kept(call, payment, &reply.state, answer).await;
        ChargeReply { saved, ..reply }
    }

    async fn kept(
        &self,
        call: &Call,
        payment: &Payment,
        state: &ChargeState,
        answer: Answer<'_>,
    ) -> Option<SavedMethod> {
        let mark = names::mark(payment.note.as_deref())?;
        let customer = mark.keeps_for?;
        if !may_be_kept(state) {
            return None;
        }
        if answer == Answer::Later
            && let Some(card) = self.card_of_key(call, &mark.key, Some(BRIEF)).await.ok()?
        {
            return cards::saved(&card).ok()?;
        }
        if *state == ChargeState::Canceled || !is_fresh(call, payment) || !names::is_id(&payment.id) {
            return None;
        }
        let gateway_customer = match answer {
            Answer::First(keep) => keep.and_then(|keep| keep.gateway_customer.clone()),
            Answer::Later => None,
        };
        let whose = (&Keep { customer, gateway_customer }, payment.buyer_email_address.as_deref());
        let made = self.keep_card(call, (&mark.key, &payment.id), whose, Some(BRIEF)).await;
        cards::saved(&made.ok()?.ok()?).ok()?
    }
}

/// Whether a charge in this state may have a kept card. What was kept before a charge was released is kept still.
pub(super) const fn may_be_kept(state: &ChargeState) -> bool {
    matches!(state, ChargeState::Succeeded { .. } | ChargeState::Authorized { .. } | ChargeState::Canceled)
}

/// Whether Square still makes a card of a payment.
fn is_fresh(call: &Call, payment: &Payment) -> bool {
    payment.created_at.as_deref().and_then(times::of_text).is_some_and(|made| call.now < made.plus(DAY))
}
