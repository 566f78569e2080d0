//! One call to a gateway: credentials opened, time bounded, and whatever is doubtful called unknown.

use crate::{ServiceError, Services};
use domain::Scope;
use gateways::{Call, Credentials, Gateway, GatewayFailure};
use std::future::Future;
use std::sync::Arc;

/// Where a connection's credentials lie, for the sealer.
pub(crate) fn credentials_place(connection: &str) -> String {
    format!("connections/{connection}/credentials")
}

/// The gateway of a provider.
///
/// # Errors
/// A fault: a stored connection names a provider that this program does not have.
pub(crate) fn gateway(svc: &Services, provider: &str) -> Result<Arc<dyn Gateway>, ServiceError> {
    svc.gateways().get(provider).ok_or_else(|| ServiceError::Fault(format!("no provider {provider}")))
}

/// What a call to a connection carries.
///
/// # Errors
/// [`GatewayFailure::NotSent`] when the credentials can't be opened: without them nothing can be sent.
pub(crate) fn call(
    svc: &Services,
    scope: &Scope,
    connection: &str,
    sealed: Option<&[u8]>,
    key: &str,
) -> Result<Call, GatewayFailure> {
    let credentials = match sealed {
        None => Credentials::default(),
        Some(sealed) => {
            let plain = svc
                .sealer()
                .open(&credentials_place(connection), sealed)
                .map_err(|error| GatewayFailure::not_sent(error.to_string()))?;
            Credentials::from_json(&plain).map_err(|error| GatewayFailure::not_sent(error.to_string()))?
        }
    };
    Ok(Call {
        account: connection.to_owned(),
        credentials,
        idempotency_key: key.to_owned(),
        now: svc.now(),
        livemode: scope.mode.is_live(),
    })
}

/// Bounds a call by the installation's time limit. A call that is cut off may have done its work.
pub(crate) async fn bounded<T>(
    svc: &Services,
    call: impl Future<Output = Result<T, GatewayFailure>>,
) -> Result<T, GatewayFailure> {
    match tokio::time::timeout(svc.settings().gateway_timeout, call).await {
        Ok(answer) => answer,
        Err(_) => Err(GatewayFailure::unknown("no answer in time")),
    }
}
