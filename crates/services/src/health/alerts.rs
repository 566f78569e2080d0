//! Tells people when most calls to a connection fail: the merchant's owners and admins, and the operator's admins. Once, however long it
//! lasts; each trouble is written down, and mailed again only when the last mail is some hours old.

use super::view::failing_calls;
use crate::{
    ServiceError, Services,
    accounts::links::absolute,
    mail::{self, MailDraft, Template},
    rows,
};
use domain::{
    AlertId, MailId, Scope, Timestamp,
    time::{DAY, HOUR, MINUTE},
};
use std::collections::BTreeSet;
use store::{
    StoreError, captures,
    connection_alerts::{self, NewAlert, Well},
    gateway_minutes::LatelyRow,
    users,
};

/// So long a connection has to be well for its trouble to be over.
const WELL_AFTER: i64 = 15 * MINUTE;
/// What nobody calls any more is no trouble.
const FORGOTTEN_AFTER: i64 = DAY;
/// A connection that comes and goes is told of to its team no more often than this.
const TEAM_AGAIN: i64 = 6 * HOUR;
/// When a provider fails, its merchants' connections fail one after the other: the operator's admins hear of the first.
const OPERATOR_AGAIN: i64 = HOUR;
/// How long alerts are kept that are over.
const KEPT: i64 = 400 * DAY;

/// Looks at connections whose calls failed a moment ago (and whether some were answered), and tells of those that mostly fail.
///
/// # Errors
/// The database's.
pub(super) async fn look(svc: &Services, failed: Vec<(Scope, String, bool)>) -> Result<(), ServiceError> {
    let mut scopes = BTreeSet::new();
    for (scope, connection, answered) in failed {
        // Calls are few while a breaker holds them back: any that fails says that it is not over.
        if !answered && connection_alerts::is_open(&mut svc.db().read().await?, &scope, &connection).await? {
            let input = (&scope, connection.as_str(), svc.now());
            let seen: Result<bool, StoreError> = svc
                .db()
                .write(&input, |tx, &(scope, connection, at)| {
                    Box::pin(async move { connection_alerts::still(tx, scope, connection, at).await })
                })
                .await;
            seen?;
        }
        scopes.insert(scope);
    }
    for scope in scopes {
        let failing = failing_calls(&mut svc.db().read().await?, &scope, svc.now()).await?;
        for row in failing {
            tell(svc, &scope, &row).await?;
        }
    }
    Ok(())
}

async fn tell(svc: &Services, scope: &Scope, row: &LatelyRow) -> Result<(), ServiceError> {
    let mails = letters(svc, scope, row).await?;
    let (id, at): (AlertId, Timestamp) = (svc.new_id(), svc.now());
    let input = (scope, row, &id, &mails, at);
    let done: Result<(), StoreError> = svc
        .db()
        .write(&input, |tx, &(scope, row, id, mails, at)| {
            Box::pin(async move {
                let connection = row.connection_id.as_str();
                let told =
                    connection_alerts::told(tx, scope, connection, at.plus(-TEAM_AGAIN), at.plus(-OPERATOR_AGAIN));
                let told = told.await?;
                let new = NewAlert { id, connection, calls: row.ends.calls(), answered: row.ends.answered };
                if !connection_alerts::begin(tx, scope, &new, at).await? {
                    return Ok(());
                }
                for (id, draft) in mails {
                    let known = if draft.template == Template::GatewayFailing { told.team } else { told.operator };
                    if !known {
                        mail::enqueue(tx, id, at, draft).await?;
                    }
                }
                Ok(())
            })
        })
        .await;
    Ok(done?)
}

/// The mails of an alert.
async fn letters(svc: &Services, scope: &Scope, row: &LatelyRow) -> Result<Vec<(MailId, MailDraft)>, ServiceError> {
    let mut tx = svc.db().read().await?;
    let Some(named) = connection_alerts::named(&mut tx, scope, &row.connection_id).await? else {
        return Ok(Vec::new());
    };
    let path = format!("/m/{}/{}/gateways/{}/health", scope.merchant, scope.mode.as_str(), row.connection_id);
    let team = captures::told(&mut tx, scope).await?;
    let team = team.into_iter().map(|p| (Template::GatewayFailing, p.name, p.email, p.locale, absolute(svc, &path)));
    let staff = users::staff(&mut tx).await?;
    let admins = staff.into_iter().filter(|u| u.staff_role.as_deref() == Some("admin") && u.disabled_at.is_none());
    let overview = absolute(svc, "/admin/gateways");
    let admins = admins.map(|u| (Template::GatewayFailingOperator, u.name, u.email, u.locale, overview.clone()));
    // What only a test fails is no news for the operator.
    let admins: Vec<_> = if scope.mode.is_live() { admins.collect() } else { Vec::new() };
    let letter = |(template, name, email, locale, link): (Template, String, String, String, String)| {
        let draft = MailDraft::new(template, email, rows::locale(&locale))
            .about(&scope.merchant)
            .on(&row.connection_id)
            .with("name", name)
            .with("business", &named.merchant_name)
            .with("gateway", &named.name)
            .with("calls", row.ends.calls().to_string())
            .with("answered", row.ends.answered.to_string())
            .with("link", link);
        (svc.new_id(), draft)
    };
    Ok(team.chain(admins).map(letter).collect())
}

/// Ends alerts of connections that have been well for a while; how many.
///
/// # Errors
/// The database's.
pub(crate) async fn end_alerts(svc: &Services) -> Result<usize, ServiceError> {
    let now = svc.now();
    let well = Well { answered: now.plus(-WELL_AFTER), silent: now.plus(-FORGOTTEN_AFTER) };
    if !connection_alerts::any_over(&mut svc.db().read().await?, well).await? {
        return Ok(0);
    }
    let done: Result<u64, StoreError> = svc
        .db()
        .write(&(well, now), |tx, &(well, now)| Box::pin(async move { connection_alerts::end(tx, well, now).await }))
        .await;
    Ok(usize::try_from(done?).unwrap_or(usize::MAX))
}

/// Forgets alerts that nobody looks at any more; how many.
///
/// # Errors
/// The database's.
pub async fn delete_old_alerts(svc: &Services) -> Result<u64, ServiceError> {
    let before = svc.now().plus(-KEPT);
    let done: Result<u64, StoreError> = svc
        .db()
        .write(&before, |tx, &before| Box::pin(async move { connection_alerts::delete_old(tx, before).await }))
        .await;
    Ok(done?)
}
