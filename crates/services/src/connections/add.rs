//! Adds a connection.

use super::{MAX_CONNECTIONS, allowed, form, place, require_manage};
use crate::{MerchantActor, ServiceError, Services, audit};
use domain::{
    ConnectionId, FieldProblem, Problem, ProblemKind,
    problem::{codes, money},
    views::gateway::ConnectionForm,
};
use gateways::Credentials;
use store::connections::{self, NewConnection};

/// Adds a connection, active at once.
///
/// # Errors
/// Forbidden; fields that can't be accepted (credentials are named `credentials.<field>`); too many connections.
pub async fn add(svc: &Services, actor: &MerchantActor, form: &ConnectionForm) -> Result<ConnectionId, ServiceError> {
    require_manage(actor)?;
    let scope = &actor.scope;
    let bad_provider = |code| ServiceError::fields(vec![FieldProblem::new("provider", code)]);
    let required = if form.provider.trim().is_empty() { codes::REQUIRED } else { codes::BAD_CHOICE };
    let gateway = svc.gateways().get(form.provider.trim()).ok_or_else(|| bad_provider(required))?;
    if !allowed(svc, gateway.key(), scope.mode) {
        return Err(bad_provider(money::PROVIDER_NOT_IN_MODE));
    }
    let count = connections::count(&mut svc.db().read().await?, scope).await?;
    if count >= MAX_CONNECTIONS {
        let problem = Problem::new(ProblemKind::Conflict, money::TOO_MANY_CONNECTIONS).with("max", MAX_CONNECTIONS);
        return Err(problem.into());
    }
    let livemode = scope.mode.is_live();
    let checked = form::check(form, &*gateway, livemode, Credentials::default(), (count + 1) * 10)
        .map_err(ServiceError::fields)?;
    let id: ConnectionId = svc.new_id();
    let at = svc.now();
    let sealed = if checked.credentials.is_empty() {
        None
    } else {
        let plain = checked.credentials.to_json();
        let sealed = svc.sealer().seal(svc.entropy(), &place(id.as_str()), &plain);
        Some(sealed.map_err(|error| ServiceError::Fault(error.to_string()))?)
    };
    let new = NewConnection {
        id: &id,
        provider: gateway.key(),
        name: &checked.name,
        methods: &checked.methods,
        currencies: &checked.currencies,
        credentials: sealed.as_deref(),
        priority: checked.priority,
        at,
    };
    let entry = audit::Entry::by_member(actor, at, "gateway.add")
        .on(&id)
        .with("provider", gateway.key())
        .with("name", checked.name.as_str());
    svc.db()
        .write(&(scope, &new, &entry), |tx, &(scope, new, entry)| {
            Box::pin(async move {
                connections::insert(tx, scope, new).await?;
                audit::append(tx, entry).await?;
                Ok::<_, ServiceError>(())
            })
        })
        .await?;
    Ok(id)
}
