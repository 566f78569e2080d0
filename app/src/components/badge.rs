//! Badges of states: icon, word and colour, always together.

use crate::i18n::{code_text, use_locale};
use domain::dispute::DisputeStatus;
use domain::states::{AttemptStatus, ConnectionStatus, MerchantStatus, PaymentStatus, RefundStatus, SessionStatus};
use domain::views::payment::PaymentRow;
use leptos::prelude::*;

/// How a state looks: the badge's colour and its icon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tone(pub &'static str, pub &'static str);

/// Done and good.
pub const SUCCESS: Tone = Tone("badge-success", "check-circle");
/// Under way.
pub const INFO: Tone = Tone("badge-info", "clock");
/// Somebody has to do something.
pub const WARNING: Tone = Tone("badge-warning", "alert-triangle");
/// Failed or refused.
pub const DANGER: Tone = Tone("badge-danger", "x-circle");
/// Given back.
pub const REFUNDED: Tone = Tone("badge-neutral", "undo");
/// Waiting for its first use.
pub const OPEN: Tone = Tone("badge-neutral", "clock");
/// Ended without result.
pub const ENDED: Tone = Tone("badge-neutral", "x-circle");
/// Halted by a person.
pub const PAUSED: Tone = Tone("badge-neutral", "pause");
/// Out of sight.
pub const ARCHIVED: Tone = Tone("badge-neutral", "archive");
/// Test mode.
pub const TEST: Tone = Tone("badge-test", "sandbox");

/// A badge with a word.
pub fn badge(tone: Tone, word: impl Into<String>) -> AnyView {
    badge_of(tone, "", word.into())
}

/// A badge with another class, for instance `badge-lg`.
pub fn badge_of(tone: Tone, size: &'static str, word: String) -> AnyView {
    let class = ["badge ", tone.0, " ", size].concat();
    view! { <span class=class.trim_end().to_owned()>{super::icon::icon_of(tone.1, "icon-sm")} {word}</span> }.into_any()
}

/// What a payment's row shows: a payment that succeeded and was given back says so.
#[must_use]
pub fn payment_state(row: &PaymentRow) -> (Tone, &'static str) {
    match row.status {
        PaymentStatus::Succeeded if row.refunded.minor > 0 && row.refunded == row.captured => (REFUNDED, "refunded"),
        PaymentStatus::Succeeded if row.refunded.minor > 0 => (REFUNDED, "partially_refunded"),
        PaymentStatus::RequiresPaymentMethod if row.decline_code.is_some() => (DANGER, "failed"),
        status => (payment_tone(status), status.as_str()),
    }
}

/// The badge of a payment's row.
pub fn payment_badge(row: &PaymentRow, size: &'static str) -> AnyView {
    let (tone, code) = payment_state(row);
    badge_of(tone, size, code_text(use_locale(), "status.payment.", code))
}

const fn payment_tone(status: PaymentStatus) -> Tone {
    match status {
        PaymentStatus::Succeeded => SUCCESS,
        PaymentStatus::Processing => INFO,
        PaymentStatus::RequiresAction | PaymentStatus::Unknown | PaymentStatus::RequiresCapture => WARNING,
        PaymentStatus::RequiresPaymentMethod => OPEN,
        PaymentStatus::Canceled => ENDED,
    }
}

/// The badge of an attempt.
pub fn attempt_badge(status: AttemptStatus) -> AnyView {
    let tone = match status {
        AttemptStatus::Succeeded => SUCCESS,
        AttemptStatus::Created | AttemptStatus::Processing => INFO,
        AttemptStatus::RequiresAction | AttemptStatus::Unknown | AttemptStatus::Authorized => WARNING,
        AttemptStatus::Failed => DANGER,
        AttemptStatus::Canceled => ENDED,
    };
    badge(tone, code_text(use_locale(), "status.attempt.", status.as_str()))
}

/// The badge of a refund.
pub fn refund_badge(status: RefundStatus) -> AnyView {
    let tone = match status {
        RefundStatus::Pending => INFO,
        RefundStatus::Unknown => WARNING,
        RefundStatus::Succeeded => SUCCESS,
        RefundStatus::Failed => DANGER,
    };
    badge(tone, code_text(use_locale(), "status.refund.", status.as_str()))
}

/// The badge of a dispute.
pub fn dispute_badge(status: DisputeStatus) -> AnyView {
    let tone = match status {
        DisputeStatus::Inquiry | DisputeStatus::NeedsResponse => WARNING,
        DisputeStatus::UnderReview => INFO,
        DisputeStatus::Won => SUCCESS,
        DisputeStatus::Lost => DANGER,
        DisputeStatus::Closed => ENDED,
    };
    badge(tone, code_text(use_locale(), "dispute.status.", status.as_str()))
}

/// The badge of a checkout session.
pub fn session_badge(status: SessionStatus) -> AnyView {
    let tone = match status {
        SessionStatus::Open => OPEN,
        SessionStatus::Complete => SUCCESS,
        SessionStatus::Expired | SessionStatus::Canceled => ENDED,
    };
    badge(tone, code_text(use_locale(), "status.session.", status.as_str()))
}

/// The badge of a gateway connection.
pub fn connection_badge(status: ConnectionStatus) -> AnyView {
    let tone = match status {
        ConnectionStatus::Active => SUCCESS,
        ConnectionStatus::Paused => PAUSED,
        ConnectionStatus::Archived => ARCHIVED,
    };
    badge(tone, code_text(use_locale(), "status.connection.", status.as_str()))
}

/// The badge of a merchant's account.
pub fn merchant_badge(status: MerchantStatus) -> AnyView {
    let tone = match status {
        MerchantStatus::Onboarding => OPEN,
        MerchantStatus::Active => SUCCESS,
        MerchantStatus::Suspended => DANGER,
        MerchantStatus::Closed => ARCHIVED,
    };
    badge(tone, code_text(use_locale(), "status.merchant.", status.as_str()))
}
