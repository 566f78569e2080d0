//! Customers, and what is kept for them.

use super::ApiError;
use domain::views::customers::{ChargeForm, Customer, CustomerRow};
use domain::views::page::{Page, PageQuery};
use domain::{CustomerId, PaymentId, PaymentMethodId, Scope};
use leptos::prelude::*;
use leptos::server_fn::codec::Json;
use serde::{Deserialize, Serialize};

/// A customer and what their page's dialogs need.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomerPage {
    /// The customer.
    pub customer: Customer,
    /// Whether whoever looks may charge and remove what is kept.
    pub may_manage: bool,
    /// The merchant's own currency, with which a charge begins.
    pub currency: String,
    /// The key of the form that charges: posting it twice charges once.
    pub form_key: String,
}

/// A page of the list; `email` is empty for everybody.
#[server(prefix = "/api", endpoint = "customers/list", input = Json)]
pub async fn list_customers(scope: Scope, query: PageQuery, email: String) -> Result<Page<CustomerRow>, ApiError> {
    let (svc, actor) = super::merchant_actor(&scope).await?;
    Ok(services::customers::list(&svc, &actor, &query, &email).await?)
}

/// One customer.
#[server(prefix = "/api", endpoint = "customers/get", input = Json)]
pub async fn load_customer(scope: Scope, id: String) -> Result<CustomerPage, ApiError> {
    let (svc, actor) = super::merchant_actor(&scope).await?;
    let id: CustomerId = super::server::parse_id(&id)?;
    Ok(CustomerPage {
        customer: services::customers::get(&svc, &actor, &id).await?,
        may_manage: actor.role.may(domain::Permission::ManageCustomers),
        currency: super::server::currency(&svc, &actor).await,
        form_key: svc.new_token(),
    })
}

/// Charges what is kept. The payment's page tells what became of it.
#[server(prefix = "/api", endpoint = "customers/charge")]
pub async fn charge_customer(scope: Scope, id: CustomerId, form: ChargeForm) -> Result<PaymentId, ApiError> {
    let (svc, actor) = super::merchant_actor(&scope).await?;
    Ok(services::customers::charge(&svc, &actor, &id, &form).await?.payment)
}

/// Takes away what is kept.
#[server(prefix = "/api", endpoint = "customers/detach", input = Json)]
pub async fn detach_method(scope: Scope, id: PaymentMethodId) -> Result<(), ApiError> {
    let (svc, actor) = super::merchant_actor(&scope).await?;
    Ok(services::saved::detach_by_member(&svc, &actor, &id).await?)
}
