//! What Stripe can do.

use super::{KEY, PUBLISHABLE_KEY, SECRET_KEY, Stripe, WEBHOOK_SECRET};
use crate::{
    Abandons, Captures, Challenges, Charges, ConnectionCheck, Disputes, Events, FindsOut, Gateway, Listing, Lookup,
    Prepares, Refunds, Saves,
    currencies::{self, Counting},
};
use domain::Currency;
use domain::views::gateway::{CredentialField, Provider};

impl Gateway for Stripe {
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
                field(PUBLISHABLE_KEY, false, true),
                field(SECRET_KEY, true, true),
                field(WEBHOOK_SECRET, true, false),
            ],
            capabilities: capabilities.map(str::to_owned).to_vec(),
        }
    }

    fn counts(&self, currency: Currency) -> Option<Counting> {
        currencies::stripe(currency)
    }

    fn charges(&self) -> &dyn Charges {
        self
    }

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

    /// By name, or without one by our key in lists that are exact at once.
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

    /// None: banks' pages are their own.
    fn challenges(&self) -> Option<&dyn Challenges> {
        None
    }
}
