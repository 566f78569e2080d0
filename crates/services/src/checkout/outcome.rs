//! What an answer about a charge means for operation, attempt and payment: a table, without a database.

use super::settle::Finding;
use crate::{ServiceError, reconcile::schedule};
use domain::{
    Currency, Money, Timestamp,
    decline::DeclineCode,
    states::{AttemptStatus, OperationStatus, PaymentStatus, SessionStatus},
};
use gateways::{ChargeReply, ChargeState};
use store::{StoreError, operations::Work, payments::parse, stats::Delta};

/// Longest text of a gateway that is kept.
const RAW_MAX: usize = 500;

/// What was heard, in our words.
#[derive(Debug, Clone)]
pub(super) struct Outcome {
    attempt: AttemptStatus,
    operation: OperationStatus,
    decline: Option<DeclineCode>,
    captured: i64,
    fee: i64,
    action_url: Option<String>,
    gateway_ref: Option<String>,
    raw_code: Option<String>,
    raw_message: Option<String>,
    card: Option<gateways::CardFacts>,
}

impl Outcome {
    fn bare(attempt: AttemptStatus, operation: OperationStatus) -> Self {
        Self {
            attempt,
            operation,
            decline: None,
            captured: 0,
            fee: 0,
            action_url: None,
            gateway_ref: None,
            raw_code: None,
            raw_message: None,
            card: None,
        }
    }

    fn unknown(reason: &str) -> Self {
        let raw_message = Some(shortened(reason));
        Self { raw_message, ..Self::bare(AttemptStatus::Unknown, OperationStatus::Unknown) }
    }

    /// What a finding says about an operation.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] for a row that can't be read.
    pub(super) fn of(work: &Work, finding: &Finding) -> Result<Self, StoreError> {
        Ok(match finding {
            Finding::Unknown(reason) => Self::unknown(reason),
            Finding::Nothing(reason) => Self {
                decline: Some(DeclineCode::GatewayUnavailable),
                raw_message: Some(shortened(reason)),
                ..Self::bare(AttemptStatus::Failed, OperationStatus::Failed)
            },
            Finding::Reply(reply) => Self::of_reply(reply, Money::new(work.amount, parse::<Currency>(&work.currency)?)),
            // Whatever the gateway's own answer would do to this kind of call.
            Finding::Decided(decision) => return Self::of(work, &decision.as_finding(work)?),
        })
    }

    fn of_reply(reply: &ChargeReply, asked: Money) -> Self {
        let mut outcome = match &reply.state {
            ChargeState::Succeeded { captured, fee } => {
                if *captured != asked || fee.currency != asked.currency {
                    // Money moved that we did not ask for: nothing is booked on a guess, a person looks.
                    let said = format!("captured {} instead of {}", captured.display(), asked.display());
                    return Self { gateway_ref: reply.gateway_ref.clone(), ..Self::unknown(&said) };
                }
                Self {
                    captured: captured.minor,
                    fee: fee.minor,
                    ..Self::bare(AttemptStatus::Succeeded, OperationStatus::Succeeded)
                }
            }
            ChargeState::Authorized => Self::bare(AttemptStatus::Authorized, OperationStatus::Succeeded),
            ChargeState::Processing => Self::bare(AttemptStatus::Processing, OperationStatus::Processing),
            ChargeState::RequiresAction { url } => Self {
                action_url: Some(url.clone()),
                ..Self::bare(AttemptStatus::RequiresAction, OperationStatus::RequiresAction)
            },
            ChargeState::Declined(code) => {
                Self { decline: Some(*code), ..Self::bare(AttemptStatus::Failed, OperationStatus::Failed) }
            }
            ChargeState::Canceled => Self {
                decline: Some(DeclineCode::AuthenticationAbandoned),
                ..Self::bare(AttemptStatus::Canceled, OperationStatus::Failed)
            },
        };
        outcome.gateway_ref.clone_from(&reply.gateway_ref);
        outcome.raw_code = reply.raw_code.as_deref().map(shortened);
        outcome.raw_message = reply.raw_message.as_deref().map(shortened);
        outcome.card.clone_from(&reply.card);
        outcome
    }
}

/// At most [`RAW_MAX`] characters of what a gateway said.
fn shortened(text: &str) -> String {
    text.chars().take(RAW_MAX).collect()
}

/// What is written.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    /// The operation's new state; its old one when only its next check changes.
    pub(super) operation: OperationStatus,
    /// The attempt's new state.
    pub(super) attempt: AttemptStatus,
    /// Whether the attempt (and with it the payment) moves.
    pub(super) moves_attempt: bool,
    /// The payment's new state.
    pub(super) payment: PaymentStatus,
    /// What was captured.
    pub(super) captured: i64,
    /// What the gateway took.
    pub(super) fee: i64,
    /// Why it was declined.
    pub(super) decline: Option<DeclineCode>,
    /// Where the customer's bank wants them.
    pub(super) action_url: Option<String>,
    /// The gateway's own name for the charge.
    pub(super) gateway_ref: Option<String>,
    /// The gateway's own code.
    pub(super) raw_code: Option<String>,
    /// The gateway's own words.
    pub(super) raw_message: Option<String>,
    /// The card's brand, as the gateway knows it.
    pub(super) card_brand: Option<String>,
    /// The card's last four digits, as the gateway knows them.
    pub(super) card_last4: Option<String>,
    /// When the reconciler asks next.
    pub(super) next_check_at: Option<Timestamp>,
    /// Money after a failure, a cancellation or the session's end had been recorded.
    pub(super) late: bool,
    /// Money beside money.
    pub(super) surplus: bool,
    /// What it adds to the statistics.
    pub(super) delta: Delta,
}

impl Plan {
    /// Whether the operation ends with it.
    pub(super) fn ends_operation(&self) -> bool {
        matches!(self.operation, OperationStatus::Succeeded | OperationStatus::Failed)
    }

    /// The event that it makes.
    pub(super) fn event(&self) -> Option<&'static str> {
        if !self.moves_attempt || self.surplus {
            return None;
        }
        match self.attempt {
            AttemptStatus::Succeeded => Some("payment.succeeded"),
            AttemptStatus::Failed | AttemptStatus::Canceled => Some("payment.failed"),
            AttemptStatus::Processing => Some("payment.processing"),
            AttemptStatus::RequiresAction => Some("payment.requires_action"),
            AttemptStatus::Authorized => Some("payment.authorized"),
            AttemptStatus::Unknown => Some("payment.unknown"),
            AttemptStatus::Created => None,
        }
    }

    /// The payment has its money from another attempt: this money is too much.
    pub(super) fn make_surplus(&mut self, work: &Work) -> Result<(), StoreError> {
        self.surplus = true;
        self.payment = parse(&work.payment_status)?;
        self.delta = Delta { failed: self.delta.failed, ..Delta::default() };
        Ok(())
    }
}

/// What an outcome changes, along the edges of the states. None: nothing.
///
/// # Errors
/// [`StoreError::Corrupt`] for a row that can't be read.
pub(super) fn plan(work: &Work, outcome: Outcome, now: Timestamp) -> Result<Option<Plan>, ServiceError> {
    let operation: OperationStatus = parse(&work.status)?;
    let attempt: AttemptStatus = parse(&work.attempt_status)?;
    let payment: PaymentStatus = parse(&work.payment_status)?;
    let moves_attempt = attempt.may_become(outcome.attempt);
    if !moves_attempt && attempt != outcome.attempt {
        if attempt == AttemptStatus::Succeeded && outcome.operation == OperationStatus::Failed {
            tracing::error!(attempt = work.attempt_id, "a gateway took back a success");
        }
        return Ok(None);
    }
    let moves_operation = operation.may_become(outcome.operation);
    if !moves_attempt && !moves_operation {
        return Ok(None);
    }
    let target = payment_of(outcome.attempt);
    let session = work.session_status.as_deref().map(parse::<SessionStatus>).transpose()?;
    let ended = matches!(attempt, AttemptStatus::Failed | AttemptStatus::Canceled);
    let gone = matches!(session, Some(SessionStatus::Expired | SessionStatus::Canceled));
    let success = outcome.attempt == AttemptStatus::Succeeded;
    let open = !matches!(outcome.operation, OperationStatus::Succeeded | OperationStatus::Failed);
    let (card_brand, card_last4) = outcome.card.map(|card| (card.brand, card.last4)).unzip();
    Ok(Some(Plan {
        operation: if moves_operation { outcome.operation } else { operation },
        attempt: outcome.attempt,
        moves_attempt,
        payment: if payment.may_become(target) { target } else { payment },
        captured: outcome.captured,
        fee: outcome.fee,
        decline: outcome.decline,
        action_url: outcome.action_url,
        gateway_ref: outcome.gateway_ref,
        raw_code: outcome.raw_code,
        raw_message: outcome.raw_message,
        card_brand,
        card_last4,
        next_check_at: open.then(|| schedule::next(now, work.checks)),
        late: success && moves_attempt && (ended || gone || payment == PaymentStatus::Canceled),
        surplus: false,
        delta: if moves_attempt {
            delta(attempt, outcome.attempt, outcome.captured, outcome.fee)
        } else {
            Delta::default()
        },
    }))
}

/// What a payment is while its attempt stands so.
const fn payment_of(attempt: AttemptStatus) -> PaymentStatus {
    match attempt {
        AttemptStatus::Created | AttemptStatus::Failed | AttemptStatus::Canceled => {
            PaymentStatus::RequiresPaymentMethod
        }
        AttemptStatus::Processing => PaymentStatus::Processing,
        AttemptStatus::RequiresAction => PaymentStatus::RequiresAction,
        AttemptStatus::Unknown => PaymentStatus::Unknown,
        AttemptStatus::Authorized => PaymentStatus::RequiresCapture,
        AttemptStatus::Succeeded => PaymentStatus::Succeeded,
    }
}

/// Statistics count attempts that ended without money, and payments that succeeded.
fn delta(from: AttemptStatus, to: AttemptStatus, captured: i64, fee: i64) -> Delta {
    let lost = |status| i64::from(matches!(status, AttemptStatus::Failed | AttemptStatus::Canceled));
    let failed = lost(to) - lost(from);
    match to {
        AttemptStatus::Succeeded => Delta { succeeded: 1, failed, volume: captured, fees: fee, ..Delta::default() },
        _ => Delta { failed, ..Delta::default() },
    }
}
