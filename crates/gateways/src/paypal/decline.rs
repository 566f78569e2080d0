//! Why PayPal said no, as [`DeclineCode`].
//!
//! Issues of errors: <https://developer.paypal.com/api/rest/reference/orders/v2/errors/> and
//! <https://developer.paypal.com/docs/api/payments/v2/#errors>. Response codes of the processor behind a card in the payer's wallet:
//! <https://developer.paypal.com/docs/api/payments/v2/#definition-processor_response>.

use super::api::Refusal;
use domain::decline::DeclineCode::{self, *};
use serde_json::Value;

/// A saved method that PayPal does not know (any more), or whose payer has taken the agreement back.
pub(super) const GONE: DeclineCode = DeclineCode::SavedMethodGone;

/// Issues that say more than no. What is not listed is [`GenericDecline`].
const ISSUES: &[(&str, DeclineCode)] = &[
    // The payer's account or funding source.
    ("INSTRUMENT_DECLINED", GenericDecline),
    ("REDIRECT_PAYER_FOR_ALTERNATE_FUNDING", GenericDecline),
    ("PAYER_CANNOT_PAY", GenericDecline),
    ("PAYER_ACCOUNT_LOCKED_OR_CLOSED", DoNotHonor),
    ("PAYER_ACCOUNT_RESTRICTED", DoNotHonor),
    ("TRANSACTION_REFUSED", DoNotHonor),
    ("COMPLIANCE_VIOLATION", DoNotHonor),
    ("AUTHORIZATION_DENIED", DoNotHonor),
    ("TRANSACTION_LIMIT_EXCEEDED", CardVelocityExceeded),
    ("MAX_NUMBER_OF_PAYMENT_ATTEMPTS_EXCEEDED", CardVelocityExceeded),
    ("CARD_EXPIRED", ExpiredCard),
    ("REFERENCED_CARD_EXPIRED", ExpiredCard),
    ("CARD_BRAND_NOT_SUPPORTED", CardNotSupported),
    ("DOMESTIC_TRANSACTION_REQUIRED", CardNotSupported),
    ("UNSUPPORTED_INTENT_FOR_PAYMENT_SOURCE", CardNotSupported),
    ("PAYMENT_TYPE_NOT_SUPPORTED_FOR_INTENT", CardNotSupported),
    // A saved method that is no more, or belongs to something else. No code is made for it: of the hard ones, "it has ended" is nearest.
    ("TOKEN_ID_NOT_FOUND", GONE),
    ("TOKEN_EXPIRED", GONE),
    ("AGREEMENT_ALREADY_CANCELLED", GONE),
    ("BILLING_AGREEMENT_NOT_FOUND", GONE),
    ("BILLING_AGREEMENT_ID_MISMATCH", GONE),
    ("MISMATCHED_VAULT_ID_TO_PAYMENT_SOURCE", CardNotSupported),
    // The payer has to come to PayPal's page.
    ("PAYER_ACTION_REQUIRED", AuthenticationRequired),
    // The payer did not come back in time.
    ("ORDER_EXPIRED", AuthenticationAbandoned),
    ("RESOURCE_NOT_FOUND", AuthenticationAbandoned),
    ("INVALID_RESOURCE_ID", AuthenticationAbandoned),
    // The merchant's rules against fraud.
    ("PAYEE_BLOCKED_TRANSACTION", Fraudulent),
    ("TRANSACTION_BLOCKED_BY_PAYEE", Fraudulent),
    // The currency or the amount in it.
    ("CURRENCY_NOT_SUPPORTED", CurrencyNotSupported),
    ("CURRENCY_NOT_SUPPORTED_FOR_COUNTRY", CurrencyNotSupported),
    ("INVALID_CURRENCY_CODE", CurrencyNotSupported),
    ("DECIMALS_NOT_SUPPORTED", CurrencyNotSupported),
    // The merchant's account or this connection.
    ("AUTH_CAPTURE_NOT_ENABLED", GatewayMisconfigured),
    ("CONSENT_NEEDED", GatewayMisconfigured),
    ("INVALID_ACCOUNT_STATUS", GatewayMisconfigured),
    ("NOT_AUTHORIZED", GatewayMisconfigured),
    ("NOT_ENABLED_FOR_CARD_PROCESSING", GatewayMisconfigured),
    ("NOT_ENABLED_TO_VAULT_PAYMENT_SOURCE", GatewayMisconfigured),
    ("NOT_ELIGIBLE_FOR_TOKEN_PROCESSING", GatewayMisconfigured),
    ("MERCHANT_NOT_ENABLED_FOR_REFERENCE_TRANSACTION", GatewayMisconfigured),
    ("PAYEE_ACCOUNT_INVALID", GatewayMisconfigured),
    ("PAYEE_ACCOUNT_LOCKED_OR_CLOSED", GatewayMisconfigured),
    ("PAYEE_ACCOUNT_NOT_SUPPORTED", GatewayMisconfigured),
    ("PAYEE_ACCOUNT_NOT_VERIFIED", GatewayMisconfigured),
    ("PAYEE_ACCOUNT_RESTRICTED", GatewayMisconfigured),
    ("PAYEE_NOT_ENABLED_FOR_CARD_PROCESSING", GatewayMisconfigured),
    ("PERMISSION_DENIED", GatewayMisconfigured),
    ("TRANSACTION_RECEIVING_LIMIT_EXCEEDED", GatewayMisconfigured),
    // Requests that are ours to get right.
    ("INVALID_REQUEST", ProcessingError),
    ("MALFORMED_REQUEST", ProcessingError),
    ("INVALID_PARAMETER_SYNTAX", ProcessingError),
    ("INVALID_PARAMETER_VALUE", ProcessingError),
    ("INVALID_STRING_LENGTH", ProcessingError),
    ("MISSING_REQUIRED_PARAMETER", ProcessingError),
];

/// The processor's response codes. What is not listed is [`GenericDecline`].
const RESPONSES: &[(&str, DeclineCode)] = &[
    ("00N7", IncorrectCvc),
    ("0390", IncorrectNumber),
    ("0500", DoNotHonor),
    ("0960", ProcessingError),
    ("1320", CurrencyNotSupported),
    ("1330", IncorrectNumber),
    ("1350", GatewayMisconfigured),
    ("1370", GatewayMisconfigured),
    ("1380", ExpiredCard),
    ("1382", IncorrectCvc),
    ("5110", IncorrectCvc),
    ("5120", InsufficientFunds),
    ("5140", DoNotHonor),
    ("5160", DoNotHonor),
    ("5180", CardNotSupported),
    ("5400", ExpiredCard),
    ("5650", AuthenticationRequired),
    ("5700", CardNotSupported),
    ("5710", CardVelocityExceeded),
    ("5910", TryAgainLater),
    ("5920", TryAgainLater),
    ("6300", IncorrectNumber),
    ("7700", AuthenticationFailed),
    ("7710", AuthenticationFailed),
    ("7800", IncorrectNumber),
    ("8000", ProcessingError),
    ("8010", ProcessingError),
    ("8020", GatewayMisconfigured),
    ("8030", CardNotSupported),
    ("8100", ProcessingError),
    ("8110", ProcessingError),
    ("8220", ProcessingError),
    ("9100", TryAgainLater),
    ("9500", Fraudulent),
    ("9510", Fraudulent),
    ("9520", LostCard),
    ("9540", CardNotSupported),
];

fn find(table: &[(&str, DeclineCode)], code: &str) -> DeclineCode {
    table.iter().find(|(known, _)| *known == code).map_or(GenericDecline, |(_, decline)| *decline)
}

/// The code of a refused call.
pub(super) fn of_refusal(refusal: &Refusal) -> DeclineCode {
    if refusal.is_configuration() { GatewayMisconfigured } else { find(ISSUES, refusal.code()) }
}

/// The code of a capture or an authorisation that was declined, with PayPal's own for it.
pub(super) fn of_payment(payment: &Value) -> (DeclineCode, Option<String>) {
    let text = |pointer: &str| payment.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
    if let Some(code) = text("/processor_response/response_code") {
        return (find(RESPONSES, &code), Some(code));
    }
    (GenericDecline, text("/status_details/reason").or_else(|| text("/status")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_code_stands_once() {
        for table in [ISSUES, RESPONSES] {
            let mut codes: Vec<_> = table.iter().map(|(code, _)| *code).collect();
            codes.sort_unstable();
            codes.dedup();
            assert_eq!(codes.len(), table.len());
        }
    }

    #[test]
    fn declined_payments_tell_the_processor_before_the_status() {
        let of = |payment: Value| of_payment(&payment);
        let funds = json!({ "status": "DECLINED", "processor_response": { "response_code": "5120" } });
        assert_eq!(of(funds), (InsufficientFunds, Some("5120".into())));
        let new = json!({ "status": "DECLINED", "processor_response": { "response_code": "PPXX" } });
        assert_eq!(of(new), (GenericDecline, Some("PPXX".into())));
        let detail = json!({ "status": "DECLINED", "status_details": { "reason": "BUYER_COMPLAINT" } });
        assert_eq!(of(detail), (GenericDecline, Some("BUYER_COMPLAINT".into())));
        assert_eq!(of(json!({ "status": "FAILED" })), (GenericDecline, Some("FAILED".into())));
    }
}
