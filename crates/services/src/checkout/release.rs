//! What an answer about a capture or a release means: a table, without a database.
//!
//! A capture takes the money of an authorisation, once; a release (void) lets go of it. Whatever the gateway says of the charge
//! counts, also where it is not what was asked for: money that was taken is booked, a hold that is gone is gone.

use super::outcome::{Outcome, shortened};
use super::settle::Finding;
use domain::{
    Currency, Money,
    states::{AttemptStatus, OperationKind, OperationStatus},
};
use gateways::{ChargeReply, ChargeState};
use store::{StoreError, operations::Work, payments::parse};

/// Whether an operation captures or releases.
pub(super) const fn is_release(kind: OperationKind) -> bool {
    matches!(kind, OperationKind::Capture | OperationKind::Void)
}

/// What a finding says about a capture or a release.
///
/// # Errors
/// [`StoreError::Corrupt`] for a row that can't be read.
pub(super) fn of(work: &Work, kind: OperationKind, finding: &Finding) -> Result<Outcome, StoreError> {
    Ok(match finding {
        Finding::Unknown(reason) => Outcome::unknown(reason),
        // Nothing was done: what was held is held.
        Finding::Nothing(reason) => {
            let raw_message = Some(shortened(reason));
            Outcome { raw_message, ..Outcome::bare(AttemptStatus::Authorized, OperationStatus::Failed) }
        }
        Finding::Decided(decision) => return of(work, kind, &decision.as_finding(work)?),
        Finding::Reply(reply) => {
            let currency: Currency = parse(&work.currency)?;
            let outcome = of_reply(work, kind, reply, currency);
            Outcome { gateway_ref: reply.gateway_ref.clone(), ..outcome.with_words_of(reply) }
        }
    })
}

fn of_reply(work: &Work, kind: OperationKind, reply: &ChargeReply, currency: Currency) -> Outcome {
    let captures = kind == OperationKind::Capture;
    match &reply.state {
        ChargeState::Succeeded { captured, fee } => taken(work, captures, *captured, *fee, currency),
        // Answered to a capture or a release it says neither that it was done nor that it will not be.
        ChargeState::Authorized { .. } => Outcome::unknown("still authorised"),
        ChargeState::RequiresAction { .. } => Outcome::unknown("the gateway waits for the customer"),
        ChargeState::Processing => Outcome::bare(AttemptStatus::Authorized, OperationStatus::Processing),
        // A capture that is refused leaves the authorisation; a charge that was declined holds nothing.
        ChargeState::Declined(code) if captures => {
            Outcome { decline: Some(*code), ..Outcome::bare(AttemptStatus::Authorized, OperationStatus::Failed) }
        }
        ChargeState::Canceled if captures => Outcome::bare(AttemptStatus::Canceled, OperationStatus::Failed),
        ChargeState::Declined(_) | ChargeState::Canceled => {
            Outcome::bare(AttemptStatus::Canceled, OperationStatus::Succeeded)
        }
    }
}

/// The charge is captured: as it was asked, by whoever was first, or in a way that nobody can explain.
fn taken(work: &Work, captures: bool, captured: Money, fee: Option<Money>, currency: Currency) -> Outcome {
    let known = captured.currency == currency && fee.is_none_or(|fee| fee.currency == currency);
    let within = known && (1..=work.attempt_amount).contains(&captured.minor);
    let as_asked = captures && captured.minor == work.amount;
    let booked_before =
        work.attempt_status == AttemptStatus::Succeeded.as_str() && captured.minor == work.attempt_captured;
    if !within || (captures && !as_asked && !booked_before) {
        // Nothing is booked on a guess, a person looks.
        let asked = Money::new(work.amount, currency);
        return Outcome::unknown(&format!("captured {} instead of {}", captured.display(), asked.display()));
    }
    let operation = if as_asked { OperationStatus::Succeeded } else { OperationStatus::Failed };
    Outcome {
        captured: captured.minor,
        fee: fee.map_or(0, |fee| fee.minor),
        fee_pending: fee.is_none(),
        ..Outcome::bare(AttemptStatus::Succeeded, operation)
    }
}
