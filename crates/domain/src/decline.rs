//! Why a gateway said no, in one table for all gateways.
//!
//! Codes are those of Stripe's public documentation of decline codes (<https://docs.stripe.com/declines/codes>), which
//! payment code already knows; the class says what may follow.

use crate::access::named;
use serde::{Deserialize, Serialize};
use std::str::FromStr;

/// What kind of no it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeclineClass {
    /// This card will not work: ask for another.
    Hard,
    /// May work later or elsewhere.
    Soft,
    /// The bank wants the customer to prove who they are.
    Authentication,
    /// The gateway or the network had a fault and did not charge.
    Technical,
    /// The connection is set up wrongly.
    Configuration,
}
named!(DeclineClass { Hard = "hard", Soft = "soft", Authentication = "authentication", Technical = "technical", Configuration = "configuration" });

macro_rules! declines {
    ($($variant:ident = $code:literal $class:ident,)*) => {
        /// Why an attempt was declined. The customer's sentence is `decline.customer.<code>` in the catalogue, the merchant's
        /// `decline.merchant.<code>`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        #[allow(missing_docs)] // each variant is its code
        pub enum DeclineCode { $($variant),* }
        named!(DeclineCode { $($variant = $code),* });
        impl DeclineCode {
            /// What kind of no this is.
            #[must_use]
            pub const fn class(self) -> DeclineClass { match self { $(Self::$variant => DeclineClass::$class),* } }
        }
    };
}

declines! {
    GenericDecline = "generic_decline" Soft,
    InsufficientFunds = "insufficient_funds" Soft,
    LostCard = "lost_card" Hard,
    StolenCard = "stolen_card" Hard,
    ExpiredCard = "expired_card" Hard,
    IncorrectCvc = "incorrect_cvc" Soft,
    IncorrectNumber = "incorrect_number" Hard,
    ProcessingError = "processing_error" Technical,
    CardVelocityExceeded = "card_velocity_exceeded" Soft,
    Fraudulent = "fraudulent" Hard,
    SavedMethodGone = "saved_method_gone" Hard,
    AuthenticationRequired = "authentication_required" Authentication,
    AuthenticationFailed = "authentication_failed" Authentication,
    AuthenticationAbandoned = "authentication_abandoned" Authentication,
    CardNotSupported = "card_not_supported" Hard,
    CurrencyNotSupported = "currency_not_supported" Hard,
    DoNotHonor = "do_not_honor" Soft,
    TryAgainLater = "try_again_later" Soft,
    GatewayUnavailable = "gateway_unavailable" Technical,
    GatewayMisconfigured = "gateway_misconfigured" Configuration,
}
