//! PayPal as a [`Gateway`].

use super::{CLIENT_ID, CLIENT_SECRET, KEY, METHOD, PayPal, WEBHOOK_ID};
use crate::{
    Abandons, Captures, Challenges, Charges, ConnectionCheck, Disputes, Events, FindsOut, Gateway, Listing, Lookup,
    Prepares, Refunds, Saves,
    currencies::{self, Counting},
};
use domain::Currency;
use domain::views::gateway::{CredentialField, Provider};

impl Gateway for PayPal {
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
            "save",
            "disputes",
        ];
        Provider {
            key: KEY.to_owned(),
            methods: vec![METHOD.to_owned()],
            fields: vec![
                field(CLIENT_ID, false, true),
                field(CLIENT_SECRET, true, true),
                field(WEBHOOK_ID, false, false),
            ],
            capabilities: capabilities.map(str::to_owned).to_vec(),
        }
    }

    fn counts(&self, currency: Currency) -> Option<Counting> {
        currencies::paypal(currency)
    }

    fn charges(&self) -> &dyn Charges {
        self
    }

    /// For saved methods: their order is named before it is charged.
    fn prepares(&self) -> Option<&dyn Prepares> {
        Some(self)
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
        FindsOut::ById
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

    /// None: the payer confirms on PayPal's page.
    fn challenges(&self) -> Option<&dyn Challenges> {
        None
    }
}
