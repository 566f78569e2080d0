//! The way to the first payment.

use domain::{
    Scope,
    states::{ApplicationStatus, MerchantStatus},
    views::dashboard::SetupStep,
};
use store::dashboard::Facts;

/// Where a person sees their address and has the mail sent again.
pub(super) const VERIFY: &str = "settings/profile";

/// The checklist, or none once everything is done.
pub(super) fn of(facts: &Facts, scope: &Scope) -> Option<Vec<SetupStep>> {
    let merchant: Option<MerchantStatus> = facts.merchant_status.parse().ok();
    let application: Option<ApplicationStatus> = facts.application_status.as_deref().and_then(|s| s.parse().ok());
    let applied = application.is_some_and(|status| status != ApplicationStatus::Draft)
        || merchant.is_some_and(|status| status != MerchantStatus::Onboarding);
    let onboarding = format!("/onboarding?m={}", scope.merchant);
    let steps = [
        ("verify_email", facts.email_verified_at.is_some(), VERIFY),
        ("connect_gateway", facts.gateway_known || facts.paid, "gateways"),
        // Who took a payment without a link needs none.
        ("make_link", facts.link_made || facts.paid, "payment-links"),
        ("first_payment", facts.paid, "payment-links"),
        ("apply", applied, onboarding.as_str()),
    ];
    let step = |(key, done, path): (&str, bool, &str)| SetupStep { key: key.to_owned(), done, path: path.to_owned() };
    if steps.iter().all(|(_, done, _)| *done) { None } else { Some(steps.into_iter().map(step).collect()) }
}
