//! A payment's story, put together of its rows.
//!
//! The sentence of an item is `timeline.<kind>`. Its values are ready to be shown, but for codes, which have a text of their
//! own: `code` (`decline.merchant.<code>`), `failure` (`refund.failure.<code>`) and `reason` (`refund.reason.<code>`). Every item
//! has all values of its kind's sentence.

use domain::{
    Currency, Money, Timestamp,
    states::{AttemptStatus, PaymentStatus, RefundStatus},
    views::payment::{Refund, TimelineItem},
};
use store::{
    payment_lists::detail::{AttemptRow, DetailRow, EntryRow, MailRow},
    reviews::Doubt,
};

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
    doubts: &[Doubt],
) -> Vec<TimelineItem> {
    let mut story = Story::default();
    let amount = found.row.amount.display();
    story.tell(found.row.created_at, "payment.created", &[("amount", &amount)], None);
    for row in attempts {
        attempt(&mut story, row);
    }
    for row in doubts {
        decided(&mut story, row, found.row.amount.currency);
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

/// What a person decided about a call, and what the gateway said to that later.
fn decided(story: &mut Story, row: &Doubt, currency: Currency) {
    let amount = Money::new(row.amount, currency).display();
    let values = [("amount", amount.as_str())];
    if let (Some(decision), Some(at)) = (&row.decision, row.decided_at) {
        let kind = match (row.kind.as_str(), decision.as_str()) {
            ("refund", "happened") => "decided.refund.happened",
            ("refund", _) => "decided.refund.not_happened",
            (_, "happened") => "decided.charge.happened",
            _ => "decided.charge.not_happened",
        };
        story.tell(Timestamp(at), kind, &values, row.decided_by.as_ref());
    }
    if let Some(at) = row.contradicted_at {
        story.tell(Timestamp(at), "decided.contradicted", &values, None);
    }
}

fn attempt(story: &mut Story, row: &AttemptRow) {
    let (surplus, late, row) = (row.surplus, row.late_at, &row.attempt);
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
            if let Some(late) = late {
                story.tell(late, "attempt.late_success", &[("amount", &amount), connection], None);
            }
        }
        AttemptStatus::Failed => story.tell(at, "attempt.failed", &[("code", decline), connection], None),
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
    match row.origin.as_str() {
        "surplus" => story.tell(row.created_at, "refund.by_rule.surplus", &[("amount", &amount)], None),
        "late_success" => story.tell(row.created_at, "refund.by_rule.late_success", &[("amount", &amount)], None),
        // Nothing was sent, and nothing came back: the books were put right.
        "late_failure" => return story.tell(row.created_at, "refund.late_failure", &[("amount", &amount)], None),
        _ => story.tell(row.created_at, "refund.created", &begun, row.created_by.as_ref()),
    }
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
        story.tell(first.line.at, &format!("journal.{}", first.line.kind), &[("amount", &sum.display())], None);
    }
}

fn mail(story: &mut Story, row: &MailRow) {
    let about = match row.template.as_str() {
        known @ ("receipt" | "refund") => known,
        _ => "other",
    };
    let state = match row.status.as_str() {
        known @ ("sent" | "kept" | "failed") => known,
        _ => "queued",
    };
    let at = Timestamp(row.sent_at.unwrap_or(row.created_at));
    story.tell(at, &format!("mail.{about}.{state}"), &[("recipient", &row.recipient)], None);
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

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{
        AttemptId, ConnectionId, PaymentId, RefundId,
        views::payment::{Attempt, LedgerLine, PaymentRow},
    };
    use std::collections::BTreeSet;

    const TEN: Money = Money::new(1_000, Currency::EUR);
    const AT: Timestamp = Timestamp(5);

    fn found(status: PaymentStatus) -> DetailRow {
        let row = PaymentRow {
            id: PaymentId::from_parts(1, [1; 10]),
            status,
            amount: TEN,
            refunded: TEN,
            refund_pending: TEN,
            card_brand: None,
            card_last4: None,
            method: None,
            provider: None,
            customer_email: None,
            reference: None,
            description: None,
            decline_code: None,
            created_at: AT,
        };
        DetailRow {
            row,
            captured: TEN,
            fee: TEN,
            session_id: None,
            metadata: "{}".to_owned(),
            receipt_token: String::new(),
            captured_at: None,
            updated_at: AT,
            merchant_status: "active".to_owned(),
        }
    }

    fn attempt(status: AttemptStatus, surplus: bool) -> AttemptRow {
        let attempt = Attempt {
            id: AttemptId::from_parts(1, [1; 10]),
            status,
            amount: TEN,
            connection_id: ConnectionId::from_parts(1, [1; 10]),
            connection_name: "Main".to_owned(),
            provider: "sandbox".to_owned(),
            method: "card".to_owned(),
            card_brand: Some("visa".to_owned()),
            card_last4: Some("4242".to_owned()),
            card_exp_month: None,
            card_exp_year: None,
            card_country: None,
            gateway_ref: None,
            decline_code: None,
            decline_class: None,
            raw_code: None,
            raw_message: None,
            fee: TEN,
            created_at: AT,
            updated_at: AT,
        };
        AttemptRow { attempt, surplus, late_at: surplus.then_some(AT), late_rule: None }
    }

    fn refund(status: RefundStatus) -> Refund {
        Refund {
            id: RefundId::from_parts(1, [1; 10]),
            payment_id: PaymentId::from_parts(1, [1; 10]),
            status,
            amount: TEN,
            reason: "other".to_owned(),
            note: None,
            failure_code: None,
            created_by: None,
            origin: "merchant".to_owned(),
            customer_email: None,
            created_at: AT,
            updated_at: AT,
        }
    }

    fn entry(journal: &str, kind: &str, minor: i64) -> EntryRow {
        let line = LedgerLine {
            journal_id: journal.to_owned(),
            kind: kind.to_owned(),
            account: "sales".to_owned(),
            amount: Money::new(minor, Currency::EUR),
            at: AT,
        };
        EntryRow { line, source_id: RefundId::from_parts(1, [1; 10]).to_string() }
    }

    /// A story in which everything happens.
    fn everything() -> Vec<TimelineItem> {
        let mut attempts: Vec<_> = AttemptStatus::ALL.iter().map(|status| attempt(*status, false)).collect();
        attempts.push(attempt(AttemptStatus::Succeeded, true));
        let refunds: Vec<_> = RefundStatus::ALL.iter().map(|status| refund(*status)).collect();
        let by_rule = |origin: &str| Refund { origin: origin.to_owned(), ..refund(RefundStatus::Succeeded) };
        let refunds: Vec<_> =
            refunds.into_iter().chain(["surplus", "late_success", "late_failure"].map(by_rule)).collect();
        let doubt = |(kind, decision): (&str, &str)| Doubt {
            id: "op_1".to_owned(),
            kind: kind.to_owned(),
            status: "failed".to_owned(),
            amount: 1_000,
            created_at: 5,
            review_at: None,
            decision: Some(decision.to_owned()),
            decided_at: Some(6),
            contradicted_at: Some(7),
            decided_by: Some("Ada Example".to_owned()),
        };
        let doubts: Vec<_> = ["sale", "refund"]
            .iter()
            .flat_map(|kind| ["happened", "not_happened"].map(|decision| (*kind, decision)))
            .map(doubt)
            .collect();
        let kinds = domain::ledger::JournalKind::ALL.iter().map(|kind| kind.as_str());
        let ledger: Vec<_> = kinds.flat_map(|kind| [entry(kind, kind, 7), entry(kind, kind, -7)]).collect();
        let mail = |(template, status): (&str, &str)| MailRow {
            template: template.to_owned(),
            recipient: "a@example.com".to_owned(),
            status: status.to_owned(),
            created_at: 5,
            sent_at: None,
        };
        let states = ["queued", "sent", "kept", "failed"];
        let mails: Vec<_> =
            ["receipt", "refund", "news"].iter().flat_map(|t| states.map(|state| (*t, state))).map(mail).collect();
        of(&found(PaymentStatus::Canceled), &attempts, &refunds, &ledger, &mails, &doubts)
    }

    /// The catalogue lies with the pages; a kind without a sentence, or a value that a sentence waits for, is noticed here.
    #[test]
    fn every_kind_has_a_sentence_with_its_values() {
        for language in ["en", "fa"] {
            let file = format!("{}/../../app/locales/{language}/timeline.json", env!("CARGO_MANIFEST_DIR"));
            let texts: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
            for item in everything() {
                let text = texts[format!("timeline.{}", item.kind)].as_str();
                let text = text.unwrap_or_else(|| panic!("{language} has no timeline.{}", item.kind));
                let wanted: BTreeSet<&str> =
                    text.split('{').skip(1).filter_map(|part| part.split_once('}')).map(|(name, _)| name).collect();
                let given: BTreeSet<&str> = item.params.iter().map(|(name, _)| name.as_str()).collect();
                assert_eq!(wanted, given, "{language}: {}", item.kind);
            }
        }
    }

    #[test]
    fn what_led_to_something_stands_below_it() {
        let told = everything();
        let place = |kind: &str| told.iter().position(|item| item.kind == kind).unwrap();
        assert_eq!(place("payment.created"), told.len() - 1);
        assert!(place("refund.succeeded") < place("refund.created"));
        let journal = &told[place("journal.payment")];
        assert_eq!(journal.params, [("amount".to_owned(), "0.07 EUR".to_owned())]);
    }
}
