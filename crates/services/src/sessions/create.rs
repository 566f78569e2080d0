//! Makes a checkout session.

use super::{allowed_origins, form, session, summary};
use crate::{
    MerchantActor, ServiceError, Services,
    checkout::pay::is_form_key,
    idempotency::{self, Claim, Key},
};
use domain::{
    FieldProblem, Permission, Scope,
    problem::codes,
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
    let made = session(svc, row(new.clone()))?;
    let Some(claim) = Claiming::of(svc, scope, form, &made)? else {
        svc.db()
            .write(&(scope, &new), |tx, &(scope, new)| Box::pin(async move { sessions::insert(tx, scope, new).await }))
            .await?;
        return Ok(made);
    };
    let outcome = svc
        .db()
        .write(&(scope, &new, &claim, now), |tx, &(scope, new, claim, now)| {
            Box::pin(async move {
                let claimed = idempotency::claim(tx, claim.key(), &claim.hash, Some(&claim.reply), now).await?;
                if claimed == Claim::Ours {
                    sessions::insert(tx, scope, new).await?;
                }
                Ok::<_, ServiceError>(claimed)
            })
        })
        .await?;
    match outcome {
        Claim::Ours => Ok(made),
        Claim::Replay(sealed) => claim.replayed(svc, &sealed),
    }
}

/// The form's key, claimed in the unit that makes the session. The reply shows the token, which opens the checkout: it is
/// stored sealed.
struct Claiming {
    owner: String,
    form_key: String,
    hash: String,
    reply: Vec<u8>,
}

impl Claiming {
    fn of(
        svc: &Services,
        scope: &Scope,
        form: &SessionForm,
        made: &CheckoutSession,
    ) -> Result<Option<Self>, ServiceError> {
        if form.form_key.is_empty() {
            return Ok(None);
        }
        if !is_form_key(&form.form_key) {
            return Err(ServiceError::fields(vec![FieldProblem::new("form_key", codes::REQUIRED)]));
        }
        let fault = |error: serde_json::Error| ServiceError::Fault(error.to_string());
        let asked = serde_json::to_string(&SessionForm { form_key: String::new(), ..form.clone() }).map_err(fault)?;
        let mut claim = Self {
            owner: idempotency::owner(scope),
            form_key: form.form_key.clone(),
            hash: idempotency::hash(&[&asked]),
            reply: serde_json::to_vec(made).map_err(fault)?,
        };
        claim.reply = idempotency::seal(svc, claim.key(), &claim.reply)?;
        Ok(Some(claim))
    }

    fn key(&self) -> Key<'_> {
        Key { owner: &self.owner, endpoint: "session", key: &self.form_key }
    }

    fn replayed(&self, svc: &Services, sealed: &[u8]) -> Result<CheckoutSession, ServiceError> {
        let reply = idempotency::open(svc, self.key(), sealed)?;
        serde_json::from_slice(&reply).map_err(|error| ServiceError::Fault(format!("a stored reply: {error}")))
    }
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
