//! Authorisations that nobody captures: the merchant is warned a day before they end, and then they are ended.

use super::release::{admit, ask_for, work_of};
use crate::{
    ServiceError, Services,
    checkout::{
        letters::{self, Facts},
        settle::{Finding, settle},
    },
    events::Event,
    gateway_call,
    mail::{self, MailDraft, Template},
    reconcile::schedule,
};
use domain::{MailId, Money, OperationId, Timestamp, time::MINUTE};
use gateways::ChargeState;
use serde_json::json;
use store::{
    Batch, StoreError, Tx,
    captures::{self, DueAuthorization},
    operations::Work,
    payments::parse,
};

/// How long a claimed authorisation is left alone, and when its end is tried again when it did not come about.
const CLAIMED: i64 = 10 * MINUTE;

/// Warns of authorisations that end soon and ends those whose time is over, at most `limit`; how many it took on. Several workers
/// may do this at once.
///
/// # Errors
/// The database's. What fails for one authorisation is logged and tried again.
pub async fn run_authorizations(svc: &Services, limit: i64) -> Result<usize, ServiceError> {
    let now = svc.now();
    let due: Result<Vec<DueAuthorization>, StoreError> = svc
        .db()
        .write(&(now, limit), |tx, &(now, limit)| {
            Box::pin(async move { captures::claim_due(tx, now, now.plus(CLAIMED), limit).await })
        })
        .await;
    let due = due?;
    for row in &due {
        if let Err(error) = look_at(svc, row).await {
            tracing::error!(payment = row.id, %error, "an authorisation could not be looked after");
        }
    }
    Ok(due.len())
}

async fn look_at(svc: &Services, row: &DueAuthorization) -> Result<(), ServiceError> {
    let now = svc.now();
    match row.capture_before.map(Timestamp).filter(|ends| *ends > now) {
        Some(ends) => warn(svc, row, ends).await,
        None => expire(svc, row).await,
    }
}

/// What a warning writes, made before its unit.
struct Warning<'a> {
    row: &'a DueAuthorization,
    event: Event,
    mails: Vec<(MailId, MailDraft)>,
    at: Timestamp,
}

/// Warns the merchant, once.
async fn warn(svc: &Services, row: &DueAuthorization, ends: Timestamp) -> Result<(), ServiceError> {
    let (scope, at) = (row.scope()?, svc.now());
    let amount = Money::new(row.authorized, parse(&row.currency)?);
    let mut mails = Vec::new();
    if row.capture_warned_at.is_none() {
        let mut tx = svc.db().read().await?;
        let told = captures::told(&mut tx, &scope).await?;
        let business = store::merchants::get(&mut tx, &scope.merchant).await?.map(|row| row.name).unwrap_or_default();
        drop(tx);
        let customer = row.customer_email.as_deref();
        let facts = Facts { scope: &scope, payment: &row.id, amount, customer, ends: Some(ends) };
        mails = letters::team(svc, Template::AuthorizationEnds, &facts, &business, &told)?;
    }
    let data = json!({
        "id": row.id,
        "object": "payment",
        "status": "requires_capture",
        "authorized": row.authorized,
        "currency": row.currency,
        "description": row.description,
        "capture_before": ends.0,
    });
    let event = Event::new(svc, &scope, "payment.authorization_ending", &row.id, at, &data);
    let warning = Warning { row, event, mails, at };
    svc.db()
        .write(&warning, |tx, warning| Box::pin(async move { write_warning(tx, warning).await }))
        .await
        .map_err(|error: StoreError| error.into())
}

async fn write_warning(tx: &mut Tx, warning: &Warning<'_>) -> Result<(), StoreError> {
    let scope = warning.row.scope()?;
    if !captures::warn(tx, &scope, &warning.row.id, warning.at).await? {
        // It was warned of before, or holds nothing any more.
        return captures::wait_for_end(tx, &scope, &warning.row.id).await;
    }
    let mut batch = Batch::new();
    warning.event.put(&mut batch, &scope);
    for (id, draft) in &warning.mails {
        mail::put(&mut batch, id, warning.at, draft);
    }
    batch.run(tx).await.map(drop)
}

/// Ends an authorisation whose time is over. The release is written down first, so that no capture begins beside it; then the
/// gateway is asked, for it may have been captured there, and is told to let go of what it still holds.
async fn expire(svc: &Services, row: &DueAuthorization) -> Result<(), ServiceError> {
    let (scope, at, operation): (_, _, OperationId) = (row.scope()?, svc.now(), svc.new_id());
    let Ok(admission) = admit(svc, &scope, &parse(&row.id)?).await else {
        // Its gateway is left alone for now: the end is tried again when the claim has run out.
        return Ok(());
    };
    let input = (&scope, row, &operation, at);
    let begun: Result<bool, StoreError> = svc
        .db()
        .write(&input, |tx, &(scope, row, operation, at)| {
            Box::pin(async move {
                let next = at.plus(schedule::FIRST_CHECK);
                captures::begin_void(tx, scope, &row.id, operation, next, at, None).await
            })
        })
        .await;
    if !begun? {
        // A capture or a release is under way: its outcome decides.
        return Ok(());
    }
    let work = work_of(svc, &scope, &operation).await?;
    let finding = match found(svc, &work).await? {
        Some(finding) => finding,
        None => ask_for(svc, &work, admission).await?,
    };
    settle(svc, work, &finding, None).await.map(drop)
}

/// What the gateway says of the charge, unless it still holds it or can't say.
async fn found(svc: &Services, work: &Work) -> Result<Option<Finding>, ServiceError> {
    let gateway = gateway_call::gateway(svc, &work.provider)?;
    let Some(lookup) = gateway.lookup() else { return Ok(None) };
    let key = &work.idempotency_key;
    let call = gateway_call::call(svc, &work.scope()?, &work.connection_id, work.credentials.as_deref(), key);
    let Ok(call) = call else { return Ok(None) };
    let question = lookup.find_charge(&call, key, work.charge_ref.as_deref());
    let answer = gateway_call::lookup(svc, &work.scope()?, &work.connection_id, &work.provider, question).await;
    Ok(match answer {
        Ok(Some(reply)) if !matches!(reply.state, ChargeState::Authorized { .. }) => Some(Finding::Reply(reply)),
        _ => None,
    })
}
