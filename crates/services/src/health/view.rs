//! Reading the counts.

use crate::{
    MerchantActor, ServiceError, Services,
    connections::{ahead, manage},
};
use domain::{
    ConnectionId, Permission, Scope, Timestamp,
    states::ConnectionStatus,
    views::health::{CallsPaused, HealthView, HealthWindow, Took},
};
use store::{
    StoreError, Tx, connections,
    gateway_minutes::{self, BOUNDS, Calls, LatelyRow, minute_of},
    payment_lists,
    payments::parse,
};

/// The windows, in minutes.
pub(crate) const WINDOWS: [i64; 3] = [5, 60, 24 * 60];
/// The window that alerts go by.
const ALERT_MINUTES: i64 = 5;
/// So many calls have to be in it.
const ALERT_CALLS: i64 = 10;

/// The health of a connection.
///
/// # Errors
/// Forbidden; not found.
pub async fn view(svc: &Services, actor: &MerchantActor, id: &ConnectionId) -> Result<HealthView, ServiceError> {
    actor.require(Permission::ViewGateways)?;
    let (scope, now) = (&actor.scope, svc.now());
    let mut tx = svc.db().read().await?;
    let row = connections::get(&mut tx, scope, id).await?.ok_or_else(ServiceError::not_found)?;
    let mut windows = Vec::with_capacity(WINDOWS.len());
    for minutes in WINDOWS {
        let calls = gateway_minutes::since(&mut tx, scope, id, minute_of(now) - minutes).await?;
        windows.push(window(minutes, &calls));
    }
    let timezone = payment_lists::timezone(&mut tx, scope).await?.unwrap_or_else(|| "UTC".to_owned());
    drop(tx);
    let paused = svc.breakers().paused(scope).into_iter().find(|pause| pause.connection == row.id);
    let status: ConnectionStatus = parse(&row.status)?;
    Ok(HealthView {
        connection: id.clone(),
        windows,
        paused: paused.map(|p| CallsPaused { since: p.since, until: p.until, why: p.why.as_str().to_owned() }),
        maintenance: ahead(&row, now),
        operator_maintenance: svc.provider_windows().next(&row.provider, now),
        may_manage: actor.role.may(manage(scope.mode)) && status != ConnectionStatus::Archived,
        name: row.name,
        provider: row.provider,
        status,
        timezone,
    })
}

/// Connections whose calls mostly failed in the last minutes.
///
/// # Errors
/// The database's.
pub(crate) async fn failing(tx: &mut Tx, scope: &Scope, now: Timestamp) -> Result<Vec<String>, StoreError> {
    Ok(failing_calls(tx, scope, now).await?.into_iter().map(|row| row.connection_id).collect())
}

/// The same with the calls.
///
/// # Errors
/// The database's.
pub(super) async fn failing_calls(tx: &mut Tx, scope: &Scope, now: Timestamp) -> Result<Vec<LatelyRow>, StoreError> {
    let rows = gateway_minutes::lately(tx, scope, minute_of(now) - ALERT_MINUTES).await?;
    let fails =
        |row: &LatelyRow| row.ends.calls() >= ALERT_CALLS && row.ends.answered.saturating_mul(2) < row.ends.calls();
    Ok(rows.into_iter().filter(fails).collect())
}

/// Answered of all calls in thousandths, rounded half up; none without calls.
pub(crate) fn permille(answered: i64, calls: i64) -> Option<i64> {
    (calls > 0).then(|| (answered.saturating_mul(2_000) + calls) / (calls * 2))
}

fn window(minutes: i64, calls: &Calls) -> HealthWindow {
    let (ends, all) = (calls.ends, calls.ends.calls());
    HealthWindow {
        minutes,
        calls: all,
        answered: ends.answered,
        technical: ends.technical,
        configuration: ends.configuration,
        not_sent: ends.not_sent,
        no_answer: ends.no_answer,
        success_permille: permille(ends.answered, all),
        p50: percentile(&calls.took, 50),
        p95: percentile(&calls.took, 95),
    }
}

/// The bound under which so many percent of the calls lie: what is known of them is their bucket.
fn percentile(took: &[i64; 12], percent: i64) -> Option<Took> {
    let all: i64 = took.iter().sum();
    // The call at this place, counted from one, rounded up.
    let place = (all.saturating_mul(percent) + 99) / 100;
    let mut passed = 0;
    let bucket = took.iter().position(|count| {
        passed += count;
        passed >= place && place > 0
    })?;
    let beyond = Took::Beyond(BOUNDS[BOUNDS.len() - 1]);
    Some(BOUNDS.get(bucket).map_or(beyond, |bound| Took::Within(*bound)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use store::gateway_minutes::Ends;

    #[test]
    fn percentiles_are_the_bounds_of_buckets() {
        let mut took = [0; 12];
        assert_eq!(percentile(&took, 50), None);
        took[0] = 94;
        took[4] = 5;
        took[11] = 1;
        assert_eq!(percentile(&took, 50), Some(Took::Within(50)));
        assert_eq!(percentile(&took, 94), Some(Took::Within(50)));
        assert_eq!(percentile(&took, 95), Some(Took::Within(500)));
        assert_eq!(percentile(&took, 100), Some(Took::Beyond(10_000)));
        let mut one = [0; 12];
        one[2] = 1;
        assert_eq!((percentile(&one, 50), percentile(&one, 95)), (Some(Took::Within(200)), Some(Took::Within(200))));
    }

    #[test]
    fn a_rate_is_of_all_calls() {
        let ends = Ends { answered: 2, technical: 1, ..Ends::default() };
        assert_eq!(window(5, &Calls { ends, took: [0; 12] }).success_permille, Some(667));
        assert_eq!(window(5, &Calls::default()).success_permille, None);
    }
}
