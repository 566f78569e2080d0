//! Edits a connection.

use super::{form, gateway, place, require_manage};
use crate::{MerchantActor, ServiceError, Services, audit};
use domain::{
    ConnectionId, ProblemKind,
    problem::{codes, money},
    states::ConnectionStatus,
    views::gateway::ConnectionForm,
};
use gateways::Credentials;
use store::connections::{self, ConnectionEdit};

/// Edits a connection; the provider stays, and an empty credential keeps what is stored.
///
/// # Errors
/// Forbidden; not found; fields that can't be accepted (credentials are named `credentials.<field>`); somebody else changed it
/// meanwhile; it is archived.
pub async fn edit(
    svc: &Services,
    actor: &MerchantActor,
    id: &ConnectionId,
    form: &ConnectionForm,
) -> Result<(), ServiceError> {
    require_manage(actor)?;
    let scope = &actor.scope;
    let mut tx = svc.db().read().await?;
    let row = connections::get(&mut tx, scope, id).await?.ok_or_else(ServiceError::not_found)?;
    if row.status == ConnectionStatus::Archived.as_str() {
        return Err(ServiceError::new(ProblemKind::Conflict, money::CONNECTION_STATE));
    }
    let sealed = connections::for_call(&mut tx, scope, id).await?.and_then(|row| row.credentials);
    drop(tx);
    let stored = match &sealed {
        Some(sealed) => open(svc, id, sealed)?,
        None => Credentials::default(),
    };
    let gateway = gateway(svc, &row.provider)?;
    let checked =
        form::check(form, &*gateway, scope.mode.is_live(), stored, row.priority).map_err(ServiceError::fields)?;
    let resealed = if checked.credentials_typed {
        let sealed = svc.sealer().seal(svc.entropy(), &place(id.as_str()), &checked.credentials.to_json());
        Some(sealed.map_err(|error| ServiceError::Fault(error.to_string()))?)
    } else {
        None
    };
    let at = svc.now();
    let edit = ConnectionEdit {
        name: &checked.name,
        methods: &checked.methods,
        currencies: &checked.currencies,
        priority: checked.priority,
        credentials: resealed.as_deref().map(Some),
        at,
        version: form.version,
    };
    let entry = audit::Entry::by_member(actor, at, "gateway.edit")
        .on(id)
        .with("before", serde_json::json!({"name": row.name, "methods": row.methods, "currencies": row.currencies}))
        .with("after", serde_json::json!({"name": edit.name, "methods": edit.methods, "currencies": edit.currencies}))
        .with("credentials_changed", checked.credentials_typed);
    svc.db()
        .write(&(scope, id, &edit, &entry), |tx, &(scope, id, edit, entry)| {
            Box::pin(async move {
                if !connections::edit(tx, scope, id, edit).await? {
                    return Err(ServiceError::new(ProblemKind::Conflict, codes::STALE));
                }
                audit::append(tx, entry).await?;
                Ok(())
            })
        })
        .await
}

fn open(svc: &Services, id: &ConnectionId, sealed: &[u8]) -> Result<Credentials, ServiceError> {
    let plain = svc.sealer().open(&place(id.as_str()), sealed);
    let plain = plain.map_err(|error| ServiceError::Fault(error.to_string()))?;
    Credentials::from_json(&plain).map_err(|error| ServiceError::Fault(error.to_string()))
}
