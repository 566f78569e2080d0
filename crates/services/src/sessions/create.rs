//! Makes a checkout session.

use super::{allowed_origins, form, session, summary};
use crate::{MerchantActor, ServiceError, Services};
use domain::{
    Permission,
    views::checkout::{CheckoutSession, SessionForm},
};
use store::sessions::{self, NewSession, SessionRow};

/// Makes a checkout session: one insert in one unit. Whether anything can be charged is decided when somebody pays.
///
/// # Errors
/// Forbidden; fields that can't be accepted: those of lines are named `items.<n>.<field>`, those of metadata
/// `metadata.<n>.key` and `.value`.
pub async fn create(
    svc: &Services,
    actor: &MerchantActor,
    form: &SessionForm,
) -> Result<CheckoutSession, ServiceError> {
    actor.require(Permission::ManageCheckout)?;
    let scope = &actor.scope;
    let origins = allowed_origins(svc, scope, &[&form.success_url, &form.cancel_url]).await?;
    let checked = form::check(form, &origins).map_err(ServiceError::fields)?;
    let now = svc.now();
    let new = NewSession {
        id: svc.new_id(),
        token: svc.new_token(),
        currency: checked.currency.code().to_owned(),
        amount: checked.amount,
        line_items: serde_json::to_string(&checked.items).map_err(|error| ServiceError::Fault(error.to_string()))?,
        description: Some(summary(&checked.items)),
        customer_email: checked.customer_email,
        client_reference: checked.client_reference,
        metadata: checked.metadata,
        success_url: checked.success_url,
        cancel_url: checked.cancel_url,
        locale: None,
        link_id: None,
        quantity: 1,
        expires_at: now.plus(checked.lasts),
        created_at: now,
        capture_method: checked.capture_method,
    };
    svc.db()
        .write(&(scope, &new), |tx, &(scope, new)| Box::pin(async move { sessions::insert(tx, scope, new).await }))
        .await?;
    session(svc, row(new))
}

/// The row that was just written, so that it need not be read.
fn row(new: NewSession) -> SessionRow {
    SessionRow {
        id: new.id.to_string(),
        token: new.token,
        status: "open".to_owned(),
        currency: new.currency,
        amount: new.amount,
        line_items: new.line_items,
        customer_email: new.customer_email,
        client_reference: new.client_reference,
        link_id: new.link_id,
        quantity: new.quantity,
        capture_method: new.capture_method.as_str().to_owned(),
        created_at: new.created_at.0,
        expires_at: new.expires_at.0,
        version: 1,
        payment_id: None,
    }
}
