//! PayPal: Orders v2, Payments v2, the vault, disputes, webhooks and Transaction Search.
//!
//! The customer approves an order on PayPal's own page, and comes back; then the order is captured (or authorised). Making an
//! order takes nothing, and nobody but its maker can capture it. So a charge has two halves:
//! [`Charges::charge`](crate::Charges::charge) makes the order and can't take money whatever happens to it, and
//! [`Charges::resume`](crate::Charges::resume) takes the money, once. A saved method needs no approval: its order is made by
//! [`Prepares`](crate::Prepares) and paid by [`Charges::charge`](crate::Charges::charge) (see `saved`).
//!
//! An approved order that nobody comes back from is not captured: whoever asks ([`Lookup`](crate::Lookup)) takes nothing. The event
//! `CHECKOUT.ORDER.APPROVED` names the charge, and [`Charges::resume`](crate::Charges::resume) takes the money then as well; until it is
//! called, the charge waits for the customer ([`ChargeState::RequiresAction`](crate::ChargeState::RequiresAction)), approved or not.
//!
//! Names: the order's id is the charge's name, from beginning to end. The authorisation, the capture and the refunds stand in the
//! order and are looked up there each time. `custom_id` of the order and of a refund is our key. A kept method is named by its payment
//! token, its customer as PayPal names them (see `vault`).
//!
//! What PayPal documents:
//! - <https://developer.paypal.com/docs/api/orders/v2/>, <https://developer.paypal.com/docs/api/payments/v2/>: the versions stand in
//!   the paths. An order has to be approved, and captured, within three hours each.
//! - <https://developer.paypal.com/api/rest/reference/idempotency/>: `PayPal-Request-Id` is remembered for 6 hours by Orders and for
//!   45 days by Payments. After that PayPal's own rules guard: an order is captured or authorised once
//!   (`ORDER_ALREADY_CAPTURED`, `ORDER_ALREADY_AUTHORIZED`).
//! - <https://developer.paypal.com/payment-methods/auth-honor>: an authorisation stands for 29 days, and PayPal vouches for the
//!   funds in the first three. `capture_before` is the end of the 29 days, as the answer tells it; a capture after the third day may
//!   be declined. Paydeck does not reauthorise: a reauthorisation is decided as a capture is, by the funds there are at that moment, so
//!   that one right before a capture gains nothing, and leaves a second authorisation behind when the capture fails. It pays only every
//!   few days, to hold the funds anew for a capture that is yet to come, and whether to do that is the merchant's decision. What a
//!   merchant reauthorises at PayPal's site is captured by its newest authorisation.
//! - <https://developer.paypal.com/docs/api/transaction-search/v1/>: see `listing`.
//! - <https://developer.paypal.com/docs/api/payment-tokens/v3/>: see `vault`.
//! - <https://developer.paypal.com/docs/api/customer-disputes/v1/>: see `disputes`.
//! - <https://developer.paypal.com/api/rest/webhooks/rest/>: see `events`.

mod api;
mod captures;
mod certificate;
mod charges;
mod check;
mod decline;
mod disputes;
mod events;
mod listing;
mod lookup;
mod money;
mod order;
mod refunds;
mod saved;
mod time;
mod token;
mod traits;
mod vault;

use crate::http::Http;
use std::fmt;

/// The provider's key.
pub const KEY: &str = "paypal";

/// The one method.
const METHOD: &str = "paypal";
/// The app's client id.
const CLIENT_ID: &str = "client_id";
/// The app's secret.
const CLIENT_SECRET: &str = "client_secret";
/// The id of the webhook, which PayPal gives when the address is subscribed. Without it no event is believed.
const WEBHOOK_ID: &str = "webhook_id";

/// Live.
const LIVE: &str = "https://api-m.paypal.com";
/// PayPal's sandbox.
const TEST: &str = "https://api-m.sandbox.paypal.com";
/// Where an order is approved; `?token=` and the order's id follow.
const LIVE_APPROVAL: &str = "https://www.paypal.com/checkoutnow";
/// The same in the sandbox.
const TEST_APPROVAL: &str = "https://www.sandbox.paypal.com/checkoutnow";

/// PayPal's gateway.
pub struct PayPal {
    http: Http,
    base: Option<String>,
    tokens: token::Tokens,
    certificates: certificate::Certificates,
}

impl PayPal {
    /// PayPal, asked over this client. Without a base address, each mode has PayPal's own; with one, for instance a simulator's,
    /// both use it.
    #[must_use]
    pub fn new(http: Http, base: Option<String>) -> Self {
        let base = base.map(|base| base.trim_end_matches('/').to_owned());
        Self { http, base, tokens: token::Tokens::default(), certificates: certificate::Certificates::default() }
    }

    /// The address that paths are put behind.
    fn base(&self, livemode: bool) -> &str {
        match &self.base {
            Some(base) => base,
            None if livemode => LIVE,
            None => TEST,
        }
    }

    /// Where the customer approves an order, when PayPal's answer does not say it.
    fn approval_page(&self, livemode: bool, order_id: &str) -> String {
        match &self.base {
            Some(base) => format!("{base}/checkoutnow?token={order_id}"),
            None if livemode => format!("{LIVE_APPROVAL}?token={order_id}"),
            None => format!("{TEST_APPROVAL}?token={order_id}"),
        }
    }
}

impl fmt::Debug for PayPal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PayPal").field("base", &self.base).finish_non_exhaustive()
    }
}

/// Whether a text can be one of PayPal's ids, so that it may stand in a path.
fn is_id(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// The same for the names of kept methods, of their customers and of setup tokens:
/// <https://developer.paypal.com/docs/api/payment-tokens/v3/#definition-vault_id>.
fn is_token(text: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    (1..=255).contains(&text.len()) && text.bytes().all(is_part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_mode_has_its_address_unless_the_operator_gives_one() {
        let http = Http::new().unwrap();
        let own = PayPal::new(http.clone(), None);
        assert_eq!((own.base(true), own.base(false)), (LIVE, TEST));
        assert_eq!(own.approval_page(true, "A1"), "https://www.paypal.com/checkoutnow?token=A1");
        assert_eq!(own.approval_page(false, "A1"), "https://www.sandbox.paypal.com/checkoutnow?token=A1");
        let given = PayPal::new(http, Some("http://127.0.0.1:9000/".to_owned()));
        assert_eq!((given.base(true), given.base(false)), ("http://127.0.0.1:9000", "http://127.0.0.1:9000"));
        assert_eq!(given.approval_page(true, "A1"), "http://127.0.0.1:9000/checkoutnow?token=A1");
    }

    #[test]
    fn what_can_not_be_an_id_is_in_no_path() {
        assert!(is_id("5O190127TN364715T") && is_id("0AA-1"));
        let long = "A".repeat(65);
        for text in ["", "..", "a/b", "a?b", "a%2Fb", "a b", "\u{e9}", long.as_str()] {
            assert!(!is_id(text), "{text}");
        }
        let (longest, long) = ("a".repeat(255), "a".repeat(256));
        assert!(is_token("8kk8451t") && is_token("customer_4029352050") && is_token(&longest));
        for text in ["", "..", "a/b", "a?b", "a b", "\u{e9}", long.as_str()] {
            assert!(!is_token(text), "{text}");
        }
    }
}
