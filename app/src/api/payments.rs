//! Payments.

use super::ApiError;
use domain::views::page::Page;
use domain::views::payment::{CaptureForm, PaymentDetail, PaymentFilter, PaymentRow, RefundForm};
use domain::{OperationId, PaymentId, RefundId, Scope};
use leptos::prelude::*;
use leptos::server_fn::codec::Json;
use serde::{Deserialize, Serialize};

/// A payment and what its dialogs need.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentPage {
    /// The payment.
    pub detail: PaymentDetail,
    /// The key of the forms that this page holds: posting one twice refunds, captures or releases once.
    pub form_key: String,
}

/// A page of the list.
#[server(prefix = "/api", endpoint = "payments/list", input = Json)]
pub async fn list_payments(scope: Scope, filter: PaymentFilter) -> Result<Page<PaymentRow>, ApiError> {
    let (svc, actor) = super::merchant_actor(&scope).await?;
    Ok(services::payments::list(&svc, &actor, filter).await?)
}

/// One payment.
#[server(prefix = "/api", endpoint = "payments/detail", input = Json)]
pub async fn load_payment(scope: Scope, id: String) -> Result<PaymentPage, ApiError> {
    let (svc, actor) = super::merchant_actor(&scope).await?;
    let id: PaymentId = super::server::parse_id(&id)?;
    let detail = services::payments::detail(&svc, &actor, &id).await?;
    Ok(PaymentPage { detail, form_key: svc.new_token() })
}

/// Gives money back.
#[server(prefix = "/api", endpoint = "payments/refund")]
pub async fn refund_payment(scope: Scope, id: PaymentId, form: RefundForm) -> Result<RefundId, ApiError> {
    let (svc, actor) = super::merchant_actor(&scope).await?;
    Ok(services::payments::refund(&svc, &actor, &id, form).await?)
}

/// Takes the money of an authorisation.
#[server(prefix = "/api", endpoint = "payments/capture")]
pub async fn capture_payment(scope: Scope, id: PaymentId, form: CaptureForm) -> Result<OperationId, ApiError> {
    let (svc, actor) = super::merchant_actor(&scope).await?;
    Ok(services::payments::capture(&svc, &actor, &id, form).await?)
}

/// Releases an authorisation.
#[server(prefix = "/api", endpoint = "payments/void", input = Json)]
pub async fn void_payment(scope: Scope, id: PaymentId, form_key: String) -> Result<OperationId, ApiError> {
    let (svc, actor) = super::merchant_actor(&scope).await?;
    Ok(services::payments::void(&svc, &actor, &id, &form_key).await?)
}
