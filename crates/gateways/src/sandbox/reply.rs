//! The book's rows as answers.

use super::book::{BookCharge, BookRefund, ChargeStatus, RefundStatus};
use super::{cards, saved};
use crate::{CardFacts, ChargeReply, ChargeState, GatewayFailure, RefundReply, RefundState, SavedMethod};
use domain::{Money, MoneyError, decline::DeclineCode};
use rust_decimal::Decimal;

/// Minor units of the currency that every capture costs on top.
const FIXED_FEE: i64 = 30;

/// What the sandbox keeps of a capture: 2.9 % and 30 minor units.
///
/// # Errors
/// [`MoneyError`] beyond 64 bits.
pub fn fee(captured: Money) -> Result<Money, MoneyError> {
    captured.share(Decimal::new(29, 3))?.plus(Money::new(FIXED_FEE, captured.currency))
}

/// The answer about a charge as it stands.
pub(super) fn charge(row: &BookCharge, card: Option<CardFacts>) -> Result<ChargeReply, GatewayFailure> {
    let currency = row.amount.currency;
    let state = match row.status {
        ChargeStatus::Succeeded => ChargeState::Succeeded {
            captured: Money::new(row.captured, currency),
            fee: Some(Money::new(row.fee, currency)),
        },
        ChargeStatus::Authorized => ChargeState::Authorized { capture_before: row.settles_at },
        ChargeStatus::Processing => ChargeState::Processing,
        ChargeStatus::RequiresAction => {
            let token = row.challenge_token.as_deref().ok_or_else(|| GatewayFailure::unknown("no challenge token"))?;
            ChargeState::RequiresAction { url: format!("/challenge/{token}") }
        }
        ChargeStatus::Failed => ChargeState::Declined(row.decline.unwrap_or(DeclineCode::GenericDecline)),
        ChargeStatus::Voided => ChargeState::Canceled,
    };
    let raw_code = match row.status {
        ChargeStatus::Failed => row.decline.unwrap_or(DeclineCode::GenericDecline).as_str(),
        status => status.as_str(),
    };
    Ok(ChargeReply {
        gateway_ref: Some(row.id.clone()),
        state,
        saved: kept(row, card.as_ref()),
        card: card.or_else(|| facts(&row.scenario, None)),
        raw_code: Some(raw_code.to_owned()),
        raw_message: Some(format!("sandbox: test card {} {}", row.scenario, row.status.as_str())),
    })
}

/// What is kept of a charge's card; whether the caller wanted that, the book does not say.
fn kept(row: &BookCharge, card: Option<&CardFacts>) -> Option<SavedMethod> {
    let gone = matches!(row.status, ChargeStatus::Failed | ChargeStatus::Voided | ChargeStatus::RequiresAction);
    let expiry = card.and_then(|card| card.exp_month.zip(card.exp_year));
    cards::by_name(&row.scenario).filter(|_| !gone).map(|card| saved::keep(card, expiry))
}

/// A capture that the sandbox refuses; the authorisation stands.
pub(super) fn capture_refused(row: &BookCharge) -> ChargeReply {
    let code = DeclineCode::ProcessingError;
    ChargeReply {
        gateway_ref: Some(row.id.clone()),
        state: ChargeState::Declined(code),
        card: facts(&row.scenario, None),
        saved: None,
        raw_code: Some(code.as_str().to_owned()),
        raw_message: Some(format!("sandbox: test card {} refuses captures", row.scenario)),
    }
}

/// What may be kept of a test card, by its name; the expiry is known only while the card's fields are at hand.
pub(super) fn facts(name: &str, expiry: Option<(u8, u16)>) -> Option<CardFacts> {
    let card = cards::by_name(name)?;
    Some(CardFacts {
        brand: card.brand.to_owned(),
        last4: card.last4().to_owned(),
        exp_month: expiry.map(|(month, _)| month),
        exp_year: expiry.map(|(_, year)| year),
        country: Some(card.country.to_owned()),
    })
}

/// The answer about a refund as it stands.
pub(super) fn refund(row: &BookRefund) -> RefundReply {
    let state = match row.status {
        RefundStatus::Pending => RefundState::Pending,
        RefundStatus::Succeeded => RefundState::Succeeded,
        RefundStatus::Failed => RefundState::Failed { code: "bank_returned" },
    };
    RefundReply {
        gateway_ref: Some(row.id.clone()),
        amount: row.amount,
        state,
        raw_code: Some(row.status.as_str().to_owned()),
        raw_message: None,
    }
}

/// A refund that the sandbox refuses at once; nothing is written.
pub(super) fn refund_refused(amount: Money, code: &'static str) -> RefundReply {
    RefundReply {
        gateway_ref: None,
        amount,
        state: RefundState::Failed { code },
        raw_code: Some(code.to_owned()),
        raw_message: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Currency;

    #[test]
    fn fees_are_rounded_once() {
        for (captured, expected) in [(10_000, 320), (1, 30), (50, 31), (1_999, 88), (0, 30)] {
            assert_eq!(fee(Money::new(captured, Currency::EUR)).unwrap().minor, expected, "{captured}");
        }
        assert_eq!(fee(Money::new(500, Currency::JPY)).unwrap(), Money::new(45, Currency::JPY));
    }
}
