//! Changes the rules: each change is a version, and an old one can be brought back.

use crate::{MerchantActor, ServiceError, Services, audit, connections::manage};
use domain::{
    ConnectionId, ProblemKind,
    problem::codes,
    routing::{self, RoutingForm, RuleSet},
    states::ConnectionStatus,
};
use store::{connections, routing as versions};

/// Saves rules as the next version. Gives its number.
///
/// # Errors
/// Forbidden; fields that can't be accepted (see [`routing::check`]); somebody else saved meanwhile.
pub async fn save(svc: &Services, actor: &MerchantActor, form: &RoutingForm) -> Result<i64, ServiceError> {
    actor.require(manage(actor.scope.mode))?;
    let known = known(svc, actor).await?;
    let (rules, note) = routing::check(form, &known).map_err(ServiceError::fields)?;
    write(svc, actor, form.version, &rules, note.as_deref(), None).await
}

/// Makes an old version the newest again. Gives the new number.
///
/// # Errors
/// Forbidden; no such version; somebody else saved meanwhile (`current` is the newest that the viewer knows).
pub async fn revert(svc: &Services, actor: &MerchantActor, current: i64, to: i64) -> Result<i64, ServiceError> {
    actor.require(manage(actor.scope.mode))?;
    let found = versions::rules(&mut svc.db().read().await?, &actor.scope, to).await?;
    let text = found.ok_or_else(ServiceError::not_found)?;
    let rules: RuleSet = serde_json::from_str(&text)
        .map_err(|error| ServiceError::Fault(format!("version {to} of the routing rules: {error}")))?;
    write(svc, actor, current, &rules, None, Some(to)).await
}

/// Connections that a rule may name. Archived ones stay in old versions, and are passed over.
pub(super) async fn known(svc: &Services, actor: &MerchantActor) -> Result<Vec<ConnectionId>, ServiceError> {
    let rows = connections::list(&mut svc.db().read().await?, &actor.scope).await?;
    let open = rows.into_iter().filter(|row| row.status != ConnectionStatus::Archived.as_str());
    Ok(open.filter_map(|row| row.id.parse().ok()).collect())
}

async fn write(
    svc: &Services,
    actor: &MerchantActor,
    current: i64,
    rules: &RuleSet,
    note: Option<&str>,
    reverted_to: Option<i64>,
) -> Result<i64, ServiceError> {
    let text = serde_json::to_string(rules).map_err(|error| ServiceError::Fault(error.to_string()))?;
    let (at, version) = (svc.now(), current.saturating_add(1));
    let new = versions::NewVersion {
        version,
        rules: &text,
        rule_count: i64::try_from(rules.rules.len()).unwrap_or(i64::MAX),
        note,
        reverted_to,
        by: actor.user_id.as_str(),
        at,
    };
    let mut entry = audit::Entry::by_member(actor, at, "routing.save").with("version", version);
    if let Some(to) = reverted_to {
        entry = entry.with("reverted_to", to);
    }
    svc.db()
        .write(&(&actor.scope, &new, &entry), |tx, &(scope, new, entry)| {
            Box::pin(async move {
                if !versions::insert(tx, scope, new).await? {
                    return Err(ServiceError::new(ProblemKind::Conflict, codes::STALE));
                }
                audit::append(tx, entry).await?;
                Ok(())
            })
        })
        .await?;
    Ok(version)
}
