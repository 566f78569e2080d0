//! Disputes (<https://docs.stripe.com/api/disputes/object>).

use super::lookup::created;
use super::wire::{Fields, MISSING, is_name, name_of, object_of, owned, text};
use super::{Stripe, amount, intent};
use crate::{Call, DisputeReply, Disputes, GatewayFailure};
use async_trait::async_trait;
use domain::{
    Currency, Money, Timestamp,
    dispute::{DisputeReason, DisputeStatus},
    time::SECOND,
};
use serde_json::Value;

/// What the name of a dispute begins with: `du_…`, and `dp_…` for older ones.
const PREFIXES: [&str; 2] = ["du_", "dp_"];

/// Stripe's reasons, by <https://docs.stripe.com/disputes/categories>. What is not listed is [`DisputeReason::General`].
#[rustfmt::skip]
const REASONS: [(&str, DisputeReason); 15] = [
    ("bank_cannot_process", DisputeReason::General),
    ("check_returned", DisputeReason::General),
    ("credit_not_processed", DisputeReason::CreditNotProcessed),
    ("customer_initiated", DisputeReason::General),
    // The account's holder says that they did not allow it.
    ("debit_not_authorized", DisputeReason::Fraudulent),
    ("duplicate", DisputeReason::Duplicate),
    ("fraudulent", DisputeReason::Fraudulent),
    ("general", DisputeReason::General),
    ("incorrect_account_details", DisputeReason::General),
    ("insufficient_funds", DisputeReason::General),
    ("noncompliant", DisputeReason::General),
    ("product_not_received", DisputeReason::ProductNotReceived),
    ("product_unacceptable", DisputeReason::ProductUnacceptable),
    ("subscription_canceled", DisputeReason::SubscriptionCanceled),
    ("unrecognized", DisputeReason::Unrecognized),
];

/// Stripe's statuses. One that is new can't be guessed.
#[rustfmt::skip]
const STATUSES: [(&str, DisputeStatus); 8] = [
    ("warning_needs_response", DisputeStatus::Inquiry),
    ("warning_under_review", DisputeStatus::Inquiry),
    ("warning_closed", DisputeStatus::Closed),
    ("needs_response", DisputeStatus::NeedsResponse),
    ("under_review", DisputeStatus::UnderReview),
    ("won", DisputeStatus::Won),
    ("lost", DisputeStatus::Lost),
    // Settled before it became one (<https://docs.stripe.com/disputes/prevention>).
    ("prevented", DisputeStatus::Closed),
];

/// Statuses in which evidence is still accepted.
const ANSWERABLE: [&str; 2] = ["warning_needs_response", "needs_response"];

#[async_trait]
impl Disputes for Stripe {
    async fn find_dispute(&self, call: &Call, gateway_ref: &str) -> Result<Option<DisputeReply>, GatewayFailure> {
        if !is_dispute(gateway_ref) {
            return Err(GatewayFailure::unknown("no name of a dispute"));
        }
        let dispute = match self.get(call, &format!("/v1/disputes/{gateway_ref}"), &Fields::new()).await? {
            Ok(found) => found.value,
            Err(refused) if refused.is(MISSING) => return Ok(None),
            Err(refused) => return Err(GatewayFailure::unknown(refused.reason())),
        };
        if text(&dispute, "id") != Some(gateway_ref) {
            return Err(GatewayFailure::unknown("the answer is about something else"));
        }
        read(&dispute, gateway_ref).map(Some)
    }
}

/// Whether it is the name of a dispute.
pub(super) fn is_dispute(id: &str) -> bool {
    PREFIXES.iter().any(|prefix| is_name(id, prefix))
}

/// The charge that is disputed. None: it was made without a PaymentIntent, and so not by Paydeck.
pub(super) fn charge_of(dispute: &Value) -> Option<String> {
    name_of(dispute, "payment_intent").filter(|name| is_name(name, intent::PREFIX))
}

fn read(dispute: &Value, id: &str) -> Result<DisputeReply, GatewayFailure> {
    let charge_ref = charge_of(dispute).ok_or_else(|| GatewayFailure::unknown("of no PaymentIntent"))?;
    let said = text(dispute, "status").unwrap_or_default();
    let status = STATUSES.iter().find(|(name, _)| *name == said).map(|(_, status)| *status);
    let status = status.ok_or_else(|| GatewayFailure::unknown("an unknown status"))?;
    let reason = text(dispute, "reason").ok_or_else(|| GatewayFailure::unknown("no reason in the answer"))?;
    let amount = intent::money(dispute, "amount")?;
    let booked = booked(dispute, amount.currency);
    let taken = match status {
        // However soon that is booked, and whatever rates did meanwhile: the merchant keeps the money.
        DisputeStatus::Inquiry | DisputeStatus::Won => {
            Some(Money::new(0, booked.map_or(amount.currency, |booked| booked.taken.currency)))
        }
        _ => booked.map(|booked| booked.taken),
    };
    Ok(DisputeReply {
        gateway_ref: id.to_owned(),
        charge_ref,
        amount,
        taken,
        fee: booked.and_then(|booked| booked.fee),
        reason: reason_of(reason),
        // Settled with the merchant's money is not closed but lost.
        status: match taken {
            Some(taken) if status == DisputeStatus::Closed && taken.minor > 0 => DisputeStatus::Lost,
            _ => status,
        },
        respond_by: respond_by(dispute).filter(|_| ANSWERABLE.contains(&said)),
        opened_at: created(dispute)?,
        raw_code: network_code(dispute).or_else(|| Some(reason.to_owned())),
    })
}

fn reason_of(reason: &str) -> DisputeReason {
    REASONS.iter().find(|(name, _)| *name == reason).map_or(DisputeReason::General, |(_, reason)| *reason)
}

/// What Stripe has booked for a dispute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Booked {
    taken: Money,
    fee: Option<Money>,
}

/// What the balance transactions of a dispute add up to: funds that were withdrawn and given back, and fees, in the currency of the
/// merchant's balance. None where they do not tell (<https://docs.stripe.com/reports/reporting-categories>).
fn booked(dispute: &Value, currency: Currency) -> Option<Booked> {
    let transactions = dispute.get("balance_transactions")?.as_array()?;
    let Some(first) = transactions.first() else {
        // Nothing was booked yet, or never will be.
        return Some(Booked { taken: Money::new(0, currency), fee: None });
    };
    let currency: Currency = text(first, "currency")?.parse().ok()?;
    let (mut taken, mut fees) = (0i64, 0i64);
    for transaction in transactions {
        let amount = transaction.get("amount").and_then(Value::as_i64)?;
        let fee = transaction.get("fee").and_then(Value::as_i64)?;
        if text(transaction, "currency")?.parse().ok() != Some(currency) {
            return None;
        }
        match text(transaction, "reporting_category").or_else(|| text(transaction, "type"))? {
            "dispute" | "dispute_reversal" | "adjustment" => taken = taken.checked_sub(amount)?,
            "fee" | "stripe_fee" => fees = fees.checked_sub(amount)?,
            _ => return None,
        }
        fees = fees.checked_add(fee)?;
    }
    let taken = amount::from_stripe(taken.max(0), currency)?;
    Some(Booked { taken, fee: amount::from_stripe(fees, currency).filter(|fee| fee.minor >= 0) })
}

/// Until when evidence is accepted. It is 0 where none is.
fn respond_by(dispute: &Value) -> Option<Timestamp> {
    let due = object_of(dispute, "evidence_details")?.get("due_by").and_then(Value::as_i64);
    due.filter(|seconds| *seconds > 0)?.checked_mul(SECOND).map(Timestamp)
}

/// The code that the card network gave for the reason.
fn network_code(dispute: &Value) -> Option<String> {
    let of_card = object_of(dispute, "payment_method_details").and_then(|details| object_of(details, "card"));
    let code = of_card.and_then(|card| owned(card, "network_reason_code"));
    code.or_else(|| owned(dispute, "network_reason_code")).filter(|code| !code.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_documented_reason_has_its_group() {
        for (said, means) in [
            ("bank_cannot_process", "general"),
            ("check_returned", "general"),
            ("credit_not_processed", "credit_not_processed"),
            ("customer_initiated", "general"),
            ("debit_not_authorized", "fraudulent"),
            ("duplicate", "duplicate"),
            ("fraudulent", "fraudulent"),
            ("general", "general"),
            ("incorrect_account_details", "general"),
            ("insufficient_funds", "general"),
            ("noncompliant", "general"),
            ("product_not_received", "product_not_received"),
            ("product_unacceptable", "product_unacceptable"),
            ("subscription_canceled", "subscription_canceled"),
            ("unrecognized", "unrecognized"),
        ] {
            assert!(REASONS.iter().any(|(name, _)| *name == said), "{said}");
            assert_eq!(reason_of(said).as_str(), means, "{said}");
        }
        assert_eq!(reason_of("brand_new"), DisputeReason::General);
    }

    fn transaction(amount: i64, fee: i64, category: &str) -> Value {
        json!({ "amount": amount, "fee": fee, "currency": "eur", "reporting_category": category, "type": "adjustment" })
    }

    fn sum(transactions: &[Value]) -> Option<(i64, Option<i64>)> {
        let dispute = json!({ "balance_transactions": transactions });
        booked(&dispute, Currency::USD).map(|booked| (booked.taken.minor, booked.fee.map(|fee| fee.minor)))
    }

    #[test]
    fn what_was_booked() {
        let withdrawn = transaction(-1_099, 1_500, "dispute");
        let back = transaction(1_099, 0, "dispute_reversal");
        let back_with_fee = transaction(1_099, -1_500, "dispute_reversal");
        let fee = transaction(-1_500, 0, "fee");
        assert_eq!(sum(&[]), Some((0, None)));
        assert_eq!(sum(std::slice::from_ref(&withdrawn)), Some((1_099, Some(1_500))));
        assert_eq!(sum(&[withdrawn.clone(), back]), Some((0, Some(1_500))));
        assert_eq!(sum(&[back_with_fee, withdrawn.clone()]), Some((0, Some(0))));
        assert_eq!(sum(&[transaction(-1_099, 0, "dispute"), fee]), Some((1_099, Some(1_500))));
        // Rates have changed: more came back than went.
        assert_eq!(sum(&[withdrawn.clone(), transaction(1_100, 0, "dispute_reversal")]), Some((0, Some(1_500))));
        for strange in [
            transaction(-1, 0, "charge"),
            json!({ "amount": -1, "fee": 0, "currency": "usd", "reporting_category": "dispute" }),
            json!({ "amount": -1.5, "fee": 0, "currency": "eur", "reporting_category": "dispute" }),
            json!({ "amount": -1, "currency": "eur", "reporting_category": "dispute" }),
            json!({ "amount": i64::MIN, "fee": 0, "currency": "eur", "reporting_category": "dispute" }),
            json!({ "amount": -1, "fee": 0, "currency": "eur" }),
            Value::Null,
        ] {
            assert_eq!(sum(&[withdrawn.clone(), strange.clone()]), None, "{strange}");
        }
        assert_eq!(booked(&json!({}), Currency::EUR), None);
    }
}
