//! Square's payments and refunds as answers.

use super::amount;
use super::errors;
use super::names::{self, Mark};
use super::times;
use super::wire::{Card, Payment, Refund};
use crate::{CardFacts, ChargeReply, ChargeState, GatewayFailure, RefundReply, RefundState};
use domain::{Money, decline::DeclineCode};

/// Who made a payment: what its note says, else its `reference_id` where that may be ours.
pub(super) fn our_key(payment: &Payment) -> Option<String> {
    let mark = names::mark(payment.note.as_deref());
    mark.map(|mark| mark.key).or_else(|| payment.reference_id.clone()).filter(|key| !key.is_empty())
}

/// Whether a payment was made to be captured later.
fn is_hold(payment: &Payment) -> bool {
    names::mark(payment.note.as_deref()).is_some_and(|Mark { hold, .. }| hold)
}

/// The whole amount of a payment, and what it is called when it can't be read.
pub(super) fn amount(payment: &Payment) -> Result<Money, GatewayFailure> {
    let told = payment.total_money.as_ref().or(payment.amount_money.as_ref());
    told.and_then(amount::of_wire).ok_or_else(|| GatewayFailure::unknown("a payment without a readable amount"))
}

/// The answer about a payment as it stands.
///
/// # Errors
/// [`GatewayFailure::Unknown`] for what can't be read.
pub(super) fn charge(payment: &Payment) -> Result<ChargeReply, GatewayFailure> {
    charge_as(payment, is_hold(payment))
}

/// The same when the caller knows whether it was made to be captured later.
///
/// # Errors
/// As [`charge`].
pub(super) fn charge_as(payment: &Payment, hold: bool) -> Result<ChargeReply, GatewayFailure> {
    let fault = payment.card_details.as_ref().and_then(|details| details.errors.first());
    let state = match payment.status.as_str() {
        "COMPLETED" => ChargeState::Succeeded { captured: amount(payment)?, fee: fee(payment) },
        "APPROVED" if hold => ChargeState::Authorized { capture_before: released_at(payment) },
        // It completes by itself.
        "APPROVED" | "PENDING" => ChargeState::Processing,
        "CANCELED" => ChargeState::Canceled,
        "FAILED" => {
            let code = fault.and_then(|fault| errors::decline(&fault.code));
            ChargeState::Declined(code.unwrap_or(DeclineCode::GenericDecline))
        }
        _ => return Err(GatewayFailure::unknown("a payment in a state that is not known")),
    };
    Ok(ChargeReply {
        gateway_ref: Some(payment.id.clone()),
        state,
        card: payment.card_details.as_ref().and_then(|details| details.card.as_ref()).and_then(card),
        saved: None,
        raw_code: Some(fault.map_or_else(|| payment.status.clone(), |fault| fault.code.clone())),
        raw_message: fault.and_then(|fault| fault.detail.clone()),
    })
}

/// When Square lets go of an authorisation by itself.
fn released_at(payment: &Payment) -> Option<domain::Timestamp> {
    let cancels = payment.delay_action.as_deref().is_none_or(|action| action == "CANCEL");
    payment.delayed_until.as_deref().filter(|_| cancels).and_then(times::of_text)
}

/// What Square keeps, which it tells some seconds after the payment; none until then.
fn fee(payment: &Payment) -> Option<Money> {
    let charged = amount(payment).ok()?;
    let mut fees = payment.processing_fee.iter().map(|fee| fee.amount_money.as_ref().and_then(amount::of_wire));
    let first = fees.next()??;
    let sum = fees.try_fold(first, |sum, fee| sum.plus(fee?).ok())?;
    Some(sum).filter(|sum| sum.currency == charged.currency && (0..=charged.minor).contains(&sum.minor))
}

/// What may be kept of a card; none of a kind that Paydeck has no name for.
pub(super) fn card(card: &Card) -> Option<CardFacts> {
    let brand = match card.card_brand.as_deref()? {
        "VISA" => "visa",
        "MASTERCARD" => "mastercard",
        "AMERICAN_EXPRESS" => "amex",
        "DISCOVER" => "discover",
        "DISCOVER_DINERS" => "diners",
        "JCB" => "jcb",
        "CHINA_UNIONPAY" => "unionpay",
        _ => return None,
    };
    let last4 = card.last_4.clone().filter(|last| last.len() == 4 && last.bytes().all(|b| b.is_ascii_digit()))?;
    Some(CardFacts {
        brand: brand.to_owned(),
        last4,
        exp_month: card.exp_month.filter(|month| (1..=12).contains(month)).and_then(|month| u8::try_from(month).ok()),
        exp_year: card.exp_year.and_then(|year| u16::try_from(year).ok()),
        country: None,
    })
}

/// The answer about a refund as it stands.
///
/// # Errors
/// [`GatewayFailure::Unknown`] for what can't be read.
pub(super) fn refund(refund: &Refund) -> Result<RefundReply, GatewayFailure> {
    let status = refund.status.as_deref().unwrap_or_default();
    let state = match status {
        "PENDING" => RefundState::Pending,
        "COMPLETED" => RefundState::Succeeded,
        "REJECTED" => RefundState::Failed { code: "other" },
        "FAILED" => RefundState::Failed { code: "bank_returned" },
        _ => return Err(GatewayFailure::unknown("a refund in a state that is not known")),
    };
    let amount = amount::of_wire(&refund.amount_money)
        .ok_or_else(|| GatewayFailure::unknown("a refund without a readable amount"))?;
    let raw_code = Some(status.to_owned());
    Ok(RefundReply { gateway_ref: Some(refund.id.clone()), amount, state, raw_code, raw_message: None })
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Currency;
    use serde_json::json;

    fn payment(change: impl FnOnce(&mut serde_json::Value)) -> Payment {
        let mut value = json!({
            "id": "p1", "status": "COMPLETED",
            "amount_money": { "amount": 1_000, "currency": "USD" },
            "total_money": { "amount": 1_000, "currency": "USD" },
        });
        change(&mut value);
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn fees_are_added_up_or_not_told() {
        let fees = |fees: serde_json::Value| fee(&payment(|p| p["processing_fee"] = fees));
        let of = |amount: i64, currency: &str| json!({ "amount_money": { "amount": amount, "currency": currency } });
        assert_eq!(fees(json!([])), None);
        assert_eq!(fees(json!(null)), None);
        assert_eq!(fees(json!([of(34, "USD")])), Some(Money::new(34, Currency::USD)));
        assert_eq!(fees(json!([of(59, "USD"), of(-20, "USD")])), Some(Money::new(39, Currency::USD)));
        for odd in [json!([of(34, "EUR")]), json!([of(34, "USD"), of(1, "EUR")]), json!([{}]), json!([of(-1, "USD")])] {
            assert_eq!(fees(odd.clone()), None, "{odd}");
        }
        assert_eq!(fees(json!([of(i64::MAX, "USD"), of(i64::MAX, "USD")])), None);
    }

    #[test]
    fn approved_is_a_hold_only_where_it_was_made_as_one() {
        let state = |note: &str| {
            let payment = payment(|p| {
                p["status"] = json!("APPROVED");
                p["note"] = json!(note);
                p["delayed_until"] = json!("2026-11-29T00:00:00Z");
            });
            charge(&payment).unwrap().state
        };
        assert_eq!(state("pi_1 paydeck:op_1"), ChargeState::Processing);
        assert_eq!(state(""), ChargeState::Processing);
        let until = times::of_text("2026-11-29T00:00:00Z");
        assert_eq!(state("pi_1 paydeck-hold:op_1"), ChargeState::Authorized { capture_before: until });
    }

    #[test]
    fn what_can_not_be_read_is_unknown() {
        assert!(charge(&payment(|p| p["status"] = json!("NEW_STATE"))).is_err());
        assert!(charge(&payment(|p| p["total_money"]["currency"] = json!("XXX"))).is_err());
        let bare = payment(|p| {
            p["total_money"] = json!(null);
            p["amount_money"] = json!(null);
        });
        assert!(charge(&bare).is_err());
    }

    #[test]
    fn cards_without_a_name_of_ours_are_left_out() {
        let of = |brand: &str, last: &str| {
            card(&serde_json::from_value(json!({ "card_brand": brand, "last_4": last, "exp_month": 13 })).unwrap())
        };
        assert_eq!(
            of("AMERICAN_EXPRESS", "0005").map(|card| (card.brand, card.exp_month)),
            Some(("amex".into(), None))
        );
        assert_eq!(of("SQUARE_GIFT_CARD", "0005"), None);
        assert_eq!(of("VISA", "05"), None);
    }
}
