//! Square's customers, to whom the cards belong that it keeps
//! (<https://developer.squareup.com/reference/square/customers-api>).
//!
//! A customer is looked for by our own name for them, which Square keeps as `reference_id`. What was made a moment ago may not
//! be found yet: Square says "well under 30 seconds". So the key of making one is a digest of whose it is and what is sent, and
//! not of the operation: asked again, Square answers with the customer that it made.
//!
//! Square wants a name or an address for a customer, and finds none that has neither: one without an address has our own
//! name for them as a given name.

use super::api::{Said, lacks};
use super::errors::{Refusal, Verdict};
use super::{Square, names};
use crate::{Call, GatewayFailure, Keep};
use reqwest::Method;
use serde_json::json;
use std::time::Duration;

/// The longest address of a customer.
const EMAIL_MAX: usize = 254;

impl Square {
    /// Square's name for a customer of ours, who is made when there is none. Square's own name in `keep` is one that Square
    /// does not know any more.
    ///
    /// # Errors
    /// [`GatewayFailure`]: no usable answer.
    pub(super) async fn customer(
        &self,
        call: &Call,
        keep: &Keep,
        email: Option<&str>,
        limit: Option<Duration>,
    ) -> Result<Result<String, Refusal>, GatewayFailure> {
        let query = json!({
            "filter": { "reference_id": { "exact": keep.customer } },
            "sort": { "field": "CREATED_AT", "order": "ASC" },
        });
        let body = json!({ "query": query });
        match self.ask_within(call, (Method::POST, "/v2/customers/search", limit), Some(&body)).await? {
            Ok(said) => {
                // Square does not mind capitals; we do. The oldest is the one that goes on being used.
                let ours = |reference: Option<&str>| reference == Some(keep.customer.as_str());
                let found = said.customers.into_iter().find(|found| ours(found.reference_id.as_deref()));
                if let Some(found) = found {
                    return named(found.id).map(Ok);
                }
            }
            Err(refusal) => return Ok(Err(refusal)),
        }
        let email = email.filter(|email| email.len() <= EMAIL_MAX);
        let said = match self.make_customer(call, keep, email, limit).await? {
            // Square minds addresses more than we do.
            Err(refusal) if email.is_some() && refuses_email(&refusal) => {
                self.make_customer(call, keep, None, limit).await?
            }
            said => said,
        };
        match said {
            Ok(said) => named(said.customer.ok_or_else(|| lacks("customer"))?.id).map(Ok),
            Err(refusal) => Ok(Err(refusal)),
        }
    }

    async fn make_customer(
        &self,
        call: &Call,
        keep: &Keep,
        email: Option<&str>,
        limit: Option<Duration>,
    ) -> Result<Said, GatewayFailure> {
        let gone = keep.gateway_customer.as_deref().unwrap_or_default();
        let mut body = json!({
            "idempotency_key": names::digest(&["customer", &keep.customer, email.unwrap_or_default(), gone]),
            "reference_id": keep.customer,
        });
        match email {
            Some(email) => body["email_address"] = email.into(),
            None => body["given_name"] = keep.customer.as_str().into(),
        }
        self.ask_within(call, (Method::POST, "/v2/customers", limit), Some(&body)).await
    }
}

fn named(id: String) -> Result<String, GatewayFailure> {
    if names::is_id(&id) { Ok(id) } else { Err(lacks("customer's id")) }
}

fn refuses_email(refusal: &Refusal) -> bool {
    let about_email = refusal.code.as_deref() == Some("INVALID_EMAIL_ADDRESS")
        || refusal.field.as_deref().is_some_and(|field| field.ends_with("email_address"));
    refusal.verdict == Verdict::Refused && about_email
}
