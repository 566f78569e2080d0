//! Disputes: what customers' banks want back, taken in by asking the gateway and booked as it tells them.

mod settle;

use crate::{ServiceError, Services, gateway_call, reconcile::schedule};
use domain::{
    Scope,
    dispute::DisputeStatus,
    states::AttemptStatus,
    time::{DAY, HOUR},
};
use futures::{StreamExt, stream};
use gateways::{DisputeReply, GatewayFailure};
use settle::{Plan, write};
use store::{
    StoreError,
    charges::{self, Charge},
    connections::{self, CallRow},
    disputes::{self, DisputeRow, Due},
    payments::parse,
};

/// How often it starts again because somebody else moved the dispute meanwhile.
const TRIES: u32 = 5;
/// Disputes that are asked about at once.
const AT_ONCE: usize = 8;
/// Most disputes of one round.
const MOST: i64 = 64;
/// How long a dispute that is open is left alone: an event about it may be lost.
const EVERY: i64 = DAY;
/// How long one is left alone that the gateway said nothing about.
const AGAIN: i64 = HOUR;

/// What asking about a dispute came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Heard {
    /// The gateway did not say where it stands, or the charge's own outcome is open; the payment, if it is known.
    Silent(Option<String>),
    /// The gateway can't be asked about disputes.
    Unasked,
    /// It is about a charge that is none of this connection's: the gateway's name for it.
    Elsewhere(String),
    /// It does not fit the payment: another currency, or a charge that took nothing. Nothing was changed.
    Mismatch(String),
    /// It is as the gateway says.
    Settled {
        /// The payment.
        payment: String,
        /// Where it stood; none when it was not known.
        from: Option<String>,
        /// Where it stands.
        to: DisputeStatus,
    },
}

/// Asks where a dispute stands, and settles what is heard. Whoever else settles it meanwhile makes this ask again, so that an
/// older answer never overwrites a newer one.
///
/// # Errors
/// The database's.
pub(crate) async fn look(
    svc: &Services,
    scope: &Scope,
    connection: &str,
    gateway_ref: &str,
) -> Result<Heard, ServiceError> {
    let row = connections::for_call(&mut svc.db().read().await?, scope, &parse(connection)?).await?;
    let row = row.ok_or_else(ServiceError::not_found)?;
    if svc.gateways().get(&row.provider).is_none_or(|gateway| gateway.disputes().is_none()) {
        return Ok(Heard::Unasked);
    }
    for _ in 0..TRIES {
        let known = disputes::get(&mut svc.db().read().await?, scope, connection, gateway_ref).await?;
        let before = known.as_ref().map(|known| known.payment_id.clone());
        let Ok(Some(reply)) = ask(svc, scope, &row, gateway_ref).await else { return Ok(Heard::Silent(before)) };
        let found = charges::by_ref(&mut svc.db().read().await?, scope, connection, &reply.charge_ref).await?;
        let Some(charge) = found else { return Ok(Heard::Elsewhere(reply.charge_ref)) };
        match fits(&charge, &reply, known.as_ref())? {
            Fits::Yes => {}
            Fits::Later => return Ok(Heard::Silent(Some(charge.payment_id))),
            Fits::No => return Ok(Heard::Mismatch(charge.payment_id)),
        }
        let (from, to, payment) =
            (known.as_ref().map(|known| known.status.clone()), reply.status, charge.payment_id.clone());
        let plan = Plan::of(svc, scope, connection, gateway_ref, charge, &reply, known).await?;
        let done = svc.db().write(&plan, |tx, plan| Box::pin(async move { write(tx, plan).await })).await;
        match done {
            Ok(()) => return Ok(Heard::Settled { payment, from, to }),
            Err(StoreError::Busy | StoreError::Conflict { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(StoreError::Busy.into())
}

async fn ask(
    svc: &Services,
    scope: &Scope,
    row: &CallRow,
    gateway_ref: &str,
) -> Result<Option<DisputeReply>, GatewayFailure> {
    let gateway = svc.gateways().get(&row.provider);
    let gateway = gateway.ok_or_else(|| GatewayFailure::not_sent("no such provider"))?;
    let Some(disputes) = gateway.disputes() else { return Err(GatewayFailure::not_sent("it tells of no disputes")) };
    let call = gateway_call::call(svc, scope, &row.id, row.credentials.as_deref(), "")?;
    let question = disputes.find_dispute(&call, gateway_ref);
    gateway_call::lookup(svc, scope, &row.id, &row.provider, question).await
}

/// Whether a dispute can be booked on its charge.
enum Fits {
    Yes,
    /// Not before the charge's own outcome is known.
    Later,
    No,
}

fn fits(charge: &Charge, reply: &DisputeReply, known: Option<&DisputeRow>) -> Result<Fits, ServiceError> {
    let own = |code: &str| code == charge.currency;
    let taken = reply.taken.is_none_or(|taken| own(taken.currency.code()) && taken.minor >= 0);
    let asked = own(reply.amount.currency.code()) && reply.amount.minor > 0;
    let same = known.is_none_or(|known| known.payment_id == charge.payment_id);
    Ok(match parse::<AttemptStatus>(&charge.status)? {
        _ if !taken || !asked || !same => Fits::No,
        AttemptStatus::Succeeded => Fits::Yes,
        AttemptStatus::Failed | AttemptStatus::Canceled => Fits::No,
        _ => Fits::Later,
    })
}

/// Asks about open disputes that were left alone for a day, at most `limit`; how many. Several workers may do this at once.
///
/// # Errors
/// The database's. What fails for one dispute is logged and tried again.
pub async fn run(svc: &Services, limit: i64) -> Result<usize, ServiceError> {
    let (now, most) = (svc.now(), limit.min(MOST));
    let due: Result<Vec<Due>, StoreError> = svc
        .db()
        .write(&(now, most), |tx, &(now, most)| {
            Box::pin(async move { disputes::claim_due(tx, now, now.plus(AGAIN.max(schedule::CLAIMED)), most).await })
        })
        .await;
    let due = due?;
    let count = due.len();
    stream::iter(due)
        .for_each_concurrent(AT_ONCE, |due| async move {
            if let Err(error) = one(svc, &due).await {
                tracing::error!(dispute = due.gateway_ref, %error, "a dispute could not be asked about");
            }
        })
        .await;
    Ok(count)
}

async fn one(svc: &Services, due: &Due) -> Result<(), ServiceError> {
    let heard = look(svc, &due.scope()?, &due.connection_id, &due.gateway_ref).await?;
    if let Heard::Mismatch(payment) = heard {
        tracing::warn!(dispute = due.gateway_ref, payment, "a dispute does not fit its payment any more");
    }
    Ok(())
}
