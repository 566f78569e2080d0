//! Disputes: <https://developer.paypal.com/docs/api/customer-disputes/v1/>.
//!
//! The app needs the feature "Disputes" to read them. A dispute names the merchant's transaction, which is the capture; the capture
//! names the order, which is Paydeck's name for the charge. PayPal tells the money that it moved between the parties
//! (`money_movements`). Where it tells none, nothing has been taken while the parties talk or when the merchant has won; else it is not
//! known: PayPal may hold the money back without saying so here.
//!
//! A dispute over several transactions (PayPal has them; a payment through an order is one transaction) is told with the first.

use super::charges::may_be_charged;
use super::order::text;
use super::{PayPal, is_id, money, time};
use crate::{Call, DisputeReply, Disputes, GatewayFailure};
use async_trait::async_trait;
use domain::{
    Money, Timestamp,
    dispute::{DisputeReason, DisputeStatus},
};
use serde_json::Value;

/// <https://developer.paypal.com/docs/api/customer-disputes/v1/#definition-dispute_reason>. What is not listed is
/// [`DisputeReason::General`].
const REASONS: &[(&str, DisputeReason)] = &[
    ("MERCHANDISE_OR_SERVICE_NOT_RECEIVED", DisputeReason::ProductNotReceived),
    ("MERCHANDISE_OR_SERVICE_NOT_AS_DESCRIBED", DisputeReason::ProductUnacceptable),
    ("UNAUTHORISED", DisputeReason::Fraudulent),
    ("CREDIT_NOT_PROCESSED", DisputeReason::CreditNotProcessed),
    ("DUPLICATE_TRANSACTION", DisputeReason::Duplicate),
    ("INCORRECT_AMOUNT", DisputeReason::IncorrectAmount),
    // Paid a second time, in another way.
    ("PAYMENT_BY_OTHER_MEANS", DisputeReason::Duplicate),
    ("CANCELED_RECURRING_BILLING", DisputeReason::SubscriptionCanceled),
    ("PROBLEM_WITH_REMITTANCE", DisputeReason::General),
    ("OTHER", DisputeReason::General),
];

/// How PayPal names where a dispute stands that is not resolved, alike for both parties.
const STATUSES: &[(&str, DisputeStatus)] = &[
    ("OPEN", DisputeStatus::NeedsResponse),
    ("WAITING_FOR_SELLER_RESPONSE", DisputeStatus::NeedsResponse),
    ("WAITING_FOR_BUYER_RESPONSE", DisputeStatus::UnderReview),
    ("UNDER_REVIEW", DisputeStatus::UnderReview),
    ("OTHER", DisputeStatus::UnderReview),
];

/// How a resolved dispute ended (`dispute_outcome.outcome_code`).
const OUTCOMES: &[(&str, DisputeStatus)] = &[
    ("RESOLVED_BUYER_FAVOUR", DisputeStatus::Lost),
    ("RESOLVED_SELLER_FAVOUR", DisputeStatus::Won),
    // PayPal paid: the merchant keeps the money.
    ("RESOLVED_WITH_PAYOUT", DisputeStatus::Won),
    ("CANCELED_BY_BUYER", DisputeStatus::Closed),
    // PayPal accepted, or denied, what the customer claims.
    ("ACCEPTED", DisputeStatus::Lost),
    ("DENIED", DisputeStatus::Won),
    ("NONE", DisputeStatus::Closed),
];

/// Money movements that pay for the dispute itself. All others are the disputed money.
const FEES: [&str; 3] = ["DISPUTE_FEE", "CHARGEBACK_FEE", "DISPUTE_SETTLEMENT_FEE"];

#[async_trait]
impl Disputes for PayPal {
    async fn find_dispute(&self, call: &Call, gateway_ref: &str) -> Result<Option<DisputeReply>, GatewayFailure> {
        if !is_id(gateway_ref) {
            return Ok(None);
        }
        let path = format!("/v1/customer/disputes/{gateway_ref}");
        let Some(dispute) = self.find(call, &path).await.map_err(may_be_charged)? else { return Ok(None) };
        if text(&dispute, "/dispute_id") != Some(gateway_ref) {
            return Err(GatewayFailure::unknown("PayPal answered with another dispute"));
        }
        let capture = text(&dispute, "/disputed_transactions/0/seller_transaction_id").filter(|id| is_id(id));
        let capture = capture.ok_or_else(|| unreadable("transaction"))?;
        // Read before the order is asked for: what can't be read needs no second question.
        let mut reply = read(&dispute, gateway_ref, capture)?;
        if let Some(order) = self.order_of_capture(call, capture).await.map_err(may_be_charged)? {
            reply.charge_ref = order;
        }
        Ok(Some(reply))
    }
}

/// Reads a dispute; the charge is named as PayPal does here, by its transaction.
///
/// # Errors
/// [`GatewayFailure::Unknown`] when what decides over money can't be read.
fn read(dispute: &Value, id: &str, transaction: &str) -> Result<DisputeReply, GatewayFailure> {
    let amount = dispute.get("dispute_amount").and_then(money::read).filter(|amount| amount.minor > 0);
    let amount = amount.ok_or_else(|| unreadable("amount"))?;
    let opened_at = moment(dispute, "/create_time")?.ok_or_else(|| unreadable("time"))?;
    let reason = text(dispute, "/reason").ok_or_else(|| unreadable("reason"))?;
    let status = status(dispute)?;
    let (taken, fee) = match dispute.get("money_movements") {
        Some(movements) => moved(movements, amount)?,
        None => (untold(status, amount), None),
    };
    let respond_by = if status.is_over() { None } else { moment(dispute, "/seller_response_due_date")? };
    let raw_code = text(dispute, "/external_reason_code").unwrap_or(reason);
    Ok(DisputeReply {
        gateway_ref: id.to_owned(),
        charge_ref: transaction.to_owned(),
        amount,
        taken,
        fee,
        reason: find(REASONS, reason).unwrap_or(DisputeReason::General),
        status,
        respond_by,
        opened_at,
        raw_code: Some(raw_code.to_owned()),
    })
}

fn find<T: Copy>(table: &[(&str, T)], code: &str) -> Option<T> {
    table.iter().find(|(known, _)| *known == code).map(|(_, value)| *value)
}

/// Where a dispute stands. In the stage `INQUIRY` the parties talk, whoever's turn it is.
fn status(dispute: &Value) -> Result<DisputeStatus, GatewayFailure> {
    let status = text(dispute, "/status").unwrap_or_default();
    if status == "RESOLVED" {
        let outcome = text(dispute, "/dispute_outcome/outcome_code").unwrap_or_default();
        return find(OUTCOMES, outcome).ok_or_else(|| unreadable("outcome"));
    }
    let stands = find(STATUSES, status).ok_or_else(|| unreadable("status"))?;
    let is_inquiry = text(dispute, "/dispute_life_cycle_stage") == Some("INQUIRY");
    Ok(if is_inquiry { DisputeStatus::Inquiry } else { stands })
}

/// What is taken where PayPal tells no movement of money.
fn untold(status: DisputeStatus, amount: Money) -> Option<Money> {
    let nothing = matches!(status, DisputeStatus::Inquiry | DisputeStatus::Won | DisputeStatus::Closed);
    nothing.then(|| Money::new(0, amount.currency))
}

/// What was taken from the merchant, and for what fee. None of either where movements are in several currencies, or more was given
/// back than taken: that is no sum which says something.
fn moved(movements: &Value, disputed: Money) -> Result<(Option<Money>, Option<Money>), GatewayFailure> {
    let movements = movements.as_array().ok_or_else(|| unreadable("movements"))?;
    let (mut taken, mut fees) = (Vec::new(), Vec::new());
    for movement in movements {
        let party = text(movement, "/affected_party").ok_or_else(|| unreadable("movements"))?;
        if party != "SELLER" {
            continue;
        }
        let amount = movement.get("amount").and_then(money::read).filter(|amount| amount.minor >= 0);
        let amount = amount.ok_or_else(|| unreadable("movements"))?;
        let signed = match text(movement, "/type") {
            Some("DEBIT") => amount,
            Some("CREDIT") => Money::new(-amount.minor, amount.currency),
            _ => return Err(unreadable("movements")),
        };
        let is_fee = text(movement, "/reason").is_some_and(|reason| FEES.contains(&reason));
        if is_fee { fees.push(signed) } else { taken.push(signed) }
    }
    let taken = if taken.is_empty() { Some(Money::new(0, disputed.currency)) } else { sum(&taken) };
    Ok((taken, sum(&fees)))
}

/// All of it together, when that is an amount.
fn sum(amounts: &[Money]) -> Option<Money> {
    let (first, rest) = amounts.split_first()?;
    let whole = rest.iter().try_fold(*first, |so_far, more| so_far.plus(*more).ok())?;
    Some(whole).filter(|whole| whole.minor >= 0)
}

/// A time that need not be there, but is one when it is.
fn moment(dispute: &Value, pointer: &str) -> Result<Option<Timestamp>, GatewayFailure> {
    match text(dispute, pointer) {
        Some(at) => time::read(at).map(Some).ok_or_else(|| unreadable("time")),
        None => Ok(None),
    }
}

fn unreadable(what: &str) -> GatewayFailure {
    GatewayFailure::unknown(format!("PayPal's dispute has no {what} that can be read"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Currency;
    use serde_json::json;

    #[test]
    fn every_documented_code_stands_once() {
        fn codes<T>(table: &[(&str, T)]) -> Vec<String> {
            let mut codes: Vec<_> = table.iter().map(|(code, _)| (*code).to_owned()).collect();
            codes.sort_unstable();
            codes
        }
        let reasons = [
            "CANCELED_RECURRING_BILLING",
            "CREDIT_NOT_PROCESSED",
            "DUPLICATE_TRANSACTION",
            "INCORRECT_AMOUNT",
            "MERCHANDISE_OR_SERVICE_NOT_AS_DESCRIBED",
            "MERCHANDISE_OR_SERVICE_NOT_RECEIVED",
            "OTHER",
            "PAYMENT_BY_OTHER_MEANS",
            "PROBLEM_WITH_REMITTANCE",
            "UNAUTHORISED",
        ];
        assert_eq!(codes(REASONS), reasons);
        let statuses = ["OPEN", "OTHER", "UNDER_REVIEW", "WAITING_FOR_BUYER_RESPONSE", "WAITING_FOR_SELLER_RESPONSE"];
        assert_eq!(codes(STATUSES), statuses);
        let outcomes = [
            "ACCEPTED",
            "CANCELED_BY_BUYER",
            "DENIED",
            "NONE",
            "RESOLVED_BUYER_FAVOUR",
            "RESOLVED_SELLER_FAVOUR",
            "RESOLVED_WITH_PAYOUT",
        ];
        assert_eq!(codes(OUTCOMES), outcomes);
        assert!(OUTCOMES.iter().all(|(_, status)| status.is_over()));
        assert!(!STATUSES.iter().any(|(_, status)| status.is_over()));
    }

    fn movement(kind: &str, value: &str, currency: &str, reason: &str) -> Value {
        let amount = json!({ "currency_code": currency, "value": value });
        json!({ "affected_party": "SELLER", "amount": amount, "type": kind, "reason": reason })
    }

    #[test]
    fn what_was_taken_is_what_moved() {
        let eur = |minor| Money::new(minor, Currency::EUR);
        let told = |movements: Value| moved(&movements, eur(1_000)).unwrap();
        let debit = |value: &str, reason: &str| movement("DEBIT", value, "EUR", reason);
        let credit = |value: &str, reason: &str| movement("CREDIT", value, "EUR", reason);
        let buyer = json!({ "affected_party": "BUYER", "amount": { "currency_code": "EUR", "value": "10.00" }, "type": "CREDIT" });
        assert_eq!(told(json!([])), (Some(eur(0)), None));
        assert_eq!(told(json!([buyer])), (Some(eur(0)), None));
        assert_eq!(told(json!([buyer, debit("10.00", "DISPUTE_SETTLEMENT")])), (Some(eur(1_000)), None));
        let with_fee = json!([debit("10.00", "DISPUTE_SETTLEMENT"), debit("16.00", "CHARGEBACK_FEE")]);
        assert_eq!(told(with_fee), (Some(eur(1_000)), Some(eur(1_600))));
        let reinstated = json!([debit("10.00", "DISPUTE_SETTLEMENT"), credit("10.00", "DISPUTE_SETTLEMENT")]);
        assert_eq!(told(reinstated), (Some(eur(0)), None));
        let fee_back = json!([debit("14.00", "DISPUTE_FEE"), credit("14.00", "DISPUTE_FEE")]);
        assert_eq!(told(fee_back), (Some(eur(0)), Some(eur(0))));
        // The merchant's account is in another currency: so is what was taken.
        let dollars = json!([movement("DEBIT", "11.20", "USD", "DISPUTE_SETTLEMENT")]);
        assert_eq!(told(dollars), (Some(Money::new(1_120, Currency::USD)), None));
        let mixed = json!([debit("1.00", ""), movement("DEBIT", "1.00", "USD", "")]);
        assert_eq!(told(mixed), (None, None));
        assert_eq!(told(json!([credit("1.00", "DISPUTE_SETTLEMENT")])), (None, None));
    }

    #[test]
    fn movements_that_can_not_be_read_are_no_movements() {
        let good = movement("DEBIT", "1.00", "EUR", "DISPUTE_SETTLEMENT");
        for (pointer, wrong) in [
            ("/affected_party", json!(1)),
            ("/amount/value", json!("one")),
            ("/amount/value", json!("-1.00")),
            ("/amount/currency_code", json!("XXX")),
            ("/type", json!("SIDEWAYS")),
        ] {
            let mut movement = good.clone();
            *movement.pointer_mut(pointer).unwrap() = wrong;
            assert!(moved(&json!([movement]), Money::new(1, Currency::EUR)).is_err(), "{movement}");
        }
        assert!(moved(&json!({}), Money::new(1, Currency::EUR)).is_err());
    }
}
