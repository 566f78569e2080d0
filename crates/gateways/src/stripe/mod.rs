//! Stripe: cards, by PaymentIntents where the page runs scripts and by Checkout Sessions where it does not.
//!
//! The page's fields are Stripe's own. What they make is a ConfirmationToken, whose name comes back with the form. A PaymentIntent is
//! made first, which takes nothing; its name is stored; then the token confirms it
//! (<https://docs.stripe.com/payments/finalize-payments-on-the-server>). Without scripts the customer goes to a page of Stripe's
//! (<https://docs.stripe.com/payments/checkout>).
//!
//! - A charge is named by its PaymentIntent (`pi_…`), or by its Checkout Session (`cs_…`) until that is complete: from then on
//!   every answer names the PaymentIntent, because refunds, lists and events name nothing else. The old name keeps working.
//! - Our key lies in `metadata` of everything that is made ([`META_KEY`]), and goes along as `Idempotency-Key`
//!   (<https://docs.stripe.com/api/idempotent_requests>), with a suffix where one operation makes several calls.
//! - Stripe repeats the first answer under a used key. Such an answer says where a charge stood then: it is asked again.
//! - A method is kept by the charge that it pays (`setup_future_usage`,
//!   <https://docs.stripe.com/payments/save-during-payment>), or by a SetupIntent without one
//!   (<https://docs.stripe.com/payments/save-and-reuse>); on the page with fields as well as on Stripe's own. It belongs to a Customer
//!   of Stripe's, who carries our name of them in `metadata` ([`META_CUSTOMER`]). A charge that can't keep its method is made all the
//!   same.
//! - Disputes are told by their PaymentIntent; one of a charge that has none is not Paydeck's.
//! - Whatever Stripe answers with a status of 5xx, 409 or 424, or in a form that can't be read, is unknown. A 429 did nothing
//!   (<https://docs.stripe.com/error-low-level>).
//!
//! Shapes are those of the API's version [`VERSION`] (<https://docs.stripe.com/changelog/dahlia>).

mod amount;
mod capture;
mod charge;
mod check;
mod customer;
mod decline;
mod dispute;
mod events;
mod gateway;
mod intent;
mod listing;
mod lookup;
mod refund;
mod saved;
mod session;
mod setup;
mod wire;

use crate::http::Http;

/// The provider's key.
pub const KEY: &str = "stripe";
/// Where Stripe's API is.
pub const BASE: &str = "https://api.stripe.com";
/// The API's version (<https://docs.stripe.com/api/versioning>); sent with every request.
pub const VERSION: &str = "2026-07-29.dahlia";
/// Stripe's script of the same release: a release of the script goes with a release of the API
/// (<https://docs.stripe.com/sdks/stripejs-versioning>).
pub const SCRIPT: &str = "https://js.stripe.com/dahlia/stripe.js";

/// Under which our key stands in `metadata`.
pub const META_KEY: &str = "paydeck_key";
/// Under which our name of the payment stands in `metadata`.
pub const META_PAYMENT: &str = "paydeck_payment";

/// Under which our name of the customer stands in `metadata`.
pub const META_CUSTOMER: &str = "paydeck_customer";

/// Noted on a PaymentIntent that a page of Stripe's makes: while that page is open, a declined card is not the end.
const META_PAGE: &str = "paydeck_page";
/// Noted on a PaymentIntent that is charged in the customer's absence: nobody is there to prove anything to a bank.
const META_ABSENT: &str = "paydeck_absent";

/// The publishable key's field.
const PUBLISHABLE_KEY: &str = "publishable_key";
/// The secret or restricted key's field.
const SECRET_KEY: &str = "secret_key";
/// The field of the secret that events are signed with.
const WEBHOOK_SECRET: &str = "webhook_secret";

/// The connector.
#[derive(Debug, Clone)]
pub struct Stripe {
    http: Http,
    base: String,
}

impl Stripe {
    /// Through this client, at this address ([`BASE`] outside of tests).
    #[must_use]
    pub fn new(http: Http, base: impl Into<String>) -> Self {
        let base: String = base.into();
        Self { http, base: base.trim_end_matches('/').to_owned() }
    }
}
