//! Square: cards through the fields of its Web Payments SDK, or on its own page by a payment link.
//!
//! Documentation: <https://developer.squareup.com/reference/square/payments-api> (payments),
//! <https://developer.squareup.com/reference/square/refunds-api> (refunds),
//! <https://developer.squareup.com/reference/square/checkout-api> (payment links),
//! <https://developer.squareup.com/reference/square/cards-api> and
//! <https://developer.squareup.com/reference/square/customers-api> (kept cards),
//! <https://developer.squareup.com/reference/square/disputes-api> (disputes),
//! <https://developer.squareup.com/docs/webhooks/overview> (events),
//! <https://developer.squareup.com/docs/web-payments/overview> (the fields). Field lengths are those of Square's published
//! API specification (<https://github.com/square/connect-api-specification>).
//!
//! How it is used:
//! - A location charges in its own currency only; a charge in another one is [`DeclineCode::CurrencyNotSupported`].
//! - Our key is the idempotency key of every call that takes one. Square has no such key for completing and cancelling a
//!   payment by its name: both can be done once only, and completing also carries the payment's version.
//! - A payment carries our key as `reference_id`, where it fits, and always in its `note`; a refund in its `reason`
//!   (`names.rs`). Sellers see these texts.
//! - 3-D Secure happens in the browser, inside the SDK's `tokenize`: the server never sends a customer to a bank.
//! - Square tells a lost outcome by cancelling the key (`/v2/payments/cancel`). See `lookup.rs` for what that is worth.
//! - A payment link takes money at once: Square has no link that only authorises
//!   (<https://developer.squareup.com/forums/t/payment-link-with-authorization-only/11076>), so that
//!   [`MethodInput::Page`](crate::MethodInput::Page) without capture is declined as
//!   [`DeclineCode::CardNotSupported`] before anything is sent.
//! - A card is kept after the payment, and of the payment (`keeping.rs`): of the fields' as well as of a link's. Where banks want
//!   to be asked, a link's card can't be kept, for Square's page asks them about the payment alone. Without a payment, only the
//!   fields' cards can be kept (`saves.rs`).
//!
//! The access token needs `PAYMENTS_READ`, `PAYMENTS_WRITE`, `ORDERS_READ`, `ORDERS_WRITE` and `MERCHANT_PROFILE_READ`, for
//! kept cards `CUSTOMERS_READ` and `CUSTOMERS_WRITE` too, and for disputes `DISPUTES_READ`.
//!
//! [`DeclineCode::CurrencyNotSupported`]: domain::decline::DeclineCode::CurrencyNotSupported
//! [`DeclineCode::CardNotSupported`]: domain::decline::DeclineCode::CardNotSupported

mod amount;
mod api;
mod captures;
mod cards;
mod charges;
mod check;
mod customers;
mod disputes;
mod errors;
mod events;
mod fields;
mod keeping;
mod links;
mod listing;
mod lookup;
mod names;
mod refunds;
mod reply;
mod saves;
mod times;
mod wire;

use crate::http::Http;
use crate::{
    Abandons, Captures, Challenges, Charges, ConnectionCheck, Disputes, Events, FindsOut, Gateway, Listing, Lookup,
    Prepares, Refunds, Saves,
    currencies::{self, Counting},
};
use domain::Currency;
use domain::views::gateway::{CredentialField, Provider};

/// The provider's key.
pub const KEY: &str = "square";

/// Square's API of live mode.
const LIVE: &str = "https://connect.squareup.com";
/// Square's API of test mode: its sandbox.
const TEST: &str = "https://connect.squareupsandbox.com";

/// The application's name, which stands in the page.
const APPLICATION_ID: &str = "application_id";
/// What opens the API.
const ACCESS_TOKEN: &str = "access_token";
/// The place of business that charges.
const LOCATION_ID: &str = "location_id";
/// What events are signed with.
const SIGNATURE_KEY: &str = "webhook_signature_key";

/// The connector to Square.
#[derive(Debug, Clone)]
pub struct Square {
    http: Http,
    base: Option<String>,
}

impl Square {
    /// A connector. Without a base address each mode has Square's own; with one, both modes use it.
    #[must_use]
    pub fn new(http: Http, base: Option<String>) -> Self {
        Self { http, base: base.map(|base| base.trim_end_matches('/').to_owned()) }
    }

    fn base(&self, livemode: bool) -> &str {
        self.base.as_deref().unwrap_or(if livemode { LIVE } else { TEST })
    }
}

impl Gateway for Square {
    fn key(&self) -> &'static str {
        KEY
    }

    fn describe(&self) -> Provider {
        let field = |name: &str, secret, required| CredentialField { name: name.to_owned(), secret, required };
        let capabilities = [
            "refund",
            "partial_refund",
            "authorize",
            "capture",
            "void",
            "list",
            "events",
            "redirect",
            "fields",
            "save",
            "disputes",
        ];
        Provider {
            key: KEY.to_owned(),
            methods: vec!["card".to_owned()],
            fields: vec![
                field(APPLICATION_ID, false, true),
                field(ACCESS_TOKEN, true, true),
                field(LOCATION_ID, false, true),
                field(SIGNATURE_KEY, true, false),
            ],
            capabilities: capabilities.map(str::to_owned).to_vec(),
        }
    }

    fn counts(&self, currency: Currency) -> Option<Counting> {
        currencies::square(currency)
    }

    fn charges(&self) -> &dyn Charges {
        self
    }

    /// None: a payment charges as it is made, and a link takes nothing until somebody opens it.
    fn prepares(&self) -> Option<&dyn Prepares> {
        None
    }

    fn abandons(&self) -> Option<&dyn Abandons> {
        Some(self)
    }

    fn captures(&self) -> Option<&dyn Captures> {
        Some(self)
    }

    fn refunds(&self) -> Option<&dyn Refunds> {
        Some(self)
    }

    fn finds_out(&self) -> FindsOut {
        FindsOut::ByCancellingKey
    }

    fn lookup(&self) -> Option<&dyn Lookup> {
        Some(self)
    }

    fn listing(&self) -> Option<&dyn Listing> {
        Some(self)
    }

    fn events(&self) -> Option<&dyn Events> {
        Some(self)
    }

    fn saves(&self) -> Option<&dyn Saves> {
        Some(self)
    }

    fn disputes(&self) -> Option<&dyn Disputes> {
        Some(self)
    }

    fn check(&self) -> &dyn ConnectionCheck {
        self
    }

    /// None: banks have pages of their own, which the SDK opens.
    fn challenges(&self) -> Option<&dyn Challenges> {
        None
    }
}
