//! What needs a person.

use crate::breaker::Pause;
use domain::{
    Scope, Timestamp,
    states::{ApplicationStatus, MerchantStatus},
    views::dashboard::Attention,
};
use store::dashboard::Facts;

/// What needs a person, the most pressing first. Paths with a leading slash are absolute, others lie below the merchant and
/// mode.
pub(super) fn of(facts: &Facts, scope: &Scope, paused: &[Pause], failing: &[String]) -> Vec<Attention> {
    let mut list = Vec::new();
    let mut add =
        |kind: &str, count: i64, path: String| list.push(Attention { kind: kind.to_owned(), count, path, until: None });
    let (merchant, live) = (facts.merchant_status.parse().ok(), scope.mode.is_live());
    let application: Option<ApplicationStatus> = facts.application_status.as_deref().and_then(|s| s.parse().ok());
    let onboarding = || format!("/onboarding?m={}", scope.merchant);
    match merchant {
        Some(MerchantStatus::Suspended) => add("suspended", 1, onboarding()),
        Some(MerchantStatus::Closed) => add("closed", 1, onboarding()),
        _ => {}
    }
    gateways(facts, paused, failing, &mut add);
    if facts.to_review > 0 {
        add("to_review", facts.to_review, "payments/review".to_owned());
    }
    if facts.exceeded > 0 {
        add("refunded_and_disputed", facts.exceeded, "payments?status=succeeded".to_owned());
    }
    let lately = [
        ("contradicted", facts.contradicted),
        ("paid_twice", facts.paid_twice),
        ("late_payments", facts.late_payments),
    ];
    for (kind, count) in lately {
        if count > 0 {
            add(kind, count, "payments?status=succeeded".to_owned());
        }
    }
    if facts.unknown_payments > 0 {
        add("unknown_payments", facts.unknown_payments, "payments?status=unknown".to_owned());
    }
    if facts.unknown_refunds > 0 {
        add("unknown_refunds", facts.unknown_refunds, "refunds?status=unknown".to_owned());
    }
    if facts.failed_refunds > 0 {
        add("failed_refunds", facts.failed_refunds, "refunds?status=failed".to_owned());
    }
    if facts.ending_authorizations > 0 {
        add("ending_authorizations", facts.ending_authorizations, "payments?status=requires_capture".to_owned());
    }
    let approved = merchant != Some(MerchantStatus::Onboarding);
    match application {
        Some(ApplicationStatus::MoreInformation) => add("application_question", 1, onboarding()),
        Some(ApplicationStatus::Denied) => add("application_denied", 1, onboarding()),
        _ if live && !approved => add("live_not_approved", 1, onboarding()),
        _ => {}
    }
    // Before the first connection the checklist leads there; a live one is of no use before the approval.
    if !facts.gateway_active && (facts.gateway_known || facts.paid) && (approved || !live) {
        add("no_gateway", 1, "gateways".to_owned());
    }
    if facts.email_verified_at.is_none() {
        add("email_unverified", 1, super::setup::VERIFY.to_owned());
    }
    disputes(facts, &mut list);
    list
}

/// Disputes that ask for an answer, with the end of the time for the first: they come before what has no such end.
fn disputes(facts: &Facts, list: &mut Vec<Attention>) {
    let Some(payment) = facts.disputed_payment.as_deref().filter(|_| facts.disputes > 0) else { return };
    let item = Attention {
        kind: "disputes".to_owned(),
        count: facts.disputes,
        path: format!("payments/{payment}"),
        until: facts.dispute_until.map(Timestamp),
    };
    let place =
        list.iter().position(|item| !matches!(item.kind.as_str(), "suspended" | "closed")).unwrap_or(list.len());
    list.insert(place, item);
}

/// Gateways that do not answer, that mostly fail, or that tell of payments which do not fit ours.
fn gateways(facts: &Facts, paused: &[Pause], failing: &[String], add: &mut impl FnMut(&str, i64, String)) {
    let health = |ids: &[&str]| match ids {
        [one] => format!("gateways/{one}/health"),
        _ => "gateways".to_owned(),
    };
    let paused: Vec<&str> = paused.iter().map(|pause| pause.connection.as_str()).collect();
    // One that is left alone fails, too: it is told of once.
    let failing: Vec<&str> = failing.iter().map(String::as_str).filter(|id| !paused.contains(id)).collect();
    for (kind, ids) in [("gateway_paused", paused), ("gateway_failing", failing)] {
        if !ids.is_empty() {
            add(kind, i64::try_from(ids.len()).unwrap_or(i64::MAX), health(&ids));
        }
    }
    if let Some(connection) = facts.mismatched_connection.as_deref() {
        add("event_mismatch", facts.mismatched_events, format!("gateways/{connection}/events?status=mismatch"));
    }
}
