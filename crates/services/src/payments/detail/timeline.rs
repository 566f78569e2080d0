//! A payment's story, put together of its rows.
//!
//! The sentence of an item is `timeline.<kind>`. Its values are ready to be shown, but for codes, which have a text of their
//! own: `decline` (`decline.merchant.<code>`), `failure` (`refund.failure.<code>`), `reason` (`refund.reason.<code>`), `journal`
//! (`ledger.journal.<kind>`) and `mail` (`timeline.mail_name.<template>`). Every item has all values of its kind, so that no
//! placeholder stays open; what is not known is a dash.

use domain::{
    Timestamp,
    states::{AttemptStatus, PaymentStatus, RefundStatus},
    views::payment::{Attempt, Refund, TimelineItem},
};
use store::payment_lists::detail::{AttemptRow, DetailRow, EntryRow, MailRow};

/// What stands where a value is not known.
const NONE: &str = "–";

/// Items that happened in the same millisecond keep the order in which one leads to the other.
#[derive(Default)]
struct Story(Vec<(TimelineItem, usize)>);

impl Story {
    fn tell(&mut self, at: Timestamp, kind: &str, params: &[(&str, &str)], actor: Option<&String>) {
        let params = params.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let item = TimelineItem { at, kind: kind.to_owned(), params, actor: actor.cloned() };
        let rank = self.0.len();
        self.0.push((item, rank));
    }

    fn newest_first(mut self) -> Vec<TimelineItem> {
        self.0.sort_by_key(|(item, rank)| std::cmp::Reverse((item.at, *rank)));
        self.0.into_iter().map(|(item, _)| item).collect()
    }
}

/// The story, newest first.
pub(super) fn of(
    found: &DetailRow,
    attempts: &[AttemptRow],
    refunds: &[Refund],
    ledger: &[EntryRow],
    mails: &[MailRow],
) -> Vec<TimelineItem> {
    let mut story = Story::default();
    let amount = found.row.amount.display();
    story.tell(found.row.created_at, "payment.created", &[("amount", &amount)], None);
    for row in attempts {
        attempt(&mut story, &row.attempt, row.surplus);
    }
    for row in refunds {
        refund(&mut story, row, ledger);
    }
    journals(&mut story, ledger);
    if found.row.status == PaymentStatus::Canceled {
        story.tell(found.updated_at, "payment.canceled", &[("amount", &amount)], None);
    }
    for row in mails {
        mail(&mut story, row);
    }
    story.newest_first()
}

fn attempt(story: &mut Story, row: &Attempt, surplus: bool) {
    let (amount, fee) = (row.amount.display(), row.fee.display());
    let means = match (&row.card_brand, &row.card_last4) {
        (Some(brand), Some(last4)) => format!("{} •••• {last4}", brand_name(brand)),
        (None, Some(last4)) => format!("•••• {last4}"),
        _ => row.method.clone(),
    };
    let begun = [("amount", amount.as_str()), ("means", means.as_str()), ("connection", row.connection_name.as_str())];
    story.tell(row.created_at, "attempt.created", &begun, None);
    let decline = row.decline_code.as_deref().unwrap_or("generic_decline");
    let connection = ("connection", row.connection_name.as_str());
    let at = row.updated_at;
    match row.status {
        AttemptStatus::Created => {}
        AttemptStatus::Succeeded => {
            let kind = if surplus { "attempt.surplus" } else { "attempt.succeeded" };
            story.tell(at, kind, &[("amount", &amount), ("fee", &fee), connection], None);
        }
        AttemptStatus::Failed => story.tell(at, "attempt.failed", &[("decline", decline), connection], None),
        AttemptStatus::Processing => story.tell(at, "attempt.processing", &[connection], None),
        AttemptStatus::RequiresAction => story.tell(at, "attempt.requires_action", &[connection], None),
        AttemptStatus::Unknown => story.tell(at, "attempt.unknown", &[connection], None),
        AttemptStatus::Authorized => story.tell(at, "attempt.authorized", &[("amount", &amount), connection], None),
        AttemptStatus::Canceled => story.tell(at, "attempt.canceled", &[connection], None),
    }
}

fn refund(story: &mut Story, row: &Refund, ledger: &[EntryRow]) {
    let amount = row.amount.display();
    let begun = [("amount", amount.as_str()), ("reason", row.reason.as_str())];
    story.tell(row.created_at, "refund.created", &begun, row.created_by.as_ref());
    match row.status {
        RefundStatus::Pending => {}
        RefundStatus::Unknown => story.tell(row.updated_at, "refund.unknown", &[("amount", &amount)], None),
        RefundStatus::Succeeded => story.tell(row.updated_at, "refund.succeeded", &[("amount", &amount)], None),
        RefundStatus::Failed => {
            // It may have succeeded before: then it was booked.
            let booked = ledger.iter().find(|e| e.line.kind == "refund" && e.source_id == row.id.as_str());
            if let Some(booked) = booked {
                story.tell(booked.line.at, "refund.succeeded", &[("amount", &amount)], None);
            }
            let failure = row.failure_code.as_deref().unwrap_or("other");
            story.tell(row.updated_at, "refund.failed", &[("amount", &amount), ("failure", failure)], None);
        }
    }
}

/// One item a journal, with the sum of its debits.
fn journals(story: &mut Story, ledger: &[EntryRow]) {
    for entries in ledger.chunk_by(|a, b| a.line.journal_id == b.line.journal_id) {
        let Some(first) = entries.first() else { continue };
        let debits = entries.iter().map(|entry| entry.line.amount.minor.max(0));
        let sum = domain::Money::new(debits.fold(0, i64::saturating_add), first.line.amount.currency);
        let params = [("journal", first.line.kind.as_str()), ("amount", &sum.display()), ("id", &first.line.journal_id)];
        story.tell(first.line.at, &format!("journal.{}", first.line.kind), &params, None);
    }
}

fn mail(story: &mut Story, row: &MailRow) {
    let kind = match row.status.as_str() {
        "sent" => "mail.sent",
        "kept" => "mail.kept",
        "failed" => "mail.failed",
        _ => "mail.queued",
    };
    let recipient = if row.recipient.is_empty() { NONE } else { &row.recipient };
    let at = Timestamp(row.sent_at.unwrap_or(row.created_at));
    story.tell(at, kind, &[("mail", &row.template), ("recipient", recipient)], None);
}

/// Networks write their own names; they are the same in every language.
fn brand_name(brand: &str) -> &str {
    match brand {
        "visa" => "Visa",
        "mastercard" => "Mastercard",
        "amex" => "American Express",
        "discover" => "Discover",
        "diners" => "Diners Club",
        "jcb" => "JCB",
        "unionpay" => "UnionPay",
        other => other,
    }
}
