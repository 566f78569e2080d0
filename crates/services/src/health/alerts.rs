//! Tells people when most calls to a connection fail: the merchant's owners and admins, and the operator's admins. Once, however long
//! it lasts; and again when it had been well for a while.

use super::view::failing_calls;
use crate::{
    ServiceError, Services,
    accounts::links::absolute,
    mail::{self, MailDraft, Template},
    rows,
};
use domain::{
    AlertId, MailId, Scope, Timestamp,
    time::{DAY, MINUTE},
};
use std::collections::BTreeSet;
use store::{
    StoreError, captures,
    connection_alerts::{self, NewAlert},
    gateway_minutes::LatelyRow,
    users,
};

/// So long a connection has to be well before it is told of again.
const WELL_AFTER: i64 = 15 * MINUTE;
/// How long alerts are kept that are over.
const KEPT: i64 = 400 * DAY;

/// Looks at merchants whose calls failed a moment ago, and tells of connections that mostly fail.
///
/// # Errors
/// The database's.
pub(super) async fn look(svc: &Services, scopes: BTreeSet<Scope>) -> Result<(), ServiceError> {
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
    let told: Result<(), StoreError> = svc
        .db()
        .write(&input, |tx, &(scope, row, id, mails, at)| {
            Box::pin(async move {
                let new = NewAlert {
                    id,
                    connection: &row.connection_id,
                    calls: row.ends.calls(),
                    answered: row.ends.answered,
                };
                if connection_alerts::begin(tx, scope, &new, at).await? {
                    for (id, draft) in mails {
                        mail::enqueue(tx, id, at, draft).await?;
                    }
                }
                Ok(())
            })
        })
        .await;
    Ok(told?)
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
    let (now, since) = (svc.now(), svc.now().plus(-WELL_AFTER));
    if !connection_alerts::any_over(&mut svc.db().read().await?, since).await? {
        return Ok(0);
    }
    let done: Result<u64, StoreError> = svc
        .db()
        .write(&(since, now), |tx, &(since, now)| Box::pin(async move { connection_alerts::end(tx, since, now).await }))
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
