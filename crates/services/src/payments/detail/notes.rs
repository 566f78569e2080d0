//! What a person should know about a payment's money, the most pressing first.

use domain::{
    Money, Timestamp,
    states::{OperationStatus, RefundStatus},
    views::payment::{MoneyNote, Refund},
};
use store::{
    payment_lists::detail::{AttemptRow, DetailRow},
    reviews::Doubt,
};

/// The notes; their sentences are `payment.note.<kind>`.
pub(super) fn of(
    found: &DetailRow,
    attempts: &[AttemptRow],
    refunds: &[Refund],
    doubts: &[Doubt],
    now: Timestamp,
) -> Vec<MoneyNote> {
    let mut notes = Vec::new();
    let currency = found.row.amount.currency;
    if let Some(at) = found.exceeded_at {
        let row = &found.row;
        let gone = row.refunded.minor + row.refund_pending.minor + found.disputed.minor;
        notes.push(MoneyNote {
            kind: "refunded_and_disputed".to_owned(),
            amount: Money::new(gone - row.captured.minor, currency),
            at,
            object: row.id.to_string(),
        });
    }
    for doubt in doubts {
        let amount = Money::new(doubt.amount, currency);
        let note = |kind: &str, at: i64| MoneyNote {
            kind: kind.to_owned(),
            amount,
            at: Timestamp(at),
            object: doubt.id.clone(),
        };
        if let Some(at) = doubt.contradicted_at {
            notes.push(note("contradicted", at));
        } else if doubt.status == OperationStatus::Unknown.as_str() {
            match doubt.review_at.filter(|at| *at <= now.0) {
                Some(at) => notes.push(note("review", at)),
                None => notes.push(note("asking", doubt.created_at)),
            }
        }
    }
    for row in attempts {
        let Some(at) = row.late_at else { continue };
        let kind = if row.late_rule.as_deref() == Some("refund") { by_rule(row, refunds) } else { "late_accepted" };
        let object = row.attempt.id.to_string();
        notes.push(MoneyNote { kind: kind.to_owned(), amount: row.attempt.captured, at, object });
    }
    notes
}

/// How far the refund by rule is.
fn by_rule(row: &AttemptRow, refunds: &[Refund]) -> &'static str {
    let origin = if row.surplus { "surplus" } else { "late_success" };
    // The rule's refunds stand in the order in which they were begun; the last one is the one that counts.
    let last = refunds.iter().rev().find(|refund| refund.origin == origin).map(|refund| refund.status);
    match (last, row.surplus) {
        (Some(RefundStatus::Failed), _) => "refund_by_rule_failed",
        (Some(RefundStatus::Succeeded), true) => "surplus_refunded",
        (Some(RefundStatus::Succeeded), false) => "late_refunded",
        (_, true) => "surplus_refunding",
        (_, false) => "late_refunding",
    }
}
