//! What an answer about a charge means for operation, attempt and payment: a table, without a database.

use super::{release, settle::Finding};
use crate::{
    ServiceError,
    reconcile::{schedule, waiting},
};
use domain::{
    Cancellation, Currency, Money, Timestamp, authorization,
    decline::DeclineCode,
    states::{AttemptStatus, OperationKind, OperationStatus, PaymentStatus, SessionStatus},
};
use gateways::{ChargeReply, ChargeState};
use store::{StoreError, operations::Work, payments::parse, stats::Delta};

/// Longest text of a gateway that is kept.
const RAW_MAX: usize = 500;

/// What was heard, in our words.
#[derive(Debug, Clone)]
pub(super) struct Outcome {
    pub(super) attempt: AttemptStatus,
    pub(super) operation: OperationStatus,
    pub(super) decline: Option<DeclineCode>,
    pub(super) captured: i64,
    pub(super) fee: i64,
    pub(super) fee_pending: bool,
    pub(super) action_url: Option<String>,
    pub(super) capture_before: Option<Timestamp>,
    pub(super) gateway_ref: Option<String>,
    pub(super) raw_code: Option<String>,
    pub(super) raw_message: Option<String>,
    pub(super) card: Option<gateways::CardFacts>,
}

impl Outcome {
    pub(super) fn bare(attempt: AttemptStatus, operation: OperationStatus) -> Self {
        Self {
            attempt,
            operation,
            decline: None,
            captured: 0,
            fee: 0,
            fee_pending: false,
            action_url: None,
            capture_before: None,
            gateway_ref: None,
            raw_code: None,
            raw_message: None,
            card: None,
        }
    }

    pub(super) fn unknown(reason: &str) -> Self {
        let raw_message = Some(shortened(reason));
        Self { raw_message, ..Self::bare(AttemptStatus::Unknown, OperationStatus::Unknown) }
    }

    /// What a finding says about an operation.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] for a row that can't be read.
    pub(super) fn of(work: &Work, finding: &Finding) -> Result<Self, StoreError> {
        let kind: OperationKind = parse(&work.kind)?;
        if release::is_release(kind) {
            return release::of(work, kind, finding);
        }
        Ok(match finding {
            Finding::Unknown(reason) => Self::unknown(reason),
            // A person had said that it was authorised, and nothing ever was held.
            Finding::Nothing(reason) if work.authorized_at.is_some() && work.decision.is_some() => Self {
                raw_message: Some(shortened(reason)),
                ..Self::bare(AttemptStatus::Canceled, OperationStatus::Succeeded)
            },
            Finding::Nothing(reason) => Self {
                decline: Some(DeclineCode::GatewayUnavailable),
                raw_message: Some(shortened(reason)),
                ..Self::bare(AttemptStatus::Failed, OperationStatus::Failed)
            },
            Finding::Reply(reply) => {
                let asked = Money::new(work.amount, parse::<Currency>(&work.currency)?);
                Self::of_reply(reply, asked, work.authorized_at.is_some())
            }
            // Whatever the gateway's own answer would do to this kind of call.
            Finding::Decided(decision) => return Self::of(work, &decision.as_finding(work)?),
        })
    }

    /// What a charge or an authorisation came to. One that was authorised before may have been captured in part since.
    fn of_reply(reply: &ChargeReply, asked: Money, authorized: bool) -> Self {
        let mut outcome = match &reply.state {
            ChargeState::Succeeded { captured, fee } => {
                let part =
                    authorized && captured.currency == asked.currency && (1..=asked.minor).contains(&captured.minor);
                if (*captured != asked && !part) || fee.is_some_and(|fee| fee.currency != asked.currency) {
                    // Money moved that we did not ask for: nothing is booked on a guess, a person looks.
                    let said = format!("captured {} instead of {}", captured.display(), asked.display());
                    return Self { gateway_ref: reply.gateway_ref.clone(), ..Self::unknown(&said) };
                }
                Self {
                    captured: captured.minor,
                    fee: fee.map_or(0, |fee| fee.minor),
                    fee_pending: fee.is_none(),
                    ..Self::bare(AttemptStatus::Succeeded, OperationStatus::Succeeded)
                }
            }
            ChargeState::Authorized { capture_before } => Self {
                capture_before: *capture_before,
                ..Self::bare(AttemptStatus::Authorized, OperationStatus::Succeeded)
            },
            // What was held is held no more, whoever let go of it.
            ChargeState::Declined(_) | ChargeState::Canceled if authorized => {
                Self::bare(AttemptStatus::Canceled, OperationStatus::Succeeded)
            }
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
        outcome.card.clone_from(&reply.card);
        outcome.with_words_of(reply)
    }

    /// The gateway's own code and words, unless ours say more.
    pub(super) fn with_words_of(mut self, reply: &ChargeReply) -> Self {
        self.raw_code = reply.raw_code.as_deref().map(shortened);
        self.raw_message = self.raw_message.or_else(|| reply.raw_message.as_deref().map(shortened));
        self
    }
}

/// At most [`RAW_MAX`] characters of what a gateway said.
pub(super) fn shortened(text: &str) -> String {
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
    /// What the operation asks of the gateway.
    pub(super) kind: OperationKind,
    /// Whether the operation moves.
    pub(super) moves_operation: bool,
    /// Set when the amount is held on the card from now on.
    pub(super) held: Option<Held>,
    /// Why what was held ends without money.
    pub(super) cancellation: Option<Cancellation>,
    /// What was captured.
    pub(super) captured: i64,
    /// What the gateway took.
    pub(super) fee: i64,
    /// Whether the gateway has yet to say what it took.
    pub(super) fee_pending: bool,
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
    /// Money after a failure, a cancellation or the session's end had been recorded, or that was not asked for.
    pub(super) late: bool,
    /// The same without money that was captured by nobody here: the failure, the cancellation or the end was recorded, so that the
    /// merchant's rule for late money holds.
    pub(super) recorded: bool,
    /// Money beside money.
    pub(super) surplus: bool,
    /// What it adds to the statistics.
    pub(super) delta: Delta,
}

/// A hold that begins.
#[derive(Debug, Clone, Copy)]
pub(super) struct Held {
    /// When the gateway lets go of it.
    pub(super) until: Timestamp,
    /// When the worker looks at it first.
    pub(super) look_at: Timestamp,
}

impl Plan {
    /// Whether the operation ends with it.
    pub(super) fn ends_operation(&self) -> bool {
        matches!(self.operation, OperationStatus::Succeeded | OperationStatus::Failed)
    }

    /// The event that it makes.
    pub(super) fn event(&self) -> Option<&'static str> {
        if self.moves_operation
            && self.operation == OperationStatus::Failed
            && self.attempt == AttemptStatus::Authorized
        {
            let captures = self.kind == OperationKind::Capture;
            return Some(if captures { "payment.capture_failed" } else { "payment.void_failed" });
        }
        if self.cancellation.is_some() && self.moves_attempt {
            return Some("payment.canceled");
        }
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
        self.fee_pending = false;
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
    let kind: OperationKind = parse(&work.kind)?;
    let operation: OperationStatus = parse(&work.status)?;
    let attempt: AttemptStatus = parse(&work.attempt_status)?;
    let payment: PaymentStatus = parse(&work.payment_status)?;
    let moves_operation = operation.may_become(outcome.operation);
    let moves_attempt = attempt.may_become(outcome.attempt) && may_move(work, kind, &outcome, operation);
    if !moves_attempt && attempt != outcome.attempt && !release::is_release(kind) {
        if attempt == AttemptStatus::Succeeded && outcome.operation == OperationStatus::Failed {
            tracing::error!(attempt = work.attempt_id, "a gateway took back a success");
        }
        return Ok(None);
    }
    if !moves_attempt && !moves_operation {
        return Ok(None);
    }
    let authorized = work.authorized_at.is_some();
    // A capture or a release that ends after its attempt changes nothing but itself.
    let becomes = if moves_attempt { outcome.attempt } else { attempt };
    let released = authorized && becomes == AttemptStatus::Canceled;
    let target = if released { PaymentStatus::Canceled } else { payment_of(becomes) };
    let session = work.session_status.as_deref().map(parse::<SessionStatus>).transpose()?;
    let ended = matches!(attempt, AttemptStatus::Failed | AttemptStatus::Canceled);
    let gone = matches!(session, Some(SessionStatus::Expired | SessionStatus::Canceled));
    // Taken by somebody else than the capture that was asked for, or by one that had been given up.
    let unasked = authorized && (kind != OperationKind::Capture || operation == OperationStatus::Failed);
    let success = moves_attempt && becomes == AttemptStatus::Succeeded;
    let recorded = success && (ended || gone || payment == PaymentStatus::Canceled);
    let open = !matches!(outcome.operation, OperationStatus::Succeeded | OperationStatus::Failed);
    let (card_brand, card_last4) = outcome.card.map(|card| (card.brand, card.last4)).unzip();
    Ok(Some(Plan {
        kind,
        operation: if moves_operation { outcome.operation } else { operation },
        moves_operation,
        attempt: becomes,
        moves_attempt,
        payment: if payment.may_become(target) { target } else { payment },
        held: (becomes == AttemptStatus::Authorized && !authorized).then(|| held(outcome.capture_before, now)),
        cancellation: released.then(|| cancellation(work, kind, now)),
        captured: outcome.captured,
        fee: outcome.fee,
        // What a person decided nobody tells.
        fee_pending: outcome.fee_pending && work.decision.is_none(),
        decline: outcome.decline,
        action_url: outcome.action_url,
        gateway_ref: outcome.gateway_ref,
        raw_code: outcome.raw_code,
        raw_message: outcome.raw_message,
        card_brand,
        card_last4,
        next_check_at: open.then(|| next_check(work, outcome.operation, now)),
        late: recorded || (success && unasked),
        recorded,
        surplus: false,
        delta: if moves_attempt {
            delta(attempt, becomes, authorized, outcome.captured, outcome.fee)
        } else {
            Delta::default()
        },
    }))
}

/// When what is open is asked about next.
fn next_check(work: &Work, operation: OperationStatus, now: Timestamp) -> Timestamp {
    if operation == OperationStatus::RequiresAction {
        waiting::next(now, work)
    } else {
        schedule::next(now, work.checks)
    }
}

/// Whether this operation may move its attempt so. Of an attempt that was authorised, doubt begins and ends with the capture or
/// the release that is in doubt; other operations of it are asked about as well, and must not end another's doubt.
fn may_move(work: &Work, kind: OperationKind, outcome: &Outcome, operation: OperationStatus) -> bool {
    if work.authorized_at.is_none() {
        return true;
    }
    let is_open = !matches!(operation, OperationStatus::Succeeded | OperationStatus::Failed);
    match outcome.attempt {
        AttemptStatus::Succeeded | AttemptStatus::Canceled => true,
        AttemptStatus::Unknown | AttemptStatus::Authorized => release::is_release(kind) && is_open,
        AttemptStatus::Created | AttemptStatus::Processing | AttemptStatus::RequiresAction | AttemptStatus::Failed => {
            false
        }
    }
}

fn held(capture_before: Option<Timestamp>, now: Timestamp) -> Held {
    let until = capture_before.unwrap_or_else(|| now.plus(authorization::LASTS));
    Held { until, look_at: authorization::first_look(now, until) }
}

/// Why a hold ended, as far as it can be told.
fn cancellation(work: &Work, kind: OperationKind, now: Timestamp) -> Cancellation {
    let over = work.capture_before.is_some_and(|end| now.0 >= end);
    match kind {
        _ if over => Cancellation::Expired,
        OperationKind::Void if work.created_by.is_some() => Cancellation::Void,
        OperationKind::Void => Cancellation::Expired,
        _ => Cancellation::Gateway,
    }
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
fn delta(from: AttemptStatus, to: AttemptStatus, authorized: bool, captured: i64, fee: i64) -> Delta {
    // An authorisation that is released was no decline.
    let lost = |status| i64::from(!authorized && matches!(status, AttemptStatus::Failed | AttemptStatus::Canceled));
    let failed = lost(to) - lost(from);
    match to {
        AttemptStatus::Succeeded => Delta { succeeded: 1, failed, volume: captured, fees: fee, ..Delta::default() },
        _ => Delta { failed, ..Delta::default() },
    }
}
