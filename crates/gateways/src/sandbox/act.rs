//! What the sandbox does with a card: decide, write, answer.

use super::book::{
    BookCharge, BookError, BookRefund, ChargeBy, ChargeChange, ChargeStatus, RefundOpening, RefundStatus,
};
use super::cards::{self, Plan, TestCard};
use super::saved;
use super::{
    AUTHORIZATION_LASTS, CHALLENGE_LASTS, REFUND_SETTLES_AFTER, SETTLES_AFTER, SHORT_HOLD_LASTS, Sandbox, fee, reply,
};
use crate::{
    Call, CardFacts, ChargeReply, ChargeRequest, GatewayFailure, Initiator, MethodInput, RefundReply, RefundRequest,
};
use domain::{Money, Timestamp, decline::DeclineCode, ids, money::MAX_AMOUNT};
use secrecy::ExposeSecret;

/// The test card that is meant, with its expiry when fields were typed.
pub(super) fn card_of(method: &MethodInput) -> Option<(&'static TestCard, Option<(u8, u16)>)> {
    match method {
        MethodInput::Card { number, exp_month, exp_year, .. } => {
            cards::by_number(number.expose_secret()).map(|card| (card, Some((*exp_month, *exp_year))))
        }
        MethodInput::Token(token) => cards::by_token(token).map(|card| (card, None)),
        MethodInput::Saved(saved) => saved::read(saved),
        // It has no page of its own.
        MethodInput::Page => None,
    }
}

/// A failure of the book while it was written.
fn writing(error: BookError) -> GatewayFailure {
    match error {
        BookError::NothingDone(reason) => GatewayFailure::not_sent(reason),
        BookError::Doubtful(reason) => GatewayFailure::unknown(reason),
    }
}

/// A failure of the book while it was read: what was asked about stays as doubtful as it was.
pub(super) fn reading(error: BookError) -> GatewayFailure {
    GatewayFailure::unknown(error.to_string())
}

impl Sandbox {
    /// Charges; see [`Charges::charge`](crate::Charges::charge).
    pub(super) async fn do_charge(&self, call: &Call, request: &ChargeRequest) -> Result<ChargeReply, GatewayFailure> {
        let (card, expiry) =
            card_of(&request.method).ok_or_else(|| GatewayFailure::not_sent("not a published test card"))?;
        if !(1..=MAX_AMOUNT).contains(&request.amount.minor) {
            return Err(GatewayFailure::not_sent("amount out of range"));
        }
        match card.plan {
            Plan::NotSent => return Err(GatewayFailure::not_sent("connection refused")),
            Plan::LostBeforeCharge => {
                tokio::time::sleep(self.delays.timeout).await;
                return Err(GatewayFailure::unknown("connection reset"));
            }
            _ => {}
        }
        let row = self.decide(call, request, card)?;
        let facts = reply::facts(card.name, expiry);
        match self.book.open_charge(&row).await.map_err(writing)? {
            None => self.answer(card.plan, &row, facts).await,
            Some(existing) if same_request(&existing, &row) => {
                reply::charge(&self.settled(existing, call.now).await?, facts)
            }
            Some(_) => Err(GatewayFailure::unknown("the key was used for another request")),
        }
    }

    /// The row that a card's plan makes of a request.
    fn decide(&self, call: &Call, request: &ChargeRequest, card: &TestCard) -> Result<BookCharge, GatewayFailure> {
        let random = self.book.random();
        let mut row = BookCharge {
            id: name_of("sbx_ch", call.now, &random),
            account: call.account.clone(),
            idempotency_key: call.idempotency_key.clone(),
            amount: request.amount,
            capture: request.capture,
            captured: 0,
            refunded: 0,
            fee: 0,
            status: ChargeStatus::Failed,
            decline: None,
            scenario: card.name.to_owned(),
            challenge_token: None,
            settles_at: None,
            created_at: call.now,
        };
        match card.plan {
            _ if request.initiator == Initiator::Merchant && saved::wants_customer(card, &request.method) => {
                row.decline = Some(DeclineCode::AuthenticationRequired);
            }
            Plan::Declines(code) => row.decline = Some(code),
            Plan::Challenge | Plan::ChallengeThenDeclines(_) => {
                row.status = ChargeStatus::RequiresAction;
                row.challenge_token = Some(hex(&self.book.random()));
                row.settles_at = Some(call.now.plus(CHALLENGE_LASTS));
            }
            Plan::SettlesLater | Plan::FailsLater => {
                row.status = ChargeStatus::Processing;
                row.settles_at = Some(call.now.plus(SETTLES_AFTER));
            }
            _ => {
                let change = paid(&row, call.now)?;
                apply(&mut row, &change);
            }
        }
        Ok(row)
    }

    /// What the caller hears of a charge that was just written.
    async fn answer(
        &self,
        plan: Plan,
        row: &BookCharge,
        facts: Option<CardFacts>,
    ) -> Result<ChargeReply, GatewayFailure> {
        match plan {
            Plan::TimesOut => {
                tokio::time::sleep(self.delays.timeout).await;
                Err(GatewayFailure::unknown("timeout"))
            }
            Plan::Garbage => Err(GatewayFailure::unknown("the answer can't be read")),
            Plan::Slow => {
                tokio::time::sleep(self.delays.slow).await;
                reply::charge(row, facts)
            }
            _ => reply::charge(row, facts),
        }
    }

    /// Refunds; see [`Refunds::refund`](crate::Refunds::refund).
    pub(super) async fn do_refund(&self, call: &Call, request: &RefundRequest) -> Result<RefundReply, GatewayFailure> {
        let amount = request.amount;
        let Some(charge) = self.own_charge(call, ChargeBy::Id(&request.charge_ref)).await? else {
            return Ok(reply::refund_refused(amount, "charge_not_refundable"));
        };
        let plan = cards::by_name(&charge.scenario).map_or(Plan::Succeeds, |card| card.plan);
        let refundable = charge.status == ChargeStatus::Succeeded && charge.amount.currency == amount.currency;
        if !refundable || amount.minor < 1 || plan == Plan::RefundRefused {
            return Ok(reply::refund_refused(amount, "charge_not_refundable"));
        }
        let (status, settles_at, fails_at) = match plan {
            Plan::RefundPending => (RefundStatus::Pending, Some(call.now.plus(REFUND_SETTLES_AFTER)), None),
            Plan::RefundFailsLater => (RefundStatus::Succeeded, None, Some(call.now.plus(REFUND_SETTLES_AFTER))),
            _ => (RefundStatus::Succeeded, None, None),
        };
        let row = BookRefund {
            id: name_of("sbx_re", call.now, &self.book.random()),
            charge_id: charge.id,
            idempotency_key: call.idempotency_key.clone(),
            amount,
            status,
            settles_at,
            fails_at,
            created_at: call.now,
        };
        match self.book.open_refund(&row).await.map_err(writing)? {
            RefundOpening::Written if plan == Plan::RefundTimesOut => {
                tokio::time::sleep(self.delays.timeout).await;
                Err(GatewayFailure::unknown("timeout"))
            }
            RefundOpening::Written => Ok(reply::refund(&row)),
            RefundOpening::Exists(old) if old.charge_id == row.charge_id && old.amount == row.amount => {
                Ok(reply::refund(&self.refund_settled(old, call.now).await?))
            }
            RefundOpening::Exists(_) => Err(GatewayFailure::unknown("the key was used for another request")),
            RefundOpening::TooMuch => Ok(reply::refund_refused(amount, "amount_too_large")),
        }
    }

    /// Captures; see [`Captures::capture`](crate::Captures::capture).
    pub(super) async fn do_capture(&self, call: &Call, id: &str, amount: Money) -> Result<ChargeReply, GatewayFailure> {
        let found = self.own_charge(call, ChargeBy::Id(id)).await?;
        let row = found.ok_or_else(|| GatewayFailure::not_sent("no such charge"))?;
        let within = amount.currency == row.amount.currency && (1..=row.amount.minor).contains(&amount.minor);
        if !within {
            return Err(GatewayFailure::not_sent("amount out of range"));
        }
        let row = self.settled(row, call.now).await?;
        // A capture sent again finds it captured and hears the same.
        if row.status != ChargeStatus::Authorized {
            return reply::charge(&row, None);
        }
        let plan = cards::by_name(&row.scenario).map(|card| card.plan);
        if plan == Some(Plan::CaptureRefused) {
            return Ok(reply::capture_refused(&row));
        }
        let row = self.change(row, &captured(amount)?).await?;
        if plan == Some(Plan::CaptureTimesOut) {
            tokio::time::sleep(self.delays.timeout).await;
            return Err(GatewayFailure::unknown("timeout"));
        }
        reply::charge(&row, None)
    }

    /// Releases; see [`Captures::void`](crate::Captures::void).
    pub(super) async fn do_void(&self, call: &Call, id: &str) -> Result<ChargeReply, GatewayFailure> {
        let found = self.own_charge(call, ChargeBy::Id(id)).await?;
        let row = self.settled(found.ok_or_else(|| GatewayFailure::not_sent("no such charge"))?, call.now).await?;
        if !matches!(row.status, ChargeStatus::Authorized | ChargeStatus::RequiresAction) {
            return reply::charge(&row, None);
        }
        let row = self.change(row, &released()).await?;
        if cards::by_name(&row.scenario).is_some_and(|card| card.plan == Plan::VoidTimesOut) {
            tokio::time::sleep(self.delays.timeout).await;
            return Err(GatewayFailure::unknown("timeout"));
        }
        reply::charge(&row, None)
    }

    /// A charge of the call's own account.
    pub(super) async fn own_charge(&self, call: &Call, by: ChargeBy<'_>) -> Result<Option<BookCharge>, GatewayFailure> {
        let found = self.book.charge(by).await.map_err(reading)?;
        Ok(found.filter(|charge| charge.account == call.account))
    }

    /// The charge with what is due by `now` done: funds settled or failed, a challenge abandoned.
    pub(super) async fn settled(&self, row: BookCharge, now: Timestamp) -> Result<BookCharge, GatewayFailure> {
        if row.settles_at.is_none_or(|at| at > now) {
            return Ok(row);
        }
        let plan = cards::by_name(&row.scenario).map(|card| card.plan);
        let change = match (row.status, plan) {
            (ChargeStatus::Processing, Some(Plan::SettlesLater)) => paid(&row, now)?,
            (ChargeStatus::Processing, _) => bad(DeclineCode::InsufficientFunds),
            (ChargeStatus::RequiresAction, _) => bad(DeclineCode::AuthenticationAbandoned),
            (ChargeStatus::Authorized, _) => released(),
            _ => return Ok(row),
        };
        self.change(row, &change).await
    }

    /// Changes a charge, or finds it as somebody else changed it meanwhile.
    pub(super) async fn change(
        &self,
        mut row: BookCharge,
        change: &ChargeChange,
    ) -> Result<BookCharge, GatewayFailure> {
        if self.book.move_charge(&row.id, row.status, change).await.map_err(reading)? {
            apply(&mut row, change);
            return Ok(row);
        }
        let again = self.book.charge(ChargeBy::Id(&row.id)).await.map_err(reading)?;
        again.ok_or_else(|| GatewayFailure::unknown("the charge is gone"))
    }

    /// The refund with what is due by `now` done.
    pub(super) async fn refund_settled(
        &self,
        mut row: BookRefund,
        now: Timestamp,
    ) -> Result<BookRefund, GatewayFailure> {
        let due = |at: Option<Timestamp>| at.is_some_and(|at| at <= now);
        let to = match row.status {
            RefundStatus::Pending if due(row.settles_at) => RefundStatus::Succeeded,
            RefundStatus::Succeeded if due(row.fails_at) => RefundStatus::Failed,
            _ => return Ok(row),
        };
        if self.book.move_refund(&row, row.status, to).await.map_err(reading)? {
            row.status = to;
            return Ok(row);
        }
        let again = self.book.refund(Some(&row.id), None).await.map_err(reading)?;
        again.ok_or_else(|| GatewayFailure::unknown("the refund is gone"))
    }
}

/// Charged, or authorised for a while, as it was asked for.
pub(super) fn paid(row: &BookCharge, now: Timestamp) -> Result<ChargeChange, GatewayFailure> {
    if row.capture {
        return captured(row.amount);
    }
    let short = cards::by_name(&row.scenario).is_some_and(|card| card.plan == Plan::ShortHold);
    let ends = now.plus(if short { SHORT_HOLD_LASTS } else { AUTHORIZATION_LASTS });
    Ok(ChargeChange { status: ChargeStatus::Authorized, captured: 0, fee: 0, decline: None, settles_at: Some(ends) })
}

/// Captured.
pub(super) fn captured(amount: Money) -> Result<ChargeChange, GatewayFailure> {
    let fee = fee(amount).map_err(|error| GatewayFailure::not_sent(error.to_string()))?;
    let (status, captured) = (ChargeStatus::Succeeded, amount.minor);
    Ok(ChargeChange { status, captured, fee: fee.minor, decline: None, settles_at: None })
}

/// Nothing is held any more.
pub(super) fn released() -> ChargeChange {
    ChargeChange { status: ChargeStatus::Voided, captured: 0, fee: 0, decline: None, settles_at: None }
}

/// Declined.
pub(super) fn bad(code: DeclineCode) -> ChargeChange {
    ChargeChange { status: ChargeStatus::Failed, captured: 0, fee: 0, decline: Some(code), settles_at: None }
}

fn apply(row: &mut BookCharge, change: &ChargeChange) {
    row.status = change.status;
    row.captured = change.captured;
    row.fee = change.fee;
    row.decline = change.decline;
    row.settles_at = change.settles_at;
}

/// Whether a key was used for the same request.
fn same_request(a: &BookCharge, b: &BookCharge) -> bool {
    a.account == b.account && a.amount == b.amount && a.capture == b.capture && a.scenario == b.scenario
}

/// A name of the sandbox's own: prefix, time and 80 random bits.
fn name_of(prefix: &str, now: Timestamp, random: &[u8; 32]) -> String {
    let mut short = [0u8; 10];
    short.copy_from_slice(&random[..10]);
    format!("{prefix}_{}", ids::encode(u64::try_from(now.0).unwrap_or(0), short))
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}
