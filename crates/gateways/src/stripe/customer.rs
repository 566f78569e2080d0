//! Customers of Stripe's, whom kept methods belong to (<https://docs.stripe.com/api/customers>).
//!
//! There is one for each customer of ours. It is looked for by our name in its metadata, and made under a key that is the same for
//! every operation: search may be late by a minute or more (<https://docs.stripe.com/search#data-freshness>), and a key holds for a
//! day. Between them, an answer that is lost does not leave two.

use super::wire::{Fields, Heard, MISSING, Refused, field, is_name, note, text};
use super::{META_CUSTOMER, Stripe};
use crate::{Call, ChargeRequest, GatewayFailure, Keep, MethodInput};
use serde_json::Value;
use sha2::{Digest, Sha256};

/// What the name of a customer begins with, Stripe's as well as ours.
pub(super) const PREFIX: &str = "cus_";

/// Whose a charge is at Stripe, and whether it keeps its method.
#[derive(Debug, Default)]
pub(super) struct Owner {
    /// Stripe's name for the customer.
    pub(super) customer: Option<String>,
    /// Whether the method is to be kept.
    pub(super) keeps: bool,
    /// What is put after a key: another request is another key.
    pub(super) suffix: &'static str,
}

impl Owner {
    /// Nobody's, although a method was to be kept: the charge counts more.
    pub(super) const UNKEPT: Self = Self { customer: None, keeps: false, suffix: "-unkept" };

    /// Whether a refusal is about keeping and nothing else.
    pub(super) fn is_refused(&self, refused: &Refused) -> bool {
        let param = refused.param.as_deref().unwrap_or_default();
        self.keeps && (param == "customer" || param.contains("setup_future_usage"))
    }

    /// What says so in the request for a PaymentIntent.
    pub(super) fn form(&self) -> Fields {
        let mut form = Fields::new();
        form.extend(self.customer.as_deref().map(|customer| field("customer", customer)));
        if self.keeps {
            form.push(field("setup_future_usage", "off_session"));
        }
        form
    }
}

impl Stripe {
    /// Whose a charge is. A customer that can't be made keeps nobody from paying.
    pub(super) async fn owner(&self, call: &Call, request: &ChargeRequest) -> Owner {
        match (&request.method, &request.keep) {
            // Kept already.
            (MethodInput::Saved(saved), _) => Owner { customer: saved.customer.clone(), ..Owner::default() },
            (_, Some(keep)) => match self.customer(call, keep, request.email.as_deref()).await {
                Ok(Ok(customer)) => Owner { customer: Some(customer), keeps: true, suffix: "" },
                Ok(Err(_)) | Err(_) => Owner::UNKEPT,
            },
            (_, None) => Owner::default(),
        }
    }

    /// Stripe's name for a customer: the one that is known, found or made.
    pub(super) async fn customer(&self, call: &Call, keep: &Keep, email: Option<&str>) -> Heard<String> {
        if let Some(known) = keep.gateway_customer.as_deref().filter(|name| is_name(name, PREFIX)) {
            match self.get(call, &format!("/v1/customers/{known}"), &Fields::new()).await {
                // Deleted there: another one is made.
                Ok(Ok(found)) if is_deleted(&found.value) => {}
                Ok(Err(refused)) if refused.is(MISSING) => {}
                // Without an answer it is what it was; what is made for it will show.
                Ok(_) | Err(_) => return Ok(Ok(known.to_owned())),
            }
        }
        if let Some(found) = self.found_customer(call, &keep.customer).await {
            return Ok(Ok(found));
        }
        let mut form = vec![field(&format!("metadata[{META_CUSTOMER}]"), keep.customer.as_str())];
        form.extend(email.map(|email| field("email", email)));
        Ok(match self.post(call, "/v1/customers", &key(&keep.customer, email), &form).await? {
            Ok(made) => Ok(name(&made.value).ok_or_else(|| GatewayFailure::unknown("no name in the answer"))?),
            Err(refused) => Err(refused),
        })
    }

    /// A customer with our name. None as well where Stripe does not search, as for accounts in India
    /// (<https://docs.stripe.com/search>).
    async fn found_customer(&self, call: &Call, ours: &str) -> Option<String> {
        // The name goes into a query: only one of ours does.
        is_name(ours, PREFIX).then_some(())?;
        let query = vec![field("query", format!("metadata['{META_CUSTOMER}']:'{ours}'"))];
        let found = self.get(call, "/v1/customers/search", &query).await.ok()?.ok()?;
        let customers = found.value.get("data")?.as_array()?;
        let is_theirs = |customer: &&Value| note(customer, META_CUSTOMER) == Some(ours) && !is_deleted(customer);
        customers.iter().find(is_theirs).and_then(name)
    }
}

fn is_deleted(customer: &Value) -> bool {
    customer.get("deleted").and_then(Value::as_bool) == Some(true)
}

fn name(customer: &Value) -> Option<String> {
    text(customer, "id").filter(|id| is_name(id, PREFIX)).map(str::to_owned)
}

/// The key under which a customer is made. It holds everything that the request does: the same key never comes with another content.
fn key(ours: &str, email: Option<&str>) -> String {
    let mut digest = Sha256::new();
    for part in [ours, email.unwrap_or_default()] {
        digest.update(part.len().to_be_bytes());
        digest.update(part);
    }
    format!("customer-{}", hex::encode(digest.finalize()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_for_each_request() {
        assert_eq!(key("cus_1", Some("a@example.com")), key("cus_1", Some("a@example.com")));
        assert_ne!(key("cus_1", Some("a@example.com")), key("cus_1", None));
        assert_ne!(key("cus_1", Some("a@example.com")), key("cus_2", Some("a@example.com")));
        assert_ne!(key("cus_1", Some("1")), key("cus_11", None));
        // Stripe takes 255 characters.
        assert!(key("cus_1", None).len() < 100);
        assert!(!key("cus_1", Some("a@example.com")).contains("example"));
    }
}
