//! An event about a refund that nobody asked for here: made by the gateway itself, or in its dashboard.

use super::look::{Look, MISMATCH, NONE, Seen, charge_elsewhere, standing};
use crate::{
    ServiceError, Services, gateway_call,
    payments::{
        found_refund::{self, Booked, Found, Why},
        settle_refund::{RefundFinding, settle_refund},
    },
};
use domain::{
    Scope,
    states::{AttemptStatus, OperationStatus},
};
use gateways::{GatewayFailure, RefundReply, RefundState};
use store::{
    charges::{self, Charge},
    connections::{self, CallRow},
    gateway_events::Taken,
    operations,
    payments::parse,
};

/// Everything that asking takes.
struct Asking<'a> {
    svc: &'a Services,
    scope: Scope,
    event: &'a Taken,
    row: CallRow,
    charge_ref: &'a str,
    gateway_ref: &'a str,
}

/// Asks for the refund, and books what the gateway says of it.
pub(super) async fn made_there(svc: &Services, event: &Taken) -> Result<Seen, ServiceError> {
    let (Some(charge_ref), Some(gateway_ref)) = (event.charge_ref.as_deref(), event.gateway_ref.as_deref()) else {
        return Ok(Seen::not_ours(None));
    };
    let scope = event.scope()?;
    let mut tx = svc.db().read().await?;
    let charge = charges::by_ref(&mut tx, &scope, &event.connection_id, charge_ref).await?;
    let row = connections::for_call(&mut tx, &scope, &parse(&event.connection_id)?).await?;
    drop(tx);
    let (Some(charge), Some(row)) = (charge, row) else {
        return Ok(Seen::not_ours(charge_elsewhere(svc, event, charge_ref).await?));
    };
    if svc.gateways().get(&row.provider).is_none_or(|gateway| gateway.lookup().is_none()) {
        return Ok(Seen::not_ours(None));
    }
    let payment = charge.payment_id.as_str();
    match parse::<AttemptStatus>(&charge.status)? {
        AttemptStatus::Succeeded => {}
        AttemptStatus::Failed | AttemptStatus::Canceled => return Ok(Seen::of(Look::Done, payment, Some(MISMATCH))),
        // Its refund overtook the charge's own news, which come first.
        _ => return Ok(Seen::of(Look::NoAnswer, payment, None)),
    }
    let asking = Asking { svc, scope, event, row, charge_ref, gateway_ref };
    let Ok(Some(reply)) = asking.ask("", Some(gateway_ref)).await else {
        return Ok(Seen::of(Look::NoAnswer, payment, None));
    };
    let reply = RefundReply { gateway_ref: Some(gateway_ref.to_owned()), ..reply };
    if reply.amount.currency.code() != charge.currency || reply.amount.minor <= 0 {
        return Ok(Seen::of(Look::Done, payment, Some(MISMATCH)));
    }
    match asking.ours(&charge, &reply).await? {
        Ours::Not => asking.book(&charge, &reply).await,
        Ours::Settled(seen) => Ok(seen),
        Ours::Perhaps => Ok(Seen::of(Look::NoAnswer, payment, None)),
    }
}

/// Whether it is one of our own whose name we do not know yet.
enum Ours {
    Not,
    Settled(Seen),
    /// Nobody can say now: its answer, or the reconciler, will.
    Perhaps,
}

impl Asking<'_> {
    async fn ask(&self, our_key: &str, gateway_ref: Option<&str>) -> Result<Option<RefundReply>, GatewayFailure> {
        let (svc, connection) = (self.svc, self.event.connection_id.as_str());
        let gateway = svc.gateways().get(&self.row.provider);
        let gateway = gateway.ok_or_else(|| GatewayFailure::not_sent("no such provider"))?;
        let Some(lookup) = gateway.lookup() else { return Err(GatewayFailure::not_sent("it can't be asked")) };
        let call = gateway_call::call(svc, &self.scope, connection, self.row.credentials.as_deref(), our_key)?;
        let question = lookup.find_refund(&call, our_key, self.charge_ref, gateway_ref);
        gateway_call::lookup(svc, &self.scope, connection, &self.row.provider, question).await
    }

    /// Asks for each of our own that it may be, by our key.
    async fn ours(&self, charge: &Charge, reply: &RefundReply) -> Result<Ours, ServiceError> {
        let mut tx = self.svc.db().read().await?;
        let unnamed = charges::refunds_unnamed(&mut tx, &self.scope, charge, reply.amount.minor).await?;
        drop(tx);
        for refund in unnamed {
            match self.ask(&refund.idempotency_key, None).await {
                Ok(Some(answer)) => {
                    let same = answer.gateway_ref.as_deref() == Some(self.gateway_ref);
                    // It has its name from now on.
                    let seen = self.settle(&refund.id, answer).await?;
                    if same {
                        return Ok(Ours::Settled(seen));
                    }
                }
                Ok(None) if refund.status == OperationStatus::Failed.as_str() => {}
                Ok(None) | Err(_) => return Ok(Ours::Perhaps),
            }
        }
        Ok(Ours::Not)
    }

    /// Settles a refund that we have.
    async fn settle(&self, operation: &str, reply: RefundReply) -> Result<Seen, ServiceError> {
        let read = async || -> Result<_, ServiceError> {
            let work = operations::work(&mut self.svc.db().read().await?, &self.scope, operation).await?;
            work.ok_or_else(|| ServiceError::Fault(format!("operation {operation} is gone")))
        };
        let work = read().await?;
        let (what, before) = standing(&work);
        settle_refund(self.svc, work, &RefundFinding::Reply(reply)).await?;
        let after = read().await?;
        Ok(Seen::done(&after.payment_id, what, &before, standing(&after).1))
    }

    async fn book(&self, charge: &Charge, reply: &RefundReply) -> Result<Seen, ServiceError> {
        let payment = charge.payment_id.as_str();
        if matches!(reply.state, RefundState::Failed { .. }) {
            // It gave nothing back, and nobody here waits for it.
            return Ok(Seen::of(Look::Done, payment, None));
        }
        let connection = self.event.connection_id.as_str();
        let key = found_refund::key(connection, None, Some(self.gateway_ref));
        let found = Found {
            scope: &self.scope,
            connection,
            charge,
            key: &key,
            reply,
            made_at: self.svc.now(),
            why: Why::MadeThere,
        };
        match found_refund::book(self.svc, &found).await? {
            Booked::Now => {
                let work = found_refund::known(self.svc, &self.scope, &key).await?;
                let to = work.map_or_else(|| NONE.to_owned(), |work| standing(&work).1);
                Ok(Seen::done(payment, "refund", NONE, to))
            }
            Booked::Known => {
                let mut tx = self.svc.db().read().await?;
                let named = charges::refund_named(&mut tx, &self.scope, connection, self.gateway_ref).await?;
                drop(tx);
                match named {
                    Some(operation) => self.settle(&operation, reply.clone()).await,
                    None => Ok(Seen::of(Look::NoAnswer, payment, None)),
                }
            }
            Booked::MayBeOurs | Booked::Waits => Ok(Seen::of(Look::NoAnswer, payment, None)),
            Booked::TooMuch => {
                tracing::warn!(event = self.event.event_id, payment, "a gateway gave back more than is left");
                Ok(Seen::of(Look::Done, payment, Some(MISMATCH)))
            }
        }
    }
}
