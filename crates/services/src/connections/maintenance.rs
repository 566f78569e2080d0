//! Windows in which a connection takes no new payments. What is under way goes on.

use super::require_manage;
use crate::{MerchantActor, ServiceError, Services, audit, zone::Zone};
use domain::{
    ConnectionId, FieldProblem, ProblemKind, Timestamp,
    problem::money,
    time::{DAY, HOUR},
    validate::{Problems, Wrong, date},
    views::health::MaintenanceForm,
};
use serde_json::Value;
use store::{Batch, connections, maintenance, payment_lists};

/// Longest window, in days: what is longer is a pause.
const LONGEST: i64 = 30;

/// Sets a connection's window, in place of the one that it has.
///
/// # Errors
/// Forbidden; not found; which field can't be accepted; archived.
pub async fn maintain(
    svc: &Services,
    actor: &MerchantActor,
    id: &ConnectionId,
    form: &MaintenanceForm,
) -> Result<(), ServiceError> {
    require_manage(actor)?;
    let zone = payment_lists::timezone(&mut svc.db().read().await?, &actor.scope).await?;
    let window =
        window(form, &Zone::named(zone.as_deref().unwrap_or("UTC")), svc.now()).map_err(ServiceError::fields)?;
    set(svc, actor, id, Some(window)).await
}

/// From now on, for an hour.
///
/// # Errors
/// Forbidden; not found; archived.
pub async fn maintain_now(svc: &Services, actor: &MerchantActor, id: &ConnectionId) -> Result<(), ServiceError> {
    let now = svc.now();
    set(svc, actor, id, Some((now, now.plus(HOUR)))).await
}

/// No window any more.
///
/// # Errors
/// Forbidden; not found; archived.
pub async fn end_maintenance(svc: &Services, actor: &MerchantActor, id: &ConnectionId) -> Result<(), ServiceError> {
    set(svc, actor, id, None).await
}

async fn set(
    svc: &Services,
    actor: &MerchantActor,
    id: &ConnectionId,
    window: Option<(Timestamp, Timestamp)>,
) -> Result<(), ServiceError> {
    require_manage(actor)?;
    let (scope, at) = (&actor.scope, svc.now());
    let row = connections::get(&mut svc.db().read().await?, scope, id).await?.ok_or_else(ServiceError::not_found)?;
    let told = |window: Option<(Timestamp, Timestamp)>| match window {
        Some((from, until)) => serde_json::json!({"from": from.rfc3339(), "until": until.rfc3339()}),
        None => Value::Null,
    };
    let before =
        row.maintenance_from.zip(row.maintenance_until).map(|(from, until)| (Timestamp(from), Timestamp(until)));
    let entry = audit::Entry::by_member(actor, at, "gateway.maintenance")
        .on(id)
        .with("before", told(before))
        .with("after", told(window));
    svc.db()
        .write(&(scope, id, window, at, &entry), |tx, &(scope, id, window, at, entry)| {
            Box::pin(async move {
                if !connections::maintain(tx, scope, id, window, at).await? {
                    return Err(ServiceError::new(ProblemKind::Conflict, money::CONNECTION_STATE));
                }
                let mut batch = Batch::new();
                maintenance::keep(&mut batch, scope, id, window, at);
                batch.run(tx).await?;
                audit::append(tx, entry).await?;
                Ok(())
            })
        })
        .await
}

/// The window that was typed: its end lies ahead and after its start.
pub(crate) fn window(
    form: &MaintenanceForm,
    zone: &Zone,
    now: Timestamp,
) -> Result<(Timestamp, Timestamp), Vec<FieldProblem>> {
    let mut problems = Problems::new();
    let moment = |typed: &str| {
        let (day, hour, minute) = date::with_time(typed)?;
        zone.moment(day, hour, minute).ok_or_else(|| Wrong::new(money::BAD_MOMENT))
    };
    let from = problems.take("from", moment(&form.from));
    let until = problems.take("until", moment(&form.until));
    let (Some(from), Some(until)) = (from, until) else { return Err(problems.into_vec()) };
    let wrong = if until <= now {
        Wrong::new(money::END_IN_THE_PAST)
    } else if until <= from {
        Wrong::new(money::END_BEFORE_START)
    } else if until > from.plus(LONGEST * DAY) {
        Wrong::new(money::WINDOW_TOO_LONG).with("days", LONGEST)
    } else {
        return Ok((from, until));
    };
    problems.take("until", Err::<(), _>(wrong));
    Err(problems.into_vec())
}
