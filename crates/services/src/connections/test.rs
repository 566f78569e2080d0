//! Tests a connection.

use super::{gateway, require_manage};
use crate::{MerchantActor, ServiceError, Services, audit, gateway_call};
use domain::ConnectionId;
use gateways::CheckCode;
use store::connections;

/// Asks the gateway whether the connection works. The code's sentence is `gateway.test.<code>`.
///
/// # Errors
/// Forbidden; not found.
pub async fn test(svc: &Services, actor: &MerchantActor, id: &ConnectionId) -> Result<String, ServiceError> {
    require_manage(actor)?;
    let scope = &actor.scope;
    let found = connections::for_call(&mut svc.db().read().await?, scope, id).await?;
    let row = found.ok_or_else(ServiceError::not_found)?;
    let gateway = gateway(svc, &row.provider)?;
    let key = format!("check-{}", svc.new_token());
    let code = match gateway_call::call(svc, scope, id.as_str(), row.credentials.as_deref(), &key) {
        Ok(call) => {
            let asked = tokio::time::timeout(svc.settings().gateway_timeout, gateway.check().check(&call)).await;
            asked.unwrap_or(CheckCode::Unreachable)
        }
        // Sealed under another key: to the merchant it is the same as credentials that do not work.
        Err(_) => CheckCode::WrongCredentials,
    };
    let at = svc.now();
    let entry = audit::Entry::by_member(actor, at, "gateway.test").on(id).with("code", code.as_str());
    svc.db()
        .write(&(scope, id, code, at, &entry), |tx, &(scope, id, code, at, entry)| {
            Box::pin(async move {
                if !connections::tested(tx, scope, id, at, code.as_str()).await? {
                    return Err(ServiceError::not_found());
                }
                audit::append(tx, entry).await?;
                Ok(())
            })
        })
        .await?;
    Ok(code.as_str().to_owned())
}
