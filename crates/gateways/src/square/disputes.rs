//! What customers' banks want back (<https://developer.squareup.com/reference/square/disputes-api/retrieve-dispute>,
//! <https://developer.squareup.com/docs/disputes-api/overview>).
//!
//! Square withholds the disputed amount from the seller's balance, or takes it from their bank account, as soon as there is a
//! dispute, and until the bank has decided (<https://squareup.com/help/gb/en/article/6137-speeding-up-the-disputes-process>). An
//! inquiry is the bank's question before that, and takes nothing. The dispute itself does not say what was taken, nor a fee.

use super::wire::Dispute;
use super::{Square, amount, names, times};
use crate::{Call, DisputeReply, Disputes, GatewayFailure};
use async_trait::async_trait;
use domain::{
    Money,
    dispute::{DisputeReason, DisputeStatus},
};

/// What one of Square's states means.
struct State {
    name: &'static str,
    status: DisputeStatus,
    /// Whether the merchant has to answer, until the dispute's `due_at`.
    waits: bool,
    /// Whether the amount is withheld or gone.
    taken: bool,
}

const fn state(name: &'static str, status: DisputeStatus, waits: bool, taken: bool) -> State {
    State { name, status, waits, taken }
}

/// Square's states (<https://developer.squareup.com/reference/square/enums/DisputeState>).
const STATES: [State; 8] = [
    state("INQUIRY_EVIDENCE_REQUIRED", DisputeStatus::Inquiry, true, false),
    state("INQUIRY_PROCESSING", DisputeStatus::Inquiry, false, false),
    state("INQUIRY_CLOSED", DisputeStatus::Closed, false, false),
    state("EVIDENCE_REQUIRED", DisputeStatus::NeedsResponse, true, true),
    state("PROCESSING", DisputeStatus::UnderReview, false, true),
    state("WON", DisputeStatus::Won, false, false),
    state("LOST", DisputeStatus::Lost, false, true),
    // The seller gave in.
    state("ACCEPTED", DisputeStatus::Lost, false, true),
];

/// Square's reasons (<https://developer.squareup.com/reference/square/enums/DisputeReason>). `CANCELLED` is about goods that were
/// sent back as well as about services, and not about subscriptions alone.
const REASONS: [(&str, DisputeReason); 9] = [
    ("AMOUNT_DIFFERS", DisputeReason::IncorrectAmount),
    ("CANCELLED", DisputeReason::CreditNotProcessed),
    ("DUPLICATE", DisputeReason::Duplicate),
    ("NO_KNOWLEDGE", DisputeReason::Fraudulent),
    ("NOT_AS_DESCRIBED", DisputeReason::ProductUnacceptable),
    ("NOT_RECEIVED", DisputeReason::ProductNotReceived),
    ("PAID_BY_OTHER_MEANS", DisputeReason::Duplicate),
    ("CUSTOMER_REQUESTS_CREDIT", DisputeReason::CreditNotProcessed),
    // A counterfeit card, which a reader of chips would have refused.
    ("EMV_LIABILITY_SHIFT", DisputeReason::Fraudulent),
];

#[async_trait]
impl Disputes for Square {
    async fn find_dispute(&self, call: &Call, gateway_ref: &str) -> Result<Option<DisputeReply>, GatewayFailure> {
        // Square gives no such names.
        if !names::is_id(gateway_ref) {
            return Ok(None);
        }
        let Some(said) = self.get(call, &format!("/v2/disputes/{gateway_ref}")).await? else { return Ok(None) };
        let dispute = said.dispute.ok_or_else(|| unreadable("dispute"))?;
        if id(&dispute) != Some(gateway_ref) {
            return Err(GatewayFailure::unknown("another dispute than was asked for"));
        }
        told(gateway_ref, &dispute).map(Some)
    }
}

/// A dispute's own name.
pub(super) fn id(dispute: &Dispute) -> Option<&str> {
    dispute.id.as_deref().or(dispute.dispute_id.as_deref())
}

fn unreadable(what: &str) -> GatewayFailure {
    GatewayFailure::unknown(format!("a dispute without a readable {what}"))
}

fn told(gateway_ref: &str, dispute: &Dispute) -> Result<DisputeReply, GatewayFailure> {
    let charge = dispute.disputed_payment.as_ref().and_then(|disputed| disputed.payment_id.as_deref());
    let charge = charge.filter(|id| names::is_id(id)).ok_or_else(|| unreadable("payment"))?;
    let amount = dispute.amount_money.as_ref().and_then(amount::of_wire).filter(|amount| amount.minor > 0);
    let amount = amount.ok_or_else(|| unreadable("amount"))?;
    let name = dispute.state.as_deref();
    let state = STATES.iter().find(|state| Some(state.name) == name).ok_or_else(|| unreadable("state"))?;
    let opened_at = dispute.created_at.as_deref().and_then(times::of_text).ok_or_else(|| unreadable("time"))?;
    let respond_by = match dispute.due_at.as_deref().filter(|_| state.waits) {
        Some(text) => Some(times::of_text(text).ok_or_else(|| unreadable("deadline"))?),
        None => None,
    };
    let taken = if state.taken { amount } else { Money::new(0, amount.currency) };
    Ok(DisputeReply {
        gateway_ref: gateway_ref.to_owned(),
        charge_ref: charge.to_owned(),
        amount,
        taken: Some(taken),
        fee: None,
        reason: reason(dispute.reason.as_deref()),
        status: state.status,
        respond_by,
        opened_at,
        raw_code: dispute.reason.clone(),
    })
}

/// Why; a reason that Square has not documented fits none of ours.
fn reason(code: Option<&str>) -> DisputeReason {
    let known = REASONS.iter().find(|(name, _)| Some(*name) == code);
    known.map_or(DisputeReason::General, |(_, reason)| *reason)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{Currency, Timestamp};
    use serde_json::{Value, json};

    fn dispute(change: impl FnOnce(&mut Value)) -> Result<DisputeReply, GatewayFailure> {
        let mut value = json!({
            "id": "d1", "state": "EVIDENCE_REQUIRED", "reason": "NO_KNOWLEDGE",
            "amount_money": { "amount": 2_500, "currency": "USD" },
            "disputed_payment": { "payment_id": "p1" },
            "created_at": "2022-06-29T18:45:22.265Z", "due_at": "2022-07-13T00:00:00.000Z",
        });
        change(&mut value);
        told("d1", &serde_json::from_value(value).unwrap())
    }

    #[test]
    fn every_documented_state_has_its_place() {
        use DisputeStatus as S;
        for (name, status, taken, waits) in [
            ("INQUIRY_EVIDENCE_REQUIRED", S::Inquiry, 0, true),
            ("INQUIRY_PROCESSING", S::Inquiry, 0, false),
            ("INQUIRY_CLOSED", S::Closed, 0, false),
            ("EVIDENCE_REQUIRED", S::NeedsResponse, 2_500, true),
            ("PROCESSING", S::UnderReview, 2_500, false),
            ("WON", S::Won, 0, false),
            ("LOST", S::Lost, 2_500, false),
            ("ACCEPTED", S::Lost, 2_500, false),
        ] {
            let reply = dispute(|value| value["state"] = json!(name)).unwrap();
            assert_eq!((reply.status, reply.taken), (status, Some(Money::new(taken, Currency::USD))), "{name}");
            let until = waits.then_some(Timestamp(1_657_670_400_000));
            assert_eq!(reply.respond_by, until, "{name}");
            assert_eq!((reply.amount, reply.fee), (Money::new(2_500, Currency::USD), None));
        }
        for odd in [json!(null), json!("NEW_STATE"), json!("won"), json!("")] {
            assert!(dispute(|value| value["state"] = odd).is_err());
        }
    }

    #[test]
    fn every_documented_reason_has_its_place() {
        use DisputeReason as R;
        for (code, expected) in [
            ("AMOUNT_DIFFERS", R::IncorrectAmount),
            ("CANCELLED", R::CreditNotProcessed),
            ("DUPLICATE", R::Duplicate),
            ("NO_KNOWLEDGE", R::Fraudulent),
            ("NOT_AS_DESCRIBED", R::ProductUnacceptable),
            ("NOT_RECEIVED", R::ProductNotReceived),
            ("PAID_BY_OTHER_MEANS", R::Duplicate),
            ("CUSTOMER_REQUESTS_CREDIT", R::CreditNotProcessed),
            ("EMV_LIABILITY_SHIFT", R::Fraudulent),
            ("SOMETHING_NEW", R::General),
        ] {
            let reply = dispute(|value| value["reason"] = json!(code)).unwrap();
            assert_eq!((reply.reason, reply.raw_code.as_deref()), (expected, Some(code)));
        }
        let reply = dispute(|value| value["reason"] = json!(null)).unwrap();
        assert_eq!((reply.reason, reply.raw_code), (R::General, None));
    }

    #[test]
    fn what_can_not_be_read_is_unknown() {
        for (field, odd) in [
            ("amount_money", json!(null)),
            ("amount_money", json!({ "amount": 0, "currency": "USD" })),
            ("amount_money", json!({ "amount": -5, "currency": "USD" })),
            ("amount_money", json!({ "amount": 5, "currency": "XTS" })),
            ("disputed_payment", json!(null)),
            ("disputed_payment", json!({ "payment_id": "a/b" })),
            ("created_at", json!(null)),
            ("created_at", json!("yesterday")),
            ("due_at", json!("soon")),
        ] {
            assert!(dispute(|value| value[field] = odd.clone()).is_err(), "{field}: {odd}");
        }
        // No deadline, or one that does not count any more, is none.
        assert_eq!(dispute(|value| value["due_at"] = json!(null)).unwrap().respond_by, None);
        let over = dispute(|value| {
            value["state"] = json!("WON");
            value["due_at"] = json!("soon");
        });
        assert_eq!(over.unwrap().respond_by, None);
    }
}
