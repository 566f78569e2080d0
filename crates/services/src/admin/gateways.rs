//! The gateways of the whole installation: how they answer, and maintenance that the operator plans.

use crate::{ServiceError, Services, StaffActor, audit, connections, health, maintenance, rows, zone::Zone};
use domain::{
    FieldProblem, Timestamp, WindowId,
    problem::codes,
    time::DAY,
    views::admin::{ConnectionAlert, GatewaysOverview, PlannedWindow, ProviderHealth, WindowForm},
    views::health::MaintenanceForm,
};
use std::collections::BTreeMap;
use store::{connection_alerts, gateway_minutes, maintenance as windows};

/// How far back alerts are shown, and how many.
const ALERTS_FOR: i64 = 30 * DAY;
const ALERTS: i64 = 50;
/// How far ahead windows are shown.
const AHEAD: i64 = 400 * DAY;

/// Calls and their success in each of [`health::WINDOWS`].
type Windows = Vec<(i64, Option<i64>)>;

/// How every provider answers, whose connections failed, and what is planned.
///
/// # Errors
/// The database's.
pub async fn gateways(svc: &Services, staff: &StaffActor) -> Result<GatewaysOverview, ServiceError> {
    let now = svc.now();
    let mut tx = svc.db().read().await?;
    // By provider, live before test.
    let mut providers: BTreeMap<(String, bool), Windows> = BTreeMap::new();
    for (place, minutes) in health::WINDOWS.into_iter().enumerate() {
        for row in gateway_minutes::by_provider(&mut tx, gateway_minutes::minute_of(now) - minutes).await? {
            let of = providers
                .entry((row.provider, !row.livemode))
                .or_insert_with(|| vec![(0, None); health::WINDOWS.len()]);
            if let Some(window) = of.get_mut(place) {
                *window = (row.ends.calls(), health::permille(row.ends.answered, row.ends.calls()));
            }
        }
    }
    let alerts = connection_alerts::latest(&mut tx, now.plus(-ALERTS_FOR), ALERTS).await?;
    let planned = windows::of_providers(&mut tx, now, now.plus(AHEAD)).await?;
    drop(tx);
    let alert = |row: connection_alerts::AlertRow| -> Result<ConnectionAlert, ServiceError> {
        Ok(ConnectionAlert {
            merchant: (rows::read(&row.merchant_id)?, row.merchant_name),
            livemode: row.livemode,
            connection: row.name,
            provider: row.provider,
            began_at: Timestamp(row.began_at),
            ended_at: row.ended_at.map(Timestamp),
            calls: (row.calls, row.answered),
        })
    };
    let window = |row: windows::ProviderWindow| -> Result<PlannedWindow, ServiceError> {
        Ok(PlannedWindow {
            id: rows::read(&row.id)?,
            provider: row.provider,
            from: Timestamp(row.starts_at),
            until: Timestamp(row.ends_at),
        })
    };
    Ok(GatewaysOverview {
        providers: providers
            .into_iter()
            .map(|((provider, test), windows)| ProviderHealth { provider, livemode: !test, windows })
            .collect(),
        alerts: alerts.into_iter().map(alert).collect::<Result<_, _>>()?,
        windows: planned.into_iter().map(window).collect::<Result<_, _>>()?,
        known: svc.gateways().all().map(|gateway| gateway.key().to_owned()).collect(),
        may_act: staff.require_operate().is_ok(),
    })
}

/// Plans maintenance of a provider: no connection to it takes payments then, in either mode. What is under way goes on.
///
/// # Errors
/// Forbidden; which field can't be accepted; the database's.
pub async fn plan_maintenance(svc: &Services, staff: &StaffActor, form: &WindowForm) -> Result<WindowId, ServiceError> {
    staff.require_operate()?;
    let typed = MaintenanceForm { from: form.from.clone(), until: form.until.clone() };
    let read = connections::window(&typed, &Zone::named("UTC"), svc.now());
    let known = svc.gateways().get(&form.provider).is_some();
    let window = match (read, known) {
        (Ok(window), true) => window,
        (read, known) => {
            let code = if form.provider.is_empty() { codes::REQUIRED } else { codes::BAD_CHOICE };
            let mut problems: Vec<FieldProblem> =
                if known { Vec::new() } else { vec![FieldProblem::new("provider", code)] };
            problems.extend(read.err().unwrap_or_default());
            return Err(ServiceError::fields(problems));
        }
    };
    let (id, at): (WindowId, _) = (svc.new_id(), svc.now());
    let entry = audit::Entry::by_operator(staff, at, "maintenance.plan")
        .on(&id)
        .with("provider", form.provider.as_str())
        .with("from", window.0.rfc3339())
        .with("until", window.1.rfc3339());
    let input = (&id, form.provider.as_str(), window, &staff.user_id, at, &entry);
    svc.db()
        .write(&input, |tx, &(id, provider, window, by, at, entry)| {
            Box::pin(async move {
                windows::plan(tx, id, provider, window, by, at).await?;
                audit::append(tx, entry).await
            })
        })
        .await
        .map_err(|error: store::StoreError| ServiceError::from(error))?;
    read_again(svc).await;
    Ok(id)
}

/// Ends maintenance that runs, or takes away what lies ahead.
///
/// # Errors
/// Forbidden; not found; it is over; the database's.
pub async fn end_maintenance(svc: &Services, staff: &StaffActor, id: &WindowId) -> Result<(), ServiceError> {
    staff.require_operate()?;
    let at = svc.now();
    let row = windows::of_provider(&mut svc.db().read().await?, id).await?.ok_or_else(ServiceError::not_found)?;
    let entry = audit::Entry::by_operator(staff, at, "maintenance.end").on(id).with("provider", row.provider.as_str());
    svc.db()
        .write(&(id, at, &entry), |tx, &(id, at, entry)| {
            Box::pin(async move {
                if !windows::end(tx, id, at).await? {
                    return Err(ServiceError::not_found());
                }
                Ok(audit::append(tx, entry).await?)
            })
        })
        .await?;
    read_again(svc).await;
    Ok(())
}

/// What was planned is known here at once. If it can't be read, it is done all the same, and known in some seconds.
async fn read_again(svc: &Services) {
    if let Err(error) = maintenance::refresh(svc).await {
        tracing::warn!(%error, "planned maintenance could not be read; it is tried again");
    }
}
