//! The test cards that the sandbox takes. Any other number is refused before anything is stored.
//!
//! Numbers, names (`pm_card_…`) and outcomes are those that Stripe publishes at <https://docs.stripe.com/testing>, with these
//! decisions where an outcome depends on settings that Paydeck has not:
//! - Cards of disputes, inquiries and early fraud warnings are plain successes: the sandbox opens no disputes.
//! - "Highest risk" is blocked like "always blocked"; "elevated risk" succeeds: nobody reviews.
//! - A failed CVC check declines; failed postal code and address checks succeed, since checkout asks for neither.
//! - Cards that authenticate do so on every payment, and decline a saved card's charge in the customer's absence.
//! - Numbers for captchas, card readers, mobile challenges and dispute prevention are not taken.
//!
//! The last table is our own: faults of a gateway that Stripe has no numbers for. They begin with 4000 0099 00, pass
//! the Luhn check and are on none of Stripe's lists.

use domain::decline::DeclineCode;

/// What happens with a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Plan {
    /// Charged; refunds succeed at once.
    Succeeds,
    /// A definite no.
    Declines(DeclineCode),
    /// The bank's page, then success.
    Challenge,
    /// The bank's page, then a no whatever the answer.
    ChallengeThenDeclines(DeclineCode),
    /// Charged; a refund is pending first and succeeds later.
    RefundPending,
    /// Charged; a refund succeeds first and fails later.
    RefundFailsLater,
    /// Taken; the funds arrive later.
    SettlesLater,
    /// Taken; the funds never arrive.
    FailsLater,
    /// Charged, but the answer never comes.
    TimesOut,
    /// Charged, but the answer can't be read.
    Garbage,
    /// Charged after a long while.
    Slow,
    /// Never reaches the gateway: certainly not charged.
    NotSent,
    /// No answer, and not charged: whoever asks is told that there is nothing.
    LostBeforeCharge,
    /// Charged; a refund is made, but its answer never comes.
    RefundTimesOut,
    /// Charged; a refund is refused at once.
    RefundRefused,
    /// Authorised; a capture is made, but its answer never comes.
    CaptureTimesOut,
    /// Authorised; captures are refused.
    CaptureRefused,
    /// Authorised; a release is made, but its answer never comes.
    VoidTimesOut,
    /// Authorised for an hour only.
    ShortHold,
}

/// A test card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TestCard {
    /// Its name; with `pm_card_` before it, the name by which the card can be used without a number.
    pub name: &'static str,
    /// Its number.
    pub number: &'static str,
    /// `visa` …
    pub brand: &'static str,
    /// Two-letter country of the issuer.
    pub country: &'static str,
    /// What happens.
    pub plan: Plan,
}

impl TestCard {
    /// The last four digits.
    #[must_use]
    pub fn last4(&self) -> &'static str {
        &self.number[self.number.len() - 4..]
    }

    /// How many digits the security code has.
    #[must_use]
    pub fn code_length(&self) -> usize {
        if self.brand == "amex" { 4 } else { 3 }
    }
}

/// What stands before a card's name in the names that replace a number.
pub const TOKEN_PREFIX: &str = "pm_card_";

/// The card of a number.
#[must_use]
pub fn by_number(number: &str) -> Option<&'static TestCard> {
    all().find(|card| card.number == number)
}

/// The card of a name such as `pm_card_visa`.
#[must_use]
pub fn by_token(token: &str) -> Option<&'static TestCard> {
    by_name(token.strip_prefix(TOKEN_PREFIX)?)
}

/// The card of a name such as `visa`.
#[must_use]
pub fn by_name(name: &str) -> Option<&'static TestCard> {
    all().find(|card| card.name == name)
}

/// Every card.
pub fn all() -> impl Iterator<Item = &'static TestCard> {
    BRANDS.iter().chain(COUNTRIES).chain(DECLINES).chain(RISKS).chain(AUTHENTICATION).chain(AFTERWARDS).chain(FAULTS)
}

const fn card(
    name: &'static str,
    number: &'static str,
    brand: &'static str,
    country: &'static str,
    plan: Plan,
) -> TestCard {
    TestCard { name, number, brand, country, plan }
}

const fn good(name: &'static str, number: &'static str, brand: &'static str, country: &'static str) -> TestCard {
    card(name, number, brand, country, Plan::Succeeds)
}

const fn visa(name: &'static str, number: &'static str, plan: Plan) -> TestCard {
    card(name, number, "visa", "US", plan)
}

/// Successes by brand.
const BRANDS: &[TestCard] = &[
    good("visa", "4242424242424242", "visa", "US"),
    good("visa_debit", "4000056655665556", "visa", "US"),
    good("mastercard", "5555555555554444", "mastercard", "US"),
    good("mastercard_2series", "2223003122003222", "mastercard", "US"),
    good("mastercard_debit", "5200828282828210", "mastercard", "US"),
    good("mastercard_prepaid", "5105105105105100", "mastercard", "US"),
    good("amex", "378282246310005", "amex", "US"),
    good("amex_2", "371449635398431", "amex", "US"),
    good("discover", "6011111111111117", "discover", "US"),
    good("discover_2", "6011000990139424", "discover", "US"),
    good("discover_debit", "6011981111111113", "discover", "US"),
    good("diners", "3056930009020004", "diners", "US"),
    good("diners_14", "36227206271667", "diners", "US"),
    good("jcb", "3566002020360505", "jcb", "JP"),
    good("unionpay", "6200000000000005", "unionpay", "CN"),
    good("unionpay_debit", "6200000000000047", "unionpay", "CN"),
    good("unionpay_19", "6205500000000000004", "unionpay", "CN"),
    good("visa_cartesBancaires", "4000002500001001", "visa", "FR"),
    good("mastercard_cartesBancaires", "5555552500001001", "mastercard", "FR"),
];

/// Successes by country.
const COUNTRIES: &[TestCard] = &[
    good("ar", "4000000320000021", "visa", "AR"),
    good("br", "4000000760000002", "visa", "BR"),
    good("ca", "4000001240000000", "visa", "CA"),
    good("cl", "4000001520000001", "visa", "CL"),
    good("co", "4000001700000003", "visa", "CO"),
    good("cr", "4000001880000005", "visa", "CR"),
    good("ec", "4000002180000000", "visa", "EC"),
    good("mx", "4000004840008001", "visa", "MX"),
    good("pa", "4000005910000000", "visa", "PA"),
    good("py", "4000006000000066", "visa", "PY"),
    good("pe", "4000006040000068", "visa", "PE"),
    good("uy", "4000008580000003", "visa", "UY"),
    good("ae", "4000007840000001", "visa", "AE"),
    good("ae_mastercard", "5200007840000022", "mastercard", "AE"),
    good("at", "4000000400000008", "visa", "AT"),
    good("be", "4000000560000004", "visa", "BE"),
    good("bg", "4000001000000000", "visa", "BG"),
    good("by", "4000001120000005", "visa", "BY"),
    good("hr", "4000001910000009", "visa", "HR"),
    good("cy", "4000001960000008", "visa", "CY"),
    good("cz", "4000002030000002", "visa", "CZ"),
    good("dk", "4000002080000001", "visa", "DK"),
    good("ee", "4000002330000009", "visa", "EE"),
    good("fi", "4000002460000001", "visa", "FI"),
    good("fr", "4000002500000003", "visa", "FR"),
    good("de", "4000002760000016", "visa", "DE"),
    good("gi", "4000002920000005", "visa", "GI"),
    good("gr", "4000003000000030", "visa", "GR"),
    good("hu", "4000003480000005", "visa", "HU"),
    good("ie", "4000003720000005", "visa", "IE"),
    good("it", "4000003800000008", "visa", "IT"),
    good("lv", "4000004280000005", "visa", "LV"),
    good("li", "4000004380000004", "visa", "LI"),
    good("lt", "4000004400000000", "visa", "LT"),
    good("lu", "4000004420000006", "visa", "LU"),
    good("mt", "4000004700000007", "visa", "MT"),
    good("nl", "4000005280000002", "visa", "NL"),
    good("no", "4000005780000007", "visa", "NO"),
    good("pl", "4000006160000005", "visa", "PL"),
    good("pt", "4000006200000007", "visa", "PT"),
    good("ro", "4000006420000001", "visa", "RO"),
    good("sa", "4000006820000007", "visa", "SA"),
    good("si", "4000007050000006", "visa", "SI"),
    good("sk", "4000007030000001", "visa", "SK"),
    good("es", "4000007240000007", "visa", "ES"),
    good("se", "4000007520000008", "visa", "SE"),
    good("ch", "4000007560000009", "visa", "CH"),
    good("gb", "4000008260000000", "visa", "GB"),
    good("gb_debit", "4000058260000005", "visa", "GB"),
    good("gb_mastercard", "5555558265554449", "mastercard", "GB"),
    good("au", "4000000360000006", "visa", "AU"),
    good("cn", "4000001560000002", "visa", "CN"),
    good("hk", "4000003440000004", "visa", "HK"),
    good("in", "4000003560000008", "visa", "IN"),
    good("jp", "4000003920000003", "visa", "JP"),
    good("jp_jcb", "3530111333300000", "jcb", "JP"),
    good("my", "4000004580000002", "visa", "MY"),
    good("nz", "4000005540000008", "visa", "NZ"),
    good("sg", "4000007020000003", "visa", "SG"),
    good("tw", "4000001580000008", "visa", "TW"),
    good("th_credit", "4000007640000003", "visa", "TH"),
    good("th_debit", "4000057640000008", "visa", "TH"),
];

/// Declines.
const DECLINES: &[TestCard] = &[
    visa("visa_chargeDeclined", "4000000000000002", Plan::Declines(DeclineCode::GenericDecline)),
    visa("visa_chargeDeclinedInsufficientFunds", "4000000000009995", Plan::Declines(DeclineCode::InsufficientFunds)),
    visa("visa_chargeDeclinedLostCard", "4000000000009987", Plan::Declines(DeclineCode::LostCard)),
    visa("visa_chargeDeclinedStolenCard", "4000000000009979", Plan::Declines(DeclineCode::StolenCard)),
    visa("chargeDeclinedExpiredCard", "4000000000000069", Plan::Declines(DeclineCode::ExpiredCard)),
    visa("chargeDeclinedIncorrectCvc", "4000000000000127", Plan::Declines(DeclineCode::IncorrectCvc)),
    visa("chargeDeclinedProcessingError", "4000000000000119", Plan::Declines(DeclineCode::ProcessingError)),
    visa("incorrectNumber", "4242424242424241", Plan::Declines(DeclineCode::IncorrectNumber)),
    visa(
        "visa_chargeDeclinedVelocityLimitExceeded",
        "4000000000006975",
        Plan::Declines(DeclineCode::CardVelocityExceeded),
    ),
    visa("chargeCustomerFail", "4000000000000341", Plan::Declines(DeclineCode::GenericDecline)),
];

/// Fraud checks.
const RISKS: &[TestCard] = &[
    visa("radarBlock", "4100000000000019", Plan::Declines(DeclineCode::Fraudulent)),
    visa("riskLevelHighest", "4000000000004954", Plan::Declines(DeclineCode::Fraudulent)),
    visa("riskLevelElevated", "4000000000009235", Plan::Succeeds),
    visa("cvcCheckFail", "4000000000000101", Plan::Declines(DeclineCode::IncorrectCvc)),
    visa("avsZipFail", "4000000000000036", Plan::Succeeds),
    visa("avsLine1Fail", "4000000000000028", Plan::Succeeds),
    visa("avsFail", "4000000000000010", Plan::Succeeds),
    visa("avsUnchecked", "4000000000000044", Plan::Succeeds),
];

/// Authentication.
const AUTHENTICATION: &[TestCard] = &[
    card("authenticationRequiredOnSetup", "4000002500003155", "visa", "FR", Plan::Challenge),
    card("authenticationRequired", "4000002760003184", "visa", "DE", Plan::Challenge),
    card("authenticationRequiredSetupForOffSession", "4000003800000446", "visa", "IT", Plan::Challenge),
    card(
        "authenticationRequiredChargeDeclinedInsufficientFunds",
        "4000008260003178",
        "visa",
        "GB",
        Plan::ChallengeThenDeclines(DeclineCode::InsufficientFunds),
    ),
    card("threeDSecure2Required", "4000000000003220", "visa", "IE", Plan::Challenge),
    visa("threeDSecure2Required_us", "4000008400000027", Plan::Challenge),
    visa(
        "threeDSecureRequiredChargeDeclined",
        "4000008400001629",
        Plan::ChallengeThenDeclines(DeclineCode::GenericDecline),
    ),
    visa("threeDSecureRequiredProcessingError", "4000008400001280", Plan::Declines(DeclineCode::GenericDecline)),
    visa("threeDSecureOptional", "4000000000003055", Plan::Succeeds),
    visa("threeDSecureOptionalProcessingError", "4000000000003097", Plan::Succeeds),
    visa("threeDSecureFrictionless", "4000000032200000", Plan::Succeeds),
];

/// What comes after the charge: disputes (not built: plain successes), refunds, balance.
const AFTERWARDS: &[TestCard] = &[
    visa("createDispute", "4000000000000259", Plan::Succeeds),
    visa("createDisputeProductNotReceived", "4000000000002685", Plan::Succeeds),
    visa("createDisputeInquiry", "4000000000001976", Plan::Succeeds),
    visa("createIssuerFraudRecord", "4000000000005423", Plan::Succeeds),
    visa("pendingRefund", "4000000000007726", Plan::RefundPending),
    visa("refundFail", "4000000000005126", Plan::RefundFailsLater),
    visa("bypassPending", "4000000000000077", Plan::Succeeds),
    card("bypassPendingInternational", "4000003720000278", "visa", "IE", Plan::Succeeds),
];

/// Faults of our own.
const FAULTS: &[TestCard] = &[
    visa("paydeck_timeout", "4000009900000012", Plan::TimesOut),
    visa("paydeck_garbage", "4000009900000020", Plan::Garbage),
    visa("paydeck_slow", "4000009900000038", Plan::Slow),
    visa("paydeck_notSent", "4000009900000046", Plan::NotSent),
    visa("paydeck_lost", "4000009900000053", Plan::LostBeforeCharge),
    visa("paydeck_settlesLater", "4000009900000061", Plan::SettlesLater),
    visa("paydeck_failsLater", "4000009900000079", Plan::FailsLater),
    visa("paydeck_refundTimeout", "4000009900000087", Plan::RefundTimesOut),
    visa("paydeck_refundRefused", "4000009900000095", Plan::RefundRefused),
    visa("paydeck_captureTimeout", "4000009900000103", Plan::CaptureTimesOut),
    visa("paydeck_captureRefused", "4000009900000111", Plan::CaptureRefused),
    visa("paydeck_voidTimeout", "4000009900000129", Plan::VoidTimesOut),
    visa("paydeck_shortHold", "4000009900000137", Plan::ShortHold),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::card::luhn;
    use std::collections::HashSet;

    #[test]
    fn names_and_numbers_are_unique_and_pass_the_check() {
        let (mut names, mut numbers) = (HashSet::new(), HashSet::new());
        for card in all() {
            assert!(names.insert(card.name), "{}", card.name);
            assert!(numbers.insert(card.number), "{}", card.number);
            assert_eq!(luhn(card.number), card.name != "incorrectNumber", "{}", card.number);
            assert_eq!(by_token(&format!("pm_card_{}", card.name)), Some(card));
        }
    }

    #[test]
    fn other_numbers_are_on_no_list() {
        // Valid by their check digits, and no test cards: 4111… is on other processors' lists, not on this one.
        for number in ["4111111111111111", "4012888888881881", "4242424242424259", "", "4242", "424242424242424"] {
            assert_eq!(by_number(number), None, "{number}");
        }
        assert!(by_token("visa").is_none() && by_token("pm_card_").is_none() && by_token("tok_visa").is_none());
    }
}
