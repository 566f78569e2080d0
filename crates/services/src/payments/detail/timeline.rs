//! A payment's story, put together of its rows.
//!
//! The sentence of an item is `timeline.<kind>`. Its values are ready to be shown, but for codes, which have a text of their
//! own: `code` (`decline.merchant.<code>`), `failure` (`refund.failure.<code>`), `reason` (`refund.reason.<code>`) and `dispute`
//! (`dispute.reason.<code>`). Every item has all values of its kind's sentence.

use domain::{
    Currency, Money, Timestamp,
    dispute::DisputeStatus,
    states::{AttemptStatus, PaymentStatus, RefundStatus},
    views::payment::{Dispute, Refund, TimelineItem},
};
use store::{
    captures::ReleaseRow,
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

/// What left a payment, and how it was booked.
pub(super) struct Gone<'a> {
    pub(super) refunds: &'a [Refund],
    pub(super) disputes: &'a [Dispute],
    pub(super) ledger: &'a [EntryRow],
}

/// The story, newest first.
pub(super) fn of(
    found: &DetailRow,
    attempts: &[AttemptRow],
    releases: &[ReleaseRow],
    Gone { refunds, disputes, ledger }: &Gone<'_>,
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
    for row in releases {
        release(&mut story, row, found);
    }
    authorization(&mut story, found, attempts);
    for row in *refunds {
        refund(&mut story, row, ledger);
    }
    for row in *disputes {
        dispute(&mut story, row);
    }
    journals(&mut story, ledger);
    if found.row.status == PaymentStatus::Canceled && found.authorized.minor == 0 {
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
        let about = match row.kind.as_str() {
            known @ ("authorize" | "capture" | "void" | "refund") => known,
            _ => "charge",
        };
        let said = if decision == "happened" { "happened" } else { "not_happened" };
        story.tell(Timestamp(at), &format!("decided.{about}.{said}"), &values, row.decided_by.as_ref());
    }
    if let Some(at) = row.contradicted_at {
        story.tell(Timestamp(at), "decided.contradicted", &values, None);
    }
}

fn attempt(story: &mut Story, row: &AttemptRow) {
    let (surplus, late, row) = (row.surplus, row.late_at, &row.attempt);
    let (amount, captured, fee) = (row.amount.display(), row.captured.display(), row.fee.display());
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
    if let Some(at) = row.authorized_at {
        story.tell(at, "attempt.authorized", &[("amount", &amount), connection], None);
    }
    match row.status {
        AttemptStatus::Created | AttemptStatus::Authorized => {}
        // What is in doubt then, or how it ended, captures and releases tell.
        AttemptStatus::Unknown | AttemptStatus::Canceled if row.authorized_at.is_some() => {}
        AttemptStatus::Succeeded => {
            let kind = if surplus { "attempt.surplus" } else { "attempt.succeeded" };
            story.tell(at, kind, &[("amount", &captured), ("fee", &fee), connection], None);
            if let Some(late) = late {
                story.tell(late, "attempt.late_success", &[("amount", &captured), connection], None);
            }
        }
        AttemptStatus::Failed => story.tell(at, "attempt.failed", &[("code", decline), connection], None),
        AttemptStatus::Processing => story.tell(at, "attempt.processing", &[connection], None),
        AttemptStatus::RequiresAction => story.tell(at, "attempt.requires_action", &[connection], None),
        AttemptStatus::Unknown => story.tell(at, "attempt.unknown", &[connection], None),
        AttemptStatus::Canceled => story.tell(at, "attempt.canceled", &[connection], None),
    }
}

/// A capture or a release, as far as it is not told by what the attempt and the payment came to.
fn release(story: &mut Story, row: &ReleaseRow, found: &DetailRow) {
    let amount = Money::new(row.amount, found.row.amount.currency).display();
    let told = [("amount", amount.as_str())];
    let (begun, ended) = (Timestamp(row.created_at), Timestamp(row.finished_at.unwrap_or(row.created_at)));
    let by_itself = row.created_by.is_none();
    let kind = match (row.kind.as_str(), by_itself) {
        ("capture", _) => "capture",
        (_, true) => "expiry",
        (_, false) => "void",
    };
    story.tell(begun, &format!("{kind}.created"), &told, row.created_by.as_ref());
    match row.status.as_str() {
        "failed" => story.tell(ended, &format!("{kind}.failed"), &told, None),
        "unknown" => story.tell(begun, &format!("{kind}.unknown"), &told, None),
        "processing" => story.tell(begun, &format!("{kind}.processing"), &told, None),
        _ => {}
    }
}

/// How what was held ended, and the warning before it.
fn authorization(story: &mut Story, found: &DetailRow, attempts: &[AttemptRow]) {
    if let (Some(at), Some(end)) = (found.capture_warned_at, found.capture_before) {
        story.tell(at, "authorization.warned", &[("time", &moment(end))], None);
    }
    for row in attempts.iter().filter(|row| row.attempt.authorized_at.is_some()) {
        let (attempt, at) = (&row.attempt, row.attempt.updated_at);
        match attempt.status {
            AttemptStatus::Succeeded => {
                let left = attempt.amount.minus(attempt.captured).unwrap_or(attempt.amount);
                if left.minor > 0 {
                    story.tell(at, "authorization.rest", &[("amount", &left.display())], None);
                }
            }
            AttemptStatus::Canceled => {
                let why = found.cancellation.map_or("gateway", |why| why.as_str());
                story.tell(at, &format!("authorization.{why}"), &[("amount", &attempt.amount.display())], None);
            }
            _ => {}
        }
    }
}

/// A moment as text, UTC.
fn moment(at: Timestamp) -> String {
    let (_, _, _, hour, minute, _) = at.utc_parts();
    format!("{} {hour:02}:{minute:02} UTC", at.date())
}

fn refund(story: &mut Story, row: &Refund, ledger: &[EntryRow]) {
    let amount = row.amount.display();
    let begun = [("amount", amount.as_str()), ("reason", row.reason.as_str())];
    match row.origin.as_str() {
        "surplus" => story.tell(row.created_at, "refund.by_rule.surplus", &[("amount", &amount)], None),
        "late_success" => story.tell(row.created_at, "refund.by_rule.late_success", &[("amount", &amount)], None),
        // Nothing was sent, and nothing came back: the books were put right.
        "late_failure" => return story.tell(row.created_at, "refund.late_failure", &[("amount", &amount)], None),
        "gateway" => story.tell(row.created_at, "refund.made_at_gateway", &[("amount", &amount)], None),
        _ => story.tell(row.created_at, "refund.created", &begun, row.created_by.as_ref()),
    }
    match row.status {
        RefundStatus::Pending => {}
        RefundStatus::Unknown => story.tell(row.updated_at, "refund.unknown", &[("amount", &amount)], None),
        RefundStatus::Succeeded => story.tell(row.updated_at, "refund.succeeded", &[("amount", &amount)], None),
        RefundStatus::Failed => {
            // It may have succeeded before: then it was booked.
            let booked = ledger
                .iter()
                .find(|e| e.line.kind == "refund" && e.source_id.split('/').next() == Some(row.id.as_str()));
            if let Some(booked) = booked {
                story.tell(booked.line.at, "refund.succeeded", &[("amount", &amount)], None);
            }
            let failure = row.failure_code.as_deref().unwrap_or("other");
            story.tell(row.updated_at, "refund.failed", &[("amount", &amount), ("failure", failure)], None);
        }
    }
}

/// That it came, and where it stands.
fn dispute(story: &mut Story, row: &Dispute) {
    let amount = row.amount.display();
    let opened = if row.status == DisputeStatus::Inquiry { "dispute.inquiry" } else { "dispute.opened" };
    story.tell(row.opened_at, opened, &[("amount", &amount), ("dispute", row.reason.as_str())], None);
    let kind = match row.status {
        DisputeStatus::Inquiry | DisputeStatus::NeedsResponse => return,
        DisputeStatus::UnderReview => "dispute.under_review",
        DisputeStatus::Won => "dispute.won",
        DisputeStatus::Lost => "dispute.lost",
        DisputeStatus::Closed => "dispute.closed",
    };
    story.tell(row.updated_at, kind, &[("amount", &amount)], None);
}

/// One item a journal, with the sum of its debits.
fn journals(story: &mut Story, ledger: &[EntryRow]) {
    for entries in ledger.chunk_by(|a, b| a.line.journal_id == b.line.journal_id) {
        let Some(first) = entries.first() else { continue };
        let debits = entries.iter().map(|entry| entry.line.amount.minor.max(0));
        let sum = Money::new(debits.fold(0, i64::saturating_add), first.line.amount.currency);
        story.tell(first.line.at, &format!("journal.{}", first.line.kind), &[("amount", &sum.display())], None);
    }
}

fn mail(story: &mut Story, row: &MailRow) {
    let about = match row.template.as_str() {
        known @ ("receipt" | "refund" | "authorized" | "authorization_released") => known,
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
        AttemptId, Cancellation, ConnectionId, DisputeId, PaymentId, RefundId,
        dispute::DisputeReason,
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
            captured: TEN,
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
            authorized: Money::new(0, Currency::EUR),
            capture_before: None,
            capture_warned_at: None,
            cancellation: None,
            fee: TEN,
            disputed: TEN,
            exceeded_at: None,
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
            captured: TEN,
            authorized_at: None,
            routing: None,
            fee_pending: false,
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

    fn disputed(status: DisputeStatus) -> Dispute {
        Dispute {
            id: DisputeId::from_parts(1, [1; 10]),
            gateway_ref: "dp_1".to_owned(),
            amount: TEN,
            taken: TEN,
            fee: TEN,
            reason: DisputeReason::General,
            status,
            respond_by: None,
            opened_at: AT,
            raw_code: None,
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
            refunds.into_iter().chain(["surplus", "late_success", "late_failure", "gateway"].map(by_rule)).collect();
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
        let doubts: Vec<_> = ["sale", "authorize", "capture", "void", "refund"]
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
        let mails: Vec<_> = ["receipt", "refund", "authorized", "authorization_released", "news"]
            .iter()
            .flat_map(|t| states.map(|state| (*t, state)))
            .map(mail)
            .collect();
        let disputes: Vec<_> = DisputeStatus::ALL.iter().map(|status| disputed(*status)).collect();
        let gone = Gone { refunds: &refunds, disputes: &disputes, ledger: &ledger };
        let mut told = of(&found(PaymentStatus::Canceled), &attempts, &[], &gone, &mails, &doubts);
        // Last in the order of telling: the story of an authorisation is one of its own.
        let place = told.len() - 1;
        told.splice(place..place, authorisations());
        told
    }

    fn release(kind: &str, status: &str, by: Option<&str>) -> ReleaseRow {
        ReleaseRow {
            id: "op_1".to_owned(),
            kind: kind.to_owned(),
            status: status.to_owned(),
            amount: 400,
            created_by: by.map(str::to_owned),
            created_at: 5,
            finished_at: Some(5),
        }
    }

    /// Every way that an authorisation can go.
    fn authorisations() -> Vec<TimelineItem> {
        let held = |status: AttemptStatus, captured: i64| {
            let mut row = attempt(status, false);
            row.attempt.authorized_at = Some(AT);
            row.attempt.captured = Money::new(captured, Currency::EUR);
            row
        };
        let mut releases = Vec::new();
        for status in ["sent", "processing", "unknown", "failed"] {
            for (kind, by) in [("capture", Some("Ada")), ("void", Some("Ada")), ("void", None)] {
                releases.push(release(kind, status, by));
            }
        }
        let mut told = Vec::new();
        for cancellation in Cancellation::ALL {
            let mut payment = found(PaymentStatus::Canceled);
            payment.authorized = TEN;
            payment.cancellation = Some(*cancellation);
            (payment.capture_before, payment.capture_warned_at) = (Some(AT), Some(AT));
            let attempts = [held(AttemptStatus::Succeeded, 400), held(AttemptStatus::Canceled, 0)];
            told.extend(of(
                &payment,
                &attempts,
                &releases,
                &Gone { refunds: &[], disputes: &[], ledger: &[] },
                &[],
                &[],
            ));
        }
        told.retain(|item| item.kind != "payment.created");
        told
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
