//! Payment gateways: one small trait per capability, one folder per provider.
//!
//! A provider implements [`Gateway`], which says for every capability whether it has it: no trait has a silent default, so
//! that a new capability makes the compiler ask each provider. Nothing here knows a database, a clock or chance: the time
//! comes with each [`Call`], and the sandbox's own table stands behind [`sandbox::SandboxBook`].
//!
//! What must hold for every provider:
//! - [`GatewayFailure::NotSent`] is said only when the gateway certainly did nothing. Whatever is doubtful is
//!   [`GatewayFailure::Unknown`], and the reconciler finds out in the way that [`Gateway::finds_out`] declares.
//! - A definite no of the gateway is no failure: it is a reply, [`ChargeState::Declined`] or [`RefundState::Failed`].
//! - The same idempotency key never charges or refunds twice.
#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod bank_transfer;
pub mod call;
pub mod card;
pub mod credentials;
pub mod currencies;
pub mod events;
pub mod gateway;
pub mod http;
pub mod paypal;
pub mod registry;
pub mod reply;
pub mod sandbox;
#[cfg(feature = "scripted")]
pub mod scripted;
pub mod signature;
pub mod square;
pub mod stripe;

pub use call::{
    Call, ChargeRequest, Initiator, Keep, MethodInput, RefundRequest, SavedMethod, SetUpRequest, Wanted, Window,
};
pub use credentials::Credentials;
pub use events::{About, EventHint, EventRefused, Events, Incoming};
pub use gateway::{
    Abandons, Captures, Challenges, Charges, ConnectionCheck, Disputes, FindsOut, Gateway, LISTING_SETTLES, Listing,
    Lookup, Prepares, Refunds, Saves,
};
pub use registry::Registry;
pub use reply::{
    CardFacts, Challenge, ChargeReply, ChargeState, CheckCode, DisputeReply, GatewayFailure, ListPage, ListedCharge,
    ListedRefund, RefundListPage, RefundReply, RefundState, SetUpReply, SetUpState,
};

/// The external crate that keeps secrets out of logs; callers make a [`MethodInput::Card`] with it.
pub use secrecy;

/// Providers that exist in builds for tests alone: the connector to a scriptable gateway, when `PAYDECK_TEST_GATEWAY` names its
/// address. None in a release build, and none where the feature `scripted` is off.
#[must_use]
pub fn for_tests() -> Vec<std::sync::Arc<dyn Gateway>> {
    #[cfg(all(feature = "scripted", debug_assertions))]
    if let Some(connector) = scripted::Scripted::from_environment() {
        return vec![std::sync::Arc::new(connector)];
    }
    Vec::new()
}
