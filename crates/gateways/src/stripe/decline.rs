//! Why Stripe says no: its decline codes (<https://docs.stripe.com/declines/codes>) and the error codes that mean a card or a set-up
//! (<https://docs.stripe.com/error-codes>).

use super::wire::Refused;
use crate::{ChargeReply, ChargeState, GatewayFailure};
use domain::decline::DeclineCode;
use serde_json::Value;

/// Stripe's codes that say more than a general no. Those that Stripe itself explains by "unknown reason" are the bank's plain no.
#[rustfmt::skip]
const CODES: [(&str, DeclineCode); 68] = [
    // Decline codes of cards, as that page lists them.
    ("authentication_required", DeclineCode::AuthenticationRequired),
    ("authentication_not_handled", DeclineCode::AuthenticationRequired),
    ("mobile_device_authentication_required", DeclineCode::AuthenticationRequired),
    ("offline_pin_required", DeclineCode::AuthenticationRequired),
    ("online_or_offline_pin_required", DeclineCode::AuthenticationRequired),
    ("approve_with_id", DeclineCode::DoNotHonor),
    ("call_issuer", DeclineCode::DoNotHonor),
    ("card_not_supported", DeclineCode::CardNotSupported),
    ("card_velocity_exceeded", DeclineCode::CardVelocityExceeded),
    ("currency_not_supported", DeclineCode::CurrencyNotSupported),
    ("do_not_honor", DeclineCode::DoNotHonor),
    ("do_not_try_again", DeclineCode::DoNotHonor),
    ("duplicate_transaction", DeclineCode::GenericDecline),
    ("expired_card", DeclineCode::ExpiredCard),
    ("fraudulent", DeclineCode::Fraudulent),
    ("generic_decline", DeclineCode::GenericDecline),
    ("incorrect_address", DeclineCode::GenericDecline),
    ("incorrect_cvc", DeclineCode::IncorrectCvc),
    ("incorrect_number", DeclineCode::IncorrectNumber),
    ("incorrect_pin", DeclineCode::AuthenticationFailed),
    ("incorrect_zip", DeclineCode::GenericDecline),
    ("insufficient_funds", DeclineCode::InsufficientFunds),
    ("invalid_account", DeclineCode::CardNotSupported),
    ("invalid_amount", DeclineCode::CardVelocityExceeded),
    ("invalid_cvc", DeclineCode::IncorrectCvc),
    ("invalid_expiry_month", DeclineCode::ExpiredCard),
    ("invalid_expiry_year", DeclineCode::ExpiredCard),
    ("invalid_number", DeclineCode::IncorrectNumber),
    ("invalid_pin", DeclineCode::AuthenticationFailed),
    ("issuer_not_available", DeclineCode::TryAgainLater),
    ("lost_card", DeclineCode::LostCard),
    // Stripe asks not to tell the customer that a rule of the merchant's matched.
    ("merchant_blacklist", DeclineCode::GenericDecline),
    ("new_account_information_available", DeclineCode::CardNotSupported),
    ("no_action_taken", DeclineCode::DoNotHonor),
    ("not_permitted", DeclineCode::CardNotSupported),
    // The bank keeps the card: reported lost or stolen, but which is not said.
    ("pickup_card", DeclineCode::StolenCard),
    ("pin_try_exceeded", DeclineCode::CardVelocityExceeded),
    ("processing_error", DeclineCode::ProcessingError),
    ("reenter_transaction", DeclineCode::TryAgainLater),
    ("restricted_card", DeclineCode::CardNotSupported),
    ("revocation_of_all_authorizations", DeclineCode::DoNotHonor),
    ("revocation_of_authorization", DeclineCode::DoNotHonor),
    ("security_violation", DeclineCode::DoNotHonor),
    ("service_not_allowed", DeclineCode::DoNotHonor),
    ("stolen_card", DeclineCode::StolenCard),
    ("stop_payment_order", DeclineCode::DoNotHonor),
    // A test number where real money may move.
    ("testmode_decline", DeclineCode::CardNotSupported),
    ("transaction_not_allowed", DeclineCode::DoNotHonor),
    ("try_again_later", DeclineCode::TryAgainLater),
    ("withdrawal_count_limit_exceeded", DeclineCode::CardVelocityExceeded),
    // Error codes that are about the card or the customer.
    ("card_decline_rate_limit_exceeded", DeclineCode::CardVelocityExceeded),
    ("invalid_card_type", DeclineCode::CardNotSupported),
    ("payment_intent_authentication_failure", DeclineCode::AuthenticationFailed),
    ("payment_intent_payment_attempt_expired", DeclineCode::AuthenticationAbandoned),
    ("payment_intent_incompatible_payment_method", DeclineCode::CardNotSupported),
    ("payment_method_not_available", DeclineCode::TryAgainLater),
    ("payment_method_provider_timeout", DeclineCode::TryAgainLater),
    ("setup_intent_authentication_failure", DeclineCode::AuthenticationFailed),
    ("setup_intent_setup_attempt_expired", DeclineCode::AuthenticationAbandoned),
    ("payment_method_currency_mismatch", DeclineCode::CurrencyNotSupported),
    // Error codes that are about the merchant's account or keys.
    ("account_invalid", DeclineCode::GatewayMisconfigured),
    ("api_key_expired", DeclineCode::GatewayMisconfigured),
    ("livemode_mismatch", DeclineCode::GatewayMisconfigured),
    ("payment_method_unactivated", DeclineCode::GatewayMisconfigured),
    ("platform_api_key_expired", DeclineCode::GatewayMisconfigured),
    ("secret_key_required", DeclineCode::GatewayMisconfigured),
    ("storer_capability_not_active", DeclineCode::GatewayMisconfigured),
    ("testmode_charges_only", DeclineCode::GatewayMisconfigured),
];

/// Error codes that say that this amount can't be charged.
const AMOUNTS: [&str; 4] =
    ["amount_too_large", "amount_too_small", "charge_exceeds_transaction_limit", "invalid_charge_amount"];

/// The code in the table.
fn known(code: Option<&str>) -> Option<DeclineCode> {
    CODES.iter().find(|(name, _)| Some(*name) == code).map(|(_, decline)| *decline)
}

/// Why a card was declined: the bank's reason counts more than Stripe's kind of error. What is not known is a general no.
pub(super) fn of(decline_code: Option<&str>, code: Option<&str>) -> DeclineCode {
    match decline_code {
        Some(reason) => known(Some(reason)),
        None => known(code),
    }
    .unwrap_or(DeclineCode::GenericDecline)
}

/// Why the last attempt of a PaymentIntent failed (`last_payment_error`).
pub(super) fn of_error(error: &Value) -> DeclineCode {
    of(super::wire::text(error, "decline_code"), super::wire::text(error, "code"))
}

/// What a refused charge means: a no that is definite, or a request that was never right, which did nothing.
pub(super) fn of_refused(refused: &Refused, gateway_ref: Option<&str>) -> Result<ChargeReply, GatewayFailure> {
    code_of_refused(refused).map(|code| declined(code, refused, gateway_ref))
}

/// The same, as a code alone.
pub(super) fn code_of_refused(refused: &Refused) -> Result<DeclineCode, GatewayFailure> {
    let code = refused.code.as_deref();
    let about_currency = refused.param.as_deref().is_some_and(|param| param.contains("currency"));
    Ok(match refused.status {
        401 | 403 => DeclineCode::GatewayMisconfigured,
        402 => of(refused.decline_code.as_deref(), code),
        _ if code.is_some_and(|code| AMOUNTS.contains(&code)) => DeclineCode::GenericDecline,
        _ if about_currency => DeclineCode::CurrencyNotSupported,
        _ => known(code).ok_or_else(|| GatewayFailure::not_sent(refused.reason()))?,
    })
}

/// A no with Stripe's words.
pub(super) fn declined(code: DeclineCode, refused: &Refused, gateway_ref: Option<&str>) -> ChargeReply {
    ChargeReply {
        gateway_ref: gateway_ref.map(str::to_owned),
        state: ChargeState::Declined(code),
        card: None,
        saved: None,
        raw_code: refused.raw_code(),
        raw_message: refused.message.clone(),
    }
}

/// A no that Stripe was not even asked about.
pub(super) const fn unasked(code: DeclineCode) -> ChargeReply {
    ChargeReply {
        gateway_ref: None,
        state: ChargeState::Declined(code),
        card: None,
        saved: None,
        raw_code: None,
        raw_message: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::decline::DeclineClass;

    #[test]
    fn no_code_stands_twice() {
        for (place, (code, _)) in CODES.iter().enumerate() {
            assert!(!CODES[..place].iter().any(|(other, _)| other == code), "{code}");
        }
    }

    #[test]
    fn the_bank_counts_more_than_the_kind_of_error() {
        assert_eq!(of(Some("insufficient_funds"), Some("card_declined")), DeclineCode::InsufficientFunds);
        assert_eq!(of(None, Some("expired_card")), DeclineCode::ExpiredCard);
        assert_eq!(of(None, Some("card_declined")), DeclineCode::GenericDecline);
        // A reason that is new is not replaced by what the kind of error would mean.
        assert_eq!(of(Some("brand_new"), Some("expired_card")), DeclineCode::GenericDecline);
        assert_eq!(of(None, None), DeclineCode::GenericDecline);
    }

    #[test]
    fn classes_say_what_may_follow() {
        for (code, class) in [
            ("lost_card", DeclineClass::Hard),
            ("pickup_card", DeclineClass::Hard),
            ("fraudulent", DeclineClass::Hard),
            ("insufficient_funds", DeclineClass::Soft),
            ("issuer_not_available", DeclineClass::Soft),
            ("authentication_required", DeclineClass::Authentication),
            ("processing_error", DeclineClass::Technical),
        ] {
            assert_eq!(of(Some(code), Some("card_declined")).class(), class, "{code}");
        }
    }

    #[test]
    fn a_refusal_is_a_no_or_did_nothing() {
        let refused = |status, code: Option<&str>, param: Option<&str>| Refused {
            status,
            code: code.map(str::to_owned),
            param: param.map(str::to_owned),
            ..Refused::default()
        };
        let means = |refused: &Refused| of_refused(refused, None).map(|reply| reply.state);
        for (error, code) in [
            (refused(401, None, None), DeclineCode::GatewayMisconfigured),
            (refused(403, None, None), DeclineCode::GatewayMisconfigured),
            (refused(402, Some("card_declined"), None), DeclineCode::GenericDecline),
            (refused(400, Some("amount_too_small"), Some("amount")), DeclineCode::GenericDecline),
            (refused(400, None, Some("currency")), DeclineCode::CurrencyNotSupported),
            (refused(400, None, Some("line_items[0][price_data][currency]")), DeclineCode::CurrencyNotSupported),
            (refused(400, Some("testmode_charges_only"), None), DeclineCode::GatewayMisconfigured),
        ] {
            assert_eq!(means(&error), Ok(ChargeState::Declined(code)), "{error:?}");
        }
        assert_eq!(
            means(&refused(404, Some("resource_missing"), Some("confirmation_token"))),
            Err(GatewayFailure::not_sent("status 404: resource_missing (confirmation_token)"))
        );
    }
}
