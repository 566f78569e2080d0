//! What Square's errors mean (<https://developer.squareup.com/reference/square/enums/ErrorCode>,
//! <https://developer.squareup.com/docs/build-basics/general-considerations/handling-errors>).
//!
//! Codes that no table here names go by their category. What stays unclear is [`Verdict::Doubtful`].

use super::wire::{Body, Fault, Payment, Refund};
use crate::http::Answer;
use domain::decline::DeclineCode;

/// What a refusal means for the call that met it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The payer's bank, the card or Square's risk rules said no.
    Declined(DeclineCode),
    /// The token, its rights or the seller's account do not allow the call: nothing was done.
    Account,
    /// Too many calls: nothing was done.
    TooMany,
    /// The request itself can't be accepted: nothing was done.
    Refused,
    /// There is no such thing.
    Missing,
    /// It may have been done.
    Doubtful,
}

/// A refusal, as it is told on.
#[derive(Debug, Clone)]
pub(super) struct Refusal {
    /// What it means.
    pub(super) verdict: Verdict,
    /// Square's code, where it gave one.
    pub(super) code: Option<String>,
    /// What of the request it is about, where Square says so.
    pub(super) field: Option<String>,
    /// Square's words, where it gave some.
    pub(super) detail: Option<String>,
    /// The payment that failed, where Square made one.
    pub(super) payment: Option<Payment>,
    /// The refund that failed, where Square made one.
    pub(super) refund: Option<Refund>,
    /// For logs: status, code and the field's name. Square's words are not in it: they may repeat what was sent.
    pub(super) reason: String,
}

impl Refusal {
    /// Reads an answer that is no success.
    pub(super) fn of(answer: &Answer) -> Self {
        let body: Body = serde_json::from_slice(&answer.body).unwrap_or_default();
        let (verdict, fault) = verdict(answer.status, &body.errors);
        let code = fault.map(|fault| fault.code.clone()).filter(|code| !code.is_empty());
        let field = fault.and_then(|fault| fault.field.as_deref()).unwrap_or_default();
        let named = code.as_deref().unwrap_or("no code");
        Self {
            verdict,
            field: fault.and_then(|fault| fault.field.clone()),
            detail: fault.and_then(|fault| fault.detail.clone()),
            reason: format!("status {}: {named} {field}", answer.status).trim_end().to_owned(),
            payment: body.payment,
            refund: body.refund,
            code,
        }
    }
}

/// What the status and all errors of an answer mean, with the error that says most.
fn verdict(status: u16, faults: &[Fault]) -> (Verdict, Option<&Fault>) {
    let first = faults.first();
    match status {
        429 => return (Verdict::TooMany, first),
        // A conflict may be with the same call, which is still at work.
        408 | 409 => return (Verdict::Doubtful, first),
        400..=499 => {}
        _ => return (Verdict::Doubtful, first),
    }
    if faults.is_empty() {
        let verdict = if matches!(status, 401 | 403) { Verdict::Account } else { Verdict::Doubtful };
        return (verdict, None);
    }
    let judged = || faults.iter().map(|fault| (of_fault(fault), fault));
    // Doubt about one is doubt about all; after that the one that says more than "declined" or "refused".
    let vague = |verdict| matches!(verdict, Verdict::Declined(DeclineCode::GenericDecline) | Verdict::Refused);
    let chosen = judged()
        .find(|(verdict, _)| *verdict == Verdict::Doubtful)
        .or_else(|| judged().find(|(verdict, _)| !vague(*verdict)))
        .or_else(|| judged().next());
    match chosen {
        Some((Verdict::Refused, fault)) if matches!(status, 401 | 403) => (Verdict::Account, Some(fault)),
        Some((verdict, fault)) => (verdict, Some(fault)),
        None => (Verdict::Doubtful, None),
    }
}

/// What one error means.
pub(super) fn of_fault(fault: &Fault) -> Verdict {
    let field = fault.field.as_deref().unwrap_or_default();
    match (fault.code.as_str(), field) {
        // "This merchant can only process payments in GBP, but amount was provided in USD."
        ("INVALID_VALUE", field) if field.ends_with("currency") => Verdict::Declined(DeclineCode::CurrencyNotSupported),
        // A token that this application never made, or that is long gone: another one may do.
        ("NOT_FOUND" | "INVALID_VALUE" | "VALUE_TOO_LONG" | "VALUE_TOO_SHORT" | "BAD_REQUEST", "source_id") => {
            Verdict::Declined(DeclineCode::TryAgainLater)
        }
        (code, _) => decline(code)
            .map(Verdict::Declined)
            .or_else(|| account(code))
            .or_else(|| doubtful(code))
            .or_else(|| missing(code))
            .unwrap_or_else(|| of_category(&fault.category)),
    }
}

/// Codes that are a no to the payment itself.
pub(super) fn decline(code: &str) -> Option<DeclineCode> {
    use DeclineCode as D;
    Some(match code {
        "INSUFFICIENT_FUNDS" | "GIFT_CARD_AVAILABLE_AMOUNT" => D::InsufficientFunds,
        "CARD_EXPIRED"
        | "INVALID_EXPIRATION"
        | "INVALID_EXPIRATION_YEAR"
        | "INVALID_EXPIRATION_DATE"
        | "EXPIRATION_FAILURE"
        | "BAD_EXPIRATION" => D::ExpiredCard,
        "CVV_FAILURE" | "VERIFY_CVV_FAILURE" => D::IncorrectCvc,
        "PAN_FAILURE" | "INVALID_CARD" | "INVALID_CARD_DATA" | "INVALID_ACCOUNT" | "INVALID_ENCRYPTED_CARD" => {
            D::IncorrectNumber
        }
        "UNSUPPORTED_CARD_BRAND"
        | "CARD_NOT_SUPPORTED"
        | "CARDHOLDER_INSUFFICIENT_PERMISSIONS"
        | "UNSUPPORTED_ENTRY_METHOD"
        | "UNSUPPORTED_INSTRUMENT_TYPE"
        | "UNSUPPORTED_SOURCE_TYPE"
        | "UNSUPPORTED_COUNTRY"
        | "CARD_PRESENCE_REQUIRED"
        | "CHIP_INSERTION_REQUIRED"
        | "MANUALLY_ENTERED_PAYMENT_NOT_SUPPORTED"
        | "PAYMENT_SOURCE_NOT_ENABLED_FOR_TARGET"
        | "ISSUER_INSTALLMENT_ERROR"
        | "PARTIAL_PAYMENT_DELAY_CAPTURE_NOT_SUPPORTED" => D::CardNotSupported,
        "CURRENCY_MISMATCH" | "UNSUPPORTED_CURRENCY" => D::CurrencyNotSupported,
        "TRANSACTION_LIMIT" | "AMOUNT_TOO_HIGH" | "ALLOWABLE_PIN_TRIES_EXCEEDED" => D::CardVelocityExceeded,
        "CARD_DECLINED_VERIFICATION_REQUIRED"
        | "APPLE_TTP_PIN_TOKEN"
        | "INVALID_PIN"
        | "MISSING_PIN"
        | "MISSING_ACCOUNT_TYPE" => D::AuthenticationRequired,
        "VOICE_FAILURE" | "CARD_DECLINED_CALL_ISSUER" | "BUYER_REFUSED_PAYMENT" | "ACCOUNT_UNUSABLE" => D::DoNotHonor,
        // One token, one payment: the customer gives the card once more.
        "CARD_TOKEN_EXPIRED" | "CARD_TOKEN_USED" | "SOURCE_USED" | "SOURCE_EXPIRED" | "CHECKOUT_EXPIRED" => {
            D::TryAgainLater
        }
        "CARD_DECLINED"
        | "GENERIC_DECLINE"
        | "ADDRESS_VERIFICATION_FAILURE"
        | "VERIFY_AVS_FAILURE"
        | "INVALID_POSTAL_CODE"
        | "READER_DECLINED"
        | "CARD_MISMATCH"
        | "PAYMENT_AMOUNT_MISMATCH"
        | "RESERVATION_DECLINED" => D::GenericDecline,
        _ => return None,
    })
}

/// Codes about the token, its rights and the seller's account.
fn account(code: &str) -> Option<Verdict> {
    match code {
        "UNAUTHORIZED"
        | "ACCESS_TOKEN_EXPIRED"
        | "ACCESS_TOKEN_REVOKED"
        | "CLIENT_DISABLED"
        | "FORBIDDEN"
        | "INSUFFICIENT_SCOPES"
        | "INSUFFICIENT_PERMISSIONS"
        | "INSUFFICIENT_PERMISSIONS_FOR_REFUND"
        | "APPLICATION_DISABLED"
        | "V1_APPLICATION"
        | "V1_ACCESS_TOKEN"
        | "CARD_PROCESSING_NOT_ENABLED"
        | "MERCHANT_SUBSCRIPTION_NOT_FOUND"
        | "INVALID_LOCATION"
        | "LOCATION_MISMATCH"
        | "PAYMENT_LIMIT_EXCEEDED"
        | "SANDBOX_NOT_SUPPORTED"
        | "BAD_CERTIFICATE"
        | "INVALID_SQUARE_VERSION_FORMAT"
        | "API_VERSION_INCOMPATIBLE" => Some(Verdict::Account),
        "RATE_LIMITED" => Some(Verdict::TooMany),
        _ => None,
    }
}

/// Codes after which it may have been done, now or by an earlier call under the same key.
fn doubtful(code: &str) -> Option<Verdict> {
    let doubtful = matches!(
        code,
        "INTERNAL_SERVER_ERROR"
            | "TEMPORARY_ERROR"
            | "REQUEST_TIMEOUT"
            | "CONFLICT"
            | "BAD_GATEWAY"
            | "SERVICE_UNAVAILABLE"
            | "GATEWAY_TIMEOUT"
            | "NOT_IMPLEMENTED"
            | "IDEMPOTENCY_KEY_REUSED"
            | "VERSION_MISMATCH"
    );
    doubtful.then_some(Verdict::Doubtful)
}

fn missing(code: &str) -> Option<Verdict> {
    matches!(code, "NOT_FOUND" | "GONE").then_some(Verdict::Missing)
}

fn of_category(category: &str) -> Verdict {
    match category {
        "PAYMENT_METHOD_ERROR" => Verdict::Declined(DeclineCode::GenericDecline),
        "INVALID_REQUEST_ERROR" | "REFUND_ERROR" => Verdict::Refused,
        "AUTHENTICATION_ERROR" | "MERCHANT_SUBSCRIPTION_ERROR" => Verdict::Account,
        "RATE_LIMIT_ERROR" => Verdict::TooMany,
        _ => Verdict::Doubtful,
    }
}

/// Why a refund was refused, in the words of [`RefundState::Failed`](crate::RefundState::Failed).
pub(super) fn refund(code: &str) -> Option<&'static str> {
    Some(match code {
        "REFUND_AMOUNT_INVALID" | "AMOUNT_TOO_HIGH" | "VALUE_TOO_HIGH" => "amount_too_large",
        "PAYMENT_NOT_REFUNDABLE"
        | "PAYMENT_NOT_REFUNDABLE_DUE_TO_DISPUTE"
        | "REFUND_ERROR_PAYMENT_NEEDS_COMPLETION"
        | "REFUND_ALREADY_PENDING"
        | "ORDER_UNPAID_NOT_RETURNABLE"
        | "NOT_FOUND" => "charge_not_refundable",
        "REFUND_DECLINED" | "RESERVATION_DECLINED" | "CARD_DECLINED" | "GENERIC_DECLINE" => "bank_returned",
        "CARD_PRESENCE_REQUIRED"
        | "CARD_MISMATCH"
        | "CARD_TOKEN_USED"
        | "INVALID_CARD"
        | "INVALID_CARD_DATA"
        | "UNSUPPORTED_CARD_BRAND"
        | "UNSUPPORTED_COUNTRY"
        | "UNSUPPORTED_CURRENCY"
        | "CURRENCY_MISMATCH"
        | "UNSUPPORTED_INSTRUMENT_TYPE"
        | "UNSUPPORTED_SOURCE_TYPE" => "not_supported",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(category: &str, code: &str, field: Option<&str>) -> Fault {
        Fault { category: category.to_owned(), code: code.to_owned(), detail: None, field: field.map(str::to_owned) }
    }

    #[test]
    fn every_code_of_a_payment_is_named() {
        // The codes that Square's specification lists for CreatePayment.
        for (code, expected) in [
            ("ADDRESS_VERIFICATION_FAILURE", DeclineCode::GenericDecline),
            ("ALLOWABLE_PIN_TRIES_EXCEEDED", DeclineCode::CardVelocityExceeded),
            ("APPLE_TTP_PIN_TOKEN", DeclineCode::AuthenticationRequired),
            ("BAD_EXPIRATION", DeclineCode::ExpiredCard),
            ("CARDHOLDER_INSUFFICIENT_PERMISSIONS", DeclineCode::CardNotSupported),
            ("CARD_DECLINED_VERIFICATION_REQUIRED", DeclineCode::AuthenticationRequired),
            ("CARD_EXPIRED", DeclineCode::ExpiredCard),
            ("CARD_NOT_SUPPORTED", DeclineCode::CardNotSupported),
            ("CARD_TOKEN_EXPIRED", DeclineCode::TryAgainLater),
            ("CARD_TOKEN_USED", DeclineCode::TryAgainLater),
            ("CHIP_INSERTION_REQUIRED", DeclineCode::CardNotSupported),
            ("CVV_FAILURE", DeclineCode::IncorrectCvc),
            ("EXPIRATION_FAILURE", DeclineCode::ExpiredCard),
            ("GENERIC_DECLINE", DeclineCode::GenericDecline),
            ("GIFT_CARD_AVAILABLE_AMOUNT", DeclineCode::InsufficientFunds),
            ("INSUFFICIENT_FUNDS", DeclineCode::InsufficientFunds),
            ("INVALID_ACCOUNT", DeclineCode::IncorrectNumber),
            ("INVALID_CARD", DeclineCode::IncorrectNumber),
            ("INVALID_CARD_DATA", DeclineCode::IncorrectNumber),
            ("INVALID_EXPIRATION", DeclineCode::ExpiredCard),
            ("INVALID_PIN", DeclineCode::AuthenticationRequired),
            ("INVALID_POSTAL_CODE", DeclineCode::GenericDecline),
            ("ISSUER_INSTALLMENT_ERROR", DeclineCode::CardNotSupported),
            ("MANUALLY_ENTERED_PAYMENT_NOT_SUPPORTED", DeclineCode::CardNotSupported),
            ("PAN_FAILURE", DeclineCode::IncorrectNumber),
            ("PAYMENT_AMOUNT_MISMATCH", DeclineCode::GenericDecline),
            ("TRANSACTION_LIMIT", DeclineCode::CardVelocityExceeded),
            ("VOICE_FAILURE", DeclineCode::DoNotHonor),
        ] {
            let verdict = of_fault(&fault("PAYMENT_METHOD_ERROR", code, None));
            assert_eq!(verdict, Verdict::Declined(expected), "{code}");
        }
        for code in ["CARD_PROCESSING_NOT_ENABLED", "INSUFFICIENT_PERMISSIONS", "INVALID_LOCATION"] {
            assert_eq!(of_fault(&fault("INVALID_REQUEST_ERROR", code, None)), Verdict::Account, "{code}");
        }
        for code in ["INVALID_EMAIL_ADDRESS", "INVALID_PHONE_NUMBER", "INVALID_FEES", "VALUE_TOO_LOW", "NEW_CODE"] {
            assert_eq!(of_fault(&fault("INVALID_REQUEST_ERROR", code, None)), Verdict::Refused, "{code}");
        }
        assert_eq!(of_fault(&fault("API_ERROR", "TEMPORARY_ERROR", None)), Verdict::Doubtful);
        let foreign = fault("INVALID_REQUEST_ERROR", "INVALID_VALUE", Some("amount_money.currency"));
        assert_eq!(of_fault(&foreign), Verdict::Declined(DeclineCode::CurrencyNotSupported));
        let unknown = fault("INVALID_REQUEST_ERROR", "NOT_FOUND", Some("source_id"));
        assert_eq!(of_fault(&unknown), Verdict::Declined(DeclineCode::TryAgainLater));
    }

    #[test]
    fn every_other_code_of_square_has_its_place() {
        let of = |category: &str, codes: &str, expected: Verdict| {
            for code in codes.split_whitespace() {
                assert_eq!(of_fault(&fault(category, code, None)), expected, "{code}");
            }
        };
        of(
            "AUTHENTICATION_ERROR",
            "UNAUTHORIZED ACCESS_TOKEN_EXPIRED ACCESS_TOKEN_REVOKED CLIENT_DISABLED FORBIDDEN INSUFFICIENT_SCOPES
             APPLICATION_DISABLED V1_APPLICATION V1_ACCESS_TOKEN",
            Verdict::Account,
        );
        of(
            "INVALID_REQUEST_ERROR",
            "MERCHANT_SUBSCRIPTION_NOT_FOUND LOCATION_MISMATCH PAYMENT_LIMIT_EXCEEDED SANDBOX_NOT_SUPPORTED BAD_CERTIFICATE
             INVALID_SQUARE_VERSION_FORMAT API_VERSION_INCOMPATIBLE INSUFFICIENT_PERMISSIONS_FOR_REFUND",
            Verdict::Account,
        );
        of(
            "API_ERROR",
            "INTERNAL_SERVER_ERROR REQUEST_TIMEOUT CONFLICT NOT_IMPLEMENTED BAD_GATEWAY SERVICE_UNAVAILABLE TEMPORARY_ERROR
             GATEWAY_TIMEOUT IDEMPOTENCY_KEY_REUSED VERSION_MISMATCH",
            Verdict::Doubtful,
        );
        of(
            "EXTERNAL_VENDOR_ERROR",
            "PLAID_ERROR PLAID_ERROR_ITEM_LOGIN_REQUIRED PLAID_ERROR_RATE_LIMIT",
            Verdict::Doubtful,
        );
        of("RATE_LIMIT_ERROR", "RATE_LIMITED", Verdict::TooMany);
        of("INVALID_REQUEST_ERROR", "NOT_FOUND GONE", Verdict::Missing);
        of(
            "INVALID_REQUEST_ERROR",
            "BAD_REQUEST MISSING_REQUIRED_PARAMETER INCORRECT_TYPE INVALID_TIME INVALID_TIME_RANGE INVALID_VALUE
             INVALID_CURSOR UNKNOWN_QUERY_PARAMETER CONFLICTING_PARAMETERS EXPECTED_JSON_BODY INVALID_SORT_ORDER
             VALUE_REGEX_MISMATCH VALUE_TOO_SHORT VALUE_TOO_LONG VALUE_TOO_LOW VALUE_TOO_HIGH VALUE_EMPTY
             ARRAY_LENGTH_TOO_LONG ARRAY_LENGTH_TOO_SHORT ARRAY_EMPTY EXPECTED_BOOLEAN EXPECTED_INTEGER EXPECTED_FLOAT
             EXPECTED_STRING EXPECTED_OBJECT EXPECTED_ARRAY EXPECTED_MAP EXPECTED_BASE64_ENCODED_BYTE_ARRAY
             INVALID_ARRAY_VALUE INVALID_ENUM_VALUE INVALID_CONTENT_TYPE INVALID_FORM_VALUE CUSTOMER_NOT_FOUND
             ONE_INSTRUMENT_EXPECTED NO_FIELDS_SET TOO_MANY_MAP_ENTRIES MAP_KEY_LENGTH_TOO_SHORT MAP_KEY_LENGTH_TOO_LONG
             CUSTOMER_MISSING_NAME CUSTOMER_MISSING_EMAIL INVALID_PAUSE_LENGTH INVALID_DATE
             UNSUPPORTED_LOYALTY_REWARD_TIER UNEXPECTED_VALUE UNKNOWN_BODY_PARAMETER METHOD_NOT_ALLOWED NOT_ACCEPTABLE
             REQUEST_ENTITY_TOO_LARGE UNSUPPORTED_MEDIA_TYPE UNPROCESSABLE_ENTITY
             APPLE_PAYMENT_PROCESSING_CERTIFICATE_HASH_NOT_FOUND",
            Verdict::Refused,
        );
        of(
            "PAYMENT_METHOD_ERROR",
            "DELAYED_TRANSACTION_EXPIRED DELAYED_TRANSACTION_CANCELED DELAYED_TRANSACTION_CAPTURED
             DELAYED_TRANSACTION_FAILED CARD_DECLINED READER_DECLINED VERIFY_AVS_FAILURE CARD_MISMATCH RESERVATION_DECLINED",
            Verdict::Declined(DeclineCode::GenericDecline),
        );
        for code in [
            "REFUND_AMOUNT_INVALID",
            "REFUND_ALREADY_PENDING",
            "PAYMENT_NOT_REFUNDABLE",
            "PAYMENT_NOT_REFUNDABLE_DUE_TO_DISPUTE",
            "REFUND_ERROR_PAYMENT_NEEDS_COMPLETION",
            "REFUND_DECLINED",
            "ORDER_UNPAID_NOT_RETURNABLE",
        ] {
            assert_eq!(of_fault(&fault("REFUND_ERROR", code, None)), Verdict::Refused, "{code}");
            assert!(refund(code).is_some(), "{code}");
        }
    }

    #[test]
    fn the_status_goes_before_the_code_and_doubt_before_all() {
        let declined = || fault("PAYMENT_METHOD_ERROR", "CVV_FAILURE", None);
        let of = |status, faults: &[Fault]| verdict(status, faults).0;
        assert_eq!(of(402, &[declined()]), Verdict::Declined(DeclineCode::IncorrectCvc));
        assert_eq!(of(429, &[]), Verdict::TooMany);
        for status in [100, 200, 302, 408, 409, 500, 502, 503, 504, 599] {
            assert_eq!(of(status, &[declined()]), Verdict::Doubtful, "{status}");
        }
        assert_eq!((of(401, &[]), of(403, &[])), (Verdict::Account, Verdict::Account));
        assert_eq!((of(400, &[]), of(404, &[])), (Verdict::Doubtful, Verdict::Doubtful));
        let reused = fault("INVALID_REQUEST_ERROR", "IDEMPOTENCY_KEY_REUSED", Some("idempotency_key"));
        assert_eq!(of(400, &[declined(), reused]), Verdict::Doubtful);
        let generic = fault("PAYMENT_METHOD_ERROR", "GENERIC_DECLINE", None);
        assert_eq!(of(400, &[generic, declined()]), Verdict::Declined(DeclineCode::IncorrectCvc));
        assert_eq!(of(403, &[fault("INVALID_REQUEST_ERROR", "SOMETHING", None)]), Verdict::Account);
        assert_eq!(of(400, &[fault("", "", None)]), Verdict::Doubtful);
    }
}
